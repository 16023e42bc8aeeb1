"""Targets and objectives that can never be met, or by nobody: against catalogue and partners.

What is a fault takes away a target that somebody believes in; what is odd is reported and counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.faults import ODD, REFERENCE, RULE, TYPE
from kpi_lib.data.hints import printable
from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.data.masks import Mask, Surroundings, as_given, words_of
from kpi_lib.data.names import nearest_of
from kpi_lib.data.preparation import Prepared
from kpi_lib.errors import ScorecardError
from kpi_lib.periods import CADENCES, Period

ALWAYS = "*"
SCOPE_OF = {"portfolio": "portfolio"}  # of whose row a target of this scope speaks; else partners'
LENGTHS = "year, half, quarter, month or week"


def masks_of_agreed(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return what a row can break of the KPIs, periods and entities that it names."""
    is_agreed, columns = prepared.table.is_agreed, prepared.columns
    masks: list[Mask] = []
    if "period" in columns:
        masks.append(_no_period(prepared, around.year_end))
    if is_agreed and {"scope", "entity"} <= columns:
        masks += _no_entity(around.entities)
    if around.kpis and "kpi" in columns and is_agreed:
        masks += _kpi_masks(prepared, around)
    return masks


def _kpi_masks(prepared: Prepared, around: Surroundings) -> Iterator[Mask]:
    """Yield what is wrong with the KPI of a row, and with the figures that are asked of it."""
    kpis, kpi, columns = around.kpis, pl.col("kpi"), prepared.columns
    what = prepared.table.name.removesuffix("s")
    neither = kpi.is_in([k for k, facts in kpis.items() if facts.better == "neither"])
    words = words_of(f"{what} of a KPI where neither higher nor lower is better")
    yield Mask("kpi", neither, words, RULE, kpi)
    # Not a fault: the data may be ahead of a catalogue that grows.
    yield Mask("kpi", ~kpi.is_in(list(kpis)), _no_such_kpi(kpis), ODD, kpi, "warning")
    if "target" in columns:
        yield _out_of_range(prepared, kpis, "target", "fault")
        yield _unlikely_targets(prepared, kpis)
    for column in {"minimum", "baseline"} & columns:
        yield _out_of_range(prepared, kpis, column, "warning")
    if {"minimum", "target"} <= columns:
        yield _minimum_on_wrong_side(prepared, kpis)
    if {"period", "scope"} <= columns:
        yield _any_period(around)
        yield from _never_used(kpis, around.year_end, prepared)


# --- the KPI and its figures ---------------------------------------------------------------------


def _no_such_kpi(kpis: Mapping[str, KpiFacts]) -> Callable[[str | None], tuple[str, str]]:
    """Return what says of a value that it is no KPI: the kind of fault, and a sentence."""

    def words(value: str | None) -> tuple[str, str]:
        near = nearest_of(value or "", kpis)
        hint = f"; is it {near[0]}?" if near else ""
        return "no such KPI", f"no such KPI: {printable(value or '')}{hint}"

    return words


def _figure(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Float64)


def _end_of_range(kpis: Mapping[str, KpiFacts], of: Callable[[KpiFacts], float]) -> pl.Expr:
    """Return the least or most (`of`) that a row's KPI can be; null where there is no such end."""
    ends = {kpi: of(facts) for kpi, facts in kpis.items()}
    return pl.col("kpi").replace_strict(ends, default=None, return_dtype=pl.Float64)


def _and_kpi(prepared: Prepared, column: str) -> pl.Expr:
    return pl.format("{} of {}", as_given(prepared, column), pl.col("kpi"))


def _out_of_range(
    prepared: Prepared, kpis: Mapping[str, KpiFacts], column: str, severity: str
) -> Mask:
    """Return the mask of figures that the value of their KPI can never reach."""
    figure = _figure(column)
    least, most = _end_of_range(kpis, lambda f: f.least), _end_of_range(kpis, lambda f: f.most)
    outside = (figure < least) | (figure > most)

    def words(value: str | None) -> tuple[str, str]:
        written, _, kpi = (value or "").partition(" of ")
        facts = kpis[kpi]
        kind = "outside what the KPI can be"
        found = f"{written} is {kind}: {kpi} lies between {facts.least:g} and {facts.most:g}"
        return kind, found + _percentage_hint(written, facts)

    is_fault = severity == "fault"
    mask = Mask(column, outside, words, RULE, _and_kpi(prepared, column))
    return mask if is_fault else replace(mask, severity="warning", rank=ODD)


def _unlikely_targets(prepared: Prepared, kpis: Mapping[str, KpiFacts]) -> Mask:
    """Return the mask of targets that are hardly meant: a count below 0, a growth of 500 %."""
    target = _figure("target")
    hard = (target < _end_of_range(kpis, lambda f: f.least)) | (
        target > _end_of_range(kpis, lambda f: f.most)
    )
    least, most = (
        _end_of_range(kpis, lambda f: f.usual_least),
        _end_of_range(kpis, lambda f: f.usual_most),
    )
    outside = ((target < least) | (target > most)) & ~hard

    def words(value: str | None) -> tuple[str, str]:
        written, _, kpi = (value or "").partition(" of ")
        kind = "hardly what is meant"
        return kind, f"{written} is {kind} of {kpi}{_percentage_hint(written, kpis[kpi])}"

    return Mask("target", outside, words, ODD, _and_kpi(prepared, "target"), "warning")


def _percentage_hint(written: str, facts: KpiFacts) -> str:
    """Return the hint that a percentage is to be written as a fraction; empty where it is none."""
    figure = float(written)
    if not (facts.is_ratio and 1 < figure <= 1000):
        return ""
    return f"; if {figure:g} % is meant, write {figure / 100:g}"


def _minimum_on_wrong_side(prepared: Prepared, kpis: Mapping[str, KpiFacts]) -> Mask:
    """Return the mask of minima that are better than their target."""
    kpi, minimum, target = pl.col("kpi"), pl.col("minimum"), pl.col("target")
    higher = kpi.is_in([k for k, facts in kpis.items() if facts.better == "higher"])
    lower = kpi.is_in([k for k, facts in kpis.items() if facts.better == "lower"])
    wrong = (higher & (minimum > target)) | (lower & (minimum < target))
    sides = [as_given(prepared, name) for name in ("minimum", "target")]
    value = pl.format("{} against {}", *sides)
    return Mask("minimum", wrong, words_of("on the wrong side of the target"), RULE, value)


# --- the period ----------------------------------------------------------------------------------


def _no_period(prepared: Prepared, year_end: str) -> Mask:
    """Return the mask of periods that are none; of reported figures only a warning."""
    is_target = prepared.table.name == "targets"
    allowed = {ALWAYS, *CADENCES} if is_target else set()
    wrong = [t for t in _periods_in(prepared) - allowed if _cadence_of(t, year_end) is None]
    period = pl.col("period")
    mask = Mask("period", period.is_in(wrong), words_of("not a period"), TYPE, period)
    # The contract says of targets what a period is; of reported figures it only names the column.
    return mask if is_target else replace(mask, severity="warning", rank=ODD)


def _periods_in(prepared: Prepared) -> set[str]:
    texts = prepared.frame.select(pl.col("period").unique()).collect()["period"].drop_nulls()
    return set(texts)


def _cadence_of(text: str, year_end: str) -> str | None:
    """Return how long a period is, by its name or by its length; None where it is no period."""
    if text in CADENCES:
        return text
    try:
        return Period.parse(text, year_end).cadence
    except ScorecardError:
        return None


def _any_period(around: Surroundings) -> Mask:
    """Return the targets for periods of any length of a KPI that grows with the length."""
    sums = [kpi for kpi, facts in around.kpis.items() if facts.adds_up]
    kpi = pl.col("kpi")
    wrong = (pl.col("period") == ALWAYS) & kpi.is_in([*sums, *around.plain_sums])

    def words(value: str | None) -> tuple[str, str]:
        kind = f"{ALWAYS} of a KPI that adds up"
        return kind, f"{value} adds up over a period, and {ALWAYS} is any length: write {LENGTHS}"

    return Mask("period", wrong, words, RULE, kpi)


def _never_used(kpis: Mapping[str, KpiFacts], year_end: str, prepared: Prepared) -> Iterator[Mask]:
    """Yield the targets that no row of the KPI table can be held against."""
    kpi, scope = pl.col("kpi"), pl.col("scope")
    whose = pl.when(scope == "portfolio").then(scope).otherwise(pl.lit("partner"))
    for of in ("partner", "portfolio"):
        without = [k for k, facts in kpis.items() if of not in facts.scopes]
        words = words_of(f"never used, as no {of} has this KPI")
        yield Mask("kpi", (whose == of) & kpi.is_in(without), words, ODD, kpi, "warning")
    order = {cadence: place for place, cadence in enumerate(CADENCES)}
    lengths = {t: order.get(str(_cadence_of(t, year_end))) for t in _periods_in(prepared)}
    length = pl.col("period").replace_strict(lengths, default=None, return_dtype=pl.Int8)
    shortest = {k: order[facts.cadence] for k, facts in kpis.items()}
    needed = kpi.replace_strict(shortest, default=None, return_dtype=pl.Int8)
    words = words_of("never used, as the KPI is not computed for so short a period")
    yield Mask("period", length < needed, words, ODD, pl.col("period"), "warning")


# --- the entity ----------------------------------------------------------------------------------


def _no_entity(entities: Mapping[str, frozenset[str]]) -> Iterator[Mask]:
    """Yield for each scope the targets of an entity that there is not.

    A type of the contract's list that no partner is of yet is odd only: it is no slip of the pen.
    """
    entity = pl.col("entity")
    types = frozenset(TABLES["partners"].columns["partner_type"].choices)
    for scope, there in entities.items():
        known = there | types if scope == "partner_type" else there
        unknown = (pl.col("scope") == scope) & ~entity.is_in(sorted(known))
        if known:
            yield Mask("entity", unknown, _no_such_entity(scope, known), REFERENCE, entity)
    nobody = types - entities.get("partner_type", types)
    of_nobody = (pl.col("scope") == "partner_type") & entity.is_in(sorted(nobody))
    words = words_of("never used, as no partner is of this type")
    yield Mask("entity", of_nobody, words, ODD, entity, "warning")
    if not entities.get("tier"):
        words = words_of("never used, as no partner has a tier")
        yield Mask("entity", pl.col("scope") == "tier", words, ODD, entity, "warning")


def _no_such_entity(scope: str, known: frozenset[str]) -> Callable[[str | None], tuple[str, str]]:
    """Return what says of a value that it is none of a scope's: its kind, and a sentence."""
    kind = f"no such {scope.replace('_', ' ')}"

    def words(value: str | None) -> tuple[str, str]:
        near = nearest_of(value or "", sorted(known))
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        return kind, f"{kind}: {printable(value or '')}{hint}"

    return words
