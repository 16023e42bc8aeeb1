"""Pareto/NBD: customers buy at random, at rates that differ, until they leave unseen.

Schmittlein, Morrison and Colombo (1987), Counting Your Customers: Who Are They and What Will They
Do Next?, Management Science 33(1); in the notation of Fader and Hardie (2005), A Note on Deriving
the Pareto/NBD Model. Purchases come at rate l ~ Gamma(r, alpha); a lifetime ends at rate u ~
Gamma(s, beta).

The likelihood is that of being alive at the cut, and an integral over the day of leaving in between
(their eq. 16 before it becomes a hypergeometric function). It is summed by Gauss and Legendre's
rule, which stays exact where the function loses its digits, and has plain derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import ClassVar

import numpy as np
from scipy import special

from kpi_lib.btyd.maximise import Curve
from kpi_lib.btyd.mixture import Cases, added, by_logs, log_sum, mixture_curve
from kpi_lib.btyd.purchase_model import PurchaseModel, usual_gap
from kpi_lib.btyd.summaries import Rows

NODES = 24
BLOCK = 1 << 11  # rows at a time: each has as many numbers as nodes
NEGLIGIBLE = 40.0  # a part e^-40 of the integrand at its greatest adds nothing
NEVER = 300.0  # the logarithm of a time beyond all others


class ParetoNBD(PurchaseModel):
    """Pareto/NBD; parameters `r_`, `alpha_` (a time), `s_`, `beta_` (a time)."""

    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    _first_guess: ClassVar[tuple[float, ...]] = (-0.7, -0.7, -0.7, -0.7)

    def _dimension(self) -> tuple[int, ...]:
        return (0, 1, 0, 1)

    def _usual(self, rows: Rows) -> np.ndarray:
        return np.array([0.0, usual_gap(rows), 0.0, 0.0])

    def _curve(self, rows: Rows, point: np.ndarray) -> Curve:
        """Return log-likelihood, gradient and Hessian at a point, the parameters' logarithms."""
        parameters = np.exp(point)
        curve = _shared_curve(parameters, rows)
        for start in range(0, len(rows), BLOCK):
            part = rows.part(slice(start, start + BLOCK))
            curve = added(curve, mixture_curve(part.counts, _cases(parameters, part)))
        return by_logs(parameters, curve)

    def _log_likelihoods(self, rows: Rows) -> np.ndarray:
        """Return the log-likelihood of each row."""
        shared = _log_shared(self.parameters_, rows.frequency)
        likelihoods: np.ndarray = shared + self._log_cases(rows, log_sum)
        return likelihoods

    def _alive(self, rows: Rows) -> np.ndarray:
        """Return the probability of each row that its customer is still alive."""
        alive = self._log_cases(rows, lambda logs: logs[0])
        probability: np.ndarray = np.exp(alive - self._log_cases(rows, log_sum))
        return probability

    def _log_cases(self, rows: Rows, reduce: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return one figure for each row, of the logarithms of its cases; a block at a time."""
        parameters = self.parameters_
        parts = [rows.part(slice(at, at + BLOCK)) for at in range(0, len(rows), BLOCK)]
        figures = [
            reduce(_log_cases(parameters, part, *_nodes(parameters, part))) for part in parts
        ]
        return np.concatenate([np.empty(0), *figures])

    def _expected(self, rows: Rows, horizon: float) -> np.ndarray:
        """Return the expected purchases: Fader and Hardie (2005), eq. 41, or its limit at s = 1."""
        r, alpha, s, beta = self.parameters_
        rate = (r + rows.frequency) / (alpha + rows.age)
        log_later = np.log1p(horizon / (beta + rows.age))
        # (1 - e^-y) / (s - 1), y = (s - 1) log_later
        lived = log_later * special.exprel(-(s - 1) * log_later)
        expected: np.ndarray = self._alive(rows) * rate * (beta + rows.age) * lived
        return expected


def _log_shared(parameters: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """Return the log of the factor that the likelihood's two cases share, for each frequency."""
    r, alpha, s, beta = parameters
    rates = special.gammaln(r + frequency) - special.gammaln(r)
    shared: np.ndarray = rates + r * np.log(alpha) + s * np.log(beta)
    return shared


def _shared_curve(parameters: np.ndarray, rows: Rows) -> Curve:
    """Return the sum over all rows of what their cases share, with derivatives."""
    r, alpha, s, beta = parameters
    x, counts = rows.by_frequency
    n = counts.sum()
    digamma, trigamma = special.digamma, special.zeta
    by_r = counts @ digamma(r + x) + n * (np.log(alpha) - digamma(r))
    gradient = np.array([by_r, n * r / alpha, n * np.log(beta), n * s / beta])
    hessian = np.diag(
        [
            counts @ trigamma(2.0, r + x) - n * trigamma(2.0, r),
            -n * r / alpha**2,
            0.0,
            -n * s / beta**2,
        ]
    )
    hessian[0, 1] = hessian[1, 0] = n / alpha
    hessian[2, 3] = hessian[3, 2] = n / beta
    return float(counts @ _log_shared(parameters, x)), gradient, hessian


def _nodes(parameters: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Return days of leaving between the last purchase and the cut, and the logs of their weights.

    The integrand falls fast at first, at the rate 1 / short, and then as a power: in the logarithm
    of the time since the last purchase, counted in `short`, it is smooth. What lies beyond the
    time at which next to nothing is left of it is cut off.
    """
    r, alpha, s, beta = parameters
    by_rate, by_life = alpha + rows.recency, beta + rows.recency
    events, end = r + rows.frequency, s + 1
    short = 1 / (events / by_rate + end / by_life)
    gone = np.minimum(
        by_rate * np.expm1(np.minimum(NEGLIGIBLE / events, NEVER)),
        by_life * np.expm1(min(NEGLIGIBLE / end, NEVER)),
    )
    longest = np.log1p(np.minimum(rows.age - rows.recency, gone) / short)
    at, weight = _legendre()
    depth = np.outer(at, longest)
    with np.errstate(divide="ignore"):
        log_width = np.log(longest * short)
    return rows.recency + short * np.expm1(depth), np.log(weight)[:, None] + depth + log_width


@cache
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    at, weight = np.polynomial.legendre.leggauss(NODES)
    return (at + 1) / 2, weight / 2


def _log_cases(
    parameters: np.ndarray, rows: Rows, left_on: np.ndarray, log_weight: np.ndarray
) -> np.ndarray:
    """Return the logarithm of each case without what they share: alive, or left at each node."""
    r, alpha, s, beta = parameters
    events = r + rows.frequency
    alive = -events * np.log(alpha + rows.age) - s * np.log(beta + rows.age)
    density = -events * np.log(alpha + left_on) - (s + 1) * np.log(beta + left_on)
    return np.concatenate([alive[None], np.log(s) + log_weight + density])


def _cases(parameters: np.ndarray, rows: Rows) -> Cases:
    """Return the cases of rows with their derivatives by r, alpha, s and beta, the nodes held."""
    r, alpha, s, beta = parameters
    left_on, log_weight = _nodes(parameters, rows)
    logs = _log_cases(parameters, rows, left_on, log_weight)
    time = np.concatenate([rows.age[None], left_on])
    by_rate, by_life = 1 / (alpha + time), 1 / (beta + time)
    events = r + rows.frequency
    end = np.full((len(time), 1), s + 1)
    end[0] = s
    left = (end - s) / s  # the derivative of log s, in the cases that have it
    first = np.stack([np.log(by_rate), -events * by_rate, left + np.log(by_life), -end * by_life])
    second = {
        (0, 1): -by_rate,
        (1, 1): -first[1] * by_rate,
        (2, 2): np.broadcast_to(-(left / s), time.shape),
        (2, 3): -by_life,
        (3, 3): -first[3] * by_life,
    }
    return Cases(logs, first, second)
