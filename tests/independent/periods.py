"""The periods of a company's calendar: years, halves, quarters, months, ISO weeks."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
IN_A_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12, "week": 52}
PATTERNS = {
    "year": r"(\d{4})",
    "half": r"(\d{4})-H([12])",
    "quarter": r"(\d{4})-Q([1-4])",
    "month": r"(\d{4})-(\d{2})",
    "week": r"(\d{4})-W(\d{2})",
}


def first_of_month(index: int) -> date:
    """Return the first day of the month that many months after January of year 0."""
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Period:
    """One period, from its first to its last day."""

    kind: str
    year: int
    number: int
    year_end: str

    @property
    def label(self) -> str:
        return {
            "year": f"{self.year}",
            "half": f"{self.year}-H{self.number}",
            "quarter": f"{self.year}-Q{self.number}",
            "month": f"{self.year}-{self.number:02d}",
            "week": f"{self.year}-W{self.number:02d}",
        }[self.kind]

    def _start_month(self) -> int:
        if self.kind == "month":
            return self.year * 12 + self.number - 1
        # The company's year Y is the twelve months that end with its last month in calendar year Y.
        last_month = self.year * 12 + MONTHS.index(self.year_end)
        return last_month - 11 + (self.number - 1) * MONTHS_IN[self.kind]

    @property
    def first(self) -> date:
        if self.kind == "week":
            return date.fromisocalendar(self.year, self.number, 1)
        return first_of_month(self._start_month())

    @property
    def last(self) -> date:
        if self.kind == "week":
            return date.fromisocalendar(self.year, self.number, 7)
        return first_of_month(self._start_month() + MONTHS_IN[self.kind]) - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def back(self, steps: int) -> Period:
        """Return the period that many periods before."""
        if self.kind == "week":
            iso = (self.first - timedelta(days=7 * steps)).isocalendar()
            return Period("week", iso.year, iso.week, self.year_end)
        each_year = IN_A_YEAR[self.kind]
        count = self.year * each_year + self.number - 1 - steps
        return Period(self.kind, count // each_year, count % each_year + 1, self.year_end)

    def year_ago(self) -> Period | None:
        """Return the same period of the year before; a week 53 often has none."""
        if self.kind == "week" and self.number == 53 and not has_week_53(self.year - 1):
            return None
        return Period(self.kind, self.year - 1, self.number, self.year_end)


def has_week_53(year: int) -> bool:
    """Whether the ISO year has 53 weeks: its last Thursday is in week 53."""
    return date(year, 12, 28).isocalendar().week == 53


def corresponding(day: date, period: Period, other: Period) -> date:
    """Return the day of another period that a day of this one is held against.

    As many whole months after the first, on the same day of the month, or on its last where it has
    none; in a week as many days after.
    """
    if period.kind == "week":
        return other.first + (day - period.first)
    months = (day.year - period.first.year) * 12 + day.month - period.first.month
    month = first_of_month(other.first.year * 12 + other.first.month - 1 + months)
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=min(day.day, last))


def parse(text: str, year_end: str = "DEC") -> Period:
    """Read 2026, 2026-H1, 2026-Q3, 2026-09 or 2026-W37."""
    for kind, pattern in PATTERNS.items():
        found = re.fullmatch(pattern, text)
        if not found:
            continue
        number = int(found.group(2)) if kind != "year" else 1
        year = int(found.group(1))
        if kind == "month" and not 1 <= number <= 12:
            break
        if kind == "week" and not 1 <= number <= (53 if has_week_53(year) else 52):
            break
        return Period(kind, year, number, year_end)
    raise ValueError(f"not a period: {text}")
