"""Days since a partner's last order day, against the gap it usually keeps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

FEWEST_GAPS = 5
USUAL = 90  # percentile: nine gaps in ten stay within the usual gap


def against_usual_gap(
    distinct: pl.DataFrame, entities: pl.DataFrame, as_of: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return days since the last order day and the usual gap, entities x periods.

    `distinct`: one row per partner_id, partner_type and day with a fulfilled order, as day numbers.
    Partners of one type lend each other their gaps where one has too few of its own.
    """
    shape = (len(entities), len(as_of))
    since, usual = np.full(shape, np.nan), np.full(shape, np.nan)
    own = _days_of_partners(distinct)
    types = dict(distinct.select("partner_id", "partner_type").unique().iter_rows())
    gap_of_type = _gaps_of_types(own, types, as_of)
    partners = entities.filter(pl.col("scope") == "partner")
    for index, partner, kind in partners.select("index", "entity", "partner_type").iter_rows():
        for column, last in enumerate(as_of):
            days = _known(own.get(partner, _NO_DAYS), last)
            if len(days):
                gap = _usual_gap(np.diff(days))
                since[index, column] = last - days[-1]
                usual[index, column] = gap_of_type[kind][column] if np.isnan(gap) else gap
    return since, usual


_NO_DAYS = np.array([], dtype=np.int64)


def _days_of_partners(distinct: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return the sorted distinct days of each partner."""
    day = distinct.columns[-1]
    groups = distinct.group_by("partner_id").agg(pl.col(day).unique().sort())
    return {partner: np.array(days) for partner, days in groups.iter_rows()}


def _gaps_of_types(
    own: Mapping[str, np.ndarray], types: Mapping[str, str], as_of: np.ndarray
) -> dict[str, list[float]]:
    """Return the usual gap of each type, period by period: of its partners' gaps together.

    The days of two partners have no gap between them.
    """
    members: dict[str, list[np.ndarray]] = {}
    for partner, days in own.items():
        members.setdefault(types[partner], []).append(days)
    return {
        kind: [
            _usual_gap(np.concatenate([np.diff(_known(d, last)) for d in days])) for last in as_of
        ]
        for kind, days in members.items()
    }


def _known(days: np.ndarray, last: int) -> np.ndarray:
    return days[: np.searchsorted(days, last, side="right")]


def _usual_gap(gaps: np.ndarray) -> float:
    """Return the 90th percentile of the gaps, NaN where they are too few."""
    if len(gaps) < FEWEST_GAPS:
        return float("nan")
    return float(np.percentile(gaps, USUAL))
