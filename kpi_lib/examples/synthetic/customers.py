"""The customers: who brought them, when they come and when they stop coming."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import DAYS, MONTHS, NEVER, months_of, plans
from kpi_lib.examples.synthetic.markets import MARKETS, draw_markets
from kpi_lib.examples.synthetic.writing import ids, words

ORDERS_OF_A_CUSTOMER = 50
CUSTOMERS_OF_A_PARTNER = 44  # at least, on average
ALREADY_THERE = 0.35  # of all customers, when the calendar begins
SEGMENTS = ("trade", "public", "industry", "private")


@dataclass(frozen=True)
class Base:
    """The customers in the order of their owners; they come within months `start` to `end` - 1.

    `first_day` is the day of the first order, NEVER until the orders fill it in as they are drawn.
    """

    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray
    market: np.ndarray
    first_day: np.ndarray

    @cached_property
    def offsets(self) -> np.ndarray:
        """Where each owner's customers begin, and the end."""
        owners = int(self.owner[-1]) + 1
        return np.searchsorted(self.owner, np.arange(owners + 1))

    def present(self, month: int) -> np.ndarray:
        """Return the customers that come in a month, in the order of their owners."""
        return np.flatnonzero((self.start <= month) & (month < self.end))

    def of(self, owner: np.ndarray, share: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return a customer of each owner, -1 where the one drawn comes only after that day."""
        begin, length = self.offsets[owner], np.diff(self.offsets)[owner]
        customer = begin + (share * length).astype(np.int64)
        return np.where(self.first_day[customer] <= day, customer, -1)


def draw_customers(plan: Plan) -> Base:
    """Return the customers, those that were there already with the day they were acquired on."""
    owner = np.repeat(np.arange(plan.company.n + 1), _numbers(plan))
    rng = plan.company.rng("customers")
    edges = np.cumsum(_arrivals(plan), axis=1)
    start = (rng.random(len(owner))[:, None] > edges[owner][:, :-1]).sum(axis=1) - 1
    patience = rng.exponential(1, len(owner))
    risk = np.cumsum(np.pad(plan.levers["loss"], ((0, 0), (1, 0))), axis=1)
    until = risk[owner, np.maximum(start, 0)] + patience
    end = np.maximum((risk[owner][:, 1:] < until[:, None]).sum(axis=1), start + 1)
    before = -1 - (rng.random(len(owner)) ** 1.5 * _days_before(plan)[owner]).astype(np.int64)
    first_day = np.where(start < 0, before, NEVER)
    return Base(owner, start, end, draw_markets(plan, owner, start), first_day)


def _numbers(plan: Plan) -> np.ndarray:
    """Return how many customers each owner has; a contractor's are its own few accounts."""
    size = plan.company.size
    total = max(size.orders // ORDERS_OF_A_CUSTOMER, CUSTOMERS_OF_A_PARTNER * (plan.company.n + 1))
    few = np.where(np.array(plan.company.kinds) == "contractor", 0.3, 1.0)
    weight = few * plan.orders.sum(axis=1) ** 0.9 + 1e-9
    numbers: np.ndarray = np.maximum(2, np.rint(total * weight / weight.sum()))
    return numbers.astype(np.int64)


def _arrivals(plan: Plan) -> np.ndarray:
    """Return per owner what part of its customers was there at first and came in each month."""
    there = plan.company.active[:, :1] * ALREADY_THERE
    coming = plan.levers["acquisition"] * plan.company.active
    coming = coming * (1 - there) / np.maximum(plan.company.active.sum(axis=1), 1)[:, None]
    arrivals = np.hstack([there, coming]) + 1e-12
    return np.asarray(arrivals / arrivals.sum(axis=1, keepdims=True))


def _days_before(plan: Plan) -> np.ndarray:
    """Return for how many days before the calendar each owner may have had customers."""
    joined = [np.datetime64(partner.joined_on) for partner in plan.company.partners]
    days = (np.datetime64("2023-10-01") - np.array(joined, dtype="datetime64[D]")).astype(np.int64)
    return np.append(np.clip(days, 1, 2500), 2500)


def customers_table(plan: Plan, base: Base) -> pl.DataFrame:
    """Return the table customers: who has ordered, acquired on the day of the first order."""
    known = np.flatnonzero(base.first_day < DAYS)
    segment = plan.company.rng("customer segments").integers(0, len(SEGMENTS) + 1, len(base.owner))
    return pl.DataFrame(
        {
            "customer_id": ids("C", known),
            "partner_id": plan.company.id_of(base.owner[known]),
            "acquired_on": plans(base.first_day[known]),
            "market_id": words(MARKETS, base.market[known]),
            "segment": words(SEGMENTS, np.where(segment < len(SEGMENTS), segment, -1)[known]),
        }
    )


def acquired(plan: Plan, base: Base) -> np.ndarray:
    """Return how many customers each owner won in each month."""
    cell = base.owner * MONTHS + months_of(base.first_day)
    cells = cell[(base.first_day >= 0) & (base.first_day < DAYS)]
    return np.bincount(cells, minlength=(plan.company.n + 1) * MONTHS).reshape(-1, MONTHS)
