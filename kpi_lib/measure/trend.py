"""Trend: whether the last values rise or fall for certain, by Kendall's tau against time."""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau

from kpi_lib.measure.targets import EQUAL, whole

FEWEST_VALUES = 5
CERTAIN = 0.05


def trends(values: np.ndarray) -> np.ndarray:
    """Return "up", "down", "flat" or None for each row of values, oldest first.

    Periods without a value (NaN) are left out; fewer than 5 values say nothing. Values within 1e-9
    of their size are equal.
    """
    return np.array([_trend(row[~np.isnan(row)]) for row in whole(values)], dtype=object)


def _trend(values: np.ndarray) -> str | None:
    if len(values) < FEWEST_VALUES:
        return None
    ranks = _ranks(values)
    signs = np.sign(ranks[None, :] - ranks[:, None])
    score = int(np.triu(signs).sum())
    ties = tuple(sorted(np.unique(ranks, return_counts=True)[1]))
    if score == 0 or not _is_certain(len(values), abs(score), ties, tuple(_upwards(ranks, score))):
        return "flat"
    return "up" if score > 0 else "down"


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return dense ranks; neighbours within 1e-9 of their size share one."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    size = np.maximum(np.abs(ordered[1:]), np.abs(ordered[:-1]))
    steps = np.concatenate([[0], (np.diff(ordered) > EQUAL * size).astype(int)])
    ranks = np.empty(len(values), dtype=int)
    ranks[order] = np.cumsum(steps)
    return ranks


def _upwards(ranks: np.ndarray, score: int) -> np.ndarray:
    return ranks if score > 0 else ranks.max() - ranks


_certain: dict[tuple[int, int, tuple[int, ...]], bool] = {}


def _is_certain(n: int, score: int, ties: tuple[int, ...], ranks: tuple[int, ...]) -> bool:
    """Say whether scipy holds these ranks for a trend.

    Its p depends on the number of values, the concordant less the discordant pairs, and the sizes
    of the ties; one call for each of these answers for all partners and KPIs.
    """
    key = (n, score, ties)
    if key not in _certain:
        _certain[key] = bool(kendalltau(range(n), ranks).pvalue < CERTAIN)
    return _certain[key]
