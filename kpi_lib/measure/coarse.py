"""A KPI's values in a group of partners, as coarse as each of them may be shown.

Three figures, each the mean of the three partners nearest a quartile, rounded to two digits, and of
how many others one is ahead, in tenths. docs/decisions/0010-what-a-partner-is-shown-of-others.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kpi_lib.engine.equality import EQUAL, whole

FEWEST = 10  # members with a value: nine others beside whoever reads it
ENOUGH = 3  # a figure that so many have is nobody's own
QUARTILES = (0.25, 0.5, 0.75)
FINEST = {"ratio": 2, "days": 0, "points": 0}  # digits after the point: ten times what a page shows
FIRST, LAST = 1, 9  # tenths: the first of all would learn that nobody else comes near


@dataclass(frozen=True)
class Rounded:
    """A mean as it is shown, and between which means it would be shown so."""

    mean: float
    shown: float
    low: float
    high: float

    @classmethod
    def of(cls, mean: float, unit: str) -> Rounded:
        """Return a mean rounded to two digits, ratios to a hundredth and days to whole ones."""
        digits = _digits(mean, unit)
        shown = 0.0 if digits is None else round(mean, digits)
        # Just below 1.0 two digits are finer than just above it.
        outer, inner = (_digits(shown * size, unit) for size in (1, 1 - EQUAL))
        away, nearer = (0.0 if d is None else 10.0**-d / 2 for d in (outer, inner))
        below, above = (nearer, away) if shown > 0 else (away, nearer)
        return cls(mean, shown, shown - below, shown + above)

    @classmethod
    def exactly(cls, mean: float) -> Rounded:
        """Return a mean that is shown as it is."""
        return cls(mean, mean, mean, mean)


def _digits(figure: float, unit: str) -> int | None:
    """Return how many digits after the point are shown of a figure, None of a 0 that is exact."""
    finest = FINEST.get(unit)
    if not figure:
        return finest
    two = 1 - math.floor(math.log10(abs(figure)))
    return two if finest is None else min(two, finest)


@dataclass(frozen=True)
class Sample:
    """The members of a group that have a value, by number, and their values, the lowest first."""

    members: np.ndarray
    values: np.ndarray
    unit: str

    @classmethod
    def of(cls, values: np.ndarray, group: np.ndarray, unit: str) -> Sample:
        """Return the sample of the members (`group`: their numbers) in the values of all."""
        there = group[~np.isnan(values[group])]
        there = there[np.argsort(values[there], kind="stable")]
        return cls(there, whole(values[there]), unit)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def ranks(self) -> list[int]:
        """The places nearest the quartiles, from 0."""
        return [round((len(self) - 1) * quartile) for quartile in QUARTILES]

    @cached_property
    def figures(self) -> tuple[Rounded, ...]:
        """The mean of the three nearest each quartile, rounded."""
        means = (float(self.values[rank - 1 : rank + 2].mean()) for rank in self.ranks)
        # A mean is shown as a bound only if it is one, so nothing else lies behind it.
        return tuple(
            Rounded.exactly(mean) if mean in self.bounds else Rounded.of(mean, self.unit)
            for mean in means
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """What no value can pass: 0 where none is below it, 1 of shares; else infinity."""
        is_share = self.unit == "ratio" and self.values[-1] <= 1
        return 0.0 if self.values[0] >= 0 else -math.inf, 1.0 if is_share else math.inf

    @cached_property
    def steps(self) -> np.ndarray:
        """The finest difference that a page shows between figures of each value's size."""
        return shown_steps(self.values, self.unit)

    def between(self, low: float, high: float) -> tuple[int, int]:
        """Return how many values lie between two figures, and how many there or on one of them."""
        slack = EQUAL * max(abs(low), abs(high))
        within = np.sum((self.values > low + slack) & (self.values < high - slack))
        to_both = np.sum((self.values >= low - slack) & (self.values <= high + slack))
        return int(within), int(to_both)

    def ahead(self, better: str) -> np.ndarray:
        """Return of how many others each is ahead; one that is equal counts half."""
        margin = EQUAL * np.abs(self.values)
        below = np.searchsorted(self.values, self.values - margin, side="left")
        up_to = np.searchsorted(self.values, self.values + margin, side="right")
        beaten = below if better == "higher" else len(self) - up_to
        ahead: np.ndarray = beaten + (up_to - below - 1) / 2
        return ahead

    def tenths(self, ahead: np.ndarray) -> np.ndarray:
        """Return how many tenths of the others that many are: 1 at least, 9 at most."""
        tenths = np.floor(10 * ahead / (len(self) - 1) + 0.5 + EQUAL)
        return np.clip(tenths, FIRST, LAST)


def shown_steps(values: np.ndarray, unit: str) -> np.ndarray:
    """Return the finest difference that a page shows between figures of each value's size."""
    size = np.abs(values)
    if unit == "money":
        return np.where(size < 100, 0.01, 1.0)
    if unit == "number" and np.any(values != np.rint(values)):
        return np.select([size < 10, size < 1000], [0.01, 0.1], 1.0)
    return np.full(len(values), {"ratio": 0.001, "number": 1.0}.get(unit, 0.1))
