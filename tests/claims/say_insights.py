"""What a partner's page says of what to do, what was said, and what is to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tests.claims.claims import Said, claims, is_figure
from tests.claims.figures import read_figure, read_period
from tests.claims.say_pages import is_day
from tests.claims.templates import COUNT, FIGURE, PERIOD, REST, TEXT

# --- actions --------------------------------------------------------------------------------------


@claims("{title} ({owner}, by {due})", slots={"title": TEXT, "owner": TEXT})
def next_step(said: Said) -> Iterator[str]:
    actions = [
        action
        for action in said.facts.actions_of(said.whose)
        if said.facts.titled(action) == said["title"]
    ]
    if not any(not list(is_day(said.day("due"), action["due"], "")) for action in actions):
        yield f"it is due on {[str(action['due']) for action in actions]}"


@claims("{day}", where="actions", is_plain=True, is_whole=True)
def due(said: Said) -> Iterator[str]:
    title_of, *_rest = [t for t in said.passage.titles if t in said.facts.titles_of(said.whose)]
    action = said.facts.titles_of(said.whose)[title_of]
    yield from is_day(said.day("day"), action["due"], "the day it is due")


@claims("{stake}", where="actions", is_plain=True, is_whole=True)
def at_stake(said: Said) -> Iterator[str]:
    title_of, *_rest = [t for t in said.passage.titles if t in said.facts.titles_of(said.whose)]
    action = said.facts.titles_of(said.whose)[title_of]
    yield from is_figure(said.figure("stake"), action["stake"], "money", "what is at stake")


@claims(
    "{name}: the gap of {gap} comes to {estimate}, and there is {most} of {money}. "
    "The lesser of the two is at stake.",
    "{name}: it is {most} below {reference}.",
    "{name}: the gap of {gap} comes to {estimate}, and {money} is {most} below {reference}. "
    "The lesser of the two is at stake.",
    slots={"money": "NAME"},
)
def reckoned(said: Said) -> Iterator[str]:
    action = next(a for a in said.facts.actions_of(said.whose) if a["kpi"] == said.kpi)
    slots, words = said.found.groupdict(), said.facts.words
    if "gap" in slots:
        unit = "share_points" if said.unit == "ratio" else said.unit
        gap = action["gap"] * 100 if said.unit == "ratio" else action["gap"]
        if not said.figure("gap").is_about(gap):
            yield f"the gap is {gap} ({unit})"
    money = words.measures[slots["money"]] if "money" in slots else said.kpi
    row = said.facts.row(said.whose, money)
    most = row["value"]
    if "reference" in slots:
        against, text = words.reference(said["reference"])
        yield from is_figure(read_figure(text, words.language), row[against], "money", against)
        most = row[against] - row["value"]
    yield from is_figure(said.figure("most"), most, "money", "the most that it can be")
    if "estimate" not in slots or action["stake"] is None:
        return
    estimate = said.figure("estimate")
    lesser = estimate if estimate.number <= most else said.figure("most")
    if not lesser.is_about(action["stake"]):
        yield f"at stake is {action['stake']}, not the lesser of the two"


# --- what is in dispute, what was said ------------------------------------------------------------


@claims(
    "In dispute: {name}. {partner} reported {reported} ({by}); we count {ours}. "
    "A difference of {tolerance} is allowed.",
    "In dispute: {name}. You reported {reported} ({by}); we count {ours}. "
    "A difference of {tolerance} is allowed.",
    slots={"by": TEXT},
)
def dispute(said: Said) -> Iterator[str]:
    row = said.facts.disputed(said.whose, said.kpi)
    for slot in ("reported", "ours"):
        yield from is_figure(said.figure(slot), row[slot], said.unit, f"what is {slot}")
    yield from is_figure(said.figure("tolerance"), row["tolerance"], "ratio", "what is allowed")


@claims(("{topic}: {count} comment", "{topic}: {count} comments"), slots={"topic": TEXT})
def comments(said: Said) -> Iterator[str]:
    section = next(at for at in said.passage.at.above() if at.tag == "section")
    rows = said.facts.given(said.whose)["comments"]
    listed = len(list(section.all("li")))
    if said.figure("count").number not in {row["of_topic"] for row in rows}:
        yield "no topic has so many"
    if said.figure("count").number < listed:
        yield f"{listed} are listed"


@claims(
    "“{comment}” {who}, {day}, score {count}",
    "“{comment}” {who}, {day}",
    where="topic",
    is_plain=True,
    slots={"comment": TEXT, "who": TEXT},
)
@claims(
    "“{comment}” {who}, {day}, Bewertung {count}",
    where="topic",
    is_plain=True,
    slots={"comment": TEXT, "who": TEXT},
)
def comment(said: Said) -> Iterator[str]:
    slots = said.found.groupdict()
    rows = [
        row
        for row in said.facts.given(said.whose)["comments"]
        if " ".join(row["comment"].split()) == slots["comment"]
        and not list(is_day(said.day("day"), date.fromisoformat(row["responded_on"]), ""))
        and ("count" not in slots or row["score"] == said.figure("count").number)
    ]
    if not rows:
        yield "nobody said so on that day"


# --- what is to come ------------------------------------------------------------------------------


@claims("{value} is expected in {period}, most likely between {low} and {high}")
def expected(said: Said) -> Iterator[str]:
    row = said.facts.forecast(said.whose, said.period("period"))
    for slot, column in {"value": "value", "low": "low80", "high": "high80"}.items():
        yield from is_figure(said.figure(slot), row[column], "money", column)
    if not said.figure("low").number <= said.figure("value").number <= said.figure("high").number:
        yield "it does not lie between the two"


@claims(
    "Bar chart of joint revenue up to {last}, and a line with its bands of 80% and 95% for the "
    "{count} periods after it: {forecasts}.",
    slots={"last": PERIOD, "forecasts": REST},
)
def ahead(said: Said) -> Iterator[str]:
    words = said.facts.words
    if said.period("last") != str(said.facts.period):
        yield f"the period is {said.facts.period}"
    points = said["forecasts"].split("; ")
    yield from is_figure(said.figure("count"), len(points), "number", "the number of periods")
    for point in points:
        found = re.fullmatch(rf"({words.kinds[PERIOD]}) ({words.kinds[FIGURE]})", point)
        if not found:
            yield f"{point!r} is no period with its figure"
            continue
        row = said.facts.forecast(said.whose, read_period(found[1], words.language))
        figure = read_figure(found[2], words.language)
        yield from is_figure(figure, row["value"], "money", f"the forecast of {found[1]}")


@claims(
    "{target} are agreed for {year}; {so_far} are reached. The probability to reach the rest is "
    "{chance}.",
    slots={"year": COUNT},
)
def agreed_for_the_year(said: Said) -> Iterator[str]:
    target = said.facts.outlook(said.whose)["target"]
    yield from is_figure(said.figure("target"), target["target"], "money", "what is agreed")
    yield from is_figure(said.figure("so_far"), target["so_far"], "money", "what is reached")
    yield from is_figure(said.figure("chance"), target["chance"], "ratio", "the probability")
    if said["year"] != str(target["year"]):
        yield f"the year is {target['year']}"


@claims("The probability to sell less than half of its own season in the next period is {chance}")
def fading(said: Said) -> Iterator[str]:
    outlook = said.facts.outlook(said.whose)["fading"]
    yield from is_figure(said.figure("chance"), outlook["chance"], "ratio", "the probability")


@claims(
    "Made by {way}; at earlier cuts its error was {mase} of that of the same time last year alone.",
    slots={"way": TEXT},
)
def forecast_by(said: Said) -> Iterator[str]:
    mase = said.facts.outlook(said.whose)["mase"]
    yield from is_figure(said.figure("mase"), mase, "ratio", "the error")
    if mase >= 1:
        yield "it is no better than the same time last year"


@claims(
    "Of the {count} forecasts of then, {narrow} came within the 80% band and {wide} within the "
    "95% band."
)
def within_the_bands(said: Said) -> Iterator[str]:
    outlook = said.facts.outlook(said.whose)
    yield from is_figure(said.figure("count"), outlook["tested"], "number", "their number")
    yield from is_figure(said.figure("narrow"), outlook["covered"]["80"], "ratio", "the narrow one")
    yield from is_figure(said.figure("wide"), outlook["covered"]["95"], "ratio", "the wide one")
