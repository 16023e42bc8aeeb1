"""The words of the page of churn; every sentence with a figure in it is made here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_lib.models.churn_reasons import REASONS
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.numbers import format_count
from kpi_lib.show.models.model_page import ChurnPage
from kpi_lib.show.models.model_words import money, share
from kpi_lib.slices.model_types import ChurnModel, Tenth

LOW_AUC, BAD_ERROR = 0.65, 0.06
TITLE, KICKER = N_("Customers about to leave"), N_("Customer churn")
WAYS = {
    "logistic": N_("logistic model"),
    "trees": N_("boosted trees"),
    "recency": N_("days since the last purchase"),
    "own_gap": N_("own usual gap"),
}
RULES = ("recency", "own_gap")


@dataclass(frozen=True)
class Cumulated:
    """What the tenths up to one hold: shares of all customers, of those who left, of their money.

    `number`: of the tenth, from 1. `customers`, `expected`, `left`: of the tenth alone.
    """

    number: int
    customers: int
    expected: float
    left: float
    share: float
    share_gone: float
    share_money: float


def cumulated(tenths: Sequence[Tenth]) -> list[Cumulated]:
    """Return the tenths with what they hold so far of those who left, and of their money."""
    rows, gone, money_so_far, customers = [], 0.0, 0.0, 0.0
    all_gone = sum(tenth.gone for tenth in tenths) or 1
    all_money = sum(tenth.money for tenth in tenths) or 1
    everybody = sum(tenth.customers for tenth in tenths) or 1
    for number, tenth in enumerate(tenths, start=1):
        gone, money_so_far = gone + tenth.gone, money_so_far + tenth.money
        customers += tenth.customers
        rows.append(
            Cumulated(
                number=number,
                customers=tenth.customers,
                expected=tenth.expected,
                left=tenth.left,
                share=customers / everybody,
                share_gone=gone / all_gone,
                share_money=money_so_far / all_money,
            )
        )
    return rows


def calibration_title(rows: Sequence[Cumulated]) -> str:
    """Return how far the probabilities were from what happened, in the tenth that missed most."""
    worst = max(abs(row.left - row.expected) for row in rows)
    points = math.ceil(round(100 * worst, 6))  # rounded up: it is within them
    return _(
        "What was predicted came within {points} points in every tenth", points=format_count(points)
    )


def calibration_alt(rows: Sequence[Cumulated], page: ChurnPage) -> str:
    """Return the first and the last tenth in words."""
    first, last = rows[0], rows[-1]
    return _(
        "Scatter chart, a point a tenth of the customers: of those most likely to leave {expected} "
        "were expected to and {left} did; of those least likely {low} and {few}.",
        expected=share(first.expected, page),
        left=share(first.left, page),
        low=share(last.expected, page),
        few=share(last.left, page),
    )


def lift_title(rows: Sequence[Cumulated], page: ChurnPage) -> str:
    """Return what the likeliest third or so of the customers hold of those who left."""
    row = _near_a_third(rows)
    return _(
        "The {share} likeliest to leave were {gone} of those who left",
        share=share(row.share, page),
        gone=share(row.share_gone, page),
    )


def lift_alt(rows: Sequence[Cumulated], page: ChurnPage) -> str:
    """Return the two lines in words."""
    row = _near_a_third(rows)
    return _(
        "Line chart: the {share} of customers likeliest to leave were {gone} of those who left, "
        "and had {money} of their money.",
        share=share(row.share, page),
        gone=share(row.share_gone, page),
        money=share(row.share_money, page),
    )


def _near_a_third(rows: Sequence[Cumulated]) -> Cumulated:
    return min(rows, key=lambda row: abs(row.share - 0.3))


def verdict(fit: ChurnModel, page: ChurnPage) -> str:
    """Return how many are scored, and what is at stake."""
    return _(
        "Of {scored} customers who bought lately, sales of {stake} a year are at stake: each one's,"
        " weighed with its probability to buy nothing for {days} days.",
        scored=format_count(fit.scored),
        stake=money(fit.at_risk, page),
        days=page.report.horizon_days,
    )


def used(fit: ChurnModel) -> str:
    """Return which way is used, and why."""
    way = _(WAYS[fit.used])
    if not fit.tests:
        return _(
            "No earlier day has enough customers to test on: the {way} is used untested.", way=way
        )
    if fit.used in RULES:
        return _(
            "No model beats the rule of thumb at earlier cuts, so the rule is used: {way}.", way=way
        )
    return _("The {way} was closest to what happened at earlier cuts, and is used.", way=way)


def cautions(fit: ChurnModel, page: ChurnPage) -> list[str]:
    """Return the sentences on where not to trust the model of churn."""
    tests = [test for test in fit.tests if test.way == fit.used]
    days = 2 * page.report.horizon_days
    found = []
    if tests and min(test.auc or 0.5 for test in tests) < LOW_AUC:
        found.append(_("It tells leavers from others only a little better than chance."))
    if tests and max(test.ece for test in tests) > BAD_ERROR:
        found.append(_("Its probabilities were off by more than 6 points at an earlier cut."))
    found.append(_("Reasons say what the probability is made of, not what would change it."))
    found.append(
        several(
            "Who has not bought for {days} day is gone already, and not scored.",
            "Who has not bought for {days} days is gone already, and not scored.",
            days,
            days=days,
        )
    )
    return found


def reasons(names: Sequence[str]) -> str:
    """Return why a customer's probability is high, the strongest reason first."""
    return "; ".join(_(REASONS[name]) for name in names)
