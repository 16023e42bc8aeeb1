"""Intervals, trends and quartiles against published values."""

from math import factorial

import numpy as np
import pytest
from scipy.stats import kendalltau

from kpi_lib.measure.trend import trends
from kpi_lib.testing.tables_in_text import results_of, row_of


@pytest.mark.parametrize(
    ("kept", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_of_a_share(kept, of, low, high):
    """Newcombe, R. G. (1998), Two-sided confidence intervals for the single proportion.

    Comparison of seven methods, Statistics in Medicine 17, 857-872, table I, method 3: Wilson's
    score without a correction for continuity.
    """
    deliveries = ["a 07-10 07-10 1 1"] * kept + ["a 07-10 07-11 1 1"] * (of - kept)
    row = row_of("otif_rate", deliveries=" | ".join(deliveries))
    assert (row["numerator"], row["n"]) == (kept, of)
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=0.00005)
    assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1


# Daniel, W. W., Applied Nonparametric Statistics, table of critical values of Kendall's tau: for so
# many values, the least S of concordant less discordant pairs with a chance of 2.5 % at most, one
# side (so 5 % both sides), and tau. Seen in the Indonesian edition of 1989, pages 569-570.
CRITICAL = {5: (10, 1.000), 6: (13, 0.867), 7: (15, 0.714), 8: (18, 0.643)}


def with_inversions(n: int, inversions: int) -> list[int]:
    """Return 1 to n in an order with so many pairs the wrong way round."""
    left, order = list(range(1, n + 1)), []
    while left:
        step = min(inversions, len(left) - 1)
        order.append(left.pop(step))
        inversions -= step
    return order


def orders_by_inversions(n: int) -> list[int]:
    """Return how many orders of n values have 0, 1, 2 ... inversions (Mahonian numbers)."""
    counts = [1]
    for size in range(2, n + 1):
        padded = np.convolve(counts, np.ones(size, dtype=int))
        counts = padded.tolist()
    return counts


@pytest.mark.parametrize("n", CRITICAL)
def test_a_trend_begins_at_the_critical_value_of_kendalls_tau(n):
    least, tau = CRITICAL[n]
    pairs = n * (n - 1) // 2
    assert least / pairs == pytest.approx(tau, abs=0.0005)
    certain, uncertain = (with_inversions(n, (pairs - s) // 2) for s in (least, least - 2))
    assert list(trends(np.array([certain, certain[::-1], uncertain], dtype=float))) == [
        *("up", "down", "flat")
    ]


@pytest.mark.parametrize("n", CRITICAL)
def test_the_chance_of_a_tau_is_the_share_of_all_orders_that_are_as_far_from_none(n):
    """Kendall, M. G. (1938), A new measure of rank correlation, Biometrika 30, 81-93."""
    counts, pairs = orders_by_inversions(n), n * (n - 1) // 2
    assert sum(counts) == factorial(n)
    for inversions in range(pairs // 2):
        p = 2 * sum(counts[: inversions + 1]) / factorial(n)
        computed = kendalltau(range(n), with_inversions(n, inversions)).pvalue
        assert computed == pytest.approx(min(p, 1))
        trend = trends(np.array([with_inversions(n, inversions)], dtype=float))[0]
        assert trend == ("up" if p < 0.05 else "flat")


@pytest.mark.parametrize(
    ("figures", "first"),
    [
        # Microsoft Support, "QUARTILE.INC function", example.
        pytest.param([1, 2, 4, 7, 8, 9, 10, 12], 3.5, id="Microsoft"),
        # GrapeCity Spread for Windows Forms 11, "QUARTILE.INC", example.
        pytest.param([11, 21, 42, 27, 18, 29, 32, 52], 20.25, id="GrapeCity"),
    ],
)
def test_the_first_quartile_of_peers_lies_between_the_two_nearest(figures, first):
    partners = ["a 2020-01-01", *(f"p{n} 2020-01-01" for n in range(len(figures)))]
    orders = ["a c 07-01 5", *(f"p{n} c 07-01 {figure}" for n, figure in enumerate(figures))]
    table = results_of(partners=" | ".join(partners), orders=" | ".join(orders)).table
    row = next(row for row in table.to_dicts() if (row["entity"], row["kpi"]) == ("a", "revenue"))
    assert row["peers"] == len(figures)
    assert row["peer_q1"] == first
    assert row["peer_median"] == np.median(figures)
