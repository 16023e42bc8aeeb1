"""What a reader takes along in ten seconds: how the period went, what is worst, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kpi_lib.periods import Period
from kpi_lib.show import advice, wording
from kpi_lib.show.language import N_, _, several
from kpi_lib.show.numbers import format_count, format_day
from kpi_lib.show.slice import Measure, Slice

ENOUGH = 3  # measures to judge by; fewer, and the sentence alone has to do
SLACK = 6  # days without a row at a period's end that say nothing
GOOD, BAD = 2 / 3, 1 / 2  # shares of the measures on track
HELD = ("on_track", "at_risk", "off_track")
MOODS = {
    "good": {
        "week": N_("A good week"),
        "month": N_("A good month"),
        "quarter": N_("A good quarter"),
        "half": N_("A good half-year"),
        "year": N_("A good year"),
    },
    "mixed": {
        "week": N_("A mixed week"),
        "month": N_("A mixed month"),
        "quarter": N_("A mixed quarter"),
        "half": N_("A mixed half-year"),
        "year": N_("A mixed year"),
    },
    "difficult": {
        "week": N_("A difficult week"),
        "month": N_("A difficult month"),
        "quarter": N_("A difficult quarter"),
        "half": N_("A difficult half-year"),
        "year": N_("A difficult year"),
    },
}
SHAPES = {
    "good": "\N{BLACK UP-POINTING TRIANGLE}",
    "mixed": "\N{BLACK DIAMOND}",
    "difficult": "\N{BLACK DOWN-POINTING TRIANGLE}",
}


@dataclass(frozen=True)
class Mood:
    """How a period went, in a word: good, mixed or difficult."""

    kind: str
    said: str
    shape: str


def mood(card: Slice) -> Mood | None:
    """Return how the period went, None where too little is known or it is not over.

    Judged by the share of measures with a target that are on track; where fewer than three have
    one, by the share of measures that are better than a year ago. A quarter whose revenue fell on
    the year is not called good.
    """
    share = _share_on_track(card)
    if share is None or card.to_date or card.is_idle or not _is_covered(card):
        return None
    kind = "good" if share >= GOOD else "difficult" if share < BAD else "mixed"
    if kind == "good" and _revenue_fell(card):
        kind = "mixed"
    return Mood(kind, _(MOODS[kind][card.period.cadence]), SHAPES[kind])


def sentence(card: Slice) -> str:
    """Return the one sentence that says how the period went."""
    lead = _lead(card)
    if lead is None:
        return _(
            "{partner}: there are no figures for this partner in this period yet.",
            partner=card.name,
        )
    if card.is_idle:
        return _idle(card)
    head = wording.came_to(lead, card)
    joined = card.day("joined_on")
    if joined and _has_joined(card):
        return _(
            "{figure}: {partner} joined on {day}, so there is no earlier period to compare with.",
            figure=head,
            partner=card.name,
            day=format_day(joined),
        )
    told = ", ".join(part for part in (head, wording.on_the_year(lead, card)) if part)
    return "; ".join(part for part in (told, _and_the_rest(card)) if part) + "."


def in_short(card: Slice) -> list[tuple[str, str]]:
    """Return what is worst, what is best and the next step, each with its label."""
    worst, best, step = worst_of(card), card.insights.went_well, card.insights.actions
    told = []
    if worst is not None:
        told.append((_("Needs attention"), _measured(worst, card)))
    if best:
        told.append((_("Went well"), _measured(card.measures[best[0].kpi], card)))
    if step:
        action = step[0]
        title = advice.title(action.action, card.measures[action.kpi], card)
        owner, due = advice.owner(action.owner, card), advice.day(action.due)
        told.append(
            (_("Next step"), _("{title} ({owner}, by {due})", title=title, owner=owner, due=due))
        )
    return told


def worst_of(card: Slice) -> Measure | None:
    """Return what falls short most: what the first action is about, else the first off track."""
    if card.insights.actions:
        return card.measures[card.insights.actions[0].kpi]
    candidates = list(dict.fromkeys((*card.profile, *card.known)))
    for status in ("off_track", "at_risk"):
        for measure in candidates:
            if measure.status == status:
                return measure
    return None


def _measured(measure: Measure, card: Slice) -> str:
    """Return a value with what it is held against: its target, or else a year ago."""
    name, value = measure.name, wording.value_of(measure, card)
    target = wording.target_line(measure, card)
    if target:
        return _("{name} {value}. {target}", name=name, value=value, target=target)
    change = wording.on_the_year(measure, card)
    if change:
        return _("{name} {value}, {change}", name=name, value=value, change=change)
    return _("{name} {value}", name=name, value=value)


def _is_covered(card: Slice) -> bool:
    """Say whether the data reach the period's last days; weekends and holidays have no rows."""
    last = card.day("last_day")
    return last is None or (card.as_of - last).days <= SLACK


def _share_on_track(card: Slice) -> float | None:
    held = [measure.status == "on_track" for measure in card.known if measure.status in HELD]
    if len(held) >= ENOUGH:
        return _share(held)
    told = [
        better
        for measure in card.known
        if not measure.is_growth and (change := wording.change_of(measure, "year_ago", card))
        if (better := wording.is_better(measure, change)) is not None
    ]
    return _share(told) if len(told) >= ENOUGH else None


def _share(told: Sequence[bool]) -> float:
    return sum(told) / len(told)


def _revenue_fell(card: Slice) -> bool:
    revenue = card.measures.get("revenue")
    change = wording.change_of(revenue, "year_ago", card) if revenue else None
    return change is not None and change.direction < 0


def _lead(card: Slice) -> Measure | None:
    revenue = card.measures.get("revenue")
    if revenue is not None and revenue.value is not None:
        return revenue
    candidates = [m for m in (*card.profile, *card.known) if m.value is not None]
    return candidates[0] if candidates else None


def _has_joined(card: Slice) -> bool:
    """Say whether the partner joined within the period."""
    joined = card.day("joined_on")
    return joined is not None and card.period.start <= joined <= card.as_of


def _idle(card: Slice) -> str:
    """Say that nothing was ordered, and what was there before."""
    told = {"partner": card.name, "when": wording.when_it_was(card)}
    joined, revenue = card.day("joined_on"), card.measures.get("revenue")
    if joined and _has_joined(card):
        return _(
            "{partner} placed no orders {when}, having joined on {day}.",
            day=format_day(joined),
            **told,
        )
    busy = [point for point in revenue.compared if point["value"] > 0] if revenue else []
    if revenue is None or not busy:
        return _("{partner} placed no orders {when}.", **told)
    return _(
        "{partner} placed no orders {when}; the last were {before}, for {value}.",
        before=wording.within(Period.parse(busy[-1]["period"], card.period.year_end)),
        value=wording.said(revenue, busy[-1]["value"], card),
        **told,
    )


def _and_the_rest(card: Slice) -> str:
    """Say how the measures with a target stand, or else how many are better than a year ago."""
    held = [m for m in card.known if m.status in ("on_track", "at_risk", "off_track")]
    if len(held) > 1:
        return _on_track(sum(m.status == "on_track" for m in held), len(held))
    compared = [
        wording.is_better(measure, change)
        for measure in card.known
        if not measure.is_growth and (change := wording.change_of(measure, "year_ago", card))
    ]
    told = [better for better in compared if better is not None]
    return _better(sum(told), len(told)) if len(told) >= 3 else ""


def _on_track(part: int, whole: int) -> str:
    """Say how many of two or more measures are on track."""
    told = {"part": format_count(part), "count": format_count(whole)}
    if not part:
        return _("none of the {count} measures with a target are on track", **told)
    if part == whole:
        if whole == 2:
            return _("both measures with a target are on track")
        return _("all {count} measures with a target are on track", **told)
    return several(
        "{part} of {count} measures with a target is on track",
        "{part} of {count} measures with a target are on track",
        part,
        **told,
    )


def _better(part: int, whole: int) -> str:
    """Say how many of three or more measures are better than a year ago."""
    told = {"part": format_count(part), "count": format_count(whole)}
    if not part:
        return _("none of the {count} measures are better than a year ago", **told)
    if part == whole:
        return _("all {count} measures are better than a year ago", **told)
    return several(
        "{part} of {count} measures is better than a year ago",
        "{part} of {count} measures are better than a year ago",
        part,
        **told,
    )
