"""Rows with faults left out where that is allowed, and the rows that point to them with them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpi_lib.data.checks import Checked
from kpi_lib.data.raw import ROW


def leave_out(checked: Mapping[str, Checked]) -> tuple[dict[str, pl.LazyFrame], dict[str, int]]:
    """Return the tables without their broken rows, and how many of each are left out.

    The contract lists parents before children, and so are they taken: a row that points to a row
    that was left out goes too.
    """
    frames: dict[str, pl.LazyFrame] = {}
    counts: dict[str, int] = {}
    gone: dict[str, pl.DataFrame] = {}  # by table, the keys of which no row is left
    for name in _parents_first(checked):
        table = checked[name]
        rows = _lost_rows(table, gone)
        lost = (fault for fault in table.prepared.faults if fault.severity == "fault")
        ragged = sum(fault.row is not None for fault in lost)
        if len(rows) or ragged:
            counts[name] = len(rows) + ragged
        frames[name] = (
            table.prepared.typed.join(rows.lazy(), on=ROW, how="anti")
            if len(rows)
            else table.prepared.typed
        )
        gone[name] = _lost_keys(table, rows)
    return frames, counts


def _parents_first(checked: Mapping[str, Checked]) -> list[str]:
    """Return the tables so that each comes after those that its ids point to."""
    waiting, ordered = list(checked), list[str]()
    while waiting:
        for name in waiting:
            columns = checked[name].prepared.table.columns.values()
            if not {c.references for c in columns} & (set(waiting) - {name}):
                ordered.append(name)
        waiting = [name for name in waiting if name not in ordered]
    return ordered


def _lost_rows(table: Checked, gone: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the numbers of the rows that are broken or that point to a row that is gone."""
    lost = [table.broken_rows()]
    prepared = table.prepared
    for name, column in prepared.table.columns.items():
        keys = gone.get(str(column.references))
        if keys is not None and len(keys) and name in prepared.columns:
            pointing = prepared.frame.select(ROW, name).join(
                keys.lazy(), left_on=name, right_on=keys.columns[0], how="semi"
            )
            lost.append(pointing.select(ROW).collect(engine="streaming"))
    return pl.concat(lost).unique()


def _lost_keys(table: Checked, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the keys of the rows that are left out: one column, each key once."""
    key = table.prepared.table.key[0]
    if not len(rows) or key not in table.prepared.columns:
        return pl.DataFrame(schema={key: pl.String})
    keys = table.prepared.frame.select(ROW, key).join(rows.lazy(), on=ROW, how="semi")
    return keys.select(key).drop_nulls().unique().collect(engine="streaming")
