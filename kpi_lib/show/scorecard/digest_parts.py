"""What the parts of a scorecard say in an e-mail: short, as HTML for mail clients and as text.

Both faces of a part are made from the same words, so their figures cannot differ. Images are
pictures of their own, named by their content: a mail client shows none that is inside the HTML.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping

from markupsafe import Markup

from kpi_lib.show.common import charts, data_notes, period_words, theme, wording
from kpi_lib.show.common.edition_words import words_of
from kpi_lib.show.common.language import _
from kpi_lib.show.common.part import Mailed
from kpi_lib.show.common.slice import Measure, Slice
from kpi_lib.show.common.templating import render, render_text
from kpi_lib.show.scorecard import sections, tiles
from kpi_lib.show.scorecard import verdict as summary
from kpi_lib.show.scorecard.action_sections import described_actions

MOST_ROWS, MOST_ACTIONS = 6, 3
TONE = {"on_track": "good", "at_risk": "risk", "off_track": "risk"}


def heading(card: Slice) -> Mailed:
    """Return whose scorecard it is, and of which period."""
    content = {
        "kicker": _(words_of(card.edition).title),
        "name": card.name,
        "period": period_words.period_title(card),
        "span": period_words.span(card.period.start, card.as_of),
    }
    return _render_mailed("heading", content)


def verdict(card: Slice) -> Mailed:
    """Return the sentence that says how the period went."""
    unfinished = data_notes.unfinished(card)
    content = {
        "mood": summary.mood(card),
        "sentence": summary.sentence(card),
        "unfinished": unfinished,
    }
    return _render_mailed("verdict", content)


def rows(card: Slice) -> Mailed:
    """Return at most six measures: actual, target with variance, status in words."""
    lead = tiles.leading_measures(card)[:MOST_ROWS]
    has_targets = any(tiles.tile(measure, card).has_light for measure in lead)
    lines = [_row(measure, card, has_targets) for measure in lead]
    note = _(wording.NO_TARGETS) if tiles.lacks_targets(lead, card) else ""
    heads = (_("Measure and target"), _("Actual and status"))
    return _render_mailed(
        "rows", {"rows": lines, "note": note, "heads": heads, "title": _("At a glance")}
    )


def chart(card: Slice) -> Mailed:
    """Return the course of the measure that leads the page, or nothing where there is none."""
    drawn = next(iter(sections.measures_with_charts(card)), None)
    if drawn is None:
        return Mailed(Markup(""), "")
    picture = charts.png(charts.trend(drawn, card))
    name = f"chart-{hashlib.sha256(picture).hexdigest()[:16]}"
    points = [
        (wording.point_marked(point, card), wording.said(drawn, point.value or 0.0, card))
        for point in drawn.seen
    ]
    content = {
        "title": wording.trend_title(drawn, card),
        "alt": _chart_alt(drawn, points),
        "image": name,
        "points": points,
    }
    return _render_mailed("chart", content, {name: base64.b64encode(picture).decode()})


def actions(card: Slice) -> Mailed:
    """Return at most three actions, or nothing where none is asked for."""
    asked = described_actions(card)[:MOST_ACTIONS]
    if not asked:
        return Mailed(Markup(""), "")
    return _render_mailed("actions", {"actions": asked, "title": _("What to do next")})


def _render_mailed(
    part: str, content: Mapping[str, object], images: Mapping[str, str] | None = None
) -> Mailed:
    """Return a part of an e-mail, rendered as HTML and as text from the same content."""
    html = render(f"mail/{part}.html", **content)
    text = render_text(f"mail/{part}.txt", **content).strip()
    return Mailed(html, text, images or {})


def _row(measure: Measure, card: Slice, has_targets: bool) -> dict[str, object]:
    """Return one line; where no measure has a target that is said once, below them."""
    tile = tiles.tile(measure, card)
    texts = [tile.target, wording.on_the_year(measure, card), tile.cases]
    texts += [_(wording.IN_DISPUTE) if tile.is_disputed else None]
    texts += [tile.reason if tile.is_missing else None]
    return {
        "name": f"{tile.name} ({tile.note})" if tile.note else tile.name,
        "value": tile.value,
        "more": [text for text in texts if text],
        "status": _(wording.STATUS[tile.status]) if has_targets or tile.is_missing else "",
        "shape": theme.SHAPE.get(tile.status, ""),
        "tone": TONE.get(tile.status, "none"),
    }


def _chart_alt(measure: Measure, points: list[tuple[str, str]]) -> str:
    """Return the alternative text of the chart, from its first and last point."""
    (first, then), (last, now) = points[0], points[-1]
    return _(
        "Chart of {name}: from {then} in {first} to {now} in {last}",
        **{"name": measure.name, "then": then, "first": first, "now": now, "last": last},
    )
