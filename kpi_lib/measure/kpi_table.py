"""The KPI table: one row per scope, entity and KPI, every figure with what it stands on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import day_number
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.figures import Figures
from kpi_lib.engine.kpi import Benchmark, Kpi
from kpi_lib.measure.peers import standings
from kpi_lib.measure.targets import NO_DATA, STATUSES, Targets, off_track_periods
from kpi_lib.measure.trend import trends
from kpi_lib.periods import MONTHS

MONTHS_OF_WEEK = 7 / 30.4375

SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("scope", "entity", "kpi", "period"), pl.String()),
    **dict.fromkeys(("value", "numerator", "denominator"), pl.Float64()),
    "n": pl.Int64(),
    "missing": pl.String(),
    **dict.fromkeys(("previous", "year_ago", "baseline"), pl.Float64()),
    **dict.fromkeys(("target", "minimum", "variance"), pl.Float64()),
    "status": pl.String(),
    "benchmark": pl.Float64(),
    "trend": pl.String(),
    "peer_percentile": pl.Float64(),
    "peers": pl.Int64(),
    **dict.fromkeys(("peer_q1", "peer_median", "peer_q3"), pl.Float64()),
    "off_track_periods": pl.Int64(),
    **dict.fromkeys(("low", "high"), pl.Float64()),
}


def rows_of(
    kpi: Kpi, figures: Figures, paced: Targets | None, statuses: np.ndarray, cube: Cube
) -> pl.DataFrame:
    """Return the KPI's rows of the KPI table, one for each entity of its scopes.

    `paced`: its targets as they are held against the figures; `statuses`: what came of it.
    """
    now = cube.calendar.now
    values = _comparable(figures, cube)
    blank = np.full(cube.shape[0], np.nan)
    value = figures.value[:, now]
    standing = standings(value, kpi.better, cube)
    target = blank if paced is None else paced.target[:, now]
    columns: dict[str, object] = {
        "scope": cube.entities.frame["scope"],
        "entity": cube.entities.frame["entity"],
        "kpi": kpi.id,
        "period": str(cube.calendar.period),
        "value": value,
        "numerator": figures.numerator[:, now],
        "denominator": figures.denominator[:, now],
        "n": figures.n[:, now],
        "missing": pl.Series(figures.why.tolist(), dtype=pl.String),
        "previous": _at(values, int(cube.calendar.previous[now])),
        "year_ago": _at(values, int(cube.calendar.year_ago[now])),
        "baseline": _baseline(values, paced, cube),
        "target": target,
        "minimum": blank if paced is None else paced.floor(kpi)[:, now],
        "variance": value - target,
        "status": pl.Series(STATUSES).gather(statuses[:, now]),
        "benchmark": _benchmark_values(kpi.benchmark, value, cube),
        "trend": pl.Series(trends(values[:, cube.calendar.recent]).tolist(), dtype=pl.String),
        "peer_percentile": standing.percentile,
        "peers": standing.peers,
        "peer_q1": standing.q1,
        "peer_median": standing.median,
        "peer_q3": standing.q3,
        "off_track_periods": off_track_periods(
            np.where(np.isnan(values), NO_DATA, statuses), cube.calendar.recent
        ),
        "low": figures.low[:, now],
        "high": figures.high[:, now],
    }
    frame = pl.DataFrame(columns).with_columns(pl.selectors.float().fill_nan(None))
    return frame.filter(pl.Series(_shown(kpi, figures, cube))).cast(SCHEMA)  # type: ignore[arg-type]


def history_of(kpi: Kpi, figures: Figures, cube: Cube) -> pl.DataFrame:
    """Return scope, entity, kpi, period, value, n and covered of the last 8 periods, oldest first.

    A value of a period that is not `covered` is of a part of it; there is none before the data.
    """
    recent = cube.calendar.recent
    at = np.flatnonzero(_shown(kpi, figures, cube))
    who = cube.entities.frame.select("scope", "entity")[at]
    labels = pl.Series([str(cube.calendar.periods[slot]) for slot in recent], dtype=pl.String)
    values = _covered_values(figures, cube)[at][:, recent]
    n = np.where(np.isnan(values), np.nan, figures.n[at][:, recent])
    return pl.concat([who] * len(recent)).with_columns(
        kpi=pl.lit(kpi.id),
        period=labels.gather(np.repeat(np.arange(len(recent)), len(at))),
        value=pl.Series(values.T.ravel(), nan_to_null=True, dtype=pl.Float64),
        n=pl.Series(n.T.ravel(), nan_to_null=True, dtype=pl.Float64).cast(pl.Int64),
        covered=np.repeat(cube.covered(figures.since)[recent], len(at)),
    )


def _shown(kpi: Kpi, figures: Figures, cube: Cube) -> np.ndarray:
    """Return the entities of which the KPI has a row."""
    frame = cube.entities.frame
    return (frame["has_row"] & frame["scope"].is_in(kpi.scopes)).to_numpy() & figures.shown


def _covered_values(figures: Figures, cube: Cube) -> np.ndarray:
    """Return values (entities x periods), NaN where nothing can be known; P stays as it is.

    Nothing can be known of a partner before it joined, nor of anything before the data begin.
    """
    calendar = cube.calendar
    joined = cube.entities.frame["joined_on"].cast(pl.Float64).to_numpy()
    is_partner = cube.entities.frame["scope"].to_numpy() == "partner"
    before = is_partner[:, None] & (calendar.lasts[None, :] < joined[:, None])
    before |= ~cube.covered(figures.since) & (calendar.lasts < day_number(figures.since))
    before[:, calendar.now] = False
    return np.where(before, np.nan, figures.value)


def _comparable(figures: Figures, cube: Cube) -> np.ndarray:
    """Return the values without those of periods that the data do not cover; P stays as it is."""
    counts = cube.covered(figures.since, or_now=True)
    return np.where(counts, _covered_values(figures, cube), np.nan)


def _at(values: np.ndarray, slot: int) -> np.ndarray:
    return values[:, slot] if slot >= 0 else np.full(len(values), np.nan)


def _baseline(values: np.ndarray, targets: Targets | None, cube: Cube) -> np.ndarray:
    """Return per entity the agreed baseline, else the mean of the year before P."""
    year = values[:, cube.calendar.year_before]
    known = ~np.isnan(year)
    count = known.sum(axis=1)
    total = np.where(known, year, 0.0).sum(axis=1)
    enough = (count * 2 >= year.shape[1]) & (count > 0)
    mean: np.ndarray = np.divide(total, count, out=np.full(len(values), np.nan), where=enough)
    if targets is None:
        return mean
    agreed = targets.baseline[:, cube.calendar.now]
    return np.where(np.isnan(agreed), mean, agreed)


def _benchmark_values(benchmark: Benchmark | None, value: np.ndarray, cube: Cube) -> np.ndarray:
    """Return the published claim beside each entity's value; NaN where it is not meant."""
    blank = np.full(cube.shape[0], np.nan)
    scopes = cube.entities.frame["scope"].to_numpy()
    if benchmark is not None and benchmark.of_direct is not None:
        direct = value[cube.entities.index_of("direct")]
        claim = np.minimum(direct * benchmark.of_direct, benchmark.most)
        return np.where(np.isnan(value) | (scopes == "direct"), np.nan, claim)
    if benchmark is None or benchmark.low is None:
        return blank
    meant = ~np.isnan(value) & ((benchmark.scope is None) | (scopes == benchmark.scope))
    months = MONTHS.get(cube.calendar.period.cadence, MONTHS_OF_WEEK)
    claim = benchmark.low * (months / 12 if benchmark.per_year else 1)
    return np.where(meant, claim, blank)


def write_table(table: pl.DataFrame, place: Path) -> None:
    """Write a table as Parquet so that its name holds the old one or the new, never a part."""
    beside = place.with_name(f".{place.name}.part")
    table.write_parquet(beside)
    beside.replace(place)


def empty_history() -> pl.DataFrame:
    """Return a history without rows."""
    words = dict.fromkeys(("scope", "entity", "kpi", "period"), pl.String())
    figures = {"value": pl.Float64(), "n": pl.Int64(), "covered": pl.Boolean()}
    return pl.DataFrame(schema={**words, **figures})


def empty_table() -> pl.DataFrame:
    """Return a KPI table without rows."""
    return pl.DataFrame(schema=SCHEMA)
