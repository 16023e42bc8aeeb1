"""Objectives that partners were set, and whether they are on course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import at_least, divide, same
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.shares import ADDS, LineSide, Share, counted
from kpi_lib.engine.terms.each_partner import sum_over_partners
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class Objectives(Term):
    """The number of objectives that run in the period and whose KPI has a value.

    "on course": those whose progress from baseline to target is at least the share of their time
    that has passed.
    """

    rows: Selection
    which: Literal["all", "on course"]

    @property
    def row_count(self) -> Objectives:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        columns = frozenset({"kpi", "starts_on", "due_on", "baseline", "target"})
        return self.rows.needs(columns)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the number of objectives that count, entities x periods."""
        total = np.zeros(cube.shape)
        own = cube.entities.owners.get("partner", np.array([], dtype=int))
        for kpi, rows in self._objectives_by_kpi(cube).items():
            index = own[rows["partner"].to_numpy()]
            np.add.at(total, index, self._which(_progress(kpi, rows, index, cube)))
        return sum_over_partners(total, total, cube.entities)

    def _objectives_by_kpi(self, cube: Cube) -> dict[str, pl.DataFrame]:
        """Return the objectives of each KPI that has values, with their partner's number."""
        if cube.standings.objectives is None:
            return {}
        rows = cube.standings.objectives.join(cube.entities.numbers, on="partner_id")
        known = rows.filter(pl.col("kpi").is_in(list(cube.standings.values)))
        return {str(key[0]): of for key, of in known.partition_by("kpi", as_dict=True).items()}

    def _which(self, progress: Progress) -> np.ndarray:
        return progress.judged if self.which == "all" else progress.on_track

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the objectives that count; beside each its KPI's value and how far it has come."""
        if cell.slot < 0:
            return
        rows = cell.rows(self.rows).filter(pl.col("kpi").is_in(list(cell.cube.standings.values)))
        judged = [self._counted_objectives(cell, of_kpi) for of_kpi in rows.partition_by("kpi")]
        found = pl.concat(judged) if judged else rows.with_columns(pl.lit(0).alias(ADDS))
        yield Share(side, cell, counted(self.rows, found), factor)

    def _counted_objectives(self, cell: Cell, rows: pl.DataFrame) -> pl.DataFrame:
        """Return one row per objective that counts: value, progress, share of time passed."""
        kpi = str(rows["kpi"][0])
        own = np.array([cell.entities.index_of("partner", p) for p in rows["partner_id"]])
        progress = _progress(kpi, rows, own, cell.cube)
        beside = rows.with_columns(
            value=cell.cube.standings.values[kpi][0][own, cell.slot],
            progress=progress.share[:, cell.slot],
            time_passed=progress.time_passed[:, cell.slot],
        )
        counts = self._which(progress)[:, cell.slot]
        return beside.filter(counts).with_columns(pl.lit(1.0).alias(ADDS))

    def in_words(self) -> str:
        """Return the count in words."""
        running = "number of objectives that run in the period and whose KPI has a value"
        return running + (", on course" if self.which == "on course" else "")


def _progress(kpi: str, rows: pl.DataFrame, index: np.ndarray, cube: Cube) -> Progress:
    """Return how far a KPI's objectives have come, those of the partners with these indices."""
    values, higher = cube.standings.values[kpi]
    return progress_of(rows, values[index], higher, cube.calendar)


class Progress(NamedTuple):
    """How far objectives have come, objectives x periods.

    `share`: of the way from baseline to target; `time_passed`: of their time, 1 at the most.
    `on_track`: of those that can be judged, whether the one is at least the other.
    """

    judged: np.ndarray
    on_track: np.ndarray
    share: np.ndarray
    time_passed: np.ndarray


def progress_of(
    rows: pl.DataFrame, value: np.ndarray, higher: bool, calendar: Calendar
) -> Progress:
    """Return of each objective of a KPI, period by period, how far it has come in its time.

    `value`: the KPI's, one row for each objective. An objective is judged where it runs in the
    period and its KPI has a value.
    """
    names = ("starts_on", "due_on", "baseline", "target")
    floats = rows.select(pl.col(names).cast(pl.Float64))
    starts, due, baseline, target = (floats[name].to_numpy()[:, None] for name in names)
    as_of, first = calendar.lasts, calendar.starts
    judged = (starts <= as_of) & (due >= first) & ~np.isnan(value)
    time = np.broadcast_to(due - starts, value.shape)
    gone = np.minimum(divide(as_of - starts, time, of_either_sign=True), 1.0)
    gone = np.where(np.isnan(gone), 1.0, gone)
    way = np.broadcast_to(target - baseline, value.shape)
    progress = divide(value - baseline, way, of_either_sign=True)
    sign = 1.0 if higher else -1.0
    reached = at_least(sign * value, sign * np.broadcast_to(target, value.shape))
    on_track = np.where(same(target, baseline), reached, at_least(progress, gone))
    return Progress(judged, judged & on_track, progress, gone)
