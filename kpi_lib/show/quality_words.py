"""Every sentence of the page of data quality, so that a translation has one place to go to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from kpi_lib.periods import Period
from kpi_lib.show.numbers import format_count, format_short
from kpi_lib.show.slice import PageSlice
from kpi_lib.show.wording import period_name

TITLE = "Data quality"
KICKER = "The data behind the scorecards"
FIGURES = "Figures with a value"  # of all measures of all partners
MARK = "Internal: it names partners and owners"
ALL_IN_TIME = (
    "Every table that has a habit reaches the day of the figures as it usually does, and no month "
    "of it is missing or thin."
)
NOTHING_FOUND = "The check found nothing: every row is as the contract says."
ALL_THERE = "Every table and column that a measure of this period needs is there."
NOBODY_SILENT = "No measure of a partner suffers from a table that has no row of it."
ALL_MEASURED = "Every measure that has its data has something to measure for every partner."
NO_OWNERS = "Nobody owes anything: no gap takes a measure away, and every reported figure has come."
MONTHS_NOTE = (
    "Each bar is a month, the last one that of the figures' day, its height the rows beside the "
    "table's largest month. A hollow bar is a month that is missing, a brown one is thin."
)
EXPLAINED = "A measure that needs several things that are not there is counted with each of them."
ASSUMED = "Computed all the same, reading as empty or as its default what is not there"
LABELS = {
    "table": "Table",
    "rows": "Rows",
    "partners": "Partners",
    "span": "First and last day",
    "state": "State",
    "months": "Rows a month",
    "where": "Where",
    "what": "What",
    "found": "Found in",
    "examples": "For example",
    "not_there": "Not there",
    "lost": "Measures lost",
    "alone": "By this alone",
    "which": "Which",
    "without": "Partners without a row",
    "valueless": "Measures without a value",
    "zeros": "Measures that are 0 for want of rows",
    "hollow": "0 for want of rows",
    "measures": "Measures",
    "lacking": "Partners without a value",
    "why": "Why",
    "owner": "Who answers",
    "gaps": "Gaps",
    "concerned": "Partners concerned",
    "reports": "Reported figures due",
}
_OWNERS = {
    "data": "Owner of the data",
    "manager": "{name}, account manager",
    "branch": "Branch {name}",
    "report": "{name}, for reported figures",
}
_STATES = {
    "current": ("on_track", "Up to date"),
    "empty": ("off_track", "No rows"),
    "standing": ("no_data", "Holds until it changes"),
    "short": ("no_data", "Too few days to tell"),
    "undated": ("no_data", "Has no date"),
}
_KPIS_SHOWN = 4


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: 1 table, 22 tables, no tables."""
    told = format_count(number) if number else "no"
    return f"{told} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names as people list them: a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def first_of(names: Sequence[str], count: int, shown: int) -> str:
    """Return the first few names, and how many more there are."""
    told = list(names[:shown])
    more = count - len(told)
    return listed([*told, f"{format_count(more)} more"] if more else told)


def kpis(names: Sequence[str]) -> str:
    """Return the measures by name, of many the first few; their names may hold commas."""
    shown = _KPIS_SHOWN + (len(names) == _KPIS_SHOWN + 1)
    more = len(names) - shown
    return "; ".join([*names[:shown], *([f"{format_count(more)} more"] if more > 0 else [])])


def of(part: int, whole: int) -> str:
    """Return a part of a whole: 625 of 4,840."""
    return f"{format_count(part)} of {format_count(whole)}"


def partners(told: Mapping[str, Any], among: int) -> str:
    """Return how many of the partners, and who they are."""
    head = of(told["count"], among)
    names = told["names"]
    return f"{head}: {first_of(names, told['count'], len(names))}" if names else head


def owner(row: Mapping[str, Any]) -> str:
    """Return who answers for something."""
    return _OWNERS[row["owner_is"]].format(name=row["owner"])


def verdict(card: PageSlice) -> str:
    """Return the one sentence that says what is missing and what it costs."""
    if not card.raw["partners"]:
        return "There are no partners in this period yet."
    told = [_measures(card), _late(card), _found(card)]
    return f"{'; '.join(text for text in told if text)}."


def _measures(card: PageSlice) -> str:
    told, count = card.raw["kpis"], card.raw["partners"]
    among = f"the {counted(count, 'partner')}" if count > 1 else "the one partner"
    concerned = f"some of {among}" if count > 1 else among
    nobody, some = told["for_nobody"], told["for_some"]
    head = f"Of {counted(told['all'], 'measure')}, "
    without = f"{_have(some)} no value for {concerned}"
    if not nobody and not some:
        return f"Every one of {counted(told['all'], 'measure')} has a value for {among}"
    if not nobody:
        return f"{head}{without}"
    head += (
        f"{_have(nobody)} no value for anybody, because {_what(card.raw['not_there'])} not there"
    )
    return f"{head}, and {without}" if some else head


def _have(number: int) -> str:
    return f"{format_count(number)} {'has' if number == 1 else 'have'}"


def _what(not_there: Iterable[Mapping[str, Any]]) -> str:
    costly = [gap["kind"] for gap in not_there if gap["kpis"]]
    kinds = [(costly.count(kind), kind) for kind in ("table", "column")]
    told = [counted(number, kind) for number, kind in kinds if number]
    return f"{listed(told)} {'is' if len(costly) == 1 else 'are'}"


def _late(card: PageSlice) -> str:
    late = [row["table"] for row in card.raw["tables"] if row["state"] == "late"]
    if not late:
        return "no table is late"
    shown = first_of(late, len(late), _KPIS_SHOWN)
    return f"{counted(len(late), 'table')} {'is' if len(late) == 1 else 'are'} late ({shown})"


def _found(card: PageSlice) -> str:
    rows = {"fault": 0, "warning": 0}
    for line in card.raw["faults"]:
        rows[line["severity"]] += line["rows"]
    left_out = sum(card.data.get("left_out", {}).values())
    told = [counted(rows[kind], kind) for kind in rows if rows[kind]]
    head = f"the check found {listed(told) if told else 'no fault'}"
    were = "was" if left_out == 1 else "were"
    return f"{head}, and {counted(left_out, 'row')} {were} left out" if left_out else head


def state(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the state of a table as a status, which is a shape and a colour, and in words."""
    if row["state"] == "late":
        return "off_track", f"Late: {counted(row['days_behind'], 'day')}"
    gone = [
        f"{counted(len(row[kind]), 'month')} {kind}" for kind in ("missing", "thin") if row[kind]
    ]
    return ("at_risk", listed(gone)) if gone else _STATES[row["state"]]


def months_alt(row: Mapping[str, Any]) -> str:
    """Return what the bars of a table's months show."""
    held = [month for month in row["months"] if month[1] is not None]
    if not held:
        return f"Rows of {row['table']} a month: none in the months drawn"
    most = max(rows for _, rows, _ in held)
    span = f"{_month(held[0][0])} to {_month(held[-1][0])}"
    told = [f"Rows of {row['table']} a month, {span}: {format_count(most)} at most"]
    for kind in ("missing", "thin"):
        names = [month for month, _, state in held if state == kind]
        told += [f"{kind}: {months(names)}"] if names else []
    return "; ".join(told)


def lateness(row: Mapping[str, Any]) -> list[str]:
    """Return what is late, missing or thin of a table, a sentence each."""
    told = []
    if row["state"] == "late":
        told.append(
            f"{row['table']} ends {counted(row['days_behind'], 'day')} before the day of the "
            f"figures; its usual pause is {counted(row['usual_pause_days'], 'day')}."
        )
    if row["missing"]:
        told.append(f"{row['table']} has no rows in {months(row['missing'])}.")
    if row["thin"]:
        told.append(f"{row['table']} has unusually few rows in {months(row['thin'])}.")
    return told


def rules(card: PageSlice) -> str:
    """Return what is called late, missing and thin, in the figures that were applied."""
    told = card.raw["rules"]
    days, months = counted(told["long_days"], "day"), counted(told["thin_months"], "month")
    share, least = (format_short(told[name], "ratio", "") for name in ("usual_share", "thin_share"))
    return (
        f"The usual pause of a table is the one that {share} of the pauses between its days with "
        f"rows do not exceed; it is told from {counted(told['fewest_days'], 'day')} on. A pause is "
        f"long beyond {format_count(told['long_pauses'])} usual ones and {days}. A table is late "
        "that ends a long pause before the day of the figures; a month without rows is missing "
        f"where it lies in a long pause. A month is thin that holds less than {least} of the "
        f"median of the {months} before it, where that is {counted(told['thin_from'], 'row')} or "
        "more."
    )


def months(names: Sequence[str]) -> str:
    """Return months, neighbours as a span: May 2010, and July to September 2011.

    >>> months(["2010-05", "2011-07", "2011-08", "2011-09"]).replace("\N{NO-BREAK SPACE}", " ")
    'May 2010 and July 2011 to September 2011'
    """
    spans: list[list[str]] = [[name] for name in names[:1]]
    for earlier, later in pairwise(names):
        if str(Period.parse(later).previous()) == earlier:
            spans[-1].append(later)
        else:
            spans.append([later])
    told = [" to ".join(dict.fromkeys((_month(s[0]), _month(s[-1])))) for s in spans]
    return listed(told)


def _month(name: str) -> str:
    return period_name(Period.parse(name))


def place(row: Mapping[str, Any]) -> str:
    """Return a table, or a column with its table, by the names of the contract."""
    return f"{row['table']}.{row['column']}" if row["column"] else str(row["table"])


def idle(not_there: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what is not there either, though it costs no measure of this period."""
    names = [place(gap) for gap in not_there if not gap["kpis"]]
    return [f"Not there either, though no measure needs it: {listed(names)}."] if names else []


def assumed(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return which columns are read as empty or as their default, and by how many measures."""
    told = [f"{place(line)} ({counted(len(line['kpis']), 'measure')})" for line in lines]
    return [f"{ASSUMED}: {listed(told)}."] if told else []


def due(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the reported figures that have not come, by whom they are owed."""
    owed: dict[str, list[str]] = {}
    for line in lines:
        owed.setdefault(owner(line), []).append(f"{line['kpi']} of {line['partner']}")
    return [f"Not reported yet, by {who}: {listed(what)}." for who, what in owed.items()]


def found(line: Mapping[str, Any]) -> tuple[str, str]:
    """Return how bad a finding is as a status, and in how many rows it was made."""
    status = "off_track" if line["severity"] == "fault" else "at_risk"
    return status, f"{counted(line['rows'], 'row')}, {line['severity']}"
