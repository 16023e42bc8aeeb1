"""Targets to begin with: last year's figures, a little better, for somebody to edit."""

from __future__ import annotations

import math
from collections.abc import Iterator

import polars as pl

from kpi_lib.engine.formula import Formula, Lagged
from kpi_lib.engine.kpi import SCORE, Kpi
from kpi_lib.kpis.kpi_ends import hard_ends, usual_ends
from kpi_lib.kpis.profiles import profile_of
from kpi_lib.measure.compute import Results
from kpi_lib.settings import Settings

GROWTH = 0.05
# How people write targets: so many decimals, or as many as four digits that say something take.
DECIMALS = {"money": 0, "number": 2, "ratio": 4, "days": 1, "points": 1, "years": 1}
DIGITS = 4
SCHEMA = {
    **dict.fromkeys(("scope", "entity", "kpi", "period"), pl.String()),
    **dict.fromkeys(("target", "minimum", "baseline"), pl.Float64()),
}


def suggest_targets(results: Results, settings: Settings, growth: float = GROWTH) -> pl.DataFrame:
    """Return a target for each partner and KPI of its profile, in the layout of the table targets.

    `results` are those of the period that the targets are for; the figure of its year-ago period is
    the baseline, and the minimum is left open. Partners that left before the period have none, nor
    has a KPI without a figure a year ago, or with nothing to do better than; one that neither side
    calls better, or that passes by itself (years); and what some target names already.
    """
    kpis = {kpi.id: kpi for kpi in results.kpis if kpi.better != "neither" and kpi.unit != "years"}
    open_ones = results.table.filter(
        pl.col("scope") == "partner",
        pl.col("kpi").is_in(list(kpis)),
        pl.col("year_ago").is_not_null(),
        pl.col("target").is_null(),
    )
    led = {partner: set(profile) for partner, profile in _profiles(results, settings)}
    period = str(results.calendar.period)
    rows = [
        ("partner", entity, kpi, period, target_of(kpis[kpi], before, growth), None, before)
        for entity, kpi, before in open_ones.select("entity", "kpi", "year_ago").iter_rows()
        if kpi in led.get(entity, ()) and (before or kpis[kpi].better == "lower")
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("entity", "kpi")


def _profiles(results: Results, settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each partner that is there in the period, and the KPIs of its profile."""
    stays = pl.lit(True)
    if "left_on" in results.partners.columns:
        first = int(results.calendar.starts[results.calendar.now])
        stays = (pl.col("left_on").cast(pl.Int32) >= first).fill_null(True)
    there = results.partners.filter(stays).select("partner_id", "partner_type")
    for partner, kind in there.iter_rows():
        yield partner, profile_of(settings.profiles, partner, kind)


def target_of(kpi: Kpi, before: float, growth: float) -> float:
    """Return the figure `growth` of its size on the better side, within what can be.

    A count is whole, a share at most 1, a score at most 100, and nothing that was not below 0 falls
    below it. Of growth on the year the target is `growth` itself.

    >>> from kpi_lib.kpis.catalogue import catalogue
    >>> target_of(catalogue()["revenue"], 1000.0, 0.05)
    1050.0
    >>> target_of(catalogue()["dso_days"], 40.0, 0.05)
    38.0
    >>> target_of(catalogue()["otif_rate"], 0.97, 0.05)
    1.0
    """
    if _grows_on_the_year(kpi):
        return growth
    sign = 1 if kpi.better == "higher" else -1
    wanted = before + sign * growth * abs(before)
    # What is suggested of a count is never less than what was asked for.
    written = _next_whole_number(wanted, sign) if _is_count(kpi) else _rounded(wanted, kpi.unit)
    return min(max(written, _least(before)), _highest_possible(kpi, before))


def _grows_on_the_year(kpi: Kpi) -> bool:
    """Say whether a KPI is a growth rate on the year before."""
    formula = kpi.formula
    if not isinstance(formula, Formula) or not formula.growth:
        return False
    return isinstance(formula.per, Lagged) and formula.per.lag == "year_ago"


def _is_count(kpi: Kpi) -> bool:
    is_sum = isinstance(kpi.formula, Formula) and kpi.formula.per is None
    return kpi.unit == "number" and is_sum and kpi.within != SCORE


def _next_whole_number(value: float, sign: int) -> float:
    """Return the next whole number in a direction, blind to what floats add."""
    return float(math.ceil(value - 1e-9) if sign > 0 else math.floor(value + 1e-9))


def _rounded(value: float, unit: str) -> float:
    """Return a value with as many decimals as people write."""
    if not value:
        return value
    return round(value, max(DECIMALS[unit], DIGITS - 1 - math.floor(math.log10(abs(value)))))


def _highest_possible(kpi: Kpi, before: float) -> float:
    """Return the most that there can be, or infinity, as for a figure that was above it."""
    most = min(hard_ends(kpi).most, usual_ends(kpi).most)
    return most if before <= most else math.inf


def _least(before: float) -> float:
    return 0.0 if before >= 0 else -math.inf
