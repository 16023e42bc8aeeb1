"""The sentences of the sections on reasons, actions and their follow-up, all in one place.

The company's own words, those of the playbook, come with the slice; figures are written into them
here, so that they are said as everywhere else.
"""

from __future__ import annotations

from datetime import date

from kpi_lib.periods import Period
from kpi_lib.show.insights import Action, Driver, Effect, FollowUp, Owner, Reason, Words
from kpi_lib.show.numbers import change_between, format_count, format_day, format_value
from kpi_lib.show.slice import Measure, Slice
from kpi_lib.show.wording import period_name, said

NOT_TOLD = "Actions are worked out when the reports of a period are made (kpi run)."
NO_PLAYBOOK = "No actions: there is no playbook beside the settings that says what to do when."
NO_ACTIONS = "No figure falls short in a way that calls for an action."
NO_GOOD_NEWS = "No figure stands out for the better in this period."
NO_DRIVERS = "There is no change whose parts are known."
NOTHING_ASKED = "Nothing was asked for in {period}."
UNREADABLE = "What was asked for in {period} cannot be read."
WHO, BY, AT_STAKE = "Who", "By", "At stake"
FOR_PARTNER = "The words are written to the partner."
ONLY_HERE = "Internal: the partner's edition never shows this action."
PART, EFFECT = "Part", "Effect on the change"
DRIVERS_NOTE = "The effects of the parts add up to the change."
FOLLOW_UP = ("Action", "Then", "Now", "Since then", "Goal", "Who", "By")
NO_VALUE, NO_VALUE_NOW = "no value", "no value now"
REACHED = {True: "Reached", False: "Not reached", None: "Too early to say"}
MOVED = {"better": "Better", "worse": "Worse", "unchanged": "Unchanged"}
AGAINST = {
    "target": "the target of {value}",
    "limit": "the limit of {value}",
    "year_ago": "the {value} of a year ago",
    "previous": "the {value} of the period before",
    "benchmark": "the published {value}",
    "peer_median": "the {value} that is the median of comparable partners",
}
TREND = {"up": "rising", "down": "falling"}
HOW = {"customers": ", by who bought"}
PARTS = {
    "customers": "Customers",
    "orders_per_customer": "Orders a customer",
    "orders": "Orders",
    "order_value": "Value of an order",
    "returns": "Returns",
    "bought_less": "Customers of a year ago who bought less, or nothing",
    "bought_more": "Customers of a year ago who bought more",
    "others": "New customers, and sales without a customer",
    "units_per_order": "Units an order",
    "revenue": "Revenue",
    "quota": "The target itself",
    "company_revenue": "Revenue of the whole company",
    "deals_won": "Deals won",
    "deal_size": "Size of a deal",
    "deals_closed": "Deals closed",
    "partnership_cost": "Cost of the partnership",
    "margin_on_revenue": "Margin on revenue",
    "acquisition_cost": "Cost of acquisition",
    "new_customers": "New customers",
    "overdue": "What is overdue",
    "receivables": "Receivables",
    "invoiced_a_day": "What was invoiced a day",
    "1_30": "1 to 30 days overdue",
    "31_60": "31 to 60 days overdue",
    "61_90": "61 to 90 days overdue",
    "over_90": "More than 90 days overdue",
    "other_overdue": "Other overdue amounts",
    "picking": "Picking errors",
    "packing": "Packing errors",
    "loading": "Loading errors",
    "other_errors": "Other errors",
}


def in_words(words: Words, card: Slice) -> str:
    """Return a text of the playbook in the page's language, else in the first it has."""
    return words.get(card.language) or words.get("en") or next(iter(words.values()))


def title(words: Words, measure: Measure, card: Slice) -> str:
    """Return the name of an action."""
    return in_words(words, card).format(partner=card.name, name=measure.name)


def next_step(action: Action, measure: Measure, card: Slice) -> str:
    """Return the next step, its figures written in."""
    limit = action.reference if action.against == "limit" else None
    columns = ("value", "target", "minimum", "year_ago", "previous", "benchmark", "peer_median")
    figures = {column: measure.number(column) for column in columns} | {"limit": limit}
    told = {name: said(measure, v, card) for name, v in figures.items() if v is not None}
    return in_words(action.next_step, card).format(
        **told,
        gap=gap(action, measure, card),
        periods=format_count(action.raw["off_track_periods"] or 0),
        partner=card.name,
        name=measure.name,
        owner=owner(action.owner, card),
        due=format_day(action.due),
        period=period_name(card.period),
    )


def gap(action: Action, measure: Measure, card: Slice) -> str:
    """Return how far a value lies from what it is held against; ratios in points."""
    if action.gap is None:
        return ""
    if measure.unit != "ratio":
        return format_value(action.gap, measure.unit, card.currency)
    change = change_between(action.gap, 0.0, "ratio", card.currency)
    return change.text if change else ""


def shortfall(action: Action, measure: Measure, card: Slice) -> str:
    """Return the value, how far it is off, and off what."""
    if measure.value is None:
        was = "" if action.reference is None else said(measure, action.reference, card)
        return f"No value any more; in the period before it was {was}."
    value = said(measure, measure.value, card)
    if action.reference is None:
        return f"{value}."
    against = AGAINST[action.against].format(value=said(measure, action.reference, card))
    if not action.gap:
        return f"{value}, as much as {against}."
    side = "above" if measure.value > action.reference else "below"
    return f"{value}, {gap(action, measure, card)} {side} {against}."


def evidence(action: Action, measure: Measure, card: Slice) -> str:
    """Return what the shortfall stands on: for how long, which way it goes, how many cases."""
    periods, trend, n = (action.raw[name] for name in ("off_track_periods", "trend", "n"))
    told = []
    if periods and periods > 1:
        told.append(f"off track for {format_count(periods)} periods running")
    if trend in TREND:
        told.append(f"{TREND[trend]} over the last periods")
    if measure.number("denominator") is not None and n is not None:
        told.append(f"from {format_count(n)} {'case' if n == 1 else 'cases'}")
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def owner(who: Owner, card: Slice) -> str:
    """Return who is to do it: the role, and the name where there is one."""
    role = in_words(who.words, card)
    return f"{who.name} ({role[:1].lower()}{role[1:]})" if who.name else role


def money(amount: float, card: Slice) -> str:
    """Return an amount at stake."""
    return format_value(amount, "money", card.currency)


def reason(why: Reason, measure: Measure, card: Slice) -> str:
    """Return one reason why a figure is good news."""
    if why.reason == "trend" or why.reference is None:
        direction = TREND.get(str(measure.row.get("trend")), "better")
        return f"{direction} over the last periods"
    change = change_between(measure.value or 0.0, why.reference, measure.unit, card.currency)
    reference = said(measure, why.reference, card)
    if change is None or not change.direction:
        return f"at the target of {reference}"
    than = f"{change.text} {'above' if change.direction > 0 else 'below'}"
    return f"{than} {AGAINST[why.reason].format(value=reference)}"


def driver_title(driver: Driver, measure: Measure, card: Slice) -> str:
    """Return what moved, and from where to where."""
    then, now = (said(measure, value, card) for value in (driver.then, driver.now))
    since = "a year ago" if driver.against == "year_ago" else "the period before"
    return f"{measure.name}{HOW.get(driver.how, '')}: {now}, from {then} {since}"


def effect(of: Effect, measure: Measure, card: Slice) -> str:
    """Return what one part did to the change, with its sign; to a ratio in points."""
    if measure.unit != "ratio":
        return format_value(of.effect, measure.unit, card.currency, signed=True)
    change = change_between(of.effect, 0.0, "ratio", card.currency)
    return change.signed if change else ""


def then_and_now(asked: FollowUp, measure: Measure, card: Slice) -> tuple[str, str]:
    """Return the value then and now, in words where there is none."""
    then = NO_VALUE if asked.then is None else said(measure, asked.then, card)
    return then, NO_VALUE_NOW if asked.now is None else said(measure, asked.now, card)


def reached(asked: FollowUp) -> str:
    """Return whether what was asked for is reached; nothing without a value now."""
    return "" if asked.now is None else REACHED[asked.reached]


def earlier(card: Slice, text: str) -> str:
    """Return a sentence about the period before."""
    period = Period.parse(card.insights.earlier_period, card.period.year_end)
    return text.format(period=period_name(period))


def day(of: date) -> str:
    """Return a day as people write it."""
    return format_day(of)
