"""What is said of the course of a measure: its ends, its lowest and highest, what it was before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.claims.claims import Said, claims, is_figure
from tests.claims.figures import day_pattern, read_day, read_figure
from tests.claims.say_measures import is_the_period
from tests.claims.say_pages import is_day
from tests.claims.templates import FIGURE, NOTHING, STRETCH, TEXT

# --- courses --------------------------------------------------------------------------------------


@claims(
    "{kind} of {name}, {first_in} to {last_in}: from {first} to {last}, lowest {low} in {low_in}, "
    "highest {high} in {high_in}. The table beside the chart holds every value.",
    slots={"kind": TEXT},
)
def course(said: Said) -> Iterator[str]:
    for point in ("first", "last", "low", "high"):
        yield from at_a_point(said, point)
    values = dict(the_course(said))
    low, high = min(values.values()), max(values.values())
    yield from is_figure(said.figure("low"), low, said.unit, "the lowest of the course")
    yield from is_figure(said.figure("high"), high, said.unit, "the highest of the course")


@claims("From {first} in {first_in} to {last} in {last_in}")
def first_and_last(said: Said) -> Iterator[str]:
    yield from at_a_point(said, "first")
    yield from at_a_point(said, "last")
    last, *_earlier = [period for period, _value in the_course(said)] or [said.period("last_in")]
    if said.period("last_in") != last and not said.facts.is_modelled(said.kpi):
        yield f"the course ends in {last}"


def at_a_point(said: Said, point: str) -> Iterator[str]:
    """Yield a fault where a figure of a course is not the value of its period."""
    period = said.period(f"{point}_in")
    yield from covered_from(said, f"{point}_in")
    value = said.facts.earlier(said.whose, said.kpi, period)
    if value is None and said.facts.is_modelled(said.kpi):
        said.facts.tally.unknown[f"{said.kpi} of an earlier period: it is a model's"] += 1
        return
    yield from is_figure(said.figure(point), value, said.unit, f"the value in {period}")


def covered_from(said: Said, slot: str) -> Iterator[str]:
    """Yield a fault where a mark behind a period tells a day on which no data begin."""
    found = re.search(day_pattern(said.facts.language), said[slot])
    if found:
        since = read_day(found[0], said.facts.language)
        days = (said.facts.now.since.get(said.kpi), said.facts.first_day)
        if all(list(is_day(since, day, "")) for day in days):
            yield f"the data begin on {days}"


def the_course(said: Said) -> Iterator[tuple[str, float]]:
    """Yield the periods that the data cover with their values, of the last 8."""
    period = said.facts.period
    for _ in range(8):
        if said.facts.covers(said.kpi, period):
            value = said.facts.earlier(said.whose, said.kpi, str(period))
            if value is not None and said.facts.was_there(said.whose, period):
                yield str(period), value
        period = period.previous()


@claims("the highest of {periods}", slots={"periods": STRETCH})
def the_highest(said: Said) -> Iterator[str]:
    yield from _extreme(said, max)


@claims("the lowest of {periods}", slots={"periods": STRETCH})
def the_lowest(said: Said) -> Iterator[str]:
    yield from _extreme(said, min)


def _extreme(said: Said, pick: Callable[[list[float]], float]) -> Iterator[str]:
    values = [value for _period, value in the_course(said)]
    counted = int("".join(letter for letter in said["periods"] if letter.isdigit()))
    if counted != len(values):
        yield f"the data cover {len(values)} of the periods"
    if values and (values[0] != pick(values) or values.count(values[0]) > 1):
        yield f"the course is {values}"


@claims(
    "No measure has values in two periods yet, so there is no course to draw in {period}.",
    "{name}: no value for {period}, {why}",
    slots={"why": NOTHING},
)
def no_course(said: Said) -> Iterator[str]:
    yield from is_the_period(said, "period")


@claims(
    "{name}: {value} in each of {periods}, so there is no course to draw.",
    slots={"periods": STRETCH},
)
def no_movement(said: Said) -> Iterator[str]:
    values = [value for _period, value in the_course(said)]
    yield from is_figure(said.figure("value"), values[0], said.unit, "the value")
    if len(set(values)) > 1:
        yield f"the course is {values}"


@claims("{name} has a value in one period only, {value} in {period}: a course needs at least two.")
def one_value(said: Said) -> Iterator[str]:
    value = said.facts.earlier(said.whose, said.kpi, said.period("period"))
    yield from is_figure(said.figure("value"), value, said.unit, "the value")


@claims(
    "{name} in {period}: published on {day} with {then}, now {now}.",
    slots={"then": TEXT, "now": TEXT},
)
def restated(said: Said) -> Iterator[str]:
    table = said.facts.table("restatements")
    rows = table.filter(entity=said.whose.entity, kpi=said.kpi, period=said.period("period"))
    (row,) = rows.to_dicts()
    for slot, column in {"then": "published", "now": "now"}.items():
        figure = re.match(said.facts.words.kinds[FIGURE], said[slot])
        if figure:
            shown = read_figure(figure[0], said.facts.language)
            yield from is_figure(shown, row[column], said.unit, column)
        elif row[column] is not None:
            yield f"{column} is {row[column]}"


@claims("{name}: {now}, from {then} a year ago")
def from_a_year_ago(said: Said) -> Iterator[str]:
    yield from _from(said, "year_ago")


@claims("{name}: {now}, from {then} the period before")
def from_the_period_before(said: Said) -> Iterator[str]:
    yield from _from(said, "previous")


@claims("{name}, by who bought: {now}, from {then} a year ago", is_plain=True)
@claims("{name}, nach Käufern: {now}, vor einem Jahr {then}", is_plain=True)
def by_who_bought(said: Said) -> Iterator[str]:
    yield from _from(said, "year_ago")


def _from(said: Said, column: str) -> Iterator[str]:
    yield from is_figure(said.figure("now"), said.row["value"], said.unit, "the value")
    yield from is_figure(said.figure("then"), said.row[column], said.unit, column)
