"""What a KPI is, what its figures are in the formula, and who can mend what it lacks."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.coverage import NEVER
from kpi_lib.engine.formula import Formula, Observed
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.terms.term import NamedFigure
from kpi_lib.errors import CallError
from kpi_lib.kpis.goals import FAMILY as GOALS
from kpi_lib.kpis.registry import find
from kpi_lib.measure.audience_rows import exact_row
from kpi_lib.measure.compute import Results, Working
from kpi_lib.measure.owners import owners_of
from kpi_lib.periods import at_least_as_long
from kpi_lib.slices.page_types import KpiRow


@dataclass(frozen=True)
class Explanation:
    """A KPI, its row of the KPI table, its formula in words, and who owns what it lacks.

    `scope`, `entity`: whose row it is. `equation`: the formula as it is read, signs and brackets as
    texts between terms in few words with their figures; empty where there is no value. `above`,
    `below`: the terms of numerator and denominator where there are several, in all words. `owner`:
    who can mend what is missing; None: whoever owns the data. `lost_with`: the other KPIs that each
    table or column that it lacks takes away. `settled`: the term that lies below 0, for which the
    value is 0 whatever the formula comes to. `covered_from`: the day from which the data cover it,
    where the period began before; NEVER where it was over by then.
    """

    kpi: Kpi
    scope: str
    entity: str
    row: KpiRow
    numerator: str
    denominator: str | None
    equation: tuple[str | NamedFigure, ...] = ()
    above: tuple[NamedFigure, ...] = ()
    below: tuple[NamedFigure, ...] = ()
    owner: str | None = None
    lost_with: Mapping[str, tuple[str, ...]] | None = None
    covered_from: date | None = None
    settled: NamedFigure | None = None


def explain(
    kpi_id: str, results: Results, partner_id: str | None, working: Working | None = None
) -> Explanation:
    """Return what stands behind a KPI of a partner, or of the company where none is named.

    `working`: what the run's figures were worked out from; with it single terms have figures.
    Raises CallError where there is no such KPI, or it has no row there, with the nearest names.
    """
    kpi, scope, entity, row = row_of_kpi(kpi_id, results, partner_id)
    since = None if results.covers(kpi.id) else results.since[kpi.id]
    if since is not None and since > results.calendar.as_of:
        since = NEVER
    owner = _owner(entity, results) if scope == "partner" else None
    explanation = Explanation(
        kpi, scope, entity, row, *kpi.formula.in_words(), owner=owner, covered_from=since
    )
    if working is None:
        return explanation
    if row.value is None:
        return replace(explanation, lost_with=_lost_with(kpi, results, working))
    if not isinstance(kpi.formula, Formula):
        return replace(explanation, equation=_plain_equation(explanation))
    cell = cell_of(results, working, scope, entity)
    settled = kpi.formula.zeroed_by(cell)
    return replace(
        explanation,
        settled=settled,
        equation=() if settled else tuple(kpi.formula.equation(cell)),
        above=kpi.formula.value.single_figures(cell),
        below=() if kpi.formula.per is None else kpi.formula.per.single_figures(cell),
    )


def cell_of(results: Results, working: Working, scope: str, entity: str) -> Cell:
    """Return the cell of an entity in the run's own period."""
    families = {kpi.id: kpi.family for kpi in results.kpis}
    family = pl.col("kpi").replace_strict(families, return_dtype=pl.String)
    standing = results.table.lazy().with_columns(family=family).filter(pl.col("family") != GOALS)
    index = working.cube.entities.index_of(scope, entity)
    return Cell(working.cube, standing, index, working.cube.calendar.now)


class FoundRow(NamedTuple):
    """A KPI, and its row of the KPI table of one entity."""

    kpi: Kpi
    scope: str
    entity: str
    row: KpiRow


def row_of_kpi(kpi_id: str, results: Results, partner_id: str | None) -> FoundRow:
    """Return a KPI and its row of the KPI table: a partner's, or that of the widest scope.

    Raises CallError where there is no such KPI or row, with the nearest names, and where the period
    is too short for the KPI.
    """
    kpi = find(kpi_id, results.catalogue)
    _require_long_enough(kpi, results)
    entities = [("partner", partner_id)] if partner_id else _widest(kpi)
    rows = [
        FoundRow(kpi, scope, entity, exact_row(row))
        for scope, entity in entities
        for row in results.table.filter(kpi=kpi.id, scope=scope, entity=entity).to_dicts()
    ]
    if not rows:
        entity = entities[0][1]
        found = f"{kpi.id} has no row for {entity} in {results.calendar.period}"
        why = results.why_not_yet(entity) if partner_id else None
        if why:
            raise CallError.at("explain", f"{found}: {why}", "Name a later one with --period.")
        todo = _hint(kpi, entity, results) if partner_id else _stands_for(kpi)
        raise CallError.at("explain", found, todo)
    return next((found for found in rows if found.row.value is not None), rows[0])


def _require_long_enough(kpi: Kpi, results: Results) -> None:
    """Raise CallError where a KPI is not looked at so often: its figure is not missing then."""
    period = results.calendar.period
    if not at_least_as_long(period, kpi.cadence):
        raise CallError.at(
            "explain",
            f"{kpi.id} is looked at every {kpi.cadence} or longer, and {period} is a "
            f"{period.cadence}",
            "Name a longer period: --period.",
        )


def _widest(kpi: Kpi) -> list[tuple[str, str]]:
    """Return the scopes that stand for all there is: the portfolio too, which alone has targets."""
    widest: list[tuple[str, str]] = [(s, s) for s in ("company", "portfolio") if s in kpi.scopes]
    if not widest:
        raise CallError.at(
            "explain", f"{kpi.id} stands for partners only", "Name one: --partner ID."
        )
    return widest


def _hint(kpi: Kpi, partner_id: str, results: Results) -> str:
    """Return why a partner has no row, or whom it may have been meant for."""
    known = results.partners["partner_id"].to_list()
    if partner_id in known and isinstance(kpi.formula, Observed):
        return "It has a row for partners of whom it was observed once."
    if partner_id in known or "partner" not in kpi.scopes:
        return _stands_for(kpi)
    near = difflib.get_close_matches(partner_id, known, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return "Ids are those of the table partners, upper and lower case as written there."


def _stands_for(kpi: Kpi) -> str:
    return f"It stands for {', '.join(kpi.scopes)}, every {kpi.cadence} or longer."


def _owner(partner_id: str, results: Results) -> str | None:
    """Return who can mend what a partner's figure lacks: its manager, or else its branch."""
    own = owners_of(results.partners).filter(partner_id=partner_id)
    return str(own["owner"][0]) if len(own) and own["owner"][0] is not None else None


def _lost_with(kpi: Kpi, results: Results, working: Working) -> dict[str, tuple[str, ...]]:
    """Return by table or column that the KPI lacks the other KPIs that need it."""
    relations = working.cube.scanner.relations
    lost: dict[str, tuple[str, ...]] = {}
    for table, columns in kpi.needs_given(relations.columns).items():
        there = relations.columns.get(table)
        absent = [None] if there is None else sorted(columns - there - {"partner_id"})
        for column in absent:
            needing = [
                other.id
                for other in results.catalogue.values()
                if table in other.needs and (column is None or column in other.needs[table])
            ]
            name = f"the table {table}" if column is None else f"the column {table}.{column}"
            lost[name] = tuple(kpi_id for kpi_id in needing if kpi_id != kpi.id)
    return lost


def _plain_equation(explanation: Explanation) -> tuple[str | NamedFigure, ...]:
    """Return the figure above the line, and that below it, of what is no formula of terms."""
    value = (explanation.numerator, explanation.row.numerator)
    if explanation.denominator is None or explanation.row.denominator is None:
        return (value,)
    return (value, "/", (explanation.denominator, explanation.row.denominator))
