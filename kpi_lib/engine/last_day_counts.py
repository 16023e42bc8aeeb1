"""Groups by their last day: counted once a group, however many periods there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.groups import GROUP, numbered
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.terms.by_last_day import ByLastDay

NEVER = np.iinfo(np.int32).max


def count_by_last_day(
    scanner: Scanner, entities: Entities, parts: Sequence[ByLastDay]
) -> list[np.ndarray]:
    """Return one array of entities x periods for each part."""
    groups = {part.group_key: part for part in parts}
    told = {key: _count(scanner, entities, part) for key, part in groups.items()}
    return [told[part.group_key][part.kept] for part in parts]


def _count(scanner: Scanner, entities: Entities, part: ByLastDay) -> list[np.ndarray]:
    """Return the number of groups, and of those that were kept."""
    rows = numbered(scanner.lasts(part), entities, (part.by,))
    shape = (len(entities), len(scanner.calendar.periods))
    totals = [np.zeros(shape), np.zeros(shape)]
    if rows.is_empty():
        return totals
    shared = rows[GROUP].is_duplicated()
    own, of_several = rows.filter(~shared), rows.filter(shared)
    for owners in entities.owners.values():
        # What only one partner has a part in is the same group in all of its scopes.
        for frame, merge in ((own, False), (of_several, True)):
            index = pl.Series("index", owners[frame["partner"].to_numpy()], dtype=pl.Int64)
            mine = frame.with_columns(index).filter(pl.col("index") >= 0)
            _add(totals, _merged(mine) if merge else mine, scanner.calendar)
    return totals


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each entity and group."""
    last = (pl.col("day").max(), pl.col("void_since").min())
    return rows.group_by("index", GROUP).agg(*last, pl.col("rows", "keeping").sum())


def _add(totals: list[np.ndarray], groups: pl.DataFrame, calendar: Calendar) -> None:
    days = groups["day"].to_numpy()
    if not len(days):
        return
    slot = calendar.slot_of(days)
    void_since = groups["void_since"].fill_null(NEVER).to_numpy()
    counted = (slot >= 0) & (void_since > calendar.lasts[slot])
    kept = counted & (groups["rows"] == groups["keeping"]).to_numpy()
    shape = totals[0].shape
    cell = groups["index"].to_numpy() * shape[1] + slot
    for total, which in zip(totals, (counted, kept), strict=True):
        total += np.bincount(cell[which], minlength=total.size).reshape(shape)
