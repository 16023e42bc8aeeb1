"""An explanation of a KPI as a person reads it in the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_lib.engine.coverage import NEVER
from kpi_lib.engine.formula import Modelled
from kpi_lib.engine.terms.term import NamedFigure
from kpi_lib.evidence.explain import Explanation
from kpi_lib.show.common.numbers import format_count, format_value
from kpi_lib.show.common.wording import STATUS
from kpi_lib.slices.page_types import KpiRow

MOST_LOST = 8  # KPIs that a missing table or column takes away: of more, how many
WHO = {"us": "we answer for it", "partner": "the partner answers for it", "both": "both answer"}


def in_words(
    explained: Explanation, currency: str, reported: Mapping[str, Any] | None = None
) -> str:
    """Return definition, formula with its figures, comparisons, and what is missing.

    `reported`: what the partner says of the figure, a row of the reconciliation.
    """
    kpi, row = explained.kpi, explained.row
    of_partner = explained.scope == "partner"
    whose = explained.entity if of_partner else f"The {explained.scope}"
    lines = [
        f"{kpi.name} ({kpi.id})",
        f"  {kpi.definition}",
        f"  {kpi.unit}, better {kpi.better}, {kpi.audience}, {WHO[kpi.accountable]}",
        "",
        f"{whose}, {row.period}: {_figure(row.value, kpi.written_in, currency)}",
        *_missing(explained),
        *_coverage(explained),
        *_settled(explained),
        *_equation(explained, currency),
        *_formula_lines(explained, currency),
        *_comparison_lines(row, kpi.written_in, currency),
        *([] if reported is None else [_reported_line(reported, kpi.written_in, currency)]),
        *(f"  Mind: {note}" for note in kpi.notes),
        "",
        "It needs "
        + "; ".join(f"{t}: {', '.join(sorted(c))}" for t, c in sorted(kpi.needs.items())),
    ]
    return "\n".join(lines)


def _missing(explained: Explanation) -> list[str]:
    """Return why there is no value, who can mend it, and what else is lost with it."""
    if not explained.row.missing:
        return []
    lines = [f"  It has no value: {explained.row.missing}.{_owner(explained)}"]
    for name, others in (explained.lost_with or {}).items():
        listed = ", ".join(others[:MOST_LOST])
        more = f" and {len(others) - MOST_LOST} more" if len(others) > MOST_LOST else ""
        lines += [f"  Without {name} there is no {listed}{more} either."] if others else []
    return lines


def _coverage(explained: Explanation) -> list[str]:
    """Return from which day the data cover the figure, where they cover a part of it only."""
    day = explained.covered_from
    if day is None or explained.row.value is None:
        return []
    covered = f"cover the period from {day} on only: it is a part of the figure"
    if day == NEVER:
        covered = "do not cover the period: a 0 of it is a want of rows"
    return [f"  The data {covered}, and nothing is judged by it."]


def _settled(explained: Explanation) -> list[str]:
    """Return what lies below 0, where that alone makes the value 0."""
    if explained.settled is None:
        return []
    words, figure = explained.settled
    return [f"  It is 0 since this lies below 0: {_or_none(figure)} {words}."]


def _equation(explained: Explanation, currency: str) -> list[str]:
    """Return the formula with the figure of each term in it, and what it comes to."""
    if not explained.equation:
        return []
    terms = [
        part if isinstance(part, str) else f"({_or_none(part[1])} {part[0]})"
        for part in explained.equation
    ]
    value = _figure(explained.row.value, explained.kpi.written_in, currency)
    return [f"  {' '.join(terms)} = {value}".replace("( ", "(").replace(" )", ")")]


def _owner(explained: Explanation) -> str:
    """Return who can mend what is missing; a model that was not fitted is nobody's fault."""
    if isinstance(explained.kpi.formula, Modelled):
        return ""
    missing = str(explained.row.missing)
    is_of_all = missing.startswith("there is no ") or "is not covered by the data" in missing
    if explained.owner is None or is_of_all:
        return " That is for whoever owns the data."
    return f" That is for {explained.owner}, who answers for {explained.entity}."


def _formula_lines(explained: Explanation, currency: str) -> list[str]:
    """Return numerator, denominator, n and interval of the value, a line for each."""
    row = explained.row
    if row.numerator is None or explained.settled:
        figures = [f"  = {explained.numerator}"]
        return [*figures, f"  / {explained.denominator}"] if explained.denominator else figures
    lines = [f"  = {_plain(row.numerator)}   {explained.numerator}", *_terms(explained.above)]
    if explained.denominator is not None and row.denominator is not None:
        lines.append(f"  / {_plain(row.denominator)}   {explained.denominator}")
        lines += _terms(explained.below)
        minus = row.numerator / row.denominator - (row.value or 0.0)
        lines += ["  - 1"] if abs(minus - 1) < 1e-6 else []
    counted = [] if row.n is None else [f"  n = {format_count(row.n)}"]
    if row.low is not None:
        unit = explained.kpi.written_in
        low, high = (_figure(end, unit, currency) for end in (row.low, row.high))
        counted.append(f"  95 % interval: {low} to {high}")
    return lines + counted


def _terms(counted: Sequence[NamedFigure]) -> list[str]:
    """Return the figure of each term that the numerator or the denominator is made of."""
    return [f"      {_or_none(value)}   {words}" for words, value in counted]


def _comparison_lines(row: KpiRow, unit: str, currency: str) -> list[str]:
    """Return what a value stands beside (baseline, target, peers), a line for each."""
    names = {"previous": "period before", "year_ago": "a year ago", "baseline": "baseline"}
    names |= {"target": "target", "minimum": "minimum"}
    lines = [
        f"  {name}: {_figure(value, unit, currency)}"
        for column, name in names.items()
        if (value := row.figure(column)) is not None
    ]
    status = f"  status: {STATUS[row.status or 'no_target'].lower()}"
    trend = f", trend of the last 8 periods: {row.trend}" if row.trend else ""
    return [*lines, *_peers(row, unit, currency), status + trend]


def _peers(row: KpiRow, unit: str, currency: str) -> list[str]:
    """Return where it stands among the partners of its type, whose number alone is shown."""
    if row.standing is None:
        return []
    beats = format_value(row.standing.ahead, "ratio", currency)
    median = _figure(row.standing.median, unit, currency)
    return [f"  peers: better than {beats} of {row.standing.others}, whose median is {median}"]


def _reported_line(report: Mapping[str, Any], unit: str, currency: str) -> str:
    """Return what the partner reported, and whether it agrees with ours."""
    by = f" ({report['owner']})" if report["owner"] else ""
    head = f"  the partner reported {_figure(report['reported'], unit, currency)}{by}"
    allowed = f"a difference of {format_value(report['tolerance'], 'ratio', currency)} is allowed"
    if report["status"] == "disputed":
        return f"{head}: in dispute since {report['since']}, {allowed}"
    return (
        f"{head}: agreed, {allowed}" if report["status"] == "agreed" else f"{head}: {report['why']}"
    )


def _figure(value: float | None, unit: str, currency: str) -> str:
    return "no value" if value is None else format_value(value, unit, currency)


def _or_none(value: float | None) -> str:
    return "none" if value is None else _plain(value)


def _plain(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00")
