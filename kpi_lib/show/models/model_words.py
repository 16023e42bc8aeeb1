"""The words of the pages of the models; every sentence with a figure in it is made here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kpi_lib.models.churn_reasons import REASONS
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.missing_reasons import translated
from kpi_lib.show.common.numbers import format_count, format_precise, format_together, format_value
from kpi_lib.show.common.untyped_page import UntypedPage

Row = Mapping[str, Any]
LOW_AUC, BAD_ERROR, MOST_BAND = 0.65, 0.06, 0.25
ON_COURSE = 0.02
LARGEST_PRECISE = 1000  # from here on digits after the point say nothing
DIRECT_NAME = N_("Direct business")
MARK = N_("Internal: it names customers and partners")
TITLES = {"cltv": N_("What customers will be worth"), "churn": N_("Customers about to leave")}
KICKERS = {"cltv": N_("Customer lifetime value"), "churn": N_("Customer churn")}
# What is told of the page cltv where orders have no cost: revenue, and no margin.
IN_REVENUE = {
    "title": N_("What customers will buy"),
    "kicker": N_("Expected revenue of customers"),
    "value": N_("Expected revenue"),
}
MODELS = {"BetaGeo": "BG/NBD", "ModifiedBetaGeo": "MBG/CNBD-{k}"}
WAYS = {
    "logistic": N_("logistic model"),
    "trees": N_("boosted trees"),
    "recency": N_("days since the last purchase"),
    "own_gap": N_("own usual gap"),
}
RULES = ("recency", "own_gap")
PARAMETERS = {
    "r": N_("spread of the buying rates (shape)"),
    "alpha": N_("scale of the buying rates, days"),
    "a": N_("leaving after a purchase (first shape)"),
    "b": N_("leaving after a purchase (second shape)"),
    "p": N_("spread of single purchases (shape)"),
    "q": N_("spread of the customers' means (shape)"),
    "v": N_("scale of the customers' means, money"),
}
LABELS = {
    "parameter": N_("Parameter"),
    "means": N_("What it says"),
    "estimate": N_("Estimate"),
    "interval": N_("95 % interval"),
    "cut": N_("Fitted up to"),
    "customers": N_("Customers"),
    "actual": N_("Came"),
    "model": N_("Model"),
    "rule": N_("Rule of thumb"),
    "model_error": N_("Model's miss a customer"),
    "rule_error": N_("Rule's miss a customer"),
    "covered": N_("Within their 90 % interval"),
    "group": N_("Purchases after the first"),
    "expected": N_("Expected"),
    "partner": N_("Partner"),
    "value": N_("Lifetime value"),
    "purchases": N_("Expected purchases"),
    "own_weight": N_("Weight of its own data"),
    "way": N_("Way"),
    "auc": N_("AUC"),
    "brier": N_("Brier score"),
    "ece": N_("Calibration error"),
    "tenth": N_("Tenth"),
    "left": N_("Left"),
    "share_gone": N_("Of those who left, so far"),
    "share_money": N_("Of their money, so far"),
    "feature": N_("Feature"),
    "coefficient": N_("Log-odds for one standard deviation"),
    "customer": N_("Customer"),
    "chance": N_("Probability to leave"),
    "spend": N_("Sales of 12 months"),
    "stake": N_("At stake"),
    "reasons": N_("Why"),
    "scored": N_("Customers scored"),
    "day": N_("Up to"),
}


def label(name: str, card: UntypedPage) -> str:
    """Return the heading of a column."""
    return _(IN_REVENUE[name] if name == "value" and _is_revenue(card) else LABELS[name])


def title(card: UntypedPage) -> str:
    """Return the page's title."""
    return _(IN_REVENUE["title"] if _is_revenue(card) else TITLES[str(card.raw["page"])])


def kicker(card: UntypedPage) -> str:
    """Return what stands above the title."""
    return _(IN_REVENUE["kicker"] if _is_revenue(card) else KICKERS[str(card.raw["page"])])


def _is_revenue(card: UntypedPage) -> bool:
    """Say whether what customers will bring is told in revenue, since orders have no cost."""
    return card.raw["told"].get("in_margin") is False


def not_fitted(told: Row) -> str:
    """Return why there is no model."""
    return _("There are no scores: {why}.", why=translated(str(told["why"])))


def model_name(told: Row) -> str:
    """Return the model as its papers call it."""
    return MODELS.get(str(told["model"]), str(told["model"])).format(k=told["k"])


def value_verdict(told: Row, card: UntypedPage) -> str:
    """Return what all customers are worth, and by which way that was told."""
    ends = [told["total"], told["total_low"], told["total_high"]]
    total, low, high = format_together(ends, "money", card.currency)
    what = _("gross margin") if told["in_margin"] else _("revenue")
    return _(
        "{customers} customers are expected to bring {total} of {what} in the next {months} months,"
        " discounted at {rate} a year; earlier totals say that it may be {low} to {high}.",
        customers=format_count(told["customers"]),
        total=total,
        what=what,
        months=told["horizon_months"],
        rate=share(told["rate"], card),
        low=low,
        high=high,
    )


def value_used(told: Row) -> str:
    """Return whether the model or the rule is used, and why."""
    if not told["tests"]:
        return _("There is no earlier day to test the model on: it is used untested.")
    if told["used"] == "rule":
        return _(
            "The model loses to the rule of thumb at earlier cuts, so the rule is used: each "
            "customer goes on buying as in the last 12 months."
        )
    return _("The model misses customers by less than the rule of thumb, and is used.")


def value_cautions(told: Row, card: UntypedPage) -> list[str]:
    """Return where not to trust it."""
    found = []
    if not told["identified"]:
        found.append(_("The data alone do not tell the parameters: a weak prior holds them."))
    if told["band"] > MOST_BAND:
        found.append(
            _(
                "Earlier totals were missed by {band}: no budget on these.",
                band=share(told["band"], card),
            )
        )
    if abs(told["correlation"] or 0) > 0.3:
        found.append(_("Who buys often also spends otherwise: the values of both are less sure."))
    if not told["in_margin"]:
        found.append(_("Orders have no cost: it is expected revenue, not margin."))
    found.append(_("A single customer's value is far less sure than a sum: see its interval."))
    found.append(_("What nobody has seen before, a new price or a rival, is in no model."))
    return found


def course_title(came: float, expected: float) -> str:
    """Return how far what came is from what was expected since the first tested cut."""
    if not expected:
        return _("Nothing was expected to come")
    missed = came / expected - 1
    if abs(missed) < ON_COURSE:
        return _("As many purchases came as were expected")
    apart = format_value(abs(missed), "ratio", "")
    if missed < 0:
        return _("{apart} fewer purchases came than were expected", apart=apart)
    return _("{apart} more purchases came than were expected", apart=apart)


def calibration_title(rows: Sequence[Row]) -> str:
    """Return how far the probabilities were from what happened, in the tenth that missed most."""
    worst = max(abs(row["left"] - row["expected"]) for row in rows)
    points = math.ceil(round(100 * worst, 6))  # rounded up: it is within them
    return _(
        "What was told came within {points} points in every tenth", points=format_count(points)
    )


def calibration_alt(rows: Sequence[Row], card: UntypedPage) -> str:
    """Return the first and the last tenth in words."""
    first, last = rows[0], rows[-1]
    return _(
        "Scatter chart, a point a tenth of the customers: of those most likely to leave {expected} "
        "were expected to and {left} did; of those least likely {low} and {few}.",
        expected=share(first["expected"], card),
        left=share(first["left"], card),
        low=share(last["expected"], card),
        few=share(last["left"], card),
    )


def lift_title(rows: Sequence[Row], card: UntypedPage) -> str:
    """Return what the likeliest third or so of the customers hold of those who left."""
    row = _near_a_third(rows)
    return _(
        "The {share} likeliest to leave were {gone} of those who left",
        share=share(row["share"], card),
        gone=share(row["share_gone"], card),
    )


def lift_alt(rows: Sequence[Row], card: UntypedPage) -> str:
    """Return the two lines in words."""
    row = _near_a_third(rows)
    return _(
        "Line chart: the {share} of customers likeliest to leave were {gone} of those who left, "
        "and had {money} of their money.",
        share=share(row["share"], card),
        gone=share(row["share_gone"], card),
        money=share(row["share_money"], card),
    )


def _near_a_third(rows: Sequence[Row]) -> Row:
    return min(rows, key=lambda row: abs(row["share"] - 0.3))


def churn_verdict(told: Row, card: UntypedPage) -> str:
    """Return how many are scored, and what is at stake."""
    return _(
        "Of {scored} customers who bought lately, sales of {stake} a year are at stake: each one's,"
        " weighed with its probability to buy nothing for {days} days.",
        scored=format_count(told["scored"]),
        stake=money(told["at_risk"], card),
        days=told["horizon_days"],
    )


def churn_used(told: Row) -> str:
    """Return which way is used, and why."""
    way = _(WAYS[str(told["used"])])
    if not told["tests"]:
        return _(
            "No earlier day has enough customers to test on: the {way} is used untested.", way=way
        )
    if told["used"] in RULES:
        return _(
            "No model beats the rule of thumb at earlier cuts, so the rule is used: {way}.", way=way
        )
    return _("The {way} was closest to what happened at earlier cuts, and is used.", way=way)


def churn_cautions(told: Row, card: UntypedPage) -> list[str]:
    """Return where not to trust it."""
    used = [test for test in told["tests"] if test["way"] == told["used"]]
    found = []
    if used and min(test["auc"] or 0.5 for test in used) < LOW_AUC:
        found.append(_("It tells leavers from others only a little better than chance."))
    if used and max(test["ece"] for test in used) > BAD_ERROR:
        found.append(_("Its probabilities were off by more than 6 points at an earlier cut."))
    found.append(_("Reasons say what the probability is made of, not what would change it."))
    found.append(
        several(
            "Who has not bought for {days} day is gone already, and not scored.",
            "Who has not bought for {days} days is gone already, and not scored.",
            2 * told["horizon_days"],
            days=2 * told["horizon_days"],
        )
    )
    return found


def reasons(names: Sequence[str]) -> str:
    """Return why a customer's probability is high, the strongest reason first."""
    return "; ".join(_(REASONS[name]) for name in names)


def partner(row: Row) -> str:
    """Return whose row it is."""
    return _(DIRECT_NAME) if row.get("direct") or not row["partner"] else str(row["partner"])


def money(amount: float, card: UntypedPage) -> str:
    """Return an amount in the reporting currency."""
    return format_value(amount, "money", card.currency)


def share(part: float | None, card: UntypedPage) -> str:
    """Return a fraction as a percentage."""
    return "" if part is None else format_value(part, "ratio", card.currency)


def figure(number: float | None) -> str:
    """Return a plain figure with as many digits as it is worth."""
    if number is None:
        return ""
    return _as_precise(number, abs(number) < LARGEST_PRECISE)


def figures(low: float, high: float) -> str:
    """Return the ends of an interval of a plain figure, in one precision."""
    is_small = max(abs(low), abs(high)) < LARGEST_PRECISE
    ends = (_as_precise(end, is_small) for end in (low, high))
    return "\N{NO-BREAK SPACE}\N{EN DASH} ".join(ends)


def _as_precise(number: float, is_small: bool) -> str:
    return format_precise(number) if is_small else format_count(number)
