"""The sections on what moved, what to do, what became of it, and what went well."""

from __future__ import annotations

from markupsafe import Markup

from kpi_lib.show.common import advice, membership, wording
from kpi_lib.show.common.language import _
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.common.templating import render
from kpi_lib.slices.insight_types import Action, Driver, FollowUp, GoodNews


def actions(card: Slice) -> Markup:
    """Return at most three actions: measure, gap, evidence, next step, owner and date."""
    if not card.insights.actions:
        return _nothing(_(_why_none(card)))
    return render("actions.html", actions=described_actions(card))


def _why_none(card: Slice) -> str:
    """Return why nothing is asked for; what the settings lack is said inside the company alone."""
    if card.stay.until:
        return membership.ENDED
    if not card.has_insights:
        return advice.NOT_WORKED_OUT
    if card.insights.has_playbook:
        return advice.NO_ACTIONS
    return advice.NO_PLAYBOOK if card.is_internal else advice.NONE_AGREED


def described_actions(card: Slice) -> list[dict[str, object]]:
    """Return the actions of a page, each ready to be read."""
    return [_action_context(action, card) for action in card.insights.actions]


def went_well(card: Slice) -> Markup:
    """Return what went well, and why that is said."""
    good_news = card.insights.went_well
    if not good_news:
        return _nothing(_(_why_no_news(card)))
    return render("went_well.html", news=[_news_context(news, card) for news in good_news])


def _why_no_news(card: Slice) -> str:
    """Return the text that stands where nothing went well."""
    if card.stay.until:
        return membership.OVER if card.stay.is_over else membership.NOT_JUDGED
    return advice.NO_GOOD_NEWS if card.has_insights else advice.NOT_WORKED_OUT


def drivers(card: Slice) -> Markup:
    """Return what moved the figures: each change, and the effects that add up to it."""
    changes = card.insights.drivers
    if not changes:
        return _nothing(_(advice.NO_DRIVERS if card.has_insights else advice.NOT_WORKED_OUT))
    return render("drivers.html", drivers=[_driver_context(driver, card) for driver in changes])


def follow_up(card: Slice) -> Markup:
    """Return what became of the actions of the period before."""
    insights = card.insights
    if insights.follow_up:
        return render(
            "follow_up.html", rows=[_follow_up_context(asked, card) for asked in insights.follow_up]
        )
    if not card.has_insights:
        return _nothing(_(advice.NOT_WORKED_OUT))
    text = advice.UNREADABLE if insights.earlier == "unreadable" else advice.NOTHING_ASKED
    return _nothing(advice.earlier(card, text))


def _nothing(why: str) -> Markup:
    return render("empty.html", text=why)


def _action_context(action: Action, card: Slice) -> dict[str, object]:
    """Return an action as its template reads it."""
    measure = card.measures[action.kpi]
    facts = [
        (_(advice.WHO), advice.owner(action.owner, card)),
        (_(advice.BY), advice.day(action.due)),
    ]
    if action.stake is not None:
        facts.append((_(advice.AT_STAKE), advice.money(action.stake, card)))
    return {
        "title": advice.title(action.action, measure, card),
        "measure": wording.named(measure),
        "shortfall": advice.shortfall(action, measure, card),
        "evidence": advice.evidence(action, measure, card),
        "next_step": advice.next_step(action, measure, card),
        "facts": facts,
        "note": _edition(action) if card.is_internal else None,
    }


def _edition(action: Action) -> str:
    """Return whether the rule's action may stand in the partner's edition as well."""
    return _(advice.FOR_PARTNER if action.for_partner else advice.ONLY_HERE)


def _news_context(news: GoodNews, card: Slice) -> dict[str, object]:
    """Return what went well with a measure as its template reads it."""
    measure = card.measures[news.kpi]
    reasons = [advice.reason(reason, measure, card) for reason in news.reasons]
    return {
        "name": wording.named(measure),
        "value": wording.value_of(measure, card),
        "reasons": "; ".join(reasons),
    }


def _driver_context(driver: Driver, card: Slice) -> dict[str, object]:
    """Return what moved a measure as its template reads it."""
    measure = card.measures[driver.kpi]
    return {
        "title": advice.driver_title(driver, measure, card),
        "effects": [
            (_(advice.PARTS[effect.part]), advice.effect(effect, measure, card))
            for effect in driver.effects
        ],
    }


def _follow_up_context(asked: FollowUp, card: Slice) -> dict[str, object]:
    """Return what became of an action as its template reads it."""
    measure = card.measures[asked.kpi]
    then, now = advice.then_and_now(asked, measure, card)
    return {
        "title": advice.title(asked.action, measure, card),
        "name": wording.named(measure),
        "then": then,
        "now": now,
        "moved": _(advice.MOVED.get(asked.moved or "", "")),
        "reached": advice.reached(asked),
        "owner": advice.owner(asked.owner, card),
        "due": advice.day(asked.due),
    }
