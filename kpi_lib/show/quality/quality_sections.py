"""The parts of the page of data quality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd
from great_tables import GT
from markupsafe import Markup

from kpi_lib.show.common import data_notes, theme
from kpi_lib.show.common.language import _
from kpi_lib.show.common.listing import FIGURE, LONG, Column, whole_listing
from kpi_lib.show.common.missing_reasons import translated
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.common.period_words import span
from kpi_lib.show.common.pictures import month_bars
from kpi_lib.show.common.templating import render
from kpi_lib.show.quality import quality_words as words
from kpi_lib.show.quality.quality_page import QualityPage
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard.tables import NOTHING, cells
from kpi_lib.slices.quality_types import TableQuality

_WITHOUT_BARS = ("empty", "standing", "undated")
_TABLE_ID = "tables"  # fixed, so that the same slice gives the same page


def heading(card: QualityPage) -> Markup:
    """Return the head of the page."""
    rows = sum(row.rows for row in card.content.tables)
    figures = card.content.figures
    facts = [
        (_("Tables"), format_count(len(card.content.tables))),
        (_("Rows"), format_count(rows)),
        (_(words.FIGURES), words.part_of_whole(figures.there, figures.all)),
    ]
    return parts.head(card, _(words.KICKER), _(words.TITLE), facts, _(words.MARK))


def verdict(card: QualityPage) -> Markup:
    """Return the sentence that says what is missing and what it costs."""
    unfinished = data_notes.unfinished(card)
    return render("verdict.html", sentence=words.verdict(card), unfinished=unfinished)


def owners(card: QualityPage) -> Markup:
    """Return who answers for what is missing, those who cost the most measures first."""
    columns = ("owner", "gaps", "concerned", "lost", "of_some", "hollow", "reports")
    counts = ("gaps", "partners", "kpis", "of_some", "zeros", "reports")
    rows = [
        (words.owner(row), *(format_count(getattr(row, name)) for name in counts))
        for row in card.content.owners
    ]
    return _listing(columns, rows, _(words.NO_OWNERS), words.reports_due(card.content.unreported))


def tables(card: QualityPage) -> Markup:
    """Return every table that is there: its rows, its age, its months."""
    rows = card.content.tables
    columns: dict[str, Sequence[str]] = {
        "rows": [format_count(row.rows) for row in rows],
        "partners": [_count(row.partners) for row in rows],
        "span": [_span_text(row.first_day, row.last_day) for row in rows],
        "state": [_state_mark(*words.state(row)) for row in rows],
        "months": [_bars(row) for row in rows],
    }
    labels = {name: _(words.LABELS[name]) for name in columns}
    frame = pd.DataFrame({name: cells(labels[name], texts) for name, texts in columns.items()})
    frame.insert(0, "table", [row.table for row in rows])
    table = (
        GT(frame, rowname_col="table", id=_TABLE_ID)
        .tab_stubhead(label=_(words.LABELS["table"]))
        .fmt_passthrough(columns=list(columns), escape=False)  # cells() has escaped them
        .cols_label(cases=dict(labels))
        .cols_align("right", columns=["rows", "partners"])
    )
    return render("tables.html", table=Markup(table.as_raw_html()), note=_(words.MONTHS_NOTE))


def late(card: QualityPage) -> Markup:
    """Return what is late, missing or thin, a sentence each."""
    sentences = [line for row in card.content.tables for line in words.lateness(row)]
    return render("late.html", lines=sentences, empty=_(words.ALL_IN_TIME), rules=words.rules(card))


def faults(card: QualityPage) -> Markup:
    """Return what the check found, counted by kind, worst first."""
    rows = [
        (
            words.place(line),
            line.kind,
            _state_mark(*words.finding_status(line)),
            "; ".join(line.examples),
        )
        for line in card.content.findings
    ]
    columns = ("where", "what", "found", "examples")
    return _listing(columns, rows, _(words.NOTHING_FOUND), data_notes.about_faults(card))


def gaps(card: QualityPage) -> Markup:
    """Return which tables and columns are not there, and which measures that takes away."""
    not_there = card.content.absences
    rows = [
        (
            words.place(gap),
            format_count(len(gap.kpis)),
            format_count(gap.alone),
            words.kpis(gap.kpis),
        )
        for gap in not_there
        if gap.kpis
    ]
    notes = [_(words.EXPLAINED)] if rows else []
    notes += [*words.absences_without_cost(not_there), *words.assumed_columns(card.content.assumed)]
    return _listing(("not_there", "lost", "alone", "which"), rows, _(words.ALL_THERE), notes)


def silent(card: QualityPage) -> Markup:
    """Return which tables have no row of some partners, and what that takes from them."""
    rows = [
        (
            row.table,
            words.partners(row.partners, card.content.partners),
            words.kpis(row.kpis) or NOTHING,
            words.kpis(row.zeros) or NOTHING,
        )
        for row in card.content.silent
    ]
    return _listing(("table", "without", "valueless", "zeros"), rows, _(words.NOBODY_SILENT))


def unmeasured(card: QualityPage) -> Markup:
    """Return which measures had nothing to measure by for some partners, and why."""
    rows = [
        (
            words.kpis(row.kpis),
            words.partners(row.partners, card.content.partners),
            translated(row.why),
        )
        for row in card.content.unmeasured
    ]
    return _listing(("measures", "lacking", "why"), rows, _(words.ALL_MEASURED))


def notes(card: QualityPage) -> Markup:
    """Return what the reader must know of the data."""
    sentences = [*data_notes.about_source(card), *data_notes.about_time(card)]
    return render("notes.html", notes=sentences)


def _listing(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    empty: str,
    notes: Sequence[str] = (),
) -> Markup:
    """Return a plain table with remarks below it, or words where it would be empty."""
    labelled = [Column(_(words.LABELS[name]), _KINDS.get(name, "")) for name in columns]
    return whole_listing(labelled, rows, empty, notes)


_KINDS = {
    **dict.fromkeys(("gaps", "concerned", "lost", "of_some", "hollow", "reports", "alone"), FIGURE),
    **dict.fromkeys(("which", "examples", "without", "valueless", "zeros", "lacking", "why"), LONG),
}


def _count(number: int | None) -> str:
    return "" if number is None else format_count(number)


def _span_text(first: date | None, last: date | None) -> str:
    """Return two days as a span in words; empty where one is not known."""
    if first is None or last is None:
        return ""
    return span(first, last)


def _state_mark(status: str, text: str) -> Markup:
    """Return the mark and words of a state, such as late."""
    return Markup(
        '<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>'
    ).format(status, theme.SHAPE[status], text)


def _bars(row: TableQuality) -> str:
    """Return the months of a table as bars; a table whose rows hold until they change has none."""
    if row.state in _WITHOUT_BARS:
        return ""
    return month_bars([(of.month, of.rows, of.state) for of in row.months], words.months_alt(row))
