"""The words of the pages of the models; every sentence with a figure in it is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_lib.models.reasons import REASONS
from kpi_lib.show.language import _, several
from kpi_lib.show.numbers import format_count, format_value
from kpi_lib.show.slice import PageSlice

Row = Mapping[str, Any]
LOW_AUC, BAD_ERROR, MOST_BAND = 0.65, 0.06, 0.25
DIRECT_NAME = "Direct business"
MARK = "Internal: it names customers and partners"
TITLES = {"cltv": "What customers will be worth", "churn": "Customers about to leave"}
KICKERS = {"cltv": "Customer lifetime value", "churn": "Customer churn"}
MODELS = {"BetaGeo": "BG/NBD", "ModifiedBetaGeo": "MBG/CNBD-{k}"}
WAYS = {
    "logistic": "logistic model",
    "trees": "boosted trees",
    "recency": "days since the last purchase",
    "own_gap": "own usual gap",
}
RULES = ("recency", "own_gap")
PARAMETERS = {
    "r": "spread of the buying rates (shape)",
    "alpha": "scale of the buying rates, days",
    "a": "leaving after a purchase (first shape)",
    "b": "leaving after a purchase (second shape)",
    "p": "spread of single purchases (shape)",
    "q": "spread of the customers' means (shape)",
    "v": "scale of the customers' means, money",
}
LABELS = {
    "parameter": "Parameter",
    "means": "What it says",
    "estimate": "Estimate",
    "interval": "95 % interval",
    "cut": "Fitted up to",
    "customers": "Customers",
    "actual": "Came",
    "model": "Model",
    "rule": "Rule of thumb",
    "model_error": "Model's miss a customer",
    "rule_error": "Rule's miss a customer",
    "covered": "Within their 90 % interval",
    "group": "Purchases after the first",
    "expected": "Expected",
    "partner": "Partner",
    "value": "Lifetime value",
    "purchases": "Expected purchases",
    "own_weight": "Weight of its own data",
    "way": "Way",
    "auc": "AUC",
    "brier": "Brier score",
    "ece": "Calibration error",
    "tenth": "Tenth",
    "left": "Left",
    "share_gone": "Of those who left, so far",
    "share_money": "Of their money, so far",
    "feature": "Feature",
    "coefficient": "Log-odds for one standard deviation",
    "customer": "Customer",
    "chance": "Probability to leave",
    "spend": "Sales of 12 months",
    "stake": "At stake",
    "reasons": "Why",
    "scored": "Customers scored",
    "day": "Up to",
}


def label(name: str) -> str:
    """Return the heading of a column."""
    return _(LABELS[name])


def title(card: PageSlice) -> str:
    """Return the page's title."""
    return _(TITLES[str(card.raw["page"])])


def kicker(card: PageSlice) -> str:
    """Return what stands above the title."""
    return _(KICKERS[str(card.raw["page"])])


def not_fitted(told: Row) -> str:
    """Return why there is no model."""
    return _("There are no scores: {why}.", why=_(str(told["why"])))


def model_name(told: Row) -> str:
    """Return the model as its papers call it."""
    return MODELS.get(str(told["model"]), str(told["model"])).format(k=told["k"])


def models_named(told: Row) -> str:
    """Return whose parameters they are."""
    return _("Purchases: {model}; values: Gamma-Gamma.", model=model_name(told))


def value_verdict(told: Row, card: PageSlice) -> str:
    """Return what all customers are worth, and by which way that was told."""
    what = _("gross margin") if told["in_margin"] else _("revenue")
    return _(
        "{customers} customers are expected to bring {total} of {what} in the next {months} months,"
        " discounted at {rate} a year; earlier totals say that it may be {low} to {high}.",
        customers=format_count(told["customers"]),
        total=money(told["total"], card),
        what=what,
        months=told["horizon_months"],
        rate=share(told["rate"], card),
        low=money(told["total_low"], card),
        high=money(told["total_high"], card),
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


def value_cautions(told: Row, card: PageSlice) -> list[str]:
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


def churn_verdict(told: Row, card: PageSlice) -> str:
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


def churn_cautions(told: Row, card: PageSlice) -> list[str]:
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


def money(amount: float, card: PageSlice) -> str:
    """Return an amount in the reporting currency."""
    return format_value(amount, "money", card.currency)


def share(part: float | None, card: PageSlice) -> str:
    """Return a fraction as a percentage."""
    return "" if part is None else format_value(part, "ratio", card.currency)


def figure(number: float | None) -> str:
    """Return a plain figure with as many digits as it is worth."""
    if number is None:
        return ""
    return f"{number:,.3f}" if abs(number) < 1000 else format_count(number)
