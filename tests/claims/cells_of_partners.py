"""The cells of tables whose rows are partners, or what partners are rolled up to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from tests.claims.cells import (
    ATTRIBUTION,
    BANDS,
    OF_PARTNERS,
    SCOPES,
    Read,
    UnclaimedError,
)
from tests.claims.cells_of_measures import change_in, forecast, measure
from tests.claims.claims import is_figure, lies_apart
from tests.claims.facts import Row, Whose
from tests.claims.figures import Figure, read_day
from tests.claims.say_pages import amount_of_age, is_day
from tests.claims.say_portfolio import stance
from tests.claims.say_shares import MODELS, shares

# --- partners -------------------------------------------------------------------------------------


def partner(read: Read) -> Iterator[str]:
    """A row is a partner, a column a measure of it."""
    rule = PARTNERS.get(read.head)
    if rule is not None:
        yield from rule(read)
    elif read.head in OF_PARTNERS:
        kpi = OF_PARTNERS[read.head]
        unit = "number" if kpi == "health_score" else read.unit(kpi)
        yield from is_figure(read.figure(), read.row(kpi)["value"], unit, kpi)
    elif read.head in BANDS:
        (row,) = (r for r in _fading(read) if r["partner_id"] == read.partner)
        yield from forecast(read, row)
    elif read.cell.head in read.facts.words.measures:
        kpi = read.facts.words.measures[read.cell.head]
        yield from is_figure(read.figure(), read.row(kpi)["value"], read.unit(kpi), kpi)
    elif read.period(read.cell.head):
        column = "value" if read.period(read.cell.head) == str(read.facts.period) else "year_ago"
        yield from is_figure(read.figure(), read.row("revenue")[column], "money", column)
    else:
        raise UnclaimedError


def _fading(read: Read) -> list[dict[str, Any]]:
    return list(read.facts.given(read.whose)["outlook"]["partners"])


def _business(read: Read) -> str:
    return "revenue" if ("portfolio", "portfolio", "revenue") in read.facts.kpis else "orders"


def _on_the_year(read: Read) -> Iterator[str]:
    yield from change_in(read, _business(read), "year_ago")


def _health_a_year_ago(read: Read) -> Iterator[str]:
    yield from is_figure(read.figure(), read.row("health_score")["year_ago"], "number", "it")


def _off_track(read: Read) -> Iterator[str]:
    numbers = [int(number) for number in re.findall(r"\d+", read.cell.text)]
    off = [
        row
        for (scope, who, kpi), row in read.facts.kpis.items()
        if (scope, who) == ("partner", read.partner) and row["status"] == "off_track"
        if read.facts.definitions[kpi].family != "goals"
        and read.facts.covers(kpi, read.facts.period)
    ]
    wanted = [len(off), max((row["off_track_periods"] for row in off), default=0)]
    if numbers != wanted[: len(numbers)]:
        yield f"off track are {wanted}"


def _of_fading(column: str) -> Callable[[Read], Iterator[str]]:
    def rule(read: Read) -> Iterator[str]:
        row = next(r for r in _fading(read) if r["partner_id"] == read.partner)
        yield from is_figure(read.figure(), row[column], "ratio", column)

    return rule


def _exception(read: Read) -> Row:
    measure_of = read.cell.line[1]
    return read.row(read.facts.words.measures[measure_of])


def _off_by(read: Read) -> Iterator[str]:
    row = _exception(read)
    yield from lies_apart(
        read.figure(), row["value"], row["target"], read.unit(row["kpi"]), "the target"
    )


def _value_of(column: str) -> Callable[[Read], Iterator[str]]:
    def rule(read: Read) -> Iterator[str]:
        row = _exception(read)
        yield from is_figure(read.figure(), row[column], read.unit(row["kpi"]), column)

    return rule


def _since(read: Read) -> Iterator[str]:
    running, numbers = _exception(read)["off_track_periods"], re.findall(r"\d+", read.cell.text)
    period = read.facts.period
    for _ in range(running - 1):
        period = period.previous()
    if read.period(read.cell.text) != str(period) or int(numbers[-1]) != running:
        yield f"it is off track since {period}, for {running} periods"


def _at_stake(read: Read) -> Iterator[str]:
    given = read.facts.given(read.whose)
    if read.cell.at.part == "exceptions":
        rows = [r for r in given["exceptions"]["rows"] if r["kpi"] == _exception(read)["kpi"]]
    else:
        rows = [a for a in read.facts.actions if read.facts.titled(a) == read.cell.line[1]]
    rows = [row for row in rows if row["partner_id"] == read.partner and row["stake"] is not None]
    if not any(not list(is_figure(read.figure(), r["stake"], "money", "")) for r in rows):
        yield f"at stake are {[row['stake'] for row in rows]}"


def _due(read: Read) -> Iterator[str]:
    days_due = [
        action["due"]
        for action in read.facts.actions
        if action["partner_id"] == read.partner and read.facts.titled(action) == read.cell.line[1]
    ]
    day = read_day(read.cell.text, read.facts.language)
    if not any(not list(is_day(day, due, "")) for due in days_due):
        yield f"due are {days_due}"


def _reported(read: Read) -> Iterator[str]:
    kpi = read.facts.words.measures[read.cell.line[1]]
    row = read.facts.disputed(Whose("partner", read.partner, "internal", ""), kpi)
    yield from is_figure(read.figure(), row["reported"], read.unit(kpi), "what was reported")


def _in_per_cent(read: Read) -> Iterator[str]:
    yield from change_in(read, "revenue", "year_ago")
    if read.figure().unit != "%":
        yield "it is not in per cent"


def _calls_for(read: Read) -> Iterator[str]:
    yield f"what a partner calls for, {stance(read.facts, read.partner)}, holds no figure"


PARTNERS: dict[str, Callable[[Read], Iterator[str]]] = {
    "On the year": _on_the_year,
    "Change": lambda read: change_in(read, "revenue", "year_ago"),
    "In per cent": _in_per_cent,
    "A year ago": _health_a_year_ago,
    "Off track": _off_track,
    "Target of the year": _of_fading("target_chance"),
    "May fade": _of_fading("fading_chance"),
    "Off by": _off_by,
    "Value": _value_of("value"),
    "Target": _value_of("target"),
    "Off track since": _since,
    "At stake": _at_stake,
    "By": _due,
    "Reported": _reported,
    "We count": _value_of("value"),
    "What it calls for": _calls_for,
}


def attribution(read: Read) -> Iterator[str]:
    """A row is who is credited, a column the model that credits."""
    scope = "" if read.partner else "direct"
    values = {model: read.row(f"{model}_revenue", scope)["value"] for model in MODELS}
    if read.head in ATTRIBUTION:
        yield from is_figure(read.figure(), values[ATTRIBUTION[read.head]], "money", read.head)
    else:
        apart = max(values.values()) - min(values.values())
        yield from is_figure(read.figure(), apart, "money", "how far they are apart")


def breakdown(read: Read) -> Iterator[str]:
    """A row is a type or a region of partners."""
    scope = next(
        (s, who)
        for s, who, _kpi in read.facts.kpis
        if s in ("partner_type", "region")
        and read.cell.row
        in (who, *read.facts.words.in_language(who.replace("_", " ").capitalize()))
    )
    first = read.facts.words.measures[read.cell.heads[1]]
    kpi = read.facts.words.measures.get(read.cell.head, first)
    row = read.facts.kpis[(*scope, kpi)]
    if read.head == "On the year":
        figure = read.figure()
        size = Figure(abs(figure.number), figure.half, figure.unit)
        yield from lies_apart(size, row["value"], row["year_ago"], read.unit(kpi), "a year ago")
    else:
        yield from is_figure(read.figure(), row["value"], read.unit(kpi), kpi)


def concentration(read: Read) -> Iterator[str]:
    """A row is so many of the largest partners, or the index."""
    said: Any = read  # of what a sentence says it has the page and the tables
    column = "value" if read.period(read.cell.head) == str(read.facts.period) else "year_ago"
    expected, counts = shares(said, column), re.findall(r"\d+", read.cell.row)
    if counts:
        yield from is_figure(
            read.figure(), expected[min(int(counts[0]), len(expected)) - 1], "ratio", "their share"
        )
        return
    parts = [one - before for one, before in zip(expected, [0.0, *expected], strict=False)]
    yield from is_figure(read.figure(), sum(p * p for p in parts), "number", "the index")


def ageing(read: Read) -> Iterator[str]:
    """A row is an age of what is open."""
    if read.facts.words.in_language("Amount")[0] not in read.cell.heads:
        yield from course(read)
        return
    amount = amount_of_age(read.facts, read.whose, read.cell.row)
    owed = read.facts.row(read.whose, "overdue_rate")["denominator"]
    if read.head == "Amount":
        yield from is_figure(read.figure(), amount, "money", "the amount")
    else:
        yield from is_figure(read.figure(), amount / owed, "ratio", "the share")


REPORTED = {2: "ours", 3: "reported", 4: "relative"}


def reported(read: Read) -> Iterator[str]:
    """A row is a figure that the partner reported."""
    period = read.period(read.cell.line[1])
    table = read.facts.table("reconciliation")
    row = table.filter(partner_id=read.whose.entity, kpi=read.kpi, period=period).to_dicts()[0]
    column = REPORTED.get(read.cell.column)
    if column:
        unit = "ratio" if column == "relative" else read.unit(read.kpi)
        yield from is_figure(read.figure(), row[column], unit, column)
    elif read.period(read.cell.text) not in (row["since"], row["period"]):
        yield f"it is of {row['period']}, since {row['since']}"


def drivers(read: Read) -> Iterator[str]:
    """A row is what one part did to a change; all of them add up to it."""
    title = next(read.cell.titles)
    effects = [
        effect["effect"] * (100 if read.facts.definitions[driver["kpi"]].unit == "ratio" else 1)
        for driver in read.facts.given(read.whose)["insights"]["drivers"]
        if driver["kpi"] == read.kpi
        for effect in driver["effects"]
    ]
    if not any(read.figure().is_about(effect) for effect in effects):
        yield f"the effects of {title!r} are {effects}"


def actions(read: Read) -> Iterator[str]:
    """A row is who is asked, or a partner with its action."""
    if read.partner:
        yield from partner(read)
        return
    theirs = set(read.facts.theirs(read.whose))
    rows = read.facts.given(read.whose)["actions"]["owners"]
    row = rows[read.cell.place]
    if read.head == "First due":
        day = read_day(read.cell.text, read.facts.language)
        yield from is_day(day, date.fromisoformat(row["due"]), "the first day")
        return
    number = row["partners"] if read.head == "Partners" else row["count"]
    yield from is_figure(read.figure(), number, "number", read.head)
    if row["partners"] > len(theirs):
        yield f"there are {len(theirs)} partners"


def course(read: Read) -> Iterator[str]:
    """A row is a period: of a course, or of what is to come; else it is a measure."""
    period = read.period(read.cell.row)
    if not period:
        yield from (partner if read.partner else measure)(read)
        return
    if read.head in BANDS:
        yield from forecast(read, read.facts.forecast(read.whose, period))
        return
    scope = SCOPES.get(read.head)
    whose = Whose(scope, scope, "internal", "") if scope else read.whose
    kpi = "revenue" if read.cell.at.part == "direct" else read.kpi
    value = read.facts.earlier(whose, kpi, period)
    yield from is_figure(read.figure(), value, read.unit(kpi), f"the value of {period}")
