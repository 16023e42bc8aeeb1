"""What a KPI's value is in every entity and period, and why it has none where it has none."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.coverage import ALWAYS
from kpi_lib.engine.cube import Cube, Observations
from kpi_lib.engine.custom import from_rows
from kpi_lib.engine.equality import SMALLEST, divide
from kpi_lib.engine.formula import Formula, Modelled, Observed
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.model_figures import modelled

Z = 1.959964  # the normal law's two-sided 95 % point
Z_OF_NPS = 1.96  # as the field writes it
ADDED_OF_NPS = 3  # answers


@dataclass(frozen=True)
class Figures:
    """Arrays of entities x periods, NaN where there is none; `why` says why P has no value.

    `grows`: whether a figure adds up through its period, so that to date its target is paced.
    `shown`: the entities that have a row, all of its scopes by default. `since`: the day from which
    the data cover the KPI; a value of a period that begins before it is of a part of it, or of
    nothing.
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
    since: date = ALWAYS


@dataclass(frozen=True)
class Fraction:
    """What stands above and below the line, arrays of entities x periods, and what is taken off.

    Without a denominator the value is the numerator alone. `zero`: where it is 0 whatever stands
    below the line. `n`: how many rows are behind it; None where a count says nothing.
    """

    numerator: np.ndarray
    denominator: np.ndarray | None = None
    n: np.ndarray | None = None
    minus: float = 0.0
    zero: np.ndarray | bool = False

    @property
    def value(self) -> np.ndarray:
        """The value, NaN where there is none."""
        if self.denominator is None:
            return self.numerator - self.minus
        quotient = divide(self.numerator, self.denominator)
        return np.where(self.zero, 0.0, quotient) - self.minus


def evaluate(kpi: Kpi, cube: Cube) -> Figures:
    """Return the figures of a KPI; its parts must have been counted."""
    figures = _evaluated(kpi, cube)
    grows = kpi.formula.adds_up if isinstance(kpi.formula, Formula) else figures.grows
    since = cube.coverage.since_when(kpi.tables)
    return replace(figures, grows=grows, shown=_with_a_row(kpi, cube), since=since)


def _evaluated(kpi: Kpi, cube: Cube) -> Figures:
    lacking = kpi.lacking(cube.scanner.relations)
    if lacking:
        return _nothing(cube, "; ".join(lacking))
    if isinstance(kpi.formula, Formula):
        return _of_formula(kpi, kpi.formula, cube)
    if isinstance(kpi.formula, Observed):
        return _of_observations(kpi, cube.observations[kpi.formula.measure], cube)
    if isinstance(kpi.formula, Modelled):
        return _of_model(kpi, kpi.formula, cube)
    answers = Fraction(*from_rows(kpi.formula, cube))
    return _figures(cube, kpi, answers, nothing="its function gives none")


def _of_formula(kpi: Kpi, formula: Formula, cube: Cube) -> Figures:
    unknown = ~_base_covered(kpi, formula, cube)
    fraction = _fraction_of(formula, cube, unknown)
    nothing = formula.otherwise or "nothing to measure it by in this period"
    if formula.growth:
        nothing = f"nothing to compare with in {_base_of(formula)}"
    if unknown[cube.calendar.now]:
        since = cube.coverage.since_when(kpi.tables)
        nothing = f"{_base_of(formula)} is not covered by the data: they begin on {since}"
    figures = _figures(cube, kpi, fraction, nothing)
    if formula.share:
        return _with_interval(figures, wilson(figures.value, figures.n))
    if formula.nps:
        return _with_interval(figures, nps_interval(formula, figures, cube))
    return figures


def _fraction_of(formula: Formula, cube: Cube, unknown: np.ndarray) -> Fraction:
    """Return what a formula comes to; `unknown`: the periods in which its base is not covered."""
    settled, count = formula.zero_below, formula.n
    below = None if formula.per is None else formula.per.figures(cube)
    n = below  # often what stands below the line is the count itself
    if count is not formula.per:
        n = None if count is None else count.figures(cube)
    return Fraction(
        numerator=np.where(unknown, np.nan, formula.value.figures(cube)),
        denominator=below,
        n=n,
        minus=formula.minus,
        zero=False if settled is None else settled.figures(cube) <= -SMALLEST,
    )


def _base_covered(kpi: Kpi, formula: Formula, cube: Cube) -> np.ndarray:
    """Return for each period whether the data cover the earlier ones that it stands on, if any."""
    covered = cube.covered(cube.coverage.since_when(kpi.tables))
    known = np.ones(len(covered), dtype=bool)
    for lag in formula.lags:
        base = cube.calendar.neighbour(lag)
        known &= np.where(base >= 0, covered[base], True)  # without one there is no value anyway
    return known


def _base_of(formula: Formula) -> str:
    """Return the words for the period that a growth, a retention or a difference stands on."""
    return "the period before" if "previous" in formula.lags else "the same period a year ago"


def _of_observations(kpi: Kpi, seen: Observations, cube: Cube) -> Figures:
    """Return numerators over denominators where there are any, else the plain sum."""
    divides = seen.divided > 0
    above = np.where(divides, seen.above, np.where(seen.rows > 0, seen.plain, np.nan))
    nothing = f"nothing of {kpi.name.lower()} was observed"
    n = np.where(divides, seen.divided, seen.rows)
    one = np.where(divides, seen.below, 1.0)
    figures = _figures(cube, kpi, Fraction(above, one, n), nothing)
    below = np.where(divides, figures.denominator, np.nan)
    return replace(figures, denominator=below, grows=(seen.rows > 0) & ~divides)


def _of_model(kpi: Kpi, formula: Modelled, cube: Cube) -> Figures:
    """Return what the model of the run says; without one there is nothing."""
    rows, why = cube.modelled.rows.get(kpi.id), cube.modelled.why.get(formula.model)
    if rows is None:
        not_fitted = f"the model {formula.model} has not been fitted: it comes with `kpi run`"
        return _nothing(cube, why or not_fitted)
    above, below, n = modelled(rows, cube.entities, cube.calendar)
    fraction = Fraction(above, None if formula.per is None else below, n)
    figures = _figures(cube, kpi, fraction, why or f"the model {formula.model} says nothing of it")
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


def _figures(cube: Cube, kpi: Kpi, of: Fraction, nothing: str) -> Figures:
    """Return value and what it is made of, blank wherever there is no value, and why there is none.

    `nothing`: why, where the rows would speak of it.
    """
    blank, value = np.full(cube.shape, np.nan), of.value
    has = ~np.isnan(value)
    return Figures(
        value=value,
        numerator=np.where(has, of.numerator, np.nan),
        denominator=blank if of.denominator is None else np.where(has, of.denominator, np.nan),
        n=blank if of.n is None else np.where(has, of.n, np.nan),
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
    counted = dict.fromkeys(kpi.needs)
    if isinstance(kpi.formula, Formula):  # what is only looked up need not say it
        owners = [part.rows.owners for part in kpi.formula.parts]
        counted = dict.fromkeys(table for tables in owners for table in tables)
    named = [table for table in counted if "partner_id" in TABLES[table].columns]
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
    """Return the 95 % interval of a net promoter score: adjusted Wald, which bears few answers.

    Three answers are added, a quarter of them promoters, a quarter detractors; of the shares a of
    promoters and d of detractors the variance is a + d - (a - d)^2. Rocks, B. (2016), Interval
    estimation for the net promoter score, The American Statistician 70, 365-372.
    """
    promoters, detractors = (part.figures(cube) for part in formula.parts[:2])
    answers = figures.n + ADDED_OF_NPS
    a, d = ((side + ADDED_OF_NPS / 4) / answers for side in (promoters, detractors))
    half = 100 * Z_OF_NPS * np.sqrt((a + d - (a - d) ** 2) / answers)
    centre = 100 * (a - d)
    return np.maximum(centre - half, -100), np.minimum(centre + half, 100)


def _nothing(cube: Cube, reason: str) -> Figures:
    blank = np.full(cube.shape, np.nan)
    why = np.full(cube.shape[0], reason, dtype=object)
    return Figures(blank, blank, blank, blank, blank, blank, why)
