"""Who is about to leave: on CDNOW as well as the literature, and never from the future."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpi_lib.btyd import BetaGeo
from kpi_lib.models.churn import WAYS, Churn, auc, expected_calibration_error, score
from kpi_lib.models.features import Snapshot, snapshot
from kpi_lib.models.history import History
from kpi_lib.models.leaving import choose, fit_churn, reasons
from tests.models.given_orders import START, orders_of, random_buyers, tables_of

QUARTER = 91
CDNOW_CUT, CDNOW_END = date(1997, 12, 30), date(1998, 6, 30)


@pytest.fixture(scope="module")
def snapshots(cdnow) -> list[Snapshot]:
    """CDNOW's recently active customers after 26, 39 and 52 weeks."""
    named = cdnow.with_columns(pl.col("customer_id").cast(pl.String))
    history = History.of({"orders": named.lazy()})
    taken = []
    for step in (2, 1, 0):
        cut = CDNOW_CUT - timedelta(days=QUARTER * step)
        rfm = history.rfm(cut)
        nothing = pd.Series(BetaGeo().fit(rfm).prob_no_purchase(rfm, QUARTER), rfm.index)
        taken.append(snapshot(history, cut, QUARTER, nothing, CDNOW_END))
    return taken


def told_by(way: str, snapshots: list[Snapshot]):
    earlier, later, held = snapshots
    return score(way, WAYS[way]().fit(earlier, later).predict(held.features), held.left)


def test_the_logistic_model_is_as_good_on_cdnow_as_was_found_before(snapshots):
    found = told_by("logistic", snapshots)
    assert found.auc >= 0.69
    assert found.brier <= 0.215
    assert found.ece <= 0.04


def test_it_is_better_than_recency_alone_and_than_the_own_gap(snapshots):
    model, recency, gap = (told_by(way, snapshots) for way in ("logistic", "recency", "own_gap"))
    assert model.auc > max(recency.auc, gap.auc)
    assert model.brier < min(recency.brier, gap.brier)


def test_contributions_add_up_to_the_log_odds(snapshots):
    earlier, later, held = snapshots
    model = Churn().fit(earlier, later)
    parts = model.contributions(held.features).sum(axis=1)
    base = model.slope_ * model.logistic_.intercept_[0] + model.offset_
    chance = 1 / (1 + np.exp(-(parts + base)))
    np.testing.assert_allclose(chance, model.predict(held.features))


def test_reasons_are_the_largest_parts_that_raise_the_probability():
    parts = pd.DataFrame({"idle": [0.9, -1.0], "value": [0.2, -0.1], "age": [-3.0, 0.01]})
    assert reasons(parts) == [("idle", "value"), ()]


def company(rows, **more) -> History:
    return History.of(tables_of(orders_of(rows), **more))


def test_features_do_not_change_with_what_comes_after_the_cut():
    rows, cut = random_buyers(150, 730), START + timedelta(days=500)
    deliveries = pl.DataFrame(
        {
            "order_id": ["o1", "o2"],
            "promised_on": [cut - timedelta(days=9), cut - timedelta(days=8)],
            "delivered_on": [cut + timedelta(days=5), cut - timedelta(days=8)],
            "error": ["damage", "none"],
            "backordered": [True, False],
        }
    )
    later = deliveries.with_columns(delivered_on=pl.col("delivered_on") + timedelta(days=40))
    known = [row for row in rows if row[1] <= 500]
    one = snapshot(company(rows, deliveries=deliveries), cut, 90, None, cut)
    other = snapshot(company(known, deliveries=deliveries), cut, 90, None, cut)
    pd.testing.assert_frame_equal(one.features, other.features)
    assert one.left is None
    late = snapshot(company(known, deliveries=later), cut, 90, None, cut).features
    assert (late["errors"] == 0).all()  # what arrives after the cut is not known to be damaged


def test_service_debts_and_meetings_are_features_where_their_tables_exist():
    rows, cut = random_buyers(150, 730), START + timedelta(days=500)
    orders = orders_of(rows)
    day = cut - timedelta(days=20)
    some = orders.filter(pl.col("ordered_on") <= cut).tail(1)
    more = {
        "deliveries": pl.DataFrame(
            {
                "order_id": some["order_id"],
                "promised_on": [day],
                "delivered_on": [day + timedelta(days=3)],
                "error": ["picking"],
                "backordered": [True],
            }
        ),
        "invoices": pl.DataFrame(
            {
                "invoice_id": ["i1"],
                "partner_id": ["P0"],
                "issued_on": [day - timedelta(days=60)],
                "due_on": [day],
                "paid_on": [None],
                "amount": [900.0],
            },
            schema_overrides={"paid_on": pl.Date()},
        ),
        "engagements": pl.DataFrame(
            {
                "engagement_id": ["e"],
                "partner_id": ["P1"],
                "kind": ["meeting"],
                "occurred_on": [day],
            }
        ),
    }
    found = snapshot(company(rows, **more), cut, 90, None, cut).features
    assert {"late", "errors", "backorders", "overdue", "engagement"} <= set(found)
    assert found["late"].sum() == pytest.approx(np.log(2))
    of_p0 = found.index < "c040"
    assert found["overdue"][of_p0].to_numpy() == pytest.approx(np.log1p(900.0))
    assert (found["overdue"][~of_p0] == 0).all()


def test_the_fit_scores_who_bought_lately_with_a_probability_and_reasons():
    history = company(random_buyers(300, 900))
    cut = START + timedelta(days=899)
    fit = fit_churn(history, cut, 90)
    chance = fit.customers["churn_probability"]
    assert ((chance >= 0) & (chance <= 1)).all()
    assert len(fit.customers) < 300
    assert {test.way for _, test in fit.tests} == set(WAYS)
    assert all(day < cut for day, _ in fit.tests)
    assert fit.tenths["customers"].sum() == fit.tests[0][1].customers


@pytest.mark.parametrize("rows", [[], [("c000", 3)], [(f"c{n:03d}", 9) for n in range(40)]])
def test_thin_data_give_no_scores(rows):
    assert fit_churn(company(rows), START + timedelta(days=700), 90) is None


def result(way: str, brier: float):
    return score(way, np.full(4, 0.5), np.array([True, False] * 2)).__class__(
        way, 0.7, brier, 0.01, 4, 2
    )


@pytest.mark.parametrize(
    ("briers", "used"),
    [
        ((0.20, 0.21, 0.24, 0.25), "logistic"),
        ((0.20, 0.18, 0.24, 0.25), "trees"),
        ((0.25, 0.26, 0.24, 0.25), "recency"),
        ((0.25, 0.26, 0.24, 0.22), "own_gap"),
    ],
)
def test_what_was_closest_at_earlier_cuts_is_used_and_a_rule_where_no_model_beats_it(briers, used):
    assert choose([result(way, brier) for way, brier in zip(WAYS, briers, strict=True)]) == used


def test_without_an_earlier_cut_the_logistic_model_is_used_untested():
    assert choose([]) == "logistic"


def test_measures_of_a_probability_are_those_of_the_field():
    left = np.array([True, True, False, False])
    assert auc(np.array([0.9, 0.8, 0.2, 0.1]), left) == 1
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), left) == 0.5
    assert np.isnan(auc(np.array([0.5]), np.array([True])))
    assert expected_calibration_error(np.array([1.0, 1.0, 0.0, 0.0]), left) == 0
    assert expected_calibration_error(np.full(4, 0.75), left, bins=1) == pytest.approx(0.25)
