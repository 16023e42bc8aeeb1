"""Goals: what the other KPIs come to, held against objectives and targets.

They are told after all others, from their values and statuses, and never count among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_lib.kpis.formula import Formula, Needs, Rows, Term, rows_so_far
from kpi_lib.kpis.registry import SCORE, SHARE, Audience, Side, kpi
from kpi_lib.kpis.terms import OF_TARGETS

FAMILY = "goals"
HOLDING = ("on_track", "at_risk", "off_track")  # unsure counts in neither


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
    audience: Audience | None = None

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


objectives = rows_so_far("objectives")


@kpi("Objectives on track", unit="ratio", cadence="quarter")
def goal_alignment() -> Formula:
    """Of the objectives that run in the period and whose KPI has a value, those on course.

    On course is an objective whose progress from its baseline to its target is at least the share
    of its time that has passed; where the two are equal, one whose value is at the target or
    better.

    Progress is taken as a straight line: an objective that pays off at the end looks late until
    then.

    >>> value_of("goal_alignment", orders="a c1 07-01 50", objectives="a revenue 07-01 12-31 0 100")
    1.0
    >>> value_of("goal_alignment", orders="a c1 07-01 49", objectives="a revenue 07-01 12-30 0 100")
    0.0
    """
    return Formula(
        Objectives(objectives, "on course"),
        per=Objectives(objectives, "all"),
        share=True,
        otherwise="no objective runs whose KPI has a value",
    )


@kpi("Targets met", unit="ratio", cadence="month", within=SHARE)
def targets_met() -> Formula:
    """Of the KPIs that are on track, at risk or off track, those on track.

    One whose figure stands on too few rows to be sure counts in neither.

    It moves with how many targets there are: a new, hard one lowers it.

    >>> value_of("targets_met", orders="a c1 07-01 50",
    ...          targets="partner a revenue * 50 | partner a orders * 2")
    0.5
    """
    return Formula(
        WithStatus(("on_track",)),
        per=WithStatus(HOLDING),
        otherwise="no KPI has a target and a value",
    )


@kpi("Partner health", unit="number", cadence="month", audience="internal", within=SCORE)
def health_score() -> Formula:
    """How far the targets are attained that the partner moves, alone or with us: 0 to 100.

    The mean over the families, weighted (`weights` of the settings), of the mean attainment of
    their KPIs: 0 at the minimum (else at half the target's size worse than the target), 1 at the
    target. With fewer than 3 families there is none.

    KPIs that only we answer for are left out: a late truck of ours never lowers it. Beyond the
    target nothing is gained, so strength here does not hide weakness there. Only what has a target
    counts, so compare partners with like targets.

    >>> value_of("health_score", orders="a c1 07-01 75", customers="c1 a 07-01",
    ...          engagements="a meeting 07-01",
    ...          targets="all * revenue * 100 | all * new_customers * 1 | all * feedback * 1")
    50.0
    """
    return Formula(
        Score(("partner", "both"), fewest_families=3),
        otherwise="fewer than 3 families have a KPI with a target and a value",
    )


@kpi("Our service to the partner", unit="number", cadence="month", within=SCORE)
def our_service_score() -> Formula:
    """How far the targets are attained that we move, alone or with the partner: 0 to 100.

    As the partner's health (`health_score`), of the KPIs that may be shown to the partner; one
    family suffices.

    >>> value_of("our_service_score", orders="a c1 07-01 75", targets="all * revenue * 100")
    50.0
    """
    return Formula(
        Score(("us", "both"), fewest_families=1, audience="shared"),
        otherwise="no KPI has a target and a value",
    )
