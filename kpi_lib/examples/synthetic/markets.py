"""The markets, how large they are, and where whose customers are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.cast import COUNTRIES
from kpi_lib.examples.synthetic.days import QUARTERS, STARTS, month_of, plans
from kpi_lib.examples.synthetic.writing import money

VERTICALS = {
    "V-HOSPITALS": "Hospitals and care homes",
    "V-SCHOOLS": "Schools",
    "V-TIMBER": "Timber construction",
    "V-SOLAR": "Solar roofs",
    "V-DATA": "Data centres",
}
MARKETS = (*(f"M-{code}" for code in COUNTRIES), *VERTICALS)
HOMES = {country: place for place, country in enumerate(COUNTRIES.values())}
TARGETS = ("M-JP", "V-TIMBER", "V-SOLAR", "V-DATA")  # the company wants to enter them
ELSEWHERE = (0.05, 0.05, 0.02, 0.02)  # customers in the first four verticals
ABROAD = 0.06
USUAL_SHARE = 0.09  # of the company in a market


class Opening(NamedTuple):
    """An owner that enters a market: from a month on, so many of its new customers are in it."""

    owner: int | None  # a place in the cast, from 1; none: the direct business
    market: str
    since: str
    share: float


OPENINGS = (Opening(9, "V-DATA", "2026-07", 0.6), Opening(None, "V-DATA", "2025-04", 0.04))
COMPETITOR = ("M-TR", month_of("2025-04"), 0.18)  # that market grows by so much a quarter


def draw_markets(plan: Plan, owner: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the market of each customer, whose owner and first month are given."""
    rng = plan.company.rng("markets")
    edges = np.cumsum(_weights(plan), axis=1)
    draw = rng.random(len(owner))
    market = (draw[:, None] > edges[owner][:, :-1]).sum(axis=1)
    for opening in OPENINGS:
        place = plan.company.n if opening.owner is None else opening.owner - 1
        entering = (owner == place) & (start >= month_of(opening.since))
        entering &= rng.random(len(owner)) < opening.share
        if opening.owner is None or opening.owner <= plan.company.n:
            market[entering] = MARKETS.index(opening.market)
    return np.asarray(market)


def _weights(plan: Plan) -> np.ndarray:
    """Return for each owner what part of its customers is in which market."""
    countries = list(COUNTRIES.values())
    weights = np.zeros((plan.company.n + 1, len(MARKETS)))
    weights[:, : len(countries)] = ABROAD / len(countries)
    weights[:, len(countries) : len(countries) + len(ELSEWHERE)] = ELSEWHERE
    at_home = 1 - ABROAD - sum(ELSEWHERE)
    for place, country in enumerate(plan.company.countries[:-1]):
        weights[place, countries.index(country)] += at_home
    weights[-1, : len(countries)] += at_home * np.linspace(2, 0, len(countries)) / len(countries)
    shares: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def markets_table(customers: np.ndarray) -> pl.DataFrame:
    """Return the table markets; `customers`: how many are in each."""
    names = [country.name for country in COUNTRIES.values()] + list(VERTICALS.values())
    return pl.DataFrame(
        {
            "market_id": MARKETS,
            "name": names,
            "kind": ["geography"] * len(COUNTRIES) + ["vertical"] * len(VERTICALS),
            "target": [market in TARGETS for market in MARKETS],
            "accounts": pl.Series(customers * 9 + 40).cast(pl.Int64),
        }
    )


def market_sizes_table(plan: Plan, sales: np.ndarray) -> pl.DataFrame:
    """Return the table market_sizes, a row a quarter; `sales`: ours by market and quarter."""
    rng = plan.company.rng("market sizes")
    ours = np.maximum(sales[:, :4].mean(axis=1), sales.mean() * 0.02)
    share = USUAL_SHARE * rng.uniform(0.7, 1.4, len(MARKETS))
    growth = 1 + rng.normal(0.008, 0.004, len(MARKETS))
    size = (ours / share)[:, None] * growth[:, None] ** np.arange(QUARTERS)
    name, since, more = COMPETITOR
    size[MARKETS.index(name)] *= (1 + more) ** np.clip(np.arange(QUARTERS) - since // 3 + 1, 0, 5)
    market, quarter = np.divmod(np.arange(size.size), QUARTERS)
    return pl.DataFrame(
        {
            "market_id": np.array(MARKETS)[market],
            "starts_on": plans(STARTS[quarter * 3]),
            "ends_on": plans(STARTS[quarter * 3 + 3] - 1),
            "size": money(np.rint(size.ravel() / 1000) * 1000),
        }
    )
