"""What is said of a partner that was not there throughout the period."""

from __future__ import annotations

from datetime import date

from kpi_lib.periods import Period
from kpi_lib.show.common import period_words, wording
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_day
from kpi_lib.show.common.slice import Slice

ENDED = N_("The partnership has ended: nothing is asked for any more.")
OVER = N_("The partnership had ended before this period began.")
NOT_JUDGED = N_("The partnership has ended: what it came to in this period is not judged.")


def facts(card: Slice) -> list[tuple[str, str]]:
    """Return label and words of a partnership that began or ended in the period, or nothing."""
    stay = card.stay
    times = [_("since {day}", day=_day(stay.since))] if stay.since else []
    times += [_("ended on {day}", day=_day(stay.until))] if stay.until else []
    return [(_("Partnership"), ", ".join(times))] if times else []


def ended(card: Slice) -> str:
    """Return the sentences on a partner that left before the period: when, and its last orders."""
    over = _(
        "The partnership with {partner} ended on {day}, before {period}: no target holds any more.",
        partner=card.name,
        day=_day(card.stay.until),
        period=period_words.period_name(card.period),
    )
    last = _last_orders(card) if card.is_idle else {}
    if not last:
        return over
    if "value" not in last:
        return f"{over} {_('The last orders were {before}.', **last)}"
    return f"{over} {_('The last orders were {before}, for {value}.', **last)}"


def placed_none(card: Slice) -> str:
    """Say of a partner without business in the period so, and what was there before."""
    words = {"partner": card.name, "when": period_words.when_it_was(card)}
    stay, last = card.stay, _last_orders(card)
    if stay.until:
        words["day"] = _day(stay.until)
        return _("{partner} placed no orders {when}, and left on {day}.", **words)
    if stay.since:
        words["day"] = _day(stay.since)
        return _("{partner} placed no orders {when}, having joined on {day}.", **words)
    if not last:
        return _("{partner} placed no orders {when}.", **words)
    if "value" not in last:
        return _("{partner} placed no orders {when}; the last were {before}.", **words, **last)
    return _(
        "{partner} placed no orders {when}; the last were {before}, for {value}.", **words, **last
    )


def in_part(figure: str, card: Slice) -> str:
    """Say a figure of a partner that was there for a part of the period, and why it is one."""
    words = {"figure": figure, "partner": card.name, "day": _day(card.stay.until)}
    if card.stay.until:
        return _(
            "{figure}: {partner} left on {day}, so only a part of the period is its own.", **words
        )
    words["day"] = _day(card.stay.since)
    return _(
        "{figure}: {partner} joined on {day}, so there is no earlier period to compare with.",
        **words,
    )


def _last_orders(card: Slice) -> dict[str, str]:
    """Return when there was business last before the period, and its value where it is money."""
    business = card.business
    busy = [point for point in business.seen if point.value and point.value > 0] if business else []
    if business is None or not busy:
        return {}
    before = period_words.within(Period.parse(busy[-1].period, card.period.year_end))
    if business.unit != "money":
        return {"before": before}
    return {"before": before, "value": wording.said(business, busy[-1].value or 0.0, card)}


def _day(day: date | None) -> str:
    return format_day(day) if day else ""
