"""The company's calendar: three years of days, counted from the first; 36 months, 12 quarters."""

from __future__ import annotations

import numpy as np
import polars as pl

FIRST_DAY = np.datetime64("2023-10-01")
FIRST_MONTH = FIRST_DAY.astype("datetime64[M]")
MONTHS, QUARTERS = 36, 12
STARTS = (np.arange(MONTHS + 1) + FIRST_MONTH).astype("datetime64[D]") - FIRST_DAY
STARTS = STARTS.astype(np.int64)
DAYS = int(STARTS[MONTHS])  # the first day after the last one that is made
MONTH_OF_YEAR = (np.arange(MONTHS) + 9) % 12  # 0: January; the first month is October
NEVER = 10**6


def day_of(text: str) -> int:
    """Return a date as a day of the calendar; before its first one it is negative.

    >>> day_of("2023-10-31"), day_of("2023-09-30")
    (30, -1)
    """
    return int((np.datetime64(text) - FIRST_DAY).astype(np.int64))


def month_of(text: str) -> int:
    """Return a month as its place in the calendar.

    >>> month_of("2023-10"), month_of("2026-09")
    (0, 35)
    """
    return int((np.datetime64(text, "M") - FIRST_MONTH).astype(np.int64))


def months_of(days: np.ndarray) -> np.ndarray:
    """Return the month of each day; of a day outside the calendar its first or last one."""
    return np.clip(np.searchsorted(STARTS, days, side="right") - 1, 0, MONTHS - 1)


def quarter_name(quarter: int) -> str:
    """Return the name of a quarter of the calendar.

    >>> quarter_name(0), quarter_name(11)
    ('2023-Q4', '2026-Q3')
    """
    years, number = divmod(quarter + 3, 4)
    return f"{2023 + years}-Q{number + 1}"


def plans(days: np.ndarray) -> pl.Series:
    """Return days as dates, whether they have come or not."""
    return pl.Series(FIRST_DAY + days.astype("timedelta64[D]")).cast(pl.Date)


def events(days: np.ndarray) -> pl.Series:
    """Return days as dates, null where they lie after the calendar: nobody knows of them yet."""
    known = pl.Series(days < DAYS)
    dates = plans(np.where(days < DAYS, days, 0))
    return pl.select(pl.when(known).then(dates)).to_series()
