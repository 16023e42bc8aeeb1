"""Targets to begin with: last year's figures, a little better, for somebody to edit."""

from __future__ import annotations

import math

import polars as pl

from kpi_lib.kpis.formula import Formula
from kpi_lib.kpis.profiles import profile_of
from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.compute import Results
from kpi_lib.settings import Settings

GROWTH = 0.05
DECIMALS = {"money": 0, "number": 0, "ratio": 4, "days": 1, "points": 1, "years": 1}
SCHEMA = {
    **dict.fromkeys(("scope", "entity", "kpi", "period"), pl.String()),
    **dict.fromkeys(("target", "baseline"), pl.Float64()),
}


def suggest_targets(results: Results, settings: Settings, growth: float = GROWTH) -> pl.DataFrame:
    """Return a target for each partner and KPI of its profile, in the layout of the table targets.

    `results` are those of the period that the targets are for; the figure of its year-ago period is
    the baseline. The target lies `growth` of the figure's size on its better side, within what the
    unit can be (a share is at most 1, points at most 100, nothing below 0), rounded to what people
    write. Left out: KPIs without a figure a year ago, or
    with nothing to do better than, those that neither side calls better, those
    that are a change or a score themselves, and those that some target names already.
    """
    kpis = {kpi.id: kpi for kpi in results.kpis if _can_have(kpi)}
    own = results.table.filter(
        pl.col("scope") == "partner",
        pl.col("kpi").is_in(list(kpis)),
        pl.col("year_ago").is_not_null(),
        pl.col("target").is_null(),
    )
    partners = results.partners.select("partner_id", "partner_type").iter_rows()
    led = {p: set(profile_of(settings, p, kind)) for p, kind in partners}
    period = str(results.calendar.period)
    rows = [
        ("partner", entity, kpi, period, target_of(kpis[kpi], before, growth), before)
        for entity, kpi, before in own.select("entity", "kpi", "year_ago").iter_rows()
        if kpi in led[entity] and (before or kpis[kpi].better == "lower")
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("entity", "kpi")


def target_of(kpi: Kpi, before: float, growth: float) -> float:
    """Return the figure `growth` of its size on the better side, within what the unit can be.

    >>> from kpi_lib.kpis.catalogue import catalogue
    >>> target_of(catalogue()["revenue"], 1000.0, 0.05)
    1050.0
    >>> target_of(catalogue()["dso_days"], 40.0, 0.05)
    38.0
    >>> target_of(catalogue()["otif_rate"], 0.97, 0.05)
    1.0
    """
    sign = 1 if kpi.better == "higher" else -1
    wanted = before + sign * growth * abs(before)
    decimals = DECIMALS[kpi.unit]
    # Counts are whole, and what is suggested is never less than what was asked for.
    rounded = _towards(wanted, sign) if kpi.unit == "number" else round(wanted, decimals)
    return min(max(rounded, _least(kpi, before)), _most(kpi))


def _can_have(kpi: Kpi) -> bool:
    if kpi.better == "neither" or kpi.family == "goals" or not isinstance(kpi.formula, Formula):
        return False
    return not ("growth" in kpi.id or "increase" in kpi.id or kpi.unit == "years")


def _towards(value: float, sign: int) -> float:
    """Return the next whole number in a direction, blind to what floats add."""
    return float(math.ceil(value - 1e-9) if sign > 0 else math.floor(value + 1e-9))


def _most(kpi: Kpi) -> float:
    if kpi.unit == "points":
        return 100.0
    is_share = isinstance(kpi.formula, Formula) and kpi.formula.share
    return 1.0 if kpi.unit == "ratio" and is_share else math.inf


def _least(kpi: Kpi, before: float) -> float:
    return 0.0 if before >= 0 else -math.inf
