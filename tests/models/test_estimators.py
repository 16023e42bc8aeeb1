"""What holds of every model of purchases, on any data."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from kpi_lib.btyd import BetaGeo, GammaGamma, ModifiedBetaGeo, ParetoNBD
from kpi_lib.btyd.dropout import DropoutProcess
from kpi_lib.btyd.predictive import PredictiveDistribution
from kpi_lib.btyd.summaries import rows_of
from kpi_lib.errors import ContractError
from tests.models.conftest import simulate

MODELS = {
    "BG/NBD": BetaGeo(),
    "MBG/NBD": ModifiedBetaGeo(),
    "MBG/CNBD-3": ModifiedBetaGeo(k=3),
    "Pareto/NBD": ParetoNBD(),
}
BETA_GEOMETRIC = ["BG/NBD", "MBG/NBD", "MBG/CNBD-3"]
TRADE = (1.0, 6.0, 0.8, 4.0)


@pytest.fixture(scope="module")
def buyers() -> pd.DataFrame:
    """400 customers who are seen for half a year to a year, in whole days counted as weeks."""
    days = np.random.default_rng(3).integers(180, 365, 400)
    frame = simulate(TRADE, days / 7, seed=4)
    recency = np.minimum(np.ceil(frame["recency"] * 7) / 7, frame["T"])
    return frame.assign(recency=recency).drop(columns="later")


@pytest.fixture(scope="module", params=MODELS)
def fitted(request, buyers):
    return clone(MODELS[request.param]).fit(buyers)


def predicted(model, frame: pd.DataFrame, horizon: float) -> np.ndarray:
    """Return everything that a model says of customers."""
    return np.stack(
        [
            model.predict(frame, horizon),
            model.prob_no_purchase(frame, horizon),
            model.p_alive(frame),
        ]
    )


def test_results_do_not_depend_on_the_unit_of_time(fitted, buyers):
    in_days = buyers.assign(recency=buyers["recency"] * 7, T=buyers["T"] * 7)
    again = clone(fitted).fit(in_days)
    np.testing.assert_allclose(
        predicted(again, in_days, 91), predicted(fitted, buyers, 13), rtol=1e-6
    )
    ratio = again.parameters_ / fitted.parameters_
    np.testing.assert_allclose(ratio, 7.0 ** np.array(fitted._dimension()), rtol=1e-6)


def test_results_do_not_depend_on_the_order_of_the_rows(fitted, buyers):
    turned = buyers.iloc[::-1]
    again = clone(fitted).fit(turned)
    np.testing.assert_allclose(again.parameters_, fitted.parameters_, rtol=1e-6)
    np.testing.assert_allclose(
        predicted(again, turned, 13)[:, ::-1], predicted(fitted, buyers, 13), rtol=1e-6
    )


def test_equal_rows_may_be_merged_and_counted(fitted, buyers):
    merged = buyers.groupby(["frequency", "recency", "T"]).size().reset_index(name="customers")
    assert len(merged) < len(buyers)
    again = clone(fitted).fit(merged, sample_weight=merged["customers"].to_numpy())
    np.testing.assert_allclose(again.parameters_, fitted.parameters_, rtol=1e-6)
    assert again.log_likelihood_ == pytest.approx(fitted.log_likelihood_)
    assert again.diagnostics_["customers"] == len(buyers)


def test_more_is_expected_of_a_longer_time_and_less_often_nothing(fitted, buyers):
    horizons = [0, 1, 4, 13, 52, 520]
    expected = np.stack([fitted.predict(buyers, horizon) for horizon in horizons])
    nothing = np.stack([fitted.prob_no_purchase(buyers, horizon) for horizon in horizons])
    assert (expected[0] == 0).all() and (np.diff(expected, axis=0) >= 0).all()
    assert (np.diff(expected.sum(axis=1)) > 0).all()
    assert (nothing[0] == 1).all() and (np.diff(nothing, axis=0) <= 0).all()
    assert (np.diff(nothing.sum(axis=1)) < 0).all()
    assert (nothing >= 1 - expected - 1e-12).all()  # P(Y > 0) is not above the mean of Y


def test_first_and_second_derivatives_are_those_of_the_likelihood(fitted, buyers):
    rows, step = rows_of(buyers), 1e-5
    for point in (np.zeros(4), np.log(fitted.parameters_)):
        _, gradient, hessian = fitted._curve(rows, point)
        moves = step * np.eye(4)
        told_at = [(fitted._curve(rows, point + m), fitted._curve(rows, point - m)) for m in moves]
        by_step = [(up[0] - down[0]) / (2 * step) for up, down in told_at]
        bent = [(up[1] - down[1]) / (2 * step) for up, down in told_at]
        assert gradient == pytest.approx(np.array(by_step), abs=1e-3)
        assert hessian == pytest.approx(np.array(bent), abs=1e-3 * np.abs(hessian).max())


def test_the_fit_is_where_no_parameter_moved_alone_makes_the_data_likelier(fitted, buyers):
    rows = rows_of(buyers)
    best = fitted._curve(rows, np.log(fitted.parameters_))[0]
    for move in 0.02 * np.concatenate([np.eye(4), -np.eye(4)]):
        assert fitted._curve(rows, np.log(fitted.parameters_) + move)[0] < best


@pytest.mark.parametrize("name", BETA_GEOMETRIC)
def test_the_distribution_of_purchases_sums_to_1_and_has_the_mean_that_is_predicted(name, buyers):
    model = clone(MODELS[name]).fit(buyers)
    distribution = model.predict_distribution(buyers, 26, most=150)
    assert (distribution >= -1e-12).all()
    np.testing.assert_allclose(distribution.sum(axis=1), 1)
    np.testing.assert_allclose(
        distribution @ np.arange(151), model.predict(buyers, 26), rtol=1e-5, atol=1e-9
    )
    np.testing.assert_allclose(distribution[:, 0], model.prob_no_purchase(buyers, 26), rtol=1e-9)


@pytest.mark.parametrize("name", BETA_GEOMETRIC)
def test_an_interval_leaves_out_no_more_than_it_may_on_either_side(name, buyers):
    model = clone(MODELS[name]).fit(buyers)
    low, high = model.predict_interval(buyers, 26, coverage=0.8)
    distribution = PredictiveDistribution.of(
        model._process(), model.parameters_, rows_of(buyers), 26
    )
    place = rows_of(buyers).place
    below = 1 - np.array([distribution.survival(m) for m in range(1, 80)])[:, place]
    who = np.arange(len(buyers))
    under = np.where(low > 0, below[np.maximum(low - 1, 0).astype(int), who], 0.0)
    assert (np.where(low > 0, under, 0) >= 0).all()
    assert (below[high.astype(int), who] >= 0.9 - 1e-9).all()
    assert (below[np.maximum(high - 1, 0).astype(int), who][high > 0] < 0.9).all()
    assert ((low == 0) | (below[np.maximum(low - 1, 0).astype(int), who] <= 0.1 + 1e-9)).all()


def test_intervals_hold_on_customers_drawn_from_the_model_itself():
    drawn = simulate(TRADE, np.full(20_000, 52.0), seed=5, horizon=26)
    low, high = BetaGeo().fit(drawn).predict_interval(drawn, 26)
    assert 0.90 <= np.mean((low <= drawn["later"]) & (drawn["later"] <= high)) <= 0.97


@pytest.mark.parametrize(
    ("model", "first", "regularity"),
    [(BetaGeo(), False, 1), (ModifiedBetaGeo(), True, 1), (ModifiedBetaGeo(k=3), True, 3)],
    ids=BETA_GEOMETRIC,
)
def test_parameters_that_drew_the_data_are_found_again(model, first, regularity):
    truth = (1.5, 8.0 / regularity, 0.9, 3.0)
    age = np.random.default_rng(6).uniform(40, 80, 30_000)
    drawn = simulate(truth, age, seed=7, horizon=26, first=first, regularity=regularity)
    fitted = clone(model).fit(drawn)
    away = np.log(fitted.parameters_ / truth) / (fitted.standard_errors_ / fitted.parameters_)
    assert np.abs(away).max() < 3.5
    assert fitted.predict(drawn, 26).sum() == pytest.approx(drawn["later"].sum(), rel=0.05)


def test_the_pareto_expectation_has_its_limit_where_s_is_1(buyers):
    model = ParetoNBD().fit(buyers)
    model.s_ = 1.0
    at = model.predict(buyers, 13)
    model.s_ = 1.0 + 1e-7
    np.testing.assert_allclose(at, model.predict(buyers, 13), rtol=1e-5)


def test_a_customer_with_thousands_of_purchases_has_a_finite_expectation():
    model = BetaGeo()
    model.r_, model.alpha_, model.a_, model.b_ = 0.243, 4.414, 0.793, 2.426
    often = pd.DataFrame({"frequency": [5000.0], "recency": [38.85], "T": [38.86]})
    summed = PredictiveDistribution.of(
        DropoutProcess(), model.parameters_, rows_of(often), 39
    ).expected()
    assert model.predict(often, 39) == pytest.approx(summed, rel=1e-6)


@pytest.mark.parametrize("a", [1.0, 1 - 1e-9, 1 + 1e-9])
def test_nothing_breaks_where_a_is_1(a, buyers):
    model = BetaGeo().fit(buyers)
    model.a_ = a
    beside = clone(model).fit(buyers)
    beside.a_ = 1.001
    np.testing.assert_allclose(model.predict(buyers, 13), beside.predict(buyers, 13), rtol=1e-2)


def test_regular_buyers_are_told_from_random_ones_by_likelihood():
    for regularity in (1, 3):
        rng = np.random.default_rng(8)
        gaps = rng.gamma(regularity, 8 / regularity, (300, 6))
        frame = pd.DataFrame(
            {
                "frequency": 6.0,
                "recency": gaps.sum(axis=1),
                "T": gaps.sum(axis=1) + rng.uniform(0, 8, 300),
                "log_gaps": np.log(gaps).sum(axis=1),
            }
        )
        assert ModifiedBetaGeo(k="likelihood").fit(frame).k_ == regularity


def test_a_model_is_cloned_kept_and_set_as_scikit_learn_does_it(fitted, buyers):
    kept = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(predicted(kept, buyers, 13), predicted(fitted, buyers, 13))
    assert clone(fitted).get_params() == fitted.get_params()
    assert not hasattr(clone(fitted), "r_")
    assert fitted.fit(buyers) is fitted


def test_a_new_customer_is_one_who_has_just_bought(fitted, buyers):
    expected = fitted.predict(fitted.new_customer(), 52)
    assert 0 < expected[0] < buyers["frequency"].max()


def test_the_summary_holds_every_parameter_within_its_interval(fitted):
    summary = fitted.summary()
    assert tuple(summary.index) == fitted.parameter_names
    assert (summary["low"] < summary["estimate"]).all()
    assert (summary["estimate"] < summary["high"]).all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"frequency": [-1], "recency": [0], "T": [3]}, "whole number from 0"),
        ({"frequency": [1.5], "recency": [1], "T": [3]}, "whole number from 0"),
        ({"frequency": [1], "recency": [4], "T": [3]}, "outside 0 to T"),
        ({"frequency": [0], "recency": [1], "T": [3]}, "no repeat purchase"),
        ({"frequency": [1], "recency": [np.nan], "T": [3]}, "missing or infinite"),
        ({"frequency": [1], "recency": [1]}, "no column T"),
        ({"frequency": [], "recency": [], "T": []}, "there is none"),
    ],
)
def test_customers_that_cannot_be_are_refused_in_words(row, said):
    with pytest.raises(ContractError, match=said):
        BetaGeo().fit(pd.DataFrame(row, dtype=float))


def test_a_horizon_or_a_k_that_cannot_be_is_refused(buyers):
    with pytest.raises(ContractError, match="horizon"):
        BetaGeo().fit(buyers).predict(buyers, -1)
    with pytest.raises(ContractError, match="ModifiedBetaGeo"):
        ModifiedBetaGeo(k=0).fit(buyers)
    with pytest.raises(ContractError, match="log_gaps"):
        ModifiedBetaGeo(k="likelihood").fit(buyers)
    with pytest.raises(ContractError, match="sample_weight"):
        BetaGeo().fit(buyers, sample_weight=np.ones(3))


def small(seed: int) -> pd.DataFrame:
    """Return 1 to 60 customers: nobody buys again, all on one day, some very often, or mixed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 61))
    age = rng.integers(0, 400, n) * float(rng.choice([0, 1, 1, 1]))
    frequency = rng.poisson(rng.choice([0, 0.1, 1, 5, 80]) * rng.gamma(0.5, 2, n)).astype(float)
    frequency = np.minimum(frequency, age)
    recency = np.where(frequency > 0, np.ceil(age * rng.beta(2, rng.choice([0.3, 2]), n)), 0)
    recency = np.clip(recency, np.minimum(frequency, age), age)
    value = np.round(rng.lognormal(3, 1, n) * rng.choice([1, 0], n, p=[0.95, 0.05]), 2)
    partner = rng.choice(["A", "B", None], n)
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": np.where(frequency > 0, recency, 0),
            "T": age,
            "monetary_value": np.where(frequency > 0, value, np.nan),
            "partner_id": partner,
        }
    )


@pytest.mark.parametrize("block", range(10))
def test_500_small_data_sets_give_finite_figures_without_a_warning(block):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(50 * block, 50 * block + 50):
            frame = small(seed)
            for model in MODELS.values():
                fitted = clone(model).fit(frame)
                assert np.isfinite(predicted(fitted, frame, 90)).all(), (seed, model)
                assert np.isfinite(predicted(fitted, fitted.new_customer(), 90)).all(), (
                    seed,
                    model,
                )
                assert np.isfinite(fitted.summary().to_numpy()).all(), (seed, model)
            low, high = BetaGeo().fit(frame).predict_interval(frame, 90)
            assert (low <= high).all() and np.isfinite(high).all()
            if (frame["monetary_value"] > 0).any():
                value = GammaGamma().fit(frame).predict(frame)
                assert np.isfinite(value).all() and (value > 0).all()
