"""Two KPI tables against each other, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable

import polars as pl

NUMBERS = [
    "value",
    "numerator",
    "denominator",
    "n",
    "previous",
    "year_ago",
    "baseline",
    "target",
    "minimum",
    "variance",
    "benchmark",
    "peer_percentile",
    "peers",
    "peer_q1",
    "peer_median",
    "peer_q3",
    "off_track_periods",
    "low",
    "high",
]
WORDS = ["period", "status", "trend"]
CLOSE = 1e-9


def differences(
    ours: pl.DataFrame, theirs: list[dict[str, object]], kpis: Iterable[str] | None = None
) -> list[str]:
    """Return a line for each row or cell that differs; `kpis` is what both are restricted to."""
    wanted = {str(row["kpi"]) for row in theirs} if kpis is None else set(kpis)
    left = _by_key([row for row in ours.to_dicts() if row["kpi"] in wanted])
    right = _by_key([row for row in theirs if row["kpi"] in wanted])
    found = [f"{_name(key)}: a row only in ours" for key in left if key not in right]
    found += [f"{_name(key)}: a row only in theirs" for key in right if key not in left]
    repeated = len(ours.filter(pl.col("kpi").is_in(sorted(wanted)))) - len(left)
    if repeated:
        found.append(f"{repeated} rows of ours repeat a scope, entity and KPI")
    found += [
        f"{_name(key)} {column}: ours {left[key].get(column)!r}, theirs {right[key][column]!r}"
        for key in left
        if key in right
        for column in _unequal(left[key], right[key])
    ]
    return found


def _by_key(rows: list[dict[str, object]]) -> dict[tuple[object, ...], dict[str, object]]:
    return {(row["scope"], row["entity"], row["kpi"]): row for row in rows}


def _name(key: tuple[object, ...]) -> str:
    return f"{key[0]} {key[1]!r} {key[2]}"


def _unequal(ours: dict[str, object], theirs: dict[str, object]) -> list[str]:
    columns = [c for c in NUMBERS if not close(ours.get(c), theirs[c])]
    columns += [c for c in WORDS if ours.get(c) != theirs[c]]
    if (ours.get("missing") is None) != (theirs["missing"] is None):
        columns.append("missing")
    return columns


def close(a: object, b: object) -> bool:
    """Whether two cells are both null, or numbers within 1e-9 (relative, absolute near 0)."""
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(float(a), float(b), rel_tol=CLOSE, abs_tol=CLOSE)
