import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_lib.testing.tables_in_text import results_of


def standing_of(revenues, *, entity="p0", kinds=None, joined=None, left=None):
    """The revenue row of one of several partners, each with one order."""
    count = len(revenues)
    kinds = kinds or ["reseller"] * count
    joined = joined or ["2020-01-01"] * count
    left = left or ["-"] * count
    partners = " | ".join(
        f"p{i} {joined[i]} {left[i]} partner_type={kinds[i]}" for i in range(count)
    )
    orders = " | ".join(f"p{i} c{i} 2026-07-01 {amount}" for i, amount in enumerate(revenues))
    table = results_of(partners=partners, orders=orders).table
    found = table.filter((pl.col("kpi") == "revenue") & (pl.col("entity") == entity))
    return found.row(0, named=True)


def test_the_best_of_six_beats_all_five():
    row = standing_of([60, 10, 20, 30, 40, 50])
    assert row["peers"] == 5
    assert row["peer_percentile"] == 1
    assert (row["peer_q1"], row["peer_median"], row["peer_q3"]) == (20, 30, 40)


def test_ties_count_half():
    assert standing_of([30, 10, 30, 30, 40, 50])["peer_percentile"] == pytest.approx((1 + 1) / 5)


def test_with_four_peers_only_their_number_is_shown():
    row = standing_of([60, 10, 20, 30, 40])
    assert row["peers"] == 4
    assert row["peer_percentile"] is None
    assert row["peer_median"] is None


def test_a_partner_of_another_type_is_no_peer():
    kinds = ["reseller"] * 6 + ["supplier"]
    assert standing_of([60, 10, 20, 30, 40, 50, 70], kinds=kinds)["peers"] == 5


def test_one_that_left_before_the_period_is_no_peer_and_one_that_left_in_it_is():
    left = ["-", "2026-06-30", "2026-07-01", "-", "-", "-", "-"]
    assert standing_of([60, 10, 20, 30, 40, 50, 70], left=left)["peers"] == 5


def test_one_that_left_before_the_period_is_held_against_all_active_peers():
    left = ["2026-01-01", "-", "-", "-", "-", "-", "-"]
    row = standing_of([35, 10, 20, 30, 40, 50, 60], left=left)
    assert row["peers"] == 6
    assert row["peer_percentile"] == pytest.approx(0.5)


def test_roll_ups_have_no_peers():
    partners = " | ".join(f"p{i} 2020-01-01" for i in range(7))
    table = results_of(partners=partners, orders="p0 c 2026-07-01 5").table
    assert table.filter(pl.col("scope") == "portfolio")["peers"].null_count() > 0


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 50), min_size=6, max_size=12))
def test_quartiles_are_numpys_of_the_others(revenues):
    row = standing_of(revenues)
    others = np.array(revenues[1:], dtype=float)
    expected = np.quantile(others, [0.25, 0.5, 0.75])
    assert [row["peer_q1"], row["peer_median"], row["peer_q3"]] == pytest.approx(list(expected))
    beaten = (others < revenues[0]).sum() + (others == revenues[0]).sum() / 2
    assert row["peer_percentile"] == pytest.approx(beaten / len(others))
