"""Funnel: from a lead to a won deal, and how long it takes."""

from __future__ import annotations

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Formula, Part, Rows, SumOfKnown, rows, rows_so_far
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.shared_formulas import share_in_time

created = Rows("leads", "mature", "created_on")
closed = rows("deals", when="closed_on")
won = closed.where(field("outcome") == "won")
decided = closed.where(field("outcome").is_in("won", "lost"))
cycle = field("closed_on") - field("opened_on")


def _leads(on: str) -> Part:
    return rows("leads", when=on).count()


@kpi("Leads", unit="number", cadence="week", accountable="partner")
def leads() -> Formula:
    """Number of leads created in the period."""
    return Formula(_leads("created_on"))


@kpi("Qualified leads", unit="number", cadence="week", accountable="partner")
def qualified_leads() -> Formula:
    """Number of leads qualified in the period, whenever they were created.

    Not a part of the period's `leads`: their quotient is no rate. `lead_qualification_rate` is.
    """
    return Formula(_leads("qualified_on"))


@kpi(
    "Lead qualification rate",
    unit="ratio",
    cadence="month",
    accountable="partner",
    compare_direct=True,
)
def lead_qualification_rate() -> Formula:
    """Of the leads whose days to mature ended in the period, those qualified within these days.

    `maturity_days` of the settings, 90. Each lead is judged once, in one period, however late it
    comes: a past figure never moves. A quarter's rate is about leads of roughly the quarter before;
    today's leads are in none yet.
    """
    return share_in_time(created, "qualified_on")


@kpi("Lead conversion rate", unit="ratio", cadence="month", compare_direct=True)
def lead_conversion_rate() -> Formula:
    """Of the leads whose days to mature ended in the period, those that became customers by then.

    Matured as `lead_qualification_rate`: a lead that converts after its days to mature counts as
    one that did not.
    """
    return share_in_time(created, "converted_on")


@kpi(
    "Days from lead to opportunity",
    unit="days",
    cadence="month",
    better="lower",
    compare_direct=True,
)
def lead_to_opportunity_days() -> Formula:
    """Mean days from creation to opportunity, of the leads that became one in the period.

    Of those that got there: leads that never become an opportunity are in no figure of days.
    """
    became = rows("leads", when="opportunity_on")
    return Formula(became.sum(field("opportunity_on") - field("created_on")), per=became.count())


@kpi("Deals registered", unit="number", cadence="week", accountable="partner")
def deal_registrations() -> Formula:
    """Number of deals registered in the period."""
    return Formula(rows("deals", when="registered_on").count())


@kpi("Open pipeline", unit="money", cadence="month")
def pipeline_value() -> Formula:
    """Amount of the deals that are open on the last day that counts.

    A deal whose amount is not known yet adds nothing; n says of how many it is known. Where it is
    known of none of them there is no value.

    A stock on one day: figures of several periods are never added up. Not weighed with how likely a
    deal is won.
    """
    still_open = rows_so_far("deals").where(field("outcome") == "open")
    return Formula(
        SumOfKnown(still_open.sum("amount")),
        otherwise="none of the open deals has an amount yet",
    )


@kpi("Deals won", unit="number", cadence="month")
def deals_won() -> Formula:
    """Number of deals won in the period."""
    return Formula(won.count())


@kpi("Sourced revenue", unit="money", cadence="quarter")
def sourced_revenue() -> Formula:
    """Amount of the deals won in the period that the partner brought.

    A deal whose amount nobody wrote down adds nothing, here and in what is credited or influenced.

    Of deals, while `revenue` is of orders: the two need not meet. Of what the partner only helped
    to win see `influenced_revenue` and the attributed revenues.
    """
    return Formula(won.sum("amount"))


@kpi("Win rate", unit="ratio", cadence="month", compare_direct=True)
def win_rate() -> Formula:
    """Of the deals closed in the period, those won.

    By the day deals close: clearing out a year's dead deals in one week lowers it though nothing
    else happened. `cohort_win_rate` follows the deals that were opened together, and is not open to
    that.
    """
    return Formula(won.count(), per=decided.count(), share=True)


@kpi(
    "Win rate of deals opened a year ago",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    compare_direct=True,
)
def cohort_win_rate() -> Formula:
    """Of the deals opened in the same period a year ago, those won by the last day that counts.

    Deals that are still open after that year count as not won.
    """
    opened = Rows("deals", "year ago", "opened_on")
    by_now = opened.where(field("outcome") == "won")
    return Formula(by_now.count(), per=opened.count(), share=True)


@kpi("Sales cycle", unit="days", cadence="month", better="lower", compare_direct=True)
def sales_cycle_days() -> Formula:
    """Mean days from opening to closing, of the deals won in the period.

    One deal of two years pulls the mean of ten far up: `sales_cycle_median_days` says how long the
    usual deal takes. Of won deals only: lost ones may have taken longer.
    """
    return Formula(won.sum(cycle), per=won.count())


@kpi("Sales cycle, median", unit="days", cadence="month", better="lower", compare_direct=True)
def sales_cycle_median_days() -> Formula:
    """Median of the days from opening to closing, of the deals won in the period.

    A roll-up's is the median of all its deals, taken anew; medians of partners are never averaged.
    It has no numerator and no denominator.
    """
    return Formula(won.median(cycle))
