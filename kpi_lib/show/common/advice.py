"""The sentences of the sections on reasons, actions and their follow-up, all in one place.

The company's own words, those of the playbook, come with the slice; figures are written into them
here, so that they are said as everywhere else.
"""

from __future__ import annotations

from datetime import date

from kpi_lib.show.common import peer_words
from kpi_lib.show.common.language import N_, _, filled, mid_sentence, several
from kpi_lib.show.common.numbers import (
    change_between,
    format_count,
    format_day,
    format_distance,
    format_value,
)
from kpi_lib.show.common.period_words import period_name
from kpi_lib.show.common.slice import KpiSlice, Measure, Slice
from kpi_lib.show.common.wording import said
from kpi_lib.slices.insight_types import (
    Action,
    Driver,
    Effect,
    FollowUp,
    Owner,
    Reason,
    Words,
)

NOT_WORKED_OUT = N_("Actions are worked out when the reports of a period are made (kpi run).")
NO_PLAYBOOK = N_("No actions: there is no playbook beside the settings that says what to do when.")
NONE_AGREED = N_("No actions are agreed for this period.")
NO_ACTIONS = N_("No figure falls short in a way that calls for an action.")
NO_GOOD_NEWS = N_("No figure stands out for the better in this period.")
NO_DRIVERS = N_("There is no change whose parts are known.")
NOTHING_ASKED = N_("Nothing was asked for in {period}.")
UNREADABLE = N_("What was asked for in {period} cannot be read.")
WHO, BY, AT_STAKE = N_("Who"), N_("By"), N_("At stake")
STAKE_MEANS = N_(
    "What a shortfall comes to in money in this period: by the rule of the playbook, and never "
    "more than that money itself has fallen short. What two measures speak of counts once."
)
FOR_PARTNER = N_("The words are written to the partner.")
ONLY_HERE = N_("Internal: the partner's edition never shows this action.")
PART, EFFECT = N_("Part"), N_("Effect on the change")
DRIVERS_NOTE = N_("The effects of the parts add up to the change.")
FOLLOW_UP = (
    *(N_("Action"), N_("Then"), N_("Now"), N_("Since then")),
    *(N_("Goal"), N_("Who"), N_("By")),
)
NO_VALUE, NO_VALUE_NOW = N_("no value"), N_("no value now")
REACHED = {True: N_("Reached"), False: N_("Not reached"), None: N_("Too early to say")}
MOVED = {"better": N_("Better"), "worse": N_("Worse"), "unchanged": N_("Unchanged")}
AGAINST = {
    "target": N_("the target of {value}"),
    "limit": N_("the limit of {value}"),
    "year_ago": N_("the {value} of a year ago"),
    "previous": N_("the {value} of the period before"),
    "benchmark": N_("the published {value}"),
    "peer_median": N_("the {value} that is the median of comparable partners"),
}
COARSE_MEDIAN = N_("the {value} that is about the median of comparable partners")
RUNNING = {
    "up": N_("rising over the last periods"),
    "down": N_("falling over the last periods"),
}
PARTS = {
    "customers": N_("Customers"),
    "orders_per_customer": N_("Orders a customer"),
    "orders": N_("Orders"),
    "order_value": N_("Value of an order"),
    "returns": N_("Returns"),
    "bought_less": N_("Customers of a year ago who bought less, or nothing"),
    "bought_more": N_("Customers of a year ago who bought more"),
    "others": N_("New customers, and sales without a customer"),
    "units_per_order": N_("Units an order"),
    "revenue": N_("Revenue"),
    "quota": N_("The target itself"),
    "company_revenue": N_("Revenue of the whole company"),
    "deals_won": N_("Deals won"),
    "deal_size": N_("Size of a deal"),
    "deals_closed": N_("Deals closed"),
    "partnership_cost": N_("Cost of the partnership"),
    "margin_on_revenue": N_("Margin on revenue"),
    "acquisition_cost": N_("Cost of acquisition"),
    "new_customers": N_("New customers"),
    "overdue": N_("What is overdue"),
    "open_amounts": N_("What is open, credit notes aside"),
    "receivables": N_("Receivables"),
    "invoiced_a_day": N_("What was invoiced a day"),
    "1_30": N_("1 to 30 days overdue"),
    "31_60": N_("31 to 60 days overdue"),
    "61_90": N_("61 to 90 days overdue"),
    "over_90": N_("More than 90 days overdue"),
    "other_overdue": N_("Other overdue amounts"),
    "picking": N_("Picking errors"),
    "packing": N_("Packing errors"),
    "loading": N_("Loading errors"),
    "other_errors": N_("Other errors"),
}


def in_words(words: Words, card: KpiSlice) -> str:
    """Return a text of the playbook in the page's language, else in the first it has."""
    return words.get(card.language) or words.get("en") or next(iter(words.values()))


def title(words: Words, measure: Measure, card: Slice) -> str:
    """Return the name of an action."""
    return filled(in_words(words, card), {"partner": card.name, "name": measure.name})


def next_step(action: Action, measure: Measure, card: Slice) -> str:
    """Return the next step, its figures written in."""
    limit = action.reference if action.against == "limit" else None
    columns = ("value", "target", "minimum", "year_ago", "previous", "benchmark")
    figures = {column: measure.number(column) for column in columns} | {"limit": limit}
    words = {name: said(measure, v, card) for name, v in figures.items() if v is not None}
    if (standing := measure.standing) is not None:
        words["peer_median"] = peer_words.median(measure, standing, card)
    words |= {
        "gap": gap(action, measure, card),
        "periods": format_count(action.off_track_periods or 0),
        "partner": card.name,
        "name": measure.name,
        "owner": owner(action.owner, card),
        "due": format_day(action.due),
        "period": period_name(card.period),
    }
    return filled(in_words(action.next_step, card), words)


def gap(action: Action, measure: Measure, card: Slice) -> str:
    """Return how far a value lies from what it is held against; ratios in points."""
    return "" if action.gap is None else format_distance(action.gap, measure.unit, card.currency)


def shortfall(action: Action, measure: Measure, card: Slice) -> str:
    """Return the value, how far it is off, and off what."""
    if measure.value is None:
        if action.reference is None:
            return _("No value any more.")
        was = said(measure, action.reference, card)
        return _("No value any more; in the period before it was {value}.", value=was)
    value = said(measure, measure.value, card, action.reference)
    if action.reference is None:
        return f"{value}."
    reference = _reference(action.against, action.reference, measure, card)
    words = {"value": value, "reference": reference, "gap": gap(action, measure, card)}
    if not action.gap:
        return _("{value}, as much as {reference}.", **words)
    if measure.value > action.reference:
        return _("{value}, {gap} above {reference}.", **words)
    return _("{value}, {gap} below {reference}.", **words)


def _reference(against: str, value: float, measure: Measure, card: Slice) -> str:
    """Return what a value is held against, in words; the median of others as it may be shown."""
    standing = measure.standing
    if against == "peer_median" and standing is not None and standing.is_coarse:
        return _(COARSE_MEDIAN, value=peer_words.median(measure, standing, card))
    return _(AGAINST[against], value=said(measure, value, card, value))


def evidence(action: Action, measure: Measure, card: Slice) -> str:
    """Return what the shortfall stands on: for how long, which way it goes, how many cases."""
    periods, trend, n = action.off_track_periods, action.trend, action.n
    facts = []
    if periods and periods > 1:
        facts.append(_("off track for {count} periods running", count=format_count(periods)))
    if trend in RUNNING:
        facts.append(_(RUNNING[trend]))
    if measure.number("denominator") is not None and n is not None:
        facts.append(several("from {count} case", "from {count} cases", n, count=format_count(n)))
    text = ", ".join(facts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def owner(who: Owner, card: Slice) -> str:
    """Return who is to do it: the role, and the name where there is one."""
    role = in_words(who.words, card)
    return f"{who.name} ({mid_sentence(role)})" if who.name else role


def money(amount: float, card: Slice) -> str:
    """Return an amount at stake."""
    return format_value(amount, "money", card.currency)


def stake_reckoning(action: Action, measure: Measure, card: Slice) -> str:
    """Return how the amount at stake was reckoned, nothing where there is none."""
    reckoning = action.reckoning
    money_of = card.measures.get(reckoning.of) if reckoning else None
    if reckoning is None or money_of is None:
        return ""
    figures = {
        "name": measure.name,
        "gap": gap(action, measure, card),
        "estimate": money(reckoning.estimate, card),
        "money": money_of.name,
        "most": money(reckoning.most, card),
    }
    if reckoning.against is None or reckoning.reference is None:
        return _(
            "{name}: the gap of {gap} comes to {estimate}, and there is {most} of {money}. "
            "The lesser of the two is at stake.",
            **figures,
        )
    reference = _(AGAINST[reckoning.against], value=said(money_of, reckoning.reference, card))
    if money_of is measure:
        return _("{name}: it is {most} below {reference}.", reference=reference, **figures)
    return _(
        "{name}: the gap of {gap} comes to {estimate}, and {money} is {most} below {reference}. "
        "The lesser of the two is at stake.",
        reference=reference,
        **figures,
    )


def reason(why: Reason, measure: Measure, card: Slice) -> str:
    """Return one reason why a figure is good news."""
    if why.reason == "trend" or why.reference is None:
        trend = str(measure.row.trend)
        return _(RUNNING[trend]) if trend in RUNNING else _("better over the last periods")
    change = change_between(measure.value or 0.0, why.reference, measure.unit, card.currency)
    reference = said(measure, why.reference, card)
    words = {"reference": _(AGAINST[why.reason], value=reference)}
    if change is None or not change.direction:
        if why.reason == "target":
            return _("at the target of {value}", value=reference)
        return _("as much as {reference}", **words)
    words["change"] = change.text
    if change.direction > 0:
        return _("{change} above {reference}", **words)
    return _("{change} below {reference}", **words)


def driver_title(driver: Driver, measure: Measure, card: Slice) -> str:
    """Return what moved, and from where to where."""
    name = measure.name
    words = {
        "name": _("{name}, by who bought", name=name) if driver.how == "customers" else name,
        "then": said(measure, driver.then, card),
        "now": said(measure, driver.now, card),
    }
    if driver.against == "year_ago":
        return _("{name}: {now}, from {then} a year ago", **words)
    return _("{name}: {now}, from {then} the period before", **words)


def effect(of: Effect, measure: Measure, card: Slice) -> str:
    """Return what one part did to the change, with its sign; to a ratio in points."""
    if measure.unit != "ratio":
        return format_value(of.effect, measure.unit, card.currency, signed=True)
    change = change_between(of.effect, 0.0, "ratio", card.currency)
    return change.signed if change else ""


def then_and_now(asked: FollowUp, measure: Measure, card: Slice) -> tuple[str, str]:
    """Return the value then and now, in words where there is none."""
    then = _(NO_VALUE) if asked.then is None else said(measure, asked.then, card)
    return then, _(NO_VALUE_NOW) if asked.now is None else said(measure, asked.now, card)


def reached(asked: FollowUp) -> str:
    """Return whether what was asked for is reached; nothing without a value now."""
    return "" if asked.now is None else _(REACHED[asked.reached])


def earlier(card: Slice, text: str) -> str:
    """Return a sentence about the period before."""
    return _(text, period=period_name(card.period.previous()))


def day(of: date) -> str:
    """Return a day as people write it."""
    return format_day(of)
