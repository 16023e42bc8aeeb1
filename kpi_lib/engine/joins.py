"""Columns of another table laid beside rows: by its key, by the span a day lies in, the earliest.

Every lookup is a join by equality on one row at most, so that it never multiplies rows.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.schema import Table
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.fields import AS_OF
from kpi_lib.engine.lookup import Lookup
from kpi_lib.engine.relation import EngineFrame, Relations, collect, main_day


def lay_beside(
    frame: EngineFrame, lookup: Lookup, relations: Relations, calendar: Calendar
) -> EngineFrame:
    """Return the rows with the columns looked up, as known on the last day of their period."""
    if lookup.table not in relations.tables:
        spec = TABLES[lookup.table]
        blank = {n: nw.lit(None, dtype=_dtype(spec, c)) for n, c in lookup.names.items()}
        return frame.with_columns(**blank)
    if lookup.how == "earliest":
        return _join_earliest_day(frame, lookup, relations)
    if lookup.how == "in span":
        return _join_by_span(frame, lookup, relations, calendar)
    if lookup.how == "sum so far":
        return _join_sum_so_far(frame, lookup, relations, calendar)
    return _join_by_key(frame, lookup, relations)


def _join_by_key(frame: EngineFrame, lookup: Lookup, relations: Relations) -> EngineFrame:
    """Return the rows with columns of another table's row, as known on the as-of day."""
    spec = TABLES[lookup.table]
    key, exists = f"{lookup.table}__key", f"{lookup.table}__since"
    named = {name: nw.col(column) for name, column in lookup.names.items()}
    since = nw.col(main_day(lookup.table)) if spec.main_date else nw.lit(0)
    other = relations.tables[lookup.table]
    other = other if lookup.only is None else other.filter(lookup.only.build())
    other = other.select(nw.col(lookup.key).alias(key), since.alias(exists), **named)
    frame = frame.join(other, left_on=lookup.on, right_on=key, how="left")
    known = nw.col(exists) <= nw.col(AS_OF)
    columns = []
    for name, column in lookup.names.items():
        happened = known & (nw.col(name) <= nw.col(AS_OF)) if column in spec.events else known
        columns.append(nw.when(happened).then(nw.col(name)).alias(name))
    return frame.with_columns(*columns)


def _join_earliest_day(frame: EngineFrame, lookup: Lookup, relations: Relations) -> EngineFrame:
    """Return the rows with the earliest day of their partner's rows in another table.

    The day may lie after the last that counts: whoever reads it looks.
    """
    (name,) = lookup.names
    key = f"{lookup.table}__key"
    of_partners = relations.tables[lookup.table].filter(~nw.col("partner_id").is_null())
    days = of_partners.select(nw.col(lookup.key).alias(key), nw.col(main_day(lookup.table)))
    earliest = days.group_by(key).agg(nw.col(main_day(lookup.table)).min().alias(name))
    return frame.join(earliest, left_on=lookup.on, right_on=key, how="left")


def _join_sum_so_far(
    frame: EngineFrame, lookup: Lookup, relations: Relations, calendar: Calendar
) -> EngineFrame:
    """Return the rows with the sum of another table's rows known on their period's last day."""
    ((name, column),) = lookup.names.items()
    key = f"{lookup.table}__key"
    periods = relations.engine("periods", calendar.frame().lazy())
    rows = relations.tables[lookup.table].join(periods, how="cross")
    known = rows.filter(nw.col(main_day(lookup.table)) <= nw.col(AS_OF))
    amounts = known.select("slot", nw.col(lookup.key).alias(key), nw.col(column).alias(name))
    sums = amounts.group_by(key, "slot").agg(nw.col(name).sum())
    return frame.join(sums, left_on=[lookup.on, "slot"], right_on=[key, "slot"], how="left")


def _join_by_span(
    frame: EngineFrame, lookup: Lookup, relations: Relations, calendar: Calendar
) -> EngineFrame:
    """Return the rows with columns of the span, of their key, that their day lies in.

    Spans of one key do not overlap; each is laid out as one row per day.
    """
    key, day = f"{lookup.table}__key", f"{lookup.table}__day"
    columns = {name: nw.col(column) for name, column in lookup.names.items()}
    table = relations.tables[lookup.table]
    bounds = {"span__from": nw.col("starts_on"), "span__to": nw.col("ends_on")}
    spans = collect(table.select(nw.col(lookup.key).alias(key), **bounds, **columns))
    first = pl.max_horizontal("span__from", pl.lit(int(calendar.starts.min()), pl.Int32))
    last = pl.min_horizontal("span__to", pl.lit(int(calendar.lasts.max()), pl.Int32))
    days = spans.with_columns(first=first, last=last).filter(pl.col("first") <= pl.col("last"))
    every_day = pl.int_ranges("first", pl.col("last") + 1, dtype=pl.Int32).alias(day)
    laid = days.with_columns(every_day).explode(day).drop("first", "last", *bounds)
    other = relations.engine("spans", laid.lazy())
    return frame.join(other, left_on=[lookup.on, lookup.within], right_on=[key, day], how="left")


def _dtype(spec: Table, column: str) -> nw.dtypes.DType:
    """Return the type in which an engine sees a column; of numbers one that they all widen."""
    kinds: dict[str, nw.dtypes.DType] = {
        **{"date": nw.Int32(), "flag": nw.Int8()},
        **{"count": nw.Int64(), "number": nw.Int64()},
    }
    return kinds.get(spec.columns[column].kind, nw.String())
