"""The parts of the page of churn."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from kpi_lib.models.churn_reasons import REASONS
from kpi_lib.show.common import charts
from kpi_lib.show.common.language import _
from kpi_lib.show.common.listing import FIGURE
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.pictures import pictured
from kpi_lib.show.common.templating import render
from kpi_lib.show.models import churn_words as words
from kpi_lib.show.models import model_charts
from kpi_lib.show.models.churn_words import Cumulated
from kpi_lib.show.models.model_page import ChurnPage
from kpi_lib.show.models.model_sections import column, nothing, table
from kpi_lib.show.models.model_words import MARK, figure, money, partner, share
from kpi_lib.show.scorecard import sections as parts


def heading(page: ChurnPage) -> Markup:
    """Return the head of the page."""
    return parts.head(page, _(words.KICKER), _(words.TITLE), [], _(MARK))


def verdict(page: ChurnPage) -> Markup:
    """Return the sentence that says it all, or why nothing can be said."""
    if page.fit is None:
        return nothing(page)
    return render("verdict.html", sentence=words.verdict(page.fit, page), unfinished=None)


def tests(page: ChurnPage) -> Markup:
    """Return which way is used and how each did at earlier cuts."""
    names = ("customers", "auc", "brier", "ece")
    columns = [column("cut"), column("way"), *(column(name, FIGURE) for name in names)]
    rows = [
        (
            format_day(test.cut),
            _(words.WAYS[test.way]),
            format_count(test.customers),
            *map(figure, (test.auc, test.brier, test.ece)),
        )
        for test in (page.fit.tests if page.fit else ())
    ]
    return table(page, columns, rows, [words.used(page.fit)] if page.fit else [])


def tenths(page: ChurnPage) -> Markup:
    """Return by tenth of the probability who left, and how much the tenths hold so far."""
    names = ("tenth", "customers", "expected", "left", "share_gone", "share_money")
    tenths_so_far = words.cumulated(page.fit.tenths if page.fit else ())
    rows = [
        (
            *map(format_count, (row.number, row.customers)),
            *(share(part, page) for part in (row.expected, row.left)),
            *(share(part, page) for part in (row.share_gone, row.share_money)),
        )
        for row in tenths_so_far
    ]
    numbers = table(page, [column(name, FIGURE) for name in names], rows)
    return _charts_of_tenths(tenths_so_far, page) + numbers if rows else numbers


def _charts_of_tenths(rows: Sequence[Cumulated], page: ChurnPage) -> Markup:
    """Return the charts of calibration and of lift, each under its message."""
    frame = pd.DataFrame(rows)
    axes = model_charts.calibration(frame, (_("Expected to leave"), _("Left")))
    calibration = charts.picture(axes, words.calibration_alt(rows, page))
    names = (_("Of those who left, so far"), _("Of their money, so far"))
    axes = model_charts.lift(frame, names, _("Customers, the likeliest to leave first"))
    lift = charts.picture(axes, words.lift_alt(rows, page))
    return pictured(words.calibration_title(rows), calibration) + pictured(
        words.lift_title(rows, page), lift
    )


def coefficients(page: ChurnPage) -> Markup:
    """Return what the probability is made of."""
    rows = [
        (_(REASONS[row.feature]), figure(row.coefficient))
        for row in (page.fit.coefficients if page.fit else ())
    ]
    return table(page, [column("feature"), column("coefficient", FIGURE)], rows)


def customers(page: ChurnPage) -> Markup:
    """Return the customers with most at stake, and why."""
    names = ("chance", "spend", "stake")
    columns = [
        column("customer"),
        column("partner"),
        *(column(name, FIGURE) for name in names),
        column("reasons"),
    ]
    rows = [
        (
            row.customer_id,
            partner(row.partner),
            share(row.churn_probability, page),
            money(row.spend, page),
            money(row.stake, page),
            words.reasons(row.reasons),
        )
        for row in (page.fit.customers if page.fit else ())
    ]
    return table(page, columns, rows)


def partners(page: ChurnPage) -> Markup:
    """Return what each partner's customers have at stake."""
    names = ("scored", "spend", "stake")
    rows = [
        (
            partner(row.partner),
            format_count(row.scored),
            money(row.spend, page),
            money(row.stake, page),
        )
        for row in (page.fit.partners if page.fit else ())
    ]
    return table(page, [column("partner"), *(column(name, FIGURE) for name in names)], rows)


def cautions(page: ChurnPage) -> Markup:
    """Return where not to trust it."""
    if page.fit is None:
        return nothing(page)
    return render("notes.html", notes=words.cautions(page.fit, page))
