"""Rows of a file that become one row: what is made of each column, and what that would hide."""

from __future__ import annotations

import polars as pl

from kpi_lib.data.conversion import UNREAD
from kpi_lib.data.mapping import ColumnMap
from kpi_lib.data.operations import plain_text
from kpi_lib.data.raw import ROW, Note
from kpi_lib.data.schema import NUMBER, Table
from kpi_lib.data.table_plan import KEY, REPEATED, Plan

AGAIN = Note(
    "#note:again",
    "",
    "has lines that are the same in every column; if they were exported twice, say `key` of the "
    "table in the mapping",
)


def grouped(rows: pl.LazyFrame, plan: Plan) -> tuple[pl.LazyFrame, list[Note]]:
    """Return one row a group, and the notes on it that the frame has.

    A row's number is that of its first unread value, or its first row.
    """
    keys = [f"{KEY}{n}" for n in range(len(plan.how.group_by))]
    unread = [
        pl.col(ROW).filter(_is_unread(name, how)).min().alias(f"unread:{name}")
        for name, how in plan.columns.items()
    ]
    odd = {**_notes_of_group(plan), **_notes_of_columns(plan)}
    result = rows.group_by(keys).agg(
        pl.col(ROW).min(),
        *unread,
        *(_aggregated(name, how, plan.table) for name, how in plan.columns.items()),
        *(expression.alias(note.name) for note, expression in odd.items()),
    )
    first_unread = pl.min_horizontal(f"unread:{name}" for name in plan.columns)
    row = pl.coalesce(first_unread, pl.col(ROW)).alias(ROW)
    return result.select(row, *plan.columns, *(note.name for note in odd)), list(odd)


def _is_unread(name: str, how: ColumnMap) -> pl.Expr:
    """Whether a value spoils its group: it is marked so, or is to be summed and is no number."""
    text = pl.col(name).cast(pl.String)
    marked = text.str.starts_with(UNREAD)
    if how.aggregate != "sum":
        return marked
    return marked | (text.is_not_null() & text.cast(NUMBER, strict=False).is_null())


def _aggregated(name: str, how: ColumnMap, table: Table) -> pl.Expr:
    """Return a column's aggregate over the rows of a group, as text; a value not read spoils it."""
    value = pl.col(name)
    if how.aggregate == "count":
        return value.count().cast(pl.String).alias(name)
    text = value.cast(pl.String)
    if how.aggregate in (None, "first"):  # the first that is not empty
        return text.sort_by(ROW).drop_nulls().first().alias(name)
    spoiled = text.filter(_is_unread(name, how)).first()
    ordered = text
    if how.aggregate == "sum" or table.columns[name].kind in ("number", "count"):
        ordered = text.cast(NUMBER, strict=False)
    result = {
        "sum": pl.when(ordered.count() > 0).then(ordered.sum()),
        "min": ordered.min(),
        "max": ordered.max(),
    }[str(how.aggregate)]
    aggregated = result if ordered is text else plain_text(result)
    return pl.coalesce(spoiled, aggregated).alias(name)


# --- what grouping would hide --------------------------------------------------------------------


def _notes_of_group(plan: Plan) -> dict[Note, pl.Expr]:
    """Return what is odd about a group, by kind of note: a text of it, or null where nothing is."""
    odd = {note: pl.col(note.name).drop_nulls().first() for note in plan.notes}
    if plan.looks_for_repeats:
        lines = pl.col(REPEATED).sum()
        odd[AGAIN] = pl.when(lines > 0).then(pl.format("{} lines", lines))
    return odd


def _notes_of_columns(plan: Plan) -> dict[Note, pl.Expr]:
    """Return what is odd about the values of a group: they differ, or some are empty."""
    odd: dict[Note, pl.Expr] = {}
    for name, how in plan.columns.items():
        text = pl.col(name).cast(pl.String)
        if how.aggregate == "first":
            note = Note(
                f"#note:{name}", name, "differs within a group, of which the first is taken"
            )
            both = pl.format("{} and {}", text.min(), text.max())
            odd[note] = pl.when(text.min() != text.max()).then(both)
        if how.aggregate == "sum":
            note = Note(
                f"#note:{name}", name, "is empty in some lines of a group, which add nothing"
            )
            some = (text.null_count() > 0) & (text.count() > 0)
            odd[note] = pl.when(some).then(pl.format("{} of {} lines", text.null_count(), pl.len()))
    return odd
