"""Each partner's own parameters, drawn towards those of all: empirical Bayes.

The logarithms of a partner's parameters are taken to lie around common ones, normally, each with a
spread of its own. Common values and spreads are found by EM with Laplace's approximation (each
partner's maximum and second derivatives stand for what its data say), a partner's parameters are
where its data and that prior together are likeliest. So five customers borrow nearly all from the
others, and six hundred next to nothing.

Efron and Morris (1975), Data Analysis Using Stein's Estimator; Tierney and Kadane (1986).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from kpi_lib.btyd.bg_nbd import BetaGeo, BetaGeometricModel
from kpi_lib.btyd.maximise import Maximum, maximise, normal_prior
from kpi_lib.btyd.purchase_model import Weights, rows_scale
from kpi_lib.btyd.summaries import (
    Rows,
    require_columns,
    require_unit,
    rows_of,
    unit_of,
    weights_of,
)

ROUNDS, SETTLED = 30, 5e-3
USUAL_SPREAD, WORTH = 0.35, 2.0  # a spread that is believed beforehand, as much as so many partners
ENOUGH, CLOSE = 200, 1e-6
PARTNER = "partner_id"


class PooledByPartner(BaseEstimator):
    """A model of purchases for each partner, shrunk to that of all.

    Customers come as for `model` (BetaGeo by default), with a column partner_id; a missing one is
    direct business, a group of its own. After `fit`: `partners_`, one row per partner with its
    customers, its parameters and `own_weight`, the share that its own data have in them (0: all
    borrowed, 1: all its own); `common_`, the parameters around which they lie; `spread_`, the
    standard deviations of their logarithms.
    """

    def __init__(self, model: BetaGeometricModel | None = None) -> None:
        self.model = model

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Weights = None) -> Self:
        """Return the model, fitted on all customers and on each partner's."""
        require_columns(X, (PARTNER,))
        self.unit_ = unit_of(X)
        weights = weights_of(len(X), sample_weight)
        self.pool_ = clone(self.model or BetaGeo()).fit(X, sample_weight=weights)
        groups = {
            name: rows_of(X.iloc[places], weights[places]) for name, places in _places(X).items()
        }
        scale = rows_scale(rows_of(X, weights))
        scaled = {name: rows.in_units_of(scale) for name, rows in groups.items()}
        times = scale ** np.array(self.pool_._dimension())
        mean, spread, found = self._settle(scaled, np.log(self.pool_.parameters_ / times))
        self.spread_ = dict(zip(self.pool_.parameter_names, spread, strict=True))
        values = (np.exp(mean) * times).tolist()
        self.common_ = dict(zip(self.pool_.parameter_names, values, strict=True))
        self.models_ = {name: self._model_at(found[name], groups[name], scale) for name in groups}
        self.partners_ = self._summary_frame(found, groups, spread)
        return self

    def predict(self, X: pd.DataFrame, horizon: float) -> np.ndarray:
        """Return expected purchases, each customer's by the parameters of its partner."""
        return self._predict_by_partner("predict", X, horizon)

    def prob_no_purchase(self, X: pd.DataFrame, horizon: float) -> np.ndarray:
        """Return each customer's probability to buy nothing in the time `horizon`."""
        return self._predict_by_partner("prob_no_purchase", X, horizon)

    def p_alive(self, X: pd.DataFrame) -> np.ndarray:
        """Return each customer's probability not to have left for good by the cut."""
        return self._predict_by_partner("p_alive", X)

    def predict_interval(
        self, X: pd.DataFrame, horizon: float, coverage: float = 0.9
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval of each customer's number of purchases; see the model's own."""
        ends = self._predict_by_partner("predict_interval", X, horizon, coverage, shape=(2,))
        return ends[:, 0], ends[:, 1]

    def model_of(self, partner_id: str | None) -> BetaGeometricModel:
        """Return the model of a partner; of one that was not in the fit, that of all."""
        check_is_fitted(self)
        model: BetaGeometricModel = self.models_.get(_name(partner_id), self.pool_)
        return model

    def _predict_by_partner(
        self, what: str, X: pd.DataFrame, *arguments: float, shape: tuple[int, ...] = ()
    ) -> np.ndarray:
        """Return what the method `what` of each partner's model predicts, one row per row of X."""
        check_is_fitted(self)
        require_unit(X, self.unit_)
        require_columns(X, (PARTNER,))
        figures = np.empty((len(X), *shape))
        for name, places in _places(X).items():
            predicted = getattr(self.model_of(name), what)(X.iloc[places], *arguments)
            figures[places] = np.stack(predicted, axis=1) if shape else predicted
        return figures

    def _settle(
        self, groups: dict[str, Rows], usual: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, dict[str, Maximum]]:
        """Return common logs of parameters, their spreads, and each partner's maximum."""
        mean, spread = usual, np.full(len(usual), USUAL_SPREAD)
        step = max(1, len(groups) // ENOUGH)  # so many partners show how they all lie
        some = dict(list(groups.items())[::step])
        found: dict[str, Maximum] = {}
        for _ in range(ROUNDS):
            found = self._maxima(some, mean, spread, found)
            before = np.concatenate([mean, np.log(spread)])
            mean, spread = _around(found)
            if np.abs(np.concatenate([mean, np.log(spread)]) - before).max() < SETTLED:
                break
        return mean, spread, self._maxima(groups, mean, spread, found)

    def _maxima(
        self,
        groups: dict[str, Rows],
        mean: np.ndarray,
        spread: np.ndarray,
        near: dict[str, Maximum],
    ) -> dict[str, Maximum]:
        """Return each partner's maximum under the prior, from where it was before."""
        believed = normal_prior(mean, np.diag(1 / spread**2))
        return {
            name: maximise(
                partial(self.pool_._curve, rows),
                near[name].point if name in near else mean,
                believed,
                close=CLOSE,
            )
            for name, rows in groups.items()
        }

    def _model_at(self, found: Maximum, rows: Rows, scale: float) -> BetaGeometricModel:
        """Return a partner's model with the parameters that were found for it."""
        model: BetaGeometricModel = clone(self.pool_)
        model.__dict__.update({k: v for k, v in vars(self.pool_).items() if k == "k_"})
        return model._set_fitted(found, rows, scale)

    def _summary_frame(
        self, found: dict[str, Maximum], groups: dict[str, Rows], spread: np.ndarray
    ) -> pd.DataFrame:
        """Return one row per partner: customers, weight of its own data (0 to 1), parameters."""
        rows = []
        for name, model in self.models_.items():
            left = np.diag(np.linalg.inv(found[name].held)) / spread**2
            parameters = dict(zip(model.parameter_names, model.parameters_, strict=True))
            weight = float(np.clip(1 - left.mean(), 0, 1))
            customers = int(groups[name].customers)
            rows.append({PARTNER: name, "customers": customers, "own_weight": weight, **parameters})
        return pd.DataFrame(rows).set_index(PARTNER)


def _around(found: dict[str, Maximum]) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the partners' points, and their spread with what each leaves open."""
    points = np.stack([maximum.point for maximum in found.values()])
    open_ = np.stack([np.diag(np.linalg.inv(maximum.held)) for maximum in found.values()])
    mean = points.mean(axis=0)
    squares = ((points - mean) ** 2 + open_).sum(axis=0)
    return mean, np.sqrt((squares + WORTH * USUAL_SPREAD**2) / (len(points) + WORTH))


def _places(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return where each partner's customers are, in the order of the partners' names."""
    names = frame[PARTNER].map(_name, na_action=None)
    found = names.groupby(names).indices.items()
    return {str(name): np.asarray(places) for name, places in found}


def _name(partner_id: Any) -> str:
    return "" if partner_id is None or pd.isna(partner_id) else str(partner_id)
