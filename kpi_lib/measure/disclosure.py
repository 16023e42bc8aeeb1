"""What somebody who knows every other partner's figures could infer of one from what is shown.

Statistics call this disclosure control, and the share of a figure that must stay open the p % rule.
Whoever knows less than all others can infer less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.equality import EQUAL
from kpi_lib.measure.coarse import ENOUGH, Rounded, Sample

UNKNOWN_STEPS = 5  # of a page's figures, that must remain possible
UNKNOWN_SHARE = 0.01  # of the figure itself


@dataclass(frozen=True)
class Ranges:
    """Between which values each partner's figure must lie, by its number."""

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def open(cls, size: int) -> Ranges:
        """Return ranges of which nothing is known."""
        return cls(np.full(size, -np.inf), np.full(size, np.inf))

    def known_too(self, other: Ranges) -> Ranges:
        """Return what remains possible when the other ranges are known too."""
        return Ranges(np.maximum(self.low, other.low), np.minimum(self.high, other.high))

    def only(self, of: np.ndarray) -> Ranges:
        """Return the ranges of those partners, open for all others."""
        return Ranges(np.where(of, self.low, -np.inf), np.where(of, self.high, np.inf))


def gives_nobody_away(sample: Sample) -> bool:
    """Say whether no figure of a sample can be taken for one or two partners' own.

    Of three figures two of which are the same nobody learns where it stands. One that rounds to a
    bound (0, or all) would pin three partners there. One that just one or two have, rounded or in
    full, would be theirs to whoever knows them. And three times a figure, less what two of the
    nearest have, must not be what the third has.
    """
    if len({figure.shown for figure in sample.figures}) < len(sample.figures):
        return False
    for figure, rank in zip(sample.figures, sample.ranks, strict=True):
        nearest = slice(rank - 1, rank + 2)
        half = float(sample.steps[nearest].max()) / 2
        if figure.shown in sample.bounds and figure.shown != figure.mean:
            return False
        if any(0 < count < ENOUGH for count in _having(figure, half, sample)):
            return False
        alike = [sample.between(value - half, value + half)[1] for value in sample.values[nearest]]
        if min(alike) < ENOUGH and abs(3 * (figure.shown - figure.mean)) < half:
            return False
    return True


def _having(figure: Rounded, half: float, sample: Sample) -> tuple[int, ...]:
    """Return how many have a figure: of what it stands for, its ends with and without, and in full.

    Which of the ends round to it nobody need know.
    """
    in_full = sample.between(figure.shown - half, figure.shown + half)
    return (*sample.between(figure.low, figure.high), *in_full)


def ranges_of(sample: Sample, better: str, size: int) -> Ranges:
    """Return what is left possible of each of `size` partners by figures and tenths of a sample."""
    low, high = np.full(len(sample), sample.bounds[0]), np.full(len(sample), sample.bounds[1])
    for figure, rank in zip(sample.figures, sample.ranks, strict=True):
        least, most = _behind_a_mean(sample.values, rank, figure)
        low, high = np.maximum(low, least), np.minimum(high, most)
    least, most = _behind_tenths(sample, better)
    low, high = np.maximum(low, least), np.minimum(high, most)
    ranges = Ranges.open(size)
    ranges.low[sample.members], ranges.high[sample.members] = low, high
    return ranges


def are_wide(ranges: Ranges, sample: Sample, grid: float) -> bool:
    """Say whether enough is left possible of every member; `grid`: between two possible values."""
    left = ranges.high[sample.members] - ranges.low[sample.members]
    steps = np.maximum(sample.steps, grid)
    needed = np.maximum(UNKNOWN_STEPS * steps, UNKNOWN_SHARE * np.abs(sample.values))
    return bool(np.all(left >= needed * (1 - EQUAL)))


def _behind_a_mean(values: np.ndarray, rank: int, figure: Rounded) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most that each value may be, if the others are known.

    The mean of three neighbours moves with one value only while that lies between the neighbours of
    the other two, and then by a third of what it moves.
    """
    places = np.arange(len(values))

    def other(place: int) -> np.ndarray:
        neighbours: np.ndarray = values[place + (place >= places)]
        return neighbours

    below, above = other(rank - 2), other(rank + 1)
    two = other(rank - 1) + other(rank)
    least, most = 3 * figure.low - two, 3 * figure.high - two
    edge = EQUAL * (figure.high - figure.low)  # which way a half is rounded is no help
    low = np.where(least > below - edge, least, -np.inf)
    high = np.where(most < above + edge, most, np.inf)
    return np.minimum(low, values), np.maximum(high, values)


def _behind_tenths(sample: Sample, better: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the most that each value may be, if the others' tenths are known.

    Another's tenth tells on which side of it a value lies where it would differ on the other side.
    """
    if better == "lower":
        mirrored = Sample(sample.members[::-1], -sample.values[::-1], sample.unit)
        low, high = _behind_tenths(mirrored, "higher")
        return -high[::-1], -low[::-1]
    values, ahead = sample.values, sample.ahead(better)
    first = np.searchsorted(values, values, side="left")
    last = np.searchsorted(values, values, side="right")

    def tells(more: float) -> np.ndarray:
        moved: np.ndarray = sample.tenths(ahead + more) != sample.tenths(ahead)
        return moved

    lowest = np.maximum.accumulate(np.where(tells(1), values, -np.inf))
    highest = np.minimum.accumulate(np.where(tells(-1), values, np.inf)[::-1])[::-1]
    low = np.where(first > 0, lowest[first - 1], -np.inf)
    high = np.where(last < len(values), highest[np.minimum(last, len(values) - 1)], np.inf)
    is_tied = last - first > 1
    low = np.where(is_tied & tells(0.5), values, low)
    return low, np.where(is_tied & tells(-0.5), values, high)
