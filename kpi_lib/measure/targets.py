"""Targets: which one holds for whom and when, and what it makes of a figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.cube import Cube
from kpi_lib.measure.equality import at_least
from kpi_lib.measure.evaluate import Figures

TOLERANCE = 0.1  # of a target's size on its wrong side, where no minimum is given
ENOUGH = 30  # rows from which on an interval around the target no longer makes a status unsure
ALWAYS = "*"
FIGURES = ["target", "minimum", "baseline"]


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

    def paced(self, figures: Figures, cube: Cube) -> Targets:
        """Return them in proportion to the days so far, for figures that grow with the days."""
        elapsed = np.where(figures.grows, cube.calendar.elapsed, 1.0)
        return Targets(self.target * elapsed, self.minimum * elapsed, self.baseline)


def read_targets(cube: Cube, table: pl.LazyFrame | None) -> dict[str, Targets]:
    """Return the targets by KPI, of those that have any, in the periods that stand beside P.

    A partner's is the first that matches of partner, tier, partner type and all; within each the
    exact period comes before `*`. A target of the portfolio is that of the roll-up of all partners.
    """
    if table is None:
        return {}
    agreed = table.collect()
    absent = [name for name in FIGURES if name not in agreed.columns]
    agreed = agreed.with_columns(pl.lit(None).alias(name) for name in absent)
    agreed = agreed.with_columns(pl.col(FIGURES).cast(pl.Float64).fill_null(np.nan))
    matches = _places(cube).join(agreed, on=["scope", "entity"]).join(_times(cube), on="period")
    first = matches.sort("place", "time").unique(["kpi", "index", "slot"], keep="first")
    by_kpi = first.partition_by("kpi", as_dict=True)
    return {str(key[0]): _laid_out(of_kpi, cube) for key, of_kpi in by_kpi.items()}


def _places(cube: Cube) -> pl.DataFrame:
    """Return where each entity's targets may stand: index, scope, entity, and which comes first."""
    frame = cube.entities.frame
    partners = frame.filter(pl.col("scope") == "partner")
    own = [("partner", "entity"), ("tier", "tier"), ("partner_type", "partner_type")]
    named = [(scope, pl.col(column)) for scope, column in own if column in frame.columns]
    always = pl.lit(ALWAYS)
    places = [
        partners.select("index", scope=pl.lit(scope), entity=name, place=pl.lit(place))
        for place, (scope, name) in enumerate([*named, ("all", always)])
    ]
    whole = frame.filter(pl.col("scope") == "portfolio")
    of_whole = whole.select("index", scope=pl.lit("portfolio"), entity=always, place=pl.lit(0))
    return pl.concat([*places, of_whole]).drop_nulls("entity")


def _times(cube: Cube) -> pl.DataFrame:
    """Return for each period how its targets may name it, and which name comes first."""
    slots = cube.calendar.beside
    names = [str(cube.calendar.periods[slot]) for slot in slots]
    named = pl.DataFrame({"slot": slots, "period": names})
    always = named.with_columns(period=pl.lit(ALWAYS))
    return pl.concat([named.with_columns(time=pl.lit(0)), always.with_columns(time=pl.lit(1))])


def _laid_out(of_kpi: pl.DataFrame, cube: Cube) -> Targets:
    laid = np.full((len(FIGURES), *cube.shape), np.nan)
    laid[:, of_kpi["index"].to_numpy(), of_kpi["slot"].to_numpy()] = of_kpi[FIGURES].to_numpy().T
    return Targets(*laid)


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


def off_track_periods(statuses: np.ndarray, recent: list[int]) -> np.ndarray:
    """Return for each entity how many periods in a row up to P are off track, 8 at most."""
    off = statuses[:, recent[::-1]] == "off_track"
    return np.cumprod(off, axis=1).sum(axis=1)
