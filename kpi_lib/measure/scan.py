"""Parts, counted in a few fused scans: everything asked of the same rows of a table in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.schema import Table
from kpi_lib.kpis.fields import AS_OF, MATURITY, Field
from kpi_lib.kpis.formula import Lookup, Part, Rows
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.relation import Relations


class Scanner:
    """Reads rows of the engine's tables as they were known in each period of a calendar."""

    def __init__(self, relations: Relations, calendar: Calendar, maturity_days: int) -> None:
        self.relations = relations
        self.calendar = calendar
        self.maturity_days = maturity_days

    def additive(self, parts: Iterable[Part]) -> dict[tuple[str, ...], pl.DataFrame]:
        """Return for each view of a table one frame: partner_id, slot and a column for each part.

        Keyed by the key of the rows without their condition; the columns are `column_of` the parts.
        """
        views: dict[tuple[str, ...], list[Part]] = {}
        for part in parts:
            views.setdefault(part.rows.base.key, []).append(part)
        return {view: self._count(members) for view, members in views.items()}

    def grouped(self, rows: Rows, keys: tuple[str, ...], sums: Mapping[str, Part]) -> pl.DataFrame:
        """Return one row per partner_id, keys and slot, with the sums; null keys are left out."""
        frame = self.rows(rows)
        for key in keys:
            frame = frame.filter(~nw.col(key).is_null())
        reduces = {name: part.reduce for name, part in sums.items()}
        wanted = {name: _summand(part) for name, part in sums.items()}
        # A partner_id can be a key as well: people are counted by partner and person.
        grain = tuple(dict.fromkeys(("partner_id", *keys, "slot")))
        laid = frame.select(*grain, **wanted)
        counts = laid.group_by(*grain).agg(*(nw.col(name).sum() for name in sums))
        return as_measured(collect(counts), reduces)

    def each(self, rows: Rows, value: Field) -> pl.DataFrame:
        """Return partner_id, slot and the value of each row that has one."""
        laid = self.rows(rows).select("partner_id", "slot", value=value.build())
        return collect(laid.filter(~nw.col("value").is_null()))

    def distinct(self, rows: Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Return the distinct values of columns over the rows that ever exist in the calendar.

        For algorithms that look at history: not cut to periods, but never after the last one.
        """
        frame = self.relations.tables[rows.table]
        main_date = main_day(rows.table)
        frame = frame.filter(nw.col(main_date) <= int(self.calendar.lasts.max()))
        if rows.condition is not None:
            frame = frame.filter(rows.condition.build())
        return collect(frame.select(*columns).unique())

    def rows(self, rows: Rows) -> nw.LazyFrame:
        """Return the rows laid beside their periods, as known on each one's last day."""
        frame = self._in_view(rows)
        frame = not_yet(rows.table, frame, skip=rows.when if rows.view == "in period" else None)
        for lookup in rows.lookups:
            frame = self._beside(frame, lookup)
        if rows.partner != "partner_id":
            frame = frame.with_columns(nw.col(rows.partner).alias("partner_id"))
        if rows.view == "mature":
            frame = frame.with_columns(nw.lit(self.maturity_days).alias(MATURITY))
        for name, value in rows.computed:
            frame = frame.with_columns(value.build().alias(name))
        return frame if rows.condition is None else frame.filter(rows.condition.build())

    def _in_view(self, rows: Rows) -> nw.LazyFrame:
        frame = self.relations.tables[rows.table]
        if rows.view == "so far":
            return frame.join(self._frame("periods", self.calendar.frame()), how="cross")
        days = {
            "in period": lambda: self.calendar.days_frame(),
            "mature": lambda: self.calendar.days_frame(shift=self.maturity_days),
            "year ago": lambda: self.calendar.days_frame(of_year_ago=True),
        }[rows.view]()
        days_frame = self._frame("days", days)
        return frame.join(days_frame, left_on=rows.when, right_on="day", how="inner")

    def _beside(self, frame: nw.LazyFrame, lookup: Lookup) -> nw.LazyFrame:
        """Lay the columns of another table beside the rows, as known on the same day."""
        spec = TABLES[lookup.table]
        if lookup.table not in self.relations.tables:
            blank = {n: nw.lit(None, dtype=_dtype(spec, c)) for n, c in lookup.names.items()}
            return frame.with_columns(**blank)
        other = self.relations.tables[lookup.table]
        key, exists = f"{lookup.table}__key", f"{lookup.table}__since"
        named = {name: nw.col(column) for name, column in lookup.names.items()}
        since = nw.col(spec.main_date) if spec.main_date else nw.lit(0)
        other = other.select(nw.col(lookup.key).alias(key), since.alias(exists), **named)
        frame = frame.join(other, left_on=lookup.on, right_on=key, how="left")
        known = nw.col(exists) <= nw.col(AS_OF)
        told = []
        for name, column in lookup.names.items():
            happened = known & (nw.col(name) <= nw.col(AS_OF)) if column in spec.events else known
            told.append(nw.when(happened).then(nw.col(name)).alias(name))
        return frame.with_columns(*told)

    def _frame(self, name: str, frame: pl.DataFrame) -> nw.LazyFrame:
        return self.relations.engine(name, frame.lazy())

    def _count(self, parts: list[Part]) -> pl.DataFrame:
        frame = self.rows(parts[0].rows.base)
        named = {column_of(part): part for part in parts}
        # Row expressions first, bare columns reduced after: engines disagree on sums of conditions.
        laid = frame.select(
            "partner_id", "slot", **{name: _summand(part) for name, part in named.items()}
        )
        counted = laid.group_by("partner_id", "slot").agg(*(nw.col(name).sum() for name in named))
        return as_measured(collect(counted), {n: part.reduce for n, part in named.items()})


def _dtype(spec: Table, column: str) -> nw.dtypes.DType:
    """Return the type in which an engine sees a column."""
    kinds: dict[str, nw.dtypes.DType] = {"date": nw.Int32(), "flag": nw.Int8(), "count": nw.Int64()}
    return kinds.get(spec.columns[column].kind, nw.String())


def column_of(part: Part) -> str:
    """Return the name of a part's column: what it is, in words."""
    return " ".join(word for word in part.key if word)


def main_day(table: str) -> str:
    """Return the column that says from which day on a row exists, as a day number."""
    name = TABLES[table].main_date or ""
    return f"{name}_day" if TABLES[table].columns[name].kind == "timestamp" else name


def not_yet(table: str, frame: nw.LazyFrame, skip: str | None = None) -> nw.LazyFrame:
    """Return the rows as they were known on the last day that counts of their period.

    A row whose main date lies after it does not exist yet; events after it read as null, and a deal
    closed after it is open. `skip`: the date that already lies in the period.
    """
    spec = TABLES[table]
    present = set(frame.collect_schema().names())
    if spec.main_date and spec.main_date != skip:
        frame = frame.filter(nw.col(main_day(table)) <= nw.col(AS_OF))
    events = [name for name in spec.events if name in present and name != skip]
    known = [
        nw.when(nw.col(name) <= nw.col(AS_OF)).then(nw.col(name)).alias(name) for name in events
    ]
    frame = frame.with_columns(*known) if known else frame
    if table == "deals" and "closed_on" in present:
        still_open = nw.when(nw.col("closed_on").is_null()).then(nw.lit("open"))
        frame = frame.with_columns(still_open.otherwise(nw.col("outcome")).alias("outcome"))
    return frame


def collect(frame: nw.LazyFrame) -> pl.DataFrame:
    """Run a query on its engine and return the result, which is small, to Polars."""
    native = nw.to_native(frame)
    if isinstance(native, pl.LazyFrame):
        return native.collect(engine="streaming")
    return nw.to_native(frame.collect(backend="polars"))


def as_measured(frame: pl.DataFrame, reduces: Mapping[str, str]) -> pl.DataFrame:
    """Return counts as integers, sums exact as they came, and slots in one type on every engine."""
    counts = [pl.col(name).cast(pl.Int64) for name, how in reduces.items() if how == "count"]
    return frame.with_columns(pl.col("slot").cast(pl.Int32), *counts)


def to_array(frame: pl.DataFrame, column: str, shape: tuple[int, int]) -> np.ndarray:
    """Return a column laid out as entities x periods; a cell without rows is 0."""
    array = np.zeros(shape)
    cells = frame.select("index", "slot", pl.col(column).cast(pl.Float64)).drop_nulls()
    array[cells["index"].to_numpy(), cells["slot"].to_numpy()] = cells[column].to_numpy()
    return array


def _summand(part: Part) -> nw.Expr:
    """Return what one row adds to a part: its expression or 1 where the condition holds."""
    condition = part.rows.condition
    if part.of is None:
        if condition is None:
            return nw.lit(1)
        return nw.when(condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
    value = part.of.build()
    return value if condition is None else nw.when(condition.build()).then(value)
