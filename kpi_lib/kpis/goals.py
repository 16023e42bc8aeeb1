"""Goals: what the other KPIs come to, held against objectives and targets.

They are computed after all others, from their values and statuses, and never count among
themselves.
"""

from __future__ import annotations

from kpi_lib.engine.formula import Formula, rows_so_far
from kpi_lib.engine.kpi import SCORE, SHARE
from kpi_lib.engine.terms.objectives import Objectives
from kpi_lib.engine.terms.score import Score
from kpi_lib.engine.terms.with_status import WithStatus
from kpi_lib.kpis.registry import kpi

FAMILY = "goals"
HOLDING = ("on_track", "at_risk", "off_track")  # unsure counts in neither


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
