"""When two figures are equal or a figure is 0, and the one place that divides."""

from __future__ import annotations

import numpy as np

EQUAL = 1e-9  # of their size: within that two figures are equal
SMALLEST = EQUAL  # a figure below this in size is 0


def at_least(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where left is not below right; within 1e-9 of their size two figures are equal."""
    left, right = whole(left), whole(right)
    size = np.maximum(np.abs(left), np.abs(right))
    return np.asarray(left >= right - EQUAL * size)


def same(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where two figures are equal, but for 1e-9 of their size."""
    return np.asarray(at_least(left, right) & at_least(right, left))


def whole(figures: np.ndarray) -> np.ndarray:
    """Return the figures with what is below 1e-9 in size as 0."""
    return np.where(np.abs(figures) < SMALLEST, 0.0, figures)


def divide(
    numerator: np.ndarray, denominator: np.ndarray, *, of_either_sign: bool = False
) -> np.ndarray:
    """Return the quotient, NaN where the denominator is not above 0. The one place that divides.

    `of_either_sign`: it is a distance, which can lie below 0 too; NaN where it is 0.
    """
    size = np.abs(denominator) if of_either_sign else denominator
    above = size >= SMALLEST
    blank = np.full(numerator.shape, np.nan)
    return np.asarray(np.divide(numerator, denominator, out=blank, where=above))
