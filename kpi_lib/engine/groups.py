"""Groups of a scope's rows, such as its customers: never added up, counted again in each scope.

A customer of two partners is one customer of their type. So the groups of each partner are read
once, ids become numbers, and every scope groups them anew, a share at a time to bound memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.scan import Scanner, to_array
from kpi_lib.engine.terms.firsts import Firsts
from kpi_lib.engine.terms.parts import YEAR_AGO, Gaps, GroupPart, Groups, Median

ROWS_AT_ONCE = 2_000_000
GROUP = "group"  # the number that stands for a group's keys


def count_groups(
    scanner: Scanner, entities: Entities, groups: Groups, parts: Sequence[GroupPart]
) -> list[np.ndarray]:
    """Return one array of entities x periods for each part of the groups."""
    shape = (len(entities), len(scanner.calendar.periods))
    totals = [np.zeros(shape) for _ in parts]
    read = {name for part in parts for name in part.reads}
    sums = {n: of for n, of in groups.sums.items() if {n, n + YEAR_AGO} & read}
    base = numbered(scanner.grouped(groups.rows, groups.keys, sums), entities, groups.keys)
    looks_back = any(YEAR_AGO in name for name in read)
    for share in _shares(base):
        laid = _with_year_ago(share, list(sums), scanner.calendar) if looks_back else share
        for owners in entities.owners.values():
            counted = _measure(_of_scope(laid, owners, shape[1]), parts)
            for i, total in enumerate(totals):
                total += to_array(counted, str(i), shape)
    return totals


def count_gaps(scanner: Scanner, entities: Entities, gaps: Gaps) -> dict[str, np.ndarray]:
    """Return the sum ("sum") and number ("count") of the gaps between days, entities x periods."""
    calendar = scanner.calendar
    # Days that repeat are told from each other when they are sorted: no need to sift them here.
    days = ("partner_id", gaps.by, gaps.day)
    rows = numbered(scanner.every(gaps.rows, days), entities, (gaps.by,))
    totals = {name: np.zeros((len(entities), len(calendar.periods))) for name in ("sum", "count")}
    if rows.is_empty():
        return totals
    for share in _shares(rows):
        partner, group, day = (share[name].to_numpy() for name in ("partner", GROUP, gaps.day))
        for owners in entities.owners.values():
            index = owners[partner]
            mine = index >= 0
            _add_gaps(totals, index[mine], group[mine], day[mine], calendar)
    return totals


def count_firsts(scanner: Scanner, entities: Entities, parts: Sequence[Firsts]) -> list[np.ndarray]:
    """Return for each part the groups by their first day in the scope, entities x periods."""
    scanned: dict[tuple[str, ...], list[tuple[np.ndarray, np.ndarray]]] = {}
    for part in parts:
        if part.key[:-1] not in scanned:
            scanned[part.key[:-1]] = list(_first_days(scanner, entities, part))
    return [_by_first_day(scanned[part.key[:-1]], part, scanner, entities) for part in parts]


def _first_days(
    scanner: Scanner, entities: Entities, firsts: Firsts
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, scope by scope, the entity and the first day of each of its groups."""
    days = numbered(scanner.firsts(firsts.rows, firsts.by, firsts.day), entities, (firsts.by,))
    for owners in entities.owners.values():
        index = pl.Series("index", owners[days["partner"].to_numpy()], dtype=pl.Int64)
        mine = days.with_columns(index).filter(pl.col("index") >= 0)
        first = mine.group_by("index", GROUP).agg(day=pl.col(firsts.day).min())
        yield first["index"].to_numpy(), first["day"].to_numpy()[:, None]


def _by_first_day(
    scanned: Sequence[tuple[np.ndarray, np.ndarray]],
    firsts: Firsts,
    scanner: Scanner,
    entities: Entities,
) -> np.ndarray:
    calendar = scanner.calendar
    total = np.zeros((len(entities), len(calendar.periods)))
    for index, day in scanned:
        counted = day <= calendar.lasts
        if firsts.view == "in period":
            counted &= day >= calendar.starts
        np.add.at(total, index, counted)
    return total


def medians(scanner: Scanner, entities: Entities, median: Median) -> np.ndarray:
    """Return the median of the rows' values, entities x periods, NaN where there are no rows."""
    values = scanner.each(median.rows, median.of)
    rolled = values.join(entities.membership, on="partner_id", nulls_equal=True)
    found = rolled.group_by("index", "slot").agg(pl.col("value").cast(pl.Float64).median())
    array = np.full((len(entities), len(scanner.calendar.periods)), np.nan)
    array[found["index"].to_numpy(), found["slot"].to_numpy()] = found["value"].to_numpy()
    return array


def numbered(frame: pl.DataFrame, entities: Entities, keys: tuple[str, ...]) -> pl.DataFrame:
    """Return the frame with partners and keys as numbers: integers sort and group far faster."""
    group = pl.lit(0, dtype=pl.Int64)
    for key in keys:
        number = pl.col(key).cast(pl.String).cast(pl.Categorical).to_physical().cast(pl.Int64)
        group = group * (number.max() + 1) + number
    # Step by step, so that millions of texts are gone before the numbers stand beside each other.
    frame = frame.with_columns(group.alias(GROUP)).drop(set(keys) - {"partner_id"})
    partner = pl.col("partner_id").replace_strict(
        entities.numbers["partner_id"], entities.numbers["partner"], return_dtype=pl.Int32
    )
    return frame.with_columns(partner=partner).drop("partner_id")


def _shares(base: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows in shares of whole groups."""
    count = len(base) // ROWS_AT_ONCE + 1
    if count == 1:
        yield base
        return
    for number in range(count):
        yield base.filter(pl.col(GROUP) % count == number)


def _with_year_ago(base: pl.DataFrame, names: list[str], calendar: Calendar) -> pl.DataFrame:
    """Return the groups with their sums of the year ago beside them, and those of then only."""
    later = {int(then): now for now, then in enumerate(calendar.year_ago) if then >= 0}
    moved = (
        base.filter(pl.col("slot").is_in(list(later)))
        .with_columns(pl.col("slot").replace_strict(later, return_dtype=pl.Int32))
        .rename({name: name + YEAR_AGO for name in names})
    )
    both = base.join(moved, on=["partner", GROUP, "slot"], how="full", coalesce=True)
    return both.with_columns(pl.exclude("partner", GROUP, "slot").fill_null(0))


def _of_scope(laid: pl.DataFrame, owners: np.ndarray, slots: int) -> pl.DataFrame:
    """Return the groups of each entity of one scope: index, slot and the sums."""
    size = 1 + int(laid[GROUP].max() or 0)  # type: ignore[arg-type]
    index = pl.Series("index", owners[laid["partner"].to_numpy()], dtype=pl.Int64)
    mine = laid.with_columns(index).filter(pl.col("index") >= 0)
    key = ((pl.col("index") * size + pl.col(GROUP)) * slots + pl.col("slot")).alias("key")
    sums = mine.select(key, pl.exclude("partner", "index", "slot", GROUP)).group_by("key").sum()
    index_of_key = (pl.col("key") // (size * slots)).alias("index")
    return sums.select(index_of_key, (pl.col("key") % slots).alias("slot"), pl.exclude("key"))


def _measure(frame: pl.DataFrame, parts: Sequence[GroupPart]) -> pl.DataFrame:
    """Return one row per entity and slot with what each part makes of the groups."""
    columns = [str(i) for i in range(len(parts))]
    expressions = {str(i): _contribution(part) for i, part in enumerate(parts)}
    laid = nw.from_native(frame).with_columns(**expressions)
    native = nw.to_native(laid.select("index", "slot", *columns))
    return native.group_by("index", "slot").agg(pl.col(columns).sum())


def _contribution(part: GroupPart) -> nw.Expr:
    if part.of is None:
        return nw.when(part.condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
    return nw.when(part.condition.build()).then(part.of.build())


def _add_gaps(
    totals: dict[str, np.ndarray],
    index: np.ndarray,
    group: np.ndarray,
    day: np.ndarray,
    calendar: Calendar,
) -> None:
    """Add the gaps of one scope's groups, by the period of their later day."""
    if not len(day):
        return
    first = int(day.min())
    span, groups = int(day.max() - first).bit_length(), int(group.max()).bit_length()
    # One integer a row, of owner, group and day in their own bits, sorts fastest.
    keys = np.sort((((index << groups) | group) << span) | (day - first))
    when = keys & ((1 << span) - 1)
    gap = np.diff(when)
    slot = calendar.slot_of(when[1:] + first)
    # Rows of one day are one day; a day outside the calendar ends no gap.
    counted = (np.diff(keys >> span) == 0) & (gap > 0) & (slot >= 0)
    cell = (keys[1:][counted] >> (span + groups)) * len(calendar.periods) + slot[counted]
    shape = totals["sum"].shape
    size = shape[0] * shape[1]
    totals["sum"] += np.bincount(cell, weights=gap[counted], minlength=size).reshape(shape)
    totals["count"] += np.bincount(cell, minlength=size).reshape(shape)
