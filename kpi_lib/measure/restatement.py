"""Figures of a run beside those published of the same periods: which differ, and by how much."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpi_lib.engine.equality import same, whole
from kpi_lib.measure.compute import Results

WHO = ("scope", "entity", "kpi", "period")
SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(WHO, pl.String()),
    **dict.fromkeys(("published", "now", "difference"), pl.Float64()),
    "published_at": pl.String(),
}


def figures_of(results: Results) -> pl.DataFrame:
    """Return every figure that the run tells of a whole or its own period: `WHO` and value.

    A run to date cuts the periods before its own too, so that only its own is what it says it is.
    """
    own = results.table.select(*WHO, "value")
    if results.calendar.to_date:
        return own
    earlier = pl.col("period") != str(results.calendar.period)
    return pl.concat([own, results.history.filter(earlier).select(*WHO, "value")])


def restate(now: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """Return the published figures that are others now, the largest change first.

    `now` has the columns `WHO` and value, `published` also published_at. A value that was published
    and is gone, or had been missing and is there, counts; a row that was not published does not.
    `difference` is now less published, null where either is missing. A change is as large as its
    share of the larger of the two; a value that came or went is all of itself.
    """
    there = now.rename({"value": "now"})
    beside = published.rename({"value": "published"}).join(there, on=WHO, how="left")
    was, is_ = (_floats(beside, name) for name in ("published", "now"))
    gone, come = np.isnan(is_) & ~np.isnan(was), np.isnan(was) & ~np.isnan(is_)
    changed = gone | come | (~np.isnan(was) & ~np.isnan(is_) & ~same(was, is_))
    rows = beside.with_columns(
        difference=pl.Series(is_ - was, nan_to_null=True), size=pl.Series(_size(was, is_))
    )
    ordered = rows.filter(pl.Series(changed)).sort(
        "size", *WHO, descending=[True, *(False for _ in WHO)]
    )
    return ordered.select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]


def _size(was: np.ndarray, is_: np.ndarray) -> np.ndarray:
    """Return each change as a share of the larger of the two; 1 where one is missing."""
    larger = np.fmax(np.abs(was), np.abs(is_))
    change = np.abs(is_ - was)
    share = np.divide(change, larger, out=np.ones_like(change), where=whole(larger) > 0)
    return np.where(np.isnan(change), 1.0, share)


def _floats(frame: pl.DataFrame, name: str) -> np.ndarray:
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
