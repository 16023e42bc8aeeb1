"""Forecasts: what they say of simple courses, when the rule is used, what their bands hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kpi_lib.models.forecast import (
    CUTS,
    STEPS,
    Rhythm,
    backtest,
    chance_to_reach,
    forecast,
    level_and_season,
    season,
)

QUARTERS = Rhythm(3, 12)


def months(count: int, *, level=100.0, noise=0.0, wave=0.0, seed=0) -> np.ndarray:
    """Sales of so many months around a level, with a season."""
    chance = np.random.default_rng(seed)
    n = np.arange(count)
    return level * (1 + wave * np.sin(2 * np.pi * n / 12)) + chance.normal(0, noise, count)


def frame(*series: np.ndarray) -> pd.DataFrame:
    longest = max(map(len, series))
    padded = [np.r_[np.full(longest - len(one), np.nan), one] for one in series]
    return pd.DataFrame(dict(zip("abcdefghijklmnop", padded, strict=False)))


def test_the_rule_of_thumb_is_the_same_time_last_year_over_and_over():
    assert season(np.arange(1.0, 15.0), 13, 12).tolist() == [*np.arange(3.0, 15.0), 3.0]


def test_the_model_is_the_mean_of_level_and_season():
    flat = np.full(24, 50.0)
    assert level_and_season(flat, 3, 12).tolist() == [50.0, 50.0, 50.0]
    risen = np.r_[np.full(12, 50.0), np.full(12, 150.0)]
    assert level_and_season(risen, 1, 12) == pytest.approx([150.0], rel=0.01)


def test_a_level_that_wavers_without_a_season_is_told_better_by_the_model():
    forecasts = forecast(frame(*(months(36, noise=20, seed=n) for n in range(8))), QUARTERS)
    assert (forecasts.used, forecasts.why) == ("model", "")
    assert forecasts.mase < 1
    assert forecasts.steps.groupby("entity")["step"].agg(list).tolist() == [[1, 2, 3, 4]] * 8


def test_where_the_model_loses_the_rule_is_used():
    forecasts = forecast(
        frame(*(months(48, wave=0.8, noise=1, seed=n) for n in range(8))), QUARTERS
    )
    assert forecasts.used == "rule"
    assert forecasts.mase > 1
    first = months(48, wave=0.8, noise=1, seed=0)
    expected = first[-12:].reshape(4, 3).sum(axis=1)
    assert forecasts.steps.query("entity == 'a'")["value"].to_numpy() == pytest.approx(expected)


def test_bands_lie_within_each_other_and_hold_about_what_they_say():
    forecasts = forecast(frame(*(months(48, noise=25, seed=n) for n in range(16))), QUARTERS)
    rows = forecasts.steps
    assert (rows["low95"] <= rows["low80"]).all() and (rows["low80"] < rows["value"]).all()
    assert (rows["value"] < rows["high80"]).all() and (rows["high80"] <= rows["high95"]).all()
    assert 0.68 <= forecasts.covered["80"] <= 0.92
    assert 0.87 <= forecasts.covered["95"] <= 1.0


def test_bands_hold_what_comes_afterwards():
    within = {"80": [], "95": []}
    for seed in range(6):
        series = [months(52, noise=25, seed=100 * seed + n) for n in range(12)]
        forecasts = forecast(frame(*(one[:-4] for one in series)), Rhythm(1, 12)).steps
        came = np.concatenate([one[-4:] for one in series])
        for band in within:
            within[band] += (
                (forecasts[f"low{band}"] <= came) & (came <= forecasts[f"high{band}"])
            ).tolist()
    assert 0.72 <= np.mean(within["80"]) <= 0.9
    assert 0.9 <= np.mean(within["95"]) <= 1.0


def test_no_cut_sees_what_came_after_it():
    sales = months(30, noise=10)
    changed = sales.copy()
    changed[-3:] = 1e6  # the last quarter alone
    ours, theirs = (backtest({"a": one}, QUARTERS) for one in (sales, changed))
    columns = ["cut", "step", "model", "rule"]
    pd.testing.assert_frame_equal(ours[columns], theirs[columns])
    assert set(ours["cut"]) == set(range(1, CUTS + 1))
    assert ours.groupby("cut")["step"].max().tolist() == [1, 2, 3, STEPS]


@pytest.mark.parametrize(
    ("sales", "why"),
    [
        (pd.DataFrame(), "sales do not reach back a year"),
        (frame(np.zeros(30)), "sales do not reach back a year"),
        (frame(months(9)), "sales do not reach back a year"),
        (frame(months(13)), "no earlier day has a year of sales before it to test on"),
    ],
)
def test_thin_data_give_no_forecast_and_say_why(sales, why):
    forecasts = forecast(sales, QUARTERS)
    assert (len(forecasts.steps), forecasts.why) == (0, why)


def test_who_sold_nothing_for_a_year_gets_no_forecast_and_the_others_do():
    gone = np.r_[months(24), np.zeros(12)]
    forecasts = forecast(frame(months(36, noise=5), gone, months(36, noise=9, seed=1)), QUARTERS)
    assert set(forecasts.steps["entity"]) == {"a", "c"}
    assert np.isfinite(forecasts.steps.drop(columns="entity").to_numpy(dtype=float)).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(12))
def test_small_and_odd_series_give_finite_figures_and_no_warning(seed):
    chance = np.random.default_rng(seed)
    count = int(chance.integers(1, 40))
    odd = [
        chance.choice([0.0, -50.0, 1e-9, 3e9, 7.0], size=int(chance.integers(1, 40)))
        for _ in range(int(chance.integers(1, 6)))
    ]
    forecasts = forecast(frame(np.full(count, 5.0), *odd), QUARTERS)
    assert np.isfinite(forecasts.steps.drop(columns="entity").to_numpy(dtype=float)).all()


def test_the_same_sales_give_the_same_forecast_whatever_their_unit_and_order():
    sales = frame(*(months(36, noise=20, seed=n) for n in range(4)))
    once, pence = forecast(sales, QUARTERS).steps, forecast(sales * 100, QUARTERS).steps
    assert pence["value"].to_numpy() / 100 == pytest.approx(once["value"].to_numpy(), rel=1e-3)
    turned = forecast(sales[list("dcba")], QUARTERS).steps.sort_values(["entity", "step"])
    ordered = once.sort_values(["entity", "step"])
    assert turned["high95"].to_numpy() == pytest.approx(ordered["high95"].to_numpy())


def test_the_chance_to_reach_a_target_falls_as_the_target_rises():
    steps = pd.DataFrame({"value": [100.0, 100.0], "low80": [80.0, 80.0], "high80": [120.0, 120.0]})
    chances = [chance_to_reach(target, 50.0, steps) for target in (100, 210, 250, 290, 400)]
    assert chances[2] == pytest.approx(0.5)
    assert chances[1] == pytest.approx(0.9, abs=0.001)  # 40 below: the end of both bands together
    assert chances == sorted(chances, reverse=True)
    sure = steps.assign(low80=100.0, high80=100.0)
    assert [chance_to_reach(t, 50.0, sure) for t in (250.0, 250.1)] == [1.0, 0.0]
