"""The exact law of a customer's purchases to come, of the models whose customers toss coins.

P(Y >= m) is the sum over the cases in which the customer is alive, each with its probability, of
(the m-th purchase would fall within the horizon: the tail of a negative binomial) x (the m - 1
coins before it were survived: a ratio of beta functions). Sums of it give the expected number and
its ends give the interval, for every k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from kpi_lib.btyd.dropout import Coins, log_cases
from kpi_lib.btyd.mixture import log_sum
from kpi_lib.btyd.summaries import Rows

NEGLIGIBLE = 1e-10  # a further purchase that is less likely adds nothing
FARTHEST = 1 << 20  # purchases; nobody is expected to make more


@dataclass(frozen=True)
class Law:
    """The law of each of some customers: what its tail is made of."""

    k: int
    alive: np.ndarray  # probability of each case in which it is alive, cases x customers
    events: np.ndarray  # r + k x
    reach: np.ndarray  # horizon / (alpha + T + horizon)
    a: float
    b: np.ndarray  # b and the coins survived

    @classmethod
    def of(cls, shape: Coins, parameters: np.ndarray, rows: Rows, horizon: float) -> Law:
        """Return the law of distinct rows over a horizon."""
        r, alpha, a, b = parameters
        cases = log_cases(shape, parameters, rows)
        return cls(
            k=shape.k,
            alive=np.exp(cases[1:] - log_sum(cases)),
            events=r + shape.k * rows.frequency,
            reach=np.broadcast_to(horizon / (alpha + rows.age + horizon), rows.age.shape),
            a=a,
            b=b + shape.survived(rows.frequency),
        )

    def some(self, chosen: np.ndarray) -> Law:
        """Return the law of some of the customers."""
        return Law(
            self.k,
            self.alive[:, chosen],
            self.events[chosen],
            self.reach[chosen],
            self.a,
            self.b[chosen],
        )

    def at_least(self, purchases: np.ndarray | float) -> np.ndarray:
        """Return P(Y >= purchases) of each customer; purchases are whole and 1 or more."""
        m = np.asarray(purchases, dtype=float)
        tail = sum(
            chance * special.betainc(m * self.k - j, self.events + j, self.reach)
            for j, chance in enumerate(self.alive)
        )
        survived = special.betaln(self.a, self.b + m - 1) - special.betaln(self.a, self.b)
        # B(a, b + m - 1) / B(a, b) counts the coins survived; the rest is for the coin of the last.
        return tail * np.exp(survived)

    def expected(self) -> np.ndarray:
        """Return the expected purchases of each customer: the sum of P(Y >= m) over m."""
        total, law = np.zeros_like(self.events), self
        left = np.arange(len(total))
        for m in range(1, FARTHEST):
            more = law.at_least(m)
            total[left] += more
            going = more > NEGLIGIBLE * np.maximum(total[left], NEGLIGIBLE)
            if not going.all():
                left, law = left[going], law.some(going)
            if not len(left):
                break
        return total

    def ends(self, coverage: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the interval that leaves out (1 - coverage) / 2 on each side."""
        outside = (1 - coverage) / 2
        low = self._last(lambda more: more >= 1 - outside)
        return low, self._last(lambda more: more > outside)

    def _last(self, holds: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the greatest number m for whose P(Y >= m) it holds, 0 where there is none."""
        low, high = np.zeros_like(self.events), np.ones_like(self.events)
        growing = holds(self.at_least(high))
        while growing.any() and high.max() < FARTHEST:
            low = np.where(growing, high, low)
            high = np.where(growing, 2 * high, high)
            growing = growing & holds(self.at_least(high))
        while (high - low).max(initial=0) > 1:
            middle = np.maximum(np.floor((low + high) / 2), 1)
            held = holds(self.at_least(middle)) & (high - low > 1)
            split = high - low > 1
            low = np.where(held, middle, low)
            high = np.where(split & ~held, middle, high)
        return low
