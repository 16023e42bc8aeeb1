"""The KPI table, computed the slow and plain way: one scope, one KPI, one period at a time."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from .catalogue import CATALOGUE, PACKS
from .comparisons import Book, definition, interval
from .slots import ATTRIBUTES, COMPANY, DIRECT, PORTFOLIO, Asked, Run, Scope
from .tables import Data, Tables


def kpi_table(
    folder_or_tables: Path | str | Tables,
    period: str,
    *,
    kpis: Iterable[str] | None = None,
    **settings: object,
) -> list[dict[str, object]]:
    """Return one row for each scope, entity and KPI, with all its comparisons.

    `settings` are those of `Asked`: as_of, year_end, covered_from and so on.
    """
    asked = Asked(period, **settings)
    run = Run(Data(folder_or_tables, asked.reporting_currency), asked)
    book = Book(run)
    here = run.slot(run.period)
    wanted = {k for k in [*CATALOGUE, *PACKS] if not from_model(k)} if kpis is None else set(kpis)
    return [
        _row(book, kpi, scope)
        for scope in scopes(run)
        for kpi in book.kpis_with_a_row(scope, here)
        if kpi in wanted
    ]


def from_model(kpi: str) -> bool:
    """Whether the KPI comes from a model, which is no matter of this oracle."""
    return kpi in CATALOGUE and any(t.startswith("model") for t in CATALOGUE[kpi].tables)


def scopes(run: Run) -> list[Scope]:
    """Return whom there are rows for: partners joined by as_of, and what they are grouped by."""
    joined = run.slot(run.period).joined()
    found = [Scope("partner", row["partner_id"]) for row in joined]
    for attribute in ATTRIBUTES:
        values = {row[attribute] for row in joined if row[attribute] is not None}
        found += [Scope(attribute, value) for value in sorted(values)]
    return [*found, PORTFOLIO, DIRECT, COMPANY]


def _row(book: Book, kpi: str, scope: Scope) -> dict[str, object]:
    period = book.run.period
    found = book.outcome(kpi, scope, period)
    there = not isinstance(found, str)
    value = found.value if there else None
    target, minimum = book.goal(kpi, scope, period)
    low, high = interval(definition(kpi), found)
    row = {
        "scope": scope.kind,
        "entity": scope.entity,
        "kpi": kpi,
        "period": period.label,
        "value": value,
        "numerator": found.numerator if there else None,
        "denominator": found.denominator if there else None,
        "n": found.n if there else None,
        "missing": None if there else found,
        "previous": book.past_value(kpi, scope, period.back(1)),
        "year_ago": book.past_value(kpi, scope, period.year_ago()),
        "baseline": book.baseline(kpi, scope, period),
        "target": target,
        "minimum": minimum,
        "variance": None if value is None or target is None else value - target,
        "status": book.status(kpi, scope, period),
        "benchmark": book.benchmark(kpi, scope, period),
        "trend": book.trend(kpi, scope, period),
        **book.peers(kpi, scope, period),
        "off_track_periods": book.off_track_periods(kpi, scope, period),
        "low": low,
        "high": high,
    }
    return {name: _plain(cell) for name, cell in row.items()}


def _plain(cell: object) -> object:
    return float(cell) if isinstance(cell, Fraction) else cell
