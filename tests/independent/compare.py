"""Two KPI tables against each other, cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

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
ABSENT = ("there is no table", "there is no column")
NOT_COVERED = "not covered"


@dataclass(frozen=True)
class Difference:
    """A cell that differs, or (column "row") a row that only one of the two has."""

    scope: str
    entity: str
    kpi: str
    column: str
    ours: object
    theirs: object

    def __str__(self) -> str:
        where = f"{self.scope} {self.entity!r} {self.kpi} {self.column}"
        return f"{where}: ours {self.ours!r}, theirs {self.theirs!r}"


def differences(
    ours: pl.DataFrame, theirs: list[dict[str, object]], kpis: Iterable[str] | None = None
) -> list[Difference]:
    """Return each row or cell that differs; `kpis` is what both are restricted to."""
    wanted = {str(row["kpi"]) for row in theirs} if kpis is None else set(kpis)
    left = _by_key([row for row in ours.to_dicts() if row["kpi"] in wanted])
    right = _by_key([row for row in theirs if row["kpi"] in wanted])
    found = [
        Difference(*key, "row", key in left, key in right)
        for key in [*left, *right]
        if (key in left) != (key in right)
    ]
    repeated = len(ours.filter(pl.col("kpi").is_in(sorted(wanted)))) - len(left)
    if repeated:
        found.append(Difference("*", "*", "*", "repeated rows", repeated, 0))
    found += [
        Difference(*key, column, left[key].get(column), right[key][column])
        for key in left
        if key in right
        for column in _unequal(left[key], right[key])
    ]
    return found


def _by_key(rows: list[dict[str, object]]) -> dict[tuple[str, str, str], dict[str, object]]:
    return {(str(row["scope"]), str(row["entity"]), str(row["kpi"])): row for row in rows}


def _unequal(ours: dict[str, object], theirs: dict[str, object]) -> list[str]:
    columns = [c for c in NUMBERS if not close(ours.get(c), theirs[c])]
    columns += [c for c in WORDS if ours.get(c) != theirs[c]]
    if not _same_reason(ours.get("missing"), theirs["missing"]):
        columns.append("missing")
    return columns


def _same_reason(ours: object, theirs: object) -> bool:
    """Whether both have a value, or both say what is not there, what is not covered, or neither.

    Ours may name all that is not there; theirs names the first. Where whose the rows are cannot be
    known, either may say another reason first.
    """
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if ".partner_id" in f"{ours} {theirs}":
        return True
    if str(theirs).startswith(ABSENT):  # the last word names it
        return str(theirs).split()[-1] in str(ours) and str(ours).startswith(ABSENT)
    return not any(words in str(ours) for words in ABSENT) and (
        (NOT_COVERED in str(ours)) == (NOT_COVERED in str(theirs))
    )


def close(a: object, b: object) -> bool:
    """Whether two cells are both null, or numbers within 1e-9 (relative, absolute near 0)."""
    if a is None or b is None:
        return a is None and b is None
    return math.isclose(float(a), float(b), rel_tol=CLOSE, abs_tol=CLOSE)
