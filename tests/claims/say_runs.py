"""What the pages of a whole run say: its index, the quality of its data, its models."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from tests.claims.claims import Said, claims, is_figure
from tests.claims.figures import read_period
from tests.claims.say_pages import is_day, is_span
from tests.claims.templates import COUNT, DAY, FIGURE, NOTHING, PERIOD, REST, SPAN, TEXT

# --- index ----------------------------------------------------------------------------------------


@claims(
    "{reports} of {partners}: all done.",
    "{reports} of {partners}; {faults}.",
    slots={"reports": TEXT, "partners": TEXT, "faults": REST},
    pages="index",
)
def run_of(said: Said) -> Iterator[str]:
    run = said.facts.run
    reports = sum(report["partner_id"] is not None for report in run["reports"])
    if re.findall(r"\d+", said["reports"]) != [str(reports)]:
        yield f"there are {reports} reports"
    if re.findall(r"\d+", said["partners"]) != [str(run["partners"])]:
        yield f"there are {run['partners']} partners"
    if run["failed"] and "faults" not in said.found.groupdict():
        yield f"{run['failed']} failed"


@claims(("{count} figure in dispute", "{count} figures in dispute"))
def in_dispute(said: Said) -> Iterator[str]:
    number = said.facts.run["disputes"]["figures"]
    yield from is_figure(said.figure("count"), number, "number", "their number")


@claims("{figures}, {count} of earlier periods", slots={"figures": NOTHING}, pages="index")
def of_earlier_periods(said: Said) -> Iterator[str]:
    disputes = said.facts.run["disputes"]
    number = disputes["figures"] - disputes["of_this_period"]
    yield from is_figure(said.figure("count"), number, "number", "their number")


@claims("{day}", pages="index", is_plain=True, is_whole=True)
def as_of(said: Said) -> Iterator[str]:
    yield from is_day(said.day("day"), said.facts.as_of, "the last day that counts")


@claims("{days}", pages="index", is_plain=True, is_whole=True, slots={"days": SPAN})
def span_of_the_index(said: Said) -> Iterator[str]:
    period = said.facts.period
    yield from is_span(said, "days", period.start, period.end)


@claims("{started}", pages="index", is_plain=True, is_whole=True, slots={"started": TEXT})
def on_the_index(said: Said) -> Iterator[str]:
    run, text = said.facts.run, said["started"]
    known = {run["started_at"][:16].replace("T", " "), run["version"], run["data"]["fingerprint"]}
    known |= {run["period"], run["as_of"]}
    with suppress(ValueError):
        known |= {text} if read_period(text, said.facts.language) == run["period"] else set()
    if text not in known:
        yield f"the run says {sorted(known)}"


# --- quality of the data --------------------------------------------------------------------------

NOUNS = ("measure", "partner", "table", "column", "fault", "warning", "row", "day", "month")


@claims(
    "The usual pause of a table is the one that {share} of the pauses between its days with "
    "rows do not exceed; it is judged from {fewest} on. A pause is long beyond {pauses} usual "
    "ones and {days}. A table is late that ends a long pause before the day of the figures; a "
    "month without rows is missing where it lies in a long pause. A month is thin that holds "
    "less than {least} of the median of the {months} before it, where that is {rows} or more.",
    slots={
        "least": FIGURE,
        "pauses": COUNT,
        "fewest": TEXT,
        "days": TEXT,
        "months": TEXT,
        "rows": TEXT,
    },
)
def rules(said: Said) -> Iterator[str]:
    settings = said.facts.given(said.whose)["rules"]
    yield from is_figure(said.figure("share"), settings["usual_share"], "ratio", "the share")
    yield from is_figure(said.figure("least"), settings["thin_share"], "ratio", "the least")
    counted = {"fewest": "fewest_days", "pauses": "long_pauses", "days": "long_days"}
    for slot, name in {**counted, "months": "thin_months", "rows": "thin_from"}.items():
        if re.findall(r"\d+", said[slot]) != [str(settings[name])]:
            yield f"{slot} is {settings[name]}"


@claims("{count}", where="heading", is_plain=True, is_whole=True, pages="data_quality")
def things_counted(said: Said) -> Iterator[str]:
    quality = said.facts.given(said.whose)
    known = {len(quality["tables"]), quality["partners"], quality["kpis"]["all"]}
    known.add(sum(table["rows"] or 0 for table in quality["tables"]))
    if said.figure("count").number not in known:
        yield f"the page was given {sorted(known)}"


@claims("{part} of {count}", where="heading", is_whole=True)
def figures_there(said: Said) -> Iterator[str]:
    figures = said.facts.given(said.whose)["figures"]
    theirs = [
        row
        for (scope, _who, kpi), row in said.facts.kpis.items()
        if scope == "partner" and said.facts.definitions[kpi].family != "goals"
    ]
    yield from is_figure(said.figure("part"), figures["there"], "number", "the number there")
    yield from is_figure(said.figure("count"), figures["all"], "number", "the number of figures")
    if figures["all"] > len(said.facts.kpis) or len(theirs) < figures["there"] / 2:
        yield f"the table has {len(theirs)} rows of partners"


@claims(
    ("{count} has no value for some of {partners}", "{count} have no value for some of {partners}"),
    ("{count} has no value for {partners}", "{count} have no value for {partners}"),
    slots={"partners": TEXT},
)
def without_for_some(said: Said) -> Iterator[str]:
    quality = said.facts.given(said.whose)
    number = quality["kpis"]["for_some"]
    yield from is_figure(said.figure("count"), number, "number", "their number")
    counted = re.findall(r"\d+", said["partners"])
    if counted not in ([], [str(len(said.facts.partners))]):
        yield f"there are {len(said.facts.partners)} partners"


@claims(
    ("{count} has no value for anybody, {because}", "{count} have no value for anybody, {because}"),
    slots={"because": TEXT},
)
def without_for_anybody(said: Said) -> Iterator[str]:
    number = said.facts.given(said.whose)["kpis"]["for_nobody"]
    yield from is_figure(said.figure("count"), number, "number", "their number")
    empty = {kpi for (_s, _w, kpi), row in said.facts.kpis.items() if row["value"] is not None}
    if number > len(said.facts.now.kpis) - len(empty) + len(said.facts.definitions):
        yield f"{len(empty)} measures have one"


@claims(*((f"{{count}} {noun}", f"{{count}} {noun}s") for noun in NOUNS), pages="data_quality")
def counted(said: Said) -> Iterator[str]:
    """A count on the page of quality is one that the page was given of such things."""
    noun = said.claim.id.removeprefix("{count} ")
    quality = said.facts.given(said.whose)
    known = {
        "measure": {quality["kpis"]["all"]} | {_number(gap["kpis"]) for gap in quality["absences"]},
        "partner": {quality["partners"]},
        "table": _counts(quality["tables"], "state")
        | {sum(gap["kind"] == "table" and bool(gap["kpis"]) for gap in quality["absences"])},
        "column": {
            sum(gap["kind"] == "column" and bool(gap["kpis"]) for gap in quality["absences"])
        },
        "day": {t[name] for t in quality["tables"] for name in ("days_behind", "usual_pause_days")},
    }
    known["measure"] |= {_number(gap["kpis"]) for gap in quality["assumed"]}
    number = said.figure("count").number
    if number not in known.get(noun, {number}):
        yield f"the page was given {sorted(n for n in known[noun] if n)}"


def _number(things: int | list) -> int:
    return things if isinstance(things, int) else len(things)


def _counts(rows: list[dict], column: str) -> set[int]:
    values = [row[column] for row in rows]
    return {values.count(value) for value in values}


@claims(
    "Rows of {table} a month, {first} to {last}: {most} at most",
    slots={"table": TEXT, "first": PERIOD, "last": PERIOD},
)
def rows_a_month(said: Said) -> Iterator[str]:
    ends = (said.period("first"), said.period("last"))
    tables = said.facts.given(said.whose)["tables"]
    fitting = [
        max(month["rows"] or 0 for month in t["months"])
        for t in tables
        if said["table"] in said.facts.table_names(t["table"])
    ]
    yield from is_figure(said.figure("most"), next(iter(fitting), None), "number", "the most")
    if ends[1] != str(said.facts.period.end)[:7] or ends[0] > ends[1]:
        yield f"the course ends in {str(said.facts.period.end)[:7]}"


@claims(
    "missing: {months}",
    "thin: {months}",
    "{table} has no rows in {months}.",
    "{table} has unusually few rows in {months}.",
    slots={"months": REST, "table": TEXT},
)
def months(said: Said) -> Iterator[str]:
    kind = "missing" if said.claim.id.startswith(("missing", "{table} has no")) else "thin"
    tables = said.facts.given(said.whose)["tables"]
    pattern = re.compile(said.facts.words.kinds[PERIOD])
    expected = [
        read_period(found[0], said.facts.language) for found in pattern.finditer(said["months"])
    ]
    if not any(set(expected) <= set(table[kind]) for table in tables):
        yield f"no table has all of {expected} {kind}"


@claims(
    "{table} ends {days} before the day of the figures; its usual pause is {pause}.",
    slots={"table": TEXT, "days": TEXT, "pause": TEXT},
)
def late(said: Said) -> Iterator[str]:
    numbers = [
        int(number) for slot in ("days", "pause") for number in re.findall(r"\d+", said[slot])
    ]
    tables = said.facts.given(said.whose)["tables"]
    if numbers not in [[t["days_behind"], t["usual_pause_days"]] for t in tables]:
        yield "no table ends so"


@claims(
    (
        "{count} row of {table} was left out because of faults.",
        "{count} rows of {table} were left out because of faults.",
    ),
    slots={"table": TEXT},
)
def left_out(said: Said) -> Iterator[str]:
    known = said.facts.run["data"]["left_out"].values()
    if said.figure("count").number not in known:
        yield f"left out were {list(known)}"


# --- models ---------------------------------------------------------------------------------------


@claims(
    "{customers} customers are expected to bring {total} of {what} in the next {months} months, "
    "discounted at {rate} a year; earlier totals say that it may be {low} to {high}.",
    slots={"what": TEXT},
)
def worth(said: Said) -> Iterator[str]:
    model, customers = said.facts.given(said.whose), said.facts.table("customers")
    yield from is_figure(said.figure("customers"), customers.height, "number", "their number")
    total = customers["lifetime_value"].sum()
    yield from is_figure(said.figure("total"), total, "money", "the total")
    for slot, name in {"low": "total_low", "high": "total_high"}.items():
        yield from is_figure(said.figure(slot), model[name], "money", name)
    yield from is_figure(said.figure("months"), model["horizon_months"], "number", "the months")
    yield from is_figure(said.figure("rate"), model["annual_discount_rate"], "ratio", "the rate")
    if not said.figure("low").number <= said.figure("total").number <= said.figure("high").number:
        yield "the total does not lie between the two"


@claims(
    "Of {scored} customers who bought lately, sales of {stake} a year are at stake: each one's, "
    "weighed with its probability to buy nothing for {days} days.",
    slots={"days": COUNT},
)
def about_to_leave(said: Said) -> Iterator[str]:
    model = said.facts.given(said.whose)
    scored = said.facts.table("customers")["churn_probability"].drop_nulls().len()
    yield from is_figure(said.figure("scored"), scored, "number", "the number scored")
    yield from is_figure(said.figure("stake"), model["at_risk"], "money", "what is at stake")
    yield from is_figure(said.figure("days"), model["horizon_days"], "number", "the days")


@claims("What was predicted came within {points} points in every tenth")
def within(said: Said) -> Iterator[str]:
    tenths = said.facts.given(said.whose)["tenths"]
    worst = max(abs(tenth["left"] - tenth["expected"]) for tenth in tenths) * 100
    if not worst <= said.figure("points").number + 1e-6 < worst + 1:
        yield f"the worst is {worst}"


@claims(
    "Scatter chart, a point a tenth of the customers: of those most likely to leave {expected} "
    "were expected to and {left} did; of those least likely {low} and {few}."
)
def tenths(said: Said) -> Iterator[str]:
    rows = said.facts.given(said.whose)["tenths"]
    wanted = {"expected": rows[0]["expected"], "left": rows[0]["left"]}
    wanted |= {"low": rows[-1]["expected"], "few": rows[-1]["left"]}
    for slot, number in wanted.items():
        yield from is_figure(said.figure(slot), number, "ratio", slot)


@claims(
    "The {share} likeliest to leave were {gone} of those who left",
    "Line chart: the {share} of customers likeliest to leave were {gone} of those who left, "
    "and had {money} of their money.",
    slots={"money": FIGURE},
)
def lift(said: Said) -> Iterator[str]:
    rows, found = said.facts.given(said.whose)["tenths"], said.found.groupdict()
    customers, gone, money = 0, 0, 0.0
    for row in rows:
        customers, gone, money = (
            customers + row["customers"],
            gone + row["gone"],
            money + row["money"],
        )
        share = customers / sum(one["customers"] for one in rows)
        if said.figure("share").is_about(share * 100):
            part = gone / sum(one["gone"] for one in rows)
            yield from is_figure(said.figure("gone"), part, "ratio", "their share")
            if "money" in found:
                part = money / sum(one["money"] for one in rows)
                yield from is_figure(said.figure("money"), part, "ratio", "their money")
            return
    yield "no tenth ends there"


@claims(
    "{apart} fewer purchases came than were expected",
    "{apart} more purchases came than were expected",
    "Line chart: {came} purchases came and {expected} were expected by {day}.",
    slots={"came": COUNT, "expected": COUNT, "day": DAY},
)
def came(said: Said) -> Iterator[str]:
    last, slots = said.facts.given(said.whose)["course"][-1], said.found.groupdict()
    if "apart" in slots:
        missed = last["actual"] / last["expected"] - 1
        yield from is_figure(said.figure("apart"), abs(missed), "ratio", "how far they are apart")
        if (missed < 0) != ("fewer" in said.claim.id):
            yield f"they are {missed} apart"
        return
    yield from is_figure(said.figure("came"), last["actual"], "number", "what came")
    yield from is_figure(said.figure("expected"), last["expected"], "number", "what was expected")
    yield from is_day(said.day("day"), date.fromisoformat(last["day"]), "the last day")


@claims("Earlier totals were missed by {band}: no budget on these.", slots={"band": FIGURE})
def missed(said: Said) -> Iterator[str]:
    band = said.facts.given(said.whose)["band"]
    yield from is_figure(said.figure("band"), band, "ratio", "how far they were missed")


@claims(
    (
        "Who has not bought for {days} day is gone already, and not scored.",
        "Who has not bought for {days} days is gone already, and not scored.",
    ),
    slots={"days": COUNT},
)
def gone(said: Said) -> Iterator[str]:
    days = 2 * said.facts.given(said.whose)["horizon_days"]
    yield from is_figure(said.figure("days"), days, "number", "the days")


@claims("Its probabilities were off by more than 6 points at an earlier cut.")
def off_by_six(said: Said) -> Iterator[str]:
    model = said.facts.given(said.whose)
    errors = [test["ece"] for test in model["tests"] if test["way"] == model["used"]]
    if max(errors) <= 0.06:
        yield f"the errors are {errors}"


@claims("Purchases: {model}; values: Gamma-Gamma.", slots={"model": TEXT})
def model(said: Said) -> Iterator[str]:
    if not said["model"].endswith(f"-{said.facts.given(said.whose)['k']}"):
        yield "k is another"
