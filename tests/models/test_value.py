"""What customers will be worth: discounted, tested against the rule, silent where data are thin."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from kpi_lib.btyd import BetaGeo, rfm_summary
from kpi_lib.btyd.lifetime_value import Horizon, discounted_purchases, lifetime_value
from kpi_lib.models.history import History
from kpi_lib.models.value import fit_value, run_tests, total_interval, why_too_thin
from kpi_lib.settings import Settings
from tests.models.conftest import LEARNT
from tests.models.given_orders import START, orders_of, random_buyers, tables_of, yearly_buyers

CUT = START + timedelta(days=729)


def history(rows, **columns) -> History:
    orders = orders_of(rows)
    return History.of(tables_of(orders.with_columns(**columns)))


def test_the_value_is_the_sum_of_monthly_purchases_each_discounted_to_the_cut(customers):
    model = BetaGeo().fit(customers)
    weeks = 52.0
    expected, discounted = discounted_purchases(model, customers, Horizon(weeks, "week", 0.10))
    steps = np.linspace(0, weeks, 1041)
    course = np.stack([model.predict(customers, step) for step in steps])
    middle = (steps[1:] + steps[:-1]) / 2
    year = 365.25 / 7
    summed = (np.diff(course, axis=0) * 1.10 ** -(middle / year)[:, None]).sum(axis=0)
    np.testing.assert_allclose(discounted, summed, rtol=1e-4)
    np.testing.assert_allclose(expected, course[-1])


def test_without_a_discount_or_a_horizon_nothing_is_taken_off(customers):
    model = BetaGeo().fit(customers)
    for horizon in (Horizon(52.0, "week", 0.0), Horizon(0.0, "week", 0.1)):
        expected, discounted = discounted_purchases(model, customers, horizon)
        np.testing.assert_array_equal(expected, discounted)


def test_a_value_lies_within_its_interval_or_near_nothing(customers):
    model = BetaGeo().fit(customers)
    of_each = np.full(len(customers), 35.0)
    found = lifetime_value(model, customers, of_each, Horizon(39.0, "week", 0.1))
    assert (found.low <= found.high).all()
    assert np.mean((found.low <= found.value) & (found.value <= found.high)) > 0.8


def test_the_value_is_of_the_margin_where_orders_have_a_cost():
    rows = random_buyers(120, 730)
    revenue = fit_value(history(rows), CUT, Settings(), tested=False)
    margin = fit_value(history(rows, cost=pl.col("amount") * 0.75), CUT, Settings(), tested=False)
    assert (revenue.in_margin, margin.in_margin) == (False, True)
    found, of_all = margin.customers["lifetime_value"], revenue.customers["lifetime_value"]
    np.testing.assert_allclose(found, 0.25 * of_all)


def test_a_model_that_loses_to_the_rule_is_not_used():
    fit = fit_value(history(yearly_buyers(60, 2)), CUT, Settings(), tested=True)
    assert sum(t.rule_error for t in fit.tests) < sum(t.model_error for t in fit.tests)
    assert fit.used == "rule"
    assert fit.customers["expected_purchases"].to_numpy() == pytest.approx(4 * 36 * 30.4375 / 365)


def test_a_model_that_wins_is_used_and_every_test_lies_before_the_cut():
    fit = fit_value(history(random_buyers(200, 730)), CUT, Settings(), tested=True)
    assert fit.used == "model"
    assert [(CUT - test.cut).days for test in fit.tests] == [90, 180, 270]
    assert all(0 <= test.covered <= 1 for test in fit.tests)


def test_nothing_after_the_cut_changes_what_is_said_at_it():
    rows = random_buyers(120, 730)
    cut = START + timedelta(days=600)
    known = [row for row in rows if row[1] <= 600]
    one, other = (fit_value(history(r), cut, Settings(), tested=True) for r in (rows, known))
    np.testing.assert_array_equal(
        one.customers["lifetime_value"].to_numpy(), other.customers["lifetime_value"].to_numpy()
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no customer has ordered"),
        ([("c000", 3)], "only 1 customers"),
        ([(f"c{n:03d}", 9) for n in range(40)], "only 0 customers ordered again"),
        ([(f"c{n:03d}", 729) for n in range(40)], "all orders are of one day"),
    ],
    ids=["no orders", "one customer", "all bought once", "one day"],
)
def test_thin_data_are_told_in_words_and_give_no_scores(rows, said):
    found = history(rows)
    assert said in why_too_thin(found.rfm(CUT))
    assert fit_value(found, CUT, Settings(), tested=True) is None


def test_totals_of_a_portfolio_are_covered_once_earlier_misses_widen_the_band(cdnow):
    names = cdnow.with_columns(pl.col("customer_id").cast(pl.String), partner_id=pl.lit(None))
    known = History.of({"orders": names.lazy()})
    start = np.datetime64(LEARNT).astype(object)
    held = []
    for step in range(5):  # cuts four weeks apart, thirteen weeks ahead, as much to learn from
        cut = start + timedelta(days=28 * step + 56)
        tests = run_tests(known, cut, 91, BetaGeo())
        if len(tests) < 2:
            continue
        now, before = tests[0], tests[1:]
        missed = [(test.model - test.actual) / test.actual for test in before]
        band = float(np.sqrt(np.mean(np.square(missed))))
        low, high = total_interval(now.model, 2 * now.model, band)
        held.append(low <= now.actual <= high)
    assert len(held) >= 3
    assert np.mean(held) >= 0.8


def test_what_is_known_of_a_customer_is_the_gate_s(sample):
    named = sample.with_columns(pl.col("customer_id").cast(pl.String), partner_id=pl.lit("A"))
    known = History.of({"orders": named.lazy()})
    cut = np.datetime64(LEARNT).astype(object)
    assert known.rfm(cut)["frequency"].sum() == rfm_summary(sample, LEARNT)["frequency"].sum()
    assert set(known.rfm(cut)["partner_id"]) == {"A"}
