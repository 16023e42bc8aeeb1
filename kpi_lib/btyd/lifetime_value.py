"""What customers will be worth: expected purchases x their value, discounted.

The lifetime value of a customer over a horizon H, with E(t) the expected purchases by the time t
and v the expected value of one, at an annual discount rate i:

    LV = v x integral from 0 to H of d(t) dE(t) = v x (d(H) E(H) + w x integral of d(t) E(t) dt)

d(t) = (1 + i)^(-t / year) discounts continuously, w = ln(1 + i) / year. The right side is what is
computed, by Gauss and Legendre's rule with 6 nodes: E is smooth, and needs no monthly steps.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import pandas as pd

from kpi_lib.btyd.rfm import UNITS
from kpi_lib.btyd.summaries import require_unit

NODES = 6


class Predicts(Protocol):
    """What tells expected purchases and their intervals: a model of purchases, pooled or not."""

    def predict(self, X: pd.DataFrame, horizon: float) -> np.ndarray:
        """Return each customer's expected purchases."""

    def predict_interval(
        self, X: pd.DataFrame, horizon: float, coverage: float = 0.9
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of each customer's interval."""


class Horizon(NamedTuple):
    """The time from the cut that is looked ahead, and by how much what comes in it is discounted.

    `length` is in `unit`, as all times of the customers; `rate` is a year's, 0.10 for 10 %.
    """

    length: float
    unit: str
    rate: float


class LifetimeValue(NamedTuple):
    """Each customer's expected purchases over the horizon, and its value with an interval."""

    purchases: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def discounted_purchases(
    model: Predicts, customers: pd.DataFrame, horizon: Horizon
) -> tuple[np.ndarray, np.ndarray]:
    """Return expected purchases over the horizon, and the same with each discounted to the cut."""
    length, unit, rate = horizon
    require_unit(customers, unit)
    force = np.log1p(rate) * UNITS[unit] / UNITS["year"]
    at_end = model.predict(customers, length)
    if force == 0 or length == 0:
        return at_end, at_end
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    summed = np.zeros(len(customers))
    for node, weight in zip((nodes + 1) / 2 * length, weights / 2 * length, strict=True):
        summed += weight * np.exp(-force * node) * model.predict(customers, float(node))
    return at_end, np.exp(-force * length) * at_end + force * summed


def lifetime_value(
    model: Predicts,
    customers: pd.DataFrame,
    value: np.ndarray,
    horizon: Horizon,
    coverage: float = 0.9,
) -> LifetimeValue:
    """Return what each customer will be worth over the horizon.

    `value`: of one purchase, each customer's, in money. The interval is that of the number of its
    purchases, each at that value: that single purchases differ in value is not in it.
    """
    purchases, discounted = discounted_purchases(model, customers, horizon)
    low, high = model.predict_interval(customers, horizon.length, coverage)
    worth = value * np.divide(
        discounted, purchases, out=np.ones_like(purchases), where=purchases > 0
    )
    ends = np.sort(np.stack([low * worth, high * worth]), axis=0)
    return LifetimeValue(purchases, value * discounted, ends[0], ends[1])
