"""Targets: which one holds for whom and when, and what it makes of a figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.cube import Cube
from kpi_lib.measure.evaluate import Figures

TOLERANCE = 0.1  # of a target's size on its wrong side, where no minimum is given
ENOUGH = 30  # rows from which on an interval around the target no longer makes a status unsure
ALWAYS = "*"
EQUAL = 1e-9

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Targets:
    """Arrays of entities x periods: target, minimum and baseline as they were agreed."""

    target: np.ndarray
    minimum: np.ndarray
    baseline: np.ndarray

    def floor(self, kpi: Kpi) -> np.ndarray:
        """Return the minimum, and by default a tenth of the target's size on its wrong side."""
        worse = -1.0 if kpi.better == "higher" else 1.0
        default = self.target + worse * TOLERANCE * np.abs(self.target)
        return np.where(np.isnan(self.minimum), default, self.minimum)

    def paced(self, kpi: Kpi, cube: Cube) -> Targets:
        """Return them in proportion to the days so far, for a figure that grows with the days."""
        if not getattr(kpi.formula, "adds_up", False):
            return self
        elapsed = cube.calendar.elapsed
        return Targets(self.target * elapsed, self.minimum * elapsed, self.baseline)


def read_targets(cube: Cube, table: pl.LazyFrame | None) -> dict[str, Targets]:
    """Return the targets by KPI, of those that have any.

    A partner's is the first that matches of partner, tier, partner type and all; within each the
    exact period comes before `*`. A target of the portfolio is that of the roll-up of all partners.
    """
    if table is None:
        return {}
    rows: dict[str, dict[Key, tuple[float, ...]]] = {}
    for row in table.collect().iter_rows(named=True):
        key = (row["scope"], row["entity"], row["kpi"], row["period"])
        figures = (row["target"], row.get("minimum"), row.get("baseline"))
        told = tuple(np.nan if figure is None else float(figure) for figure in figures)
        rows.setdefault(row["kpi"], {})[key] = told
    return {kpi: _laid_out(kpi, of_kpi, cube) for kpi, of_kpi in rows.items()}


def _laid_out(kpi: str, rows: dict[Key, tuple[float, ...]], cube: Cube) -> Targets:
    laid = np.full((3, *cube.shape), np.nan)
    slots = [(slot, str(cube.calendar.periods[slot])) for slot in cube.calendar.recent]
    for entity in cube.entities.frame.iter_rows(named=True):
        for slot, period in slots:
            found = _first_match(kpi, rows, _scopes_of(entity), period)
            if found is not None:
                laid[:, entity["index"], slot] = found
    return Targets(*laid)


def _scopes_of(entity: dict[str, object]) -> list[tuple[str, str]]:
    if entity["scope"] == "portfolio":
        return [("portfolio", ALWAYS)]
    if entity["scope"] != "partner":
        return []
    named = [("partner", "entity"), ("tier", "tier"), ("partner_type", "partner_type")]
    own = [(scope, str(entity[column])) for scope, column in named if entity.get(column)]
    return [*own, ("all", ALWAYS)]


def _first_match(
    kpi: str, rows: dict[Key, tuple[float, ...]], scopes: list[tuple[str, str]], period: str
) -> tuple[float, ...] | None:
    for scope, entity in scopes:
        for when in (period, ALWAYS):
            if (scope, entity, kpi, when) in rows:
                return rows[scope, entity, kpi, when]
    return None


def status(kpi: Kpi, figures: Figures, targets: Targets | None) -> np.ndarray:
    """Return in words where each figure stands against its target, entities x periods."""
    no_value = np.isnan(figures.value)
    if targets is None or kpi.better == "neither":
        return np.where(no_value, "no_data", "no_target").astype(object)
    sign = 1.0 if kpi.better == "higher" else -1.0
    target, floor = targets.target, targets.floor(kpi)
    reached = at_least(sign * figures.value, sign * target)
    above_floor = at_least(sign * figures.value, sign * floor)
    inside = at_least(target, figures.low) & at_least(figures.high, target)
    unsure = inside & (figures.n < ENOUGH)
    conditions = [no_value, np.isnan(target), unsure, reached, above_floor]
    words = ["no_data", "no_target", "unsure", "on_track", "at_risk"]
    return np.select(conditions, words, default="off_track").astype(object)


def at_least(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Hold where left is not below right; within 1e-9 of their size two figures are equal."""
    left, right = whole(left), whole(right)
    size = np.maximum(np.abs(left), np.abs(right))
    return left >= right - EQUAL * size


def whole(figures: np.ndarray) -> np.ndarray:
    """Return the figures with what is below 1e-9 in size as 0."""
    return np.where(np.abs(figures) < EQUAL, 0.0, figures)


def off_track_periods(statuses: np.ndarray, recent: list[int]) -> np.ndarray:
    """Return for each entity how many periods in a row up to P are off track, 8 at most."""
    off = statuses[:, recent[::-1]] == "off_track"
    return np.cumprod(off, axis=1).sum(axis=1)
