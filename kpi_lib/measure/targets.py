"""Targets: which one holds for whom and when, and what it makes of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import at_least
from kpi_lib.engine.figures import Figures
from kpi_lib.engine.kpi import Kpi

TOLERANCE = 0.1  # of a target's size on its wrong side, where no minimum is given
ENOUGH = 30  # rows from which on an interval around the target no longer makes a status unsure
ALWAYS = "*"
EVERY = -1  # in place of a period's slot: all of them
WHEN = (ALWAYS, "length", "exact")  # for which periods a row is: the last that there is holds
FIGURES = ["target", "minimum", "baseline"]
LAST_TO_FIRST = ("all", "partner_type", "tier", "partner", "portfolio")  # as targets are matched
STATUSES = ("no_data", "no_target", "unsure", "on_track", "at_risk", "off_track")
NO_DATA, NO_TARGET, OFF_TRACK = (
    STATUSES.index(word) for word in ("no_data", "no_target", "off_track")
)


@dataclass(frozen=True)
class Targets:
    """Arrays of entities x periods: target, minimum and baseline as they were agreed."""

    target: np.ndarray
    minimum: np.ndarray
    baseline: np.ndarray

    def floor(self, kpi: Kpi) -> np.ndarray:
        """Return the minimum (entities x periods); by default a tenth worse than the target."""
        worse = -1.0 if kpi.better == "higher" else 1.0
        default = self.target + worse * TOLERANCE * np.abs(self.target)
        return np.where(np.isnan(self.minimum), default, self.minimum)

    def paced(self, figures: Figures, cube: Cube) -> Targets:
        """Return the targets in proportion to the days so far, where figures grow with them."""
        elapsed = np.where(figures.grows, cube.calendar.elapsed, 1.0)
        return Targets(self.target * elapsed, self.minimum * elapsed, self.baseline)


@dataclass(frozen=True)
class Agreed:
    """What was agreed, by KPI, scope and when it holds; laid out one KPI at a time.

    A partner's target is the first that matches of partner, tier, partner type and all; within each
    the exact period comes before its length (each quarter), and that before `*`. A target of the
    portfolio is that of the roll-up of all partners. Laying one out for all partners and KPIs at
    once would fill the memory.
    """

    cube: Cube
    rows: Mapping[tuple[str, str, str], pl.DataFrame]
    holders: Mapping[str, Mapping[str, np.ndarray]]

    def of(self, kpi_id: str) -> Targets | None:
        """Return the targets of a KPI in the periods beside P, None where it has none."""
        layers = [(scope, when) for scope in LAST_TO_FIRST for when in WHEN]
        there = [layer for layer in layers if (kpi_id, *layer) in self.rows]
        if not there:
            return None
        laid = np.full((len(FIGURES), *self.cube.shape), np.nan)
        for scope, when in there:
            self._overlay_rows(laid, scope, self.rows[kpi_id, scope, when])
        return Targets(*laid)

    @property
    def kpis(self) -> frozenset[str]:
        """The KPIs of which anything was agreed."""
        return frozenset(kpi for kpi, _, _ in self.rows)

    def row_of(self, kpi_id: str, index: int, slot: int) -> pl.DataFrame:
        """Return the row that holds for an entity in a period: one, or none."""
        rows = [
            self._rows_for(self.rows[kpi_id, scope, when], scope, index)
            .filter(pl.col("slot").is_in([EVERY, slot]))
            .drop("when", "slot", "partner")
            for scope in reversed(LAST_TO_FIRST)
            for when in reversed(WHEN)
            if (kpi_id, scope, when) in self.rows
        ]
        return next((found for found in rows if len(found)), rows[-1] if rows else pl.DataFrame())

    def _rows_for(self, rows: pl.DataFrame, scope: str, index: int) -> pl.DataFrame:
        """Return the rows of targets that hold for one entity of a scope (`index`)."""
        if scope == "partner":
            own = self.cube.entities.owners["partner"][rows["partner"].to_numpy()]
            return rows.filter(pl.Series(own == index))
        holding = [name for name, held in self.holders[scope].items() if index in held]
        return rows.filter(pl.col("entity").is_in(holding))

    def _overlay_rows(self, laid: np.ndarray, scope: str, rows: pl.DataFrame) -> None:
        """Lay the rows of a layer over what lies there: what comes first in matching comes last.

        All rows of a layer hold for every period, or each for one.
        """
        beside = np.array(self.cube.calendar.beside)
        figures, slots = rows[FIGURES].to_numpy(), rows["slot"].to_numpy()
        every = bool((slots == EVERY).all())
        if scope == "partner":  # the many: one row holds for one partner
            index = self.cube.entities.owners["partner"][rows["partner"].to_numpy()]
            wide = (index[:, None], beside) if every else (index, slots)
            laid[:, *wide] = figures.T[:, :, None] if every else figures.T
            return
        for entity, slot, agreed in zip(rows["entity"], slots, figures, strict=True):
            index = self.holders[scope].get(entity, np.array([], dtype=int))
            laid[:, index[:, None], beside if every else slot] = agreed[:, None, None]


def read_targets(cube: Cube, table: pl.LazyFrame | None) -> Agreed:
    """Return what was agreed for the entities and the periods that stand beside P."""
    if table is None:
        return Agreed(cube, {}, {})
    when, times = _periods_named(cube.calendar)
    agreed = table.collect()
    absent = [name for name in FIGURES if name not in agreed.columns]
    agreed = (
        agreed.with_columns(pl.lit(None).alias(name) for name in absent)
        .filter(pl.col("period").is_in([*when, *times]))
        .with_columns(
            pl.col(FIGURES).cast(pl.Float64).fill_null(np.nan),
            when=pl.col("period").replace_strict(when, default="exact", return_dtype=pl.String),
            slot=pl.col("period").replace_strict(times, default=EVERY, return_dtype=pl.Int32),
        )
        .join(cube.entities.numbers, left_on="entity", right_on="partner_id", how="left")
        .filter((pl.col("scope") != "partner") | pl.col("partner").is_not_null())
    )
    layers = agreed.partition_by("kpi", "scope", "when", as_dict=True)
    rows = {(str(kpi), str(scope), str(when)): f for (kpi, scope, when), f in layers.items()}
    return Agreed(cube, rows, _holders(cube))


def _periods_named(calendar: Calendar) -> tuple[dict[str, str], dict[str, int]]:
    """Return the periods that a target may name: how for many at once, or the slot of just one.

    All periods that are looked at have the length of P: a row for another length is for none.
    """
    times = {str(calendar.periods[slot]): slot for slot in calendar.beside}
    return {ALWAYS: ALWAYS, calendar.period.cadence: "length"}, times


def targets_by_partner(
    partners: pl.DataFrame, calendar: Calendar, table: pl.LazyFrame
) -> pl.LazyFrame:
    """Return one row per partner and target that holds for it, of the periods that are compared.

    A target is set for the partner itself, its tier, its type or all.
    """
    when, times = _periods_named(calendar)
    named = {"partner": "partner_id", "tier": "tier", "partner_type": "partner_type"}
    holders = [
        partners.select("partner_id", scope=pl.lit(scope), entity=pl.col(column))
        for scope, column in named.items()
        if column in partners.columns
    ]
    holders.append(partners.select("partner_id", scope=pl.lit("all"), entity=pl.lit(ALWAYS)))
    of_period = table.filter(pl.col("period").is_in([*when, *times]))
    return of_period.join(pl.concat(holders).lazy(), on=["scope", "entity"])


def _holders(cube: Cube) -> dict[str, dict[str, np.ndarray]]:
    """Return for each scope of targets but partner whose they are: entities by what is named."""
    frame = cube.entities.frame
    partners = frame.filter(pl.col("scope") == "partner")
    whole = frame.filter(pl.col("scope") == "portfolio")
    holders = {
        "all": {ALWAYS: partners["index"].to_numpy()},
        "portfolio": {ALWAYS: whole["index"].to_numpy()},
    }
    for column in ("tier", "partner_type"):
        named = partners.select("index", column).drop_nulls() if column in frame.columns else None
        groups = {} if named is None else named.partition_by(column, as_dict=True)
        holders[column] = {str(key[0]): of["index"].to_numpy() for key, of in groups.items()}
    return holders


def status(kpi: Kpi, figures: Figures, targets: Targets | None) -> np.ndarray:
    """Return where each figure stands: places in STATUSES, entities x periods."""
    no_value = np.isnan(figures.value)
    if targets is None or kpi.better == "neither":
        return np.where(no_value, NO_DATA, NO_TARGET).astype(np.int8)
    sign = 1.0 if kpi.better == "higher" else -1.0
    target, floor = targets.target, targets.floor(kpi)
    reached = at_least(sign * figures.value, sign * target)
    above_floor = at_least(sign * figures.value, sign * floor)
    inside = at_least(target, figures.low) & at_least(figures.high, target)
    unsure = inside & (figures.n < ENOUGH)
    conditions = [no_value, np.isnan(target), unsure, reached, above_floor]
    return np.select(conditions, range(len(conditions)), default=OFF_TRACK).astype(np.int8)


def off_track_periods(statuses: np.ndarray, recent: list[int]) -> np.ndarray:
    """Return for each entity how many periods in a row up to P are off track, 8 at most."""
    off = statuses[:, recent[::-1]] == OFF_TRACK
    periods: np.ndarray = np.cumprod(off, axis=1).sum(axis=1)
    return periods
