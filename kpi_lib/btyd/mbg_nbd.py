"""MBG/NBD and MBG/CNBD-k: regular buyers, who may leave after every purchase, the first one too.

Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer
base analysis, International Journal of Research in Marketing 24(3); Platzer and Reutterer (2016),
Ticking Away the Moments: Timing Regularity Helps to Better Predict Customer Activity, Marketing
Science 35(5).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd

from kpi_lib.btyd.bg_nbd import BetaGeometricModel, expected_if_alive
from kpi_lib.btyd.dropout import DropoutProcess
from kpi_lib.btyd.purchase_model import Weights
from kpi_lib.btyd.summaries import Rows, weights_of
from kpi_lib.errors import ContractError, Problem

LARGEST = 12  # regularity that is tried
BY_LIKELIHOOD = "likelihood"


class ModifiedBetaGeo(BetaGeometricModel):
    """MBG/CNBD-k; parameters `r_`, `alpha_` (a time), `a_`, `b_`, and the regularity `k_`.

    `k`: 1 is MBG/NBD, for who buys at random; the larger, the more regular. "likelihood" tries one
    after the other as long as they fit better; it needs the column log_gaps (see `rfm_summary`),
    since without the single gaps the likelihoods of two k cannot be compared.
    """

    def __init__(self, k: int | str = 1) -> None:
        self.k = k

    def fit(self, X: pd.DataFrame, y: Any = None, sample_weight: Weights = None) -> Self:
        """Return the model, fitted; see `PurchaseModel.fit`."""
        gaps = _gaps(X, weights_of(len(X), sample_weight))
        if self.k == BY_LIKELIHOOD:
            return self._fit_best_k(X, sample_weight, gaps)
        if not (isinstance(self.k, int | np.integer) and self.k >= 1):
            todo = f'Give a whole number from 1 on, or "{BY_LIKELIHOOD}".'
            raise ContractError(Problem("k of ModifiedBetaGeo", f"it is {self.k!r}", todo))
        self.k_ = int(self.k)
        super().fit(X, sample_weight=sample_weight)
        self.log_likelihood_ += (self.k_ - 1) * (gaps or 0.0)
        return self

    def _fit_best_k(self, X: pd.DataFrame, sample_weight: Weights, gaps: float | None) -> Self:
        """Fit with k = 1, 2, ... while the likelihood rises, and keep the best."""
        if gaps is None:
            found = "the column log_gaps is needed to choose k by likelihood"
            raise ContractError(Problem("customers of a model", found, "See rfm_summary()."))
        best: ModifiedBetaGeo | None = None
        for k in range(1, LARGEST + 1):
            tried = ModifiedBetaGeo(k).fit(X, sample_weight=sample_weight)
            if best is not None and not tried.log_likelihood_ > best.log_likelihood_:
                break
            best = tried
        self.__dict__.update({**vars(best), "k": self.k})
        return self

    def _process(self) -> DropoutProcess:
        return DropoutProcess(self.k_, after_first=True)

    def _expected(self, rows: Rows, horizon: float) -> np.ndarray:
        """Return the expected purchases of each row in the horizon."""
        if self.k_ > 1:
            return self._predictive(rows, horizon).expected()
        r, alpha, a, b = self.parameters_
        if_alive = expected_if_alive((r, alpha, a, b + 1), rows, horizon)
        expected: np.ndarray = self._alive(rows) * if_alive
        return expected


def _gaps(frame: pd.DataFrame, weights: np.ndarray) -> float | None:
    """Return the sum of the logarithms of all gaps between purchases; None if not known."""
    if "log_gaps" not in frame:
        return None
    return float(weights @ frame["log_gaps"].fillna(0.0).to_numpy(dtype=float))
