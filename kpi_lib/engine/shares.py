"""Rows with what each of them adds to a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.selection import Selection

ADDS = "__adds"  # what a row adds to the figure it stands behind; null where that cannot be said
OF_PERIOD = "__period"  # of rows that are not of the cell's own period
LineSide = Literal["numerator", "denominator"]
SIDES: tuple[LineSide, ...] = ("numerator", "denominator")


@dataclass(frozen=True)
class Counted:
    """Rows of a table that a figure stands on, one each: the column ADDS of them adds up to it."""

    table: str
    rows: pl.DataFrame


@dataclass(frozen=True)
class Share:
    """Counted rows, the cell they stand in, their side of the line, and times what they count."""

    side: LineSide
    cell: Cell
    counted: Counted
    factor: float = 1.0


def counted(rows: Selection, frame: pl.DataFrame) -> Counted:
    """Return rows as people read them: days as dates, flags as true and false, amounts as floats.

    What was looked up in another table is typed as it is there.
    """
    columns = dict(TABLES[rows.table].columns)
    for lookup in rows.lookups:
        beside = TABLES[lookup.table].columns
        columns |= {name: beside[column] for name, column in lookup.names.items()}
    kinds = {name: columns[name].kind for name in frame.columns if name in columns}
    # The earliest moment that was looked up is shown as its day.
    days = [n for n, kind in kinds.items() if kind == "date" or n.endswith("_earliest")]
    flags = [name for name, kind in kinds.items() if kind == "flag"]
    typed = frame.with_columns(pl.col(days).cast(pl.Date), pl.col(flags).cast(pl.Boolean))
    return Counted(rows.table, typed.with_columns(pl.selectors.decimal().cast(pl.Float64)))


def once_each(frame: pl.DataFrame, by: Sequence[str], adds: pl.Expr | float = 1.0) -> pl.DataFrame:
    """Return the rows; what a group adds stands on the first of its rows, and 0 on the others."""
    first = pl.int_range(pl.len()).over(by) == 0
    amount = pl.lit(adds) if isinstance(adds, float) else adds
    return frame.with_columns(pl.when(first).then(amount).otherwise(0).alias(ADDS))
