"""The parts of the page of lifetime value."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from kpi_lib.show.common import charts
from kpi_lib.show.common.language import _
from kpi_lib.show.common.listing import FIGURE, Column
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.templating import render
from kpi_lib.show.models import model_charts
from kpi_lib.show.models import value_words as words
from kpi_lib.show.models.model_page import ValuePage
from kpi_lib.show.models.model_sections import column, nothing, table
from kpi_lib.show.models.model_words import MARK, figure, figures, money, partner, share
from kpi_lib.show.scorecard import sections as parts


def heading(page: ValuePage) -> Markup:
    """Return the head of the page."""
    return parts.head(page, words.kicker(page), words.title(page), [], _(MARK))


def verdict(page: ValuePage) -> Markup:
    """Return the sentence that says it all, or why nothing can be said."""
    if page.fit is None:
        return nothing(page)
    return render("verdict.html", sentence=words.verdict(page.fit, page), unfinished=None)


def tests(page: ValuePage) -> Markup:
    """Return which way is used and how it did at earlier cuts, beside the rule of thumb."""
    figures_of_test = ("customers", "actual", "model", "rule", "model_error", "rule_error")
    columns = [column("cut"), *(column(name, FIGURE) for name in (*figures_of_test, "covered"))]
    rows = [
        (
            format_day(test.cut),
            *map(format_count, (test.customers, test.actual, test.model, test.rule)),
            *map(figure, (test.model_error, test.rule_error)),
            share(test.covered, page),
        )
        for test in (page.fit.tests if page.fit else ())
    ]
    return table(page, columns, rows, [words.used(page.fit)] if page.fit else [])


def parameters(page: ValuePage) -> Markup:
    """Return the parameters with their intervals."""
    columns = [
        column("parameter"),
        column("means"),
        column("estimate", FIGURE),
        column("interval", FIGURE),
    ]
    if page.fit is None:
        return table(page, columns, [])
    rows = [
        (
            one.name,
            _(words.PARAMETERS[one.name]),
            figure(one.estimate),
            figures(one.low, one.high),
        )
        for one in (*page.fit.parameters, *page.fit.spend)
    ]
    models = _("Purchases: {model}; values: Gamma-Gamma.", model=words.model_name(page.fit))
    return table(page, columns, rows, [models])


def course(page: ValuePage) -> Markup:
    """Return purchases since the first tested cut beside those expected, as chart and table."""
    points = page.fit.course if page.fit else ()
    columns = [column("day"), column("actual", FIGURE), column("expected", FIGURE)]
    rows = [
        (format_day(point.day), format_count(point.actual), format_count(point.expected))
        for point in points
    ]
    numbers = table(page, columns, rows)
    if not points:
        return numbers
    day, came, expected = rows[-1]
    alt = _(
        "Line chart: {came} purchases came and {expected} were expected by {day}.",
        came=came,
        expected=expected,
        day=day,
    )
    axes = model_charts.course(pd.DataFrame(points), (_("came"), _("expected")))
    title = words.course_title(points[-1].actual, points[-1].expected)
    return pictured(title, charts.picture(axes, alt), numbers)


def groups(page: ValuePage) -> Markup:
    """Return what groups of customers bought at the latest test, and should have."""
    names = ("customers", "actual", "expected")
    rows = [
        (group.group, format_count(group.customers), figure(group.actual), figure(group.expected))
        for group in (page.fit.groups if page.fit else ())
    ]
    return table(page, [column("group"), *(column(name, FIGURE) for name in names)], rows)


def partners(page: ValuePage) -> Markup:
    """Return what each partner's customers are worth."""
    columns = [
        column("partner"),
        column("customers", FIGURE),
        column("purchases", FIGURE),
        Column(words.value_label(page), FIGURE),
        column("own_weight", FIGURE),
    ]
    rows = [
        (
            partner(row.partner),
            format_count(row.customers),
            format_count(row.purchases),
            money(row.value, page),
            share(row.own_weight, page),
        )
        for row in (page.fit.partners if page.fit else ())
    ]
    return table(page, columns, rows)


def cautions(page: ValuePage) -> Markup:
    """Return where not to trust it."""
    if page.fit is None:
        return nothing(page)
    return render("notes.html", notes=words.cautions(page.fit, page))
