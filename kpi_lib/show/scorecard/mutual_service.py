"""What the two sides owe each other: our service beside the partner's commitments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_lib.show.common import membership, theme, wording
from kpi_lib.show.common.language import _, several
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.common.slice import HELD, IN_PART, Measure, Slice
from kpi_lib.show.common.templating import render
from kpi_lib.show.scorecard.target_counts import TargetCounts, in_short

MOST = 7  # of each side: more, and nobody reads them beside each other
SIDES = ("us", "partner")


@dataclass(frozen=True)
class Side:
    """One column: who answers for its measures, what sums them up, and the measures themselves."""

    title: str
    summary: str | None
    rows: Sequence[dict[str, object]]
    nothing: str


def mutual_service(card: Slice) -> Markup:
    """Return two columns: what we answer for, and what the partner does."""
    if card.stay.is_over:
        return render("empty.html", text=_(membership.OVER))
    return render("sides.html", sides=[_side(who, card) for who in SIDES])


def measures_of_side(who: str, card: Slice) -> list[Measure]:
    """Return what one side answers for: the profile's first, then what has a target, worst first.

    Measures that neither have a value nor a target say nothing here.
    """
    measures = _measures_of(who, card)
    led = {measure.kpi: place for place, measure in enumerate(card.profile)}
    measures.sort(key=lambda measure: (led.get(measure.kpi, len(led)), _need(measure)))
    return measures[:MOST]


def _measures_of(who: str, card: Slice) -> list[Measure]:
    """Return the measures that `us` or `partner` is accountable for."""
    if card.stay.is_over:  # nobody owes the other anything to come; what is open is on the tiles
        return []
    # A measure of the profile may have no value; that is said on its tile, not here again.
    return [m for m in card.known if m.definition.accountable == who]


def _need(measure: Measure) -> int:
    return HELD.index(measure.status) if measure.status in HELD else len(HELD)


def _side(who: str, card: Slice) -> Side:
    rows = [_measure_row(measure, card) for measure in measures_of_side(who, card)]
    return Side(_title_of(who, card), _summary(who, card), rows, _why_empty(who, card))


def _title_of(who: str, card: Slice) -> str:
    """Return the heading of the part on `us` or `partner`."""
    if card.is_internal:
        titles = {"us": _("Our service to the partner"), "partner": _("The partner's commitments")}
    else:
        titles = {"us": _("Our service to you"), "partner": _("Your commitments to us")}
    return titles[who]


def _summary(who: str, card: Slice) -> str | None:
    """Return how all that this side answers for stands, and how much of that is not listed."""
    of_all = TargetCounts.of(_measures_of(who, card))
    if not of_all.total:
        return None
    summary = in_short(of_all)
    further = of_all.total - TargetCounts.of(measures_of_side(who, card)).total
    if not further:
        return summary
    return several(
        "{summary}; {count} of them is not listed",
        "{summary}; {count} of them are not listed",
        further,
        summary=summary,
        count=format_count(further),
    )


def _why_empty(who: str, card: Slice) -> str:
    """Return the text that stands where `us` or `partner` has no figures."""
    if who == "us":
        return _("There are no figures on our service in this period.")
    if not card.is_internal:
        return _("There are no figures on your commitments in this period.")
    return _("There are no figures on the partner's commitments in this period.")


def _measure_row(measure: Measure, card: Slice) -> dict[str, object]:
    """Return a measure with target and status as its template reads it."""
    target = measure.number("target")
    has_light = measure.status in (*HELD, IN_PART)
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
