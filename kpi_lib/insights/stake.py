"""The money at stake where a figure falls short, never more than has itself fallen short.

A rule turns a gap into money: the gap x `times` / `over`. Alone that can exceed all there ever was:
orders that are missing, times an order value that doubled. So it is bounded by the money it speaks
of: how far that lies below what it is held against, or what of it is there at all.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

from kpi_lib.engine.formula import Formula
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.playbook_rules import Stake
from kpi_lib.insights.shortfall import Gap
from kpi_lib.slices.insight_types import Reckoning
from kpi_lib.slices.page_types import KpiRow

HELD_AGAINST = ("target", "year_ago", "previous")
T = TypeVar("T")


def at_stake(
    stake: Stake | None, kpi: Kpi, gap: Gap, rows: Mapping[str, KpiRow], kpis: Mapping[str, Kpi]
) -> Reckoning | None:
    """Return what a gap of a KPI puts at stake, None where that cannot be said or is nothing.

    `stake`: as its rule says, None where it says nothing: then a total in money is its own gap.
    `rows`: the figures of the same partner.
    """
    of = money_of(stake, kpi, kpis)
    estimate = _estimate(stake, gap, rows)
    if of is None or of not in rows or estimate is None or rows[of].value is None:
        return None
    against, reference, most = _bound(rows[of], kpis[of], gap)
    if most is None or min(estimate, most) <= 0:
        return None
    return Reckoning(min(estimate, most), of, estimate, most, against, reference)


def money_of(stake: Stake | None, kpi: Kpi, kpis: Mapping[str, Kpi]) -> str | None:
    """Return the total in money that a stake speaks of, None where it names none.

    That is `of`, else the first of `times` that is one; without a stake the KPI itself.
    """
    if stake is not None and stake.of:
        return stake.of
    named = (kpi.id,) if stake is None else stake.times
    return next((name for name in named if name in kpis and is_total(kpis[name])), None)


def is_total(kpi: Kpi) -> bool:
    """Say whether a KPI is an amount of money as a whole, not an amount a case."""
    is_mean = isinstance(kpi.formula, Formula) and kpi.formula.per is not None
    return kpi.unit == "money" and not is_mean


def marked_first(ranked: Iterable[T], of: Callable[[T], Hashable | None]) -> list[tuple[T, bool]]:
    """Return each item with whether it is the first of its key, so that money counts once.

    `of` gives the key, such as the KPI whose money it is; without a key it is never the first.
    """
    seen: set[Hashable] = {None}
    marked = []
    for one in ranked:
        marked.append((one, of(one) not in seen))
        seen.add(of(one))
    return marked


def _estimate(stake: Stake | None, gap: Gap, rows: Mapping[str, KpiRow]) -> float | None:
    """Return the gap x `times` / `over`, None where a figure is missing or the value is ahead."""
    if gap.size is None or gap.is_ahead:
        return None
    money = gap.size
    for name in stake.times if stake else ():
        factor = _value(rows, name)
        if factor is None:
            return None
        money *= factor
    for name in stake.over if stake else ():
        divisor = _value(rows, name)
        if not divisor:
            return None
        money /= divisor
    return money


def _bound(row: KpiRow, kpi: Kpi, gap: Gap) -> tuple[str | None, float | None, float | None]:
    """Return what a total is held against, its figure of that, and the most that can be at stake.

    The same as the gap is held against where the total has it, else its target, else a year ago.
    """
    if kpi.better != "higher" or row.value is None:
        return None, None, row.value
    for against in dict.fromkeys((gap.against, *HELD_AGAINST[:2])):
        reference = row.figure(against) if against in HELD_AGAINST else None
        if reference is not None:
            return against, reference, reference - row.value
    return None, None, None


def _value(rows: Mapping[str, KpiRow], kpi: str) -> float | None:
    return rows[kpi].value if kpi in rows else None
