"""Orders, month by month: who ordered what, what came back, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import RATE_DIGITS, Plan
from kpi_lib.examples.synthetic.customers import Base
from kpi_lib.examples.synthetic.days import FIRST_DAY, STARTS, plans
from kpi_lib.examples.synthetic.markets import HOMES, MARKETS
from kpi_lib.examples.synthetic.writing import cents, ids, where, words

COMPLETED, CANCELLED, RETURNED = range(3)
STATUSES = ("completed", "cancelled", "returned")
CHANNELS = ("portal", "app", "edi", "phone", "branch", "field")
WEEK = (1.0, 1.05, 1.05, 1.0, 0.9, 0.22, 0.05)  # Monday first
LOYALTY = 1.6  # above 1: an owner's first customers order more often than its last
BOUGHT_ELSEWHERE = 0.01  # orders of a customer whom somebody else brought
PROJECTS_A_MONTH = 3
UNIT_PRICE = 24.0
ORDER_DIGITS = 8


@dataclass(frozen=True)
class Month:
    """The orders of a month, sorted by owner and day; amounts in cents of the owner's currency."""

    number: int
    order: np.ndarray  # the order's number, in the order of the days
    owner: np.ndarray
    day: np.ndarray
    customer: np.ndarray  # -1: a guest
    market: np.ndarray
    status: np.ndarray
    amount: np.ndarray
    cost: np.ndarray
    quantity: np.ndarray


def draw_month(plan: Plan, base: Base, month: int) -> Month:
    """Return the orders of a month; customers who come for the first time get their day."""
    rng = plan.company.rng("orders", month)
    owner = np.repeat(np.arange(plan.company.n + 1), plan.orders[:, month])
    customer = _customers(plan, base, month, rng, owner)
    day = _draw_order_days(rng, month, len(owner))
    by_day = np.argsort(owner * 64 + day - STARTS[month], kind="stable")
    customer, day = customer[by_day], day[by_day]
    status = _draw_statuses(plan, month, rng, owner)
    market = _markets(plan, base, owner, customer)
    amount, cost = _amounts(plan, month, rng, owner)
    quantity = np.maximum(1, np.rint(amount / 100 / UNIT_PRICE / rng.uniform(0.5, 1.8, len(owner))))
    columns = (customer, market, amount, cost, quantity)
    _take_back(rng, status == RETURNED, columns)
    _note_first_days(base, customer, day)
    order = np.empty(len(day), dtype=np.int64)
    order[np.argsort(day, kind="stable")] = plan.orders[:, :month].sum() + np.arange(len(day))
    return Month(month, order, owner, day, customer, market, status, amount, cost, quantity)


def _customers(
    plan: Plan, base: Base, month: int, rng: chance.Rng, owner: np.ndarray
) -> np.ndarray:
    """Return who ordered: customers that come this month, each newcomer among them, or a guest."""
    present = base.present(month)
    edges = np.searchsorted(base.owner[present], np.arange(plan.company.n + 2))
    number = np.diff(edges)
    place = edges[owner] + (number[owner] * rng.random(len(owner)) ** LOYALTY).astype(np.int64)
    customer = np.append(present, -1)[np.where(number[owner] > 0, place, len(present))]
    guest = chance.chosen(rng, plan.company.usual("guests")[owner])
    customer[guest] = -1
    elsewhere = np.flatnonzero(rng.random(len(owner)) < BOUGHT_ELSEWHERE)
    known = present[base.start[present] < month]
    if len(known):
        customer[elsewhere] = known[rng.integers(0, len(known), len(elsewhere))]
    newcomers = present[base.start[present] == month]
    slot = _slots(base.owner[newcomers], plan.orders[:, month])
    customer[slot[slot >= 0]] = newcomers[slot >= 0]
    return customer


def _slots(owners: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Return an order of its own owner for each newcomer, -1 where there are not as many."""
    turn = np.arange(len(owners)) - np.searchsorted(owners, owners)
    begin = np.cumsum(orders) - orders
    return np.where(turn < orders[owners], begin[owners] + turn, -1)


def _draw_order_days(rng: chance.Rng, month: int, length: int) -> np.ndarray:
    """Return a random day of the month for each order, by weekday as likely as people order."""
    days = np.arange(STARTS[month], STARTS[month + 1])
    weekday = (FIRST_DAY + days).astype("datetime64[D]").astype(np.int64) + 3  # 1970: a Thursday
    edges = np.cumsum(np.array(WEEK)[weekday % 7])
    drawn: np.ndarray = days[np.searchsorted(edges, rng.random(length) * edges[-1], side="right")]
    return drawn


def _draw_statuses(plan: Plan, month: int, rng: chance.Rng, owner: np.ndarray) -> np.ndarray:
    """Return each order's status, as its number in STATUSES.

    A return follows an order of the same owner that was not itself returned or cancelled.
    """
    returned = chance.chosen(rng, plan.levers["returned"][owner, month])
    cancelled = chance.chosen(rng, plan.levers["cancelled"][owner, month])
    kept = ~returned & ~cancelled
    follows = np.append(False, kept[:-1] & (owner[1:] == owner[:-1]))
    status = np.where(cancelled, CANCELLED, COMPLETED)
    statuses: np.ndarray = np.where(returned & follows, RETURNED, status)
    return statuses


def _markets(plan: Plan, base: Base, owner: np.ndarray, customer: np.ndarray) -> np.ndarray:
    """Return each order's market: its customer's, and for a guest that of the owner's country."""
    homes = np.array([HOMES[country] for country in plan.company.countries])
    markets: np.ndarray = np.where(customer >= 0, base.market[customer], homes[owner])
    return markets


def _amounts(
    plan: Plan, month: int, rng: chance.Rng, owner: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each order's amount and cost, in cents of its owner's currency."""
    rate = plan.rate[owner, month] / RATE_DIGITS
    euros = plan.levers["basket"][owner, month] * chance.skewed(rng, len(owner), 0.45)
    amount = np.maximum(100, np.rint(euros / rate * 100)).astype(np.int64)
    margin = plan.levers["margin"][owner, month] + rng.normal(0, 0.03, len(owner))
    return amount, np.rint(amount * (1 - margin)).astype(np.int64)


def _take_back(rng: chance.Rng, returned: np.ndarray, columns: tuple[np.ndarray, ...]) -> None:
    """Make each return one of the order before it: its customer and market, part of its amount."""
    place = np.flatnonzero(returned)
    for column in columns[:2]:
        column[place] = column[place - 1]
    share = np.where(rng.random(len(place)) < 0.6, 1.0, rng.uniform(0.2, 0.9, len(place)))
    for column in columns[2:]:
        column[place] = 0 - np.floor(column[place - 1] * share).astype(column.dtype)


def _note_first_days(base: Base, customer: np.ndarray, day: np.ndarray) -> None:
    """Note the first order of who comes for the first time; of the others it was earlier."""
    known = customer >= 0
    np.minimum.at(base.first_day, customer[known], day[known])


def orders_table(plan: Plan, month: Month) -> pl.DataFrame:
    """Return the rows of the table orders of a month, the earliest first."""
    rng = plan.company.rng("order details", month.number)
    length = len(month.owner)
    has_cost = ~chance.chosen(rng, np.full(length, 0.01))
    digital = chance.chosen(rng, plan.levers["digital"][month.owner, month.number])
    channel = np.where(digital, chance.pick(rng, length, [6, 1, 3]), 0)
    channel = np.where(digital, channel, 3 + chance.pick(rng, length, [4, 3, 3]))
    channel[chance.chosen(rng, np.full(length, 0.03))] = -1
    return pl.DataFrame(
        {
            "order_id": ids("O", month.order, ORDER_DIGITS),
            "customer_id": ids("C", month.customer),
            "partner_id": plan.company.id_of(month.owner),
            "ordered_on": plans(month.day),
            "amount": cents(month.amount),
            "status": words(STATUSES, month.status),
            "cost": where(has_cost, cents(month.cost)),
            "quantity": pl.Series(month.quantity.astype(np.float64)),
            "channel": words(CHANNELS, channel),
            "market_id": words(MARKETS, month.market),
            "project_id": _projects(plan, month, rng),
            "currency": plan.currency_of(month.owner),
        }
    ).sort("order_id")


def _projects(plan: Plan, month: Month, rng: chance.Rng) -> pl.Series:
    """Return the job that an order is for: of a contractor or a service partner, nine in ten."""
    kinds = np.array(plan.company.kinds)
    builds = np.isin(kinds, ("contractor", "service"))[month.owner]
    builds &= ~chance.chosen(rng, np.full(len(builds), 0.1))
    begun = np.maximum(0, month.number - rng.integers(0, 3, len(builds)))
    job = month.owner * 1000 + begun * PROJECTS_A_MONTH
    job += rng.integers(0, PROJECTS_A_MONTH, len(builds))
    return ids("J", np.where(builds, job, -1), 7)
