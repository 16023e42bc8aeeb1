"""Attribution: which partner gets the credit for a won deal, and which had a hand in it.

A deal's path is its touchpoints up to the end of the day it was closed, in their order. A deal with
no path goes wholly to the partner that sourced it. Each model splits a credit of 1 over the path,
own touchpoints taking their part for direct, so that over all partners and direct business every
model adds up to the amount won.
"""

from __future__ import annotations

from dataclasses import replace

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import ByScope, Formula, Part, Rows, of_company
from kpi_lib.engine.kpi import Benchmark
from kpi_lib.engine.terms.credited import Credited, Model
from kpi_lib.engine.terms.influenced import Influenced
from kpi_lib.kpis.funnel import cycle, decided, won
from kpi_lib.kpis.registry import kpi

FAMILY = "revenue"  # of what is attributed; what partners are involved in is the funnel's


def with_path(deals: Rows) -> Rows:
    """Return the deals with the day on which a partner first touched each."""
    return deals.earliest("touchpoints", "deal_id", "occurred_at")


touched_by_then = field("touchpoints_earliest").or_else(field("closed_on") + 1)
involved = field("partner_id").is_known() | (touched_by_then <= field("closed_on"))
won_deals, decided_deals = with_path(won), with_path(decided)
valued_deals = won_deals.where(field("amount").is_known())  # of others there is nothing to credit
INVOLVED_SCOPES = ("portfolio", "direct", "company")


def by_involvement(part: Part) -> ByScope:
    """Return a part of all deals: the portfolio's of those with a partner, direct's of the rest."""
    rows = part.rows
    with_one = replace(part, rows=rows.where(involved))
    without = replace(part, rows=rows.where(involved.negated()))
    return ByScope(part, {"portfolio": of_company(with_one), "direct": of_company(without)})


def _attributed(model: Model) -> Formula:
    return Formula(Credited(valued_deals, model))


@kpi(
    "Attributed revenue, first touch",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def first_touch_revenue() -> Formula:
    """Amount of the deals won in the period, all of it to the first touchpoint.

    The five models share out the same deals and differ only in who gets the credit: over all
    partners and direct business each adds up to the amount won, so two of them are never added up.
    A deal without a touchpoint goes wholly to the partner that sourced it; own marketing and sales
    take their part for direct.

    >>> value_of("first_touch_revenue", deals="b 07-01 08-01 won 100", partners="a 01-01 | b 01-01",
    ...          touchpoints="0 a 2026-07-02T00:00:00 | 0 b 2026-07-03T00:00:00")
    100.0
    """
    return _attributed("first_touch")


@kpi(
    "Attributed revenue, last touch",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def last_touch_revenue() -> Formula:
    """Amount of deals won in the period, all to the last touchpoint up to the closing day's end.

    It favours who is there at the signature; `first_touch_revenue` who opened the door.

    >>> value_of("last_touch_revenue", deals="b 07-01 08-01 won 100", partners="a 01-01 | b 01-01",
    ...          touchpoints="0 a 2026-08-01T23:59:00 | 0 b 2026-08-02T00:00:00")
    100.0
    """
    return _attributed("last_touch")


@kpi(
    "Attributed revenue, linear",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def linear_revenue() -> Formula:
    """Amount of the deals won in the period, in equal parts to their touchpoints.

    Many small touches weigh more than one large one: who writes down most of them gets most.

    >>> value_of("linear_revenue", deals="b 07-01 08-01 won 100", partners="a 01-01 | b 01-01",
    ...          touchpoints="0 a 2026-07-02T00:00:00 | 0 - 2026-07-03T00:00:00")
    50.0
    """
    return _attributed("linear")


@kpi(
    "Attributed revenue, time decay",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def time_decay_revenue() -> Formula:
    """Amount of the deals won in the period; with each half-life of age a touchpoint's part halves.

    `half_life_days` of the settings, 30: a touchpoint that many days before the closing day weighs
    half of one on it.

    >>> value_of("time_decay_revenue", deals="b 07-01 08-01 won 90", partners="a 01-01 | b 01-01",
    ...          touchpoints="0 a 2026-08-01T00:00:00 | 0 b 2026-07-02T00:00:00")
    60.0
    """
    return _attributed("time_decay")


@kpi(
    "Attributed revenue, position based",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def position_based_revenue() -> Formula:
    """Amount of won deals: 40 % to the first touchpoint, 40 % to the last, 20 % to those between.

    Of two touchpoints each has half, of one it has all.

    >>> value_of("position_based_revenue", deals="b 07-01 08-01 won 100",
    ...          partners="a 01-01 | b 01-01", touchpoints="0 a 2026-07-02T00:00:00 "
    ...          "| 0 b 2026-07-03T00:00:00 | 0 - 2026-07-04T00:00:00")
    40.0
    """
    return _attributed("position_based")


@kpi(
    "Influenced revenue",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
    scopes=("partner", "partner_type", "portfolio"),
)
def influenced_revenue() -> Formula:
    """Amount of the deals won in the period that the partner sourced or touched, each in full.

    A touchpoint on or before the closing day suffices. Of a deal that two partners touched each has
    the whole, and the portfolio has it once: partners' figures do not add up. `sourced_revenue`
    counts the deals that a partner brought, this one all that it had a hand in; the attributed
    revenues share each deal out, so that nothing counts twice.

    >>> value_of("influenced_revenue", deals="b 07-01 08-01 won 100", partners="a 01-01 | b 01-01",
    ...          touchpoints="0 a 2026-07-02T00:00:00")
    100.0
    """
    return Formula(Influenced(valued_deals))


@kpi(
    "Win rate with a partner involved",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    family="funnel",
    scopes=INVOLVED_SCOPES,
    compare_direct=True,
    benchmark=Benchmark(
        source="deals with a partner are 53 % more likely to close", of_direct=1.53, most=1
    ),
)
def involved_win_rate() -> Formula:
    """Of the deals closed in the period that a partner sourced or touched, those won.

    Direct business's are the deals without a partner, the company's all.

    A touchpoint on or before the closing day suffices. That partners' deals are won more often does
    not say that they are won because of the partner: partners choose the deals they join.

    >>> value_of("involved_win_rate", scope="portfolio", touchpoints="0 a 2026-07-02T00:00:00",
    ...          deals="- 07-01 08-01 won 9 | a 07-01 08-01 lost 9 | - 07-01 08-01 lost 9")
    0.5
    """
    wins = decided_deals.where(field("outcome") == "won")
    return Formula(
        by_involvement(wins.count()), per=by_involvement(decided_deals.count()), share=True
    )


@kpi(
    "Sales cycle with a partner involved",
    unit="days",
    cadence="quarter",
    better="lower",
    audience="internal",
    family="funnel",
    scopes=INVOLVED_SCOPES,
    compare_direct=True,
    benchmark=Benchmark(source="deals with a partner close 46 % faster", of_direct=0.54),
)
def involved_cycle_days() -> Formula:
    """Mean days from opening to closing of the won deals that a partner sourced or touched.

    Direct business's are the deals without a partner, the company's all.

    Long deals gather touchpoints, so partners are found in long deals more easily: compare it with
    direct business deal size by deal size where you can.

    >>> value_of("involved_cycle_days", scope="portfolio", touchpoints="0 a 2026-07-02T00:00:00",
    ...          deals="- 07-01 07-31 won 9 | a 07-01 07-11 won 9 | - 07-01 08-01 won 9")
    20.0
    """
    return Formula(by_involvement(won_deals.sum(cycle)), per=by_involvement(won_deals.count()))


@kpi(
    "Won deals with a partner involved",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    family="funnel",
    scopes=("company",),
)
def attach_rate() -> Formula:
    """Of the deals won in the period, those that a partner sourced or touched.

    Of the company only. By number of deals: by amount the share may be another.

    >>> value_of("attach_rate", scope="company", touchpoints="0 a 2026-07-02T00:00:00",
    ...          deals="- 07-01 07-31 won 9 | - 07-01 07-11 won 9")
    0.5
    """
    named = won_deals.naming_partners()
    return Formula(named.where(involved).count(), per=named.count(), share=True)
