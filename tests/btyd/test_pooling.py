"""Partners with few customers borrow strength, those with many keep their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_lib.btyd import BetaGeo, PooledByPartner
from kpi_lib.errors import ContractError
from tests.models.conftest import simulate

COMMON, SPREAD = np.log([1.0, 6.0, 0.8, 4.0]), 0.35
PARTNERS, AHEAD = 60, 39


def world(seed: int) -> pd.DataFrame:
    """Return the customers of 60 partners, 3 to 600 each, and what is truly expected of each."""
    rng = np.random.default_rng(seed)
    frames = []
    for number in range(PARTNERS):
        truth = BetaGeo()
        parameters = np.exp(COMMON + SPREAD * rng.standard_normal(4))
        truth.r_, truth.alpha_, truth.a_, truth.b_ = parameters
        size = round(np.exp(rng.uniform(np.log(3), np.log(600))))
        drawn = simulate(tuple(parameters), rng.uniform(52, 104, size), rng.integers(1 << 31))
        expected = truth.predict(drawn, AHEAD)
        frames.append(drawn.assign(partner_id=f"P{number:02d}", expected=expected))
    return pd.concat(frames, ignore_index=True)


def error(frame: pd.DataFrame, predicted: np.ndarray) -> pd.Series:
    """Return by partner how far its expected purchases are from the true ones, over these."""
    sums = frame.assign(predicted=predicted).groupby("partner_id")[["predicted", "expected"]].sum()
    return (sums["predicted"] / sums["expected"] - 1).abs()


@pytest.fixture(scope="module")
def errors() -> pd.DataFrame:
    """Five worlds: the error of each way by partner, and its customers."""
    tables = []
    for seed in range(20, 25):
        frame = world(seed)
        pooled = PooledByPartner().fit(frame)
        alone = np.empty(len(frame))
        for places in frame.groupby("partner_id").indices.values():
            own = frame.iloc[places]
            alone[places] = BetaGeo().fit(own).predict(own, AHEAD)
        ways = {
            "shrunk": pooled.predict(frame, AHEAD),
            "pooled": pooled.pool_.predict(frame, AHEAD),
            "alone": alone,
        }
        table = pd.DataFrame({way: error(frame, predicted) for way, predicted in ways.items()})
        tables.append(table.assign(customers=frame.groupby("partner_id").size()))
    return pd.concat(tables)


def test_small_partners_are_predicted_a_quarter_better_than_by_one_model_for_all(errors):
    small = errors[errors["customers"] <= 30].mean()
    assert small["shrunk"] <= 0.75 * small["pooled"]
    assert small["shrunk"] < small["alone"]


def test_larger_partners_are_predicted_no_worse_than_by_a_model_of_their_own(errors):
    large = errors[errors["customers"] > 30].mean()
    assert large["shrunk"] <= large["alone"]
    assert large["shrunk"] < large["pooled"]


@pytest.fixture(scope="module")
def fitted() -> PooledByPartner:
    return PooledByPartner().fit(world(9))


def test_the_more_customers_the_more_weight_their_own_data_have(fitted):
    partners = fitted.partners_.sort_values("customers")
    weight = partners["own_weight"]
    assert ((weight >= 0) & (weight <= 1)).all()
    assert weight.head(10).mean() < 0.3 < 0.6 < weight.tail(10).mean()
    assert partners["customers"].sum() == fitted.pool_.diagnostics_["customers"]


def test_an_unknown_partner_is_predicted_by_the_model_of_all(fitted):
    stranger = fitted.pool_.new_customer().assign(partner_id="nobody")
    expected = fitted.pool_.predict(stranger, AHEAD)
    np.testing.assert_array_equal(fitted.predict(stranger, AHEAD), expected)


def test_direct_business_is_a_group_of_its_own():
    frame = world(3)
    direct = frame.assign(partner_id=frame["partner_id"].where(frame["partner_id"] > "P30", None))
    fitted = PooledByPartner().fit(direct)
    assert fitted.partners_.loc["", "customers"] == (frame["partner_id"] <= "P30").sum()
    assert np.isfinite(fitted.predict(direct, AHEAD)).all()
    low, high = fitted.predict_interval(direct, AHEAD)
    assert (low <= high).all()
    assert (fitted.p_alive(direct) <= 1).all()
    assert (fitted.prob_no_purchase(direct, AHEAD) <= 1).all()


def test_results_do_not_depend_on_the_unit_of_time_nor_on_the_order():
    frame = world(2)
    days = frame.assign(recency=frame["recency"] * 7, T=frame["T"] * 7).iloc[::-1]
    by_weeks = PooledByPartner().fit(frame).predict(frame, 13)
    by_days = PooledByPartner().fit(days).predict(days, 91)
    np.testing.assert_allclose(by_days[::-1], by_weeks, rtol=1e-4)


def test_one_partner_with_one_customer_is_predicted_too():
    one = pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [9.0], "partner_id": ["A"]})
    assert np.isfinite(PooledByPartner().fit(one).predict(one, 13)).all()


def test_customers_without_a_partner_column_are_refused():
    with pytest.raises(ContractError, match="partner_id"):
        PooledByPartner().fit(pd.DataFrame({"frequency": [0], "recency": [0], "T": [9]}))
