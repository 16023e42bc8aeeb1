"""Selections: which rows of a table belong to a period, and what is laid beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, Self

from kpi_lib.engine.fields import Field
from kpi_lib.engine.lookup import Lookup

Needs = Mapping[str, frozenset[str]]  # columns, by table
View = Literal["in period", "so far", "mature", "year ago", "trailing year", "ever"]


@dataclass(frozen=True)
class Selection:
    """The rows of one table that belong to a period.

    `view`: "in period", the rows whose date `when` lies in it; "so far", all up to its last day
    that counts; "mature", those that have had `maturity_days` since `when` and reached them in the
    period; "year ago", those whose date lay in the same period a year ago; "trailing year", in the
    12 months that end on the last day that counts; "ever", all rows once, whatever the period.
    `named`: there is no figure, of the company neither, where the rows do not say whose they are.
    """

    table: str
    view: View
    when: str | None = None
    condition: Field | None = None
    lookups: tuple[Lookup, ...] = ()
    computed: tuple[tuple[str, Field], ...] = ()
    partner: str = "partner_id"  # the column that says whose row it is
    named: bool = False

    def where(self, condition: Field) -> Self:
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
    ) -> Self:
        """Return the rows with columns of another table, TABLE_COLUMN, found by its key."""
        lookup = Lookup(table, on, columns, key or on, optional=optional, only=only)
        return replace(self, lookups=(*self.lookups, lookup))

    def within(self, table: str, on: str, day: str, *columns: str) -> Self:
        """Return the rows with columns of another table: of the span in which their day lies."""
        lookup = Lookup(table, on, columns, on, "in span", within=day)
        return replace(self, lookups=(*self.lookups, lookup))

    def earliest(self, table: str, on: str, day: str) -> Self:
        """Return the rows with their partner's earliest day in another table: TABLE_earliest."""
        lookup = Lookup(table, on, (day,), on, "earliest")
        return replace(self, lookups=(*self.lookups, lookup))

    def sum_so_far(self, table: str, on: str, column: str) -> Self:
        """Return the rows with the sum of another table's column by then: TABLE_COLUMN.

        Null where there are none; where there is no such table, there are none anywhere.
        """
        lookup = Lookup(table, on, (column,), on, "sum so far", optional=True)
        return replace(self, lookups=(*self.lookups, lookup))

    def with_column(self, name: str, value: Field) -> Self:
        """Return the rows with a computed column."""
        return replace(self, computed=(*self.computed, (name, value)))

    def owned_by(self, column: str) -> Self:
        """Return the rows, whose partner another column names."""
        return replace(self, partner=column)

    def naming_partners(self) -> Self:
        """Return the rows, without a figure where they do not say whose they are."""
        return replace(self, named=True)

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
            found = read & set(lookup.names)
            read = (read - found) | lookup.reads
            named = {lookup.key, *(lookup.names[name] for name in found)} - {"partner_id"}
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
    def base(self) -> Self:
        """The same rows without their condition: what is counted of them is counted together."""
        return replace(self, condition=None)

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes these rows from others."""
        lookups = " ".join(lookup.text for lookup in self.lookups)
        computed = " ".join(f"{name}={value.text}" for name, value in self.computed)
        text = self.condition.text if self.condition is not None else ""
        partner = f"{self.partner} named" if self.named else self.partner
        return (self.table, self.view, self.when or "", partner, lookups, computed, text)


def joined(*needs: Needs) -> dict[str, frozenset[str]]:
    """Return the columns of all of them, by table, in the order in which the tables come."""
    tables = dict.fromkeys(table for each in needs for table in each)
    return {t: frozenset().union(*(each.get(t, ()) for each in needs)) for t in tables}
