"""Rows of a table, and the terms that can be counted of them: what a declaration begins with."""

from __future__ import annotations

from kpi_lib.engine.fields import Field, field
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.terms.additive import Part
from kpi_lib.engine.terms.groups import GroupPart, Groups
from kpi_lib.engine.terms.median import Median


class Rows(Selection):
    """A selection of rows that says what can be counted of it."""

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


def rows(table: str, when: str) -> Rows:
    """Return the rows of a table whose date `when` lies in the period."""
    return Rows(table, "in period", when)


def rows_so_far(table: str) -> Rows:
    """Return the rows of a table that exist on the last day that counts."""
    return Rows(table, "so far")


def rows_ever(table: str) -> Rows:
    """Return all rows of a table once, for what looks at the whole history."""
    return Rows(table, "ever")
