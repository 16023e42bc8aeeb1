"""When two figures are equal: within 1e-9 of their size; below 1e-9 in size a figure is 0."""

from __future__ import annotations

import numpy as np

EQUAL = 1e-9


def at_least(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Hold where left is not below right; within 1e-9 of their size two figures are equal."""
    left, right = whole(left), whole(right)
    size = np.maximum(np.abs(left), np.abs(right))
    return left >= right - EQUAL * size


def same(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Hold where neither is below the other."""
    return at_least(left, right) & at_least(right, left)


def whole(figures: np.ndarray) -> np.ndarray:
    """Return the figures with what is below 1e-9 in size as 0."""
    return np.where(np.abs(figures) < EQUAL, 0.0, figures)
