"""The oracle against figures worked out by hand, so that it may be trusted as a witness."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from .compare import differences
from .generate import call, generate, write_folder
from .oracle import kpi_table
from .periods import parse
from .slots import EVENTS, MAIN_DATE, day_of
from .worked import aim, cell, order, partner, shop

D = date.fromisoformat


@pytest.mark.parametrize(
    ("label", "year_end", "first", "last"),
    [
        ("2026-Q1", "MAR", "2025-04-01", "2025-06-30"),
        ("2026-H1", "MAR", "2025-04-01", "2025-09-30"),
        ("2026", "NOV", "2025-12-01", "2026-11-30"),
        ("2026-09", "MAR", "2026-09-01", "2026-09-30"),
        ("2020-W53", "DEC", "2020-12-28", "2021-01-03"),
    ],
)
def test_a_period_lies_where_the_companys_year_puts_it(label, year_end, first, last):
    period = parse(label, year_end)
    assert (period.first, period.last, period.label) == (D(first), D(last), label)


def test_the_period_before_crosses_years_and_week_53():
    assert parse("2025-Q1").back(1).label == "2024-Q4"
    assert parse("2025-01").back(13).label == "2023-12"
    assert parse("2021-W01").back(1).label == "2020-W53"
    assert parse("2020-W53").year_ago() is None
    assert parse("2020-W52").year_ago().label == "2019-W52"
    with pytest.raises(ValueError, match="not a period"):
        parse("2025-W53")


def test_revenue_takes_returns_off_and_leaves_cancelled_orders_out():
    tables = shop(
        order("2025-07-01", 100.0),
        order("2025-09-30", -30.0, status="returned"),
        order("2025-08-01", 999.0, status="cancelled"),
        order("2025-10-01", 5.0),
        order("2025-08-02", 7.0, who=None),
    )
    assert cell(tables, "revenue") == 70  # 100 - 30
    assert cell(tables, "revenue", "n") == 2
    assert cell(tables, "revenue", scope=("direct", "direct")) == 7
    assert cell(tables, "revenue", scope=("company", "company")) == 77
    assert cell(tables, "orders") == 1
    assert cell(tables, "revenue_share") == pytest.approx(70 / 77)


def test_money_is_converted_at_its_own_day():
    rates = [
        {"currency": "GBP", "valid_from": "2025-01-01", "rate": 1.2},
        {"currency": "GBP", "valid_from": "2025-08-01", "rate": 1.3},
        {"currency": "EUR", "valid_from": "2025-01-01", "rate": 2.0},
    ]
    tables = shop(
        order("2025-07-31", 100.0, currency="GBP", cost=50.0),
        order("2025-08-01", 100.0, currency="GBP", cost=None),
        order("2025-08-01", 10.0, currency="EUR", cost=None),
        order("2025-08-02", 1.0, currency=None, cost=None),
        fx_rates=rates,
    )
    assert cell(tables, "revenue") == 261  # 120 + 130 + 10 + 1: its own currency needs no rate
    assert cell(tables, "gross_margin") == 0.5  # (120 - 60) / 120


def test_growth_is_against_the_same_days_where_the_run_is_to_date():
    tables = shop(
        order("2024-07-10", 40.0),
        order("2024-07-11", 1000.0),
        order("2025-07-10", 50.0),
        order("2025-07-11", 1000.0),
    )
    to_date = {"as_of": D("2025-07-10")}
    assert cell(tables, "revenue_growth") == pytest.approx(1050 / 1040 - 1)
    assert cell(tables, "revenue_growth", **to_date) == 0.25  # 50 / 40 - 1
    assert cell(tables, "revenue_growth", "numerator", **to_date) == 50
    assert cell(tables, "revenue", "year_ago", **to_date) == 40
    with pytest.raises(ValueError, match="not a day of"):
        cell(tables, "revenue", as_of=D("2025-10-01"))


def test_a_base_of_zero_gives_no_growth():
    balanced = [order("2024-07-01", a, status="returned") for a in (10.10, 20.20, -30.30)]
    tables = shop(*balanced, order("2025-07-01", 5.0))
    assert cell(tables, "revenue_growth") is None
    assert cell(tables, "revenue_growth", "missing") is not None
    assert cell(tables, "revenue_retention") is None  # no customer with sales above 0 then


def test_retention_counts_who_came_back_in_the_scope():
    tables = shop(
        *[order("2024-08-01", 100.0, customer_id=c) for c in ("x", "y", "z")],
        order("2025-08-01", 150.0, customer_id="x"),
        order("2025-08-01", 40.0, customer_id="y"),
        order("2025-08-01", 10.0, who="B", customer_id="z"),
        order("2025-08-02", 10.0, customer_id=None),
    )
    assert cell(tables, "customer_retention") == pytest.approx(2 / 3)  # z went to B
    assert cell(tables, "customer_retention", scope=("portfolio", "portfolio")) == 1
    assert cell(tables, "revenue_retention") == pytest.approx(190 / 300)
    assert cell(tables, "gross_revenue_retention") == pytest.approx(140 / 300)  # 100 + 40 + 0
    assert cell(tables, "revenue_retention", "n") == 3
    # Wilson for 2 of 3: (2/3 + 3.8414/6 -+ 1.96 sqrt(2/27 + 3.8414/36)) / (1 + 3.8414/3)
    assert cell(tables, "customer_retention", "low") == pytest.approx(0.2077, abs=5e-5)
    assert cell(tables, "customer_retention", "high") == pytest.approx(0.9385, abs=5e-5)


def test_gaps_between_purchases_end_in_the_period():
    tables = shop(
        order("2025-06-20", 1.0),
        order("2025-07-10", 1.0),
        order("2025-07-10", 2.0),
        order("2025-07-20", 1.0),
        order("2025-10-05", 1.0),
    )
    assert cell(tables, "days_between_purchases") == 15  # (20 + 10) / 2
    assert cell(tables, "repeat_purchase_rate") == 1
    assert cell(tables, "orders_per_month") == 1  # 3 orders in 3 months
    to_date = cell(tables, "orders_per_month", as_of=D("2025-07-31"))
    assert to_date == pytest.approx(3 / (31 / 30.4375))


def test_the_usual_gap_is_the_types_where_the_partner_has_few():
    days = ["2025-07-01", "2025-07-03", "2025-07-06", "2025-07-10", "2025-07-15", "2025-07-21"]
    tables = shop(*[order(day, 1.0) for day in days])
    # Gaps 2 3 4 5 6; the 90th percentile is 5 + 0.6 x 1; July 21 to September 30 is 71 days.
    assert cell(tables, "purchase_gap_ratio") == pytest.approx(71 / 5.6)
    few = shop(*[order(day, 1.0) for day in days], order("2025-07-31", 1.0, who="B"))
    # B alone has no gap; A's and its own together are 2 3 4 5 6. July 31 to September 30: 61 days.
    assert cell(few, "purchase_gap_ratio", scope=("partner", "B")) == pytest.approx(61 / 5.6)
    # One more order gives B a gap of 12: 2 3 4 5 6 12, the 90th percentile 6 + 0.5 x 6.
    few["orders"].append(order("2025-08-12", 1.0, who="B"))
    assert cell(few, "purchase_gap_ratio", scope=("partner", "B")) == pytest.approx(49 / 9)


def test_an_absent_table_or_column_is_missing_and_never_zero():
    orders = [{c: v for c, v in order("2025-07-01", 9.0).items() if c != "partner_id"}]
    assert cell({"partners": [partner("A")]}, "revenue", "missing") == "there is no table orders"
    assert cell(shop(order("2025-07-01", 9.0)), "sales_volume") is None
    assert cell(shop(*orders), "revenue") is None
    assert cell(shop(*orders), "revenue", scope=("company", "company")) == 9


def test_partners_count_from_the_day_they_join_to_the_day_they_leave():
    partners = [
        partner("A", "2023-09-30", left_on=None),
        partner("B", "2025-07-01", left_on="2025-10-01"),
        partner("C", "2025-01-01", left_on="2025-09-30"),
        partner("D", "2025-10-01", left_on=None),
    ]
    whole = ("portfolio", "portfolio")
    assert cell({"partners": partners}, "active_partners", scope=whole) == 2  # A, B
    assert cell({"partners": partners}, "new_partners", scope=whole) == 1  # B
    assert cell({"partners": partners}, "partner_churn_rate", scope=whole) == 0.5  # C of A, C
    # 2023-09-30 to 2025-09-30 is 731 days.
    assert cell({"partners": partners}, "partnership_years") == pytest.approx(731 / 365.25)
    assert cell({"partners": partners}, "partnership_years", scope=("direct", "direct")) is None
    rows = kpi_table({"partners": partners}, "2025-Q3", kpis=["revenue"])
    assert [r["entity"] for r in rows if r["scope"] == "partner"] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ({"target": 100.0}, "on_track"),
        ({"target": 111.0}, "at_risk"),  # the minimum is 99.9
        ({"target": 112.0}, "off_track"),  # the minimum is 100.8
        ({"target": 112.0, "minimum": 100.0}, "at_risk"),
        ({"target": 999.0, "period": "2025-Q2"}, "no_target"),
        ({"target": 999.0, "scope": "portfolio", "entity": "*"}, "no_target"),
    ],
)
def test_a_value_of_100_against_a_target(target, status):
    tables = shop(order("2025-07-01", 100.0), targets=[{**aim("revenue", 0), **target}])
    assert cell(tables, "revenue", "status") == status


def test_the_partners_own_target_and_the_exact_period_come_first():
    targets = [
        aim("revenue", 1.0),
        aim("revenue", 2.0, period="2025-Q3"),
        aim("revenue", 3.0, scope="all", entity="*", period="2025-Q3"),
    ]
    tables = shop(order("2025-07-01", 100.0), targets=targets)
    assert cell(tables, "revenue", "target") == 2
    assert cell(tables, "revenue", "target", scope=("partner", "B")) == 3
    assert cell(tables, "revenue", "minimum", scope=("partner", "B")) == pytest.approx(2.7)


def test_a_target_of_a_sum_is_paced_to_date():
    tables = shop(order("2025-07-01", 50.0), targets=[aim("revenue", 92.0), aim("orders", 92.0)])
    assert cell(tables, "revenue", "target", as_of=D("2025-07-23")) == 23  # 92 x 23 / 92 days
    assert cell(tables, "revenue", "variance", as_of=D("2025-07-23")) == 27
    assert cell(tables, "revenue", "status", as_of=D("2025-07-23")) == "on_track"


def test_trend_baseline_and_off_track_periods_look_back():
    months = [f"2025-{month:02d}-15" for month in range(1, 9)]
    rising = [order(day, 10.0 * n) for n, day in enumerate(months, start=1)]
    tables = shop(*rising, targets=[aim("revenue", 75.0, period="month")])
    august = {"period": "2025-08"}
    assert cell(tables, "revenue", "trend", **august) == "up"  # 10, 20 .. 80: tau is 1
    assert cell(tables, "revenue", "previous", **august) == 70
    # Twelve months before: 0 five times, then 10 to 70, which is 280 in all.
    assert cell(tables, "revenue", "baseline", **august) == pytest.approx(280 / 12)
    assert cell(tables, "revenue", "off_track_periods", **august) == 0  # 80 is on track
    # May is 50, below 67.5, and so are seven months before it.
    assert cell(tables, "revenue", "off_track_periods", period="2025-05") == 8


def test_a_period_before_a_partner_joined_has_no_value_beside_it():
    tables = shop(order("2025-07-05", 5.0), order("2025-08-05", 5.0))
    tables["partners"] = [partner("A", "2025-08-01")]
    august = {"period": "2025-08"}
    assert cell(tables, "revenue", "previous", **august) is None
    assert cell(tables, "revenue_growth_previous", **august) == 0  # a formula is not filtered
    assert cell(tables, "revenue", "previous", ("portfolio", "portfolio"), **august) == 5


def test_a_partner_is_placed_among_five_others_of_its_type():
    names, amounts = "ABCDEF", [30, 10, 20, 30, 40, 50]
    tables = shop(*[order("2025-07-01", a, who=w) for w, a in zip(names, amounts, strict=True)])
    tables["partners"] = [partner(name) for name in names]
    # A beats B and C, ties with D: (2 + 0.5) / 5. The others: 10 20 30 40 50.
    assert cell(tables, "revenue", "peer_percentile") == 0.5
    quartiles = [cell(tables, "revenue", f"peer_{c}") for c in ("q1", "median", "q3")]
    assert quartiles == [20, 30, 40]
    tables["partners"][5]["left_on"] = "2025-06-30"
    assert cell(tables, "revenue", "peers") == 4
    assert cell(tables, "revenue", "peer_percentile") is None


def test_the_differences_name_the_cell():
    theirs = kpi_table(shop(order("2025-07-01", 9.0)), "2025-Q3", kpis=["revenue", "gross_margin"])
    ours = pl.DataFrame(theirs, infer_schema_length=None)
    assert differences(ours, theirs) == []
    other = ours.with_columns(
        value=pl.when(pl.col("entity") == "A").then(9.1).otherwise(pl.col("value"))
    )
    assert [str(cell) for cell in differences(other, theirs, ["revenue"])] == [
        "partner 'A' revenue value: ours 9.1, theirs 9.0"
    ]
    assert [str(cell) for cell in differences(ours.slice(1), theirs)] == [
        "partner 'A' revenue row: ours False, theirs True"
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("fmt", ["csv", "parquet"])
def test_a_random_company_reads_the_same_from_files(seed, fmt, tmp_path):
    tables = generate(seed, orders=80, with_other_tables=True)
    assert tables == generate(seed, orders=80, with_other_tables=True)
    write_folder(tables, tmp_path, fmt)
    asked = {
        **call(seed),
        "kpis": ["revenue", "otif_rate", "certified_people", "last_touch_revenue"],
    }
    assert kpi_table(tmp_path, **asked) == kpi_table(tables, **asked)


def test_the_settings_targets_win():
    tables = shop(order("2025-07-01", 9.0), targets=[aim("revenue", 1.0), aim("orders", 2.0)])
    settings = {"targets": [aim("revenue", 5.0)]}
    assert cell(tables, "revenue", "target", **settings) == 5
    assert cell(tables, "orders", "target", **settings) == 2


def known_by(day: date, tables: dict[str, list[dict[str, object]]]) -> dict:
    """Return what the tables held at the end of that day."""
    known = {}
    for name, rows in tables.items():
        main, events = MAIN_DATE.get(name), EVENTS.get(name, ())
        kept = [row for row in rows if main is None or day_of(row[main]) <= day]
        known[name] = [
            {c: None if c in events and v is not None and v > day else v for c, v in row.items()}
            for row in kept
        ]
        for row in known[name]:
            if name == "deals" and row.get("closed_on", day) is None:
                row["outcome"] = "open"
    return known


@pytest.mark.parametrize("seed", [0, 2, 4, 10])
def test_a_period_has_the_same_values_later_from_more_data(seed):
    tables = generate(seed, partners=6, orders=80, with_other_tables=True)
    asked = call(seed)
    day = asked["as_of"] or parse(asked["period"], asked["year_end"]).last
    assert kpi_table(known_by(day, tables), **asked) == kpi_table(tables, **asked)
