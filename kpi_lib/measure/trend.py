"""Trend: whether the last values rise or fall for certain, by Kendall's tau against time."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.stats import kendalltau

from kpi_lib.engine.equality import EQUAL, whole

FEWEST_VALUES = 5
CERTAIN = 0.05


def trends(values: np.ndarray) -> np.ndarray:
    """Return "up", "down", "flat" or None for each row of values, oldest first.

    Periods without a value (NaN) are left out; fewer than 5 values say nothing. Values within 1e-9
    of their size are equal.
    """
    known = ~np.isnan(values)
    ranks = np.where(known, _ranks(whole(values)), -1)
    score = _score(ranks)
    certain = _certain(ranks, score)
    words = np.select([certain & (score > 0), certain], ["up", "down"], "flat").astype(object)
    words[known.sum(axis=1) < FEWEST_VALUES] = None
    return words


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return dense ranks within each row; neighbours within 1e-9 of their size share one."""
    order = np.argsort(values, axis=1, kind="stable")  # NaN comes last
    ordered = np.take_along_axis(values, order, axis=1)
    lower, upper = ordered[:, :-1], ordered[:, 1:]
    steps = upper - lower > EQUAL * np.maximum(np.abs(lower), np.abs(upper))
    places = np.concatenate([np.zeros((len(values), 1), int), np.cumsum(steps, axis=1)], axis=1)
    ranks = np.empty(values.shape, dtype=int)
    np.put_along_axis(ranks, order, places, axis=1)
    return ranks


def _score(ranks: np.ndarray) -> np.ndarray:
    """Return the rising less the falling pairs of each row; -1 stands for no value."""
    score = np.zeros(len(ranks), dtype=int)
    for earlier, later in combinations(range(ranks.shape[1]), 2):
        left, right = ranks[:, earlier], ranks[:, later]
        score += np.where((left >= 0) & (right >= 0), np.sign(right - left), 0)
    return score


def _certain(ranks: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Say of each row whether scipy holds its ranks for a trend.

    Its p depends on the number of values, the size of the score, and the sizes of the ties; one
    call for each of these answers for all partners and KPIs.
    """
    ties = np.stack([(ranks == rank).sum(axis=1) for rank in range(ranks.shape[1])], axis=1)
    # One whole number a case: digits for the score and the tie sizes, which are 8 at most each.
    digits = np.column_stack([np.abs(score), np.sort(ties, axis=1)])
    cases = digits @ (ranks.shape[1] + 1) ** np.arange(digits.shape[1])[::-1]
    found, example, which = np.unique(cases, return_index=True, return_inverse=True)
    judged = [
        _is_certain((ranks.shape[1], case), score[row], ranks[row])
        for case, row in zip(found.tolist(), example, strict=True)
    ]
    return np.array(judged, dtype=bool)[which.ravel()]


_judged: dict[tuple[int, int], bool] = {}


def _is_certain(case: tuple[int, int], score: int, ranks: np.ndarray) -> bool:
    """Say whether ranks rise or fall by more than chance (Kendall's tau), kept by `case`."""
    if case not in _judged:
        known = ranks[ranks >= 0]
        something = score != 0 and len(known) >= FEWEST_VALUES
        _judged[case] = something and bool(kendalltau(range(len(known)), known).pvalue < CERTAIN)
    return _judged[case]
