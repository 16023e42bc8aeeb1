"""What every model of purchases has: fitting, errors of its parameters, what follows from both."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from kpi_lib.btyd.maximise import Curve, Maximum, maximise, prior
from kpi_lib.btyd.summaries import Rows, require_unit, rows_of, unit_of
from kpi_lib.errors import ContractError, Problem

ENOUGH = 20_000  # distinct rows tell where to start on all of them
MOST_ERROR = 1.0  # of a parameter's logarithm, for the data to have identified it
Weights = Sequence[float] | np.ndarray | None


class Interval(NamedTuple):
    """The ends of an interval for each customer; both belong to it."""

    low: np.ndarray
    high: np.ndarray


class PurchaseModel(BaseEstimator):
    """A model of when customers buy and when they leave.

    Customers come as a frame with the columns frequency, recency and T (see `rows`), all times in
    one unit, in which the parameters and every horizon are too. After `fit`: one attribute for each
    parameter; `log_likelihood_` of the data without the prior; `standard_errors_` and
    `covariance_` (of the parameters' logarithms) from the second derivatives; `identified_`,
    whether the data alone tell the parameters; `diagnostics_`, what is to be known of the fit.
    """

    unit_: str | None = None  # of the times that it was fitted on, where that is known

    parameter_names: ClassVar[tuple[str, ...]]
    _first_guess: ClassVar[tuple[float, ...]]  # beside the usual point, in logarithms

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Weights = None) -> Self:
        """Return the model, fitted by maximum likelihood under a weak prior.

        `sample_weight`: how many customers each row stands for. Raises ContractError where a row
        cannot be, or where there is no customer.
        """
        rows = rows_of(X, sample_weight)
        if rows.customers == 0:
            found = "there is none"
            raise ContractError(Problem("customers of a model", found, "Fit it where there are."))
        self._fit_rows(rows)
        self.unit_ = unit_of(X)
        return self

    def _fit_rows(self, rows: Rows) -> Self:
        """Return the model, fitted on rows that are known to be right."""
        scale = rows_scale(rows)
        scaled = rows.in_units_of(scale)
        usual = self._usual(scaled)
        start = usual + np.array(self._first_guess)
        found = fit_rows(self._curve, scaled, start, partial(prior, usual=usual))
        return self._set_fitted(found, rows, scale)

    def _set_fitted(self, found: Maximum, rows: Rows, scale: float) -> Self:
        """Set the fitted attributes from what was found; return the model.

        The maximum is in units of time in which `scale` is 1; the attributes are in the caller's.
        """
        parameters = np.exp(found.point) * scale ** np.array(self._dimension())
        self.covariance_ = np.linalg.pinv(found.held, hermitian=True)
        errors = np.sqrt(np.maximum(np.diag(self.covariance_), 0.0))
        self.standard_errors_ = parameters * errors
        for name, value in zip(self.parameter_names, parameters, strict=True):
            setattr(self, f"{name}_", float(value))
        events = float(rows.counts @ rows.frequency) * self._parts()
        self.log_likelihood_ = found.value - events * float(np.log(scale))
        self.identified_ = found.converged and identified_by_data(found.information)
        self.diagnostics_ = {
            "customers": int(rows.customers),
            "repeat_customers": int(rows.counts[rows.frequency > 0].sum()),
            "repeat_purchases": int(rows.counts @ rows.frequency),
            "distinct_rows": len(rows),
            "steps": found.steps,
            "converged": found.converged,
        }
        return self

    @property
    def parameters_(self) -> np.ndarray:
        """The parameters, in the order of their names."""
        check_is_fitted(self)
        return np.array([getattr(self, f"{name}_") for name in self.parameter_names])

    def summary(self, coverage: float = 0.95) -> pd.DataFrame:
        """Return one row per parameter: estimate, standard error, and the ends of its interval.

        The interval is symmetric in the parameter's logarithm, so no end is below 0.
        """
        estimate = self.parameters_
        away = norm.ppf(0.5 + coverage / 2) * np.sqrt(np.maximum(np.diag(self.covariance_), 0.0))
        away = np.minimum(away, 300.0)
        return pd.DataFrame(
            {
                "estimate": estimate,
                "standard_error": self.standard_errors_,
                "low": estimate * np.exp(-away),
                "high": estimate * np.exp(away),
            },
            index=pd.Index(self.parameter_names, name="parameter"),
        )

    def predict(self, X: pd.DataFrame, horizon: float) -> np.ndarray:
        """Return each customer's expected purchases in the time `horizon` from the cut."""
        return self._per_customer(X, lambda rows: self._expected(rows, _valid_horizon(horizon)))

    def prob_no_purchase(self, X: pd.DataFrame, horizon: float) -> np.ndarray:
        """Return each customer's probability to buy nothing in the time `horizon` from the cut.

        To buy nothing more is to have the same purchases at a later cut: it is the likelihood of
        them at the later cut over that at this one, whatever the model.
        """

        def chance(rows: Rows) -> np.ndarray:
            later = rows.later(_valid_horizon(horizon))
            gained = self._log_likelihoods(later) - self._log_likelihoods(rows)
            probability: np.ndarray = np.exp(np.minimum(gained, 0.0))
            return probability

        return self._per_customer(X, chance)

    def p_alive(self, X: pd.DataFrame) -> np.ndarray:
        """Return each customer's probability not to have left for good by the cut."""
        return self._per_customer(X, self._alive)

    def new_customer(self) -> pd.DataFrame:
        """Return a customer who has just bought for the first time, for `predict` and the rest."""
        return pd.DataFrame({"frequency": [0.0], "recency": [0.0], "T": [0.0]})

    def _per_customer(self, X: pd.DataFrame, of: Callable[[Rows], np.ndarray]) -> np.ndarray:
        """Return one figure per row of X; alike customers are worked out once."""
        rows = self._rows(X)
        by_customer: np.ndarray = of(rows)[rows.place]
        return by_customer

    def _rows(self, X: pd.DataFrame) -> Rows:
        """Return the distinct rows of customers that are counted in the unit of the fit."""
        check_is_fitted(self)
        require_unit(X, self.unit_)
        return rows_of(X)

    def _parts(self) -> int:
        """Return into how many parts, all timed, the model divides the time between purchases."""
        return 1

    @abstractmethod
    def _dimension(self) -> tuple[int, ...]:
        """Return 1 for each parameter that is a time, 0 for each that is a plain number."""

    @abstractmethod
    def _usual(self, rows: Rows) -> np.ndarray:
        """Return the logarithms of usual parameters for data of this scale."""

    @abstractmethod
    def _curve(self, rows: Rows, point: np.ndarray) -> Curve:
        """Return the log-likelihood of all rows by the logarithms of the parameters."""

    @abstractmethod
    def _log_likelihoods(self, rows: Rows) -> np.ndarray:
        """Return the log-likelihood of each distinct row, up to what does not depend on T."""

    @abstractmethod
    def _expected(self, rows: Rows, horizon: float) -> np.ndarray:
        """Return the expected purchases of each distinct row."""

    @abstractmethod
    def _alive(self, rows: Rows) -> np.ndarray:
        """Return the probability of each distinct row to be alive."""


def fit_rows(
    curve: Callable[[Rows, np.ndarray], Curve],
    rows: Rows,
    start: np.ndarray,
    believed: Callable[[np.ndarray], Curve],
) -> Maximum:
    """Return the maximum over all rows; where they are many, from where some of them put it."""
    if len(rows) > 2 * ENOUGH:
        some = rows.every(len(rows) // ENOUGH)
        start = maximise(partial(curve, some), start, believed).point
    return maximise(partial(curve, rows), start, believed)


def identified_by_data(information: np.ndarray) -> bool:
    """Return whether data alone tell every parameter to a factor of e or so."""
    if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= 0:
        return False
    return bool(np.diag(np.linalg.inv(information)).max() < MOST_ERROR**2)


def usual_gap(rows: Rows) -> float:
    """Return the logarithm of the mean time a purchase: all time seen over all purchases."""
    time = float(rows.counts @ rows.age)
    return float(np.log(time / (rows.counts @ (rows.frequency + 1)))) if time > 0 else 0.0


def rows_scale(rows: Rows) -> float:
    """Return the mean T, in which time is counted while fitting; 1 where no time has passed."""
    mean = float(rows.counts @ rows.age) / rows.customers
    return mean if mean > 0 else 1.0


def _valid_horizon(horizon: float) -> float:
    """Return the horizon as a number; raise ContractError where it is below 0 or not finite."""
    if not (np.isfinite(horizon) and horizon >= 0):
        found = f"it is {horizon}"
        raise ContractError(Problem("horizon of a model", found, "Give a time of 0 or more."))
    return float(horizon)
