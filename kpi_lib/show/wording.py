"""Every sentence of a page, in one place, so that a translation has one place to go to.

Sentences take their figures as formatted text; none of them holds a figure of its own. All of it is
plain text: whoever puts it on a page escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from kpi_lib.periods import Period
from kpi_lib.show.numbers import (
    Change,
    change_between,
    format_count,
    format_day,
    format_value,
)
from kpi_lib.show.slice import Measure, PageSlice, Slice

STATUS = {
    "on_track": "On track",
    "at_risk": "At risk",
    "off_track": "Off track",
    "unsure": "Too few cases to say",
    "no_data": "Not available",
    "no_target": "No target",
}
TREND = {"up": "Rising", "down": "Falling", "flat": "No clear trend"}
FAMILY = {
    "revenue": "Revenue",
    "cost": "Cost",
    "funnel": "Leads and deals",
    "customer": "Customers",
    "service": "Service",
    "credit": "Credit",
    "relationship": "Relationship",
    "market": "Market",
    "capability": "Capability",
    "compliance": "Compliance",
    "innovation": "Innovation",
    "goals": "Goals",
    "industry": "Industry",
}
EDITION = {"partner": "Partner scorecard", "internal": "Partner scorecard, internal edition"}
INTERNAL_MARK = "Internal: not for the partner"
NOT_AVAILABLE = "Not available"
TARGET = "Target"
NOTHING_TO_MEASURE = "nothing to measure it from in this period"
BESIDE = {"direct": "Direct business", "portfolio": "All partners"}
BESIDE_TITLE = "Beside the rest of the company"
LOWER_IS_BETTER = "lower is better"
IN_DISPUTE = "in dispute"
NO_KPIS = "There are no figures for this partner in this period yet."
FEW_PEERS = (
    "There are not enough partners of the same type with these figures to compare with: "
    "a comparison needs at least five others."
)
NO_TARGETS = "No targets are agreed for these measures, so none has a status."
PEERS_NOTE = (
    "The band runs from the lower to the upper quartile of the other partners of the same type; "
    "the line in it is their median, the dot is this partner. No other partner is ever named."
)
_CADENCE = {"week": "weeks", "month": "months", "quarter": "quarters", "half": "half-years"}
_NBSP = "\N{NO-BREAK SPACE}"


def period_name(period: Period) -> str:
    """Return a period as people say it: Q3 2011, September 2011, week 37 of 2011."""
    if period.cadence == "month":
        return f"{period.start:%B}{_NBSP}{period.year}"
    if period.cadence == "week":
        return f"week{_NBSP}{period.number} of{_NBSP}{period.year}"
    mark = {"quarter": "Q", "half": "H"}.get(period.cadence)
    return f"{mark}{period.number}{_NBSP}{period.year}" if mark else str(period.year)


def period_of(text: str, card: PageSlice) -> str:
    """Return a period of the data, such as 2026-Q3, as people say it."""
    return period_name(Period.parse(text, card.period.year_end))


def plain(code: str) -> str:
    """Return a value of the contract, such as strategic_alliance, as people write it."""
    return code.replace("_", " ").capitalize() if code.islower() else code


def span(first: date, last: date) -> str:
    """Return two days as a span; a year that they share is said once."""
    start = format_day(first)
    if first.year == last.year:
        start = start.rpartition(_NBSP)[0]
    return f"{start} to {format_day(last)}"


def value_of(measure: Measure, card: Slice) -> str:
    """Return the measure's value with its unit, or the words for none."""
    return NOT_AVAILABLE if measure.value is None else said(measure, measure.value, card)


def said(measure: Measure, value: float, card: Slice) -> str:
    """Return any value of a measure as the measure's own is said."""
    return format_value(value, measure.unit, card.currency, signed=measure.is_growth)


def reason(measure: Measure) -> str:
    """Return why a measure has no value, in words that need no knowledge of the data."""
    whys = str(measure.row.get("missing") or NOTHING_TO_MEASURE).split("; ")
    lacking = [_lacking(why) for why in whys]
    if all(lacking):
        return f"no data on {' and '.join(filter(None, lacking))}"
    if whys[0].startswith("nothing to divide by"):
        return NOTHING_TO_MEASURE
    # What follows a colon names a command: that is for the terminal.
    return "; ".join(why.partition(": ")[0] for why in whys)


def _lacking(why: str) -> str | None:
    """Return the missing table or columns in words, None where something else is said."""
    table = re.fullmatch(r"there is no table (\w+)", why)
    if table:
        return table[1].replace("_", " ")
    if not re.fullmatch(r"there is no column [\w.]+(, [\w.]+)*", why):
        return None
    columns = re.findall(r"(\w+)\.(\w+)", why)
    names = " and ".join(name.removesuffix("_id").replace("_", " ") for _, name in columns)
    return f"the {names} of {columns[0][0].replace('_', ' ')}"


def change_of(measure: Measure, column: str, card: Slice) -> Change | None:
    """Return how far the value lies from an earlier one, or None where either is missing."""
    value, base = measure.value, measure.number(column)
    if value is None or base is None:
        return None
    return change_between(value, base, measure.unit, card.currency)


def moved(change: Change) -> str:
    """Return a change in words: up 12.3%, down 2 days, unchanged."""
    return {1: "up ", -1: "down ", 0: "unchanged"}[change.direction] + (
        change.text if change.direction else ""
    )


def named(measure: Measure) -> str:
    """Return a measure's name, and in brackets what is to be known of its figure."""
    marks = [LOWER_IS_BETTER] if measure.better == "lower" else []
    marks += [IN_DISPUTE] if measure.dispute else []
    return f"{measure.name} ({', '.join(marks)})" if marks else measure.name


def family_of(measure: Measure) -> str:
    """Return the name of the family that a measure belongs to."""
    family = str(measure.definition.get("family", ""))
    return FAMILY.get(family, family.replace("_", " ").capitalize())


def year_ago_name(card: Slice) -> str:
    """Return the name of the same period a year before."""
    period = card.period.year_ago()
    return period_name(period) if period else "A year ago"


def on_the_year(measure: Measure, card: Slice) -> str | None:
    """Return the change on the year in words, or None."""
    change = change_of(measure, "year_ago", card)
    return f"{moved(change)} on the year" if change else None


def is_better(measure: Measure, change: Change) -> bool | None:
    """Say whether a change is for the better; None where neither or nothing moved."""
    wanted = {"higher": 1, "lower": -1}.get(measure.better)
    return change.direction == wanted if wanted and change.direction else None


def verdict(card: Slice) -> str:
    """Return the one sentence that says how the period went."""
    joined = card.day("joined_on")
    lead = _lead(card)
    if lead is None:
        return f"{card.name}: {NO_KPIS[0].lower()}{NO_KPIS[1:]}"
    if card.is_idle:
        return _idle(card)
    head = _came_to(lead, card)
    if joined and card.period.start <= joined <= card.as_of:
        return (
            f"{head}: {card.name} joined on {format_day(joined)}, "
            "so there is no earlier period to compare with."
        )
    change = on_the_year(lead, card)
    head = f"{head}, {change}" if change else head
    return f"{head}{_and_the_rest(card)}."


def target_line(measure: Measure, card: Slice) -> str | None:
    """Return the target and how far the value lies from it, or None where there is none."""
    target = measure.number("target")
    if target is None:
        return None
    text = f"Target {said(measure, target, card)}"
    change = None
    if measure.value is not None:
        change = change_between(measure.value, target, measure.unit, card.currency)
    if change is None:
        return text
    return (
        f"{text}: "
        + {
            1: f"{change.text} above",
            -1: f"{change.text} below",
            0: "met exactly",
        }[change.direction]
    )


def cases(measure: Measure) -> str:
    """Return on how few cases a value stands."""
    n = measure.number("n") or 0
    return f"from {format_count(n)} {'case' if n == 1 else 'cases'} only"


def trend_title(measure: Measure, card: Slice) -> str:
    """Return a chart's message: what the last value says beside the ones before it."""
    if measure.value is None:
        return f"{measure.name}: no value for {period_name(card.period)}, {reason(measure)}"
    head = _came_to(measure, card)
    rank = _rank(measure, card)
    change = on_the_year(measure, card)
    said_so = ", ".join(part for part in (head, change) if part)
    return f"{said_so}: {rank}" if rank else said_so


def chart_alt(measure: Measure, card: Slice, kind: str) -> str:
    """Return what a chart shows to someone who cannot see it."""
    seen = measure.seen
    low, high = (pick(seen, key=lambda p: p["value"]) for pick in (min, max))
    return (
        f"{kind} of {measure.name}, {point_name(seen[0], card)} to {point_name(seen[-1], card)}: "
        f"from {said(measure, seen[0]['value'], card)} "
        f"to {said(measure, seen[-1]['value'], card)}, "
        f"lowest {said(measure, low['value'], card)} in {point_name(low, card)}, "
        f"highest {said(measure, high['value'], card)} in {point_name(high, card)}. "
        "The table beside the chart holds every value."
    )


def sparkline_alt(measure: Measure, card: Slice) -> str:
    """Return what a sparkline shows."""
    first, last = measure.seen[0], measure.seen[-1]
    return (
        f"From {said(measure, first['value'], card)} in {point_name(first, card)} "
        f"to {said(measure, last['value'], card)} in {point_name(last, card)}"
    )


def point_name(point: Mapping[str, Any], card: Slice, *, short: bool = False) -> str:
    """Return the period of a point of the history as people say it; `short` below a chart."""
    period = Period.parse(point["period"], card.period.year_end)
    if short and period.cadence == "month":
        return f"{period.start:%b}{_NBSP}{period.year}"
    return period_name(period)


def too_short(measure: Measure, card: Slice) -> str:
    """Return why there is no chart of a measure."""
    if len(measure.seen) >= 2:
        return (
            f"{measure.name}: {said(measure, 0.0, card)} in each of {_stretch(measure, card)}, "
            "so there is no course to draw."
        )
    if not measure.seen:
        return f"{measure.name} has no value yet, so there is no course to draw: {reason(measure)}."
    only = measure.seen[-1]
    return (
        f"{measure.name} has a value in one period only, "
        f"{said(measure, only['value'], card)} in {point_name(only, card)}: "
        "a course needs at least two."
    )


def share_beaten(measure: Measure) -> str:
    """Return the share of the peers that the partner is ahead of."""
    return f"{round((measure.number('peer_percentile') or 0.0) * 100)}%"


def standing(measure: Measure) -> str:
    """Return where the partner stands among its peers, in words."""
    beaten = measure.number("peer_percentile") or 0.0
    peers = format_count(measure.number("peers") or 0)
    place = (
        "leading quarter" if beaten >= 0.75 else "last quarter" if beaten < 0.25 else "middle half"
    )
    return f"Ahead of {round(beaten * 100)}% of {peers} others ({place})"


def peer_alt(measure: Measure, card: Slice) -> str:
    """Return what a band of peers shows."""
    q1, median, q3 = (
        said(measure, measure.number(column) or 0.0, card)
        for column in ("peer_q1", "peer_median", "peer_q3")
    )
    return (
        f"The middle half of the others lies between {q1} and {q3}, their median is {median}; "
        f"this partner has {value_of(measure, card)}"
    )


def no_course(card: Slice) -> str:
    """Return why there is no chart at all."""
    return (
        "No measure has values in two periods yet, so there is no course to draw "
        f"in {period_name(card.period)}."
    )


def _lead(card: Slice) -> Measure | None:
    revenue = card.measures.get("revenue")
    if revenue is not None and revenue.value is not None:
        return revenue
    candidates = [m for m in (*card.profile, *card.known) if m.value is not None]
    return candidates[0] if candidates else None


def _came_to(measure: Measure, card: Slice) -> str:
    """Say a value; the verbs suit a name in the singular and in the plural."""
    verb = "came to" if measure.unit in ("money", "number") else "stood at"
    when = f"{period_name(card.period)}{_so_far(card)}"
    return f"{measure.name} {verb} {value_of(measure, card)} in {when}"


def _idle(card: Slice) -> str:
    """Say that nothing was ordered, and what was there before."""
    joined, revenue = card.day("joined_on"), card.measures.get("revenue")
    head = f"{card.name} placed no orders in {period_name(card.period)}{_so_far(card)}"
    if joined and card.period.start <= joined <= card.as_of:
        return f"{head}, having joined on {format_day(joined)}."
    busy = [point for point in revenue.seen if point["value"] > 0] if revenue else []
    if revenue is None or not busy:
        return f"{head}."
    last = said(revenue, busy[-1]["value"], card)
    return f"{head}; the last were in {point_name(busy[-1], card)}, for {last}."


def _and_the_rest(card: Slice) -> str:
    """Say how the measures with a target stand, or else how many are better than a year ago."""
    held = [m for m in card.known if m.status in ("on_track", "at_risk", "off_track")]
    if len(held) > 1:
        on_track = sum(m.status == "on_track" for m in held)
        return f"; {_of(on_track, len(held))} with a target {_are(on_track)} on track"
    compared = [
        is_better(measure, change)
        for measure in card.known
        if not measure.is_growth and (change := change_of(measure, "year_ago", card))
    ]
    told = [better for better in compared if better is not None]
    if len(told) < 3:
        return ""
    return f"; {_of(sum(told), len(told))} {_are(sum(told))} better than a year ago"


def _of(part: int, whole: int) -> str:
    if part in (0, whole):
        every = "both" if whole == 2 else f"all {format_count(whole)}"
        return f"{every if part else f'none of the {format_count(whole)}'} measures"
    return f"{format_count(part)} of {format_count(whole)} measures"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _rank(measure: Measure, card: Slice) -> str | None:
    """Say that the last value is the highest or lowest of them, where that says something."""
    values = [point["value"] for point in measure.seen]
    if len(values) < 4 or measure.history[-1].get("value") is None:
        return None
    for extreme, word in ((max(values), "highest"), (min(values), "lowest")):
        if values[-1] == extreme and values.count(extreme) == 1:
            return f"the {word} of {_stretch(measure, card)}"
    return None


def _stretch(measure: Measure, card: Slice) -> str:
    count = len(measure.seen)
    return f"{format_count(count)} {_CADENCE.get(card.period.cadence, 'years')}"


def _so_far(card: Slice) -> str:
    return f" (up to {format_day(card.as_of)})" if card.to_date else ""
