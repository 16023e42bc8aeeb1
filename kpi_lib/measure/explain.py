"""What a KPI is, what its figures are in the formula, and which rows stand behind them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.errors import CallError
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.countback import CountBack
from kpi_lib.kpis.fields import field
from kpi_lib.kpis.formula import (
    YEAR_AGO,
    Arithmetic,
    ByScope,
    Constant,
    Formula,
    Gaps,
    GroupPart,
    Lagged,
    Length,
    Median,
    Observed,
    Of,
    Part,
    Rows,
    Special,
    Term,
)
from kpi_lib.kpis.partnerwise import Above, EachPartner
from kpi_lib.kpis.registry import Kpi, find
from kpi_lib.measure.calendar import Calendar
from kpi_lib.measure.compute import Results, Working
from kpi_lib.measure.entities import Entities, list_entities
from kpi_lib.measure.owners import owners_of
from kpi_lib.measure.relation import open_relations
from kpi_lib.measure.scan import Scanner, collect
from kpi_lib.settings import Settings

Counted = tuple[str, float | None]  # a term in words, and its figure


@dataclass(frozen=True)
class Explanation:
    """A KPI, its row of the KPI table, its formula in words, and who owns what it lacks.

    `above`, `below`: the terms of numerator and denominator where there are several, in words, each
    with its figure. `owner`: who can mend what is missing; None: whoever owns the data.
    """

    kpi: Kpi
    row: dict[str, Any]
    numerator: str
    denominator: str | None
    above: tuple[Counted, ...] = ()
    below: tuple[Counted, ...] = ()
    owner: str | None = None


@dataclass(frozen=True)
class Use:
    """Rows that a formula reads: for what, in which period, of which scope."""

    role: str
    rows: Rows
    lag: str | None = None
    scope: str | None = None


def explain(
    kpi_id: str, results: Results, partner_id: str | None, working: Working | None = None
) -> Explanation:
    """Return what stands behind a KPI of a partner, or of the company where none is named.

    `working`: what the run's figures were worked out from; with it single terms have figures.
    """
    kpi = find(kpi_id, results.catalogue)
    row = _row(kpi, results, partner_id)
    owner = _owner(row, results)
    formula = kpi.formula
    if not isinstance(formula, Formula):
        return Explanation(kpi, row, kpi.definition, None, owner=owner)
    below = in_words(formula.per) if formula.per is not None else None
    figures = (_figures(formula.value, row, working), _figures(formula.per, row, working))
    return Explanation(kpi, row, in_words(formula.value), below, *figures, owner=owner)


def _row(kpi: Kpi, results: Results, partner_id: str | None) -> dict[str, Any]:
    scope, entity = ("partner", partner_id) if partner_id else _widest(kpi)
    rows = results.table.filter(kpi=kpi.id, scope=scope, entity=entity)
    if rows.is_empty():
        raise CallError.at(
            "explain",
            f"{kpi.id} has no row for {entity} in {results.calendar.period}",
            _hint(kpi, entity, results) if scope == "partner" else _stands_for(kpi),
        )
    return rows.row(0, named=True)


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


def _owner(row: Mapping[str, Any], results: Results) -> str | None:
    """Return who can mend what a partner's figure lacks: its manager, or else its branch."""
    if row["scope"] != "partner":
        return None
    told = owners_of(results.partners).filter(partner_id=row["entity"])
    return str(told["owner"][0]) if len(told) and told["owner"][0] is not None else None


def _figures(
    term: Term | None, row: Mapping[str, Any], working: Working | None
) -> tuple[Counted, ...]:
    """Return the single terms of a sum or product with their figures; one alone has the row's."""
    told = _leaves(term, row["scope"]) if term is not None else []
    leaves = {in_words(leaf): leaf for leaf in told}
    if working is None or len(leaves) < 2 or row["value"] is None:
        return ()
    cube = working.cube
    index, now = cube.entities.index_of(row["scope"], row["entity"]), cube.calendar.now
    figures = {words: float(cube.of(leaf)[index, now]) for words, leaf in leaves.items()}
    return tuple((words, None if math.isnan(v) else v) for words, v in figures.items())


def _leaves(term: Term, scope: str) -> list[Term]:
    if isinstance(term, Arithmetic):
        return [*_leaves(term.left, scope), *_leaves(term.right, scope)]
    if isinstance(term, ByScope):
        return _leaves(term.others.get(scope, term.usual), scope)
    return [] if isinstance(term, Constant) else [term]


def _widest(kpi: Kpi) -> tuple[str, str]:
    scope = next((s for s in ("company", "portfolio") if s in kpi.scopes), None)
    if scope is None:
        raise CallError.at(
            "explain", f"{kpi.id} stands for partners only", "Name one: --partner ID."
        )
    return scope, scope


def in_words(term: Term) -> str:
    """Return a term as a person would say it."""
    match term:
        case Lagged(of, lag):
            when = "a year ago" if lag == "year_ago" else "in the period before"
            return f"{in_words(of)}, {when}"
        case Of(of, scope):
            return f"{in_words(of)}, of {'the whole company' if scope == 'company' else scope}"
        case ByScope(usual, _):
            return in_words(usual)
        case Arithmetic(sign, left, right):
            return f"{_within(left)} {sign} {_within(right)}"
        case EachPartner(of, given):
            return f"{in_words(of)}, of the partners with a {in_words(given)}"
        case Above(left, right):
            return f"1 where {in_words(left)} is above {in_words(right)}"
        case Length(unit):
            return f"{unit} of the period"
        case Constant(value):
            return f"{value:g}"
        case _:
            return _counted_in_words(term)


def _counted_in_words(term: Term) -> str:
    """Return a part as a person would say it."""
    match term:
        case Part():
            of = term.of.text if term.of is not None else ""
            rows = f"rows of {term.rows.table}{_where(term.rows.condition)}"
            return f"sum of {of} over {rows}" if of else f"number of {rows}"
        case GroupPart():
            of = f"sum of {term.of.text} over" if term.of is not None else "number of"
            return f"{of} distinct {', '.join(term.groups.keys)} with {term.condition.text}"
        case Gaps():
            what = "sum of" if term.reduce == "sum" else "number of"
            return f"{what} days between consecutive {term.day} of a {term.by}"
        case Median():
            return f"median of {term.of.text} over rows of {term.rows.table}"
        case _:
            return term.words


def _within(term: Term) -> str:
    """Return a term as it stands within another: a sum of its own in brackets."""
    return f"({in_words(term)})" if isinstance(term, Arithmetic) else in_words(term)


def _where(condition: object) -> str:
    return f" where {getattr(condition, 'text', condition)}" if condition is not None else ""


def rows_behind(
    kpi_id: str, dataset: Dataset, settings: Settings, calendar: Calendar, partner_id: str | None
) -> pl.DataFrame:
    """Return the rows behind a KPI: used_in (numerator, denominator), period, then the columns.

    One row per use of a row of the table; dates as dates, amounts in the reporting currency.
    """
    kpi = find(kpi_id, catalogue_of(settings))
    relations = open_relations(dataset)
    lacking = [relations.lacks(table, columns) for table, columns in kpi.needs.items()]
    if any(lacking):
        raise CallError.at(
            "explain", "; ".join(filter(None, lacking)), "There are no rows to show."
        )
    scanner = Scanner(relations, calendar, settings.maturity_days, settings.half_life_days)
    entities = list_entities(relations.partners, calendar)
    scope = ("partner", partner_id) if partner_id else _widest(kpi)
    frames = [
        _rows_of(
            use,
            scanner,
            entities.membership.filter(pl.col("index") == _index(entities, use, scope)),
        )
        for use in _uses_there_are(kpi)
        if use.rows.table in relations.tables
    ]
    return pl.concat(frames, how="diagonal")


def _index(entities: Entities, use: Use, scope: tuple[str, str]) -> int:
    return entities.index_of(use.scope) if use.scope else entities.index_of(*scope)


def _uses_there_are(kpi: Kpi) -> list[Use]:
    uses = _uses(kpi)
    if not uses:
        told = f"{kpi.id} is not made of rows that could be shown: {kpi.definition}"
        raise CallError.at("explain", told, "Ask for the rows of the KPIs or tables it stands on.")
    return uses


def _uses(kpi: Kpi) -> list[Use]:
    formula = kpi.formula
    if isinstance(formula, Special | Observed):
        return [Use("rows", formula.rows)]
    if not isinstance(formula, Formula):
        return []
    below = _uses_of(formula.per, "denominator") if formula.per is not None else []
    uses = [*_uses_of(formula.value, "numerator"), *below]
    return list({(use.role, use.rows.key, use.lag, use.scope): use for use in uses}.values())


def _uses_of(term: Term, role: str, lag: str | None = None, scope: str | None = None) -> list[Use]:
    match term:
        case Lagged(of, how):
            return _uses_of(of, role, how, scope)
        case Of(of, scope):
            return _uses_of(of, role, lag, scope)
        case ByScope(usual, others):
            return _uses_of(others.get(scope or "", usual), role, lag, scope)
        case Arithmetic(_, left, right):
            return [*_uses_of(left, role, lag, scope), *_uses_of(right, role, lag, scope)]
        case Above(left, right) | EachPartner(left, right):
            return [*_uses_of(left, role, lag, scope), *_uses_of(right, role, lag, scope)]
        case CountBack(balance, months):
            return [*_uses_of(balance, role, lag, scope), *_uses_of(months, role, lag, scope)]
        case GroupPart():
            return _uses_of_groups(term, role, lag, scope)
        case _:
            rows = getattr(term, "rows", None)
            return [Use(role, rows, lag, scope)] if rows is not None else []


def _uses_of_groups(part: GroupPart, role: str, lag: str | None, scope: str | None) -> list[Use]:
    """Return the rows whose sums the part looks at, those of P and those of a year ago."""
    uses = []
    for name, summed in part.groups.sums.items():
        rows = summed.rows
        for key in part.groups.keys:
            rows = rows.where(field(key).is_known())
        if name in part.reads:
            uses.append(Use(role, rows, lag, scope))
        if name + YEAR_AGO in part.reads:
            uses.append(Use(role, rows, "year_ago", scope))
    return uses


def _rows_of(use: Use, scanner: Scanner, members: pl.DataFrame) -> pl.DataFrame:
    calendar = scanner.calendar
    slot = calendar.now
    if use.lag is not None:
        slot = int((calendar.previous if use.lag == "previous" else calendar.year_ago)[slot])
    spec = TABLES[use.rows.table]
    frame = scanner.rows(use.rows)
    frame = frame if use.rows.view == "ever" else frame.filter(nw.col("slot") == slot)
    present = [name for name in spec.columns if name in frame.collect_schema().names()]
    wanted = dict.fromkeys(("partner_id", *present))
    rows = collect(frame.select(*wanted)).join(members, on="partner_id", nulls_equal=True)
    days = [pl.col(n).cast(pl.Date) for n in present if spec.columns[n].kind == "date"]
    period = str(calendar.periods[slot]) if slot >= 0 else None
    told = rows.drop("index").with_columns(*days).sort(*spec.key)
    return told.select(pl.lit(use.role).alias("used_in"), pl.lit(period).alias("period"), pl.all())
