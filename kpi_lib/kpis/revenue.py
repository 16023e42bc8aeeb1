"""Revenue: what was sold through a partner, and how it grows."""

from __future__ import annotations

from kpi_lib.engine.fields import as_of, field
from kpi_lib.engine.formula import (
    Formula,
    Rows,
    TargetOf,
    growth,
    of_company,
    previous,
    rows,
    rows_so_far,
    year_ago,
)
from kpi_lib.engine.kpi import Benchmark, Ends
from kpi_lib.engine.terms.each_partner import EachPartner
from kpi_lib.engine.terms.latest import Latest
from kpi_lib.kpis.funnel import won
from kpi_lib.kpis.registry import kpi

orders_in_period = rows("orders", when="ordered_on")
fulfilled = orders_in_period.where(field("status") == "completed")
delivered = rows("deliveries", when="delivered_on")
sold = field("status").is_in("completed", "returned")
sales = orders_in_period.where(sold)
sales_of_12_months = Rows("orders", "trailing year", "ordered_on").where(sold)

# What a partner spends a year on what we sell, wherever it buys; a year and a half is too old.
SPEND_HOLDS_DAYS = 548
fresh = field("observed_on") >= as_of - SPEND_HOLDS_DAYS
spend = Latest(
    rows_so_far("observations").where((field("measure") == "category_spend") & fresh),
    "numerator",
    day="observed_on",
    order=("observation_id",),
)


@kpi("Joint revenue", unit="money", cadence="month")
def revenue() -> Formula:
    """Net revenue: the amount of completed orders, less what was returned in the period.

    A return counts on its own day, not on the day of the order it belongs to: a quarter of returns
    after a strong one can lie below 0. Cancelled orders count nowhere.

    >>> value_of("revenue", orders="a c1 07-01 100 | a c1 09-30 -30 returned")
    70.0
    """
    return Formula(sales.sum("amount"))


@kpi("Revenue growth on the year", unit="ratio", cadence="month")
def revenue_growth() -> Formula:
    """Revenue over that of the same period a year ago, less 1.

    No value where the base is not above 0, so a partner's first year has none, nor where the data
    do not cover the year before. To date, both periods are cut on the same day of the year.

    >>> value_of("revenue_growth", orders="a c1 2025-07-01 80 | a c1 07-01 100")
    0.25
    """
    return growth(sales.sum("amount"), year_ago(sales.sum("amount")))


@kpi("Revenue growth on the previous period", unit="ratio", cadence="month")
def revenue_growth_previous() -> Formula:
    """Revenue over that of the previous period, less 1.

    Seasons show in it: where business has them, `revenue_growth` is the one to read.

    >>> value_of("revenue_growth_previous", orders="a c1 04-01 80 | a c1 07-01 60")
    -0.25
    """
    return growth(sales.sum("amount"), previous(sales.sum("amount")))


@kpi(
    "Share of company revenue",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    benchmark=Benchmark(
        source="share of revenue that top companies earn through partners",
        low=0.25,
        high=0.50,
        scope="portfolio",
    ),
)
def revenue_share() -> Formula:
    """Revenue over that of the whole company, partners and direct business together.

    The shares of all partners and of direct business add up to 1. The published claim is about the
    portfolio's share, not about one partner's.

    >>> value_of("revenue_share", orders="a c1 07-01 25 | - c2 07-01 75")
    0.25
    """
    return Formula(sales.sum("amount"), per=of_company(sales.sum("amount")))


@kpi("Gross margin", unit="ratio", cadence="month", audience="internal")
def gross_margin() -> Formula:
    """Amount less cost over amount, of the sales whose cost is known.

    Sales without a cost are left out above and below the line. Where costs are known of few sales
    it is the margin of those, not of `revenue`: look at n.

    >>> value_of("gross_margin", orders="a c1 07-01 100 completed cost=60 | a c1 07-02 9")
    0.4
    """
    costed = sales.where(field("cost").is_known())
    return Formula(costed.sum(field("amount") - field("cost")), per=costed.sum("amount"))


@kpi("Orders", unit="number", cadence="week")
def orders() -> Formula:
    """Number of fulfilled orders in the period: those completed, neither cancelled nor returned.

    >>> value_of("orders", orders="a c1 07-01 5 | a c1 07-01 5 | a c1 07-02 5 cancelled")
    2.0
    """
    return Formula(fulfilled.count())


@kpi("Order growth on the year", unit="ratio", cadence="month")
def order_growth() -> Formula:
    """Fulfilled orders over those of the same period a year ago, less 1.

    >>> value_of("order_growth", orders="a c1 2025-07-01 5 | a c1 07-01 5 | a c1 07-02 5")
    1.0
    """
    return growth(fulfilled.count(), year_ago(fulfilled.count()))


@kpi("Units sold", unit="number", cadence="month")
def sales_volume() -> Formula:
    """Units of the period's fulfilled orders; one whose quantity is not known adds none.

    Returns are not taken off, as they are from `revenue`: revenue over units is no price.

    >>> value_of("sales_volume", orders="a c1 07-01 5 completed quantity=12 | a c1 07-02 5")
    12.0
    """
    return Formula(fulfilled.sum("quantity"))


@kpi("Delivered tonnage", unit="number", cadence="month", measured_in="tonnes")
def delivered_tonnage() -> Formula:
    """Tonnes delivered in the period; a delivery whose weight is not known adds none.

    >>> value_of("delivered_tonnage", deliveries="a 07-01 07-02 5 5 weight_tonnes=1.5")
    1.5
    """
    return Formula(delivered.sum("weight_tonnes"))


@kpi("Tonnage growth on the year", unit="ratio", cadence="quarter")
def tonnage_growth() -> Formula:
    """Tonnes delivered over those of the same period a year ago, less 1.

    >>> value_of("tonnage_growth", deliveries="a 07-01 07-02 5 5 weight_tonnes=3 "
    ...          "| a 2025-07-01 2025-07-02 5 5 weight_tonnes=2")
    0.5
    """
    tonnes = delivered.sum("weight_tonnes")
    return growth(tonnes, year_ago(tonnes))


@kpi("Average order value", unit="money", cadence="month")
def average_order_value() -> Formula:
    """Amount of fulfilled orders over their number, in the period; returns are left out of both.

    Not `revenue` over `orders`: returns lower revenue, not this.

    >>> value_of("average_order_value", orders="a c1 07-01 100 | a c2 07-02 50")
    75.0
    """
    return Formula(fulfilled.sum("amount"), per=fulfilled.count())


@kpi("Average deal size", unit="money", cadence="quarter", compare_direct=True)
def average_deal_size() -> Formula:
    """Amount of the deals won in the period over their number, of those whose amount is known.

    Of deals, not of orders, and of those won only: a large deal that was lost does not show.

    >>> value_of("average_deal_size", deals="a 01-01 07-01 won 100 | a 01-01 07-02 won 50")
    75.0
    """
    valued = won.where(field("amount").is_known())
    return Formula(valued.sum("amount"), per=valued.count())


@kpi(
    "Share of wallet",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    scopes=("partner", "partner_type", "portfolio", "company"),
)
def wallet_share() -> Formula:
    """Revenue of the last 12 months over what the same partners spend a year on the category.

    A partner without an observed spend of the last year and a half (548 days) is left out of both.

    It looks back over 12 months whatever the period: a month and a quarter that end on one day have
    one figure. The spend is what somebody observed or estimated (measure category_spend), and the
    share is no better than that.

    >>> value_of("wallet_share", orders="a c1 2025-10-01 25",
    ...          observations="a category_spend 01-01 100")
    0.25
    """
    revenue = sales_of_12_months.sum("amount")
    return Formula(
        EachPartner(revenue, given=spend),
        per=EachPartner(spend, given=spend),
        otherwise="no spend of the category was observed in the last 548 days",
    )


@kpi(
    "Quota attainment",
    unit="ratio",
    cadence="month",
    accountable="partner",
    targets_within=Ends(most=2.0),
)
def quota_attainment() -> Formula:
    """Revenue over its target for the whole of the period.

    The whole period's target stands below the line, so to date the figure climbs towards 1 day by
    day. Only its own target, where there is one, is paced to the days so far.

    >>> value_of("quota_attainment", orders="a c1 07-01 50",
    ...          targets="partner a revenue 2026-Q3 200")
    0.25
    """
    return Formula(
        sales.sum("amount"),
        per=TargetOf("revenue"),
        paced=True,
        otherwise="there is no target of revenue",
    )
