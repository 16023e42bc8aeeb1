"""The rows behind a figure: those of the tables, or of a goal the KPIs that it counts."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.kpis.formula import Formula
from kpi_lib.kpis.goals import FAMILY, HOLDING, Score, WithStatus
from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.compute import Results, Working
from kpi_lib.measure.explain import rows_behind
from kpi_lib.settings import Settings

STANDING = ("kpi", "value", "target", "minimum", "variance", "status")


@dataclass(frozen=True)
class Asked:
    """A KPI that somebody asks about, of a partner or of all, and the run that tells of it."""

    kpi: Kpi
    results: Results
    working: Working
    dataset: Dataset
    settings: Settings
    partner: str | None


def rows_of(asked: Asked) -> pl.DataFrame:
    """Return the rows behind a KPI: used_in, period, then those of its tables or KPIs.

    Raises CallError where no rows can be shown, as of what a model says.
    """
    if is_of_kpis(asked.kpi):
        return goal_rows(asked.kpi, asked.results, asked.working, asked.partner)
    calendar = asked.results.calendar
    return rows_behind(asked.kpi.id, asked.dataset, asked.settings, calendar, asked.partner)


def is_of_kpis(kpi: Kpi) -> bool:
    """Say whether a KPI is made of other KPIs instead of rows of a table."""
    formula = kpi.formula
    return isinstance(formula, Formula) and isinstance(formula.value, Score | WithStatus)


def goal_rows(kpi: Kpi, results: Results, working: Working, partner_id: str | None) -> pl.DataFrame:
    """Return the KPIs that a goal is made of, one row each.

    Columns: used_in, period, kpi, family, value, target, minimum, variance, status; of a score also
    attainment (0 to 1) and weight (of its family): the weighted mean over the families of their
    mean attainment, times 100, is the score.
    """
    scope, entity = ("partner", partner_id) if partner_id else ("portfolio", "portfolio")
    own = results.table.filter(scope=scope, entity=entity).select(*STANDING)
    families = {k.id: k.family for k in results.kpis}
    family = pl.col("kpi").replace_strict(families, return_dtype=pl.String)
    told = own.with_columns(family=family).filter(pl.col("family") != FAMILY)
    term = kpi.formula.value if isinstance(kpi.formula, Formula) else None
    if isinstance(term, Score):
        index = working.cube.entities.index_of(scope, entity)
        told = _attained(told, term, working, index)
    else:
        told = told.filter(pl.col("status").is_in(HOLDING))
    met = told["status"].is_in(term.statuses if isinstance(term, WithStatus) else HOLDING)
    used = pl.when(met).then(pl.lit("numerator, denominator")).otherwise(pl.lit("denominator"))
    role = pl.lit("score") if isinstance(term, Score) else used
    period = pl.lit(str(results.calendar.period))
    first = (role.alias("used_in"), period.alias("period"), pl.col("kpi"), pl.col("family"))
    return told.select(*first, pl.exclude("kpi", "family"))


def _attained(told: pl.DataFrame, score: Score, working: Working, index: int) -> pl.DataFrame:
    book = working.book
    reached = {kpi: float(of[index]) for (s, kpi), of in book.entered.items() if s == score}
    attainment = pl.col("kpi").replace_strict(reached, default=None, return_dtype=pl.Float64)
    weights = {f: book.weights.get(f, 1.0) for f in told["family"].unique()}
    weight = pl.col("family").replace_strict(weights, default=1.0, return_dtype=pl.Float64)
    beside = told.with_columns(attainment=attainment.fill_nan(None), weight=weight)
    return beside.filter(pl.col("attainment").is_not_null())
