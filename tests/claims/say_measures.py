"""What is said of a measure: its value, and how far that lies from what it is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.claims.claims import (
    Said,
    claims,
    is_figure,
    lies_apart,
    looks_so,
    points_up,
)
from tests.claims.figures import Figure, period_pattern, read_figure, read_period
from tests.claims.templates import FIGURE, NOTHING, TEXT

UP = ("up {change} on the year", "up {change}")
DOWN = ("down {change} on the year", "down {change}")
COLUMNS = {"limit": None, "coarse_median": None, "peer_median": "peer_median"}


@claims("{name} came to {value} {when}", "{name} stood at {value} {when}")
def came_to(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("value"), said.row["value"], said.unit, "the value")
    yield from is_the_period(said, "when")


@claims("{name} {value}", where="in-short", is_first=True)
def leads(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("value"), said.row["value"], said.unit, "the value")


@claims("{name}: {value}", where="actions went-well", is_plain=True, is_first=True)
@claims("{name} ({mark}): {value}", where="actions went-well", is_plain=True, is_first=True)
def leads_an_item(said: Said) -> Iterator[str]:
    yield from leads(said)


@claims("{value}", where="tile-value", is_plain=True, is_whole=True)
def on_a_tile(said: Said) -> Iterator[str]:
    yield from leads(said)


def is_the_period(said: Said, slot: str) -> Iterator[str]:
    """Yield a fault where the period that a passage speaks of is not that of the run."""
    name = next(iter(periods_in(said, slot)), None)
    if name != str(said.facts.period):
        yield f"the period is {said.facts.period}, not {name}"


def periods_in(said: Said, slot: str) -> Iterator[str]:
    """Yield the periods that a slot names."""
    text = said[slot].partition(" (")[0]
    for found in re.finditer(period_pattern(said.facts.language), text):
        yield read_period(found[0], said.facts.language)


def moved(said: Said, base_of: str, direction: int) -> Iterator[str]:
    """Yield what is untrue of a change in words since an earlier value."""
    value, base = said.row["value"], said.row[base_of]
    if value is None or base is None:
        yield f"there is no {base_of} to compare with"
        return
    yield from points_up(direction, value, base, base_of)
    yield from lies_apart(said.figure("change"), value, base, said.unit, base_of)


@claims(*UP)
def up_on_the_year(said: Said) -> Iterator[str]:
    yield from moved(said, "year_ago", 1)


@claims(*DOWN)
def down_on_the_year(said: Said) -> Iterator[str]:
    yield from moved(said, "year_ago", -1)


@claims("{change}", where="tile-line", is_plain=True, is_whole=True)
def apart_on_a_tile(said: Said) -> Iterator[str]:
    row = said.row
    yield from lies_apart(
        said.figure("change"), row["value"], row["year_ago"], said.unit, "a year ago"
    )


@claims("on the year", where="tile-line", suffix=" ({value})")
def beside_a_year_ago(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("value"), said.row["year_ago"], said.unit, "a year ago")


# --- held against a target and other things -------------------------------------------------------


@claims("Target {target}: {change} above", slots={"change": FIGURE})
def above_target(said: Said) -> Iterator[str]:
    yield from _target(said, 1)


@claims("Target {target}: {change} below")
def below_target(said: Said) -> Iterator[str]:
    yield from _target(said, -1)


def _target(said: Said, direction: int) -> Iterator[str]:
    yield from moved(said, "target", direction)
    yield from the_target(said)
    yield from beside_its_value(said, direction, "target")


@claims("Target {target}: met exactly")
def met_exactly(said: Said) -> Iterator[str]:
    yield from the_target(said)
    yield from beside_its_value(said, 0, "target")


@claims("Target {target}")
def the_target(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("target"), said.row["target"], said.unit, "the target")
    if said.facts.has_left_before(said.whose.entity) and said.whose.scope == "partner":
        yield "no target holds of a partner that left before the period"


def beside_its_value(said: Said, direction: int, slot: str) -> Iterator[str]:
    """Yield a fault where the value that stands beside a comparison contradicts it as shown."""
    value = shown_value(said)
    if value is not None:
        yield from looks_so(direction, value, said.figure(slot))


def shown_value(said: Said) -> Figure | None:
    """Return the value of a measure as it is shown beside a claim: in its sentence or tile."""
    facts, text = said.facts, said.passage.text
    for message in (
        "{name}: {value}",
        "{name} ({mark}): {value}",
        *facts.words.in_language("{name} {value}"),
    ):
        found = facts.words.pattern(message, {"mark": TEXT}).match(text)
        if found and facts.words.measures[found["name"]] == said.kpi:
            return read_figure(found["value"], facts.language)
    tile = next((at for at in said.passage.at.above() if "tile" in at.classes), None)
    boxes = [at for at in tile.all("p") if "tile-value" in at.classes] if tile else []
    return read_figure(boxes[0].text(), facts.language) if boxes else None


@claims("{actual} beside the target of {target}", slots={"actual": FIGURE})
def beside_the_target(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("actual"), said.row["value"], said.unit, "the value")
    yield from the_target(said)


@claims("{value}, {gap} above {reference}.", slots={"value": NOTHING})
@claims("{change} above {reference}", slots={"change": FIGURE})
def above(said: Said) -> Iterator[str]:
    yield from _against(said, 1)


@claims("{value}, {gap} below {reference}.", slots={"value": NOTHING})
@claims("{change} below {reference}")
def below(said: Said) -> Iterator[str]:
    yield from _against(said, -1)


def _against(said: Said, direction: int) -> Iterator[str]:
    against, text = said.facts.words.reference(said["reference"])
    value = said.row["value"]
    base = held_against(said, against)
    if base is None or value is None:
        yield f"there is no {against} to hold it against"
        return
    shown = read_figure(text, said.facts.language)
    coarse = against == "coarse_median"
    if not coarse:
        yield from is_figure(shown, base, said.unit, against)
    apart = said.figure("gap" if "gap" in said.found.groupdict() else "change")
    yield from points_up(direction, value, base, against)
    yield from lies_apart(apart, value, base, said.unit, against)
    shown_as = shown_value(said)
    if shown_as is not None and not coarse:
        yield from looks_so(direction, shown_as, shown)


@claims("{value}, as much as {reference}.", slots={"value": NOTHING})
def as_much_as(said: Said) -> Iterator[str]:
    against, text = said.facts.words.reference(said["reference"])
    base = held_against(said, against)
    if base != said.row["value"]:
        yield f"the value is {said.row['value']}, {against} is {base}"
    yield from is_figure(read_figure(text, said.facts.language), base, said.unit, against)


@claims("at the target of {value}")
def at_the_target(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("value"), said.row["target"], said.unit, "the target")
    yield from beside_its_value(said, 0, "value")


def held_against(said: Said, against: str) -> float | None:
    """Return what a value is held against: a column of its row, or the limit of the playbook."""
    if COLUMNS.get(against, against) is not None:
        return said.row[COLUMNS.get(against, against)]
    name = "limit" if against == "limit" else "peer_median"
    return next(
        (
            action["reference"]
            for action in said.facts.actions_of(said.whose)
            if action["kpi"] == said.kpi and action["against"] == name
        ),
        None,
    )


@claims("off track for {count} periods running")
def off_track_for(said: Said) -> Iterator[str]:
    yield from is_figure(
        said.figure("count"), said.row["off_track_periods"], "number", "how long it is off track"
    )


@claims(
    ("from {count} case only", "from {count} cases only"),
    ("from {count} case", "from {count} cases"),
)
def cases(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("count"), said.row["n"], "number", "the number of cases")


# --- what a value is made of ----------------------------------------------------------------------


@claims("{numerator} / {denominator} in {period}.", where="definitions")
def made_of(said: Said) -> Iterator[str]:
    row = said.row
    for part in ("numerator", "denominator"):
        figure = said.figure(part)
        unit = "money" if figure.unit == "money" else "number"
        yield from is_figure(figure, row[part], unit, f"the {part}")
    yield from is_the_period(said, "period")


@claims("n = {count}.", is_plain=True)
def number_of_cases(said: Said) -> Iterator[str]:
    yield from cases(said)


@claims("95% interval: {low} to {high}.")
def interval(said: Said) -> Iterator[str]:
    for end in ("low", "high"):
        yield from is_figure(said.figure(end), said.row[end], said.unit, f"the {end} end")
    value = said.row["value"]
    if value is not None and not said.row["low"] - 1e-9 <= value <= said.row["high"] + 1e-9:
        yield f"the value, {value}, is not within"


@claims("A published claim: {value} ({source}).", slots={"source": TEXT})
def published(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("value"), said.row["benchmark"], said.unit, "the benchmark")


# --- among the others -----------------------------------------------------------------------------


@claims(
    "The middle half of the others lies between {low} and {high}, their median is {median}; "
    "this partner has {value}"
)
def among_the_others(said: Said) -> Iterator[str]:
    columns = {"low": "peer_q1", "median": "peer_median", "high": "peer_q3", "value": "value"}
    for slot, column in columns.items():
        yield from is_figure(said.figure(slot), said.row[column], said.unit, column)


@claims(
    "The middle half of the group lies between about {low} and {high}, its median is about "
    "{median}; this partner has {value}"
)
def among_a_group(said: Said) -> Iterator[str]:
    standing = said.facts.standing(said.whose, said.kpi)
    yield from is_figure(said.figure("value"), said.row["value"], said.unit, "the value")
    for slot, column in {"low": "q1", "median": "median", "high": "q3"}.items():
        yield from is_figure(said.figure(slot), standing[column], said.unit, column)
