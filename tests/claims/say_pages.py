"""What a page says of itself and of its partner: period, days, counts, actions, what is to come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from kpi_lib.periods import Period
from tests.claims.claims import REGISTRY, Claim, Said, claims, is_figure
from tests.claims.facts import Facts, Whose
from tests.claims.figures import day_pattern, read_day
from tests.claims.say_measures import is_the_period, periods_in
from tests.claims.templates import COUNT, DAY, NOTHING, SPAN, TEXT, WHEN

ON_TRACK = {"on_track", "at_risk", "off_track"}
HELD = ON_TRACK | {"unsure"}


def is_day(shown: tuple[int | None, int, int], day: date | None, what: str) -> Iterator[str]:
    """Yield a fault where a day that is shown is not that day."""
    if day is None or shown not in ((day.year, day.month, day.day), (None, day.month, day.day)):
        yield f"{what} is {day}"


def is_span(said: Said, slot: str, first: date, last: date) -> Iterator[str]:
    """Yield a fault where a span is not from the one day to the other."""
    language = said.facts.language
    days = [read_day(found, language) for found in re.findall(day_pattern(language), said[slot])]
    yield from is_day(days[0], first, "its first day")
    yield from is_day(days[1], last, "its last day")


# --- head, notes and foot -------------------------------------------------------------------------


@claims(
    "{whole_name} {period}", where="h1", is_plain=True, is_whole=True, slots={"whole_name": TEXT}
)
def title(said: Said) -> Iterator[str]:
    yield from is_the_period(said, "period")


@claims("{days}", where="heading", is_plain=True, is_whole=True, slots={"days": SPAN})
def spans(said: Said) -> Iterator[str]:
    facts, (term, *_rest) = said.facts, said.passage.titles
    if term == facts.words.in_language("Data cover")[0]:
        yield from data_cover(said)
    else:
        yield from is_span(said, "days", facts.period.start, facts.period.end)


@claims("The data cover {days}.", slots={"days": SPAN})
def data_cover(said: Said) -> Iterator[str]:
    data = said.facts.run["data"]
    first, last = (date.fromisoformat(data[name]) for name in ("first_day", "last_day"))
    yield from is_span(said, "days", first, last)


@claims("since {day}", where="heading")
def since(said: Said) -> Iterator[str]:
    yield from is_day(said.day("day"), said.facts.partner(said.whose)["joined_on"], "its first day")


@claims(
    "ended on {day}",
    "The partnership with {partner} ended on {day}.",
    "{figure}: {partner} left on {day}, so only a part of the period is its own.",
    "{partner} placed no orders {when}, and left on {day}.",
    slots={"figure": NOTHING},
)
def ended(said: Said) -> Iterator[str]:
    yield from is_day(said.day("day"), said.facts.partner(said.whose)["left_on"], "its last day")


@claims(
    "{figure}: {partner} joined on {day}, so there is no earlier period to compare with.",
    "{partner} placed no orders {when}, having joined on {day}.",
    slots={"figure": NOTHING},
)
def joined(said: Said) -> Iterator[str]:
    day = said.facts.partner(said.whose)["joined_on"]
    yield from is_day(said.day("day"), day, "the day it joined")
    if day < said.facts.period.start:
        yield f"it joined on {day}, before the period"


@claims("The partnership with {partner} ended on {day}, before {period}: no target holds any more.")
def ended_before(said: Said) -> Iterator[str]:
    yield from ended(said)
    yield from is_the_period(said, "period")
    if not said.facts.has_left_before(said.whose.entity):
        yield "it left within the period, or later"


@claims(
    "{partner} placed no orders {when}; the last were {before}, for {value}.",
    "{partner} placed no orders {when}; the last were {before}.",
    "{partner} placed no orders {when}.",
    "The last orders were {before}, for {value}.",
    "The last orders were {before}.",
    slots={"before": WHEN},
)
def placed_none(said: Said) -> Iterator[str]:
    slots, facts = said.found.groupdict(), said.facts
    business = "revenue" if ("partner", said.whose.entity, "revenue") in facts.kpis else "orders"
    if "when" in slots:
        yield from is_the_period(said, "when")
        if facts.row(said.whose, business)["value"]:
            yield "it placed some"
    if "before" in slots:
        (period,) = periods_in(said, "before")
        value = facts.earlier(said.whose, business, period)
        if not value or value <= 0:
            yield f"there were none in {period}"
        if "value" in slots:
            yield from is_figure(said.figure("value"), value, "money", f"the revenue of {period}")


@claims(
    "{period} is covered in part only: the data begin on {day}.",
    "{period} is covered in part only of {measures}: their data begin on {day}.",
    slots={"measures": TEXT},
)
def covered_in_part(said: Said) -> Iterator[str]:
    since_when = set(said.facts.now.since.values()) | {said.facts.first_day}
    days = [day for day in since_when if not list(is_day(said.day("day"), day, ""))]
    if not days:
        yield "no data begin on that day"
    elif "period" in said.found.groupdict():
        period = Period.parse(said.period("period"), said.facts.run["year_end"])
        if not any(period.start < day <= period.end for day in days):
            yield f"{days} is not within {period}"


@claims("covered in part, from {day}")
def marked_in_part(said: Said) -> Iterator[str]:
    yield from covered_in_part(said)


@claims(
    "{period} is not over: figures count up to {day}, and every comparison up to the corresponding "
    "day, those of a year ago up to {then}.",
    "{period} is not over: figures count up to {day}, and every comparison up to the corresponding "
    "day.",
    "Figures as of {day}.",
    "The data end before the period does: nothing after {day} is counted.",
    "{total} open on {day}",
    slots={"then": DAY},
)
def up_to(said: Said) -> Iterator[str]:
    is_open = said.claim.id.startswith("{total}")
    last = date.fromisoformat(said.facts.run["data"]["last_day"])
    day = last if said.claim.id.startswith("The data end") else said.facts.as_of
    yield from is_day(said.day("day"), day, "the last day that counts")
    if is_open:
        value = said.facts.row(said.whose, "receivables")["value"]
        yield from is_figure(said.figure("total"), value, "money", "what is open")


@claims("Nothing was asked for in {period}.", "What was asked for in {period} cannot be read.")
def asked_before(said: Said) -> Iterator[str]:
    if said.period("period") != str(said.facts.period.previous()):
        yield f"the period before is {said.facts.period.previous()}"


@claims("{fact}", where="made", is_plain=True, is_whole=True, slots={"fact": TEXT})
def how_it_was_made(said: Said) -> Iterator[str]:
    run = said.facts.run
    facts = {run["period"], run["as_of"], run["data"]["fingerprint"], run["version"]}
    facts |= {run["data"]["source"], said.whose.entity, str(len(said.facts.now.kpis))}
    facts |= {str(len(said.facts.kpis_of(said.whose)))}
    facts |= {str(len(said.facts.given(said.whose).get("kpis", ())))}
    if said["fact"] not in facts:
        yield f"the run says {sorted(facts)}"


# --- how many are on track ------------------------------------------------------------------------


@claims(
    (
        "{part} of {count} measures held against a target is on track",
        "{part} of {count} measures held against a target are on track",
    ),
    "none of the {count} measures held against a target are on track",
    "all {count} measures held against a target are on track",
    (
        "{on_track} of {count} measure held against a target on track",
        "{on_track} of {count} measures held against a target on track",
    ),
)
def on_track(said: Said) -> Iterator[str]:
    rows = said.facts.shown_to(said.whose, said.side)
    statuses = [row["status"] for row in rows if row["status"] in HELD]
    good, slots = statuses.count("on_track"), said.found.groupdict()
    yield from is_figure(said.figure("count"), len(statuses), "number", "the number held")
    slot = next((name for name in ("part", "on_track") if name in slots), None)
    stated = said.figure(slot).number if slot else 0 if "none" in said.claim.id else len(statuses)
    if stated != good:
        yield f"{good} are on track"


@claims(
    (
        "{judged}, and {count} stands on too few cases to say",
        "{judged}, and {count} stand on too few cases to say",
    ),
    "{count} with too few cases to say",
    slots={"judged": NOTHING},
)
def too_few(said: Said) -> Iterator[str]:
    rows = said.facts.shown_to(said.whose, said.side)
    number = sum(row["status"] == "unsure" for row in rows)
    yield from is_figure(said.figure("count"), number, "number", "the number of those")


@claims(
    ("{summary}; {count} of them is not listed", "{summary}; {count} of them are not listed"),
    slots={"summary": NOTHING},
)
def not_listed(said: Said) -> Iterator[str]:
    held = sum(row["status"] in HELD for row in said.facts.shown_to(said.whose, said.side))
    side = next(at for at in said.passage.at.above() if at.tag == "section")
    lines = [line for line in side.all("td") if "status" in line.classes]
    yield from is_figure(said.figure("count"), held - len(lines), "number", "what is not listed")


@claims(
    (
        "{part} of {count} measures is better than a year ago",
        "{part} of {count} measures are better than a year ago",
    ),
    "none of the {count} measures are better than a year ago",
    "all {count} measures are better than a year ago",
)
def better_than_a_year_ago(said: Said) -> Iterator[str]:
    facts = said.facts
    rows = [row for row in facts.shown_to(said.whose) if facts.can_be_better(row)]
    better = sum(facts.is_better(row) for row in rows)
    yield from is_figure(said.figure("count"), len(rows), "number", "the number compared")
    has_part = "part" in said.found.groupdict()
    stated = said.figure("part").number if has_part else 0 if "none" in said.claim.id else len(rows)
    if stated != better:
        yield f"{better} are better"


# --- what is open ---------------------------------------------------------------------------------

AGES = {
    "1 to 30 days late": "overdue_1_30",
    "31 to 60 days late": "overdue_31_60",
    "61 to 90 days late": "overdue_61_90",
    "more than 90 days late": "overdue_over_90",
}


@claims("{share} of all that is open")
def share_of_open(said: Said) -> Iterator[str]:
    facts, age = said.facts, next(said.passage.titles)
    amount = amount_of_age(said.facts, said.whose, age)
    owed = facts.row(said.whose, "overdue_rate")["denominator"]
    yield from is_figure(said.figure("share"), amount / owed, "ratio", "the share")


def amount_of_age(facts: Facts, whose: Whose, age: str) -> float:
    """Return what is open of an age, by the words for it."""
    ages = {facts.words.in_language(words)[0]: kpi for words, kpi in AGES.items()}
    if age in ages:
        return float(facts.row(whose, ages[age])["value"])
    owed = float(facts.row(whose, "overdue_rate")["denominator"])
    if age == facts.words.in_language("not due yet")[0]:
        return owed - float(facts.row(whose, "overdue_balance")["value"])
    return owed - float(facts.row(whose, "receivables")["value"])


@claims(
    "only {count} customers have ordered, and {least} are needed",
    "only {count} customers ordered again, and {least} are needed",
    "the data do not cover all of {period}, they begin on {day}",
    "the year before {period} has no such week",
    "it is of all of {period}, and this run stops at {day}",
    slots={"least": COUNT},
)
def why_not(said: Said) -> Iterator[str]:
    """A reason is that of the measure, or of one in the list that it closes."""
    slots, run = said.found.groupdict(), said.facts.run
    known = {str(row["missing"]) for row in said.facts.kpis.values() if row["missing"]}
    known |= {str(row["why"]) for row in said.facts.table("reconciliation").to_dicts()}
    wanted = [slots[name] for name in ("count", "least") if name in slots]
    wanted += [said.period("period")] if "period" in slots else []
    if not any(all(text in why for text in wanted) for why in known):
        yield "no figure is missing for that"
    if "day" in slots:
        days = {date.fromisoformat(run["data"]["first_day"]), said.facts.as_of}
        days |= set(said.facts.now.since.values())
        if all(list(is_day(said.day("day"), day, "")) for day in days):
            yield "no data begin or end on that day"


# --- words that hold digits, and names ------------------------------------------------------------


def nothing_to_hold(said: Said) -> Iterator[str]:
    """Words that are the same on every page: there is no figure of a run in them."""
    yield from ()


@claims("{name}", is_plain=True)
def name_alone(said: Said) -> Iterator[str]:
    yield from ()


REGISTRY.extend(
    Claim(message, nothing_to_hold)
    for message in (
        "1 to 30 days late",
        "31 to 60 days late",
        "61 to 90 days late",
        "more than 90 days late",
        "80% band",
        "95% band",
    )
)
