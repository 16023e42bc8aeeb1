from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

ORDERS = "a c1 2026-07-01 100 | a c2 2026-04-01 50"


def row_with(targets, *, kpi="revenue", scope="partner", entity="a", orders=ORDERS, as_of=None):
    """The row of a KPI where the targets are as given: (scope, entity, target, minimum, period)."""
    dataset = dataset_of(orders=orders, partners="a 2020-01-01 tier=gold | b 2020-01-01")
    frame = pl.DataFrame(
        [(s, e, kpi, p, t, m, None) for s, e, t, m, p in targets],
        schema=["scope", "entity", "kpi", "period", "target", "minimum", "baseline"],
        orient="row",
    ).cast(dict.fromkeys(("target", "minimum", "baseline"), pl.Float64))
    tables = {**dataset.tables, "targets": frame.lazy()}
    results = compute(replace(dataset, tables=tables), Settings(), Period.parse("2026-Q3"), as_of)
    wanted = (pl.col("kpi") == kpi) & (pl.col("scope") == scope) & (pl.col("entity") == entity)
    return results.table.filter(wanted).row(0, named=True)


@pytest.mark.parametrize(
    ("target", "minimum", "status"),
    [
        pytest.param(100, None, "on_track", id="reached to the penny"),
        pytest.param(100 + 1e-8, None, "on_track", id="equal within 1e-9 of its size"),
        pytest.param(110, None, "at_risk", id="within a tenth below the target"),
        pytest.param(112, None, "off_track", id="more than a tenth below it"),
        pytest.param(112, 90, "at_risk", id="above the minimum that was agreed"),
        pytest.param(112, 101, "off_track", id="below the minimum that was agreed"),
    ],
)
def test_status_says_where_a_figure_stands(target, minimum, status):
    row = row_with([("partner", "a", target, minimum, "2026-Q3")])
    assert row["status"] == status
    assert row["variance"] == pytest.approx(100 - target)


def test_the_minimum_by_default_is_a_tenth_of_the_target_below_it():
    assert row_with([("partner", "a", 200, None, "*")])["minimum"] == pytest.approx(180)


def test_the_first_that_matches_of_partner_tier_type_and_all_holds():
    layers = [
        ("all", "*", 4, None, "2026-Q3"),
        ("partner_type", "reseller", 3, None, "2026-Q3"),
        ("tier", "gold", 2, None, "2026-Q3"),
        ("partner", "a", 1, None, "*"),
    ]
    for given in range(len(layers)):
        assert row_with(layers[: given + 1])["target"] == 4 - given
    assert row_with(layers, entity="b")["target"] == 3, "b has no tier and no target of its own"


def test_the_exact_period_comes_before_every_period_and_a_year_is_never_split():
    exact = [("partner", "a", 7, None, "*"), ("partner", "a", 9, None, "2026-Q3")]
    assert row_with(exact)["target"] == 9
    assert row_with([("partner", "a", 400, None, "2026")])["target"] is None


@pytest.mark.parametrize(
    ("given", "target"),
    [
        pytest.param({"*": 1, "quarter": 2, "2026-Q3": 3}, 3, id="the exact period first"),
        pytest.param({"*": 1, "quarter": 2, "2026-Q2": 3}, 2, id="then its length"),
        pytest.param({"*": 1, "month": 2, "year": 4}, 1, id="then any length"),
        pytest.param({"month": 2, "year": 4, "half": 5, "week": 6}, None, id="no other length"),
    ],
)
def test_the_exact_period_comes_before_its_length_and_that_before_any(given, target):
    targets = [("partner", "a", amount, None, period) for period, amount in given.items()]
    assert row_with(targets)["target"] == target


def test_a_length_of_the_partner_comes_before_the_exact_period_of_its_type():
    targets = [
        ("partner_type", "reseller", 3, None, "2026-Q3"),
        ("partner", "a", 2, None, "quarter"),
    ]
    assert row_with(targets)["target"] == 2
    assert row_with(targets, entity="b")["target"] == 3


def test_a_target_of_each_quarter_holds_for_the_quarters_before_too():
    orders = "a c1 2026-01-01 50 | a c1 2026-04-01 50 | a c1 2026-07-01 50"
    row = row_with([("partner", "a", 100, None, "quarter")], orders=orders)
    assert (row["status"], row["off_track_periods"]) == ("off_track", 3)


def test_the_quota_of_each_quarter_is_that_of_the_quarter():
    targets = [("partner", "a", 200, None, "quarter"), ("partner", "a", 999, None, "year")]
    dataset = dataset_of(orders=ORDERS, partners="a 2020-01-01")
    frame = pl.DataFrame(
        [(s, e, "revenue", p, float(t), m, None) for s, e, t, m, p in targets],
        schema=["scope", "entity", "kpi", "period", "target", "minimum", "baseline"],
        orient="row",
    )
    tables = {**dataset.tables, "targets": frame.lazy()}
    results = compute(replace(dataset, tables=tables), Settings(), Period.parse("2026-Q3"))
    own = results.table.filter(kpi="quota_attainment", scope="partner", entity="a")
    assert own["value"].to_list() == [0.5]


def test_the_portfolios_target_is_that_of_the_roll_up_and_of_nothing_else():
    targets = [("portfolio", "*", 90, None, "2026-Q3")]
    assert row_with(targets, scope="portfolio", entity="portfolio")["status"] == "on_track"
    assert row_with(targets)["status"] == "no_target"


def test_to_date_a_sum_is_held_against_its_share_of_the_target():
    row = row_with([("partner", "a", 184, None, "2026-Q3")], as_of=date(2026, 7, 31))
    assert row["target"] == pytest.approx(184 * 31 / 92)
    average = [("partner", "a", 100, None, "2026-Q3")]
    row = row_with(average, kpi="average_order_value", as_of=date(2026, 7, 31))
    assert row["target"] == 100, "an average does not grow with the days"


def test_an_interval_around_the_target_on_a_few_rows_is_unsure():
    orders = "a c1 2026-07-01 9 | a c1 2026-07-02 9 | a c2 2026-07-01 9"
    targets = [("partner", "a", 0.6, None, "*")]
    row = row_with(targets, kpi="repeat_purchase_rate", orders=orders)
    assert row["value"] == 0.5
    assert row["low"] < 0.6 < row["high"]
    assert row["status"] == "unsure"


def test_periods_off_track_are_counted_backwards_until_one_is_not():
    orders = "a c1 2026-07-01 10 | a c1 2026-04-01 10 | a c1 2026-01-01 99 | a c1 2025-10-01 10"
    row = row_with([("partner", "a", 50, None, "*")], orders=orders)
    assert row["status"] == "off_track"
    assert row["off_track_periods"] == 2


def test_lower_is_better_for_days_between_purchases():
    orders = "a c1 2026-06-20 5 | a c1 2026-07-01 5"
    kpi = "days_between_purchases"
    assert (
        row_with([("partner", "a", 11, None, "*")], kpi=kpi, orders=orders)["status"] == "on_track"
    )
    assert (
        row_with([("partner", "a", 10.5, None, "*")], kpi=kpi, orders=orders)["status"] == "at_risk"
    )
    assert (
        row_with([("partner", "a", 9, None, "*")], kpi=kpi, orders=orders)["status"] == "off_track"
    )
