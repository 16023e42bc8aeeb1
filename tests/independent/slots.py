"""A period with its as_of, the rows that exist then, and the rows of a scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from .contract import COLUMNS, OPTIONAL
from .periods import MONTHS_IN, Period, parse
from .tables import Data, Row

ATTRIBUTES = ("partner_type", "tier", "segment", "region", "branch", "manager")
TINY = Fraction(1, 10**9)

# The first date column of each table that may not be null; deliveries and milestones have none.
MAIN_DATE = {
    "customers": "acquired_on",
    "orders": "ordered_on",
    "invoices": "issued_on",
    "payments": "received_on",
    "credit_limits": "valid_from",
    "leads": "created_on",
    "deals": "opened_on",
    "touchpoints": "occurred_at",
    "surveys": "responded_on",
    "engagements": "occurred_on",
    "programs": "offered_on",
    "training": "enrolled_on",
    "costs": "incurred_on",
    "savings": "realised_on",
    "solutions": "concept_on",
    "resources": "booked_on",
    "market_sizes": "starts_on",
    "compliance_checks": "checked_on",
    "incidents": "occurred_on",
    "objectives": "starts_on",
    "partner_reported": "reported_on",
    "observations": "observed_on",
}
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
        if self.denominator is None:
            return self.numerator - self.minus
        return self.numerator / self.denominator - self.minus


def total(value: Fraction | int, n: int | None) -> Outcome:
    """Return a value without a denominator."""
    return Outcome(Fraction(value), None, n)


def ratio(
    numerator: Fraction | int, denominator: Fraction | int, n: int | None, *, counts: bool = False
) -> Outcome:
    """Return a value with a denominator, which must not be 0."""
    if abs(denominator) < TINY:
        raise MissingValue("the denominator is 0")
    return Outcome(Fraction(numerator), Fraction(denominator), n, counts=counts)


def on_base(
    numerator: Fraction, base: Fraction, n: int | None, *, minus: int = 0, counts: bool = False
) -> Outcome:
    """Return a growth or a retention, whose base must be above 0."""
    if base < TINY:
        raise MissingValue("there is nothing a year or a period ago to compare with")
    return Outcome(Fraction(numerator), Fraction(base), n, minus, counts)


def day_of(value: object) -> date:
    """Return the day of a date or a timestamp."""
    return value.date() if isinstance(value, datetime) else value


class Run:
    """The data, the settings, and the period that was asked for."""

    def __init__(
        self,
        data: Data,
        period: str,
        as_of: date | None = None,
        year_end: str = "DEC",
        maturity_days: int = 90,
        half_life_days: float = 30,
        weights: dict[str, float] | None = None,
    ):
        self.data = data
        self.period = parse(period, year_end)
        self.days_so_far: int | None = None
        if as_of is not None and as_of != self.period.last:
            if not self.period.first <= as_of < self.period.last:
                raise ValueError(f"{as_of} is not a day of {period}")
            self.days_so_far = (as_of - self.period.first).days + 1
        self.maturity_days = maturity_days
        self.half_life_days = half_life_days
        self.weights = weights or {}
        self.partners = {row["partner_id"]: row for row in data.rows["partners"]}
        self._slots: dict[Period, Slot] = {}

    def slot(self, period: Period) -> Slot:
        if period not in self._slots:
            self._slots[period] = Slot(self, period)
        return self._slots[period]


class Slot:
    """One period, whole or to date, and what was known on its last day that counts."""

    def __init__(self, run: Run, period: Period):
        self.run = run
        self.period = period
        self.first = period.first
        self.as_of = period.last
        if run.days_so_far is not None:
            self.as_of = min(period.last, period.first + timedelta(days=run.days_so_far - 1))
        self._existing: dict[str, list[Row]] = {}
        self._scoped: dict[tuple[str, Scope], list[Row]] = {}

    @property
    def to_date(self) -> bool:
        """To date belongs to the run, also where this period was over by then."""
        return self.run.days_so_far is not None

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

    def need(self, table: str, *columns: str) -> None:
        """Raise where the table or one of its columns is not there."""
        if table not in self.run.data.rows:
            raise MissingValue(f"there is no table {table}")
        for column in columns:
            if not self.run.data.has(table, column):
                raise MissingValue(f"there is no column {table}.{column}")

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
        if not later:
            return row
        known = {**row, **dict.fromkeys(later)}
        if table == "deals" and "closed_on" in later:
            known["outcome"] = "open"
        return known

    def rows(self, table: str, scope: Scope, *columns: str) -> list[Row]:
        """Return the scope's rows that exist, or raise where they cannot be told."""
        self.need(table, *columns)
        if scope.kind == "company":
            return self.existing(table)
        if "partner_id" not in COLUMNS[table]:
            raise MissingValue(f"{table} has no partner_id")
        if "partner_id" not in self.run.data.columns[table]:
            raise MissingValue(f"there is no column {table}.partner_id")
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
