"""What a portfolio page says: what the partners brought, who gained and lost, who needs a talk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.claims.claims import Said, claims, is_figure, lies_apart, looks_so
from tests.claims.facts import Facts, Row
from tests.claims.figures import Figure, read_figure
from tests.claims.say_measures import is_the_period
from tests.claims.templates import COUNT, FIGURE, REST, TEXT, WHO

TALK_BELOW, INVEST_FROM, TALK_PERIODS, FALL = 65, 85, 2, 0.2


def of_partners(said: Said, kpi: str, column: str = "value") -> dict[str, float]:
    """Return a figure of each partner of the page that has one."""
    facts, values = said.facts, {}
    for partner in facts.theirs(said.whose):
        row = facts.kpis.get(("partner", partner, kpi))
        if row is not None and row[column] is not None:
            values[partner] = row[column]
    return values


def gains(said: Said) -> dict[str, float]:
    """Return how far each partner's revenue lies from that of a year ago."""
    now, then = of_partners(said, "revenue"), of_partners(said, "revenue", "year_ago")
    return {partner: now[partner] - then[partner] for partner in now if partner in then}


def listed(said: Said, slot: str, kind: str = FIGURE) -> Iterator[tuple[str, str]]:
    """Yield name and figure of each point of a chart that an alternative text lists."""
    for point in said[slot].split("; "):
        found = re.fullmatch(rf"(.+?):? ({said.facts.words.kinds[kind]})", point)
        yield (found[1], found[2]) if found else (point, "")


# --- heading and verdict --------------------------------------------------------------------------


@claims("{count}", where="heading", is_plain=True, is_whole=True)
@claims(
    ("{partners}, {count} of whom has left", "{partners}, {count} of whom have left"),
    where="heading",
    slots={"partners": COUNT},
)
def everybody(said: Said) -> Iterator[str]:
    theirs, slots = said.facts.theirs(said.whose), said.found.groupdict()
    whole = said.figure("partners" if "partners" in slots else "count")
    yield from is_figure(whole, len(theirs), "number", "the number of partners")
    left = sum(has_left(said.facts, partner) for partner in theirs)
    if left != (said.figure("count").number if "partners" in slots else 0):
        yield f"{left} have left"


def has_left(facts: Facts, partner: str) -> bool:
    """Say whether a partner has left by the last day that counts."""
    left = facts.partners[partner]["left_on"]
    return left is not None and left <= facts.as_of


@claims(
    ("{who} brought in {value} {when}", "{who} brought in {value} {when}"),
    subject="revenue",
    slots={"who": TEXT},
)
def brought_in(said: Said) -> Iterator[str]:
    yield from _business(said, "revenue")


@claims(
    ("{who} placed orders {when}, {value} in all", "{who} placed orders {when}, {value} in all"),
    subject="orders",
    slots={"who": TEXT},
)
def placed_orders(said: Said) -> Iterator[str]:
    yield from _business(said, "orders")


@claims("{who} brought in anything {when}", subject="revenue", slots={"who": TEXT})
def brought_nothing(said: Said) -> Iterator[str]:
    if any(value > 0 for value in of_partners(said, "revenue").values()):
        yield "some did"
    yield from is_the_period(said, "when")


def _business(said: Said, kpi: str) -> Iterator[str]:
    values = of_partners(said, kpi)
    busy = sum(value > 0 for value in values.values())
    counted = [int(number) for number in re.findall(r"\d+", said["who"])]
    theirs = len(said.facts.theirs(said.whose))
    if counted not in ([busy, theirs], [busy] if busy == theirs else None):
        yield f"{busy} of {theirs} did"
    row = said.facts.row(said.whose, kpi)
    unit = "money" if kpi == "revenue" else "number"
    yield from is_figure(said.figure("value"), row["value"], unit, "what they brought")
    yield from is_the_period(said, "when")


@claims("{share} above target", slots={"share": FIGURE})
def above_target(said: Said) -> Iterator[str]:
    yield from _off_target(said, 1)


@claims("{share} below target", slots={"share": FIGURE})
def below_target(said: Said) -> Iterator[str]:
    yield from _off_target(said, -1)


def _off_target(said: Said, direction: int) -> Iterator[str]:
    value, target = said.row["value"], said.row["target"]
    if target is None or (value > target) - (value < target) != direction:
        yield f"the value is {value}, the target {target}"
        return
    yield from lies_apart(said.figure("share"), value, target, said.unit, "the target")


def stance(facts: Facts, partner: str) -> str:
    """Return what a partner calls for: talk, invest, keep or unknown, by the rules on the page."""

    def number(kpi: str, column: str = "value") -> float | None:
        row = facts.kpis.get(("partner", partner, kpi))
        return None if row is None else row[column]

    score, now, then = number("health_score"), number("revenue"), number("revenue", "year_ago")
    growth = now / then - 1 if now is not None and then and then > 0 else None
    if has_left(facts, partner):
        return "unknown"
    if score is not None and score < TALK_BELOW:
        return "talk"
    if (number("revenue", "off_track_periods") or 0) >= TALK_PERIODS:
        return "talk"
    if score is None and growth is not None and growth <= -FALL:
        return "talk"
    if score is None and growth is None:
        return "unknown"
    is_strong = score is not None and score >= INVEST_FROM
    return "invest" if is_strong and (growth or 0) >= 0 else "keep"


STANCES = {
    ("{count} partner needs a talk", "{count} partners need a talk"): "talk",
    ("{count} earns more investment", "{count} earn more investment"): "invest",
    "{count} need a talk": "talk",
    "{count} earn more investment": "invest",
    "{count} go on as they are": "keep",
}


@claims(*STANCES)
def calls_for(said: Said) -> Iterator[str]:
    wanted = STANCES[said.claim.message]
    stances = [stance(said.facts, partner) for partner in said.facts.theirs(said.whose)]
    yield from is_figure(said.figure("count"), stances.count(wanted), "number", "their number")


@claims(
    (
        "{count} partner that needs a talk brings {revenue}",
        "{count} partners that need a talk bring {revenue} together",
    )
)
def brought_by_those(said: Said) -> Iterator[str]:
    values = of_partners(said, "revenue")
    talk = [p for p, value in values.items() if value and stance(said.facts, p) == "talk"]
    yield from is_figure(said.figure("count"), len(talk), "number", "their number")
    yield from is_figure(said.figure("revenue"), sum(values[p] for p in talk), "money", "the sum")


@claims(
    "Needs a talk: health below {low}, or revenue off track for {periods} periods running, or, "
    "without a score, revenue down by {fall} or more on the year. Earns more investment: "
    "health of {high} or more, and revenue not below that of a year ago."
)
def rules(said: Said) -> Iterator[str]:
    limits = {"low": TALK_BELOW, "periods": TALK_PERIODS, "high": INVEST_FROM}
    for slot, number in limits.items():
        yield from is_figure(said.figure(slot), number, "number", slot)
    yield from is_figure(said.figure("fall"), FALL, "ratio", "the fall")


# --- who is off track, who gained and lost --------------------------------------------------------


@claims("{partner}: {name} {value}, target {target}", where="in-short", suffix=" ({stake})")
@claims("{partner}: {name} {value}, target {target}", where="in-short")
def worst(said: Said) -> Iterator[str]:
    partner = said.facts.words.partners[said["partner"]]
    row = said.facts.kpis["partner", partner, said.kpi]
    yield from is_figure(said.figure("value"), row["value"], said.unit, "the value")
    yield from is_figure(said.figure("target"), row["target"], said.unit, "the target")
    yield from looks_so(_way(row), said.figure("value"), said.figure("target"))
    if row["status"] != "off_track":
        yield f"it is {row['status']}"
    if "stake" in said.found.groupdict():
        at_stake = exception_of(said, partner)["stake"]
        yield from is_figure(said.figure("stake"), at_stake, "money", "what is at stake")


def _way(row: Row) -> int:
    return (row["value"] > row["target"]) - (row["value"] < row["target"])


def exception_of(said: Said, partner: str) -> Row:
    """Return the exception of a partner and measure that the page was given."""
    rows = said.facts.given(said.whose)["exceptions"]["rows"]
    return next(r for r in rows if r["partner_id"] == partner and r["kpi"] == said.kpi)


@claims("{name}, {moved} of revenue on the year", slots={"name": WHO})
def moved_most(said: Said) -> Iterator[str]:
    yield from _most(said, 1 if said.figure("moved").number > 0 else -1)


@claims("{name} gained most ({moved})", slots={"name": WHO})
def gained_most(said: Said) -> Iterator[str]:
    yield from _most(said, 1)


@claims("{name} lost most ({moved})", slots={"name": WHO})
def lost_most(said: Said) -> Iterator[str]:
    yield from _most(said, -1)


def _most(said: Said, direction: int) -> Iterator[str]:
    values = gains(said)
    partner = said.facts.words.partners[said["name"]]
    yield from is_figure(said.figure("moved"), values.get(partner), "money", "how far it moved")
    most = (max if direction > 0 else min)(values.values())
    if values.get(partner) != most or most * direction <= 0:
        yield f"the most is {most}"


@claims("Bar chart of revenue gained and lost on the year: {moves}.", slots={"moves": REST})
def gained_and_lost(said: Said) -> Iterator[str]:
    values = gains(said)
    for name, figure in listed(said, "moves"):
        partner = said.facts.words.partners.get(name, name)
        yield from is_figure(
            as_figure(said, figure), values.get(partner), "money", f"that of {name}"
        )


def as_figure(said: Said, text: str) -> Figure:
    """Return a figure of the language of the page."""
    return read_figure(text, said.facts.language)


@claims(
    (
        "{count} further exception is not listed; {partners} concerned in all.",
        "{count} further exceptions are not listed; {partners} concerned in all.",
    ),
    slots={"partners": TEXT},
)
def further_exceptions(said: Said) -> Iterator[str]:
    exceptions = said.facts.given(said.whose)["exceptions"]
    more = exceptions["count"] - len(exceptions["rows"])
    yield from is_figure(said.figure("count"), more, "number", "the number of further ones")
    if re.findall(r"\d+", said["partners"]) != [str(exceptions["partners"])]:
        yield f"{exceptions['partners']} partners are concerned"


@claims(
    ("{count} further one.", "{count} further ones."),
    ("{count} further one is closer together.", "{count} further ones are closer together."),
    ("{count} further one has fewer actions.", "{count} further ones have fewer actions."),
    "{count} further ones are in dispute.",
    "{count} further ones: see all partners.",
)
def further_ones(said: Said) -> Iterator[str]:
    given = said.facts.given(said.whose)
    part = said.passage.at.part
    known = {
        "outlook": len(given["outlook"]["partners"]) - 10,
        "attribution": given["attribution"]["further"],
        "actions": given["actions"]["further_owners"],
        "disputes": given["disputes"]["count"] - len(given["disputes"]["rows"]),
    }
    stances = [stance(said.facts, partner) for partner in said.facts.theirs(said.whose)]
    known["health"] = stances.count("talk") + stances.count("invest") - _rows_above(said)
    yield from is_figure(said.figure("count"), known.get(part), "number", "the number of them")


def _rows_above(said: Said) -> int:
    part = next(at for at in said.passage.at.above() if any("part-" in c for c in at.classes))
    return sum(len(list(body.all("tr"))) for body in part.all("tbody"))
