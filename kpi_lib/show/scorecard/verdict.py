"""What a reader takes along in ten seconds: how the period went, what is worst, what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_lib.show.common import advice, membership, wording
from kpi_lib.show.common.coverage_words import reaches_its_end
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.common.slice import KpiSlice, Measure, Slice
from kpi_lib.show.scorecard.target_counts import TargetCounts, in_a_sentence
from kpi_lib.slices.insight_types import Action

ENOUGH = 3  # measures to judge by; fewer, and the sentence alone has to do
GOOD, BAD = 2 / 3, 1 / 2  # shares of the measures on track
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


def mood(card: KpiSlice) -> Mood | None:
    """Return how the period went, None where too little is known or it is not over.

    Judged by the share of measures held against a target that are on track; where fewer than three
    are, by the share of measures that are better than a year ago. A quarter whose revenue fell on
    the year, or missed its target, is not called good. What is only in part a partner's own is not
    judged.
    """
    share = _share_on_track(card)
    if share is None or card.to_date or card.is_idle or not reaches_its_end(card):
        return None
    if not card.stay.is_whole:
        return None
    kind = "good" if share >= GOOD else "difficult" if share < BAD else "mixed"
    if kind == "good" and (_revenue_fell(card) or _revenue_missed(card)):
        kind = "mixed"
    return Mood(kind, _(MOODS[kind][card.period.cadence]), SHAPES[kind])


def sentence(card: Slice) -> str:
    """Return the one sentence that says how the period went."""
    if card.stay.is_over:
        return membership.ended(card)
    lead = _leading_measure(card)
    if lead is None:
        return _(
            "{partner}: there are no figures for this partner in this period yet.",
            partner=card.name,
        )
    if card.is_idle:
        return membership.placed_none(card)
    if not card.stay.is_whole:
        return membership.in_part(wording.came_to(lead, card), card)
    figure = wording.moved_to(lead, card)
    return "; ".join(part for part in (figure, _and_the_rest(card)) if part) + "."


def in_short(card: Slice) -> list[tuple[str, str]]:
    """Return what is worst, what is best and the next step, each with its label."""
    worst, best, step = _worst(card), card.insights.went_well, card.insights.actions
    lines = []
    if worst:
        lines.append((_("Needs attention"), worst))
    if best:
        lines.append((_("Went well"), _measured(card.measures[best[0].kpi], card)))
    if step:
        action = step[0]
        title = advice.title(action.action, card.measures[action.kpi], card)
        owner, due = advice.owner(action.owner, card), advice.day(action.due)
        lines.append(
            (_("Next step"), _("{title} ({owner}, by {due})", title=title, owner=owner, due=due))
        )
    return lines


def _worst(card: Slice) -> str | None:
    """Return what falls short most, beside what it is held against; None where nothing does."""
    asked = ((action, card.measures[action.kpi]) for action in card.insights.actions)
    action, measure = next((one for one in asked if _falls_short(*one)), (None, None))
    if action and measure:
        short = advice.shortfall(action, measure, card).removesuffix(".")
        return _("{name} {value}", name=measure.name, value=short)
    worst = worst_of(card)
    return _measured(worst, card) if worst else None


def _falls_short(action: Action, measure: Measure) -> bool:
    """Say whether an action is for what is worse than it should be; some build on a success."""
    if measure.value is None or action.reference is None:
        return True
    return (measure.value - action.reference) * wording.WANTED.get(measure.better, 0) <= 0


def worst_of(card: Slice) -> Measure | None:
    """Return the first of those that lead the page to be off track, else at risk; None if none is.

    Of who has left nothing is asked any more.
    """
    if card.stay.until:
        return None
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


def _share_on_track(card: KpiSlice) -> float | None:
    """Return the share (0 to 1) on track, or better than a year ago; None of too few."""
    counts = TargetCounts.of(card.known)
    if counts.judged >= ENOUGH:
        return counts.on_track / counts.judged
    moved = [better for better in _beside_a_year_ago(card) if better is not None]
    return sum(moved) / len(moved) if len(moved) >= ENOUGH else None


def _beside_a_year_ago(card: KpiSlice) -> list[bool | None]:
    """Return of each measure that can be better whether it is, beside a year ago.

    None where it has not moved. A growth is one already, and is not compared again.
    """
    changes = [
        (measure, change)
        for measure in card.known
        if not measure.is_growth and (change := wording.change_of(measure, "year_ago", card))
    ]
    return [wording.is_better(*one) for one in changes if wording.can_be_better(one[0])]


def _revenue_fell(card: KpiSlice) -> bool:
    """Say whether revenue is below that of a year ago, as the page rounds it."""
    revenue = card.measures.get("revenue")
    change = wording.change_of(revenue, "year_ago", card) if revenue else None
    return change is not None and change.direction < 0


def _revenue_missed(card: KpiSlice) -> bool:
    revenue = card.measures.get("revenue")
    return revenue is not None and revenue.status in ("at_risk", "off_track")


def _leading_measure(card: Slice) -> Measure | None:
    """Return the measure that the verdict begins with: the business, or the first known."""
    business = card.business
    if business is not None and business.value is not None:
        return business
    candidates = [m for m in (*card.profile, *card.known) if m.value is not None]
    return candidates[0] if candidates else None


def _and_the_rest(card: Slice) -> str:
    """Say how the measures with a target stand, or else how many are better than a year ago."""
    counts = TargetCounts.of(card.known)
    if counts.total > 1:
        return in_a_sentence(counts)
    compared = _beside_a_year_ago(card)
    return _better_clause(compared.count(True), len(compared)) if len(compared) >= 3 else ""


def _better_clause(part: int, whole: int) -> str:
    """Say how many of three or more measures are better than a year ago."""
    words = {"part": format_count(part), "count": format_count(whole)}
    if not part:
        return _("none of the {count} measures are better than a year ago", **words)
    if part == whole:
        return _("all {count} measures are better than a year ago", **words)
    return several(
        "{part} of {count} measures is better than a year ago",
        "{part} of {count} measures are better than a year ago",
        part,
        **words,
    )
