"""Whether a case of a rule holds for a row of the KPI table, and how far the value is off then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kpi_lib.engine.equality import EQUAL
from kpi_lib.engine.formula import Formula, Observed
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.playbook_rules import When
from kpi_lib.slices.page_types import KpiRow

SIGN = {"higher": 1.0, "lower": -1.0, "neither": 1.0}
# What each condition holds a value against, the first that is asked for before the next.
OF_TARGET = frozenset({"status", "behind_target", "ahead_of_target", "off_track_periods"})
HELD_AGAINST: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "target": OF_TARGET,
        "year_ago": frozenset({"behind_year_ago", "ahead_of_year_ago"}),
        "previous": frozenset({"behind_previous"}),
        "benchmark": frozenset({"behind_benchmark"}),
        "peer_median": frozenset({"behind_peers"}),
    }
)
WORSE = {"higher": "down", "lower": "up"}  # the trend that is no good


@dataclass(frozen=True)
class Gap:
    """What a value is held against, and how far it lies from it, in its own unit, 0 or more.

    `against`: target, limit, year_ago, previous, benchmark, peer_median, or trend, which has no
    reference; of a missing value it is what was there before. `better`: which way is the right
    one. `is_ahead`: the value lies on the right side.
    """

    against: str
    reference: float | None
    size: float | None
    better: str
    is_ahead: bool = False


def gap_of(when: When, row: KpiRow, better: str) -> Gap | None:
    """Return the gap of a row of which all holds that a case asks for, else None.

    Without a value only `missing` can hold; where the status is unsure, nothing does.
    """
    if when.missing:
        return _missing(row, better)
    if row.value is None or row.status in ("unsure", "no_data"):
        return None
    if not all(_conditions(when, row, row.value, better)):
        return None
    against, reference = _held_against(when, row)
    if when.above is not None or when.below is not None:
        better = "lower" if when.above is not None else "higher"
    if reference is None:
        return Gap(against, None, None, better)
    off = SIGN[better] * (row.value - reference)
    return Gap(against, reference, abs(off), better, is_ahead=off > 0)


def is_thin(gap: Gap, row: KpiRow, cases: int, unit: str) -> bool:
    """Say whether a figure stands on too little to ask somebody to do something.

    A rate or a mean of fewer than `cases`; a rate whose interval holds what it is held against (a
    status has settled that of its target); a count that was below `cases` when it was more.
    """
    if row.value is None:
        return False
    if row.denominator is not None and row.n is not None and row.n < cases:
        return True
    if gap.reference is None or gap.against == "target":
        return False
    if gap.against in ("year_ago", "previous") and unit == "number" and row.denominator is None:
        return max(gap.reference, row.value) < cases
    low, high = row.low, row.high
    return low is not None and high is not None and low <= gap.reference <= high


def adds_up(kpi: Kpi, row: KpiRow) -> bool:
    """Say whether a figure adds up through its period, so that a part of it shows a part only."""
    if isinstance(kpi.formula, Formula):
        return kpi.formula.adds_up
    return isinstance(kpi.formula, Observed) and row.denominator is None


def is_same(left: float, right: float) -> bool:
    """Say whether two figures are within 1e-9 of their size, or both below it."""
    return math.isclose(left, right, rel_tol=EQUAL, abs_tol=EQUAL)


def at_least(left: float, right: float) -> bool:
    """Say whether left is not below right; equal figures are not."""
    return left >= right or is_same(left, right)


def _missing(row: KpiRow, better: str) -> Gap | None:
    was = row.previous
    return Gap("previous", was, None, better) if row.value is None and was is not None else None


def _conditions(when: When, row: KpiRow, value: float, better: str) -> Iterator[bool]:
    """Yield of each condition that is asked for whether it holds of the row and its value."""
    sign = SIGN[better]
    if when.status:
        yield row.status in when.status
    if when.off_track_periods is not None:
        yield (row.off_track_periods or 0) >= when.off_track_periods
    if when.above is not None:
        yield not at_least(when.above, value)
    if when.below is not None:
        yield not at_least(value, when.below)
    if when.ahead_of_target is not None:
        yield _is_off(-sign, value, row.target, when.ahead_of_target)
    if when.ahead_of_year_ago is not None:
        yield _is_off(-sign, value, row.year_ago, when.ahead_of_year_ago)
    if when.behind_peers is not None:
        standing = row.standing
        yield standing is not None and at_least(when.behind_peers, standing.ahead)
    if when.trend is not None:
        wanted = WORSE.get(better) if when.trend == "worsening" else WORSE.get(_other(better))
        yield wanted is not None and row.trend == wanted
    for name, share in _behind(when):
        yield _is_off(sign, value, row.figure(name), share)


def _behind(when: When) -> Iterator[tuple[str, float]]:
    """Yield what the value must lie behind, and by which share of its size."""
    for name in ("target", "year_ago", "previous", "benchmark"):
        share = getattr(when, f"behind_{name}")
        if share is not None:
            yield name, share


def _is_off(sign: float, value: float, reference: float | None, share: float) -> bool:
    """Hold where the value lies on the wrong side, by that share of the reference at least."""
    if reference is None or at_least(sign * value, sign * reference):
        return False
    return at_least(sign * (reference - value), share * abs(reference))


def _held_against(when: When, row: KpiRow) -> tuple[str, float | None]:
    """Return the first of what the case names: a limit, the target, an earlier value, a claim."""
    limit = when.above if when.above is not None else when.below
    if limit is not None:
        return "limit", limit
    for name, conditions in HELD_AGAINST.items():
        if when.conditions & conditions:
            return name, _peer_median(row) if name == "peer_median" else row.figure(name)
    return "trend", None


def _peer_median(row: KpiRow) -> float | None:
    return row.standing.median if row.standing else None


def _other(better: str) -> str:
    return {"higher": "lower", "lower": "higher"}.get(better, better)
