"""A period with its as_of, the rows that exist then, and the rows of a scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from .contract import COLUMNS, MAIN_DATE, OPTIONAL
from .coverage import Coverage
from .periods import MONTHS_IN, Period, corresponding, parse
from .tables import Data, Row, day_of

ATTRIBUTES = ("partner_type", "tier", "segment", "region", "branch", "manager")
TINY = Fraction(1, 10**9)

EVENTS = {
    "partners": ("left_on",),
    "deliveries": ("delivered_on",),
    "invoices": ("paid_on",),
    "leads": ("qualified_on", "opportunity_on", "converted_on"),
    "deals": ("registered_on", "closed_on"),
    "programs": ("joined_on",),
    "training": ("completed_on", "certified_on"),
    "solutions": ("launched_on",),
    "milestones": ("completed_on",),
    "incidents": ("resolved_on",),
}


class MissingValue(Exception):
    """There is no value, and this says why."""


@dataclass(frozen=True)
class Scope:
    """Whose rows: a partner's, a type's, the portfolio's, direct business, the company's."""

    kind: str
    entity: str


COMPANY = Scope("company", "company")
DIRECT = Scope("direct", "direct")
PORTFOLIO = Scope("portfolio", "portfolio")


@dataclass(frozen=True)
class Outcome:
    """A formula's figures. `counts`: the numerator counts rows of the denominator."""

    numerator: Fraction
    denominator: Fraction | None = None
    n: int | None = None
    minus: int = 0
    counts: bool = False
    spread: tuple[float, float] | None = None  # low and high, where the formula has its own

    @property
    def value(self) -> Fraction:
        if self.denominator is None or self.numerator == 0:  # 0 of anything is 0
            return self.numerator - self.minus
        return self.numerator / self.denominator - self.minus


def total(value: Fraction | int, n: int | None) -> Outcome:
    """Return a value without a denominator."""
    return Outcome(Fraction(value), None, n)


def ratio(
    numerator: Fraction | int, denominator: Fraction | int, n: int | None, *, counts: bool = False
) -> Outcome:
    """Return a value with a denominator, which must be above 0."""
    if denominator < TINY:
        raise MissingValue("the denominator is not above 0")
    return Outcome(Fraction(numerator), Fraction(denominator), n, counts=counts)


def on_base(
    numerator: Fraction, base: Fraction, n: int | None, *, minus: int = 0, counts: bool = False
) -> Outcome:
    """Return a growth or a retention, whose base must be above 0."""
    if base < TINY:
        raise MissingValue("there is nothing a year or a period ago to compare with")
    return Outcome(Fraction(numerator), Fraction(base), n, minus, counts)


@dataclass(frozen=True)
class Asked:
    """What is asked for, and the settings that decide it."""

    period: str
    as_of: date | None = None
    year_end: str = "DEC"
    reporting_currency: str = "EUR"
    maturity_days: int = 90
    half_life_days: float = 30
    weights: Mapping[str, float] = field(default_factory=dict)
    covered_from: date | Mapping[str, date] | None = None
    targets: Sequence[Mapping[str, object]] = ()


class Run:
    """The data, and the period that was asked for."""

    def __init__(self, data: Data, asked: Asked):
        self.data = data
        self.asked = asked
        self.period = parse(asked.period, asked.year_end)
        self.to_date: date | None = None  # the day that every period of the run is cut at
        if asked.as_of is not None and asked.as_of != self.period.last:
            if not self.period.first <= asked.as_of < self.period.last:
                raise ValueError(f"{asked.as_of} is not a day of {asked.period}")
            self.to_date = asked.as_of
        self.coverage = Coverage(data, asked.covered_from)
        self.partners = {row["partner_id"]: row for row in data.rows["partners"]}
        self._slots: dict[Period, Slot] = {}

    def slot(self, period: Period) -> Slot:
        if period not in self._slots:
            self._slots[period] = Slot(self, period)
        return self._slots[period]

    def cut(self, period: Period) -> date:
        """Return the last day of a period that counts."""
        if self.to_date is None:
            return period.last
        return corresponding(self.to_date, self.period, period)

    def covers(self, tables: Iterable[str], period: Period) -> bool:
        """Whether a period counts beside P, for what is made of these tables; P itself always."""
        return period == self.period or self.coverage.covers(tables, period)


class Slot:
    """One period, whole or to date, and what was known on its last day that counts."""

    def __init__(self, run: Run, period: Period):
        self.run = run
        self.period = period
        self.first = period.first
        self.as_of = run.cut(period)
        self._existing: dict[str, list[Row]] = {}
        self._scoped: dict[tuple[str, Scope], list[Row]] = {}

    @property
    def to_date(self) -> bool:
        """To date belongs to the run, also where this period was over by then."""
        return self.run.to_date is not None

    @property
    def days(self) -> int:
        return (self.as_of - self.first).days + 1

    @property
    def months(self) -> Fraction:
        """Return the months in P; of a week or a run to date its days in months of 30.4375."""
        if self.period.kind == "week" or self.to_date:
            return Fraction(self.days) / Fraction("30.4375")
        return Fraction(MONTHS_IN[self.period.kind])

    def covers(self, day: object) -> bool:
        """Whether a date lies in P and is not after as_of."""
        return day is not None and self.first <= day <= self.as_of

    def previous(self) -> Slot:
        return self.run.slot(self.period.back(1))

    def year_ago(self) -> Slot:
        period = self.period.year_ago()
        if period is None:
            raise MissingValue("the year before has no week 53")
        return self.run.slot(period)

    def as_base(self, *tables: str) -> Slot:
        """Return this period to compare another with, or raise where the tables begin later."""
        if not self.run.coverage.covers(tables, self.period):
            raise MissingValue(f"not covered: {self.period.label}")
        return self

    def need(self, columns: Iterable[str]) -> None:
        """Raise where one of the columns, or its table, is not there."""
        for name in columns:
            table, _, column = name.partition(".")
            if table not in self.run.data.rows:
                raise MissingValue(f"there is no table {table}")
            if not self.run.data.has(table, column):
                raise MissingValue(f"there is no column {name}")

    def existing(self, table: str) -> list[Row]:
        """Return the rows that exist on as_of, with what happens later taken back."""
        if table not in self._existing:
            self._existing[table] = [
                self._as_known(table, row)
                for row in self.run.data.rows[table]
                if table not in MAIN_DATE or day_of(row[MAIN_DATE[table]]) <= self.as_of
            ]
        return self._existing[table]

    def _as_known(self, table: str, row: Row) -> Row:
        later = [c for c in EVENTS.get(table, ()) if row[c] is not None and row[c] > self.as_of]
        known = {**row, **dict.fromkeys(later)} if later else row
        if table == "deals" and ("closed_on" in later or row["outcome"] == "open"):
            # What an open deal has there is a plan.
            known = {**known, "outcome": "open", "closed_on": None}
        return known

    def rows(self, table: str, scope: Scope) -> list[Row]:
        """Return the scope's rows that exist, or raise where they cannot be known."""
        if scope.kind == "company":
            return self.existing(table)
        if "partner_id" not in COLUMNS[table]:
            raise MissingValue(f"{table} has no partner_id")
        self.need([f"{table}.partner_id"])
        never_null = (table, "partner_id") not in OPTIONAL
        if scope.kind == "direct" and never_null:
            raise MissingValue(f"{table} has no direct rows")
        key = (table, scope)
        if key not in self._scoped:
            self._scoped[key] = [
                row for row in self.existing(table) if self.belongs(row["partner_id"], scope)
            ]
        return self._scoped[key]

    def belongs(self, partner_id: object, scope: Scope) -> bool:
        """Whether a row of that partner is one of the scope's."""
        if scope.kind == "company":
            return True
        if scope.kind == "direct":
            return partner_id is None
        if partner_id is None:
            return False
        if scope.kind == "portfolio":
            return True
        if scope.kind == "partner":
            return partner_id == scope.entity
        # Also of a partner that joins only later: membership never filters a row.
        return self.run.partners[partner_id][scope.kind] == scope.entity

    def joined(self) -> list[Row]:
        """Return the partners joined on or before as_of, as they were known then."""
        return [row for row in self.existing("partners") if row["joined_on"] <= self.as_of]


def active_in(slot: Slot, partner: Row) -> bool:
    """Whether a partner was active at some time in P."""
    left = partner["left_on"]
    return partner["joined_on"] <= slot.as_of and (left is None or left >= slot.first)
