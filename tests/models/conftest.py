"""Orders and customers that the tests of the models share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpi_lib.btyd import rfm_summary

CDNOW = Path(__file__).with_name("cdnow.parquet")
LEARNT, HELD_OUT = "1997-09-30", "1998-06-30"  # 39 weeks each, but for the last two days
WEEKS = 39


@pytest.fixture(scope="session")
def cdnow() -> pl.DataFrame:
    """All orders; in_sample marks those of the papers' 2,357 customers."""
    return pl.read_parquet(CDNOW)


@pytest.fixture(scope="session")
def sample(cdnow) -> pl.DataFrame:
    return cdnow.filter("in_sample")


@pytest.fixture(scope="session")
def customers(sample) -> pd.DataFrame:
    """The papers' customers after 39 weeks, time in weeks."""
    return rfm_summary(sample, LEARNT, unit="week")


def bought_later(orders: pl.DataFrame, customers: pd.DataFrame) -> np.ndarray:
    """Return how often each customer bought in the 39 weeks held out."""
    later = rfm_summary(orders, HELD_OUT, unit="week")["frequency"].reindex(customers.index)
    return later.to_numpy() - customers["frequency"].to_numpy()


def simulate(
    parameters: tuple[float, float, float, float],
    age: np.ndarray,
    seed: int,
    *,
    horizon: float = 0.0,
    regularity: int = 1,
    first: bool = False,
) -> pd.DataFrame:
    """Return customers of a coin model, and how often each buys in the horizon after its age."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    n = len(age)
    rate, leaves = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    now, frequency, recency, later = (np.zeros(n) for _ in range(4))
    here = rng.random(n) > leaves if first else np.ones(n, dtype=bool)
    while here.any():
        now[here] += rng.gamma(regularity, 1 / rate[here])
        here &= now <= age + horizon
        seen = here & (now <= age)
        frequency[seen] += 1
        recency[seen] = now[seen]
        later[here & ~seen] += 1
        here &= rng.random(n) > leaves
    frame = pd.DataFrame({"frequency": frequency, "recency": recency, "T": age})
    return frame.assign(later=later)
