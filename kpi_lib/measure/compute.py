"""All KPIs of all partners, once a run, in a few fused scans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from kpi_lib.data.dataset import Dataset, of_unchanged_data
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.formula import Formula, Observed, TargetOf, Term
from kpi_lib.kpis.goals import FAMILY as GOALS
from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.coverage import coverage_of, default_period
from kpi_lib.measure.cube import Cube
from kpi_lib.measure.entities import list_entities
from kpi_lib.measure.evaluate import evaluate
from kpi_lib.measure.goals import Book
from kpi_lib.measure.observations import count_observations
from kpi_lib.measure.relation import Engine, Relations, open_relations, polars_engine
from kpi_lib.measure.scan import Scanner
from kpi_lib.measure.table import empty_history, empty_table, history_of, rows_of
from kpi_lib.measure.targets import Agreed, read_targets, status
from kpi_lib.periods import Period, at_least_as_long
from kpi_lib.settings import Settings


@dataclass(frozen=True)
class Results:
    """What a run computed.

    `table`: the KPI table. `history`: the values of the last 8 periods, one row per scope, entity,
    kpi and period. `kpis`: the KPIs that have rows, of those that this cadence looks at, in the
    catalogue's order. `catalogue`: every KPI there is, the settings' own measures among them.
    `partners`: one row for each partner that has rows, with its own columns.
    """

    table: pl.DataFrame
    history: pl.DataFrame
    calendar: Calendar
    kpis: tuple[Kpi, ...]
    catalogue: Mapping[str, Kpi]
    partners: pl.DataFrame


@dataclass(frozen=True)
class Working:
    """What a run's figures were worked out from: too large to keep, unless somebody asks how."""

    cube: Cube
    targets: Agreed
    book: Book


def compute(
    dataset: Dataset,
    settings: Settings,
    period: Period,
    as_of: date | None = None,
    engine: Engine = polars_engine,
    only: Collection[str] = (),
    modelled: Mapping[str, pl.DataFrame] | None = None,
) -> Results:
    """Return every KPI of every partner and roll-up in `period`, with its comparisons.

    `as_of`: the last day that counts, for a run to date. `engine`: what the tables are read with.
    `only`: the KPIs that are wanted, all where none is named; a goal needs all the others.
    `modelled`: by KPI of a model what it says, in P and the periods beside it, as
    `measure.modelled` reads it; a KPI of a model that is not in it has no value.
    """
    return compute_with_working(dataset, settings, period, as_of, engine, only, modelled)[0]


@of_unchanged_data
def compute_with_working(
    dataset: Dataset,
    settings: Settings,
    period: Period,
    as_of: date | None = None,
    engine: Engine = polars_engine,
    only: Collection[str] = (),
    modelled: Mapping[str, pl.DataFrame] | None = None,
) -> tuple[Results, Working]:
    """Return what `compute` does, and what it was worked out from."""
    calendar = Calendar.around(period, as_of)
    relations = open_relations(dataset, engine)
    entities = list_entities(relations.partners, calendar)
    scanner = Scanner(relations, calendar, settings.maturity_days, settings.half_life_days)
    cube = Cube(calendar, entities, scanner, modelled=modelled or {})
    known = catalogue_of(settings)
    kpis = tuple(kpi for kpi in _wanted(known, only) if at_least_as_long(period, kpi.cadence))
    cube.count(_parts(kpis, relations))
    observed = [kpi.formula for kpi in kpis if isinstance(kpi.formula, Observed)]
    cube.observations.update(count_observations(cube, observed))
    targets = read_targets(cube, dataset.tables.get("targets"))
    cube.targets.update(_targets_named(kpis, targets))
    book = Book.of(kpis, cube, {str(family): weight for family, weight in settings.weights.items()})
    told = {kpi.id: _tell(kpi, cube, targets, book) for kpi in kpis if kpi.family != GOALS}
    book.close(kpis)
    told |= {kpi.id: _tell(kpi, cube, targets, book) for kpi in kpis if kpi.family == GOALS}
    kpis = tuple(kpi for kpi in kpis if len(told[kpi.id][0]))  # a pack's may concern nobody here
    rows, history = [told[kpi.id][0] for kpi in kpis], [told[kpi.id][1] for kpi in kpis]
    own = (pl.col("scope") == "partner") & pl.col("has_row")
    joined = entities.frame.filter(own).drop("index", "scope", "entity", "has_row")
    table, course = pl.concat([empty_table(), *rows]), pl.concat([empty_history(), *history])
    return Results(table, course, calendar, kpis, known, joined), Working(cube, targets, book)


def _wanted(known: dict[str, Kpi], only: Collection[str]) -> list[Kpi]:
    """Return the KPIs to compute: all, or those named; goals are made of all the others."""
    named = [kpi for kpi_id, kpi in known.items() if kpi_id in only]
    if not named or any(kpi.family == GOALS for kpi in named):
        return list(known.values())
    return named


def _tell(kpi: Kpi, cube: Cube, targets: Agreed, book: Book) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return a KPI's rows of the table and its history; enter in the book what goals need."""
    figures = evaluate(kpi, cube)
    agreed = targets.of(kpi.id)
    paced = None if agreed is None else agreed.paced(figures, cube)
    statuses = status(kpi, figures, paced)
    if kpi.family != GOALS:
        book.enter(kpi, figures, paced, statuses)
    return rows_of(kpi, figures, paced, statuses, cube), history_of(kpi, figures, cube)


def compute_asked(
    settings: Settings,
    dataset: Dataset,
    period: str | None,
    as_of: date | None = None,
    engine: Engine = polars_engine,
    only: Collection[str] = (),
    modelled: Mapping[str, pl.DataFrame] | None = None,
) -> Results:
    """Return the figures of the period of that name; None: the last whole quarter of the data."""
    wanted = period_asked(settings, dataset, period)
    return compute(dataset, settings, wanted, as_of, engine, only, modelled)


def period_asked(settings: Settings, dataset: Dataset, period: str | None) -> Period:
    """Return the period of that name; None: the last whole quarter of the data."""
    if period is None:
        return default_period(coverage_of(dataset), settings.year_end)
    return Period.parse(period, settings.year_end)


def _targets_named(kpis: tuple[Kpi, ...], targets: Agreed) -> dict[str, np.ndarray]:
    """Return the targets that formulas name, by KPI."""
    terms = [
        (kpi.formula.value, kpi.formula.per) for kpi in kpis if isinstance(kpi.formula, Formula)
    ]
    named = {term.kpi for pair in terms for term in pair if isinstance(term, TargetOf)}
    agreed = {kpi_id: targets.of(kpi_id) for kpi_id in named}
    return {kpi_id: laid.target for kpi_id, laid in agreed.items() if laid is not None}


def _parts(kpis: tuple[Kpi, ...], relations: Relations) -> list[Term]:
    """Return the parts of the KPIs whose tables and columns are there."""
    return [
        part
        for kpi in kpis
        if isinstance(kpi.formula, Formula)
        and not any(relations.lacks(table, columns) for table, columns in kpi.needs.items())
        for part in kpi.formula.parts
    ]
