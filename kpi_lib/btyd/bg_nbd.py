"""BG/NBD: customers buy at random while alive, and may leave after each repeat purchase.

Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
Pareto/NBD Model, Marketing Science 24(2).
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from scipy import special

from kpi_lib.btyd.dropout import (
    NAMES,
    DropoutProcess,
    log_likelihood,
    log_likelihoods,
    probability_alive,
)
from kpi_lib.btyd.maximise import Curve
from kpi_lib.btyd.predictive import PredictiveDistribution
from kpi_lib.btyd.purchase_model import Interval, PurchaseModel, usual_gap
from kpi_lib.btyd.summaries import Rows

SINGULAR = (
    1e-7  # a so near to 1 cancels all digits of the expectation; the value beside it is as good
)


class BetaGeometricModel(PurchaseModel):
    """The models in which dropout may follow a purchase: BG/NBD and MBG/CNBD-k."""

    parameter_names: ClassVar[tuple[str, ...]] = NAMES
    _first_guess: ClassVar[tuple[float, ...]] = (-0.7, -0.7, -0.2, 0.9)

    def predict_interval(
        self,
        X: pd.DataFrame,
        horizon: float,
        coverage: float = 0.9,
    ) -> Interval:
        """Return the interval of each customer's purchases, from their exact distribution.

        At least `coverage` of the distribution lies in it, at most (1 - coverage) / 2 on either
        side. It is of the customer's own count; that of an expectation would be far too narrow.
        """
        rows = self._rows(X)
        low, high = self._predictive(rows, horizon).interval(coverage)
        return Interval(low[rows.place], high[rows.place])

    def predict_distribution(self, X: pd.DataFrame, horizon: float, most: int) -> np.ndarray:
        """Return P(Y = 0) to P(Y = most - 1) and P(Y >= most), customers x (most + 1)."""
        rows = self._rows(X)
        distribution = self._predictive(rows, horizon)
        beyond = [np.ones(len(rows)), *(distribution.survival(m) for m in range(1, most + 1))]
        below = [*beyond[1:], np.zeros(len(rows))]
        distinct: np.ndarray = np.stack(beyond, axis=1) - np.stack(below, axis=1)
        by_customer: np.ndarray = distinct[rows.place]
        return by_customer

    def _process(self) -> DropoutProcess:
        return DropoutProcess()

    def _parts(self) -> int:
        return self._process().k

    def _predictive(self, rows: Rows, horizon: float) -> PredictiveDistribution:
        return PredictiveDistribution.of(self._process(), self.parameters_, rows, horizon)

    def _dimension(self) -> tuple[int, ...]:
        return (0, 1, 0, 0)

    def _usual(self, rows: Rows) -> np.ndarray:
        return np.array([0.0, usual_gap(rows) - np.log(self._parts()), 0.0, 0.0])

    def _curve(self, rows: Rows, point: np.ndarray) -> Curve:
        return log_likelihood(self._process(), rows, point)

    def _log_likelihoods(self, rows: Rows) -> np.ndarray:
        return log_likelihoods(self._process(), self.parameters_, rows)

    def _alive(self, rows: Rows) -> np.ndarray:
        return probability_alive(self._process(), self.parameters_, rows)


class BetaGeo(BetaGeometricModel):
    """BG/NBD; parameters `r_`, `alpha_` (a time), `a_`, `b_`."""

    def _expected(self, rows: Rows, horizon: float) -> np.ndarray:
        """Return the expected purchases of each row in the horizon: those if alive x P(alive)."""
        r, alpha, a, b = self.parameters_
        if_alive = expected_if_alive((r, alpha, a, b), rows, horizon)
        expected: np.ndarray = self._alive(rows) * if_alive
        return expected


def expected_if_alive(
    parameters: tuple[float, float, float, float], rows: Rows, horizon: float
) -> np.ndarray:
    """Return the expected purchases of customers who are alive at the cut (k = 1).

    Equation 10 of the paper, over P(alive), by Euler's transformation: of the usual form one factor
    is 0 and the other infinite where frequency is large.
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < SINGULAR:
        a = 1 + SINGULAR
    x = rows.frequency
    z = horizon / (alpha + rows.age + horizon)
    total = a + b + x - 1
    total = np.where(np.abs(total) < SINGULAR, SINGULAR, total)
    series = special.hyp2f1(a + b - 1 - r, a - 1, total, z)
    expected: np.ndarray = total / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
    return expected
