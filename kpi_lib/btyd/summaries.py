"""What a purchase model reads: frequency, recency and age, checked, equal rows merged.

frequency: repeat purchases, so the first one is not in it. recency: time from the first purchase to
the last one, 0 where there was only one. T: time from the first purchase to the cut. All times are
in one unit, the caller's; a model's results do not depend on which, and a frame that says another
unit than the one of the fit is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kpi_lib.errors import ContractError, Problem

PURCHASES = ("frequency", "recency", "T")
UNIT = "unit"  # in the attrs of a summary: what its times are counted in
LEFT_TO_CHANCE = 1e-9  # of T: recency may be above it by so much, from rounding


@dataclass(frozen=True)
class Rows:
    """Distinct (frequency, recency, T), how many customers have each, and each customer's place."""

    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    counts: np.ndarray
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.frequency)

    @cached_property
    def by_frequency(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the distinct frequencies, and how many customers have each."""
        distinct, place = np.unique(self.frequency, return_inverse=True)
        return distinct, np.bincount(place, self.counts)

    @property
    def customers(self) -> float:
        """How many customers there are, as counts say."""
        return float(self.counts.sum())

    def every(self, step: int) -> Rows:
        """Return every so many-th distinct row: enough to find where a maximum is."""
        return self.part(slice(None, None, step))

    def part(self, some: slice) -> Rows:
        """Return some of the distinct rows; `place` keeps no meaning in them."""
        return Rows(
            self.frequency[some], self.recency[some], self.age[some], self.counts[some], _NOBODY
        )

    def later(self, horizon: float) -> Rows:
        """Return the same customers, seen so much later without a further purchase."""
        return Rows(self.frequency, self.recency, self.age + horizon, self.counts, self.place)

    def in_units_of(self, time: float) -> Rows:
        """Return the rows with time counted in another unit."""
        return Rows(self.frequency, self.recency / time, self.age / time, self.counts, self.place)


_NOBODY = np.empty(0, dtype=np.intp)


def rows_of(frame: pd.DataFrame, sample_weight: Sequence[float] | np.ndarray | None = None) -> Rows:
    """Return the distinct rows of a frame with the columns frequency, recency and T.

    `sample_weight`: how many customers each row of the frame stands for, one each by default.
    Raises ContractError where a column is missing or a row cannot be.
    """
    require_columns(frame, PURCHASES)
    columns = [frame[name].to_numpy(dtype=float) for name in PURCHASES]
    _require_possible(*columns)
    place, first = _merged(columns)
    frequency, recency, age = (column[first] for column in columns)
    weights = weights_of(len(frame), sample_weight)
    counts = np.bincount(place, weights, minlength=len(first))
    return Rows(frequency, np.minimum(recency, age), age, counts, place)


def require_columns(frame: pd.DataFrame, needed: Sequence[str]) -> None:
    """Raise ContractError where a frame lacks columns that a model reads."""
    missing = [name for name in needed if name not in frame]
    if missing:
        listed = ", ".join(missing)
        raise ContractError(
            Problem("customers of a model", f"there is no column {listed}", "See rfm_summary().")
        )


def unit_of(frame: pd.DataFrame) -> str | None:
    """Return the unit of a frame's times, where `rfm_summary` wrote it down."""
    return frame.attrs.get(UNIT)


def require_unit(frame: pd.DataFrame, unit: str | None) -> None:
    """Raise ContractError where times are counted in another unit than a model's were."""
    theirs = unit_of(frame)
    if unit and theirs and theirs != unit:
        found = f"their times are counted in {theirs}s, and the model's in {unit}s"
        todo = f'Summarise them with rfm_summary(..., unit="{unit}").'
        raise ContractError(Problem("customers of a model", found, todo))


def weights_of(length: int, given: Sequence[float] | np.ndarray | None) -> np.ndarray:
    """Return how many customers each row stands for; raise ContractError where that cannot be."""
    weights = np.ones(length) if given is None else np.asarray(given, dtype=float)
    if weights.shape != (length,) or not np.all(np.isfinite(weights) & (weights >= 0)):
        found = "there must be one for each row, finite and 0 or more"
        raise ContractError(Problem("sample_weight of a model", found, "Give counts of customers."))
    return weights


def _require_possible(frequency: np.ndarray, recency: np.ndarray, age: np.ndarray) -> None:
    """Raise ContractError with every way in which the customers' rows cannot be."""
    impossible = {
        "a figure that is missing or infinite": ~np.isfinite(frequency + recency + age),
        "a frequency that is not a whole number from 0 on": (frequency < 0)
        | (frequency != np.floor(frequency)),
        "a recency outside 0 to T": (recency < 0) | (recency > age * (1 + LEFT_TO_CHANCE)),
        "a recency above 0 with no repeat purchase": (frequency == 0) & (recency > 0),
    }
    problems = [
        Problem(f"row {int(np.argmax(wrong)) + 1} of the customers", f"{what} ({wrong.sum()} rows)")
        for what, wrong in impossible.items()
        if wrong.any()
    ]
    if problems:
        raise ContractError(problems)


def _merged(columns: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the number of its distinct row, and where each of those is first."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column)
        joined = key * len(values) + codes
        # Numbered anew each time, so that the product of the counts cannot overflow.
        key = pd.factorize(joined)[0] if len(values) > 1 else key
    distinct = int(key.max()) + 1 if len(key) else 0
    first = np.empty(distinct, dtype=np.intp)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return key, first
