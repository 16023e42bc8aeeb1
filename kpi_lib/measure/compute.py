"""All KPIs of all partners, once a run, in a few fused scans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.formula import Formula, Term
from kpi_lib.kpis.registry import Kpi
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.cube import Cube
from kpi_lib.measure.entities import list_entities
from kpi_lib.measure.evaluate import evaluate
from kpi_lib.measure.relation import Engine, Relations, open_relations, polars_engine
from kpi_lib.measure.scan import Scanner
from kpi_lib.measure.table import empty_table, history_of, rows_of
from kpi_lib.measure.targets import read_targets
from kpi_lib.periods import Period, at_least_as_long
from kpi_lib.settings import Settings


@dataclass(frozen=True)
class Results:
    """What a run computed.

    `table`: the KPI table. `history`: the values of the last 8 periods, one row per scope, entity,
    kpi and period. `kpis`: the KPIs that this cadence looks at, in the catalogue's order.
    `partners`: one row for each partner that has rows, with its own columns.
    """

    table: pl.DataFrame
    history: pl.DataFrame
    calendar: Calendar
    kpis: tuple[Kpi, ...]
    partners: pl.DataFrame


def compute(
    dataset: Dataset,
    settings: Settings,
    period: Period,
    as_of: date | None = None,
    engine: Engine = polars_engine,
) -> Results:
    """Return every KPI of every partner and roll-up in `period`, with its comparisons.

    `as_of`: the last day that counts, for a run to date. `engine`: what the tables are read with.
    """
    calendar = Calendar.around(period, as_of)
    relations = open_relations(dataset, engine)
    entities = list_entities(relations.partners, calendar)
    scanner = Scanner(relations, calendar, settings.maturity_days, settings.half_life_days)
    cube = Cube(calendar, entities, scanner)
    kpis = tuple(k for k in catalogue().values() if at_least_as_long(period, k.cadence))
    cube.count(_parts(kpis, relations))
    targets = read_targets(cube, dataset.tables.get("targets"))
    cube.targets.update({kpi: agreed.target for kpi, agreed in targets.items()})
    rows, history = [empty_table()], []
    for kpi in kpis:
        figures = evaluate(kpi, cube)
        rows.append(rows_of(kpi, figures, targets.get(kpi.id), cube))
        history.append(history_of(kpi, figures, cube))
    own = (pl.col("scope") == "partner") & pl.col("has_row")
    joined = entities.frame.filter(own).drop("index", "scope", "entity", "has_row")
    return Results(pl.concat(rows), pl.concat(history), calendar, kpis, joined)


def _parts(kpis: tuple[Kpi, ...], relations: Relations) -> list[Term]:
    """Return the parts of the KPIs whose tables and columns are there."""
    return [
        part
        for kpi in kpis
        if isinstance(kpi.formula, Formula)
        and not any(relations.lacks(table, columns) for table, columns in kpi.needs.items())
        for part in kpi.formula.parts
    ]
