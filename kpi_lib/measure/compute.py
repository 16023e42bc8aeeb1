"""All KPIs of all partners, once a run, in a few fused scans."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

import polars as pl

from kpi_lib.data.dataset import Dataset, of_unchanged_data
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import (
    ALWAYS,
    Coverage,
    coverage_of,
    covers,
    default_period,
    has_cost,
    require_something,
)
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.entities import list_entities
from kpi_lib.engine.evaluate import evaluate
from kpi_lib.engine.formula import Formula, Observed
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.engine.observed import count_observations
from kpi_lib.engine.relation import Engine, open_relations, polars_engine
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.terms.term import count_all
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.goals import FAMILY as GOALS
from kpi_lib.kpis.profiles import PROFILES
from kpi_lib.measure.coarse_standings import CoarseStandings, coarse_standings
from kpi_lib.measure.kpi_table import empty_history, empty_table, history_of, rows_of
from kpi_lib.measure.second_stage import SecondStage, counts_objectives
from kpi_lib.measure.targets import Agreed, read_targets, status
from kpi_lib.periods import Period, at_least_as_long, today
from kpi_lib.settings import Settings


@dataclass(frozen=True)
class Results:
    """What a run computed.

    `table`: the KPI table. `history`: the values of the last 8 periods, one row per scope, entity,
    kpi and period. `kpis`: the KPIs that have rows, of those that this cadence looks at, in the
    catalogue's order. `catalogue`: every KPI there is, the settings' own measures among them.
    `partners`: one row for each partner that has rows, with its own columns; `to_come`: by
    partner_id the day on which those join that have none yet. `coverage`: what time the data cover;
    `since`: by KPI the day from which they cover it, or what it counts. `leading`: the KPIs that
    lead the pages of a partner type, by type.
    """

    table: pl.DataFrame
    history: pl.DataFrame
    calendar: Calendar
    kpis: tuple[Kpi, ...]
    catalogue: Mapping[str, Kpi]
    partners: pl.DataFrame
    to_come: Mapping[str, date]
    coverage: Coverage
    since: Mapping[str, date]
    leading: Mapping[str, Sequence[str]]

    @cached_property
    def coarse_standings(self) -> CoarseStandings:
        """What each partner may be shown of how it stands among the others."""
        return coarse_standings(self)

    def why_not_yet(self, partner_id: str) -> str | None:
        """Return why there is nothing of a partner that joins later; None of any other."""
        day, calendar = self.to_come.get(partner_id), self.calendar
        if day is None:
            return None
        verb = "joined" if day <= today() else "joins"
        until = calendar.as_of if calendar.to_date else calendar.period
        return f"{partner_id} {verb} on {day}, after {until}"

    def covers(self, kpi_id: str) -> bool:
        """Say whether the data cover the period for a KPI, so that its figure can be judged."""
        return covers(self.since.get(kpi_id, ALWAYS), self.calendar.period)


@dataclass(frozen=True)
class Working:
    """What a run's figures were worked out from: too large to keep, unless somebody asks how."""

    cube: Cube
    targets: Agreed


@dataclass(frozen=True)
class Options:
    """How figures are computed, where it is not as ever.

    `engine`: what the tables are read with. `only`: the KPIs that are wanted, all where none is
    named; a goal needs all the others. `modelled`: what the models of the run say; a KPI of a model
    that is not in it has no value. `coverage`: what time the data cover, where it is known already.
    """

    engine: Engine = polars_engine
    only: Collection[str] = ()
    modelled: ModelFigures = field(default_factory=ModelFigures)
    coverage: Coverage | None = None


def compute(
    dataset: Dataset,
    settings: Settings,
    period: Period,
    as_of: date | None = None,
    options: Options = Options(),
) -> Results:
    """Return every KPI of every partner and roll-up in `period`, with its comparisons.

    `as_of`: the last day that counts, for a run to date.
    """
    return compute_with_working(dataset, settings, period, as_of, options)[0]


@of_unchanged_data
def compute_with_working(
    dataset: Dataset,
    settings: Settings,
    period: Period,
    as_of: date | None = None,
    options: Options = Options(),
) -> tuple[Results, Working]:
    """Return what `compute` does, and what it was worked out from."""
    calendar = Calendar.around(period, as_of)
    relations = open_relations(dataset, options.engine)
    scanner = Scanner(relations, calendar, settings.maturity_days, settings.half_life_days)
    coverage = options.coverage or coverage_of(dataset, settings.covered_from)
    entities = list_entities(relations.partners, calendar)
    cube = Cube(calendar, entities, scanner, coverage, modelled=options.modelled)
    known = catalogue_of(settings, has_cost=has_cost(dataset, calendar.as_of))
    kpis = [k for k in _wanted(known, options.only) if at_least_as_long(period, k.cadence)]
    _count(kpis, cube)
    targets = cube.targets = read_targets(cube, dataset.tables.get("targets"))
    weights = {str(family): weight for family, weight in settings.weights.items()}
    tables = _tables(kpis, cube, targets, SecondStage.of(tuple(kpis), cube, weights))
    results = Results(
        table=pl.concat([empty_table(), *(table.rows for table in tables)]),
        history=pl.concat([empty_history(), *(table.history for table in tables)]),
        calendar=calendar,
        kpis=tuple(table.kpi for table in tables),
        catalogue=known,
        partners=entities.joined,
        to_come=entities.to_come,
        coverage=coverage,
        since=_since([table.kpi for table in tables], cube, targets),
        leading={**PROFILES, **settings.profiles},
    )
    return results, Working(cube, targets)


def _count(kpis: Iterable[Kpi], cube: Cube) -> None:
    """Count what the KPIs are made of, as far as the data have the tables and columns of it."""
    there = [kpi.formula for kpi in kpis if not kpi.lacking(cube.scanner.relations)]
    count_all([part for of in there if isinstance(of, Formula) for part in of.parts], cube)
    observed = [formula for formula in there if isinstance(formula, Observed)]
    cube.observations.update(count_observations(cube, observed))


class _Table(NamedTuple):
    """The rows of one KPI in the table, and its history."""

    kpi: Kpi
    rows: pl.DataFrame
    history: pl.DataFrame


def _tables(kpis: Sequence[Kpi], cube: Cube, targets: Agreed, stage: SecondStage) -> list[_Table]:
    """Return the table of each KPI that has rows, in their order; a pack's may concern nobody here.

    Goals are made of the standings of all others, and come after them.
    """
    goals_last = sorted(kpis, key=lambda kpi: kpi.family == GOALS)
    made = {kpi.id: _table_of(kpi, cube, targets, stage) for kpi in goals_last}
    return [made[kpi.id] for kpi in kpis if len(made[kpi.id].rows)]


def _since(kpis: Sequence[Kpi], cube: Cube, targets: Agreed) -> dict[str, date]:
    """Return by KPI from which day on the data cover it; of a goal, all that it counts too."""
    counted_kpis = [kpi for kpi in kpis if not kpi.lacking(cube.scanner.relations)]
    since = {kpi.id: cube.coverage.since_when(kpi.tables) for kpi in counted_kpis}
    counted = {kpi.id: since[kpi.id] for kpi in counted_kpis if kpi.family != GOALS}
    for goal in counted_kpis:
        if goal.family == GOALS:
            named = cube.standings.values if counts_objectives(goal) else targets.kpis
            of_counted = (counted[kpi] for kpi in named if kpi in counted)
            since[goal.id] = max(since[goal.id], *of_counted, ALWAYS)
    return since


def _wanted(known: dict[str, Kpi], only: Collection[str]) -> list[Kpi]:
    """Return the KPIs to compute: all, or those named; goals are made of all the others."""
    named = [kpi for kpi_id, kpi in known.items() if kpi_id in only]
    if not named or any(kpi.family == GOALS for kpi in named):
        return list(known.values())
    return named


def _table_of(kpi: Kpi, cube: Cube, targets: Agreed, stage: SecondStage) -> _Table:
    """Return the table of a KPI; enter in the standings what goals need."""
    figures = evaluate(kpi, cube)
    agreed = targets.of(kpi.id)
    paced = None if agreed is None else agreed.paced(figures, cube)
    statuses = status(kpi, figures, paced)
    if kpi.family != GOALS:
        stage.enter(kpi, figures, paced, statuses)
    rows = rows_of(kpi, figures, paced, statuses, cube)
    return _Table(kpi, rows, history_of(kpi, figures, cube))


def compute_asked(
    settings: Settings, dataset: Dataset, period: str | None, as_of: date | None = None
) -> Results:
    """Return the figures of the period of that name; None: the last whole quarter of the data."""
    coverage = coverage_of(dataset, settings.covered_from)
    wanted = period_asked(period, dataset, coverage, settings.year_end)
    return compute(dataset, settings, wanted, as_of, Options(coverage=coverage))


def period_asked(period: str | None, dataset: Dataset, coverage: Coverage, year_end: str) -> Period:
    """Return the period of that name; None: the last whole quarter of the data that has ended.

    Raises CallError where it is none, or lies before the data and every partner.
    """
    if period is None:
        return default_period(coverage, year_end)
    asked = Period.parse(period, year_end)
    require_something(asked, dataset, coverage)
    return asked
