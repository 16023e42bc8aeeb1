"""Parts, counted in a few fused scans: everything asked of the same rows of a table in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.fields import AS_OF, MATURITY, Field
from kpi_lib.engine.formula import Part, Rows
from kpi_lib.engine.joins import lay_beside
from kpi_lib.engine.relation import Relations, collect, main_day
from kpi_lib.engine.terms.by_last_day import ByLastDay


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
        wanted = {name: summand(part) for name, part in sums.items()}
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
        return collect(self._ever(rows).select(*columns).unique())

    def every(self, rows: Rows, columns: tuple[str, ...]) -> pl.DataFrame:
        """Return columns of the rows that ever exist in the calendar, as often as they stand there.

        Rows in which the second column is null are left out.
        """
        frame = self._ever(rows)
        return collect(frame.filter(~nw.col(columns[1]).is_null()).select(*columns))

    def _ever(self, rows: Rows) -> nw.LazyFrame:
        return self.rows(replace(rows, view="ever"))

    def firsts(self, rows: Rows, by: str, day: str) -> pl.DataFrame:
        """Return partner_id, `by` and the first `day` of the rows of each; a null `by` is none."""
        frame = self.rows(rows).filter(~nw.col(by).is_null())
        grain = dict.fromkeys(("partner_id", by))
        return collect(frame.group_by(*grain).agg(nw.col(day).min()))

    def lasts(self, part: ByLastDay) -> pl.DataFrame:
        """Return one row per partner_id and group: day, void_since, and rows, all and keeping.

        A null group is none.
        """
        frame = self.rows(part.rows).filter(~nw.col(part.by).is_null())
        keeps = part.keeps.build()
        laid = frame.select(
            *dict.fromkeys(("partner_id", part.by)),
            day=nw.col(part.day),
            void_since=nw.col(part.void_since),
            rows=nw.lit(1),
            keeping=nw.when(keeps).then(nw.lit(1)).otherwise(nw.lit(0)),
        )
        last = (nw.col("day").max(), nw.col("void_since").min(), nw.col("rows", "keeping").sum())
        counted = collect(laid.group_by(*dict.fromkeys(("partner_id", part.by))).agg(*last))
        return counted.with_columns(pl.col("day", "void_since", "rows", "keeping").cast(pl.Int32))

    def latest(self, rows: Rows, of: str, order: tuple[str, ...]) -> pl.DataFrame:
        """Return partner_id, slot and the value of each partner's last row by the columns `order`.

        Rows that agree in all of them must agree in the value.
        """
        grain = ("partner_id", "slot")
        frame = self.rows(rows).select(*dict.fromkeys((*grain, *order)), value=nw.col(of))
        for column in order:
            last = frame.group_by(*grain).agg(nw.col(column).max())
            frame = frame.join(last, on=[*grain, column], how="inner")
        return as_measured(collect(frame.select(*grain, "value").unique()), {})

    def by_span(self, part: Part, days: pl.DataFrame) -> pl.DataFrame:
        """Return partner_id, slot (the span's number) and the part's sum, by other spans of days.

        `days`: as `Calendar.days_frame` lays them.
        """
        return self._count([part], days)

    def rows(self, rows: Rows, days: pl.DataFrame | None = None) -> nw.LazyFrame:
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

    def _in_view(self, rows: Rows, days: pl.DataFrame | None) -> nw.LazyFrame:
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

    def _frame(self, name: str, frame: pl.DataFrame) -> nw.LazyFrame:
        return self.relations.engine(name, frame.lazy())

    def _count(self, parts: list[Part], days: pl.DataFrame | None = None) -> pl.DataFrame:
        frame = self.rows(parts[0].rows.base, days)
        named = {column_of(part): part for part in parts}
        # Row expressions first, bare columns reduced after: engines disagree on sums of conditions.
        laid = frame.select(
            "partner_id", "slot", **{name: summand(part) for name, part in named.items()}
        )
        counted = laid.group_by("partner_id", "slot").agg(*(nw.col(name).sum() for name in named))
        return as_measured(collect(counted), {n: part.reduce for n, part in named.items()})


def column_of(part: Part) -> str:
    """Return the name of a part's column: what it is, in words; Spark takes a dot for a path."""
    return " ".join(word for word in part.key if word).replace(".", " ")


def not_yet(table: str, frame: nw.LazyFrame, skip: str | None = None) -> nw.LazyFrame:
    """Return the rows as they were known on the last day that counts of their period.

    A row whose main date lies after it does not exist yet; events after it read as null, and a deal
    closed after it is open. When an open deal is expected to close is no event. `skip`: the date
    that already lies in the period.
    """
    spec = TABLES[table]
    present = set(frame.collect_schema().names())
    if spec.main_date and spec.main_date != skip:
        frame = frame.filter(nw.col(main_day(table)) <= nw.col(AS_OF))
    closes = table == "deals" and {"closed_on", "outcome"} <= present
    frame = _without_plans(frame, skip) if closes else frame
    events = [name for name in spec.events if name in present and name != skip]
    known = [
        nw.when(nw.col(name) <= nw.col(AS_OF)).then(nw.col(name)).alias(name) for name in events
    ]
    frame = frame.with_columns(*known) if known else frame
    if closes:
        still_open = nw.when(nw.col("closed_on").is_null()).then(nw.lit("open"))
        frame = frame.with_columns(still_open.otherwise(nw.col("outcome")).alias("outcome"))
    return frame


def _without_plans(deals: nw.LazyFrame, skip: str | None) -> nw.LazyFrame:
    """Return the deals without the days on which those that are open are expected to close."""
    decided = nw.col("outcome") != "open"
    if skip == "closed_on":
        return deals.filter(decided)
    return deals.with_columns(nw.when(decided).then(nw.col("closed_on")).alias("closed_on"))


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


def summand(part: Part) -> nw.Expr:
    """Return what one row adds to a part: its expression or 1 where the condition holds."""
    condition = part.rows.condition
    if part.of is None:
        if condition is None:
            return nw.lit(1)
        return nw.when(condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
    value = part.of.build()
    return value if condition is None else nw.when(condition.build()).then(value)
