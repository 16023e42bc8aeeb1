"""The dense grid of periods that a run looks at, each with the last of its days that counts.

A run looks at its period P, at the periods before it that a comparison needs (the year before for
the baseline, 8 for trend, sparkline and periods off track) and at the year ago; growth and
retention look once more a period and a year behind each of these. Where the run is to date, every
one of them is cut at the corresponding day: as many whole months after its first month, on the same
day of the month (of a week, after as many days).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import polars as pl

from kpi_lib.periods import DAYS_PER_MONTH, MONTHS, PERIODS_PER_YEAR, Period

Lag = Literal["previous", "year_ago"]

TREND_PERIODS = 8
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to `day`."""
    return (day - EPOCH).days


@dataclass(frozen=True)
class Calendar:
    """Periods by index; `previous` and `year_ago` hold the index of each one's neighbour, or -1."""

    period: Period
    as_of: date
    periods: tuple[Period, ...]
    last_days: tuple[date, ...]
    previous: np.ndarray
    year_ago: np.ndarray

    @classmethod
    def around(cls, period: Period, as_of: date | None = None) -> Calendar:
        """Return the calendar of a run for `period`, cut at `as_of` where the run is to date."""
        last = period.cut(as_of)
        needed = _reached(_compared(period))
        periods = tuple(sorted(needed))
        index = {p: i for i, p in enumerate(periods)}
        years = [p.year_ago() for p in periods]
        return cls(
            period=period,
            as_of=last,
            periods=periods,
            last_days=tuple(_last_day(p, last, period) for p in periods),
            previous=np.array([index.get(p.previous(), -1) for p in periods]),
            year_ago=np.array([-1 if y is None else index.get(y, -1) for y in years]),
        )

    @property
    def to_date(self) -> bool:
        """Whether the run stops before its period's end."""
        return self.as_of < self.period.end

    @property
    def now(self) -> int:
        """The index of the run's own period."""
        return self.periods.index(self.period)

    def back(self, steps: int) -> list[int]:
        """Return the indices of the `steps` periods before P and of P, oldest first."""
        indices = [self.now]
        for _ in range(steps):
            indices.append(int(self.previous[indices[-1]]))
        return indices[::-1]

    def neighbour(self, lag: Lag) -> np.ndarray:
        """Return for each period the index of the one before, or of the year ago, -1 where none."""
        return self.previous if lag == "previous" else self.year_ago

    @property
    def recent(self) -> list[int]:
        """The indices of the last 8 periods, P the last."""
        return self.back(TREND_PERIODS - 1)

    @property
    def year_before(self) -> list[int]:
        """The indices of the periods of one year before P, without P."""
        return self.back(PERIODS_PER_YEAR[self.period.cadence])[:-1]

    @property
    def beside(self) -> list[int]:
        """The indices of the periods whose values stand beside that of P, P among them."""
        year_ago = int(self.year_ago[self.now])
        slots = {*self.recent, *self.year_before, year_ago}
        return sorted(slot for slot in slots if slot >= 0)

    @property
    def starts(self) -> np.ndarray:
        """The first day of each period, as day numbers."""
        return np.array([day_number(p.start) for p in self.periods])

    @property
    def lasts(self) -> np.ndarray:
        """The last day that counts of each period, as day numbers."""
        return np.array([day_number(day) for day in self.last_days])

    @property
    def days(self) -> np.ndarray:
        """The days so far of each period."""
        return np.asarray(self.lasts - self.starts + 1)

    @property
    def elapsed(self) -> np.ndarray:
        """The share of each period's days that have passed: 1 but for runs to date."""
        return np.asarray(self.days / np.array([p.days for p in self.periods]))

    @property
    def months(self) -> np.ndarray:
        """The months of each period; of a week, or of a part of a period, its days / 30.4375."""
        whole = MONTHS.get(self.period.cadence)
        if whole is None or self.to_date:
            return self.days / DAYS_PER_MONTH
        return np.full(len(self.periods), float(whole))

    def frame(self) -> pl.DataFrame:
        """Return one row per period: slot (its index), period_start, period_as_of (day numbers)."""
        return pl.DataFrame(
            {
                "slot": range(len(self.periods)),
                "period_start": self.starts,
                "period_as_of": self.lasts,
            },
            schema={"slot": pl.Int32, "period_start": pl.Int32, "period_as_of": pl.Int32},
        )

    def whole_frame(self) -> pl.DataFrame:
        """Return one row, as in `frame`, that spans the whole calendar: for what is ever known."""
        spans = self.frame()
        first, last = pl.col("period_start").min(), pl.col("period_as_of").max()
        return spans.select(pl.lit(0, pl.Int32).alias("slot"), first, last)

    def trailing_year_frame(self) -> pl.DataFrame:
        """Return one row per day of the 12 months that end on each period's last day that counts.

        They begin on the day after it, a year earlier.
        """
        spans = self.frame().with_columns(first=np.array(self._year_before_last()))
        every_day = pl.int_ranges(pl.col("first"), pl.col("period_as_of") + 1)
        days = spans.with_columns(day=every_day).explode("day")
        return days.select(pl.col("day").cast(pl.Int32), "slot", "period_start", "period_as_of")

    def slot_of(self, days: np.ndarray) -> np.ndarray:
        """Return the slot of each day that counts in a period, -1 for the others."""
        first = int(self.starts.min())
        slots = np.full(int(self.lasts.max()) - first + 3, -1)
        spans = self.days_frame()
        slots[spans["day"].to_numpy() - first + 1] = spans["slot"].to_numpy()
        return np.asarray(slots[np.clip(days - first + 1, 0, len(slots) - 1)])

    def _year_before_last(self) -> list[int]:
        after = [day + timedelta(days=1) for day in self.last_days]
        return [day_number(_a_year_earlier(day)) for day in after]

    def days_frame(self, *, shift: int = 0, of_year_ago: bool = False) -> pl.DataFrame:
        """Return one row per day that counts: day, and its period as in `frame`.

        `shift`: the day is that many days earlier than the one that lies in the period (a row is
        mature `shift` days after it). `of_year_ago`: the day lies in the same period a year ago.
        """
        spans = self.frame().with_columns(first="period_start", last="period_as_of")
        if of_year_ago:
            with_one = np.flatnonzero(self.year_ago >= 0)
            then = spans[self.year_ago[with_one]]
            spans = spans[with_one].with_columns(first=then["first"], last=then["last"])
        every_day = pl.int_ranges(pl.col("first") - shift, pl.col("last") - shift + 1)
        days = spans.with_columns(day=every_day).explode("day")
        return days.select(pl.col("day").cast(pl.Int32), "slot", "period_start", "period_as_of")


def _last_day(of: Period, last: date, period: Period) -> date:
    """Return the last day that counts of a period beside `period`, whose own is `last`."""
    return of.end if last == period.end else of.day_like(last, period)


def _a_year_earlier(day: date) -> date:
    """Return the same day a year earlier; of 29 February 1 March, so that no day comes twice."""
    if (day.month, day.day) == (2, 29):
        return date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)


def _compared(period: Period) -> set[Period]:
    """Return P and every period whose value stands beside that of P."""
    steps = max(TREND_PERIODS - 1, PERIODS_PER_YEAR[period.cadence])
    compared = {period.back(step) for step in range(steps + 1)}
    year_ago = period.year_ago()
    return compared | ({year_ago} if year_ago else set())


def _reached(periods: set[Period]) -> set[Period]:
    """Return the periods and those that growth and retention look back to from them."""
    years = {p.year_ago() for p in periods} - {None}
    return periods | {p.previous() for p in periods} | {y for y in years if y is not None}


def date_of(number: int) -> date:
    """Return the day of a day number."""
    return EPOCH + timedelta(days=int(number))
