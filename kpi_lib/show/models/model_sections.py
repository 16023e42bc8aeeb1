"""The parts of the pages of the models: lifetime value and churn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_lib.models.churn_reasons import REASONS
from kpi_lib.show.common import charts
from kpi_lib.show.common.language import _
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.templating import render
from kpi_lib.show.common.untyped_page import UntypedPage
from kpi_lib.show.models import model_charts as drawn
from kpi_lib.show.models import model_words as words
from kpi_lib.show.scorecard import sections as parts

Row = dict[str, Any]
Says = Callable[[Row, UntypedPage], str]


def heading(card: UntypedPage) -> Markup:
    """Return the head of the page."""
    return parts.head(card, words.kicker(card), words.title(card), [], _(words.MARK))


def verdict(card: UntypedPage) -> Markup:
    """Return the sentence that says it all, or why nothing can be said."""
    told = card.raw["told"]
    if told["why"]:
        return render("empty.html", text=words.not_fitted(told))
    says = words.value_verdict if card.raw["page"] == "cltv" else words.churn_verdict
    return render("verdict.html", sentence=says(told, card), unfinished=None)


def used(card: UntypedPage) -> Markup:
    """Return which way is used and how it did at earlier cuts, beside the rule of thumb."""
    told = card.raw["told"]
    of_value = card.raw["page"] == "cltv"
    columns = _TESTS_OF_VALUE if of_value else _TESTS_OF_CHURN
    notes = [] if told["why"] else [(words.value_used if of_value else words.churn_used)(told)]
    return _listing(card, told.get("tests", []), columns, notes)


def parameters(card: UntypedPage) -> Markup:
    """Return the parameters with their intervals."""
    told = card.raw["told"]
    rows = [*told.get("parameters", []), *told.get("spend", [])]
    named = (
        _("Purchases: {model}; values: Gamma-Gamma.", model=words.model_name(told)) if rows else ""
    )
    return _listing(card, rows, _PARAMETERS, [named] if named else [])


def course(card: UntypedPage) -> Markup:
    """Return what came since the first tested cut beside what was expected then."""
    rows = card.raw["told"].get("course", [])
    table = _listing(card, rows, _COURSE, [])
    if not rows:
        return table
    day, last = format_day(date.fromisoformat(rows[-1]["day"])), rows[-1]
    said = {"came": format_count(last["actual"]), "expected": format_count(last["expected"])}
    alt = _(
        "Line chart: {came} purchases came and {expected} were expected by {day}.", day=day, **said
    )
    axes = drawn.course(pd.DataFrame(rows), (_("came"), _("expected")))
    title = words.course_title(last["actual"], last["expected"])
    return pictured(title, charts.picture(axes, alt), table)


def groups(card: UntypedPage) -> Markup:
    """Return what groups of customers bought at the latest test, and should have."""
    return _listing(card, card.raw["told"].get("groups", []), _GROUPS, [])


def tenths(card: UntypedPage) -> Markup:
    """Return by tenth of the probability who left, and how much the tenths hold so far."""
    rows = cumulated(card.raw["told"].get("tenths", []))
    table = _listing(card, rows, _TENTHS, [])
    if not rows:
        return table
    frame = pd.DataFrame(rows)
    axes = drawn.calibration(frame, (_("Expected to leave"), _("Left")))
    calibration = charts.picture(axes, words.calibration_alt(rows, card))
    names = (_("Of those who left, so far"), _("Of their money, so far"))
    axes = drawn.lift(frame, names, _("Customers, the likeliest to leave first"))
    lift = charts.picture(axes, words.lift_alt(rows, card))
    return (
        pictured(words.calibration_title(rows), calibration)
        + pictured(words.lift_title(rows, card), lift)
        + table
    )


def cumulated(found: Sequence[Row]) -> list[Row]:
    """Return the tenths with what they hold so far of those who left, and of their money."""
    rows, gone, money, customers = [], 0.0, 0.0, 0.0
    all_gone = sum(row["gone"] for row in found) or 1
    all_money = sum(row["money"] for row in found) or 1
    everybody = sum(row["customers"] for row in found) or 1
    for number, row in enumerate(found, start=1):
        gone, money = gone + row["gone"], money + row["money"]
        customers += row["customers"]
        shares = {
            "share_gone": gone / all_gone,
            "share_money": money / all_money,
            "share": customers / everybody,
        }
        rows.append({**row, "tenth": number, **shares})
    return rows


def coefficients(card: UntypedPage) -> Markup:
    """Return what the probability is made of."""
    return _listing(card, card.raw["told"].get("coefficients", []), _COEFFICIENTS, [])


def customers(card: UntypedPage) -> Markup:
    """Return the customers with most at stake, and why."""
    return _listing(card, card.raw["told"].get("customers", []), _CUSTOMERS, [])


def partners(card: UntypedPage) -> Markup:
    """Return what each partner's customers are worth, or have at stake."""
    columns = _PARTNERS_OF_VALUE if card.raw["page"] == "cltv" else _PARTNERS_OF_CHURN
    return _listing(card, card.raw["told"].get("partners", []), columns, [])


def cautions(card: UntypedPage) -> Markup:
    """Return where not to trust it."""
    told = card.raw["told"]
    if told["why"]:
        return render("empty.html", text=words.not_fitted(told))
    says = words.value_cautions if card.raw["page"] == "cltv" else words.churn_cautions
    return render("notes.html", notes=says(told, card))


def _listing(
    card: UntypedPage, rows: Sequence[Row], columns: dict[str, Says], notes: Sequence[str]
) -> Markup:
    """Return a table with remarks below it, or words where it would be empty."""
    told = card.raw["told"]
    empty = words.not_fitted(told) if told["why"] else _("There is nothing to show here.")
    return render(
        "listing.html",
        labels=[words.label(name, card) for name in columns],
        kinds=["" if name in _TEXTS else "figure" for name in columns],
        rows=[[say(row, card) for say in columns.values()] for row in rows],
        empty=empty,
        notes=notes,
    )


def _count(name: str) -> Says:
    return lambda row, card: "" if row.get(name) is None else format_count(row[name])


def _figure(name: str) -> Says:
    return lambda row, card: words.figure(row.get(name))


def _share(name: str) -> Says:
    return lambda row, card: words.share(row.get(name), card)


def _money(name: str) -> Says:
    return lambda row, card: words.money(row[name], card)


def _day(name: str) -> Says:
    return lambda row, card: format_day(date.fromisoformat(row[name]))


def _interval(row: Row, card: UntypedPage) -> str:
    return words.figures(row["low"], row["high"])


_TEXTS = (
    "parameter",
    "means",
    "cut",
    "group",
    "partner",
    "way",
    "feature",
    "customer",
    "reasons",
    "day",
)
_PARAMETERS: dict[str, Says] = {
    "parameter": lambda row, card: str(row["parameter"]),
    "means": lambda row, card: _(words.PARAMETERS[row["parameter"]]),
    "estimate": _figure("estimate"),
    "interval": _interval,
}
_TESTS_OF_VALUE: dict[str, Says] = {
    "cut": _day("cut"),
    **{name: _count(name) for name in ("customers", "actual", "model", "rule")},
    **{name: _figure(name) for name in ("model_error", "rule_error")},
    "covered": _share("covered"),
}
_TESTS_OF_CHURN: dict[str, Says] = {
    "cut": _day("cut"),
    "way": lambda row, card: _(words.WAYS[row["way"]]),
    "customers": _count("customers"),
    **{name: _figure(name) for name in ("auc", "brier", "ece")},
}
_COURSE: dict[str, Says] = {
    "day": _day("day"),
    "actual": _count("actual"),
    "expected": _count("expected"),
}
_GROUPS: dict[str, Says] = {
    "group": lambda row, card: str(row["group"]),
    "customers": _count("customers"),
    "actual": _figure("actual"),
    "expected": _figure("expected"),
}
_TENTHS: dict[str, Says] = {
    "tenth": _count("tenth"),
    "customers": _count("customers"),
    **{name: _share(name) for name in ("expected", "left", "share_gone", "share_money")},
}
_COEFFICIENTS: dict[str, Says] = {
    "feature": lambda row, card: _(REASONS[row["feature"]]),
    "coefficient": _figure("coefficient"),
}
_CUSTOMERS: dict[str, Says] = {
    "customer": lambda row, card: str(row["customer_id"]),
    "partner": lambda row, card: words.partner(row),
    "chance": _share("chance"),
    "spend": _money("spend"),
    "stake": _money("stake"),
    "reasons": lambda row, card: words.reasons(row["reasons"]),
}
_PARTNERS_OF_VALUE: dict[str, Says] = {
    "partner": lambda row, card: words.partner(row),
    "customers": _count("customers"),
    "purchases": _count("purchases"),
    "value": _money("value"),
    "own_weight": _share("own_weight"),
}
_PARTNERS_OF_CHURN: dict[str, Says] = {
    "partner": lambda row, card: words.partner(row),
    "scored": _count("scored"),
    "spend": _money("spend"),
    "stake": _money("stake"),
}
