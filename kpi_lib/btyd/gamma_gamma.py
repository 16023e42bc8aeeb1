"""Gamma-Gamma: what a customer spends at a purchase, from what it spent so far and what others do.

Fader and Hardie (2013), The Gamma-Gamma Model of Monetary Value. A purchase is worth
Gamma(p, nu), nu ~ Gamma(q, v); how much a customer spends must not go with how often it buys
(`diagnostics_` has that correlation). q is kept above 1, or there would be no mean to expect.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import special
from scipy.stats import norm
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from kpi_lib.btyd.maximise import Curve, maximise, prior
from kpi_lib.btyd.purchase_model import Weights, identified_by_data
from kpi_lib.btyd.summaries import require_columns, weights_of
from kpi_lib.errors import ContractError, Problem

MONEY = ("frequency", "monetary_value")


class GammaGamma(BaseEstimator):
    """Gamma-Gamma; parameters `p_`, `q_`, `v_` (money).

    Customers come as a frame with frequency (repeat purchases) and monetary_value (the mean value
    of those). Fitted on who bought again at a mean value above 0; `diagnostics_` counts the rest.
    """

    parameter_names: ClassVar[tuple[str, ...]] = ("p", "q", "v")

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Weights = None) -> Self:
        """Return the model, fitted by maximum likelihood under a weak prior.

        Raises ContractError where nobody bought again at a value above 0: there is nothing to tell.
        """
        x, mean, weights = _read_customers(X, weights_of(len(X), sample_weight))
        used = (x > 0) & (mean > 0) & (weights > 0)
        if not used.any():
            found = "nobody bought again at a value above 0"
            raise ContractError(Problem("customers of a model", found, "Fit it where some did."))
        scale = float(np.average(mean[used], weights=weights[used]))
        observed = x[used], mean[used] / scale, weights[used]
        usual = np.zeros(3)
        found_at = maximise(partial(_curve, *observed), usual, partial(prior, usual=usual))
        natural = np.exp(found_at.point)
        self.p_, self.q_ = float(natural[0]), float(1 + natural[1])
        self.v_ = float(natural[2] * scale)
        self.covariance_ = np.linalg.pinv(found_at.held, hermitian=True)  # of log p, q - 1, v
        errors = np.sqrt(np.maximum(np.diag(self.covariance_), 0.0))
        self.standard_errors_ = natural * np.array([1, 1, scale]) * errors
        self.log_likelihood_ = found_at.value - float(weights[used].sum() * np.log(scale))
        self.identified_ = found_at.converged and identified_by_data(found_at.information)
        self.diagnostics_ = {
            "customers": int(weights[used].sum()),
            "left_out": int(weights[(x > 0) & ~used].sum()),
            "correlation": _correlation(*observed),
            "converged": found_at.converged,
        }
        return self

    @property
    def parameters_(self) -> np.ndarray:
        """The parameters, in the order of their names."""
        check_is_fitted(self)
        return np.array([self.p_, self.q_, self.v_])

    def summary(self, coverage: float = 0.95) -> pd.DataFrame:
        """Return one row per parameter: estimate, standard error, and the ends of its interval."""
        least = np.array([0.0, 1.0, 0.0])
        away = norm.ppf(0.5 + coverage / 2) * np.sqrt(np.maximum(np.diag(self.covariance_), 0.0))
        away, above = np.minimum(away, 300.0), self.parameters_ - least
        return pd.DataFrame(
            {
                "estimate": self.parameters_,
                "standard_error": self.standard_errors_,
                "low": least + above * np.exp(-away),
                "high": least + above * np.exp(away),
            },
            index=pd.Index(self.parameter_names, name="parameter"),
        )

    def predict(self, X: pd.DataFrame, horizon: float | None = None) -> np.ndarray:
        """Return the mean value to expect of each customer's purchases, whenever they come.

        The paper's eq. 5: a mean of the customer's own and of all, the more its own the more it
        bought. A customer's net value below 0 counts as 0. `horizon` is not read.
        """
        check_is_fitted(self)
        x, mean, _ = _read_customers(X, np.ones(len(X)))
        spent = x * np.where(x > 0, np.maximum(mean, 0.0), 0.0)
        return self.p_ * (self.v_ + spent) / (self.p_ * x + self.q_ - 1)


def _read_customers(
    frame: pd.DataFrame, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return frequency, mean value and weight of each customer; raise ContractError on bad rows."""
    require_columns(frame, MONEY)
    x, mean = (frame[name].to_numpy(dtype=float) for name in MONEY)
    wrong = ~np.isfinite(x) | (x < 0) | ((x > 0) & ~np.isfinite(mean))
    if wrong.any():
        where = f"row {int(np.argmax(wrong)) + 1} of the customers"
        found = f"frequency or monetary_value is missing or cannot be ({wrong.sum()} rows)"
        raise ContractError(Problem(where, found, "See rfm_summary()."))
    return x, mean, weights


def _curve(x: np.ndarray, mean: np.ndarray, counts: np.ndarray, point: np.ndarray) -> Curve:
    """Return the log-likelihood by the logs of p, q - 1 and v: the paper's eq. 1a."""
    p, above, v = np.exp(point)
    q, px, spent = 1 + above, p * x, x * mean
    both, sum_v = px + q, np.log(v + spent)
    digamma, trigamma = special.digamma, special.zeta
    value = counts @ (
        special.gammaln(both)
        - special.gammaln(px)
        - special.gammaln(q)
        + q * np.log(v)
        + px * np.log(spent)
        - np.log(mean)
        - both * sum_v
    )
    n, share = counts.sum(), 1 / (v + spent)
    of_both, bent = digamma(both), trigamma(2.0, both)
    gradient = np.array(
        [
            counts @ (x * (of_both - digamma(px) + np.log(spent) - sum_v)),
            counts @ (of_both - sum_v) + n * (np.log(v) - digamma(q)),
            n * q / v - counts @ (both * share),
        ]
    )
    hessian = np.empty((3, 3))
    hessian[0, 0] = counts @ (x**2 * (bent - trigamma(2.0, px)))
    hessian[1, 1] = counts @ bent - n * trigamma(2.0, q)
    hessian[2, 2] = counts @ (both * share**2) - n * q / v**2
    hessian[0, 1] = hessian[1, 0] = counts @ (x * bent)
    hessian[0, 2] = hessian[2, 0] = -(counts @ (x * share))
    hessian[1, 2] = hessian[2, 1] = n / v - counts @ share
    scale = np.array([p, above, v])
    return (
        float(value),
        scale * gradient,
        np.outer(scale, scale) * hessian + np.diag(scale * gradient),
    )


def _correlation(x: np.ndarray, mean: np.ndarray, counts: np.ndarray) -> float | None:
    """Return how far value goes with frequency, -1 to 1; None where either does not vary."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(mean) == 0:
        return None
    spread = np.cov(x, mean, aweights=counts)
    return float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))
