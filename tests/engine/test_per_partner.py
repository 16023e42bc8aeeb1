"""Figures of each partner first, open amounts, and credit for deals, on rows written out."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of, results_of, row_of, value_of

MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")


def test_what_was_paid_in_parts_to_the_penny_leaves_nothing():
    row = row_of(
        "receivables",
        invoices="a 07-01 07-31 - 30.30",
        payments="0 08-01 10.10 | 0 08-02 20.20 | 0 10-01 5",
    )
    assert (row["value"], row["n"]) == (0, 1), "the last payment comes after the period"


def test_payments_of_an_invoice_that_was_paid_are_of_no_account():
    rows = {"invoices": "a 07-01 07-31 08-05 100", "payments": "0 08-01 40"}
    assert value_of("receivables", **rows) == 0


def test_invoices_that_name_no_partner_are_the_companys_and_stay_within_no_limit():
    dataset = dataset_of(
        invoices="a 07-01 07-31 - 100", payments="0 08-01 40", credit_limits="a 01-01 500"
    )
    nameless = dataset.tables["invoices"].drop("partner_id")
    dataset = replace(dataset, tables={**dataset.tables, "invoices": nameless})
    table = compute(dataset, Settings(), Period.parse("2026-Q3")).table
    owed = dict(table.filter(pl.col("kpi") == "receivables").select("scope", "value").iter_rows())
    assert (owed["company"], owed["portfolio"], owed["partner"]) == (60, None, None)
    used = table.filter(pl.col("kpi") == "credit_utilisation")["value"]
    assert used.is_null().all()


def test_the_limit_is_the_latest_and_that_of_a_partner_who_joins_later_counts_in_the_roll_up():
    rows = {
        "partners": "a 2020-01-01 | b 2027-01-01",
        "invoices": "a 07-01 07-31 - 50 | b 07-01 07-31 - 100 | - 07-01 07-31 - 999",
        "credit_limits": "a 01-01 10 | a 02-01 100 | a 10-01 1 | b 01-01 100",
    }
    assert value_of("credit_utilisation", **rows) == 0.5
    assert value_of("credit_utilisation", scope="portfolio", **rows) == 0.75
    assert value_of("over_limit", scope="company", **rows) == 0, "100 of 100 is not above it"
    assert value_of("credit_utilisation", scope="direct", **rows) is None
    assert "b" not in results_of(**rows).table["entity"].to_list()


@pytest.mark.parametrize(
    ("invoices", "days"),
    [
        pytest.param("a 09-10 09-30 09-15 60", 0, id="nothing is owed"),
        pytest.param("a 09-10 09-30 - 60 | a 09-11 09-30 09-12 60", 15, id="half of the month"),
        pytest.param("a 08-10 08-30 - 60", 61, id="a month without invoices adds its days"),
        pytest.param("a 2024-09-10 2024-09-30 - 60", None, id="more than 24 months ago"),
    ],
)
def test_days_are_counted_back_over_calendar_months(invoices, days):
    assert value_of("dso_countback_days", invoices=invoices) == days


def test_millions_that_were_paid_off_leave_no_days_of_rounding_behind():
    # What is left after January is December to the penny, though not in floats.
    invoices = "a 2026-01-19 03-01 - 3123192597.63 | a 2025-12-21 03-01 - 898.2207"
    days = value_of("dso_countback_days", period="2026-02", invoices=invoices)
    assert days == pytest.approx(28 + 31 + 31)


def test_credit_decays_from_the_last_touchpoint_however_long_ago():
    rows = dataset_of(
        partners="a 2020-01-01 | b 2020-01-01",
        deals="a 2014-01-01 08-01 won 90",
        touchpoints="0 a 2014-03-02T00:00:00 | 0 b 2014-03-01T00:00:00",
    )
    table = compute(rows, Settings(half_life_days=1), Period.parse("2026-Q3")).table
    credited = table.filter(pl.col("kpi") == "time_decay_revenue")
    shares = dict(credited.select("entity", "value").iter_rows())
    assert (shares["a"], shares["b"]) == pytest.approx((60, 30))


def test_every_model_of_attribution_adds_up_to_the_amount_won():
    rows = {
        "partners": "a 2020-01-01 | b 2020-01-01",
        "deals": "a 07-01 08-01 won 100 | b 07-01 08-01 won 10 | a 07-01 08-01 lost 7",
        "touchpoints": "0 a 2026-06-01T00:00:00 | 0 - 2026-07-02T09:00:00 "
        "| 0 b 2026-07-02T10:00:00 | 0 a 2026-08-02T00:00:00",
    }
    table = results_of(**rows).table
    for model in MODELS:
        of_model = table.filter(pl.col("kpi") == f"{model}_revenue")
        whose = of_model.filter(pl.col("scope").is_in(["partner", "direct"]))
        assert whose["value"].sum() == pytest.approx(110)
        company = of_model.filter(pl.col("scope") == "company")
        assert company["value"].item() == pytest.approx(110)


def test_of_a_deal_that_two_partners_touched_each_has_the_whole_and_the_portfolio_has_it_once():
    rows = {
        "partners": "a 2020-01-01 | b 2020-01-01",
        "deals": "- 07-01 08-01 won 100",
        "touchpoints": "0 a 2026-07-02T00:00:00 | 0 b 2026-07-03T00:00:00",
    }
    assert value_of("influenced_revenue", **rows) == 100
    assert value_of("influenced_revenue", entity="b", **rows) == 100
    assert row_of("influenced_revenue", scope="portfolio", **rows)["value"] == 100


def test_a_span_of_a_market_counts_once_it_has_ended():
    rows = dataset_of(
        orders="a c1 07-01 25 completed market_id=m | a c1 08-01 75 completed market_id=m",
        market_sizes="m 07-01 07-31 100 | m 08-01 08-31 200",
    )
    table = compute(rows, Settings(), Period.parse("2026-Q3"), date(2026, 8, 15)).table
    share = table.filter((pl.col("kpi") == "market_share") & (pl.col("scope") == "company"))
    assert (share["value"].item(), share["n"].item()) == (0.25, 1)


def test_quota_is_attained_against_the_whole_target_and_held_against_the_days_so_far():
    targets = "partner a revenue 2026-Q3 200 | partner a quota_attainment 2026-Q3 1"
    rows = dataset_of(orders="a c1 07-01 100", targets=targets)
    table = compute(rows, Settings(), Period.parse("2026-Q3"), date(2026, 7, 31)).table
    row = table.filter((pl.col("kpi") == "quota_attainment") & (pl.col("entity") == "a"))
    assert row["value"].item() == 0.5
    assert row["target"].item() == pytest.approx(31 / 92)
    assert row["status"].item() == "on_track"
