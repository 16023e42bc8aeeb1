"""The tables of a page: every KPI with its comparisons, courses in figures, the peers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from kpi_lib.show.common import data_notes, peer_words, period_words, theme, wording
from kpi_lib.show.common.language import _
from kpi_lib.show.common.pictures import peer_band
from kpi_lib.show.common.slice import KpiSlice, Measure, Slice
from kpi_lib.show.common.templating import render
from kpi_lib.slices.page_types import Standing

if TYPE_CHECKING:
    from great_tables import GT

NOTHING = "\N{EN DASH}"
MOST_PEERS = 6
_TABLE_ID = "kpis"  # fixed, so that the same slice gives the same page


def kpi_table(card: Slice) -> GT:
    """Return the table of every KPI, one row each, with its comparisons.

    Columns that would be empty for every KPI are left out, as targets are where none is agreed.
    """
    from great_tables import GT  # not on a host that only sends

    measures = [measure for measure in card.measures.values() if not measure.is_bare]
    columns = {name: [say(m, card) for m in measures] for name, (_label, say) in _COLUMNS.items()}
    kept = {name: texts for name, texts in columns.items() if any(texts)}
    labels = {name: _COLUMNS[name][0](card) for name in kept}
    frame = pd.DataFrame({name: cells(labels[name], kept[name]) for name in kept})
    frame.insert(0, "family", [wording.family_of(measure) for measure in measures])
    frame.insert(0, "kpi", [wording.named(measure) for measure in measures])
    return (
        GT(frame, rowname_col="kpi", groupname_col="family", id=_TABLE_ID)
        .tab_stubhead(label=_("Measure"))
        .fmt_passthrough(columns=list(kept), escape=False)  # cells has escaped them
        .cols_label(cases=dict(labels))
        .cols_align("right", columns=[name for name in kept if name not in _WORDS])
    )


def kpi_table_html(card: Slice) -> Markup:
    """Return the table as a page shows it, or words where there is nothing to show."""
    if all(measure.is_bare for measure in card.measures.values()):
        return render("empty.html", text=_(wording.NO_KPIS))
    html = slim(kpi_table(card).as_raw_html())  # great-tables escapes the stub, cells the rest
    return render(
        "table.html",
        table=Markup(html),
        without=data_notes.without_value(card),
        beside=_beside(card),
    )


def history_rows(measure: Measure, card: KpiSlice) -> list[tuple[str, str]]:
    """Return period and value of each point of a measure's course, as text, oldest first."""
    return [
        (
            wording.point_marked(point, card),
            NOTHING if point.value is None else wording.said(measure, point.value, card),
        )
        for point in measure.history
    ]


def peers(card: Slice) -> Markup:
    """Return where the partner stands among the others; never who they are."""
    rows = [_peer_row(measure, standing, card) for measure, standing in _with_standing(card)]
    if not rows:
        return render("empty.html", text=peer_words.why_none(card))
    return render("peers.html", rows=rows, notes=peer_words.note(card))


def with_peers(card: Slice) -> list[Measure]:
    """Return the measures that are held against the peers, those that lead the page first."""
    return [measure for measure, _standing in _with_standing(card)]


def _with_standing(card: Slice) -> list[tuple[Measure, Standing]]:
    """Return the first measures that have a standing among peers, each with it."""
    if card.stay.is_over:  # who has left stands among nobody
        return []
    candidates = dict.fromkeys((*card.profile, *card.measures.values()))
    found = [(measure, measure.standing) for measure in candidates]
    return [(measure, standing) for measure, standing in found if standing is not None][:MOST_PEERS]


def _now(measure: Measure, card: Slice) -> str:
    return "" if measure.value is None else wording.value_of(measure, card)


def _value_cell(column: str) -> Callable[[Measure, Slice], str]:
    """Return what writes a measure's earlier value, the one in `column`."""

    def say(measure: Measure, card: Slice) -> str:
        value = measure.number(column)
        return "" if value is None else wording.said(measure, value, card)

    return say


def _change_cell(column: str) -> Callable[[Measure, Slice], str]:
    """Return what writes a measure's change since the value in `column`."""

    def say(measure: Measure, card: Slice) -> str:
        change = wording.change_of(measure, column, card)
        return change.signed if change else ""

    return say


def _status(measure: Measure, card: Slice) -> str:
    """Return the status in words; a measure without a value says why."""
    if measure.value is None:
        return wording.reason(measure)
    status = measure.status
    return "" if status == "no_target" else f"{theme.SHAPE[status]} {_(wording.STATUS[status])}"


def _beside(card: Slice) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each measure beside direct business and all partners; internal pages hold these."""
    others = card.content.beside
    known = {measure.kpi for measure in card.known}
    # A scope that has a figure of none of them would be an empty column.
    scopes = [
        s for s in wording.BESIDE if any(others.get(s, {}).get(kpi) is not None for kpi in known)
    ]
    rows = []
    for measure in card.known:
        values = [others[scope].get(measure.kpi) for scope in scopes]
        if any(value is not None for value in values):
            texts = [NOTHING if v is None else wording.said(measure, v, card) for v in values]
            labels = (_("This partner"), *(_(wording.BESIDE[scope]) for scope in scopes))
            figures = (wording.value_of(measure, card), *texts)
            rows.append((wording.named(measure), list(zip(labels, figures, strict=True))))
    return rows


def slim(html: str) -> str:
    """Return the HTML of a great-table without what each cell repeats, a third of its bytes.

    The scope of its head tells a cell's row and group; which column it is of, `headers` still says.
    """
    html = html.replace("gt_row gt_right", "gt_right").replace(' class="gt_row gt_left"', "")
    return re.sub(r'(<td[^>]*) headers="[^"]* ([^" ]+)"', r'\1 headers="\2"', html)


def _ahead(measure: Measure, card: Slice) -> str:
    return "" if measure.standing is None else peer_words.share_beaten(measure.standing)


def cells(label: str, texts: Sequence[str]) -> list[Markup]:
    """Return the cells with their column's name in them, which narrow screens show."""
    shown = (
        text if text else Markup('<span class="none">{}</span>').format(NOTHING) for text in texts
    )
    return [Markup('<span class="label">{}</span>{}').format(label, text) for text in shown]


_Say = Callable[[Measure, Slice], str]
_COLUMNS: dict[str, tuple[Callable[[Slice], str], _Say]] = {
    "now": (lambda card: period_words.period_name(card.period), _now),
    "previous": (
        lambda card: period_words.period_name(card.period.previous()),
        _value_cell("previous"),
    ),
    "previous_change": (lambda _card: _("Change"), _change_cell("previous")),
    "year_ago": (lambda card: wording.year_ago_name(card), _value_cell("year_ago")),
    "year_change": (lambda _card: _("Change"), _change_cell("year_ago")),
    "target": (lambda _card: _("Target"), _value_cell("target")),
    "status": (lambda _card: _("Status"), _status),
    "peers": (lambda _card: _("Ahead of peers"), _ahead),
}
_WORDS = ("status",)


def _peer_row(measure: Measure, standing: Standing, card: Slice) -> dict[str, object]:
    """Return a measure among its peers as the template reads it."""
    texts = (wording.value_of(measure, card), *peer_words.figures(measure, standing, card))
    labels = (_("This partner"), _("Lower quartile"), _("Median"), _("Upper quartile"))
    alt = peer_words.band_alt(measure, standing, card)
    return {
        "name": wording.named(measure),
        "figures": list(zip(labels, texts, strict=True)),
        "band": peer_band(standing.q1, standing.median, standing.q3, measure.value or 0.0, alt),
        "standing": peer_words.place(measure, standing),
    }
