"""The exact predictive distribution of a customer's purchases, of the beta-geometric models.

P(Y >= m) is the sum over the cases in which the customer is alive, each with its probability, of
(the m-th purchase would fall within the horizon: the tail of a negative binomial) x (no dropout
after the m - 1 purchases before it: a ratio of beta functions). Sums of it give the expected number
and its quantiles give the interval, for every k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from kpi_lib.btyd.dropout import DropoutProcess, log_cases
from kpi_lib.btyd.mixture import log_sum
from kpi_lib.btyd.summaries import Rows

NEGLIGIBLE = 1e-10  # a further purchase that is less likely adds nothing
FARTHEST = 1 << 20  # purchases; nobody is expected to make more


@dataclass(frozen=True)
class PredictiveDistribution:
    """P(Y >= m) of each of some customers, as the parameters that make it up."""

    k: int
    alive: np.ndarray  # probability of each case in which it is alive, cases x customers
    events: np.ndarray  # r + k x
    reach: np.ndarray  # horizon / (alpha + T + horizon)
    a: float
    b: np.ndarray  # b and the purchases that no dropout followed

    @classmethod
    def of(
        cls, process: DropoutProcess, parameters: np.ndarray, rows: Rows, horizon: float
    ) -> PredictiveDistribution:
        """Return the distribution of distinct rows over a horizon."""
        r, alpha, a, b = parameters
        cases = log_cases(process, parameters, rows)
        return cls(
            k=process.k,
            alive=np.exp(cases[1:] - log_sum(cases)),
            events=r + process.k * rows.frequency,
            reach=np.broadcast_to(horizon / (alpha + rows.age + horizon), rows.age.shape),
            a=a,
            b=b + process.survived(rows.frequency),
        )

    def of_customers(self, chosen: np.ndarray) -> PredictiveDistribution:
        """Return the distribution of some of the customers."""
        return PredictiveDistribution(
            self.k,
            self.alive[:, chosen],
            self.events[chosen],
            self.reach[chosen],
            self.a,
            self.b[chosen],
        )

    def survival(self, purchases: np.ndarray | float) -> np.ndarray:
        """Return P(Y >= purchases) of each customer; purchases are whole and 1 or more."""
        m = np.asarray(purchases, dtype=float)
        tail = sum(
            chance * special.betainc(m * self.k - j, self.events + j, self.reach)
            for j, chance in enumerate(self.alive)
        )
        survived = special.betaln(self.a, self.b + m - 1) - special.betaln(self.a, self.b)
        # B(a, b + m - 1) / B(a, b): no dropout after any of the m - 1 purchases before the last.
        survival: np.ndarray = tail * np.exp(survived)
        return survival

    def expected(self) -> np.ndarray:
        """Return the expected purchases of each customer: the sum of P(Y >= m) over m."""
        total, distribution = np.zeros_like(self.events), self
        left = np.arange(len(total))
        for m in range(1, FARTHEST):
            more = distribution.survival(m)
            total[left] += more
            going = more > NEGLIGIBLE * np.maximum(total[left], NEGLIGIBLE)
            if not going.all():
                left, distribution = left[going], distribution.of_customers(going)
            if not len(left):
                break
        return total

    def interval(self, coverage: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the interval that leaves out (1 - coverage) / 2 on each side."""
        outside = (1 - coverage) / 2
        low = self._quantile(lambda more: more >= 1 - outside)
        return low, self._quantile(lambda more: more > outside)

    def _quantile(self, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the greatest number m for whose P(Y >= m) it holds, 0 where there is none."""
        low, high = np.zeros_like(self.events), np.ones_like(self.events)
        growing = holds(self.survival(high))
        while growing.any() and high.max() < FARTHEST:
            low = np.where(growing, high, low)
            high = np.where(growing, 2 * high, high)
            growing = growing & holds(self.survival(high))
        while (high - low).max(initial=0) > 1:
            middle = np.maximum(np.floor((low + high) / 2), 1)
            held = holds(self.survival(middle)) & (high - low > 1)
            split = high - low > 1
            low = np.where(held, middle, low)
            high = np.where(split & ~held, middle, high)
        return low
