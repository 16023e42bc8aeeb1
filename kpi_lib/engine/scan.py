"""Reading rows of the tables as they were known in each period of a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.schema import State
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.fields import AS_OF, MATURITY
from kpi_lib.engine.joins import lay_beside
from kpi_lib.engine.relation import EngineFrame, Relations, collect, main_day
from kpi_lib.engine.selection import Selection


class Scanner:
    """Reads rows of the engine's tables as they were known in each period of a calendar."""

    def __init__(
        self,
        relations: Relations,
        calendar: Calendar,
        maturity_days: int,
        half_life_days: int,
    ) -> None:
        self.relations = relations
        self.calendar = calendar
        self.maturity_days = maturity_days
        self.half_life_days = half_life_days

    def distinct(self, rows: Selection, columns: tuple[str, ...]) -> pl.DataFrame:
        """Return the distinct values of columns over the rows that ever exist in the calendar.

        For algorithms that look at history: not cut to periods, but never after the last one.
        """
        ever = self.rows(replace(rows, view="ever"))
        return collect(ever.select(*columns).unique())

    def firsts(self, rows: Selection, by: str, day: str) -> pl.DataFrame:
        """Return partner_id, `by` and the first `day` of the rows of each; a null `by` is none."""
        frame = self.rows(rows).filter(~nw.col(by).is_null())
        grain = dict.fromkeys(("partner_id", by))
        return collect(frame.group_by(*grain).agg(nw.col(day).min()))

    def rows(self, rows: Selection, days: pl.DataFrame | None = None) -> EngineFrame:
        """Return the rows laid beside their periods, as known on each one's last day.

        `days`: other spans of days than the periods, as `Calendar.days_frame` lays them.
        """
        frame = self._in_view(rows, days)
        frame = not_yet(rows.table, frame, skip=rows.when if rows.view == "in period" else None)
        for lookup in rows.lookups:
            frame = lay_beside(frame, lookup, self.relations, self.calendar)
        if rows.partner != "partner_id":
            frame = frame.with_columns(nw.col(rows.partner).alias("partner_id"))
        if rows.view == "mature":
            frame = frame.with_columns(nw.lit(self.maturity_days).alias(MATURITY))
        for name, value in rows.computed:
            frame = frame.with_columns(value.build().alias(name))
        return frame if rows.condition is None else frame.filter(rows.condition.build())

    def _in_view(self, rows: Selection, days: pl.DataFrame | None) -> EngineFrame:
        """Return one row per row of the table and period (`slot`) in which the view counts it."""
        frame = self.relations.tables[rows.table]
        calendar = self.calendar
        if rows.view in ("so far", "ever"):
            spans = calendar.frame() if rows.view == "so far" else calendar.whole_frame()
            return frame.join(self._frame("periods", spans), how="cross")
        laid = {
            "in period": lambda: calendar.days_frame() if days is None else days,
            "mature": lambda: calendar.days_frame(shift=self.maturity_days),
            "year ago": lambda: calendar.days_frame(of_year_ago=True),
            "trailing year": calendar.trailing_year_frame,
        }[rows.view]()
        days_frame = self._frame("days", laid)
        return frame.join(days_frame, left_on=rows.when, right_on="day", how="inner")

    def _frame(self, name: str, frame: pl.DataFrame) -> EngineFrame:
        return self.relations.engine(name, frame.lazy())


def not_yet(table: str, frame: EngineFrame, skip: str | None = None) -> EngineFrame:
    """Return the rows as they were known on the last day that counts of their period.

    A row whose main date lies after it does not exist yet; events after it read as null, and what
    changed its state after it has not. When that is planned to change is no event. `skip`: the date
    that already lies in the period.
    """
    spec = TABLES[table]
    present = set(frame.collect_schema().names())
    state = spec.state if spec.state and spec.state.columns <= present else None
    if spec.main_date and spec.main_date != skip:
        frame = frame.filter(nw.col(main_day(table)) <= nw.col(AS_OF))
    frame = frame if state is None else _without_plans(frame, state, skip)
    events = [name for name in spec.events if name in present and name != skip]
    known = [
        nw.when(nw.col(name) <= nw.col(AS_OF)).then(nw.col(name)).alias(name) for name in events
    ]
    frame = frame.with_columns(*known) if known else frame
    if state is None:
        return frame
    unchanged = nw.when(nw.col(state.since).is_null()).then(nw.lit(state.before))
    return frame.with_columns(unchanged.otherwise(nw.col(state.column)).alias(state.column))


def _without_plans(frame: EngineFrame, state: State, skip: str | None) -> EngineFrame:
    """Return the rows without the days on which their state is only planned to change."""
    changed = nw.col(state.column) != state.before
    if skip == state.since:
        return frame.filter(changed)
    return frame.with_columns(nw.when(changed).then(nw.col(state.since)).alias(state.since))


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
