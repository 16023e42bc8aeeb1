"""The words of the page of lifetime value; every sentence with a figure in it is made here."""

from __future__ import annotations

from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_count, format_together, format_value
from kpi_lib.show.models.model_page import ValuePage
from kpi_lib.show.models.model_words import LABELS, share
from kpi_lib.slices.model_types import ValueModel

MOST_BAND = 0.25
ON_COURSE = 0.02
IN_MARGIN = {
    "title": N_("What customers will be worth"),
    "kicker": N_("Customer lifetime value"),
    "value": LABELS["value"],
}
IN_REVENUE = {  # where orders have no cost: revenue, and no margin
    "title": N_("What customers will buy"),
    "kicker": N_("Expected revenue of customers"),
    "value": N_("Expected revenue"),
}
MODELS = {"BetaGeo": "BG/NBD", "ModifiedBetaGeo": "MBG/CNBD-{k}"}
PARAMETERS = {
    "r": N_("spread of the buying rates (shape)"),
    "alpha": N_("scale of the buying rates, days"),
    "a": N_("leaving after a purchase (first shape)"),
    "b": N_("leaving after a purchase (second shape)"),
    "p": N_("spread of single purchases (shape)"),
    "q": N_("spread of the customers' means (shape)"),
    "v": N_("scale of the customers' means, money"),
}


def title(page: ValuePage) -> str:
    """Return the page's title."""
    return _(_names(page)["title"])


def kicker(page: ValuePage) -> str:
    """Return what stands above the title."""
    return _(_names(page)["kicker"])


def value_label(page: ValuePage) -> str:
    """Return the heading of the column with what customers are worth."""
    return _(_names(page)["value"])


def _names(page: ValuePage) -> dict[str, str]:
    return IN_REVENUE if page.fit and not page.fit.in_margin else IN_MARGIN


def model_name(fit: ValueModel) -> str:
    """Return the model as its papers call it."""
    return MODELS.get(fit.model, fit.model).format(k=fit.k)


def verdict(fit: ValueModel, page: ValuePage) -> str:
    """Return what all customers are worth, and within which interval."""
    ends = [fit.total, fit.total_low, fit.total_high]
    total, low, high = format_together(ends, "money", page.currency)
    what = _("gross margin") if fit.in_margin else _("revenue")
    return _(
        "{customers} customers are expected to bring {total} of {what} in the next {months} months,"
        " discounted at {rate} a year; earlier totals say that it may be {low} to {high}.",
        customers=format_count(fit.customers),
        total=total,
        what=what,
        months=page.report.horizon_months,
        rate=share(page.report.annual_discount_rate, page),
        low=low,
        high=high,
    )


def used(fit: ValueModel) -> str:
    """Return whether the model or the rule is used, and why."""
    if not fit.tests:
        return _("There is no earlier day to test the model on: it is used untested.")
    if fit.used == "rule":
        return _(
            "The model loses to the rule of thumb at earlier cuts, so the rule is used: each "
            "customer goes on buying as in the last 12 months."
        )
    return _("The model misses customers by less than the rule of thumb, and is used.")


def cautions(fit: ValueModel, page: ValuePage) -> list[str]:
    """Return where not to trust it."""
    found = []
    if not fit.identified:
        found.append(_("The data alone do not tell the parameters: a weak prior holds them."))
    if fit.band > MOST_BAND:
        found.append(
            _(
                "Earlier totals were missed by {band}: no budget on these.",
                band=share(fit.band, page),
            )
        )
    if abs(fit.correlation or 0) > 0.3:
        found.append(_("Who buys often also spends otherwise: the values of both are less sure."))
    if not fit.in_margin:
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
