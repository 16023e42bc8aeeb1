"""Relationship: how long a partnership lasts, and how the two sides work together."""

from __future__ import annotations

from kpi_lib.engine.fields import Field, as_of, field, period_start
from kpi_lib.engine.formula import Formula, rows, rows_so_far
from kpi_lib.engine.kpi import Benchmark
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import fulfilled
from kpi_lib.kpis.shared_formulas import net_promoter_score, satisfied

DAYS_PER_YEAR = 365.25
ROLL_UPS = ("partner_type", "portfolio")

partners = rows_so_far("partners")


def not_left_before(day: Field) -> Field:
    """Return the condition that a partner was still one on that day."""
    return field("left_on").or_else(day) >= day


@kpi(
    "Length of the partnership",
    unit="years",
    cadence="quarter",
    benchmark=Benchmark(source="a durable partnership", low=2),
)
def partnership_years() -> Formula:
    """Years from joining to leaving, or to the last day that counts; of several partners the mean.

    Partners that have left count with the years they stayed.

    >>> value_of("partnership_years", partners="a 2022-09-30")
    4.0
    """
    days = field("left_on").or_else(as_of) - field("joined_on")
    return Formula(partners.sum(days) / DAYS_PER_YEAR, per=partners.count())


@kpi("Active partners", unit="number", cadence="month", audience="internal", scopes=ROLL_UPS)
def active_partners() -> Formula:
    """Partners that have joined and have not left on the last day that counts.

    By the contract, not by business done: a partner without an order for a year is active.

    >>> value_of("active_partners", scope="portfolio", partners="a 2022-09-30 | b 2022-09-30 09-30")
    1.0
    """
    return Formula(partners.where(field("left_on").or_else(as_of + 1) > as_of).count())


@kpi("New partners", unit="number", cadence="month", audience="internal", scopes=ROLL_UPS)
def new_partners() -> Formula:
    """Partners that joined in the period.

    >>> value_of("new_partners", scope="portfolio", partners="a 2022-09-30 | b 07-01")
    1.0
    """
    return Formula(rows("partners", when="joined_on").count())


@kpi(
    "Partner churn",
    unit="ratio",
    cadence="quarter",
    better="lower",
    audience="internal",
    scopes=ROLL_UPS,
)
def partner_churn_rate() -> Formula:
    """Of the partners there were when the period began, those that left in it.

    >>> value_of("partner_churn_rate", scope="portfolio", partners="a 2022-01-01 | b 01-01 08-01")
    0.5
    """
    there = partners.where((field("joined_on") < period_start) & not_left_before(period_start))
    return Formula(there.where(field("left_on").is_known()).count(), per=there.count(), share=True)


@kpi("Digital orders", unit="ratio", cadence="month", accountable="partner")
def digital_order_share() -> Formula:
    """Of the fulfilled orders whose channel is known, those by portal, app or EDI.

    Orders without a channel are left out: where few have one, look at n.

    >>> value_of("digital_order_share", orders="a c1 07-01 5 completed channel=edi | a c1 07-02 5")
    1.0
    """
    with_channel = fulfilled.where(field("channel").is_known())
    digital = with_channel.where(field("channel").is_in("portal", "app", "edi"))
    return Formula(digital.count(), per=with_channel.count(), share=True)


@kpi(
    "Partner NPS",
    unit="points",
    cadence="quarter",
    accountable="us",
    benchmark=Benchmark(source="a good net promoter score", low=50),
)
def partner_nps() -> Formula:
    """Promoters (9 or 10) less detractors (6 or less), per 100 answers of partners.

    As `customer_nps`, of the partners' people. A partner has few of them: of 10 answers the
    interval spans some 100 points.
    """
    return net_promoter_score("partner")


@kpi("Partner satisfaction", unit="ratio", cadence="quarter", accountable="us")
def partner_csat() -> Formula:
    """Of the answers of partners in the period, those that gave 4 or 5 of 5.

    Of answers, not of people. Read it with n.
    """
    return satisfied("partner")
