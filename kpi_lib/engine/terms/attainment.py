"""What other KPIs come to: how many have a status, how far what was agreed is attained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_lib.audience import Disclosure
from kpi_lib.engine.kpi import Side
from kpi_lib.engine.terms.base import OF_TARGETS, Needs, Term
from kpi_lib.engine.terms.parts import Rows


@dataclass(frozen=True)
class WithStatus(Term):
    """The number of an entity's own KPIs that have one of these statuses."""

    statuses: tuple[str, ...]

    @property
    def behind(self) -> WithStatus:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> Needs:
        """The columns that it reads: without targets nothing has a status."""
        return OF_TARGETS

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this term from others."""
        return ("with status", *self.statuses)

    @property
    def words(self) -> str:
        """The count in words."""
        return f"number of KPIs {', '.join(s.replace('_', ' ') for s in self.statuses)}"


@dataclass(frozen=True)
class Score(Term):
    """100 x the weighted mean over the families of the mean attainment of their KPIs.

    Of the KPIs with a target and a value that these sides are accountable for, of that audience
    where one is named; there is none where fewer families have any.
    """

    sides: tuple[Side, ...]
    fewest_families: int
    audience: Disclosure | None = None

    @property
    def needs(self) -> Needs:
        """The columns that it reads: without targets nothing is attained."""
        return OF_TARGETS

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this term from others."""
        return ("score", *self.sides, str(self.fewest_families), self.audience or "")

    @property
    def words(self) -> str:
        """The score in words."""
        return "100 x weighted mean over the families of the mean attainment of their targets"

    @property
    def adds_across(self) -> bool:
        """It does not: it is a mean."""
        return False


@dataclass(frozen=True)
class Objectives(Term):
    """The number of objectives that run in the period and whose KPI has a value.

    "on course": those whose progress from baseline to target is at least the share of their time
    that has passed.
    """

    rows: Rows
    which: Literal["all", "on course"]

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself."""
        return (self,)

    @property
    def behind(self) -> Objectives:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        columns = frozenset({"kpi", "starts_on", "due_on", "baseline", "target"})
        return self.rows.needs(columns)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this term from others."""
        return (*self.rows.key, "objectives", self.which)

    @property
    def words(self) -> str:
        """The count in words."""
        told = "objectives that run in the period and whose KPI has a value"
        return f"number of {told}" + (", on course" if self.which == "on course" else "")
