"""What time the data cover: as a whole, table by table, and so KPI by KPI.

What is not known is not 0. A table is covered from its first day on: the settings' `covered_from`,
or else the earliest day in it. A period is covered for a KPI where all of its tables are, from one
of the period's first days on; 6 days' grace are for weekends and holidays, which have no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset, of_unchanged_data
from kpi_lib.data.schema import Role
from kpi_lib.engine.calendar import Calendar
from kpi_lib.errors import CallError
from kpi_lib.periods import FIRST_YEAR, Period, last_whole, today
from kpi_lib.settings import ALL_TABLES

GRACE_DAYS = 6
LEADING: tuple[Role, ...] = ("orders", "business", "partners")  # the first that there is
NO_ROWS = "a 0 in it is a want of rows"
ALWAYS, NEVER = date.min, date.max  # covered from: what needs no date; what has no row


@dataclass(frozen=True)
class Coverage:
    """The first and last day on which anything of the business happened; None without any rows.

    Days after today are no last day. `since`: by table, from which day on it is covered; NEVER of
    one without a row. Tables without a date are not in it.
    """

    first_day: date | None
    last_day: date | None
    since: Mapping[str, date] = field(default_factory=dict)
    ends: date | None = None

    @property
    def begins(self) -> date | None:
        """The day from which on any table of the business is covered."""
        days = (day for table, day in self.since.items() if _is_business(table))
        return min((day for day in days if day != NEVER), default=None)

    def since_when(self, tables: Iterable[str]) -> date:
        """Return the day from which all of the tables are covered; ALWAYS where none is dated."""
        return max((self.since[t] for t in tables if t in self.since), default=ALWAYS)


def covers(since: date, period: Period) -> bool:
    """Say whether a period is covered by what is covered from a day on."""
    return (since - period.start).days <= GRACE_DAYS


@of_unchanged_data
def coverage_of(dataset: Dataset, covered_from: Mapping[str, date]) -> Coverage:
    """Return what time the tables cover; of the business, the orders where there are any.

    The business is else all dated tables but the partners, and these where there are no others.
    `covered_from`: the first day of a table, or of all of them, as the settings have it.
    """
    spans = _spans(dataset)
    since = {
        name: covered_from.get(name) or covered_from.get(ALL_TABLES) or first or NEVER
        for name, (first, _) in spans.items()
    }
    all_lasts = [last for name, (_, last) in spans.items() if last and _is_business(name)]
    tables = _leading([name for name in spans if TABLES[name].main_date])
    lasts = [day for name in tables if (day := spans[name][1]) is not None]
    firsts = [since[name] for name in tables if since[name] != NEVER]
    return Coverage(
        min(firsts, default=None), max(lasts, default=None), since, max(all_lasts, default=None)
    )


def _is_business(table: str) -> bool:
    return TABLES[table].role in ("orders", "business")


def _leading(dated: list[str]) -> list[str]:
    """Return those of the dated tables that say what time the business covers."""
    by_role = ([n for n in dated if TABLES[n].role == role] for role in LEADING)
    return next((tables for tables in by_role if tables), [])


def default_period(coverage: Coverage, year_end: str) -> Period:
    """Return the last whole quarter that has ended, by the data and by today."""
    last = coverage.last_day
    period = None if last is None else last_whole("quarter", last, year_end)
    if period is None or period.year < FIRST_YEAR:
        raise CallError.at(
            "period",
            "the data hold no row dated up to today to tell the last quarter from",
            "Give --period.",
        )
    return period


def has_cost(dataset: Dataset, as_of: date) -> bool:
    """Say whether any order up to that day has a cost."""
    orders = dataset.tables.get("orders")
    if orders is None or not {"cost", "ordered_on"} <= set(orders.collect_schema().names()):
        return False
    known = (pl.col("ordered_on") <= as_of) & pl.col("cost").is_not_null()
    return bool(orders.select(known.any()).collect(engine="streaming").item())


def require_something(period: Period, dataset: Dataset, coverage: Coverage) -> None:
    """Raise CallError where a period ends before any partner joins and the data begin."""
    joined = dataset.tables["partners"].select(pl.col("joined_on").min()).collect().item()
    if joined is not None and joined <= period.end:
        return
    first = coverage.first_day
    if first is not None and first <= period.end:
        return
    begins = f"the first partner joined on {joined}, the data begin on {first}"
    found = f"nothing is known of {period}: {begins}"
    raise CallError.at("period", found, "Name a later one with --period.")


def beyond_the_data(calendar: Calendar, coverage: Coverage) -> list[str]:
    """Return a warning where P is wholly or partly a time of which the data cannot know.

    Its sums and counts are 0 all the same, and nobody should take them for figures.
    """
    period, first, last = calendar.period, coverage.begins, coverage.ends
    warnings = []
    if period.start > today():
        warnings.append(f"{period} begins on {period.start}, after today; {NO_ROWS}")
    elif calendar.as_of > today():
        todo = f"--as-of {today()} makes a figure to date of it"
        warnings.append(f"{period} lasts until {calendar.as_of}, which is after today; {todo}")
    if first is not None and calendar.as_of < first:
        warnings.append(f"{period} lies before the data, which begin on {first}; {NO_ROWS}")
    elif last is not None and last < period.start <= today():
        warnings.append(f"{period} lies after the data, which end on {last}; {NO_ROWS}")
    return [f"warning: period: {line}" for line in warnings]


def _spans(dataset: Dataset) -> dict[str, tuple[date | None, date | None]]:
    """Return by dated table its first day, and its last that is not after today."""
    there = {
        name: frame.select(day=pl.col(day).cast(pl.Date))
        for name, frame in dataset.tables.items()
        if (day := TABLES[name].day) is not None and day in frame.collect_schema()
    }
    past = pl.col("day") <= today()
    ends = [
        frame.select(first=pl.col("day").min(), last=pl.col("day").filter(past).max())
        for frame in there.values()
    ]
    found = pl.collect_all(ends, engine="streaming")
    return {name: frame.row(0) for name, frame in zip(there, found, strict=True)}
