"""What a table of the contract is made of: columns, their types, lists and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import polars as pl

Kind = Literal["id", "text", "date", "timestamp", "number", "count", "flag"]
Role = Literal["", "base", "agreed"]  # see Table

# Exact where floats drift: 26 digits before the point, and 12 behind it for converted amounts.
NUMBER = pl.Decimal(38, 12)
DTYPES: Mapping[str, pl.DataType] = MappingProxyType(
    {
        "id": pl.String(),
        "text": pl.String(),
        "date": pl.Date(),
        "timestamp": pl.Datetime("us"),
        "number": NUMBER,
        "count": pl.Int64(),
        "flag": pl.Boolean(),
    }
)


@dataclass(frozen=True)
class Column:
    """One column: its type, its default, its list of values, where its id points.

    A default stands for a null in a column that is there. `absence_says`: a source without the
    column says something too, so that it reads as the default, or as nulls; any other takes the
    KPIs away that need it, for what nobody recorded is not 0. `rate_of`: of an amount that may
    stand in another currency the day whose rate counts, or the id of the row whose rate it shares.
    `is_label`: people know rows by it, or put them together; other spellings are reported.
    """

    name: str
    kind: Kind
    nullable: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    references: str | None = None
    pattern: str | None = None
    absence_says: bool = False
    rate_of: str = ""
    is_label: bool = False

    @property
    def optional(self) -> bool:
        """Whether a source may leave the column out."""
        return self.nullable or self.default is not None

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type that every engine sees."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Table:
    """One table.

    `events` are the dates that read as null while they lie after the day a figure is computed for;
    `main_date` is the first date that may not be null: after that day the row does not exist yet.
    Of the `role` base are tables that everything stands on: none of their columns that are never
    null may be missing. Rows of the role agreed say what a KPI is to become.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    main_date: str | None
    events: tuple[str, ...] = ()
    role: Role = ""

    @property
    def money(self) -> dict[str, str]:
        """The amounts that may stand in another currency, each with what says its rate."""
        return {column.name: column.rate_of for column in self.columns.values() if column.rate_of}

    @property
    def day(self) -> str | None:
        """The column that dates its rows: the first date that is never null; None without one."""
        dates = (c for c in self.columns.values() if c.kind in ("date", "timestamp"))
        return next((column.name for column in dates if not column.nullable), None)

    @property
    def has_direct(self) -> bool:
        """Whether rows without a partner, the direct business, can stand in it."""
        column = self.columns.get("partner_id")
        return column is not None and column.nullable
