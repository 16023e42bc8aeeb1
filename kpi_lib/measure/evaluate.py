"""What a KPI's value is in every entity and period, and why it has none where it has none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.kpis.formula import Formula, FromRows, Lagged, Modelled, Observed
from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.cube import NOTHING, Cube, divide
from kpi_lib.measure.modelled import modelled
from kpi_lib.measure.observations import Observations
from kpi_lib.measure.own import from_rows, special

Z = 1.959964  # the normal law's two-sided 95 % point
Z_OF_NPS = 1.96  # as the field writes it


@dataclass(frozen=True)
class Figures:
    """Arrays of entities x periods, NaN where there is none; `why` says why P has no value.

    `grows`: whether a figure adds up through its period, so that to date its target is paced.
    `shown`: the entities that have a row, all of its scopes by default.
    """

    value: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    n: np.ndarray
    low: np.ndarray
    high: np.ndarray
    why: np.ndarray = field(repr=False)
    grows: np.ndarray | bool = False
    shown: np.ndarray | bool = True


def evaluate(kpi: Kpi, cube: Cube) -> Figures:
    """Return the figures of a KPI; its parts must have been counted."""
    figures = _evaluated(kpi, cube)
    grows = kpi.formula.adds_up if isinstance(kpi.formula, Formula) else figures.grows
    return replace(figures, grows=grows, shown=_with_a_row(kpi, cube))


def _evaluated(kpi: Kpi, cube: Cube) -> Figures:
    lacking = [cube.scanner.relations.lacks(table, columns) for table, columns in kpi.needs.items()]
    reasons = [reason for reason in lacking if reason]
    if reasons:
        return _nothing(cube, "; ".join(reasons))
    if isinstance(kpi.formula, Formula):
        return _of_formula(kpi, kpi.formula, cube)
    if isinstance(kpi.formula, Observed):
        return _of_observations(kpi, cube.observations[kpi.formula.measure], cube)
    if isinstance(kpi.formula, Modelled):
        return _of_model(kpi, kpi.formula, cube)
    if isinstance(kpi.formula, FromRows):
        numerator, denominator, n = from_rows(kpi.formula, cube)
        return _figures(cube, kpi, numerator, denominator, n=n, nothing="its function gives none")
    numerator, denominator = special(kpi.formula, cube)
    return _figures(cube, kpi, numerator, denominator, nothing=kpi.formula.no_value)


def _of_formula(kpi: Kpi, formula: Formula, cube: Cube) -> Figures:
    numerator = cube.of(formula.value)
    denominator = None if formula.per is None else cube.of(formula.per)
    nothing = formula.otherwise or "nothing to measure it by in this period"
    if formula.growth and denominator is not None:
        denominator = np.where(denominator >= NOTHING, denominator, np.nan)
        before = isinstance(formula.per, Lagged) and formula.per.lag == "previous"
        when = "in the period before" if before else "in the same period a year ago"
        nothing = f"nothing to compare with {when}"
    n = None if formula.n is None else cube.of(formula.n)
    figures = _figures(cube, kpi, numerator, denominator, n=n, minus=formula.minus, nothing=nothing)
    if formula.share:
        return _with_interval(figures, wilson(figures.value, figures.n))
    if formula.nps:
        return _with_interval(figures, nps_interval(formula, figures, cube))
    return figures


def _of_observations(kpi: Kpi, seen: Observations, cube: Cube) -> Figures:
    """Return numerators over denominators where there are any, else the plain sum."""
    divides = seen.divided > 0
    above = np.where(divides, seen.above, np.where(seen.rows > 0, seen.plain, np.nan))
    nothing = f"nothing of {kpi.name.lower()} was observed"
    n = np.where(divides, seen.divided, seen.rows)
    one = np.where(divides, seen.below, 1.0)
    figures = _figures(cube, kpi, above, one, n=n, nothing=nothing)
    below = np.where(divides, figures.denominator, np.nan)
    return replace(figures, denominator=below, grows=(seen.rows > 0) & ~divides)


def _of_model(kpi: Kpi, formula: Modelled, cube: Cube) -> Figures:
    """Return what the model of the run says; without one there is nothing."""
    if kpi.id not in cube.modelled:
        fitted = f"the model {formula.model} has not been fitted"
        return _nothing(cube, f"{fitted}: it comes with `kpi run`")
    above, below, n = modelled(cube.modelled[kpi.id], cube)
    per = None if formula.per is None else below
    nothing = f"the model {formula.model} says nothing of it"
    figures = _figures(cube, kpi, above, per, n=n, nothing=nothing)
    if formula.share:
        return _with_interval(figures, wilson(figures.value, figures.n))
    return figures


def _with_a_row(kpi: Kpi, cube: Cube) -> np.ndarray | bool:
    """Return the entities that have a row: of a pack's KPI where observed, or by industry."""
    if not isinstance(kpi.formula, Observed):
        return True
    frame = cube.entities.frame
    shown = np.zeros(len(frame), dtype=bool)
    if kpi.formula.industry is not None and "industry" in frame.columns:
        of_it = (pl.col("scope") == "partner") & (pl.col("industry") == kpi.formula.industry)
        shown = frame.select(of_it.fill_null(False)).to_series().to_numpy()
    seen = cube.observations.get(kpi.id)
    last = cube.calendar.lasts[cube.calendar.now]
    return shown if seen is None else shown | (seen.since <= last)


def _figures(
    cube: Cube,
    kpi: Kpi,
    numerator: np.ndarray,
    denominator: np.ndarray | None,
    *,
    nothing: str,
    n: np.ndarray | None = None,
    minus: float = 0.0,
) -> Figures:
    """Return value and what it is made of, blank wherever there is no value."""
    blank = np.full(cube.shape, np.nan)
    value = numerator - minus if denominator is None else divide(numerator, denominator) - minus
    has = ~np.isnan(value)
    return Figures(
        value=value,
        numerator=np.where(has, numerator, np.nan),
        denominator=blank if denominator is None else np.where(has, denominator, np.nan),
        n=blank if n is None else np.where(has, n, np.nan),
        low=blank,
        high=blank,
        why=_reasons(cube, kpi, has[:, cube.calendar.now], nothing),
    )


def _reasons(cube: Cube, kpi: Kpi, has: np.ndarray, nothing: str) -> np.ndarray:
    """Return for each entity why P has no value, None where it has one."""
    why = np.full(has.shape, nothing, dtype=object)
    why[has] = None
    calendar = cube.calendar
    if calendar.period.year_ago() is None and "a year ago" in nothing:
        why[~has] = f"the year before {calendar.period} has no such week"
    by_partner = isinstance(kpi.formula, Formula) and kpi.formula.by_partner
    for table in _speaking(kpi):
        silent = ~has & ~cube.applies(table)
        if cube.scanner.relations.names_partners(table):
            why[silent] = f"the rows of {table} are all a partner's"
        else:
            why[~has if by_partner else silent] = f"there is no column {table}.partner_id"
    return why


def _speaking(kpi: Kpi) -> list[str]:
    """Return the tables whose rows say of whom they speak, or should; targets name it otherwise."""
    named = [table for table in kpi.needs if "partner_id" in TABLES[table].columns]
    return named or [table for table in kpi.needs if "entity" not in TABLES[table].columns]


def _with_interval(figures: Figures, ends: tuple[np.ndarray, np.ndarray]) -> Figures:
    return replace(figures, low=ends[0], high=ends[1])


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a share of n.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22, 209-212.
    """
    spread = Z**2 / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)  # rounding aside


def nps_interval(formula: Formula, figures: Figures, cube: Cube) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a net promoter score: the normal law of a difference of shares.

    Of the shares a of promoters and d of detractors the variance is a + d - (a - d)^2.
    """
    promoters, detractors = (cube.of(part) for part in formula.parts[:2])
    extreme = divide(promoters + detractors, figures.n)
    variance = extreme - (figures.value / 100) ** 2
    half = 100 * Z_OF_NPS * np.sqrt(np.maximum(variance, 0) / figures.n)
    return np.maximum(figures.value - half, -100), np.minimum(figures.value + half, 100)


def _nothing(cube: Cube, reason: str) -> Figures:
    blank = np.full(cube.shape, np.nan)
    why = np.full(cube.shape[0], reason, dtype=object)
    return Figures(blank, blank, blank, blank, blank, blank, why)
