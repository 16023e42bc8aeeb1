"""Days since a partner's last order day, against the gap it usually keeps."""

from __future__ import annotations

import numpy as np
import polars as pl

FEWEST_GAPS = 5
USUAL = 90  # percentile: nine gaps in ten stay within the usual gap


def against_usual_gap(
    distinct: pl.DataFrame, entities: pl.DataFrame, as_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return days since the last order day and the usual gap, entities x periods.

    `distinct`: one row per partner_id, partner_type and day with a fulfilled order, as day numbers.
    Partners of one type lend each other their days where one has too few gaps of its own.
    """
    shape = (len(entities), len(as_of))
    since, usual = np.full(shape, np.nan), np.full(shape, np.nan)
    own, of_type = _days_by(distinct, "partner_id"), _days_by(distinct, "partner_type")
    gap_of_type = {
        kind: [_usual_gap(_known(days, last)) for last in as_of] for kind, days in of_type.items()
    }
    partners = entities.filter(pl.col("scope") == "partner")
    for index, partner, kind in partners.select("index", "entity", "partner_type").iter_rows():
        for column, last in enumerate(as_of):
            days = _known(own.get(partner, _NO_DAYS), last)
            if len(days):
                gap = _usual_gap(days)
                since[index, column] = last - days[-1]
                usual[index, column] = gap_of_type[kind][column] if np.isnan(gap) else gap
    return since, usual


_NO_DAYS = np.array([], dtype=np.int64)


def _days_by(distinct: pl.DataFrame, key: str) -> dict[str, np.ndarray]:
    """Return the sorted distinct days of each value of `key`."""
    day = distinct.columns[-1]
    groups = distinct.group_by(key).agg(pl.col(day).unique().sort())
    return {value: np.array(days) for value, days in groups.iter_rows()}


def _known(days: np.ndarray, last: int) -> np.ndarray:
    return days[: np.searchsorted(days, last, side="right")]


def _usual_gap(days: np.ndarray) -> float:
    """Return the 90th percentile of the gaps between the days, NaN where they are too few."""
    if len(days) <= FEWEST_GAPS:
        return float("nan")
    return float(np.percentile(np.diff(days), USUAL))
