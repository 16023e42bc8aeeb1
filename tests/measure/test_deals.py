"""Deals whose amount is not known yet, and deals that are expected to close."""

from __future__ import annotations

from datetime import date

import pytest

from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of, row_of, value_of

WON = "a 01-01 07-01 won 100 | a 01-01 07-02 won - | a 01-01 07-03 lost -"
TOUCHED = "0 a 2026-06-01T10:00 | 1 a 2026-06-01T10:00"
ATTRIBUTED = [
    *("first_touch_revenue", "last_touch_revenue", "linear_revenue"),
    *("time_decay_revenue", "position_based_revenue", "influenced_revenue", "sourced_revenue"),
]


@pytest.mark.parametrize("kpi", ATTRIBUTED)
def test_a_deal_without_an_amount_is_neither_sourced_nor_credited_nor_influenced(kpi):
    assert value_of(kpi, deals=WON, touchpoints=TOUCHED) == 100
    unknown = "a 01-01 07-02 won -"
    assert value_of(kpi, deals=unknown, touchpoints="0 a 2026-06-01T10:00") == 0


def test_it_is_in_no_n_of_an_amount_and_counts_where_deals_are_counted():
    assert row_of("sourced_revenue", deals=WON)["n"] == 1
    assert row_of("influenced_revenue", deals=WON, touchpoints=TOUCHED)["n"] == 1
    size = row_of("average_deal_size", deals=WON)
    assert (size["value"], size["denominator"], size["n"]) == (100, 1, 1)
    assert value_of("deals_won", deals=WON) == 2
    assert value_of("win_rate", deals=WON) == pytest.approx(2 / 3)
    assert row_of("sales_cycle_days", deals=WON)["n"] == 2


@pytest.mark.parametrize(
    ("deals", "value", "n"),
    [
        pytest.param("a 07-01 - open 100 | a 07-01 - open -", 100, 1, id="of one it is known"),
        pytest.param("a 07-01 - open - | a 07-01 - open -", None, None, id="of none"),
        pytest.param("a 07-01 07-02 won 100", 0, 0, id="no deal is open"),
    ],
)
def test_the_pipeline_has_no_value_where_no_open_deal_has_an_amount(deals, value, n):
    row = row_of("pipeline_value", deals=deals)
    assert (row["value"], row["n"]) == (value, n)
    assert row["missing"] == ("none of the open deals has an amount yet" if value is None else None)


def test_the_whole_pipeline_is_estimated_by_the_deals_whose_amount_is_known():
    tables = {
        "partners": "a 2020-01-01 | b 2020-01-01",
        "deals": "a 07-01 - open - | b 07-01 - open 7",
    }
    assert value_of("pipeline_value", **tables) is None
    assert value_of("pipeline_value", entity="b", **tables) == 7
    whole = row_of("pipeline_value", scope="portfolio", **tables)
    assert (whole["value"], whole["n"]) == (7, 1)


def test_when_an_open_deal_is_expected_to_close_says_nothing_yet():
    # Expected within the quarter, before it, and after it: each of them is open.
    deals = "a 07-01 08-01 open 5 | a 05-01 06-01 open 6 | a 07-01 12-31 open 7"
    assert value_of("pipeline_value", deals=deals) == 18
    assert value_of("win_rate", deals=deals) is None
    assert value_of("deals_won", deals=deals) == 0
    assert value_of("cohort_win_rate", deals="a 2025-07-01 2025-08-01 open 5") == 0


def test_a_deal_that_is_won_later_is_open_until_then_and_not_by_what_was_expected():
    dataset = dataset_of(deals="a 07-01 09-15 won 5 | a 07-01 08-01 open 7")
    quarter = Period.parse("2026-Q3")
    table = compute(dataset, Settings(), quarter, date(2026, 8, 31)).table
    of_partner = table.filter(scope="partner", kpi="pipeline_value")
    assert of_partner["value"].to_list() == [12]
