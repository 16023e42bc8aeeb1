"""Counting back over calendar months: the sums month by month, and the days they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar, day_number
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.equality import EQUAL
from kpi_lib.engine.scan import Scanner, column_of, to_array
from kpi_lib.engine.terms.count_back import MONTHS_BACK, MonthsBack

ROUNDING = 1e-14  # of the largest balance on the way: what differences of floats may be off


@dataclass(frozen=True)
class Windows:
    """The calendar months that a run counts back over, as day numbers, periods x months.

    A period's first month is that of its last day that counts, and ends on that day.
    """

    first: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, calendar: Calendar) -> Windows:
        """Return the months of a calendar's periods."""
        spans = np.array([_months_back(day) for day in calendar.last_days])
        return cls(spans[:, :, 0], spans[:, :, 1])

    @property
    def bounds(self) -> np.ndarray:
        """The days on which a window begins or has just ended: between two of them lies a piece."""
        return np.unique(np.concatenate([self.first.ravel(), self.after.ravel()]))

    def days_frame(self) -> pl.DataFrame:
        """Return one row per day: its piece as slot, with the piece's first and last day."""
        bounds = self.bounds
        days = np.arange(bounds[0], bounds[-1])
        piece = np.searchsorted(bounds, days, side="right") - 1
        columns = {
            "day": days,
            "slot": piece,
            "period_start": bounds[piece],
            "period_as_of": bounds[piece + 1] - 1,
        }
        return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int32))

    def sums(self, pieces: np.ndarray) -> np.ndarray:
        """Add up pieces (entities x pieces) to windows (entities x periods x months)."""
        first = np.searchsorted(self.bounds, self.first.ravel())
        after = np.searchsorted(self.bounds, self.after.ravel())
        numbers = np.arange(pieces.shape[1])[:, None]
        inside = (numbers >= first) & (numbers < after)
        return (pieces @ inside.astype(float)).reshape(len(pieces), *self.first.shape)


def months_back(scanner: Scanner, entities: Entities, part: MonthsBack) -> np.ndarray:
    """Return the part's sums, entities x periods x months, the latest month first."""
    windows = Windows.of(scanner.calendar)
    days = windows.days_frame()
    summed = entities.roll_up(scanner.by_span(part.flow, days), ("slot",))
    pieces = len(windows.bounds) - 1
    return windows.sums(to_array(summed, column_of(part.flow), (len(entities), pieces)))


def count_back(balance: np.ndarray, issued: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Return the days over which the latest flow adds up to the balance, entities x periods.

    0 where the balance is 0 or less; NaN where it is not told, or the months do not use it up.
    """
    days = np.zeros(balance.shape)
    for taken in days_taken(balance, issued, calendar):
        days = days + taken
    return days


def days_taken(balance: np.ndarray, issued: np.ndarray, calendar: Calendar) -> Iterator[np.ndarray]:
    """Yield the days that each month takes, the latest first; NaN in the end if they do not do."""
    windows = Windows.of(calendar)
    lengths = windows.after - windows.first
    left, largest = balance.copy(), np.abs(balance)
    going_on = np.ones(balance.shape, dtype=bool)
    for month in range(issued.shape[2]):
        going_on &= ~(left < EQUAL)
        flow, length = issued[:, :, month], lengths[:, month]
        used_up = going_on & (flow >= left - ROUNDING * largest)
        share = np.divide(left, flow, out=np.ones(left.shape), where=used_up)
        yield np.where(going_on, length * share, 0.0)
        left, going_on = left - flow, going_on & ~used_up
        largest = np.maximum(largest, np.abs(left))
    yield np.where(going_on, np.nan, 0.0)


def _months_back(last: date) -> list[tuple[int, int]]:
    """Return the first day of each month from that of `last` backwards, and the day after it."""
    spans, after = [], last + timedelta(days=1)
    for _ in range(MONTHS_BACK):
        first = (after - timedelta(days=1)).replace(day=1)
        spans.append((day_number(first), day_number(after)))
        after = first
    return spans
