"""Where partners are off track: measure, gap, since when, and the money at stake.

The money is worked out as an action's is: the playbook says how a gap of a KPI turns into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import polars as pl

from kpi_lib.engine.coverage import ALWAYS, covers
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.actions import first_of_each
from kpi_lib.insights.playbook_rules import Playbook, RulesByKpi, Stake
from kpi_lib.insights.shortfall import Gap
from kpi_lib.insights.stake import at_stake, marked_first
from kpi_lib.kpis.goals import FAMILY as GOALS
from kpi_lib.measure.audience_rows import kpi_row, partners_of
from kpi_lib.measure.compute import Results
from kpi_lib.periods import Period
from kpi_lib.slices.insight_types import Reckoning
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.slices.portfolio_types import OffTrack
from kpi_lib.slices.scorecard_types import Partner


def exceptions_of(results: Results, book: Playbook | None) -> list[OffTrack]:
    """Return the measures of partners that are off track, the most money at stake first.

    One row a partner and family of KPIs, that with the most at stake: revenue and its growth are
    one shortfall. Money of a partner that two of them speak of is at stake once, with the larger.
    Then more periods before fewer, and the catalogue's order. Scores, which sum up what else is
    listed, what the data cover in part, and partners that have left are no exceptions.
    """
    judged = [kpi for kpi in results.kpis if kpi.family != GOALS and results.covers(kpi.id)]
    kpis = {kpi.id: kpi for kpi in judged}
    place = {kpi: number for number, kpi in enumerate(kpis)}

    def order(one: OffTrack) -> tuple[float, float, str, int]:
        return (*_urgency(one), one.partner_id, place[one.kpi])

    found = sorted(_all_off_track(results, kpis, book), key=order)
    leading = first_of_each(found, lambda one: (one.partner_id, kpis[one.kpi].family))
    counted = [
        one if is_first else replace(one, stake=None)
        for one, is_first in marked_first(leading, _money)
    ]
    return sorted(counted, key=order)


def _all_off_track(
    results: Results, kpis: Mapping[str, Kpi], book: Playbook | None
) -> Iterator[OffTrack]:
    """Yield every measure of a partner that is there and off track by one of these KPIs."""
    rules = book.by_kpi(results.kpis) if book else None
    there = _still_there(results)
    off = (pl.col("scope") == "partner") & (pl.col("status") == "off_track")
    bad = results.table.filter(off & pl.col("kpi").is_in(list(kpis)))
    bad = bad.filter(pl.col("entity").is_in(list(there)))
    rows = _rows_by_partner(results.table, bad["entity"].unique().to_list())
    for entity, kpi_id in bad.select("entity", "kpi").iter_rows():
        kpi, own = kpis[kpi_id], rows[entity]
        gap = _gap(own[kpi_id], kpi)
        stake = at_stake(_stake(kpi, rules), kpi, gap, own, kpis)
        yield _off_track_of(own[kpi_id], gap, stake, there[entity], results)


def _money(one: OffTrack) -> tuple[str, str] | None:
    """Return of which partner's money an exception speaks."""
    return (one.partner_id, one.stake_of) if one.stake_of else None


def _still_there(results: Results) -> dict[str, Partner]:
    """Return the partners that have not left, by their ids."""
    day = results.calendar.as_of
    partners = (row.partner for row in partners_of(results))
    return {
        partner.partner_id: partner
        for partner in partners
        if partner.left_on is None or partner.left_on > day
    }


def _rows_by_partner(table: pl.DataFrame, partners: list[str]) -> dict[str, dict[str, KpiRow]]:
    """Return the partners' rows of the KPI table: by partner, then by KPI."""
    rows: dict[str, dict[str, KpiRow]] = {}
    own = table.filter((pl.col("scope") == "partner") & pl.col("entity").is_in(partners))
    for row in own.iter_rows(named=True):
        rows.setdefault(row["entity"], {})[row["kpi"]] = kpi_row(row)
    return rows


def _urgency(one: OffTrack) -> tuple[float, float]:
    # In cents: sums of another engine may differ in the last bit, and must not change places.
    stake = 0.0 if one.stake is None else -round(one.stake, 2)
    return stake, -one.off_track_periods


def _stake(kpi: Kpi, rules: RulesByKpi | None) -> Stake | None:
    """Return how the first rule about a KPI that says so turns its gap into money."""
    found = rules.rules.get(kpi.id, ()) if rules else ()
    return next((rule.stake for _, rule in found if rule.stake is not None), None)


def _gap(row: KpiRow, kpi: Kpi) -> Gap:
    assert row.value is not None and row.target is not None  # else it would not be off track
    return Gap("target", row.target, abs(row.value - row.target), kpi.better)


def _off_track_of(
    row: KpiRow, gap: Gap, stake: Reckoning | None, partner: Partner, results: Results
) -> OffTrack:
    """Return a KPI that is off track at a partner, as the pages name it."""
    kpi, running = results.catalogue[row.kpi], row.off_track_periods or 1
    since = _since(results.calendar.period, running)
    assert row.value is not None and gap.reference is not None and gap.size is not None  # by _gap
    return OffTrack(
        partner_id=partner.partner_id,
        partner=partner.name or partner.partner_id,
        kpi=kpi.id,
        name=kpi.name,
        unit=kpi.written_in,
        value=row.value,
        target=gap.reference,
        gap=gap.size,
        off_track_periods=running,
        since=str(since),
        is_known_before=covers(results.since.get(kpi.id, ALWAYS), since.previous()),
        stake=stake.amount if stake else None,
        stake_of=stake.of if stake else None,
    )


def _since(period: Period, running: int) -> Period:
    """Return the first of so many periods in a row of which `period` is the last."""
    for _ in range(running - 1):
        period = period.previous()
    return period
