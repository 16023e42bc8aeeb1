"""What the two sides owe each other: our service beside the partner's commitments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from kpi_lib.show import theme, wording
from kpi_lib.show.language import _, several
from kpi_lib.show.numbers import format_count
from kpi_lib.show.slice import IN_PART, Measure, Slice
from kpi_lib.show.templating import render

MOST = 7  # of each side: more, and nobody reads them beside each other
_HELD = ("off_track", "at_risk", "on_track")  # worst first
_URGENT = (*_HELD, "unsure")
SIDES = ("us", "partner")


@dataclass(frozen=True)
class Side:
    """One column: who answers for its measures, what sums them up, and the measures themselves."""

    title: str
    summary: str | None
    rows: Sequence[dict[str, Any]]
    nothing: str


def sides(card: Slice) -> Markup:
    """Return two columns: what we answer for, and what the partner does."""
    return render("sides.html", sides=[_side(who, card) for who in SIDES])


def chosen(who: str, card: Slice) -> list[Measure]:
    """Return what one side answers for: the profile's first, then what has a target, worst first.

    Measures that neither have a value nor a target say nothing here.
    """
    own = [m for m in card.measures.values() if m.definition.get("accountable") == who]
    told = [m for m in own if m.value is not None]
    led = {measure.kpi: place for place, measure in enumerate(card.profile)}
    told.sort(key=lambda measure: (led.get(measure.kpi, len(led)), _need(measure)))
    # A measure of the profile may have no value; that is said on its tile, not here again.
    return told[:MOST]


def _need(measure: Measure) -> int:
    return _URGENT.index(measure.status) if measure.status in _URGENT else len(_URGENT)


def _side(who: str, card: Slice) -> Side:
    rows = [_row(measure, card) for measure in chosen(who, card)]
    return Side(_title(who, card), _summary(who, card), rows, _nothing(who, card))


def _title(who: str, card: Slice) -> str:
    if card.is_internal:
        told = {"us": _("Our service to the partner"), "partner": _("The partner's commitments")}
    else:
        told = {"us": _("Our service to you"), "partner": _("Your commitments to us")}
    return told[who]


def _summary(who: str, card: Slice) -> str | None:
    """Return how many of all that this side answers for, and that has a target, are on track."""
    own = [m for m in card.measures.values() if m.definition.get("accountable") == who]
    held = [m for m in own if m.status in _HELD]
    if not held:
        return None
    on_track = sum(m.status == "on_track" for m in held)
    return several(
        "{on_track} of {count} measure with a target on track",
        "{on_track} of {count} measures with a target on track",
        len(held),
        on_track=format_count(on_track),
        count=format_count(len(held)),
    )


def _nothing(who: str, card: Slice) -> str:
    if who == "us":
        return _("There are no figures on our service in this period.")
    if not card.is_internal:
        return _("There are no figures on your commitments in this period.")
    return _("There are no figures on the partner's commitments in this period.")


def _row(measure: Measure, card: Slice) -> dict[str, Any]:
    target = measure.number("target")
    has_light = measure.status in (*_URGENT, IN_PART)
    return {
        "name": wording.named(measure),
        "value": wording.value_of(measure, card),
        "target": None if target is None else wording.said(measure, target, card),
        "status": measure.status if has_light else None,
        "shape": theme.SHAPE[measure.status] if has_light else "",
        "said": _said(measure) if has_light else _("No target"),
    }


def _said(measure: Measure) -> str:
    """Return the status in words; the column is narrow, so of one they are fewer than elsewhere."""
    return _("Too few cases") if measure.status == "unsure" else _(wording.STATUS[measure.status])
