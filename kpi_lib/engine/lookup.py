"""Columns of another table beside the rows of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kpi_lib.engine.fields import Field

How = Literal["by key", "in span", "earliest", "sum so far"]


@dataclass(frozen=True)
class Lookup:
    """Columns of another table beside each row, each named TABLE_COLUMN; `key` is equal to `on`.

    "by key": of the one row with that key, null where there is none, or it does not exist yet. "in
    span": of the row in whose span, from starts_on to ends_on, the row's day `within` lies.
    "earliest": of several rows of partners the earliest day, named TABLE_earliest. "sum so far": of
    several rows the sum of one column over those that exist by then, null where there are none.

    `optional`: where there is no such table, it is as if that had no rows. `only`: rows for which
    that does not hold are as if they were not there; few rows are looked up far faster.
    """

    table: str
    on: str
    columns: tuple[str, ...]
    key: str
    how: How = "by key"
    optional: bool = False
    within: str = ""
    only: Field | None = None

    @property
    def names(self) -> dict[str, str]:
        """The columns of the table, by the names that they get."""
        if self.how == "earliest":
            return {f"{self.table}_earliest": self.columns[0]}
        return {f"{self.table}_{column}": column for column in self.columns}

    @property
    def reads(self) -> set[str]:
        """The columns of the row by which it is found."""
        return {self.on, self.within} - {""}

    @property
    def text(self) -> str:
        """What distinguishes it from others."""
        only = self.only.text if self.only is not None else ""
        return ".".join((self.table, self.how, self.on, self.within, only, *self.names))
