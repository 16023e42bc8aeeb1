"""What a table of the contract is made of: columns, their types, lists and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import polars as pl

# What a table is of: orders say what time the business covers, other tables of the business where
# there are none; partners and exchange rates are no business that was done.
Role = Literal["orders", "business", "partners", "rates"]
Kind = Literal["id", "text", "date", "timestamp", "number", "count", "flag"]

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
class State:
    """A column that says how a row stands, such as a deal's outcome.

    It stands so from the day in the column `since` on, which is null or a plan in rows that still
    stand at `before`: each of the two columns says whether the other holds yet.
    """

    column: str
    since: str
    before: str

    @property
    def columns(self) -> frozenset[str]:
        """Both columns."""
        return frozenset({self.column, self.since})


@dataclass(frozen=True)
class Table:
    """One table.

    `events` are the dates that read as null while they lie after the day a figure is computed for;
    `main_date` is the first date that may not be null: after that day the row does not exist yet.
    `state`: how a row stands and since when, where that changes.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    main_date: str | None
    events: tuple[str, ...] = ()
    state: State | None = None
    role: Role = "business"

    @property
    def is_base(self) -> bool:
        """Whether all figures stand on it: no column of it that is never null may be missing."""
        return self.role in ("partners", "rates")

    @property
    def is_agreed(self) -> bool:
        """Whether its rows say what a KPI is to become, as targets and objectives do."""
        return {"kpi", "target"} <= self.columns.keys()

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
