"""Groups of a scope's rows, such as its customers: never added up, counted again in each scope.

A customer of two partners is one customer of their type. Most customers have one partner, and what
they bring adds up; only the others are grouped again in each roll-up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import narwhals.stable.v2 as nw

from kpi_lib.kpis.formula import YEAR_AGO, Gaps, GroupPart, Groups
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.entities import Entities
from kpi_lib.measure.scan import Scanner

Columns = tuple[str, ...]


def count_groups(
    scanner: Scanner, entities: Entities, groups: Groups, parts: Sequence[GroupPart]
) -> pl.DataFrame:
    """Return index, slot and one column ("0", "1", ...) for each part of the groups."""
    base = scanner.grouped(groups.rows, groups.keys, groups.sums)
    if any(YEAR_AGO in part.condition.text for part in parts):
        base = _with_year_ago(base, groups, scanner.calendar)
    single, shared = _by_sharing(base, groups.keys)
    of_single = _measure(single, "partner_id", parts)
    of_shared = _measure(entities.roll_up(shared, (*groups.keys, "slot")), "index", parts)
    return _added([entities.roll_up(of_single, ("slot",)), of_shared])


def count_gaps(scanner: Scanner, entities: Entities, gaps: Gaps) -> pl.DataFrame:
    """Return index, slot, and the sum ("sum") and number ("count") of the gaps between days."""
    days = scanner.distinct(
        gaps.rows, tuple(dict.fromkeys(("partner_id", gaps.by, gaps.day)))
    ).drop_nulls(gaps.by)
    single, shared = _by_sharing(days, (gaps.by,))
    of_single = _gaps(single, "partner_id", gaps, scanner.calendar)
    rolled = shared.join(entities.membership, on="partner_id", nulls_equal=True)
    rolled = rolled.select("index", gaps.by, gaps.day).unique()
    of_shared = _gaps(rolled, "index", gaps, scanner.calendar)
    return _added([entities.roll_up(of_single, ("slot",)), of_shared])


def _by_sharing(frame: pl.DataFrame, keys: Columns) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows whose key has one partner (or none), and those whose key has several."""
    pairs = frame.select(*keys, "partner_id").unique()
    several = pairs.group_by(keys).len().filter(pl.col("len") > 1).select(keys)
    if several.is_empty():
        return frame, frame.clear()
    return frame.join(several, on=keys, how="anti"), frame.join(several, on=keys, how="semi")


def _with_year_ago(base: pl.DataFrame, groups: Groups, calendar: Calendar) -> pl.DataFrame:
    """Return the groups with their sums of the year ago beside them, and those of then only."""
    names = list(groups.sums)
    later = {int(then): now for now, then in enumerate(calendar.year_ago) if then >= 0}
    moved = (
        base.filter(pl.col("slot").is_in(list(later)))
        .with_columns(pl.col("slot").replace_strict(later, return_dtype=pl.Int32))
        .rename({name: name + YEAR_AGO for name in names})
    )
    both = pl.concat([base, moved], how="diagonal")
    return both.group_by("partner_id", *groups.keys, "slot").agg(
        pl.exclude("partner_id", *groups.keys, "slot").sum()
    )


def _measure(frame: pl.DataFrame, owner: str, parts: Sequence[GroupPart]) -> pl.DataFrame:
    """Return one row per owner and slot with what each part makes of the groups."""
    laid = nw.from_native(frame).with_columns(
        **{str(i): _contribution(part) for i, part in enumerate(parts)}
    )
    columns = [str(i) for i in range(len(parts))]
    native = nw.to_native(laid.select(owner, "slot", *columns))
    return native.group_by(owner, "slot").agg(pl.col(columns).sum())


def _contribution(part: GroupPart) -> nw.Expr:
    if part.of is None:
        return nw.when(part.condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
    return nw.when(part.condition.build()).then(part.of.build())


def _gaps(days: pl.DataFrame, owner: str, gaps: Gaps, calendar: Calendar) -> pl.DataFrame:
    """Return the gaps of each owner's keys by the slot of their later day, added up and counted."""
    ordered = days.sort(owner, gaps.by, gaps.day)
    same = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(name).shift(1)) for name in (owner, gaps.by)
    )
    gap = pl.when(same).then(pl.col(gaps.day) - pl.col(gaps.day).shift(1))
    slots = calendar.days_frame().select("day", "slot")
    return (
        ordered.select(owner, gaps.day, sum=gap)
        .slice(1)  # the first day of all has none before it
        .drop_nulls("sum")
        .join(slots, left_on=gaps.day, right_on="day")
        .group_by(owner, "slot")
        .agg(pl.col("sum").sum().cast(pl.Int64), count=pl.len().cast(pl.Int64))
    )


def _added(frames: list[pl.DataFrame]) -> pl.DataFrame:
    rest = pl.exclude("index", "slot").sum()
    return pl.concat(frames, how="diagonal_relaxed").group_by("index", "slot").agg(rest)


def to_array(frame: pl.DataFrame, column: str, shape: tuple[int, int]) -> np.ndarray:
    """Return a column laid out as entities x periods; a cell without rows is 0."""
    array = np.zeros(shape)
    cells = frame.select("index", "slot", pl.col(column).cast(pl.Float64)).drop_nulls()
    array[cells["index"].to_numpy(), cells["slot"].to_numpy()] = cells[column].to_numpy()
    return array
