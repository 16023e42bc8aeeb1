"""A source's table laid out for checking: each column as typed, as it was, and where it is unread.

One row per row of the source, with its number. Everything is lazy: what a query does not ask for is
never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import polars as pl

from kpi_lib.data.conversion import Conversion, convert
from kpi_lib.data.faults import ODD, STRUCTURE, Fault
from kpi_lib.data.names import folded, nearest_of
from kpi_lib.data.raw import ROW, Raw
from kpi_lib.data.schema import Column, Table

LIKE = 0.65  # how much a name is to be like another to be taken for it: `order_status` for `status`


def unread_mark(name: str) -> str:
    """Return the name of the mark of a column's unread values."""
    return f"bad:{name}"


def raw_text(name: str) -> str:
    """Return the name under which a column's values stand as the source has them."""
    return f"raw:{name}"


@dataclass(frozen=True)
class Prepared:
    """A table ready to be checked.

    `frame` has the row's number and the typed columns under their own names, and for each column
    of the source `raw:NAME` and, where values may be unread, `bad:NAME`. `composed`: the columns
    of text that may have been in another Unicode form.
    """

    name: str
    table: Table
    raw: Raw
    frame: pl.LazyFrame
    columns: frozenset[str]
    unread: frozenset[str]
    composed: frozenset[str]
    given: frozenset[str]
    faults: list[Fault]

    @property
    def typed(self) -> pl.LazyFrame:
        """The typed relation with its row numbers."""
        return self.frame.select(
            ROW, *(name for name in self.table.columns if name in self.columns)
        )

    @property
    def absent(self) -> frozenset[str]:
        """The columns of the contract that the source does not have."""
        return frozenset(self.table.columns) - self.given


def prepare(table: Table, raw: Raw, name: str | None = None) -> Prepared:
    """Return a table laid out for checking, with the faults of its columns as a whole."""
    there = raw.columns
    name = name or table.name
    faults = [
        *(_under_name(fault, name) for fault in raw.faults),
        *(_absent(table, name, c, raw.others) for c in table.columns.values() if _lacks(c, there)),
        *_otherwise_named(table, name, raw),
    ]
    conversions = {
        column.name: convert(column, there[column.name])
        for column in table.columns.values()
        if column.name in there
    }
    for column, conversion in conversions.items():
        if conversion.refused:
            faults.append(_structural(name, column, conversion.refused, "wrong type"))
    kept = {column: c for column, c in conversions.items() if not c.refused}
    expressions = [expr for column, c in kept.items() for expr in _prepared_columns(column, c)]
    notes = [note.name for note in raw.notes]
    frame = raw.frame.select(ROW, *notes, *expressions)
    frame = frame.with_columns(_with_defaults(table, frozenset(kept)))
    unread = frozenset(column for column, c in kept.items() if c.bad is not None)
    composed = frozenset(column for column, c in kept.items() if c.is_composed)
    columns = frozenset(kept) | _always_there(table)
    return Prepared(name, table, raw, frame, columns, unread, composed, frozenset(there), faults)


def _lacks(column: Column, there: dict[str, pl.DataType]) -> bool:
    return column.name not in there and not column.optional


def _absent(table: Table, name: str, column: Column, there: Iterable[str]) -> Fault:
    """Return the fault of a column that is not there: without some of them nothing can be read.

    Without any other it is only the KPIs that need it which have no value, and say so.
    """
    fault = _missing_column(name, column, there)
    if column.name in table.key or table.is_base:
        return fault
    return replace(fault, severity="warning", rank=ODD)


def _otherwise_named(table: Table, name: str, raw: Raw) -> Iterator[Fault]:
    """Yield a warning for each optional column that seems to be there under another name.

    A name in other letters or with other signs between its words is taken for it. Where the figures
    would be others without a word (no `status`: all orders are completed; no `currency`: all
    amounts are in the reporting one), so is one that is only like it.
    """
    for column in table.columns.values():
        if column.name in raw.columns or not column.optional:
            continue
        near = [other for other in raw.others if _bare_name(other) == _bare_name(column.name)]
        if column.absence_says or column.name == "currency":
            near = near or nearest_of(column.name, raw.others, cutoff=LIKE)
        if near:
            fault = _structural(name, column.name, _not_read(near[0]), "missing column")
            yield replace(fault, severity="warning", rank=ODD)


def _bare_name(name: str) -> str:
    """Return what two spellings of a column's name have in common: Order_ID and "order id"."""
    return "".join(sign for sign in folded(name) if sign.isalnum())


def _not_read(other: str) -> str:
    return f"the column is missing; if {other!r} is it, name it so: it is not read"


def _missing_column(table: str, column: Column, there: Iterable[str]) -> Fault:
    """Return the fault of a column that is not there, with the nearest name that is."""
    near = nearest_of(column.name, there)
    hint = f"; is it {near[0]!r}?" if near else ""
    return _structural(table, column.name, f"the column is missing{hint}", "missing column")


def _structural(table: str, column: str, fault: str, kind: str) -> Fault:
    return Fault(table, None, column, fault, kind=kind, rank=STRUCTURE)


def _under_name(fault: Fault, name: str) -> Fault:
    """Return a fault as one of the table called `name`."""
    return Fault(
        name,
        fault.row,
        fault.column,
        fault.fault,
        fault.value,
        fault.severity,
        fault.kind,
        fault.rank,
    )


def _prepared_columns(column: str, conversion: Conversion) -> list[pl.Expr]:
    """Return a column as value, as the text it was, and whether that text could not be read."""
    expressions = [
        conversion.value.alias(column),
        pl.col(column).cast(pl.String, strict=False).alias(raw_text(column)),
    ]
    if conversion.bad is not None:
        expressions.append(conversion.bad.fill_null(False).alias(unread_mark(column)))
    return expressions


def _with_defaults(table: Table, there: frozenset[str]) -> list[pl.Expr]:
    """Return defaults for nulls, and the values of a column that is not there."""
    expressions = []
    for column in table.columns.values():
        value = pl.lit(column.default, dtype=column.dtype)
        if column.name not in there and column.absence_says:
            expressions.append(value.alias(column.name))
        elif column.name in there and column.default is not None:
            expressions.append(pl.col(column.name).fill_null(value).alias(column.name))
    return expressions


def _always_there(table: Table) -> frozenset[str]:
    return frozenset(column.name for column in table.columns.values() if column.absence_says)
