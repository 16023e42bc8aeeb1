"""Parts, counted in a few fused scans: everything asked of the same rows of a table in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.kpis.fields import AS_OF, START
from kpi_lib.kpis.formula import Part, Rows
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.relation import Relations

PERIOD = ("slot", START, AS_OF)


class Scanner:
    """Reads rows of the engine's tables as they were known in each period of a calendar."""

    def __init__(self, relations: Relations, calendar: Calendar, maturity_days: int) -> None:
        self.relations = relations
        self.calendar = calendar
        self.maturity_days = maturity_days

    def additive(self, parts: Iterable[Part]) -> dict[tuple[str, ...], pl.DataFrame]:
        """Return for each view of a table one frame: partner_id, slot and a column for each part.

        Keyed by (table, view, when); the columns are named by the parts' keys, joined.
        """
        views: dict[tuple[str, ...], list[Part]] = {}
        for part in parts:
            views.setdefault(part.rows.key[:3], []).append(part)
        return {view: self._count(members) for view, members in views.items()}

    def grouped(self, rows: Rows, keys: tuple[str, ...], sums: Mapping[str, Part]) -> pl.DataFrame:
        """Return one row per partner_id, keys and slot, with the sums; null keys are left out."""
        frame = self.rows(rows)
        for key in keys:
            frame = frame.filter(~nw.col(key).is_null())
        wanted = frame.select(
            "partner_id", *keys, "slot", **{name: _summand(part) for name, part in sums.items()}
        )
        counts = wanted.group_by("partner_id", *keys, "slot").agg(
            *(nw.col(name).sum() for name in sums)
        )
        return as_measured(collect(counts), {name: part.reduce for name, part in sums.items()})

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

    def _frame(self, name: str, frame: pl.DataFrame) -> nw.LazyFrame:
        return self.relations.engine(name, frame.lazy())

    def _count(self, parts: list[Part]) -> pl.DataFrame:
        first = parts[0].rows
        frame = self.rows(Rows(first.table, first.view, first.when))
        named = {column_of(part): part for part in parts}
        # Row expressions first, bare columns reduced after: engines disagree on sums of conditions.
        laid = frame.select(
            "partner_id", "slot", **{name: _summand(part) for name, part in named.items()}
        )
        counted = laid.group_by("partner_id", "slot").agg(*(nw.col(name).sum() for name in named))
        return as_measured(collect(counted), {n: part.reduce for n, part in named.items()})


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
