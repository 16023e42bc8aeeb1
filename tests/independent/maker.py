"""The dice behind the random data sets: days on edges, awkward ids, tables that lack columns."""

from __future__ import annotations

import random
from datetime import date, timedelta

from .contract import COLUMNS, OPTIONAL
from .coverage import FIRST_DATE
from .periods import Period, has_week_53, parse
from .tables import DEFAULTS

Rows = list[dict[str, object]]

# 2020-W53 and 2026-W53 lie in the second and the third.
SPANS = [
    (date(2023, 1, 1), date(2025, 12, 31)),
    (date(2019, 1, 1), date(2021, 6, 30)),
    (date(2024, 7, 1), date(2027, 3, 31)),
]
# Ids that a careless reader takes for numbers, nulls or flags, or for each other.
PARTNER_IDS = ["007", "7", "NA", "null", "1e5", "1.0", "1", "01", "a.b-c_d", "True", "X-"]


def span(seed: int) -> tuple[date, date]:
    """Return the first and the last day with rows."""
    return SPANS[seed % len(SPANS)]


def around(day: date, kind: str, year_end: str) -> Period:
    """Return the period of a kind that a day lies in."""
    if kind == "week":
        iso = day.isocalendar()
        return Period("week", iso.year, iso.week, year_end)
    period = Period(kind, day.year + 2, 1, year_end)
    while period.first > day:
        period = period.back(1)
    return period


def call(seed: int) -> dict[str, object]:
    """Return a period to compute from the data of this seed, and what else to say in the call."""
    rng = random.Random(f"call {seed}")
    last = span(seed)[1]
    year_end = rng.choice(["DEC", "DEC", "DEC", "MAR", "JUN", "NOV", "JAN", "FEB", "SEP"])
    day = last - timedelta(days=rng.randrange(60, 420))
    if rng.random() < 0.05:  # before the first row, or after the last
        day = rng.choice([span(seed)[0] - timedelta(days=200), last + timedelta(days=200)])
    kind = rng.choice(["quarter", "quarter", "month", "week", "half", "year"])
    period = around(day, kind, year_end)
    if seed % 7 == 4:
        years = [y for y in range(last.year - 2, last.year + 1) if has_week_53(y)]
        weeks = [Period("week", y, 53, year_end) for y in years]
        period = next((week for week in weeks if week.last <= last), period)
    as_of = None
    if rng.random() < 0.4:
        day = period.first + timedelta(days=rng.randrange(period.days))
        as_of = rng.choice([day, day, day, period.first, period.last])
    if seed % 11 == 5:
        period, as_of = _leap(seed, kind, year_end)
    elif as_of is not None and seed % 3:
        as_of = _awkward_day(seed, period)
    asked = {"period": period.label, "as_of": as_of, "year_end": year_end}
    said = _covered_from(seed, period)
    return asked if said is None else {**asked, "covered_from": said}


def _leap(seed: int, kind: str, year_end: str) -> tuple[Period, date]:
    """Return a period to 29 February, or to the 28th of a year that has none, and that day."""
    year = span(seed)[0].year + 1 + seed // 11 % 2
    day = date(year, 3, 1) - timedelta(days=1)
    return around(day, kind, year_end), day


def _awkward_day(seed: int, period: Period) -> date:
    """Return a day that not every month has, or the last of one."""
    days = [period.first + timedelta(days=step) for step in range(period.days)]
    ends = [day for day in days if day.day >= 29 or (day + timedelta(days=1)).day == 1]
    return random.Random(f"day {seed}").choice(ends or days)


def _covered_from(seed: int, period: Period) -> date | dict[str, date] | None:
    """Return a day that the data cover from, or one for each of some tables."""
    rng = random.Random(f"covered {seed}")
    if rng.random() < 0.75:
        return None

    def day() -> date:
        begins = rng.choice([period.back(rng.randrange(9)), period.year_ago() or period])
        return begins.first + timedelta(days=rng.choice([-900, 0, 6, 7, 40]))

    if rng.random() < 0.5:
        return day()
    return {table: day() for table in rng.sample(sorted(FIRST_DATE), rng.randrange(1, 8))}


class Maker:
    """One data set in the making."""

    def __init__(
        self, seed: int, partners: int, orders: int, *, whole: bool = False, scale: int = 1
    ):
        self.seed = seed
        self.rng = random.Random(seed)
        self.whole = whole  # lacks nothing
        self.scale = scale
        self.first, self.last = span(seed)
        asked = call(seed)
        self.period = parse(str(asked["period"]), str(asked["year_end"]))
        self.order_count = orders
        self.partner_ids = PARTNER_IDS[:partners]
        self.partner_ids += [f"p{n:03d}" for n in range(partners - len(self.partner_ids))]
        self.currencies: list[str | None] = [None]
        if self.maybe(0.5):
            self.currencies = [None, "EUR", "EUR", "GBP", "USD"]
        self.tables: dict[str, Rows] = {}

    def many(self, rows: int) -> int:
        """Return the number of rows of a table other than orders."""
        return rows * self.scale

    def maybe(self, chance: float) -> bool:
        return self.rng.random() < chance

    def one_of(self, *values: object) -> object:
        return self.rng.choice(values)

    def day(self) -> date:
        """Return a day of the span, often the first or the last of some period, or near P."""
        day = self.first + timedelta(days=self.rng.randrange((self.last - self.first).days + 1))
        dice = self.rng.random()
        if dice < 0.25:
            kind = self.rng.choice(["month", "quarter", "week", "year"])
            period = around(day, kind, self.period.year_end)
            day = self.rng.choice([period.first, period.last])
        elif dice < 0.5:
            near = [self.period, self.period.year_ago() or self.period, self.period.back(1)]
            chosen = self.rng.choice(near)
            day = chosen.first + timedelta(days=self.rng.randrange(chosen.days))
        return min(max(day, self.first), self.last)

    def later(self, day: date, most: int, never: float = 0.2) -> date | None:
        """Return a day up to so many days later, or none."""
        return None if self.maybe(never) else day + timedelta(days=self.rng.randrange(most + 1))

    def money(self, most: float = 300) -> float:
        """Return an amount in cents, now and then 0."""
        return 0.0 if self.maybe(0.03) else round(self.rng.uniform(1, most), 2)

    def partner(self, none: float = 0.12) -> str | None:
        """Return a partner's id, or none for direct business."""
        if self.maybe(none):
            return None
        # One of them has few rows, so that what needs a handful of them has not enough.
        if len(self.partner_ids) > 2 and self.maybe(0.85):
            return self.rng.choice([p for p in self.partner_ids if p != self.partner_ids[2]])
        return self.rng.choice(self.partner_ids)

    def a_partner(self) -> str:
        """Return any partner's id."""
        return self.rng.choice(self.partner_ids)

    def cents(self, low: float, high: float) -> float:
        """Return an amount in cents."""
        return round(self.rng.uniform(low, high), 2)

    def flag(self) -> object:
        """Return true, false or null."""
        return self.one_of(True, True, False, None)

    def currency(self) -> str | None:
        return self.rng.choice(self.currencies)

    def put(
        self, table: str, rows: Rows, *, absent: float = 0.12, keep: tuple[str, ...] = ()
    ) -> None:
        """Keep a table, now and then without one of the columns that it may lack."""
        absent = 0 if self.whole else absent
        lacks = {
            column
            for column in COLUMNS[table]
            if ((table, column) in OPTIONAL or (table, column) in DEFAULTS)
            and column not in keep
            # Without partner_id little has a value, so that is rarer.
            and self.maybe(absent / 3 if column == "partner_id" else absent)
        }
        self.tables[table] = [{c: v for c, v in row.items() if c not in lacks} for row in rows]
