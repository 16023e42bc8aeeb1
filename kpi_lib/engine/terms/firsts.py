"""Groups by their first day: a market is entered once, in the period of its first order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_lib.engine.terms.base import Term
from kpi_lib.engine.terms.parts import Rows


@dataclass(frozen=True)
class Firsts(Term):
    """Groups (markets) by the first day of a scope's rows in each.

    "in period": those whose first day lies in it; "so far": those that have begun by its last day
    that counts.
    """

    rows: Rows  # view "ever"
    by: str
    day: str
    view: Literal["in period", "so far"]

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself."""
        return (self,)

    @property
    def behind(self) -> Firsts:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.by, self.day}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "firsts", self.by, self.day, self.view)

    @property
    def words(self) -> str:
        """The count in words."""
        when = "lies in the period" if self.view == "in period" else "is not after its last day"
        return f"number of {self.by} whose first {self.day} {when}"
