"""Every sentence of the page of data quality, so that a translation has one place to go to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from kpi_lib.periods import Period
from kpi_lib.show.common.language import N_, NN_, _, listed, several
from kpi_lib.show.common.numbers import format_count, format_short
from kpi_lib.show.common.period_words import period_name
from kpi_lib.show.quality.quality_page import QualityPage
from kpi_lib.slices.quality_types import (
    Absence,
    AssumedColumn,
    DataOwner,
    Finding,
    SomePartners,
    TableQuality,
    Unreported,
)

TITLE = N_("Data quality")
KICKER = N_("The data behind the scorecards")
FIGURES = N_("Figures with a value")  # of all measures of all partners
MARK = N_("Internal: it names partners and owners")
ALL_IN_TIME = N_(
    "Every table that has a habit reaches the day of the figures as it usually does, and no month "
    "of it is missing or thin."
)
NOTHING_FOUND = N_("The check found nothing: every row is as the contract says.")
ALL_THERE = N_("Every table and column that a measure of this period needs is there.")
NOBODY_SILENT = N_("No measure of a partner suffers from a table that has no row of it.")
ALL_MEASURED = N_("Every measure that has its data has something to measure for every partner.")
NO_OWNERS = N_(
    "Nobody owes anything: no gap takes a measure away, and every reported figure has come."
)
MONTHS_NOTE = N_(
    "Each bar is a month, the last one that of the figures' day, its height the rows beside the "
    "table's largest month. A hollow bar is a month that is missing, a brown one is thin."
)
EXPLAINED = N_(
    "A measure that needs several things that are not there is counted with each of them."
)
ASSUMED = N_(
    "Computed all the same, reading as empty or as its default what is not there: {columns}."
)
LABELS = {
    "table": N_("Table"),
    "rows": N_("Rows"),
    "partners": N_("Partners"),
    "span": N_("First and last day"),
    "state": N_("State"),
    "months": N_("Rows a month"),
    "where": N_("Where"),
    "what": N_("What"),
    "found": N_("Found in"),
    "examples": N_("For example"),
    "not_there": N_("Not there"),
    "lost": N_("Measures lost"),
    "of_some": N_("Lost for some partners"),
    "alone": N_("By this alone"),
    "which": N_("Which"),
    "without": N_("Partners without a row"),
    "valueless": N_("Measures without a value"),
    "zeros": N_("Measures that are 0 for want of rows"),
    "hollow": N_("0 for want of rows"),
    "measures": N_("Measures"),
    "lacking": N_("Partners without a value"),
    "why": N_("Why"),
    "owner": N_("Who answers"),
    "gaps": N_("Gaps"),
    "concerned": N_("Partners concerned"),
    "reports": N_("Reported figures due"),
}
_OWNERS = {
    "data": N_("Owner of the data"),
    "manager": N_("{name}, account manager"),
    "branch": N_("Branch {name}"),
    "report": N_("{name}, for reported figures"),
}
_STATES = {
    "current": ("on_track", N_("Up to date")),
    "empty": ("off_track", N_("No rows")),
    "standing": ("no_data", N_("Holds until it changes")),
    "short": ("no_data", N_("Too few days to tell")),
    "undated": ("no_data", N_("Has no date")),
}
_GONE = {"missing": N_("{months} missing"), "thin": N_("{months} thin")}
_GONE_NAMED = {"missing": N_("missing: {months}"), "thin": N_("thin: {months}")}
_KPIS_SHOWN = 4


_COUNTED = {
    "measure": (N_("no measures"), *NN_("{count} measure", "{count} measures")),
    "partner": (N_("no partners"), *NN_("{count} partner", "{count} partners")),
    "table": (N_("no tables"), *NN_("{count} table", "{count} tables")),
    "column": (N_("no columns"), *NN_("{count} column", "{count} columns")),
    "fault": (N_("no faults"), *NN_("{count} fault", "{count} faults")),
    "warning": (N_("no warnings"), *NN_("{count} warning", "{count} warnings")),
    "row": (N_("no rows"), *NN_("{count} row", "{count} rows")),
    "day": (N_("no days"), *NN_("{count} day", "{count} days")),
    "month": (N_("no months"), *NN_("{count} month", "{count} months")),
}


def counted(number: int, what: str) -> str:
    """Return a number with its word: 1 table, 22 tables, no tables."""
    none, one, many = _COUNTED[what]
    return several(one, many, number, count=format_count(number)) if number else _(none)


def first_of(names: Sequence[str], count: int, shown: int) -> str:
    """Return the first few names, and how many more there are."""
    first = list(names[:shown])
    more = count - len(first)
    return listed([*first, _more(more)] if more else first)


def kpis(names: Sequence[str]) -> str:
    """Return the measures by name, of many the first few; their names may hold commas."""
    shown = _KPIS_SHOWN + (len(names) == _KPIS_SHOWN + 1)
    more = len(names) - shown
    first = [_(name) for name in names[:shown]]
    return "; ".join([*first, *([_more(more)] if more > 0 else [])])


def _more(count: int) -> str:
    return _("{count} more", count=format_count(count))


def part_of_whole(part: int, whole: int) -> str:
    """Return a part of a whole: 625 of 4,840."""
    return _("{part} of {count}", part=format_count(part), count=format_count(whole))


def partners(some: SomePartners, among: int) -> str:
    """Return how many of the partners, and who they are."""
    head = part_of_whole(some.count, among)
    names = some.names
    return f"{head}: {first_of(names, some.count, len(names))}" if names else head


def owner(row: DataOwner | Unreported) -> str:
    """Return who answers for something."""
    return _(_OWNERS[row.owner_is or "data"], name=row.owner)


def verdict(card: QualityPage) -> str:
    """Return the one sentence that says what is missing and what it costs."""
    if not card.content.partners:
        return _("There are no partners in this period yet.")
    sentences = [_measures_clause(card), _late_clause(card), _faults_clause(card)]
    return f"{'; '.join(text for text in sentences if text)}."


def _measures_clause(card: QualityPage) -> str:
    """Return the clause on how many measures have a value, and for whom."""
    counts, count = card.content.kpis, card.content.partners
    nobody, some = counts.for_nobody, counts.for_some
    figures = {
        "measures": counted(counts.all, "measure"),
        "partners": _all_partners_text(count),
        "lacking": _lacking_for(some, count) if some else "",
        "nobody": _for_nobody(nobody, card.content.absences) if nobody else "",
    }
    if nobody and some:
        return _("Of {measures}, {nobody}, and {lacking}", **figures)
    if nobody:
        return _("Of {measures}, {nobody}", **figures)
    if some:
        return _("Of {measures}, {lacking}", **figures)
    return _("Every one of {measures} has a value for {partners}", **figures)


def _all_partners_text(count: int) -> str:
    if count == 1:
        return _("the one partner")
    return _("the {partners}", partners=counted(count, "partner"))


def _lacking_for(some: int, count: int) -> str:
    """Say how many measures have no value for some of the partners, or for the only one."""
    figures = {"count": format_count(some), "partners": _all_partners_text(count)}
    if count == 1:
        return several(
            "{count} has no value for {partners}",
            "{count} have no value for {partners}",
            some,
            **figures,
        )
    return several(
        "{count} has no value for some of {partners}",
        "{count} have no value for some of {partners}",
        some,
        **figures,
    )


def _for_nobody(nobody: int, not_there: Iterable[Absence]) -> str:
    """Say how many measures have no value for anybody, and what is not there."""
    costly = [gap.kind for gap in not_there if gap.kpis]
    numbers = [(costly.count(kind), kind) for kind in ("table", "column")]
    things = listed([counted(number, kind) for number, kind in numbers if number])
    because = several(
        "because {things} is not there",
        "because {things} are not there",
        len(costly),
        things=things,
    )
    return several(
        "{count} has no value for anybody, {because}",
        "{count} have no value for anybody, {because}",
        nobody,
        count=format_count(nobody),
        because=because,
    )


def _late_clause(card: QualityPage) -> str:
    late = [row.table for row in card.content.tables if row.state == "late"]
    if not late:
        return _("no table is late")
    return several(
        "{tables} is late ({names})",
        "{tables} are late ({names})",
        len(late),
        tables=counted(len(late), "table"),
        names=first_of(late, len(late), _KPIS_SHOWN),
    )


def _faults_clause(card: QualityPage) -> str:
    """Return the clause on the faults found, and the rows left out."""
    rows = {"fault": 0, "warning": 0}
    for line in card.content.findings:
        rows[line.severity] += line.rows
    left_out = sum(card.data.left_out.values())
    kinds = [counted(rows[kind], kind) for kind in rows if rows[kind]]
    found = _("the check found {faults}", faults=listed(kinds) if kinds else _("no fault"))
    if not left_out:
        return found
    return several(
        "{found}, and {rows} was left out",
        "{found}, and {rows} were left out",
        left_out,
        found=found,
        rows=counted(left_out, "row"),
    )


def state(row: TableQuality) -> tuple[str, str]:
    """Return the state of a table as a status, which is a shape and a colour, and in words."""
    if row.state == "late":
        return "off_track", _("Late: {days}", days=counted(row.days_behind or 0, "day"))
    gone = [
        _(_GONE[kind], months=counted(len(getattr(row, kind)), "month"))
        for kind in ("missing", "thin")
        if getattr(row, kind)
    ]
    if gone:
        return "at_risk", listed(gone)
    status, words = _STATES[row.state]
    return status, _(words)


def months_alt(row: TableQuality) -> str:
    """Return what the bars of a table's months show."""
    held = [(of.month, of.rows, of.state) for of in row.months if of.rows is not None]
    if not held:
        return _("Rows of {table} a month: none in the months drawn", table=row.table)
    texts = [
        _(
            "Rows of {table} a month, {first} to {last}: {most} at most",
            table=row.table,
            first=_month(held[0][0]),
            last=_month(held[-1][0]),
            most=format_count(max(rows for _name, rows, _state in held)),
        )
    ]
    for kind, words in _GONE_NAMED.items():
        names = [month for month, _rows, state in held if state == kind]
        texts += [_(words, months=months(names))] if names else []
    return "; ".join(texts)


def lateness(row: TableQuality) -> list[str]:
    """Return what is late, missing or thin of a table, a sentence each."""
    table, sentences = row.table, []
    if row.state == "late":
        sentences.append(
            _(
                "{table} ends {days} before the day of the figures; its usual pause is {pause}.",
                table=table,
                days=counted(row.days_behind or 0, "day"),
                pause=counted(row.usual_pause_days or 0, "day"),
            )
        )
    if row.missing:
        sentences.append(
            _("{table} has no rows in {months}.", table=table, months=months(row.missing))
        )
    if row.thin:
        sentences.append(
            _(
                "{table} has unusually few rows in {months}.",
                table=table,
                months=months(row.thin),
            )
        )
    return sentences


def rules(card: QualityPage) -> str:
    """Return what is called late, missing and thin, in the figures that were applied."""
    limits = card.content.rules
    return _(
        "The usual pause of a table is the one that {share} of the pauses between its days with "
        "rows do not exceed; it is judged from {fewest} on. A pause is long beyond {pauses} usual "
        "ones and {days}. A table is late that ends a long pause before the day of the figures; "
        "a month without rows is missing where it lies in a long pause. A month is thin that "
        "holds less than {least} of the median of the {months} before it, where that is {rows} "
        "or more.",
        share=format_short(limits.usual_share, "ratio", ""),
        fewest=counted(limits.fewest_days, "day"),
        pauses=format_count(limits.long_pauses),
        days=counted(limits.long_days, "day"),
        least=format_short(limits.thin_share, "ratio", ""),
        months=counted(limits.thin_months, "month"),
        rows=counted(limits.thin_from, "row"),
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
    return listed([_span_of_months(months[0], months[-1]) for months in spans])


def _span_of_months(first: str, last: str) -> str:
    if first == last:
        return _month(first)
    return _("{first} to {last}", first=_month(first), last=_month(last))


def _month(name: str) -> str:
    return period_name(Period.parse(name))


def place(row: Absence | AssumedColumn | Finding) -> str:
    """Return a table, or a column with its table, by the names of the contract."""
    return f"{row.table}.{row.column}" if row.column else row.table


def absences_without_cost(not_there: Iterable[Absence]) -> list[str]:
    """Return what is not there either, though it costs no measure of this period."""
    names = [place(gap) for gap in not_there if not gap.kpis]
    if not names:
        return []
    return [
        _(
            "Not there either, though no measure of this period needs it: {names}.",
            names=listed(names),
        )
    ]


def assumed_columns(lines: Sequence[AssumedColumn]) -> list[str]:
    """Return which columns are read as empty or as their default, and by how many measures."""
    columns = [f"{place(line)} ({counted(len(line.kpis), 'measure')})" for line in lines]
    return [_(ASSUMED, columns=listed(columns))] if columns else []


def reports_due(lines: Sequence[Unreported]) -> list[str]:
    """Return the reported figures that have not come, by whom they are owed."""
    owed: dict[str, list[str]] = {}
    for line in lines:
        figure = _("{name} of {partner}", name=_(line.kpi), partner=line.partner)
        owed.setdefault(owner(line), []).append(figure)
    return [
        _("Not reported yet, by {who}: {figures}.", who=who, figures=listed(figures))
        for who, figures in owed.items()
    ]


def finding_status(line: Finding) -> tuple[str, str]:
    """Return how bad a finding is as a status, and in how many rows it was made."""
    rows = counted(line.rows, "row")
    if line.severity == "fault":
        return "off_track", _("{rows}, fault", rows=rows)
    return "at_risk", _("{rows}, warning", rows=rows)
