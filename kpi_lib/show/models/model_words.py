"""The words that both pages of the models have: labels of columns, figures, whose row it is."""

from __future__ import annotations

from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.missing_reasons import translated
from kpi_lib.show.common.numbers import format_count, format_precise, format_value
from kpi_lib.show.models.model_page import ModelPage

LARGEST_PRECISE = 1000  # from here on digits after the point say nothing
DIRECT_NAME = N_("Direct business")
MARK = N_("Internal: it names customers and partners")
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


def not_fitted(page: ModelPage) -> str:
    """Return why there is no model."""
    return _("There are no scores: {why}.", why=translated(page.why))


def partner(name: str | None) -> str:
    """Return whose row it is."""
    return name or _(DIRECT_NAME)


def money(amount: float, page: ModelPage) -> str:
    """Return an amount in the reporting currency."""
    return format_value(amount, "money", page.currency)


def share(part: float | None, page: ModelPage) -> str:
    """Return a fraction as a percentage."""
    return "" if part is None else format_value(part, "ratio", page.currency)


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
