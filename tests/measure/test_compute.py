"""Scopes, missing values and the boundaries of periods, on rows written out."""

from datetime import date

import polars as pl
import pytest

from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of, results_of, row_of, value_of

TWO = "a 2020-01-01 tier=gold | b 2021-01-01 tier=gold | c 2021-01-01"


def test_a_customer_of_two_partners_is_one_customer_of_the_roll_up():
    rows = {"partners": TWO, "orders": "a c1 07-01 5 | b c1 07-02 5 | c c2 07-01 5 | - c2 07-01 5"}
    assert value_of("active_customers", **rows) == 1
    assert value_of("active_customers", scope="tier", entity="gold", **rows) == 1
    assert value_of("active_customers", scope="portfolio", **rows) == 2
    assert value_of("active_customers", scope="direct", **rows) == 1
    assert value_of("active_customers", scope="company", **rows) == 2


def test_a_roll_up_is_a_ratio_of_sums_and_never_a_mean_of_ratios():
    rows = {"partners": TWO, "orders": "a c1 07-01 100 | b c2 07-01 10 | b c2 07-02 10"}
    assert value_of("average_order_value", scope="tier", entity="gold", **rows) == 40


def test_the_first_and_the_last_day_of_a_period_belong_to_it():
    orders = "a c1 06-30 1 | a c1 07-01 10 | a c1 09-30 100 | a c1 10-01 1000"
    assert value_of("revenue", orders=orders) == 110


def test_what_happens_after_the_day_does_not_exist_yet():
    rows = dataset_of(orders="a c1 07-01 10 | a c1 08-02 100", partners="a 2020-01-01 08-15")
    results = compute(rows, Settings(), Period.parse("2026-Q3"), date(2026, 8, 1))
    by_kpi = {
        row["kpi"]: row for row in results.table.filter(pl.col("scope") == "portfolio").to_dicts()
    }
    assert by_kpi["revenue"]["value"] == 10
    assert by_kpi["active_partners"]["value"] == 1, "it leaves on 15 August"
    assert by_kpi["partner_churn_rate"]["value"] == 0


def test_a_sum_over_no_rows_is_0_and_a_quotient_over_none_is_missing():
    row = row_of("revenue", orders="a c1 2025-07-01 5")
    assert (row["value"], row["n"], row["missing"]) == (0, 0, None)
    row = row_of("average_order_value", orders="a c1 2025-07-01 5")
    assert (row["value"], row["numerator"], row["denominator"]) == (None, None, None)
    assert row["missing"] == "nothing to measure it by in this period"
    assert row["status"] == "no_data"


def test_growth_on_nothing_has_no_value_and_says_so():
    row = row_of("revenue_growth", orders="a c1 07-01 5 | a c1 2025-07-01 -5 returned")
    assert row["missing"] == "nothing to compare with in the same period a year ago"


def test_a_missing_table_or_column_is_named():
    assert row_of("revenue", partners="a 2020-01-01")["missing"] == "there is no table orders"
    orders = "a c1 07-01 5"
    assert row_of("gross_margin", orders=orders)["missing"] == "there is no column orders.cost"


def test_orders_that_name_no_partner_are_the_companys_alone():
    dataset = dataset_of(orders="a c1 07-01 5")
    orders = dataset.tables["orders"].drop("partner_id")
    tables = {**dataset.tables, "orders": orders}
    table = compute(type(dataset)(tables, "", False, False, {}, {}, {}), Settings(),
                    Period.parse("2026-Q3")).table  # fmt: skip
    rows = {row["scope"]: row for row in table.filter(pl.col("kpi") == "revenue").to_dicts()}
    assert rows["company"]["value"] == 5
    assert rows["partner"]["missing"] == "there is no column orders.partner_id"
    assert rows["portfolio"]["value"] is None
    gap = table.filter(pl.col("kpi") == "purchase_gap_ratio").row(0, named=True)
    assert gap["value"] is None


def test_direct_business_has_no_length_of_partnership():
    row = row_of("partnership_years", scope="direct", orders="a c1 07-01 5")
    assert row["missing"] == "the rows of partners are all a partner's"


def test_a_partner_that_joins_later_has_no_row_and_its_orders_count_in_the_roll_up():
    rows = {"partners": "a 2020-01-01 | b 2027-01-01", "orders": "a c1 07-01 5 | b c2 07-01 7"}
    table = results_of(**rows).table
    assert "b" not in table["entity"].to_list()
    assert value_of("revenue", scope="portfolio", **rows) == 12
    assert value_of("revenue", scope="partner_type", entity="reseller", **rows) == 12


def test_periods_before_joining_stand_beside_nothing():
    rows = {"partners": "a 2026-05-01", "orders": "a c1 2025-07-01 5 | a c1 05-02 6 | a c1 07-01 7"}
    row = row_of("revenue", **rows)
    assert row["previous"] == 6, "it joined within the previous quarter"
    assert row["year_ago"] is None
    assert row["baseline"] is None, "one quarter of four has a value"


def test_a_balance_of_exactly_0_is_0():
    orders = "a c1 2025-07-01 10.10 | a c1 2025-07-02 20.20 | a c1 2025-07-03 -30.30 returned"
    row = row_of("revenue_retention", orders=orders + " | a c1 07-01 5")
    assert row["value"] is None, "its sales a year ago were 0, so it is not among the customers"


def test_a_kpi_worth_a_look_every_quarter_has_no_row_in_a_month():
    table = results_of(period="2026-07", orders="a c1 07-01 5").table
    assert "customer_retention" not in table["kpi"].to_list()
    assert "revenue" in table["kpi"].to_list()


def test_days_until_the_next_purchase_lie_in_the_period_of_the_later_day():
    orders = "a c1 06-20 5 | a c1 06-20 5 | a c1 07-01 5 | a c1 07-11 5 | b c1 07-06 5"
    rows = {"partners": TWO, "orders": orders}
    row = row_of("days_between_purchases", **rows)
    assert (row["value"], row["n"]) == (10.5, 2)
    gold = row_of("days_between_purchases", scope="tier", entity="gold", **rows)
    assert (gold["numerator"], gold["n"]) == (21, 3), "the order with b lies between"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param("06-01 06-02 06-03 06-04 06-05 06-06 09-10", 20 / 1, id="its own gaps"),
        pytest.param("09-10", None, id="too few, its type's too"),
    ],
)
def test_the_usual_gap_is_the_one_that_nine_in_ten_stay_within(days, expected):
    own = days.split()
    orders = " | ".join(f"a c1 {day} 5" for day in own)
    row = row_of("purchase_gap_ratio", orders=orders)
    if expected is None:
        assert row["value"] is None
        assert "fewer than 5 gaps" in row["missing"]
    else:
        assert row["numerator"] == 20
        assert row["denominator"] == pytest.approx(48.5)


def test_too_few_gaps_are_held_against_those_of_all_partners_of_the_type_each_apart():
    # Gaps of 30, 30 and 30 days of a, and of 10, 10 and 10 of b: between their days there is none.
    days = {"a": "04-01 05-01 05-31 06-30", "b": "08-31 09-10 09-20 09-30", "c": "07-01 07-02"}
    orders = " | ".join(f"{who} c1 {day} 5" for who in days for day in days[who].split())
    partners = "a 2020-01-01 | b 2020-01-01 | c 2020-01-01 partner_type=supplier"
    row = row_of("purchase_gap_ratio", partners=partners, orders=orders)
    assert (row["numerator"], row["denominator"]) == (92, 30)
    assert row_of("purchase_gap_ratio", entity="b", partners=partners, orders=orders)["value"] == 0
    alone = row_of("purchase_gap_ratio", entity="c", partners=partners, orders=orders)
    assert "its own or its type's" in alone["missing"]


def test_a_run_before_any_partner_joined_has_the_whole_only():
    table = results_of(partners="a 2030-01-01", orders="a c1 07-01 5").table
    assert set(table["scope"]) == {"portfolio", "direct", "company"}


def test_a_week_53_without_a_year_ago_says_so():
    row = row_of("revenue_growth", period="2026-09", orders="a c1 2025-08-31 5")
    assert row["missing"] == "nothing to compare with in the same period a year ago"
    results = results_of(period="2026-W53", orders="a c1 2026-12-29 5")
    assert "revenue_growth" not in results.table["kpi"].to_list(), "it is worth a look each month"
    orders = "a c1 2026-07-01 5 | a c1 2026-09-01 5"
    gap = row_of("revenue_growth_previous", period="2026-09", orders=orders)
    assert gap["missing"] == "nothing to compare with in the period before"
