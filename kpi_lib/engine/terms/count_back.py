"""Counting back: over how many days, from the last, was issued what is owed now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar, day_number
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import SMALLEST
from kpi_lib.engine.scan import to_array
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.additive import Part, summed
from kpi_lib.engine.terms.term import CountedTerm, Term

MONTHS_BACK = 24
ROUNDING = 1e-14  # of the largest balance on the way: what differences of floats may be off


@dataclass(frozen=True)
class MonthsBack(CountedTerm):
    """A sum month by month: of the last day's calendar month so far, and of those before it.

    Its array has a third axis, the months, the latest first; `CountBack` makes figures of it.
    """

    flow: Part

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table."""
        return self.flow.needs

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.flow.key, "months back")

    @classmethod
    def count(cls, members: Sequence[MonthsBack], cube: Cube) -> Iterator[np.ndarray]:
        """Return each one's sums, entities x periods x months back."""
        return (months._sums(cube) for months in members)

    def _sums(self, cube: Cube) -> np.ndarray:
        """Return the flow's sum in each window of months, entities x periods x windows."""
        windows = Windows.of(cube.calendar)
        by_piece = summed(cube.scanner, [self.flow], windows.days_frame())
        rolled = cube.entities.roll_up(by_piece, ("slot",))
        pieces = len(windows.bounds) - 1
        return windows.sums(to_array(rolled, self.flow.column, (len(cube.entities), pieces)))

    def counted(self, cell: Cell) -> Counted:
        """Return the rows that are summed in the cell's own period."""
        return self.flow.counted(cell)

    def in_words(self) -> str:
        """Return what is summed."""
        return f"{self.flow.in_words()}, month by month"


@dataclass(frozen=True)
class CountBack(Term):
    """The days over which the latest flow adds up to a balance.

    From the month of the last day that counts backwards, each month's flow is taken off the balance
    and its days added, the last month pro rata; a month without a flow adds its days. A balance of
    0 or less is 0 days; there is no value where 24 months do not use it up.
    """

    balance: Term
    flow: Part

    @property
    def months(self) -> MonthsBack:
        """The flow, month by month."""
        return MonthsBack(self.flow.rows, self.flow)

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The balance, and the months."""
        return (self.balance, self.months)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the days, entities x periods: 0 without a balance, NaN of too few months."""
        days = np.zeros(cube.shape)
        for taken in self._days_taken(cube):
            days = days + taken
        return days

    def _days_taken(self, cube: Cube) -> Iterator[np.ndarray]:
        balance, issued = self.balance.figures(cube), self.months.figures(cube)
        return days_taken(balance, issued, cube.calendar)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield one row for each month that was counted back, and the rows of the balance."""
        yield Share(side, cell, Counted("months", self._months_taken(cell)), factor)
        yield from self.balance.rows_behind(cell, side, 0.0)

    def _months_taken(self, cell: Cell) -> pl.DataFrame:
        """Return the months that take days: first and last day, what was issued, and the days."""
        cube, here = cell.cube, (cell.index, cell.slot)
        windows = Windows.of(cube.calendar)
        months = {
            "starts_on": windows.first[cell.slot],
            "ends_on": windows.after[cell.slot] - 1,
            "issued": self.months.figures(cube)[here],
            ADDS: np.array([days[here] for days in self._days_taken(cube)][:-1]),
        }
        days = pl.col("starts_on", "ends_on").cast(pl.Int32).cast(pl.Date)
        return pl.DataFrame(months).with_columns(days).filter(pl.col(ADDS) > 0)

    @property
    def adds_across(self) -> bool:
        """It does not: it is a length of time."""
        return False

    def in_words(self) -> str:
        """Return what the days are counted over."""
        return f"days over which {self.flow.rows.table} add up to the balance"


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
        spans = np.array([_last_months(day) for day in calendar.last_days])
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
        belongs = (numbers >= first) & (numbers < after)
        in_windows = pieces @ belongs.astype(float)
        return np.asarray(in_windows.reshape(len(pieces), *self.first.shape))


def days_taken(balance: np.ndarray, issued: np.ndarray, calendar: Calendar) -> Iterator[np.ndarray]:
    """Yield the days that each month takes, the latest first; NaN in the end if they do not do."""
    windows = Windows.of(calendar)
    lengths = windows.after - windows.first
    left, largest = balance.copy(), np.abs(balance)
    going_on = np.ones(balance.shape, dtype=bool)
    for month in range(issued.shape[2]):
        going_on &= ~(left < SMALLEST)
        flow, length = issued[:, :, month], lengths[:, month]
        used_up = going_on & (flow >= left - ROUNDING * largest)
        share = np.divide(left, flow, out=np.ones(left.shape), where=used_up)
        yield np.where(going_on, length * share, 0.0)
        left, going_on = left - flow, going_on & ~used_up
        largest = np.maximum(largest, np.abs(left))
    yield np.where(going_on, np.nan, 0.0)


def _last_months(last: date) -> list[tuple[int, int]]:
    """Return the first day of each month from that of `last` backwards, and the day after it."""
    spans, after = [], last + timedelta(days=1)
    for _ in range(MONTHS_BACK):
        first = (after - timedelta(days=1)).replace(day=1)
        spans.append((day_number(first), day_number(after)))
        after = first
    return spans
