"""Reporting periods: years, halves, quarters, months and ISO weeks of a company's own year.

A period is written 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-W37. Years, halves and quarters follow
the company's year end, named as pandas names them: with a year that ends in March, 2026-Q1 is April
to June 2025. Months and weeks are those of the calendar.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import total_ordering

from kpi_lib.errors import CallError

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
CADENCES = ("week", "month", "quarter", "half", "year")
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
LONGEST_MONTH = 31  # days
FIRST_YEAR, LAST_YEAR = 1900, 9000
DAYS_PER_MONTH = 30.4375  # a year of 365.25 days in twelve parts
PERIODS_PER_YEAR = {"week": 52, "month": 12, "quarter": 4, "half": 2, "year": 1}

_FORMS = {
    "year": re.compile(r"(\d{4})"),
    "half": re.compile(r"(\d{4})-H([12])"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
}
_MARKS = {"year": "", "half": "-H", "quarter": "-Q", "month": "-", "week": "-W"}


@total_ordering
@dataclass(frozen=True)
class Period:
    """A span of whole days; `number` counts it within its year from 1.

    >>> q1 = Period.parse("2026-Q1", year_end="MAR")
    >>> q1.start.isoformat(), q1.end.isoformat()
    ('2025-04-01', '2025-06-30')
    >>> str(q1.previous()), str(q1.year_ago())
    ('2025-Q4', '2025-Q1')
    """

    cadence: str
    year: int
    number: int
    year_end: str = "DEC"

    @classmethod
    def parse(cls, text: str, year_end: str = "DEC") -> Period:
        """Return the period that `text` names; raise CallError with the forms there are."""
        for cadence, form in _FORMS.items():
            found = form.fullmatch(str(text))
            if found:
                year, number = int(found[1]), int(found[2]) if cadence != "year" else 1
                weeks = _weeks_in(year) if FIRST_YEAR <= year <= LAST_YEAR else 0
                if weeks and (cadence != "week" or 1 <= number <= weeks):
                    return cls(cadence, year, number, year_end)
        raise CallError.at(
            "period",
            f"{text!r} is not a period",
            "Write a year 2026, half 2026-H1, quarter 2026-Q3, month 2026-09 or week 2026-W37.",
        )

    @classmethod
    def containing(cls, day: date, cadence: str, year_end: str = "DEC") -> Period:
        """Return the period of that cadence in which `day` lies."""
        if cadence == "week":
            year, week, _ = day.isocalendar()
            return cls(cadence, year, week, year_end)
        if cadence == "month":
            return cls(cadence, day.year, day.month, year_end)
        months_after_year_end = (day.month - 1 - (MONTH_NAMES.index(year_end) + 1)) % 12
        year = day.year + (day.month > MONTH_NAMES.index(year_end) + 1)
        return cls(cadence, year, months_after_year_end // MONTHS[cadence] + 1, year_end)

    @property
    def start(self) -> date:
        """The first day."""
        if self.cadence == "week":
            return date.fromisocalendar(self.year, self.number, 1)
        return _first_of_month(self._first_month())

    @property
    def end(self) -> date:
        """The last day, which still belongs to the period."""
        if self.cadence == "week":
            return self.start + timedelta(days=6)
        last_month = self._first_month() + MONTHS[self.cadence] - 1
        return _day_of_month(last_month, LONGEST_MONTH)

    @property
    def days(self) -> int:
        """The number of days from the first to the last, both included."""
        return (self.end - self.start).days + 1

    def next(self) -> Period:
        """Return the period that begins on the day after this one's end."""
        return self._shifted(1)

    def previous(self) -> Period:
        """Return the period that ends on the day before this one's start."""
        return self._shifted(-1)

    def back(self, steps: int) -> Period:
        """Return the period that lies `steps` periods before this one."""
        period = self
        for _ in range(steps):
            period = period.previous()
        return period

    def year_ago(self) -> Period | None:
        """Return the same period of the year before; None for a week 53 that it does not have."""
        if self.cadence == "week" and self.number > _weeks_in(self.year - 1):
            return None
        return Period(self.cadence, self.year - 1, self.number, self.year_end)

    def cut(self, as_of: date | None) -> date:
        """Return the last day that counts, `as_of` or the period's end; refuse a day outside."""
        if as_of is None:
            return self.end
        if not self.start <= as_of <= self.end:
            raise CallError.at(
                "as of",
                f"{as_of} does not lie in {self} ({self.start} to {self.end})",
                "Give a day of the period, or leave it out for the whole period.",
            )
        return as_of

    def day_like(self, day: date, of: Period) -> date:
        """Return the day of this period that corresponds to a day of another of the same length.

        As many whole months after the first one, on the same day of the month, or on that month's
        last where it has no such day; of a week, after as many days.

        >>> Period.parse("2023").day_like(date(2024, 2, 29), of=Period.parse("2024"))
        datetime.date(2023, 2, 28)
        """
        if self.cadence == "week":
            return self.start + (day - of.start)
        months = day.year * 12 + day.month - 1 - of._first_month()
        return _day_of_month(self._first_month() + months, day.day)

    def __str__(self) -> str:
        if self.cadence == "year":
            return f"{self.year:04d}"
        number = f"{self.number:02d}" if self.cadence in ("month", "week") else str(self.number)
        return f"{self.year:04d}{_MARKS[self.cadence]}{number}"

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def _first_month(self) -> int:
        """Months since year 0 of the first month."""
        if self.cadence == "month":
            return self.year * 12 + self.number - 1
        first_of_year = (self.year - 1) * 12 + MONTH_NAMES.index(self.year_end) + 1
        return first_of_year + (self.number - 1) * MONTHS[self.cadence]

    def _shifted(self, step: int) -> Period:
        """Return the period so many steps later; earlier where `step` is below 0."""
        if self.cadence == "week":
            return Period.containing(self.start + timedelta(days=7 * step), "week", self.year_end)
        per_year = PERIODS_PER_YEAR[self.cadence]
        index = self.year * per_year + self.number - 1 + step
        return Period(self.cadence, index // per_year, index % per_year + 1, self.year_end)


def today() -> date:
    """Return the day it is here: what is dated later has not happened yet."""
    return datetime.now().astimezone().date()


def last_whole(cadence: str, last_day: date, year_end: str = "DEC") -> Period:
    """Return the last period of that cadence that has ended by `last_day`."""
    period = Period.containing(last_day, cadence, year_end)
    return period if period.end <= last_day else period.previous()


def is_at_least(cadence: str, least: str) -> bool:
    """Say whether one cadence is as long as another, or longer: a quarter is at least a month."""
    return CADENCES.index(cadence) >= CADENCES.index(least)


def at_least_as_long(period: Period, cadence: str) -> bool:
    """Say whether a measure that is worth a look every `cadence` is worth one in this period."""
    return is_at_least(period.cadence, cadence)


def _weeks_in(year: int) -> int:
    return date(year, 12, 28).isocalendar().week


def _first_of_month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _day_of_month(index: int, day: int) -> date:
    """Return a day of a month, or the month's last where it has fewer."""
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
