"""Deliveries of a month's orders: promised, late or short or wrong, or still on their way."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import DAYS, NEVER, events, plans
from kpi_lib.examples.synthetic.orders import CANCELLED, ORDER_DIGITS, RETURNED, Month
from kpi_lib.examples.synthetic.writing import ids, where, words

ERRORS = ("none", "picking", "packing", "loading", "damage", "documents")
OTHERS = (0.3, 0.25, 0.25, 0.2)  # packing, loading, damage, documents
IN_TWO_PARTS, LOST = 0.05, 0.002
SHIPPED_THOUGH_CANCELLED = 0.15
TONNES = 0.018  # of a unit
LIGHT = ("referral", "technology", "service")  # come by parcel and are not weighed


def deliveries_table(plan: Plan, month: Month, first: int) -> pl.DataFrame:
    """Return the deliveries of a month's orders; `first` is the number of the first one."""
    rng = plan.company.rng("deliveries", month.number)
    row, part = _shipments(plan, month, rng)
    owner = month.owner[row]
    quantity = _quantities(month.quantity[row], part)
    promised = month.day[row] + chance.lasting(rng, plan.company.usual("lead_time")[owner], 0.35)
    delivered, short, backordered = _outcomes(plan, month, rng, row, promised)
    arrived = delivered < DAYS
    loss = np.where(short, rng.uniform(0.5, 0.95, len(row)), 1.0)
    received = np.where(short & (quantity > 1), np.floor(quantity * loss), quantity)
    weight = quantity * TONNES * rng.uniform(0.6, 1.5, len(row))
    weighed = ~np.isin(np.array(plan.company.kinds), LIGHT)[owner]
    return pl.DataFrame(
        {
            "delivery_id": ids("D", first + np.arange(len(row)), ORDER_DIGITS),
            "order_id": ids("O", month.order[row], ORDER_DIGITS),
            "partner_id": plan.company.id_of(owner),
            "promised_on": plans(promised),
            "delivered_on": events(delivered),
            "quantity_ordered": pl.Series(quantity),
            "quantity_delivered": where(arrived, pl.Series(received)),
            "weight_tonnes": where(weighed, pl.Series(np.round(weight, 3))),
            "error": words(ERRORS, np.where(arrived, _errors(plan, month, rng, owner), 0)),
            "backordered": pl.Series(backordered),
        }
    )


def _shipments(plan: Plan, month: Month, rng: chance.Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each delivery's order; and which part it is: 0 the whole, 1 or 2."""
    likely = plan.company.usual("shipped")[month.owner]
    likely = np.where(month.status == CANCELLED, likely * SHIPPED_THOUGH_CANCELLED, likely)
    shipped = chance.chosen(rng, np.where(month.status == RETURNED, 0.0, likely))
    row = np.flatnonzero(shipped)
    split = chance.chosen(rng, np.full(len(row), IN_TWO_PARTS)) & (month.quantity[row] > 3)
    twice = np.repeat(row, np.where(split, 2, 1))
    part = np.repeat(split.astype(np.int64), np.where(split, 2, 1))
    part[1:][twice[1:] == twice[:-1]] = 2
    return twice, part


def _quantities(quantity: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Return what each delivery was to bring, two parts adding up to the order."""
    half = np.floor(quantity / 2)
    return np.select([part == 0, part == 1], [quantity, half], quantity - half)


def _outcomes(
    plan: Plan, month: Month, rng: chance.Rng, row: np.ndarray, promised: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return per delivery its day of arrival, whether some was missing, and if on backorder."""
    levers, owner = plan.levers, month.owner[row]
    late = chance.chosen(rng, levers["late"][owner, month.number])
    backordered = chance.chosen(rng, levers["backorder"][owner, month.number])
    short = chance.chosen(rng, levers["short"][owner, month.number])
    late |= backordered & (rng.random(len(owner)) < 0.4)
    delay = chance.lasting(rng, np.where(backordered, 9.0, 3.5), 0.6)
    early = (rng.random(len(owner)) < 0.25).astype(np.int64)
    delivered = np.where(late, promised + delay, np.maximum(month.day[row], promised - early))
    lost = chance.chosen(rng, np.full(len(owner), LOST))
    return np.where(lost, NEVER, delivered), short, backordered


def _errors(plan: Plan, month: Month, rng: chance.Rng, owner: np.ndarray) -> np.ndarray:
    """Return each delivery's error as a place in ERRORS."""
    picking = chance.chosen(rng, plan.levers["picking"][owner, month.number])
    other = chance.chosen(rng, plan.levers["other_errors"][owner, month.number])
    kind = 2 + chance.pick(rng, len(owner), list(OTHERS))
    return np.where(picking, 1, np.where(other, kind, 0))
