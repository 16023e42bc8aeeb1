"""From which day on a table says what happened: what is not known is not 0."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from .contract import MAIN_DATE
from .periods import Period
from .tables import Data, day_of

GRACE = timedelta(days=6)
# Tables without a date of their own cover every period; so does nothing that is made of them.
FIRST_DATE = {
    **MAIN_DATE,
    "partners": "joined_on",
    "deliveries": "promised_on",
    "milestones": "due_on",
}


class Coverage:
    """The first day of each table: the settings' word, else its earliest date, later rows too."""

    def __init__(self, data: Data, covered_from: date | Mapping[str, date] | None = None):
        said = covered_from or {}
        if not isinstance(said, Mapping):
            said = dict.fromkeys(FIRST_DATE, said)
        self._said = said
        self._data = data
        self._first: dict[str, date | None] = {}

    def first_day(self, table: str) -> date | None:
        """Return the day that the table covers from; none covers nothing."""
        if table in self._said:
            return self._said[table]
        if table not in self._first:
            days = [row[FIRST_DATE[table]] for row in self._data.rows.get(table, [])]
            self._first[table] = min((day_of(day) for day in days if day is not None), default=None)
        return self._first[table]

    def _has_a_date(self, table: str) -> bool:
        column = FIRST_DATE.get(table)
        there = table in self._said or column in self._data.columns.get(table, {column})
        return column is not None and there

    def covers(self, tables: Iterable[str], period: Period) -> bool:
        """Whether all of the tables that have such a date begin in time for the period."""
        firsts = [self.first_day(table) for table in tables if self._has_a_date(table)]
        return all(first is not None and first <= period.first + GRACE for first in firsts)
