"""Invoices of each half month's orders, how they are paid, and the credit that partners have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import DAYS, FIRST_DAY, STARTS, events, plans
from kpi_lib.examples.synthetic.orders import CANCELLED, Month
from kpi_lib.examples.synthetic.writing import cents, ids, money

ORDERS_OF_AN_INVOICE = 8
MIDDLE = 15  # days after the first of a month: the first half is invoiced on the 15th
DISPUTED = 0.01  # of the invoices, which are paid months later
IN_PARTS = 0.05  # of the invoices; of those still open after their due day a third

LIMITS_AGREED = (0, 3, 15, 27)  # months of the calendar
ROOM = (1.5, 1.8)  # of the limit above what is usually owed
SMALLEST_LIMIT = 5000


@dataclass(frozen=True)
class Invoices:
    """The invoices of a month, in cents of the owner's currency."""

    owner: np.ndarray
    issued: np.ndarray
    due: np.ndarray
    paid: np.ndarray
    amount: np.ndarray


def bill(plan: Plan, month: Month) -> Invoices:
    """Return the invoices of a month: 8 orders of an owner's half month at most in each."""
    rng = plan.company.rng("invoices", month.number)
    billed = month.status != CANCELLED
    owner, day, amount = month.owner[billed], month.day[billed], month.amount[billed]
    half = owner * 2 + (day - STARTS[month.number] >= MIDDLE)
    turn = np.arange(len(half)) - np.searchsorted(half, half)
    first = np.flatnonzero(turn % ORDERS_OF_AN_INVOICE == 0)
    owner, half = owner[first], half[first]
    total = np.add.reduceat(amount, first) if len(first) else amount
    end = STARTS[month.number + 1] - 1
    issued = np.where(half % 2 == 0, STARTS[month.number] + MIDDLE - 1, end)
    due = issued + plan.company.usual("terms")[owner].astype(np.int64)
    paid = _paid(plan, month.number, rng, owner, due)
    paid = np.where(total <= 0, issued, np.maximum(paid, issued + 1))
    return Invoices(owner, issued, due, paid, total)


def _paid(
    plan: Plan, month: int, rng: chance.Rng, owner: np.ndarray, due: np.ndarray
) -> np.ndarray:
    """Return the days of payment: most some days before or after they are due, some far later."""
    delay = plan.levers["pay_delay"][owner, month]
    days = rng.normal(-7, 4, len(owner)) + chance.lasting(rng, delay + 3, 0.7)
    disputed = chance.chosen(rng, np.full(len(owner), DISPUTED))
    days = np.where(disputed, rng.uniform(60, 240, len(owner)), days)
    return (due + np.rint(days)).astype(np.int64)


def invoices_table(plan: Plan, invoices: Invoices, first: int) -> pl.DataFrame:
    """Return the rows of the table invoices; `first` is the number of the first one."""
    owner = invoices.owner
    return pl.DataFrame(
        {
            "invoice_id": ids("R", first + np.arange(len(owner)), 7),
            "partner_id": plan.company.id_of(owner),
            "issued_on": plans(invoices.issued),
            "due_on": plans(invoices.due),
            "paid_on": events(invoices.paid),
            "amount": cents(invoices.amount),
            "currency": plan.currency_of(owner),
        }
    )


def payments_table(
    plan: Plan, month: int, invoices: Invoices, first: int, number: int
) -> pl.DataFrame:
    """Return part payments on a month's invoices; `number` is that of the first payment."""
    rng = plan.company.rng("payments", month)
    open_late = (invoices.paid >= DAYS) & (invoices.due < DAYS)
    likely = np.where(open_late, 1 / 3, IN_PARTS) * (invoices.amount > 10_000)
    place = np.flatnonzero(chance.chosen(rng, likely))
    until = np.minimum(invoices.paid[place], DAYS) - 1
    issued = invoices.issued[place]
    received = issued + (rng.random(len(place)) * (until - issued + 1)).astype(np.int64)
    part = rng.uniform(0.2, 0.6, len(place)) * invoices.amount[place]
    in_time = received > issued
    place, received, part = place[in_time], received[in_time], part[in_time]
    return pl.DataFrame(
        {
            "payment_id": ids("Z", number + np.arange(len(place))),
            "invoice_id": ids("R", first + place, 7),
            "received_on": plans(received),
            "amount": cents(np.floor(part)),
        }
    )


def credit_limits_table(plan: Plan) -> pl.DataFrame:
    """Return the table credit_limits: each partner's, agreed anew in January on the year before."""
    n = plan.company.n
    room = plan.company.rng("credit limits").uniform(*ROOM, n)
    owed = plan.pace[:n] * (plan.company.usual("terms")[:n, None] + 10) / 30
    frames = []
    for month in LIMITS_AGREED:
        most_owed = owed[:, max(0, month - 12) : max(month, 6)].max(axis=1)
        most_owed = np.where(
            most_owed > 0, most_owed, owed.max(axis=1)
        )  # of a newcomer what is to be expected
        there = np.flatnonzero(plan.company.active[:, month : month + 12][:n].any(axis=1))
        limit = np.maximum(np.rint(most_owed * room / 1000) * 1000, SMALLEST_LIMIT)
        frames.append(
            pl.DataFrame(
                {
                    "partner_id": plan.company.id_of(there),
                    "valid_from": plans(np.maximum(_joined_days(plan)[there], STARTS[month])),
                    "credit_limit": money(limit[there]),
                }
            )
        )
    limits = pl.concat(frames)
    return limits.unique(["partner_id", "valid_from"], keep="last", maintain_order=True)


def _joined_days(plan: Plan) -> np.ndarray:
    """Return the day that each partner joined on, in days since the first."""
    joined = [np.datetime64(partner.joined_on) for partner in plan.company.partners]
    days = np.array(joined, dtype="datetime64[D]") - FIRST_DAY
    return np.asarray(days.astype(np.int64))
