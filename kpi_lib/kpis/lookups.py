"""Columns of another table beside the rows of one."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_lib.kpis.fields import Field


@dataclass(frozen=True)
class Lookup:
    """Columns of another table beside each row, each named TABLE_COLUMN, by that table's key.

    They are null where there is no such row, or where it does not exist yet. `optional`: a KPI can
    be told without that table, as if it had no rows. `within`: the row's day that has to lie in the
    span, from starts_on to ends_on, of the row looked up. `earliest`: of several rows of partners
    the earliest day of that column, named TABLE_earliest. `only`: rows for which that does not hold
    are as if they were not there; few rows are looked up far faster.
    """

    table: str
    on: str
    columns: tuple[str, ...]
    optional: bool = False
    key: str = ""
    within: str = ""
    earliest: bool = False
    only: Field | None = None

    @property
    def names(self) -> dict[str, str]:
        """The columns of the table, by the names that they get."""
        if self.earliest:
            return {f"{self.table}_earliest": self.columns[0]}
        return {f"{self.table}_{column}": column for column in self.columns}

    @property
    def reads(self) -> set[str]:
        """The columns of the row by which it is found."""
        return {self.on, self.within} - {""}

    @property
    def text(self) -> str:
        """What tells it from others."""
        only = self.only.text if self.only is not None else ""
        return ".".join((self.table, self.on, self.within, only, *self.names))
