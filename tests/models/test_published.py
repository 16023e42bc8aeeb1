"""The models against the figures that their papers give for CDNOW."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_lib.btyd import BetaGeo, GammaGamma, ModifiedBetaGeo, ParetoNBD, rfm_summary
from tests.models.conftest import HELD_OUT, LEARNT, WEEKS, bought_later

PUBLISHED = {
    "BG/NBD": (BetaGeo(), [0.243, 4.414, 0.793, 2.426], -9582.4),
    "Pareto/NBD": (ParetoNBD(), [0.553, 10.578, 0.606, 11.669], -9595.0),
    "MBG/NBD": (ModifiedBetaGeo(k=1), [0.525, 6.183, 0.891, 1.614], None),
}


def test_the_gate_finds_the_customers_and_purchases_of_the_papers(customers):
    assert len(customers) == 2357
    assert (customers["frequency"] > 0).sum() == 946
    assert customers["frequency"].sum() == 2457
    assert customers["T"].max() == pytest.approx(38.857, abs=0.001)


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_the_published_ones_to_all_their_digits(name, customers):
    model, parameters, log_likelihood = PUBLISHED[name]
    fitted = model.fit(customers)
    assert fitted.parameters_ == pytest.approx(parameters, abs=0.001)
    if log_likelihood is not None:
        assert round(fitted.log_likelihood_, 1) == log_likelihood
    assert fitted.identified_


def test_gamma_gamma_is_the_published_one_on_the_repeat_buyers(customers):
    fitted = GammaGamma().fit(customers)
    assert np.round(fitted.parameters_, 2).tolist() == [6.25, 3.74, 15.44]
    assert fitted.diagnostics_["customers"] == 946
    assert fitted.identified_


def test_customer_one_of_the_paper_is_expected_to_buy_1_226_times(customers):
    one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    assert BetaGeo().fit(customers).predict(one, WEEKS)[0] == pytest.approx(1.226, abs=0.001)


@pytest.mark.parametrize(("model", "most"), [(BetaGeo(), 0.786), (ParetoNBD(), 0.755)])
def test_the_error_of_weeks_40_to_78_is_not_above_the_published_one(model, most, sample, customers):
    expected = model.fit(customers).predict(customers, WEEKS)
    assert np.abs(expected - bought_later(sample, customers)).mean() <= most


@pytest.mark.parametrize("orders", ["sample", "cdnow"])
@pytest.mark.parametrize("model", [BetaGeo(), ModifiedBetaGeo()], ids=["BG/NBD", "MBG/NBD"])
def test_intervals_of_90_percent_hold_90_to_97_percent_of_the_customers(orders, model, request):
    taken = request.getfixturevalue(orders)
    known = rfm_summary(taken, LEARNT, unit="week")
    low, high = model.fit(known).predict_interval(known, WEEKS)
    later = bought_later(taken, known)
    assert 0.90 <= np.mean((low <= later) & (later <= high)) <= 0.97


def test_no_order_after_the_cut_is_looked_at(sample):
    early = sample.filter(sample["ordered_on"] <= pd.Timestamp(LEARNT).date())
    pd.testing.assert_frame_equal(rfm_summary(sample, LEARNT), rfm_summary(early, LEARNT))
    assert rfm_summary(sample, HELD_OUT)["frequency"].sum() > 2457
