"""What is to happen, before any row is drawn: orders of each owner and month, and their worth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic.company import Company, Size, draw_company
from kpi_lib.examples.synthetic.days import FIRST_MONTH, MONTHS
from kpi_lib.examples.synthetic.levers import Levers, draw_levers
from kpi_lib.examples.synthetic.writing import repeated

REPORTING = "EUR"
RATE_DIGITS = 10_000
FIRST_RATES = {"CHF": 1.035, "GBP": 1.155, "USD": 0.935}  # euros for one, at the start


@dataclass(frozen=True)
class Plan:
    """A company, its levers, and the number of orders of each owner in each month."""

    company: Company
    levers: Levers
    orders: np.ndarray

    @cached_property
    def revenue(self) -> np.ndarray:
        """The euros that are to be expected of each owner in each month."""
        kept = 1 - self.levers["cancelled"] - 1.8 * self.levers["returned"]
        return np.asarray(self.orders * self.levers["basket"] * kept)

    @cached_property
    def pace(self) -> np.ndarray:
        """Revenue without seasons and jumps: the mean of the months from 4 before to 4 after."""
        padded = np.pad(self.revenue, ((0, 0), (4, 4)), mode="edge")
        means = [padded[:, shift : shift + MONTHS] for shift in range(9)]
        return np.asarray(np.mean(means, axis=0) * self.company.active)

    @cached_property
    def rates(self) -> dict[str, np.ndarray]:
        """Euros x 10,000 for one unit of each currency: by currency, a whole number per month."""
        found = {REPORTING: np.full(MONTHS, RATE_DIGITS)}
        for currency, first in FIRST_RATES.items():
            steps = self.company.rng(f"rate {currency}").normal(0, 0.008, MONTHS)
            path = first * (1 + np.cumsum(steps) * 0.8)
            found[currency] = np.rint(path * RATE_DIGITS).astype(np.int64)
        return found

    @cached_property
    def rate(self) -> np.ndarray:
        """The rate of each owner's own currency, owners x months."""
        return np.array([self.rates[country.currency] for country in self.company.countries])

    def currency_of(self, owner: np.ndarray) -> pl.Series:
        """Return each owner's own currency."""
        own = pl.Series([country.currency for country in self.company.countries])
        return own.gather(owner.astype(np.uint32))


def make_plan(size: Size) -> Plan:
    """Return the plan of a company."""
    company = draw_company(size)
    levers = draw_levers(company)
    return Plan(company, levers, _shared_out(levers["volume"], size.orders))


def _shared_out(volume: np.ndarray, orders: int) -> np.ndarray:
    """Return whole numbers in proportion to the volumes (owners x months), `orders` in all."""
    exact = volume * (orders / volume.sum())
    whole: np.ndarray = np.floor(exact)
    rest = np.argsort(whole - exact, axis=None, kind="stable")[: orders - int(whole.sum())]
    whole.ravel()[rest] += 1
    return whole.astype(np.int64)


def fx_rates_table(plan: Plan) -> pl.DataFrame:
    """Return the table fx_rates: a rate for each month."""
    months = pl.Series((FIRST_MONTH + np.arange(MONTHS)).astype("datetime64[D]")).cast(pl.Date)
    frames = [
        pl.DataFrame(
            {
                "currency": repeated(currency, MONTHS),
                "valid_from": months,
                "rate": pl.Series(plan.rates[currency] / RATE_DIGITS),
            }
        ).with_columns(pl.col("rate").cast(pl.Decimal(18, 4)))
        for currency in FIRST_RATES
    ]
    return pl.concat(frames)
