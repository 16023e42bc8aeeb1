"""Companies in a few lines: tables of orders whose customers behave as the test says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np
import polars as pl

START = date(2024, 1, 1)
NOBODY: list[tuple[str, int]] = []


def orders_of(rows: Iterable[tuple[str, int]], amount: float = 100.0) -> pl.DataFrame:
    """Return orders of (customer, day number from 2024-01-01); 40 customers have one partner."""
    rows_given = list(rows)
    names = [name for name, _ in rows_given]
    return pl.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(len(rows_given))],
            "customer_id": names,
            "partner_id": [partner_of(name) for name in names],
            "ordered_on": [START + timedelta(days=day) for _, day in rows_given],
            "amount": [amount + (sum(map(ord, name)) % 37) for name in names],
            "status": ["completed"] * len(rows_given),
        },
        schema={
            "order_id": pl.String(),
            "customer_id": pl.String(),
            "partner_id": pl.String(),
            "ordered_on": pl.Date(),
            "amount": pl.Float64(),
            "status": pl.String(),
        },
    )


def partner_of(customer: str) -> str:
    """Return whose customer it is."""
    return f"P{int(customer[1:]) // 40}"


def tables_of(orders: pl.DataFrame, **more: pl.DataFrame) -> dict[str, pl.LazyFrame]:
    """Return the tables of a company with these orders, its customers and partners among them."""
    first = orders.group_by("customer_id", maintain_order=True).agg(
        pl.col("partner_id").first(), acquired_on=pl.col("ordered_on").min()
    )
    ids = sorted(set(orders["partner_id"])) or ["P0"]
    partners = pl.DataFrame(
        {
            "partner_id": ids,
            "name": [f"Partner {name}" for name in ids],
            "partner_type": ["reseller"] * len(ids),
            "joined_on": [START] * len(ids),
        }
    )
    named = {"orders": orders, "customers": first, "partners": partners, **more}
    return {name: frame.lazy() for name, frame in named.items()}


def random_buyers(customers: int, days: int, seed: int = 1) -> list[tuple[str, int]]:
    """Return purchases of customers who buy at rates of their own and leave when they please."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day = int(rng.integers(0, days * 2 // 3))
        rate, leaves = rng.gamma(1.2, 1 / 40), rng.beta(0.8, 6)
        while day < days:
            rows.append((f"c{number:03d}", day))
            if rng.random() < leaves:
                break
            day += 1 + int(rng.exponential(1 / max(rate, 1e-3)))
    return rows


def yearly_buyers(customers: int, years: int) -> list[tuple[str, int]]:
    """Return purchases of customers who all buy in the same four weeks of each year, and only then.

    The rule of thumb knows when they come back; a model of purchases at random does not.
    """
    return [
        (f"c{number:03d}", 365 * year + 300 + 7 * week + number % 5)
        for number in range(customers)
        for year in range(years)
        for week in range(4)
    ]
