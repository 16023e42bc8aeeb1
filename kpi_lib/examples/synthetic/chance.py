"""Chance that can be repeated: a stream of its own for each purpose, and draws that stay close.

A table must not change because another one draws more or fewer numbers, so each purpose has a
stream. Counts and shares keep closer to what is expected than independent draws would: a partner
with 40 deliveries a quarter then shows its lateness and not the dice.
"""

from __future__ import annotations

import zlib

import numpy as np

from kpi_lib.examples.synthetic.days import STARTS

Rng = np.random.Generator
STRATA = 32


def stream(seed: int, purpose: str, part: int = 0) -> Rng:
    """Return the numbers of one purpose, the same for the same seed."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), part])


def counts(rng: Rng, expected: np.ndarray) -> np.ndarray:
    """Return whole numbers, each the one below or above what is expected, right on average."""
    return np.floor(expected + rng.random(expected.shape)).astype(np.int64)


def evenly(rng: Rng, length: int) -> np.ndarray:
    """Return numbers within 0..1: of each 32 neighbours one lies in each 32nd (stratified)."""
    blocks = -(-length // STRATA)
    places = rng.random((blocks, STRATA)).argsort(axis=1)
    return ((places + rng.random((blocks, STRATA))) / STRATA).ravel()[:length]


def chosen(rng: Rng, probability: np.ndarray) -> np.ndarray:
    """Return which rows are drawn, each with its probability."""
    return evenly(rng, len(probability)) < probability


def pick(rng: Rng, length: int, weights: list[float]) -> np.ndarray:
    """Return `length` places in the list of weights, each drawn as often as its weight says."""
    edges = np.cumsum(weights) / np.sum(weights)
    places = np.searchsorted(edges, evenly(rng, length), side="right")
    return np.minimum(places, len(weights) - 1)


def happenings(rng: Rng, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return owner and day of what happens so often a month, ordered by owner and month.

    `expected`: an array of owners x months.
    """
    times = counts(rng, expected)
    cell = np.repeat(np.arange(times.size), times.ravel())
    owner, month = np.divmod(cell, expected.shape[1])
    length = STARTS[month + 1] - STARTS[month]
    return owner, STARTS[month] + (rng.random(len(month)) * length).astype(np.int64)


def skewed(rng: Rng, length: int, spread: float) -> np.ndarray:
    """Return lognormal factors whose mean is 1."""
    return rng.lognormal(-spread * spread / 2, spread, length)


def lasting(rng: Rng, mean: np.ndarray, spread: float = 0.5) -> np.ndarray:
    """Return whole days, at least one, lognormal around a mean."""
    days: np.ndarray = np.maximum(1, np.rint(mean * skewed(rng, len(mean), spread)))
    return days.astype(np.int64)
