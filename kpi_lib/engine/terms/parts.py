"""Parts: what is counted of a table's rows, for all partners at once.

A PART is a table, a condition and a named reduction. Parts of the same rows are counted together in
one scan. Those that add up are summed from partners to roll-ups; groups and medians never are: they
are told again in each scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kpi_lib.engine.fields import Field, field
from kpi_lib.engine.lookup import Lookup
from kpi_lib.engine.terms.base import Lag, Term, joined

YEAR_AGO = "_year_ago"  # what a grouped column is called as it stood in the same period a year ago

View = Literal["in period", "so far", "mature", "year ago", "trailing year", "ever"]


@dataclass(frozen=True)
class Rows:
    """The rows of one table that belong to a period.

    `view`: "in period", the rows whose date `when` lies in it; "so far", all up to its last day
    that counts; "mature", those that have had `maturity_days` since `when` and reached them in the
    period; "year ago", those whose date lay in the same period a year ago; "trailing year", in the
    12 months that end on the last day that counts; "ever", all rows once, whatever the period.
    `named`: nothing is told, of the company neither, where the rows do not say whose they are.
    """

    table: str
    view: View
    when: str | None = None
    condition: Field | None = None
    lookups: tuple[Lookup, ...] = ()
    computed: tuple[tuple[str, Field], ...] = ()
    partner: str = "partner_id"  # the column that says whose row it is
    named: bool = False

    def where(self, condition: Field) -> Rows:
        """Keep the rows for which the condition holds."""
        both = condition if self.condition is None else self.condition & condition
        return replace(self, condition=both)

    def beside(
        self,
        table: str,
        on: str,
        *columns: str,
        optional: bool = False,
        key: str = "",
        only: Field | None = None,
    ) -> Rows:
        """Lay columns of another table beside each row: TABLE_COLUMN, found by its key."""
        lookup = Lookup(table, on, columns, key or on, optional=optional, only=only)
        return replace(self, lookups=(*self.lookups, lookup))

    def within(self, table: str, on: str, day: str, *columns: str) -> Rows:
        """Lay columns of another table beside each row: of the span in which its day lies."""
        lookup = Lookup(table, on, columns, on, "in span", within=day)
        return replace(self, lookups=(*self.lookups, lookup))

    def earliest(self, table: str, on: str, day: str) -> Rows:
        """Lay the earliest day of a partner's rows of another table beside: TABLE_earliest."""
        lookup = Lookup(table, on, (day,), on, "earliest")
        return replace(self, lookups=(*self.lookups, lookup))

    def sum_so_far(self, table: str, on: str, column: str) -> Rows:
        """Lay the sum of a column of another table beside each row, TABLE_COLUMN: of rows by then.

        Null where there are none; where there is no such table, there are none anywhere.
        """
        lookup = Lookup(table, on, (column,), on, "sum so far", optional=True)
        return replace(self, lookups=(*self.lookups, lookup))

    def with_column(self, name: str, value: Field) -> Rows:
        """Lay a computed column beside each row."""
        return replace(self, computed=(*self.computed, (name, value)))

    def owned_by(self, column: str) -> Rows:
        """Let another column say whose row it is."""
        return replace(self, partner=column)

    def naming_partners(self) -> Rows:
        """Tell nothing, of the company neither, where the rows do not say whose they are."""
        return replace(self, named=True)

    def sum(self, of: str | Field) -> Part:
        """Add up a column or an expression; nulls add nothing."""
        return Part(self, "sum", field(of) if isinstance(of, str) else of)

    def count(self) -> Part:
        """Count the rows."""
        return Part(self, "count")

    def median(self, of: Field) -> Median:
        """Return the median of an expression."""
        return Median(self, of)

    def by(self, *keys: str, **sums: Part) -> Groups:
        """Group the rows of a scope and period by columns; each sum is a column of the group.

        Rows in which a key is null are in no group.
        """
        return Groups(self, keys, sums)

    def distinct(self, *keys: str) -> GroupPart:
        """Count the distinct values (or combinations of values) of columns; null is none."""
        return self.by(*keys, rows=self.count()).count(field("rows") > 0)

    def needs(self, columns: frozenset[str]) -> dict[str, frozenset[str]]:
        """Return the columns that these rows and `columns` of them read, by table.

        Those of tables that may be missing, `optional_tables`, are among them.
        """
        read = set(columns) | {name for name in (self.when, self.partner) if name}
        read |= self.condition.columns if self.condition is not None else set()
        for name, value in reversed(self.computed):
            read = (read - {name}) | value.columns
        needed: dict[str, frozenset[str]] = {}
        for lookup in reversed(self.lookups):
            asked = read & set(lookup.names)
            read = (read - asked) | lookup.reads
            named = {lookup.key, *(lookup.names[name] for name in asked)} - {"partner_id"}
            needed[lookup.table] = needed.get(lookup.table, frozenset()) | named
        return {**needed, self.table: needed.get(self.table, frozenset()) | read - {"partner_id"}}

    @property
    def optional_tables(self) -> frozenset[str]:
        """The tables that may be missing: it is as if they had no rows then."""
        return frozenset(lookup.table for lookup in self.lookups if lookup.optional)

    @property
    def owners(self) -> tuple[str, ...]:
        """The tables whose rows say which partner these rows belong to, or who touched them."""
        owner = next((lk.table for lk in self.lookups if self.partner in lk.names), self.table)
        return (owner, *(lk.table for lk in self.lookups if lk.how == "earliest"))

    @property
    def base(self) -> Rows:
        """The same rows without their condition: what is counted of them is counted together."""
        return replace(self, condition=None)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells these rows from others."""
        lookups = " ".join(lookup.text for lookup in self.lookups)
        computed = " ".join(f"{name}={value.text}" for name, value in self.computed)
        text = self.condition.text if self.condition is not None else ""
        partner = f"{self.partner} named" if self.named else self.partner
        return (self.table, self.view, self.when or "", partner, lookups, computed, text)


@dataclass(frozen=True)
class Part(Term):
    """A reduction that adds up: of partners to a roll-up by summing."""

    rows: Rows
    reduce: Literal["sum", "count"]
    of: Field | None = None

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself and the count behind it."""
        behind = self.behind
        return (self,) if behind is self or behind is None else (self, behind)

    @property
    def behind(self) -> Part:
        """The number of rows that are counted, or that have something to add up."""
        if self.of is None:
            return self
        return replace(self, reduce="count", of=None, rows=self.rows.where(self.of.is_known()))

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(self.of.columns if self.of is not None else frozenset())

    @property
    def adds_up(self) -> bool:
        """Whether it counts what falls into the period."""
        return self.rows.view == "in period"

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, self.reduce, self.of.text if self.of is not None else "")


@dataclass(frozen=True)
class SumOfKnown(Term):
    """A sum; there is none where there are rows and none of them has anything to add up."""

    sum: Part

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The sum, and the rows that have something to add up or not."""
        return (self.sum, self.all_rows)

    @property
    def all_rows(self) -> Part:
        """The number of rows, whether they have something to add up or not."""
        return self.sum.rows.count()

    @property
    def behind(self) -> Part:
        """The number of rows that have something to add up."""
        return self.sum.behind


@dataclass(frozen=True)
class Groups:
    """The groups of a scope's rows in a period, such as its customers, with sums for each.

    Never added up from partner to roll-up: a customer of two partners is one customer of both.
    A column `NAME_year_ago` holds the group's sum of the same period a year ago.
    """

    rows: Rows
    keys: tuple[str, ...]
    sums: Mapping[str, Part]

    def count(self, condition: Field) -> GroupPart:
        """Count the groups for which the condition holds."""
        return GroupPart(self, condition, None)

    def sum(self, of: Field, condition: Field) -> GroupPart:
        """Add up an expression over the groups for which the condition holds."""
        return GroupPart(self, condition, of)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells these groups from others."""
        sums = (f"{name}={':'.join(part.key)}" for name, part in self.sums.items())
        return (*self.rows.key, *self.keys, *sums)


@dataclass(frozen=True)
class GroupPart(Term):
    """A reduction over groups, counted again in each scope."""

    groups: Groups
    condition: Field
    of: Field | None

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself and the count behind it."""
        return (self,) if self.of is None else (self, self.behind)

    @property
    def behind(self) -> GroupPart:
        """The number of groups."""
        return self if self.of is None else replace(self, of=None)

    @property
    def rows(self) -> Rows:
        """The rows that are grouped."""
        return self.groups.rows

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        needed = self.rows.needs(frozenset(self.groups.keys))
        for name, part in self.groups.sums.items():
            if {name, name + YEAR_AGO} & self.reads:
                needed = joined(needed, part.needs)
        return needed

    @property
    def adds_up(self) -> bool:
        """Whether it counts what falls into the period."""
        return self.rows.view == "in period"

    @property
    def lags(self) -> frozenset[Lag]:
        """The year ago, where it reads what a group was then."""
        return frozenset({"year_ago"} if any(YEAR_AGO in name for name in self.reads) else ())

    @property
    def reads(self) -> frozenset[str]:
        """The columns of the groups that it reads."""
        return self.condition.columns | (self.of.columns if self.of is not None else frozenset())

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        of = self.of.text if self.of is not None else ""
        return (*self.groups.key, "of", self.condition.text, of)


@dataclass(frozen=True)
class Median(Term):
    """The median of an expression over the rows of a scope; the mean of the middle two."""

    rows: Rows
    of: Field

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself and the number of rows."""
        return (self, self.behind)

    @property
    def behind(self) -> Part:
        """The number of rows with a value."""
        return Part(self.rows.where(self.of.is_known()), "count")

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(self.of.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "median", self.of.text)

    @property
    def adds_across(self) -> bool:
        """It does not: it lies among the values, however many there are."""
        return False


@dataclass(frozen=True)
class Gaps(Term):
    """Days between consecutive distinct days of one key (a customer), in the scope.

    A gap belongs to the period of its later day; the earlier one may lie before it.
    """

    rows: Rows  # view "so far"
    by: str
    day: str
    reduce: Literal["sum", "count"] = "sum"

    @property
    def parts(self) -> tuple[Term, ...]:
        """Itself and the number of gaps."""
        return (self, self.behind)

    @property
    def behind(self) -> Gaps:
        """The number of gaps."""
        return replace(self, reduce="count")

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.by, self.day}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, "gaps", self.by, self.day, self.reduce)


def rows(table: str, when: str) -> Rows:
    """Return the rows of a table whose date `when` lies in the period."""
    return Rows(table, "in period", when)


def rows_so_far(table: str) -> Rows:
    """Return the rows of a table that exist on the last day that counts."""
    return Rows(table, "so far")


def rows_ever(table: str) -> Rows:
    """Return all rows of a table once, for what looks at the whole history."""
    return Rows(table, "ever")
