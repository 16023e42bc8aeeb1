"""The sentences of a page's measures, each whole: a translation may put figures elsewhere.

They take their figures as formatted text. All of it is plain text: whoever shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from kpi_lib.periods import Period
from kpi_lib.show.common.coverage_words import in_part, marked
from kpi_lib.show.common.language import N_, NN_, _, mid_sentence, several
from kpi_lib.show.common.missing_reasons import in_words
from kpi_lib.show.common.numbers import (
    Change,
    change_between,
    format_count,
    format_together,
    format_value,
)
from kpi_lib.show.common.period_words import period_name, when_it_was
from kpi_lib.show.common.slice import IN_PART, KpiSlice, Measure, PageSlice
from kpi_lib.show.common.units import ADDS_UP
from kpi_lib.slices.page_types import Point

STATUS = {
    "on_track": N_("On track"),
    "at_risk": N_("At risk"),
    "off_track": N_("Off track"),
    "unsure": N_("Too few cases to say"),
    "in_part": N_("Covered in part"),
    "no_data": N_("Not available"),
    "no_target": N_("No target"),
}
HELD_AGAINST = ("target", "year_ago", "previous")  # columns beside the value
WANTED = {"higher": 1, "lower": -1}  # which way is for the better
TREND = {"up": N_("Rising"), "down": N_("Falling"), "flat": N_("No clear trend")}
FAMILY = {
    "revenue": N_("Revenue"),
    "cost": N_("Cost"),
    "funnel": N_("Leads and deals"),
    "customer": N_("Customers"),
    "service": N_("Service"),
    "credit": N_("Credit"),
    "relationship": N_("Relationship"),
    "market": N_("Market"),
    "capability": N_("Capability"),
    "compliance": N_("Compliance"),
    "innovation": N_("Innovation"),
    "goals": N_("Goals"),
    "industry": N_("Industry"),
}
INTERNAL_MARK = N_("Internal: not for the partner")
NOT_AVAILABLE = N_("Not available")
BESIDE = {"direct": N_("Direct business"), "portfolio": N_("All partners")}
BESIDE_TITLE = N_("Beside the rest of the company")
LOWER_IS_BETTER = N_("lower is better")
IN_DISPUTE = N_("in dispute")
NO_KPIS = N_("There are no figures for this partner in this period yet.")
NO_TARGETS = N_("No targets are agreed for these measures, so none has a status.")
OBSERVED = N_(  # the definition of every measure of a pack, in kpis/packs.py
    "What was observed of {measure} in the period: the sum of the numerators over that of the "
    "denominators, or the plain sum where no observation has a denominator."
)
STRETCHES = {
    "week": NN_("{number} week", "{number} weeks"),
    "month": NN_("{number} month", "{number} months"),
    "quarter": NN_("{number} quarter", "{number} quarters"),
    "half": NN_("{number} half-year", "{number} half-years"),
    "year": NN_("{number} year", "{number} years"),
}


def plain(code: str) -> str:
    """Return a value of the contract, such as strategic_alliance, as people write it."""
    return code.replace("_", " ").capitalize() if code.islower() else code


def value_of(measure: Measure, card: KpiSlice) -> str:
    """Return the measure's value with its unit, or the words for none."""
    return _(NOT_AVAILABLE) if measure.value is None else said(measure, measure.value, card)


def said(measure: Measure, value: float, card: KpiSlice, against: float | None = None) -> str:
    """Return any value of a measure as the measure's own is said.

    That is with as many digits as tell it from what it is held against: `against`, and the figures
    of its row.
    """
    figures = (measure.value, against, *(measure.number(column) for column in HELD_AGAINST))
    beside = [f for f in figures if f is not None] if measure.value is not None else []
    return format_value(value, measure.unit, card.currency, signed=measure.is_growth, beside=beside)


def said_together(measure: Measure, values: Sequence[float], card: KpiSlice) -> list[str]:
    """Return values of a measure that stand side by side, all with the same precision."""
    if measure.is_growth:  # each with its sign
        return [said(measure, value, card) for value in values]
    return format_together(values, measure.unit, card.currency)


def reason(measure: Measure) -> str:
    """Return why a measure has no value, in words that need no knowledge of the data."""
    return in_words(measure.row.missing or "")


def change_of(measure: Measure, column: str, card: KpiSlice) -> Change | None:
    """Return how far the value lies from an earlier one, or None where either is missing."""
    value, base = measure.value, measure.number(column)
    if value is None or base is None:
        return None
    return change_between(value, base, measure.unit, card.currency)


def moved(change: Change) -> str:
    """Return a change in words: up 12.3%, down 2 days, unchanged."""
    if not change.direction:
        return _("unchanged")
    if change.direction > 0:
        return _("up {change}", change=change.text)
    return _("down {change}", change=change.text)


def named(measure: Measure) -> str:
    """Return a measure's name, and in brackets what is to be known of its figure."""
    marks = [_(LOWER_IS_BETTER)] if measure.better == "lower" else []
    marks += [in_part(measure.row)] if measure.status == IN_PART else []
    marks += [_(IN_DISPUTE)] if measure.dispute else []
    return f"{measure.name} ({', '.join(marks)})" if marks else measure.name


def definition_of(measure: Measure) -> str:
    """Return what a measure means; of packs, what was observed elsewhere under its name."""
    text = measure.definition.definition
    if measure.definition.family == "industry" and text.startswith(OBSERVED.split("{")[0]):
        return _(OBSERVED, measure=mid_sentence(measure.name))
    return _(text)


def family_of(measure: Measure) -> str:
    """Return the name of the family that a measure belongs to."""
    family = measure.definition.family
    return _(FAMILY[family]) if family in FAMILY else family.replace("_", " ").capitalize()


def year_ago_name(card: KpiSlice, *, short: bool = False) -> str:
    """Return the name of the same period a year before; `short` where there is little room."""
    period = card.period.year_ago()
    return period_name(period, short=short) if period else _("A year ago")


def on_the_year(measure: Measure, card: KpiSlice) -> str | None:
    """Return the change on the year in words, or None."""
    change = change_of(measure, "year_ago", card)
    if change is None:
        return None
    if not change.direction:
        return _("unchanged on the year")
    if change.direction > 0:
        return _("up {change} on the year", change=change.text)
    return _("down {change} on the year", change=change.text)


def is_better(measure: Measure, change: Change) -> bool | None:
    """Say whether a change is for the better; None where neither or nothing moved."""
    wanted = WANTED.get(measure.better)
    return change.direction == wanted if wanted and change.direction else None


def can_be_better(measure: Measure) -> bool:
    """Say whether more or less of a measure is for the better."""
    return measure.better in WANTED


def target_line(measure: Measure, card: KpiSlice) -> str | None:
    """Return the target and how far the value lies from it, or None where there is none."""
    target = measure.number("target")
    if target is None:
        return None
    wanted = said(measure, target, card)
    change = None
    if measure.value is not None and measure.is_covered:
        change = change_between(measure.value, target, measure.unit, card.currency)
    if change is None:
        return _("Target {target}", target=wanted)
    if not change.direction:
        return _("Target {target}: met exactly", target=wanted)
    if change.direction > 0:
        return _("Target {target}: {change} above", target=wanted, change=change.text)
    return _("Target {target}: {change} below", target=wanted, change=change.text)


def cases(measure: Measure) -> str:
    """Return on how few cases a value stands."""
    n = measure.number("n") or 0
    return several("from {count} case only", "from {count} cases only", n, count=format_count(n))


def trend_title(measure: Measure, card: KpiSlice) -> str:
    """Return a chart's message: what the last value says beside the ones before it."""
    if measure.value is None:
        return _(
            "{name}: no value for {period}, {why}",
            name=measure.name,
            period=period_name(card.period),
            why=reason(measure),
        )
    head, rank = moved_to(measure, card), _rank(measure, card)
    return f"{head}: {rank}" if rank else head


def chart_alt(measure: Measure, card: KpiSlice, kind: str) -> str:
    """Return what a chart shows to someone who cannot see it."""
    seen, whole = measure.seen, measure.compared or measure.seen
    low, high = (pick(whole, key=lambda p: p.value or 0.0) for pick in (min, max))
    points = {"first": seen[0], "last": seen[-1], "low": low, "high": high}
    figures = said_together(measure, [point.value or 0.0 for point in points.values()], card)
    return _(
        "{kind} of {name}, {first_in} to {last_in}: from {first} to {last}, "
        "lowest {low} in {low_in}, highest {high} in {high_in}. "
        "The table beside the chart holds every value.",
        kind=kind,
        name=measure.name,
        **dict(zip(points, figures, strict=True)),
        **{f"{name}_in": point_marked(point, card) for name, point in points.items()},
    )


def sparkline_alt(measure: Measure, card: KpiSlice) -> str:
    """Return what a sparkline shows."""
    first, last = measure.compared[0], measure.compared[-1]
    then, now = said_together(measure, [first.value or 0.0, last.value or 0.0], card)
    return _(
        "From {first} in {first_in} to {last} in {last_in}",
        first=then,
        first_in=point_name(first, card),
        last=now,
        last_in=point_name(last, card),
    )


def point_name(point: Point, card: PageSlice, *, short: bool = False) -> str:
    """Return the period of a point of the history as people say it; `short` below a chart."""
    return period_name(Period.parse(point.period, card.period.year_end), short=short)


def point_marked(point: Point, card: PageSlice) -> str:
    """Return the period of a point of the history, and whether the data cover a part of it only."""
    return marked(point_name(point, card), point)


def came_to(measure: Measure, card: KpiSlice) -> str:
    """Say a value; the verbs suit a name in the singular and in the plural."""
    words = {"name": measure.name, "value": value_of(measure, card)}
    words["when"] = marked(when_it_was(card), measure.row)
    if measure.unit in ADDS_UP:
        return _("{name} came to {value} {when}", **words)
    return _("{name} stood at {value} {when}", **words)


def moved_to(measure: Measure, card: KpiSlice) -> str:
    """Say a value, and how far it moved on the year where that is known."""
    figure, change = came_to(measure, card), on_the_year(measure, card)
    return _("{figure}, {change}", figure=figure, change=change) if change else figure


def too_short(measure: Measure, card: KpiSlice) -> str:
    """Return why there is no chart of a measure."""
    if len(measure.seen) >= 2:
        return _(
            "{name}: {value} in each of {periods}, so there is no course to draw.",
            name=measure.name,
            value=said(measure, 0.0, card),
            periods=_stretch(len(measure.seen), card),
        )
    if not measure.seen:
        return _(
            "{name} has no value yet, so there is no course to draw: {why}.",
            name=measure.name,
            why=reason(measure),
        )
    only = measure.seen[-1]
    return _(
        "{name} has a value in one period only, {value} in {period}: a course needs at least two.",
        name=measure.name,
        value=said(measure, only.value or 0.0, card),
        period=point_name(only, card),
    )


def no_course(card: KpiSlice) -> str:
    """Return why there is no chart at all."""
    return _(
        "No measure has values in two periods yet, so there is no course to draw in {period}.",
        period=period_name(card.period),
    )


def _stretch(count: int, card: KpiSlice) -> str:
    """Return so many periods in words: 8 quarters."""
    one, many = STRETCHES[card.period.cadence]
    return several(one, many, count, number=format_count(count))


def _rank(measure: Measure, card: KpiSlice) -> str | None:
    """Say that the last value is the highest or lowest of them, where that says something."""
    values = [point.value for point in measure.compared if point.value is not None]
    if len(values) < 4 or measure.history[-1] != measure.compared[-1] or card.stay.is_over:
        return None
    if values.count(values[-1]) > 1 or values[-1] not in (min(values), max(values)):
        return None
    if values[-1] == max(values):
        return _("the highest of {periods}", periods=_stretch(len(values), card))
    return _("the lowest of {periods}", periods=_stretch(len(values), card))
