"""What each customer is expected to buy and to be worth, by the model or by the rule of thumb.

At every fit the model is tested on earlier cuts against the rule that a customer buys as often as
in the same days of the year before (where there is no year before: as in as many days just past).
Which of the two misses each customer by less, on mean, is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from scipy import stats

from kpi_lib.btyd.bg_nbd import BetaGeo, BetaGeometricModel
from kpi_lib.btyd.gamma_gamma import GammaGamma
from kpi_lib.btyd.lifetime_value import Horizon, LifetimeValue, lifetime_value
from kpi_lib.btyd.mbg_nbd import BY_LIKELIHOOD, ModifiedBetaGeo
from kpi_lib.btyd.pooling import PooledByPartner
from kpi_lib.btyd.rfm import UNITS
from kpi_lib.models.history import History
from kpi_lib.settings import Settings

FEWEST_CUSTOMERS, FEWEST_REPEATED = 30, 10
CUTS, YEAR = 3, 365
MODEL, RULE = "model", "rule"


@dataclass(frozen=True)
class Trial:
    """How model and rule did at one cut: what was expected, what came, the miss a customer."""

    cut: date
    customers: int
    actual: float
    model: float
    rule: float
    model_error: float
    rule_error: float
    covered: float


@dataclass(frozen=True)
class ValueFit:
    """The fit of one cut; `customers`: one row each, with what is expected of it."""

    cut: date
    customers: pd.DataFrame
    used: str
    pooled: PooledByPartner
    spend: GammaGamma | None
    tests: tuple[Trial, ...]
    in_margin: bool
    band: float


def why_too_thin(rfm: pd.DataFrame) -> str | None:
    """Return in words why there is too little to fit on; None where there is enough."""
    if rfm.empty:
        return "no customer has ordered yet"
    if len(rfm) < FEWEST_CUSTOMERS:
        return f"only {len(rfm)} customers have ordered, and {FEWEST_CUSTOMERS} are needed"
    if not (rfm["T"] > 0).any():
        return "all orders are of one day"
    again = int((rfm["frequency"] > 0).sum())
    if again < FEWEST_REPEATED:
        return f"only {again} customers ordered again, and {FEWEST_REPEATED} are needed"
    return None


def best_model(rfm: pd.DataFrame) -> BetaGeometricModel:
    """Return the model under which the data are likeliest: BG/NBD, or MBG/CNBD-k."""
    simple = BetaGeo().fit(rfm)
    modified = ModifiedBetaGeo(k=BY_LIKELIHOOD).fit(rfm)
    if simple.log_likelihood_ >= modified.log_likelihood_:
        return BetaGeo()
    return ModifiedBetaGeo(k=modified.k_)


def fit_value(history: History, cut: date, settings: Settings, *, tested: bool) -> ValueFit | None:
    """Return what customers are expected to be worth at a cut; None where data are too thin.

    `tested`: whether earlier cuts show if the rule is better; else the model is used.
    """
    rfm = history.rfm(cut)
    if why_too_thin(rfm):
        return None
    model = best_model(rfm)
    pooled = PooledByPartner(model).fit(rfm)
    tests = run_tests(history, cut, settings.models.churn_horizon_days, model) if tested else ()
    used = choose(tests)
    days = settings.clv_horizon_months * UNITS["month"]
    horizon = Horizon(days, "day", settings.models.annual_discount_rate)
    margin, in_margin = _margin(rfm)
    spend, each = _spend(rfm)
    if used == MODEL:
        worth = lifetime_value(pooled, rfm, each * margin, horizon)
    else:
        of_year = history.bought(cut - timedelta(days=YEAR), cut).reindex(rfm.index).fillna(0.0)
        worth = _value_by_rule(of_year.to_numpy(), each * margin, horizon)
    customers = rfm.assign(
        expected_purchases=worth.purchases,
        lifetime_value=worth.value,
        low=worth.low,
        high=worth.high,
        value=each,
        p_alive=pooled.p_alive(rfm),
    )
    return ValueFit(cut, customers, used, pooled, spend, tests, in_margin, total_band(tests))


def choose(tests: tuple[Trial, ...]) -> str:
    """Return the way to use: the model, unless the rule misses customers by less on mean."""
    is_rule_closer = sum(t.rule_error for t in tests) < sum(t.model_error for t in tests)
    return RULE if is_rule_closer else MODEL


def run_tests(
    history: History, cut: date, days: int, model: BetaGeometricModel
) -> tuple[Trial, ...]:
    """Return how the model does at earlier cuts whose outcome is known, the latest first."""
    tests = []
    for step in range(1, CUTS + 1):
        earlier = cut - timedelta(days=days * step)
        rfm = history.rfm(earlier)
        if why_too_thin(rfm):
            break
        tests.append(_test(history, rfm, earlier, days, model))
    return tuple(tests)


def _test(
    history: History, rfm: pd.DataFrame, cut: date, days: int, model: BetaGeometricModel
) -> Trial:
    """Return the test of one cut: fitted on what was known then, held against what came."""
    came = history.bought(cut, cut + timedelta(days=days)).reindex(rfm.index).fillna(0.0)
    pooled = PooledByPartner(model).fit(rfm)
    expected = pooled.predict(rfm, days)
    low, high = pooled.predict_interval(rfm, days)
    rule = same_days_before(history, rfm, cut, days)
    actual = came.to_numpy()
    return Trial(
        cut=cut,
        customers=len(rfm),
        actual=float(actual.sum()),
        model=float(expected.sum()),
        rule=float(rule.sum()),
        model_error=float(np.abs(expected - actual).mean()),
        rule_error=float(np.abs(rule - actual).mean()),
        covered=float(np.mean((low <= actual) & (actual <= high))),
    )


def same_days_before(history: History, rfm: pd.DataFrame, cut: date, days: int) -> np.ndarray:
    """Return by the rule of thumb how often each customer buys in so many days after a cut."""
    year = timedelta(days=YEAR)
    season = history.bought(cut - year, cut - year + timedelta(days=days))
    recent = history.bought(cut - timedelta(days=days), cut)
    expected = season.reindex(rfm.index).fillna(0.0).where(rfm["T"] >= YEAR)
    return expected.fillna(recent.reindex(rfm.index)).fillna(0.0).to_numpy()


def total_band(tests: tuple[Trial, ...]) -> float:
    """Return by what share a total was missed at earlier cuts (root of the mean square), or 0."""
    missed = [(test.model - test.actual) / test.actual for test in tests if test.actual > 0]
    return float(np.sqrt(np.mean(np.square(missed)))) if missed else 0.0


def total_interval(expected: float, variance: float, band: float) -> tuple[float, float]:
    """Return the 90 % interval of a total: chance, and what earlier totals were missed by."""
    away = 1.645 * np.sqrt(variance + (band * expected) ** 2)
    return max(expected - away, 0.0), expected + away


def _margin(rfm: pd.DataFrame) -> tuple[np.ndarray, bool]:
    """Return the gross margin of each customer's partner; 1 where none is known."""
    known = rfm["margin"].dropna()
    if known.empty:
        return np.ones(len(rfm)), False
    by_partner = rfm.groupby("partner_id")["margin"].transform("mean")
    return by_partner.fillna(known.mean()).to_numpy(dtype=float), True


def _spend(rfm: pd.DataFrame) -> tuple[GammaGamma | None, np.ndarray]:
    """Return the model of what purchases are worth, and the value to expect of each customer's."""
    if not (rfm["monetary_value"] > 0).any():
        return None, np.full(len(rfm), float(rfm["mean_value"].mean()))
    spend = GammaGamma().fit(rfm)
    return spend, spend.predict(rfm)


def _value_by_rule(of_year: np.ndarray, value: np.ndarray, horizon: Horizon) -> LifetimeValue:
    """Return lifetime values where customers go on buying as in the last 12 months.

    `of_year`: their purchases of these. `value`: of one purchase.
    """
    purchases = of_year * horizon.length / YEAR
    force = np.log1p(horizon.rate) * horizon.length / YEAR
    worth = value * (-np.expm1(-force) / force if force > 0 else 1.0)
    low, high = stats.poisson.ppf([[0.05], [0.95]], purchases)
    ends = np.sort(np.stack([low * worth, high * worth]), axis=0)
    return LifetimeValue(purchases, purchases * worth, ends[0], ends[1])
