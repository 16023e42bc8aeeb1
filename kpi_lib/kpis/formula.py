"""The words a KPI is declared in: rows of a table, what is counted of them, and arithmetic on that.

A PART is a table, a condition and a named reduction. Parts of one table are counted together in one
scan for all partners at once; a KPI is arithmetic on parts, numerator over denominator, each summed
over a scope's rows before it is divided.

    sales = rows("orders", when="ordered_on").where(field("status").is_in("completed", "returned"))
    Formula(sales.sum("amount"), per=sales.count())
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from kpi_lib.kpis.fields import Field, field

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import polars as pl

YEAR_AGO = "_year_ago"  # what a grouped column is called as it stood in the same period a year ago

View = Literal["in period", "so far", "mature", "year ago", "ever"]


class Term:
    """A number for each entity and period; sums, differences, products and quotients are terms."""

    def __add__(self, other: Term | float) -> Term:
        return Arithmetic("+", self, _term(other))

    def __sub__(self, other: Term | float) -> Term:
        return Arithmetic("-", self, _term(other))

    def __mul__(self, other: Term | float) -> Term:
        return Arithmetic("x", self, _term(other))

    def __rsub__(self, other: float) -> Term:
        return Arithmetic("-", _term(other), self)

    def __rmul__(self, other: float) -> Term:
        return Arithmetic("x", _term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return Arithmetic("/", self, _term(other))

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts that have to be counted before this term can be told."""
        return ()

    @property
    def behind(self) -> Term | None:
        """The term that counts the rows behind this one; None where a count says nothing."""
        return None


@dataclass(frozen=True)
class Lookup:
    """Columns of another table beside each row, each named TABLE_COLUMN, by that table's key.

    They are null where there is no such row, or where it does not exist yet. `optional`: a KPI can be
    told without that table, as if it had no rows.
    """

    table: str
    on: str
    columns: tuple[str, ...]
    optional: bool = False
    key: str = ""

    @property
    def names(self) -> dict[str, str]:
        """The columns of the table, by the names that they get."""
        return {f"{self.table}_{column}": column for column in self.columns}


@dataclass(frozen=True)
class Rows:
    """The rows of one table that belong to a period.

    `view`: "in period", the rows whose date `when` lies in it; "so far", all up to its last day
    that counts; "mature", those that have had `maturity_days` since `when` and reached them in the
    period; "year ago", those whose date lay in the same period a year ago; "ever", all of them, laid
    beside no period.
    """

    table: str
    view: View
    when: str | None = None
    condition: Field | None = None
    lookups: tuple[Lookup, ...] = ()
    computed: tuple[tuple[str, Field], ...] = ()
    partner: str = "partner_id"  # the column that says whose row it is

    def where(self, condition: Field) -> Rows:
        """Keep the rows for which the condition holds."""
        both = condition if self.condition is None else self.condition & condition
        return replace(self, condition=both)

    def beside(
        self, table: str, on: str, *columns: str, optional: bool = False, key: str = ""
    ) -> Rows:
        """Lay columns of another table beside each row: TABLE_COLUMN, found by its key."""
        lookup = Lookup(table, on, columns, optional, key or on)
        return replace(self, lookups=(*self.lookups, lookup))

    def with_column(self, name: str, value: Field) -> Rows:
        """Lay a computed column beside each row."""
        return replace(self, computed=(*self.computed, (name, value)))

    def owned_by(self, column: str) -> Rows:
        """Let another column say whose row it is."""
        return replace(self, partner=column)

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
        """Return the columns that these rows and `columns` of them read, by table."""
        read = set(columns) | {name for name in (self.when, self.partner) if name}
        read |= self.condition.columns if self.condition is not None else set()
        for name, value in reversed(self.computed):
            read = (read - {name}) | value.columns
        needed: dict[str, frozenset[str]] = {}
        for lookup in reversed(self.lookups):
            asked = read & set(lookup.names)
            read = (read - asked) | {lookup.on}
            if not lookup.optional:
                named = frozenset(lookup.names[name] for name in asked)
                needed[lookup.table] = needed.get(lookup.table, frozenset()) | named
        return {**needed, self.table: needed.get(self.table, frozenset()) | read - {"partner_id"}}

    @property
    def base(self) -> Rows:
        """The same rows without their condition: what is counted of them is counted together."""
        return replace(self, condition=None)

    @property
    def key(self) -> tuple[str, ...]:
        """What tells these rows from others."""
        lookups = " ".join(f"{lk.table}.{lk.on}.{'.'.join(lk.columns)}" for lk in self.lookups)
        computed = " ".join(f"{name}={value.text}" for name, value in self.computed)
        text = self.condition.text if self.condition is not None else ""
        return (self.table, self.view, self.when or "", self.partner, lookups, computed, text)


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
    def key(self) -> tuple[str, ...]:
        """What tells this part from others."""
        return (*self.rows.key, self.reduce, self.of.text if self.of is not None else "")


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


@dataclass(frozen=True)
class Lagged(Term):
    """A term as it stood in the previous period, or in the same one a year ago."""

    of: Term
    lag: Literal["previous", "year_ago"]

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts of the term."""
        return self.of.parts

    @property
    def behind(self) -> Term | None:
        """The count behind it, as it stood then."""
        return None if self.of.behind is None else Lagged(self.of.behind, self.lag)


@dataclass(frozen=True)
class Of(Term):
    """A term of the whole company, or of direct business, beside whatever scope is asked for."""

    of: Term
    scope: Literal["company", "direct"]

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts of the term."""
        return self.of.parts

    @property
    def behind(self) -> Term | None:
        """The count behind it in that scope."""
        return None if self.of.behind is None else Of(self.of.behind, self.scope)


@dataclass(frozen=True)
class ByScope(Term):
    """A term that reads other rows in some scopes; `usual` in all the others."""

    usual: Term
    others: Mapping[str, Term]

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts of all of them."""
        return (*self.usual.parts, *(part for term in self.others.values() for part in term.parts))

    @property
    def behind(self) -> Term | None:
        """The counts behind them, scope by scope."""
        if self.usual.behind is None:
            return None
        behind = {scope: term.behind for scope, term in self.others.items()}
        return ByScope(self.usual.behind, {k: v for k, v in behind.items() if v is not None})


@dataclass(frozen=True)
class Length(Term):
    """A length of time of the period so far, once a scope; blocks: its weeks, the last one a part."""

    unit: Literal["months", "weeks", "days", "blocks"]


@dataclass(frozen=True)
class Constant(Term):
    """A plain number."""

    value: float


@dataclass(frozen=True)
class Arithmetic(Term):
    """Two terms, joined by a sign."""

    sign: Literal["+", "-", "x", "/"]
    left: Term
    right: Term

    @property
    def parts(self) -> tuple[Term, ...]:
        """The parts of both."""
        return (*self.left.parts, *self.right.parts)


@dataclass(frozen=True)
class Span:
    """The period as a function of rows sees it: its first day, its last, the last that counts."""

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp


Answer = tuple[float | None, float | None, int | None]


@dataclass(frozen=True)
class FromRows:
    """A KPI that the parts cannot say: a pandas function of one table's rows.

    `function(rows, span)` is called for each scope and period with the scope's rows as they were
    known on `span.as_of` (columns as in the contract, dates as timestamps, amounts as floats) and
    returns numerator, denominator (None: the value is the numerator alone) and n. A numerator of
    None says that there is no value. Slower than parts: it is called once a scope and a period.
    """

    table: str
    columns: tuple[str, ...]
    function: Callable[[pd.DataFrame, Span], Answer]
    divides: bool = True


@dataclass(frozen=True)
class Formula:
    """What a KPI's value is: `value`, over `per` where there is one, less `minus`.

    `n` is the count behind the denominator (or the sum) unless `counts` is false. `growth` says
    that the denominator is an earlier period's figure, on which nothing can be said where it is
    not above zero. `share` says that the numerator counts rows of the denominator, and `nps` that
    it is promoters less detractors: both have an interval.
    """

    value: Term
    per: Term | None = None
    minus: float = 0.0
    counts: bool = True
    growth: bool = False
    share: bool = False
    nps: bool = False

    @property
    def parts(self) -> tuple[Term, ...]:
        """Every part that has to be counted."""
        return (*self.value.parts, *(self.per.parts if self.per is not None else ()))

    @property
    def n(self) -> Term | None:
        """The term of the count behind it."""
        if not self.counts:
            return None
        return self.value.behind if self.per is None else self.per.behind

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: a sum or count of what falls into it."""
        leaf = self.value
        leaf = leaf.usual if isinstance(leaf, ByScope) else leaf
        in_period = isinstance(leaf, Part | GroupPart) and leaf.rows.view == "in period"
        return self.per is None and in_period


@dataclass(frozen=True)
class Special:
    """A KPI with an algorithm of its own, vectorised over all entities and periods.

    `compute(distinct, entities, as_of)` gets the distinct values of `distinct` in the rows (dates
    as day numbers), the entities (columns index, scope, entity, partner_type), and the last day
    that counts of each period; it returns numerator and denominator, arrays of entities x periods
    with NaN where there is no value.
    """

    rows: Rows
    distinct: tuple[str, ...]
    compute: Callable[[pl.DataFrame, pl.DataFrame, np.ndarray], tuple[np.ndarray, np.ndarray]]
    no_value: str  # why there is none, where there is none

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset(self.distinct))


def joined(
    left: Mapping[str, frozenset[str]], right: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Return the columns of both, by table."""
    tables = dict.fromkeys((*left, *right))
    return {t: left.get(t, frozenset()) | right.get(t, frozenset()) for t in tables}


def rows(table: str, when: str) -> Rows:
    """Return the rows of a table whose date `when` lies in the period."""
    return Rows(table, "in period", when)


def rows_so_far(table: str) -> Rows:
    """Return the rows of a table that exist on the last day that counts."""
    return Rows(table, "so far")


def year_ago(term: Term) -> Lagged:
    """Return the term as it stood in the same period a year ago."""
    return Lagged(term, "year_ago")


def previous(term: Term) -> Lagged:
    """Return the term as it stood in the period before."""
    return Lagged(term, "previous")


def of_company(term: Term) -> Of:
    """Return the term of the whole company, whatever scope is asked for."""
    return Of(term, "company")


def of_direct(term: Term) -> Of:
    """Return the term of direct business, whatever scope is asked for."""
    return Of(term, "direct")


def growth(term: Term, base: Term) -> Formula:
    """Return how far a term lies above its base, as a fraction of the base."""
    return Formula(term, per=base, minus=1.0, growth=True)


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else Constant(float(value))
