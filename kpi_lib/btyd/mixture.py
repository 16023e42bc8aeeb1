"""The log-likelihood of customers whose likelihood is a sum of cases, with its derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kpi_lib.btyd.maximise import Curve

BLOCK = 1 << 14  # rows at a time, so that the arrays of one stay in the processor's cache


@dataclass(frozen=True)
class Cases:
    """The cases of rows: logarithms (cases x rows), and derivatives by the parameters.

    `first`: parameters x cases x rows. `second`: by pair of parameters, cases x rows or what
    numpy lays out so; a pair that is not in it has none.
    """

    logs: np.ndarray
    first: np.ndarray
    second: Mapping[tuple[int, int], np.ndarray]


def log_sum(logs: np.ndarray) -> np.ndarray:
    """Return the logarithm of the sum of the cases of each row."""
    highest = logs.max(axis=0)
    total: np.ndarray = highest + np.log(np.exp(logs - highest).sum(axis=0))
    return total


def mixture_curve(counts: np.ndarray, cases: Cases) -> Curve:
    """Return the sum over rows of the log of the sum of their cases, with its derivatives.

    Weighed by how likely each case is, the first derivative of a row is the mean of those of its
    cases; the second is the mean of their second ones and the covariance of their first ones.
    """
    total = log_sum(cases.logs)
    likely = np.exp(cases.logs - total)
    weighed = cases.first * (counts * likely)
    means = np.einsum("pcr,cr->pr", cases.first, likely)
    size = len(cases.first)
    hessian = weighed.reshape(size, -1) @ cases.first.reshape(size, -1).T
    hessian -= (counts * means) @ means.T
    for (i, j), bent in cases.second.items():
        mean = float(counts @ (likely * bent).sum(axis=0))
        hessian[i, j] += mean
        if i != j:
            hessian[j, i] += mean
    return float(counts @ total), weighed.sum(axis=(1, 2)), hessian


def by_logs(parameters: np.ndarray, curve: Curve) -> Curve:
    """Return a curve by the logarithms of its parameters."""
    value, gradient, hessian = curve
    scaled = parameters * gradient
    return value, scaled, np.outer(parameters, parameters) * hessian + np.diag(scaled)


def added(one: Curve, other: Curve) -> Curve:
    """Return the sum of two curves."""
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
