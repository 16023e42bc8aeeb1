"""Customers: how many buy through a partner, how often, and whether they stay."""

from __future__ import annotations

from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import YEAR_AGO, Formula, Gaps, Length, rows, rows_so_far
from kpi_lib.engine.kpi import SHARE, Benchmark, Ends
from kpi_lib.engine.terms.purchase_gap import PurchaseGap
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import fulfilled, orders_in_period, sales
from kpi_lib.kpis.shared_formulas import net_promoter_score, satisfied

# One row for each customer of a scope in a period; guests, who have no customer_id, are in none.
by_customer = orders_in_period.by(
    "customer_id", orders=fulfilled.count(), sales=sales.sum("amount")
)
ordered = field("orders") > 0
ordered_a_year_ago = field("orders" + YEAR_AGO) > 0
sales_now = field("sales")
sales_a_year_ago = field("sales" + YEAR_AGO)
bought_a_year_ago = sales_a_year_ago >= SMALLEST


@kpi("New customers", unit="number", cadence="month")
def new_customers() -> Formula:
    """Number of customers acquired in the period.

    A customer belongs to the partner that brought it, whoever sells to it later, and is new once.

    >>> value_of("new_customers", customers="c1 a 07-01 | c2 a 06-30 | c3 - 07-01")
    1.0
    """
    return Formula(rows("customers", when="acquired_on").count())


@kpi("Active customers", unit="number", cadence="month")
def active_customers() -> Formula:
    """Number of different customers with a fulfilled order in the period; guests are not counted.

    A customer of two partners is one customer of both, so the partners' figures do not add up.

    >>> value_of("active_customers", orders="a c1 07-01 5 | a c1 07-02 5 | a - 07-02 5")
    1.0
    """
    return Formula(by_customer.count(ordered))


@kpi("Customer retention on the year", unit="ratio", cadence="quarter")
def customer_retention() -> Formula:
    """Of the customers with a fulfilled order in the same period a year ago, those with one now.

    In the same scope: a customer that moved to another partner is lost to the one and kept by the
    portfolio. Counts heads; `revenue_retention` and `gross_revenue_retention` weigh them with
    money.

    >>> value_of("customer_retention", orders="a c 2025-07-01 5 | a d 2025-09-30 5 | a c 07-01 5")
    0.5
    """
    return Formula(
        by_customer.count(ordered & ordered_a_year_ago),
        per=by_customer.count(ordered_a_year_ago),
        growth=True,
        share=True,
    )


@kpi(
    "Net revenue retention on the year",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    targets_within=Ends(most=2.0),
)
def revenue_retention() -> Formula:
    """Sales to the customers who bought in the same period a year ago, over their sales then.

    Net: what customers bought more is in it, so it can lie above 1 and hide that others left. New
    customers are not in it. Read it beside `gross_revenue_retention`. Customers without sales above
    0 a year ago count in neither line.

    >>> value_of("revenue_retention", orders="a c1 2025-07-01 50 | a c1 07-01 60 | a c2 07-01 9")
    1.2
    """
    return Formula(
        by_customer.sum(sales_now, bought_a_year_ago),
        per=by_customer.sum(sales_a_year_ago, bought_a_year_ago),
        growth=True,
    )


@kpi(
    "Gross revenue retention on the year",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    within=SHARE,
)
def gross_revenue_retention() -> Formula:
    """What is left of last year's sales to last year's customers, growth not counted.

    Of each customer with sales above 0 in the same period a year ago: the lesser of its sales now
    (0 at least) and its sales then.

    Never above 1. The gap to `revenue_retention` is what the remaining customers bought more.

    >>> value_of("gross_revenue_retention", orders="a c1 2025-07-01 50 | a c1 07-01 20")
    0.4
    """
    return Formula(
        by_customer.sum(sales_now.most(0).least(sales_a_year_ago), bought_a_year_ago),
        per=by_customer.sum(sales_a_year_ago, bought_a_year_ago),
        growth=True,
    )


@kpi("Repeat purchase rate", unit="ratio", cadence="month")
def repeat_purchase_rate() -> Formula:
    """Of the active customers, those with two or more fulfilled orders in the period.

    The longer the period the higher it is: a month's rate and a quarter's are not compared.

    >>> value_of("repeat_purchase_rate", orders="a c1 07-01 5 | a c1 07-02 5 | a c2 07-02 5")
    0.5
    """
    return Formula(
        by_customer.count(field("orders") >= 2), per=by_customer.count(ordered), share=True
    )


@kpi("Orders a month", unit="number", cadence="month")
def orders_per_month() -> Formula:
    """Fulfilled orders over the months of the period; a week, or a part of a period, by its days.

    >>> value_of("orders_per_month", orders="a c1 07-01 5 | a c1 07-02 5 | a - 07-02 5")
    1.0
    """
    return Formula(fulfilled.count(), per=Length("months"), counts=False)


@kpi("Orders a project", unit="number", cadence="quarter")
def orders_per_project() -> Formula:
    """Fulfilled orders that belong to a project, over the number of different projects.

    >>> value_of("orders_per_project", orders="a c1 07-01 5 completed project_id=p1 | a c1 07-02 5")
    1.0
    """
    of_projects = fulfilled.where(field("project_id").is_known())
    return Formula(of_projects.count(), per=of_projects.distinct("project_id"))


@kpi("Days between purchases", unit="days", cadence="month", better="lower")
def days_between_purchases() -> Formula:
    """Mean gap between a customer's consecutive days with a fulfilled order, by the later day.

    The earlier day may lie before the period.

    Several orders of one day are one. Who never came back has no gap and is not in it: read it
    beside `customer_retention`.

    >>> value_of("days_between_purchases", orders="a c1 06-20 5 | a c1 07-01 5 | a c1 07-01 5")
    11.0
    """
    bought = rows_so_far("orders").where(field("status") == "completed")
    gaps = Gaps(bought, by="customer_id", day="ordered_on")
    return Formula(gaps, per=gaps.row_count)


@kpi(
    "Days since the last order against the usual gap",
    unit="number",
    cadence="week",
    better="lower",
    audience="internal",
    scopes=("partner",),
)
def purchase_gap_ratio() -> Formula:
    """Days since the last fulfilled order, over the gap that nine in ten of its gaps stay within.

    Above 1 the partner has been silent for longer than nine in ten of its gaps. With fewer than 5
    gaps of its own it is held against those of all partners of its type together, where these are 5
    at least.
    """
    days = rows_so_far("orders").where(field("status") == "completed")
    return Formula(
        PurchaseGap(days, "ordered_on", "since the last"),
        per=PurchaseGap(days, "ordered_on", "usual"),
        counts=False,
        otherwise="no order, or fewer than 5 gaps between order days, its own or its type's",
    )


@kpi(
    "Customer NPS",
    unit="points",
    cadence="quarter",
    benchmark=Benchmark(source="a good net promoter score", low=50),
)
def customer_nps() -> Formula:
    """Promoters (9 or 10) less detractors (6 or less), per 100 answers of end customers.

    A difference of shares, from -100 to 100. Of 25 answers the interval spans some 60 points: a
    move within it is no news.
    """
    return net_promoter_score("end_customer")


@kpi("Customer satisfaction", unit="ratio", cadence="month")
def customer_csat() -> Formula:
    """Of the answers of end customers in the period, those that gave 4 or 5 of 5.

    Of answers, not of customers: who answers often weighs more. Read it with n.
    """
    return satisfied("end_customer")
