"""Market: our share of markets, the new ones among them, and who knows us there."""

from __future__ import annotations

from kpi_lib.engine.fields import as_of, field, period_start
from kpi_lib.engine.formula import (
    Firsts,
    Formula,
    of_company,
    previous,
    rows_ever,
    rows_so_far,
)
from kpi_lib.engine.kpi import DIFFERENCE_OF_SHARES
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import fulfilled, sales
from kpi_lib.kpis.shared_formulas import answers_of

is_target = field("markets_target") == 1
markets = rows_so_far("markets")
targets = of_company(markets.where(field("target") == 1).count())
ever = rows_ever("orders").where(field("status") == "completed")
to_targets = ever.beside("markets", "market_id", "target").where(is_target)

# Spans of market sizes count where they lie wholly in the period and have ended.
whole_spans = rows_so_far("market_sizes").where(
    (field("starts_on") >= period_start) & (field("ends_on") <= as_of)
)
in_whole_spans = sales.within(
    "market_sizes", "market_id", "ordered_on", "starts_on", "ends_on"
).where(
    (field("market_sizes_starts_on") >= period_start) & (field("market_sizes_ends_on") <= as_of)
)
share = in_whole_spans.sum("amount") / of_company(whole_spans.sum("size"))
answers = answers_of("market", "brand_awareness")
awareness = answers.sum("score") / answers.count()


@kpi("Market share through the partner", unit="ratio", cadence="quarter", audience="internal")
def market_share() -> Formula:
    """Sales in the markets and spans of time that were measured, over the size of those markets.

    A span counts where it lies wholly in the period and has ended: a year's market size says
    nothing of a quarter.

    Below the line stands the whole market, also for one partner, so the shares of all partners and
    of direct business add up to the company's.

    >>> value_of("market_share", orders="a c1 07-01 25 completed market_id=m",
    ...          market_sizes="m 07-01 07-31 100 | m 06-01 06-30 500")
    0.25
    """
    return Formula(in_whole_spans.sum("amount"), per=of_company(whole_spans.sum("size")))


@kpi("Market share growth", unit="points", cadence="quarter", audience="internal")
def market_share_growth() -> Formula:
    """Market share less that of the previous period, in points.

    In points, not per cent: from 10 % to 12 % it is 2. Where other markets were measured than the
    period before, it compares unlike things.

    >>> value_of("market_share_growth", orders="a c1 04-01 5 completed market_id=m "
    ...          "| a c1 07-01 30 completed market_id=m",
    ...          market_sizes="m 07-01 07-31 100 | m 04-01 04-30 100")
    25.0
    """
    return Formula(100 * (share - previous(share)), otherwise="a market share is missing")


@kpi("New markets entered", unit="number", cadence="quarter")
def new_markets() -> Formula:
    """Target markets in which the first fulfilled order ever lies in the period.

    First for the scope: a market that is new to the partner may be old to the company.

    >>> value_of("new_markets", orders="a c1 07-01 5 completed market_id=m",
    ...          markets="m target=true")
    1.0
    """
    return Formula(Firsts(to_targets, "market_id", "ordered_on", "in period"))


@kpi("New-market penetration", unit="ratio", cadence="quarter", audience="internal")
def new_market_penetration() -> Formula:
    """Of the target markets, those with a fulfilled order on or before the last day that counts.

    Over all time so far: it never falls while the list of target markets stays as it is.

    >>> value_of("new_market_penetration", orders="a c1 01-01 5 completed market_id=m",
    ...          markets="m target=true | k target=true | o target=false")
    0.5
    """
    entered = Firsts(to_targets, "market_id", "ordered_on", "so far")
    return Formula(entered, per=targets, share=True)


@kpi("Revenue in new markets", unit="money", cadence="quarter")
def new_market_revenue() -> Formula:
    """Revenue in target markets: completed orders less returns in the period.

    A market is new as long as it is marked as a target, however long ago it was entered.

    >>> value_of("new_market_revenue", orders="a c1 07-01 5 completed market_id=m | a c1 07-01 7",
    ...          markets="m target=true")
    5.0
    """
    return Formula(sales.beside("markets", "market_id", "target").where(is_target).sum("amount"))


@kpi("Market penetration", unit="ratio", cadence="quarter", audience="internal")
def market_penetration() -> Formula:
    """Customers with a fulfilled order over the accounts there are, market by market.

    A customer who buys in two markets counts in both; markets whose accounts are not known are left
    out.

    Below the line stand all accounts of all markets, also for one partner.

    >>> value_of("market_penetration", orders="a c1 07-01 5 completed market_id=m",
    ...          markets="m accounts=8 | k accounts=2")
    0.1
    """
    in_known = fulfilled.beside("markets", "market_id", "accounts").where(
        field("markets_accounts").is_known()
    )
    known = markets.where(field("accounts").is_known())
    return Formula(
        in_known.distinct("customer_id", "market_id"), per=of_company(known.sum("accounts"))
    )


@kpi("Brand awareness", unit="ratio", cadence="quarter", compare_direct=True)
def brand_awareness() -> Formula:
    """Of the people in the market who were asked, those who know the brand.

    Direct is the control group, asked where no partner is at work: the difference is what can be
    the partner's doing. Read it with its interval.

    >>> value_of("brand_awareness", surveys="a market brand_awareness 1 07-01 "
    ...          "| a market brand_awareness 0 07-02")
    0.5
    """
    return Formula(answers.sum("score"), per=answers.count(), share=True)


@kpi("Brand awareness increase", unit="points", cadence="quarter", within=DIFFERENCE_OF_SHARES)
def brand_awareness_increase() -> Formula:
    """Brand awareness less that of the previous period, in points.

    The difference of two samples: with a hundred answers each a move of ten points can be chance.

    >>> value_of("brand_awareness_increase", surveys="a market brand_awareness 1 07-01 "
    ...          "| a market brand_awareness 0 04-01")
    100.0
    """
    return Formula(
        100 * (awareness - previous(awareness)),
        otherwise="nobody was asked in this period or the one before",
    )
