"""Innovation: what is built together, how fast, and with what."""

from __future__ import annotations

from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Formula, rows
from kpi_lib.engine.kpi import SHARE, Benchmark, Ends
from kpi_lib.kpis.registry import kpi

launched = rows("solutions", when="launched_on")
due = rows("milestones", when="due_on")
by_kind = rows("resources", when="booked_on")
by_kind_of_resource = by_kind.by(
    "kind", allocated=by_kind.sum("allocated"), utilised=by_kind.sum("utilised")
)
planned = field("allocated") >= SMALLEST
used = field("utilised") / field("allocated")


@kpi(
    "Co-created solutions launched",
    unit="number",
    cadence="quarter",
    scopes=("partner", "partner_type", "portfolio"),
    benchmark=Benchmark(
        source="two a year for a strategic partner", low=2, scope="partner", per_year=True
    ),
)
def co_created_solutions() -> Formula:
    """Number of solutions developed together that were launched in the period.

    The claim is of a year: beside a quarter stands a quarter of it.
    """
    return Formula(launched.count())


@kpi("Time to market", unit="days", cadence="quarter", better="lower", compare_direct=True)
def time_to_market_days() -> Formula:
    """Mean days from concept to launch, of the solutions launched in the period.

    Of what was launched: projects that never end are not in it.
    """
    return Formula(launched.sum(field("launched_on") - field("concept_on")), per=launched.count())


@kpi("Resource utilisation", unit="ratio", cadence="quarter", within=SHARE)
def resource_utilisation() -> Formula:
    """Used of what was allocated, 1 at most: the mean of people, budget and technology.

    A kind counts where something was allocated. Each is cut off at 1, so that too much of the one
    does not hide too little of the other; what lies above is in `resource_overrun`.
    """
    return Formula(
        by_kind_of_resource.sum(used.least(1.0), planned), per=by_kind_of_resource.count(planned)
    )


@kpi(
    "Resources over plan",
    unit="ratio",
    cadence="quarter",
    better="lower",
    targets_within=Ends(most=2.0),
)
def resource_overrun() -> Formula:
    """Used beyond what was allocated, as a share of it: the mean of people, budget and technology.

    It complements `resource_utilisation`: 0 where nothing was overrun.
    """
    over = (used - 1.0).most(0.0)
    return Formula(by_kind_of_resource.sum(over, planned), per=by_kind_of_resource.count(planned))


@kpi("Milestones on time", unit="ratio", cadence="month")
def milestones_on_time() -> Formula:
    """Of the milestones due in the period, those completed on or before their day.

    Not completed yet is not in time.
    """
    in_time = due.where(field("completed_on") <= field("due_on"))
    return Formula(in_time.count(), per=due.count(), share=True)


@kpi("Joint projects completed", unit="number", cadence="quarter")
def projects_completed() -> Formula:
    """Number of joint projects whose final milestone was completed in the period."""
    final = rows("milestones", when="completed_on").where(field("final") == 1)
    return Formula(final.count())
