"""The cells of a page's tables, each held against the table of the run that it was taken from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from tests.claims.claims import is_figure, lies_apart
from tests.claims.facts import Facts, Row, Whose
from tests.claims.figures import Figure, read_figure, read_period
from tests.claims.pages import Cell
from tests.claims.say_pages import amount_of_age, is_day
from tests.claims.say_portfolio import MODELS, shares, stance
from tests.claims.templates import DAY, FIGURE, NAME, PERIOD, WHO

COLUMNS = {
    **dict.fromkeys(("This partner", "Actual", "Partners", "Value", "We count"), "value"),
    **{"Target": "target", "Ahead of peers": "peer_percentile"},
    **{"Lower quartile": "peer_q1", "Median": "peer_median", "Upper quartile": "peer_q3"},
}
SCOPES = {"Direct": "direct", "Direct business": "direct", "Company": "company"}
SCOPES |= {"All partners": "portfolio"}
OF_PARTNERS = {"Margin": "gross_margin", "OTIF": "otif_rate", "Health": "health_score"}
ATTRIBUTION = dict(
    zip(("First touch", "Last touch", "Linear", "Time decay", "Position based"), MODELS, strict=True)
)
BANDS = {"Expected": ("value",), "Expected next": ("value",), "80% band": ("low80", "high80")}
BANDS |= {"95% band": ("low95", "high95")}
DRIVERS = "drivers"


class Unclaimed(Exception):  # noqa: N818 -- it is no error of anybody's
    """A cell that no rule takes."""


@dataclass(frozen=True)
class Read:
    """A cell as it is read: whose page, which tables, and its head in English."""

    cell: Cell
    whose: Whose
    facts: Facts

    @cached_property
    def head(self) -> str:
        """What stands above it, in English where the product knows the word."""
        known = (*COLUMNS, *SCOPES, *OF_PARTNERS, *ATTRIBUTION, *BANDS, *HEADS)
        told = {self.facts.words.told(word)[0]: word for word in known}
        return told.get(self.cell.head, self.cell.head)

    def slot(self, kind: str, text: str) -> re.Match[str] | None:
        """Return where a text begins with something of a kind."""
        return re.match(self.facts.words.kinds[kind], text)

    @cached_property
    def kpi(self) -> str:
        """The measure that the row is about, or what the table stands under."""
        own = [] if self.cell.at.part == DRIVERS else [self.cell.row]
        for text in (*own, *self.cell.titles):
            found = self.slot(NAME, text)
            if found:
                return self.facts.words.measures[found[0]]
        return ""

    @cached_property
    def partner(self) -> str:
        """The partner that the row is about; nothing where it is about none."""
        found = self.slot(WHO, self.cell.row)
        return self.facts.words.partners[found[0]] if found else ""

    def figure(self, text: str | None = None) -> Figure:
        """Return the figure of the cell."""
        return read_figure(self.cell.text if text is None else text, self.facts.language)

    def unit(self, kpi: str) -> str:
        """Return the unit of a measure."""
        told = self.facts.definitions[kpi]
        return str(told.measured_in or told.unit)

    def row(self, kpi: str, scope: str = "") -> Row:
        """Return a row of the KPI table: the page's, another scope's, or that of the partner."""
        if scope:
            return self.facts.kpis[scope, scope, kpi]
        if self.partner:
            return self.facts.kpis["partner", self.partner, kpi]
        return self.facts.row(self.whose, kpi)

    def period(self, text: str) -> str:
        """Return the period that a text begins with; nothing where it begins with none."""
        found = self.slot(PERIOD, text)
        return read_period(found[0].partition(" (")[0], self.facts.language) if found else ""


HEADS = ("Change", "Status", "On the year", "In per cent", "A year ago", "Off track", "Reported")
HEADS += ("Apart", "Share", "Amount", "Off by", "Off track since", "At stake", "By", "First due")
HEADS += ("Actions", "Target of the year", "May fade", "Effect on the change", "Since", "Measure")
HEADS += ("What it calls for", "Among the others", "Period", "Action", "Who")


def cell_faults(cell: Cell, whose: Whose, facts: Facts) -> Iterator[str]:
    """Yield what is untrue of a cell; raise Unclaimed where no rule takes it."""
    read = Read(cell, whose, facts)
    rule = next((rule for where, rule in RULES if cell.at.part in where or "*" in where), None)
    if whose.page in ("cltv", "churn", "data_quality"):
        rule = given
    elif whose.page == "index":
        rule = on_the_index
    if rule is None:
        raise Unclaimed
    yield from rule(read)


# --- measures, with their comparisons ---------------------------------------------------------------


def measure(read: Read) -> Iterator[str]:
    """A row is a measure, a column what is told of it."""
    kpi, head = read.kpi, read.head
    if not kpi:
        raise Unclaimed
    if head in COLUMNS:
        yield from _column(read, kpi, COLUMNS[head])
    elif head in SCOPES:
        yield from is_figure(
            read.figure(), read.row(kpi, SCOPES[head])["value"], read.unit(kpi), head
        )
    elif head == "Change":
        yield from _change(read, kpi, _earlier(read, read.cell.heads[read.cell.column - 1]))
    elif head == "Status":
        if str(read.row(kpi)["missing"] or "") == "":
            yield "a status holds no figure"
    elif head == "Among the others":
        yield from _standing(read, kpi)
    else:
        yield from is_figure(
            read.figure(), read.row(kpi)[_earlier(read, read.cell.head)], read.unit(kpi), head
        )


def _earlier(read: Read, head: str) -> str:
    """Return the column that a head which names a period is."""
    period, told = read.facts.period, read.period(head)
    if told == str(period):
        return "value"
    if told == str(period.previous()) and read.cell.heads.index(head) == 2:
        return "previous"
    if head == read.facts.words.told("A year ago")[0] or told == str(period.year_ago()):
        return "year_ago"
    raise Unclaimed


def _column(read: Read, kpi: str, column: str) -> Iterator[str]:
    is_coarse = read.whose.edition == "partner" and column.startswith("peer_")
    if column == "peer_percentile":
        yield from is_figure(read.figure(), read.row(kpi)[column], "ratio", column)
    elif is_coarse:
        told = read.facts.standing(read.whose, kpi)[column.removeprefix("peer_")]
        yield from is_figure(read.figure(), told, read.unit(kpi), column)
    else:
        yield from is_figure(read.figure(), read.row(kpi)[column], read.unit(kpi), column)


def _change(read: Read, kpi: str, column: str) -> Iterator[str]:
    row, figure = read.row(kpi), read.figure()
    value, base = row["value"], row[column]
    if (figure.number > 0) != (value > base):
        yield f"the value is {value}, {column} {base}"
    size = Figure(abs(figure.number), figure.half, figure.unit)
    yield from lies_apart(size, value, base, read.unit(kpi), column)


def _standing(read: Read, kpi: str) -> Iterator[str]:
    row, numbers = read.row(kpi), [int(n) for n in re.findall(r"\d+", read.cell.text)]
    if read.whose.edition == "partner":
        tenths = round(10 * read.facts.standing(read.whose, kpi)["ahead"])
        if numbers[-1] != 10 or numbers[0] != min(max(tenths, 1), 9):
            yield f"it is ahead of {tenths} in 10"
    elif numbers != [round(row["peer_percentile"] * 100), row["peers"]]:
        yield f"it is ahead of {row['peer_percentile']} of {row['peers']}"


def course(read: Read) -> Iterator[str]:
    """A row is a period: of a course, or of what is to come; else it is a measure."""
    period = read.period(read.cell.row)
    if not period:
        yield from (partner if read.partner else measure)(read)
        return
    if read.head in BANDS:
        yield from _forecast(read, read.facts.forecast(read.whose, period))
        return
    scope = SCOPES.get(read.head)
    whose = Whose(scope, scope, "internal", "") if scope else read.whose
    kpi = "revenue" if read.cell.at.part == "direct" else read.kpi
    value = read.facts.earlier(whose, kpi, period)
    yield from is_figure(read.figure(), value, read.unit(kpi), f"the value of {period}")


def _forecast(read: Read, row: Row) -> Iterator[str]:
    texts = read.cell.text.split(" – ")
    for text, column in zip(texts, BANDS[read.head], strict=True):
        yield from is_figure(read.figure(text), row[column], "money", column)


# --- partners ---------------------------------------------------------------------------------------


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
        yield from _forecast(read, row)
    elif read.cell.head in read.facts.words.measures:
        kpi = read.facts.words.measures[read.cell.head]
        yield from is_figure(read.figure(), read.row(kpi)["value"], read.unit(kpi), kpi)
    elif read.period(read.cell.head):
        column = "value" if read.period(read.cell.head) == str(read.facts.period) else "year_ago"
        yield from is_figure(read.figure(), read.row("revenue")[column], "money", column)
    else:
        raise Unclaimed


def _fading(read: Read) -> list[dict[str, Any]]:
    return list(read.facts.given(read.whose)["outlook"]["partners"])


def _business(read: Read) -> str:
    return "revenue" if ("portfolio", "portfolio", "revenue") in read.facts.kpis else "orders"


def _on_the_year(read: Read) -> Iterator[str]:
    yield from _change(read, _business(read), "year_ago")


def _health_a_year_ago(read: Read) -> Iterator[str]:
    yield from is_figure(read.figure(), read.row("health_score")["year_ago"], "number", "it")


def _off_track(read: Read) -> Iterator[str]:
    numbers = [int(number) for number in re.findall(r"\d+", read.cell.text)]
    off = [
        row
        for (scope, who, kpi), row in read.facts.kpis.items()
        if (scope, who) == ("partner", read.partner) and row["status"] == "off_track"
        if read.facts.definitions[kpi].family != "goals" and read.facts.covers(kpi, read.facts.period)
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
        told = [r for r in given["exceptions"]["rows"] if r["kpi"] == _exception(read)["kpi"]]
    else:
        told = [a for a in read.facts.actions if read.facts.titled(a) == read.cell.line[1]]
    told = [row for row in told if row["partner_id"] == read.partner and row["stake"] is not None]
    if not any(not list(is_figure(read.figure(), r["stake"], "money", "")) for r in told):
        yield f"at stake are {[row['stake'] for row in told]}"


def _due(read: Read) -> Iterator[str]:
    told = [
        action["due"]
        for action in read.facts.actions
        if action["partner_id"] == read.partner and read.facts.titled(action) == read.cell.line[1]
    ]
    from tests.claims.figures import read_day

    day = read_day(read.cell.text, read.facts.language)
    if not any(not list(is_day(day, due, "")) for due in told):
        yield f"due are {told}"


def _reported(read: Read) -> Iterator[str]:
    kpi = read.facts.words.measures[read.cell.line[1]]
    row = read.facts.disputed(Whose("partner", read.partner, "internal", ""), kpi)
    yield from is_figure(read.figure(), row["reported"], read.unit(kpi), "what was reported")


def _in_per_cent(read: Read) -> Iterator[str]:
    yield from _change(read, "revenue", "year_ago")
    if read.figure().unit != "%":
        yield "it is not in per cent"


def _calls_for(read: Read) -> Iterator[str]:
    yield f"what a partner calls for, {stance(read.facts, read.partner)}, holds no figure"


def _ours(read: Read) -> Iterator[str]:
    yield from _value_of("value")(read)


PARTNERS: dict[str, Callable[[Read], Iterator[str]]] = {
    "On the year": _on_the_year,
    "Change": lambda read: _change(read, "revenue", "year_ago"),
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
    "We count": _ours,
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
        and read.cell.row in (who, *read.facts.words.told(who.replace("_", " ").capitalize()))
    )
    kpi = read.facts.words.measures.get(read.cell.head, "revenue")
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
    column = "value" if read.period(_long(read.cell.head)) == str(read.facts.period) else "year_ago"
    told, counts = shares(said, column), re.findall(r"\d+", read.cell.row)
    if counts:
        yield from is_figure(
            read.figure(), told[min(int(counts[0]), len(told)) - 1], "ratio", "their share"
        )
        return
    parts = [one - before for one, before in zip(told, [0.0, *told], strict=False)]
    yield from is_figure(read.figure(), sum(p * p for p in parts), "number", "the index")


def _long(head: str) -> str:
    """Return the name of a period as it is written where there is room."""
    months = {"Sept": "September", "Sep": "September", "Sept.": "September"}
    return " ".join(months.get(word, word) for word in head.split())


def ageing(read: Read) -> Iterator[str]:
    """A row is an age of what is open."""
    if not read.facts.words.told("Amount")[0] in read.cell.heads:
        yield from course(read)
        return
    amount = amount_of_age(read.facts, read.whose, read.cell.row)
    owed = read.facts.row(read.whose, "overdue_rate")["denominator"]
    if read.head == "Amount":
        yield from is_figure(read.figure(), amount, "money", "the amount")
    else:
        yield from is_figure(read.figure(), amount / owed, "ratio", "the share")


def reported(read: Read) -> Iterator[str]:
    """A row is a figure that the partner reported."""
    period = read.period(read.cell.line[1])
    table = read.facts.table("reconciliation")
    row = table.filter(partner_id=read.whose.entity, kpi=read.kpi, period=period).to_dicts()[0]
    column = {"We count": "ours", "Reported": "reported", "Apart": "relative"}.get(read.head)
    if column:
        unit = "ratio" if column == "relative" else read.unit(read.kpi)
        yield from is_figure(read.figure(), row[column], unit, column)
    elif read.head == "Since" and read.period(read.cell.text) != row["since"]:
        yield f"it is since {row['since']}"


def drivers(read: Read) -> Iterator[str]:
    """A row is what one part did to a change; all of them add up to it."""
    title = next(read.cell.titles)
    told = [
        effect["effect"] * (100 if read.facts.definitions[driver["kpi"]].unit == "ratio" else 1)
        for driver in read.facts.given(read.whose)["insights"]["drivers"]
        if driver["kpi"] == read.kpi
        for effect in driver["effects"]
    ]
    if not any(read.figure().is_about(effect) for effect in told):
        yield f"the effects of {title!r} are {told}"


def actions(read: Read) -> Iterator[str]:
    """A row is who is asked, or a partner with its action."""
    if read.partner:
        yield from partner(read)
        return
    theirs = set(read.facts.theirs(read.whose))
    rows = read.facts.given(read.whose)["actions"]["owners"]
    row = rows[read.cell.place]
    if read.head == "First due":
        from tests.claims.figures import read_day

        day = read_day(read.cell.text, read.facts.language)
        yield from is_day(day, date.fromisoformat(row["due"]), "the first day")
        return
    number = row["partners"] if read.head == "Partners" else row["count"]
    yield from is_figure(read.figure(), number, "number", read.head)
    if row["partners"] > len(theirs):
        yield f"there are {len(theirs)} partners"


# --- pages of a run ---------------------------------------------------------------------------------


def given(read: Read) -> Iterator[str]:
    """A cell of a run's own page is a number or a day that the page was given for its part."""
    raw = read.facts.given(read.whose)
    raw = raw.get("told", raw)
    told = raw.get(read.cell.at.part, raw)
    if isinstance(told, list) and read.cell.place < len(told) == _rows_of(read):
        told = told[read.cell.place]
    numbers, days, texts = _all_numbers(told), set(_all_days(told)), _all_texts(told)
    derived = _all_numbers(raw) | _so_far(raw.get("tenths", ()))
    text = read.cell.text
    for found in re.finditer(read.facts.words.kinds[DAY], text):
        from tests.claims.figures import read_day

        if read_day(found[0], read.facts.language) not in days:
            yield f"{found[0]} is no day that the page was given"
    rest = re.sub(read.facts.words.kinds[DAY], "", text)
    for found in re.finditer(read.facts.words.kinds[FIGURE], rest):
        figure = read_figure(found[0].strip(), read.facts.language)
        scale = 0.01 if figure.unit == "%" else 1
        near = Figure(figure.number * scale, figure.half * scale, figure.unit, figure.bound)
        if not any(near.is_about(number) for number in {*numbers, *derived}) and not any(
            found[0] in one for one in texts
        ):
            yield f"{found[0]} is no number that the page was given"


def _so_far(tenths: list[Row]) -> set[float]:
    """Return which shares of those who left, and of their money, the first tenths hold."""
    told: set[float] = set()
    for column in ("gone", "money"):
        values = [row[column] for row in tenths]
        told |= {sum(values[: n + 1]) / sum(values) for n in range(len(values)) if sum(values)}
    return told


def _rows_of(read: Read) -> int:
    table = next(at for at in read.cell.at.above() if at.tag == "table")
    return sum(len(list(body.all("tr"))) for body in table.all("tbody"))


def _all_numbers(told: Any) -> set[float]:
    if isinstance(told, dict):
        return {n for value in told.values() for n in _all_numbers(value)}
    if isinstance(told, list):
        return {float(len(told))} | {n for value in told for n in _all_numbers(value)}
    is_number = isinstance(told, int | float) and not isinstance(told, bool)
    return {float(told)} if is_number else set()


def _all_texts(told: Any) -> set[str]:
    if isinstance(told, dict | list):
        values = told.values() if isinstance(told, dict) else told
        return {text for value in values for text in _all_texts(value)}
    return {told} if isinstance(told, str) else set()


def _all_days(told: Any) -> Iterator[tuple[int, int, int]]:
    for text in _all_texts(told):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            yield tuple(int(number) for number in text.split("-"))  # type: ignore[misc]


def on_the_index(read: Read) -> Iterator[str]:
    """A row of the index is a partner with its business."""
    if not read.partner:
        raise Unclaimed
    yield from partner(read)


Rule = Callable[[Read], Iterator[str]]
RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("table", "peers", "sides"), measure),
    (("trends", "sales", "outlook", "direct"), course),
    (("finance", "ageing"), ageing),
    (("partners", "health", "movers", "exceptions", "disputes"), partner),
    (("attribution",), attribution),
    (("breakdown",), breakdown),
    (("concentration",), concentration),
    (("reported",), reported),
    ((DRIVERS,), drivers),
    (("actions",), actions),
)
