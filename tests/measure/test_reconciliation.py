"""What partners report beside what we count: agreed, in dispute and since when, or why not."""

from datetime import date
from functools import cache

import pytest

from kpi_lib.measure.compute import compute
from kpi_lib.measure.reconciliation import SCHEMA, reconcile
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

ORDERS = "a c1 01-05 100 | a c1 04-05 100 | a c1 07-05 100 | b c2 07-06 0 | - c9 2020-01-01 1"
PARTNERS = "a 2020-01-01 | b 2026-05-01"


@cache
def computed(period, as_of, tables, year_end, packs):
    """Our figures, which what is reported does not change: computed once for tables that repeat."""
    settings = Settings(year_end=year_end, packs=dict(packs))
    return compute(dataset_of(**dict(tables)), settings, Period.parse(period, year_end), as_of)


def reconciled(reported, *, period="2026-Q3", as_of=None, settings=None, **tables):
    settings = settings or Settings()
    tables = {"partners": PARTNERS, "orders": ORDERS, **tables}
    given = tuple(tables.items()), settings.year_end, tuple(settings.packs.items())
    dataset = dataset_of(**tables, partner_reported=reported)
    return reconcile(computed(period, as_of, *given), dataset, settings.tolerances)


def only_row(reported, **asked):
    return reconciled(reported, **asked).row(0, named=True)


def test_a_figure_beyond_the_tolerance_is_in_dispute_and_says_who_answers_for_it():
    assert only_row("a revenue 2026-Q3 120 10-01 owner=Bo", period="2026-Q4") == {
        "partner_id": "a",
        "kpi": "revenue",
        "period": "2026-Q3",
        "ours": 100.0,
        "reported": 120.0,
        "difference": 20.0,
        "relative": 0.2,
        "tolerance": 0.01,
        "owner": "Bo",
        "reported_on": date(2026, 10, 1),
        "since": "2026-Q3",
        "status": "disputed",
        "why": None,
    }


@pytest.mark.parametrize(
    ("reported", "status"),
    [
        pytest.param("100", "agreed", id="the same"),
        pytest.param("101", "agreed", id="just within one per cent"),
        pytest.param("99", "agreed", id="just within, below"),
        pytest.param("101.01", "disputed", id="beyond"),
        pytest.param("98.99", "disputed", id="beyond, below"),
        pytest.param("101.0000000005", "agreed", id="within a billionth of the edge"),
    ],
)
def test_a_hundredth_of_our_figure_is_tolerated(reported, status):
    assert only_row(f"a revenue 2026-Q3 {reported} 09-30")["status"] == status


def test_the_settings_tolerate_more_or_nothing():
    wide = Settings(tolerances={"revenue": 0.2})
    row = only_row("a revenue 2026-Q3 120 09-30", settings=wide)
    assert (row["status"], row["tolerance"]) == ("agreed", 0.2)
    none = Settings(tolerances={"revenue": 0.0})
    orders = "a c1 07-05 0.1 | a c1 07-06 0.2"
    assert only_row("a revenue 2026-Q3 0.3 09-30", settings=none, orders=orders)["status"] == (
        "agreed"
    )
    assert only_row("a revenue 2026-Q3 100.01 09-30", settings=none)["status"] == "disputed"


def test_nothing_of_ours_has_no_relative_difference():
    row = only_row("b revenue 2026-Q3 5 09-30")
    assert (row["ours"], row["difference"], row["relative"]) == (0.0, 5.0, None)
    assert row["status"] == "disputed"
    assert only_row("b revenue 2026-Q3 0 09-30")["status"] == "agreed"


def test_a_figure_that_is_not_reported_yet_is_none():
    assert len(reconciled("a revenue 2026-Q3 120 10-01")) == 0
    assert len(reconciled("a revenue 2026-Q3 120 09-30")) == 1


def test_a_partner_that_has_not_joined_yet_has_no_row():
    partners = f"{PARTNERS} | later 2026-10-01"
    assert len(reconciled("later revenue 2026-Q3 1 09-01", partners=partners)) == 0


def test_a_dispute_runs_from_the_first_of_the_disputed_periods_in_a_row():
    reported = (
        "a revenue 2025-Q4 7 01-15 | a revenue 2026-Q1 120 04-01 | a revenue 2026-Q2 130 07-01 "
        "| a revenue 2026-Q3 140 09-30 | a orders 2026-Q1 9 04-01 | a orders 2026-Q2 1 07-01 "
        "| a orders 2026-Q3 9 09-30 | b revenue 2026-Q3 7 09-30"
    )
    rows = reconciled(reported).select("partner_id", "kpi", "period", "since").rows()
    assert rows == [
        ("a", "orders", "2026-Q1", "2026-Q1"),
        ("a", "orders", "2026-Q2", None),
        ("a", "orders", "2026-Q3", "2026-Q3"),
        ("a", "revenue", "2025-Q4", "2025-Q4"),
        ("a", "revenue", "2026-Q1", "2025-Q4"),
        ("a", "revenue", "2026-Q2", "2025-Q4"),
        ("a", "revenue", "2026-Q3", "2025-Q4"),
        ("b", "revenue", "2026-Q3", "2026-Q3"),
    ]


def test_a_period_that_nobody_reported_ends_a_dispute():
    rows = reconciled("a revenue 2026-Q1 120 04-01 | a revenue 2026-Q3 140 09-30")
    assert rows["since"].to_list() == ["2026-Q1", "2026-Q3"]


def test_weeks_are_counted_as_weeks_across_the_turn_of_a_year():
    orders = "a c1 2025-12-24 10 | a c1 2025-12-31 10 | a c1 01-07 10"
    reported = "a orders 2026-W01 99 01-09 | a orders 2025-W52 99 01-09 | a orders 2026-W02 9 01-09"
    rows = reconciled(reported, period="2026-W02", orders=orders)
    assert rows.select("period", "since").rows() == [
        ("2025-W52", "2025-W52"),
        ("2026-W01", "2025-W52"),
        ("2026-W02", "2025-W52"),
    ]


def test_quarters_are_those_of_the_company_s_year():
    settings = Settings(year_end="MAR")
    row = only_row("a revenue 2027-Q2 100 09-30", period="2027-Q2", settings=settings)
    assert (row["ours"], row["status"]) == (100.0, "agreed")


@pytest.mark.parametrize(
    ("reported", "status", "why"),
    [
        pytest.param("a revenue 2026-09 1 09-30", "not_compared",
                     "it is of a month, and this run is of a quarter", id="another length"),
        pytest.param("a revenue Q3/2026 1 09-30", "not_compared",
                     "'Q3/2026' is not a period", id="no period"),
        pytest.param("a revenu 2026-Q3 1 09-30", "not_compared",
                     "there is no KPI 'revenu'", id="no KPI"),
        pytest.param("a otif_rate 2026-Q3 1 09-30", "no_figure",
                     "there is no table deliveries", id="no data of ours"),
        pytest.param("a order_growth 2026-Q3 1 09-30", "no_figure",
                     "nothing to compare with in the same period a year ago", id="no value"),
        pytest.param("a average_order_value 2025-Q3 1 09-30", "no_figure",
                     "there is no value of it", id="no value then"),
        pytest.param("b revenue 2026-Q1 1 09-30", "no_figure",
                     "the partner had not joined then", id="before it joined"),
        pytest.param("a active_partners 2026-Q3 1 09-30", "no_figure",
                     "it is shown for no single partner", id="a roll-up's KPI"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_held_against_it_the_row_says_why(reported, status, why):
    row = only_row(reported)
    assert (row["status"], row["why"]) == (status, why)
    assert [row[name] for name in ("ours", "difference", "relative", "since")] == [None] * 4


def test_a_kpi_of_longer_periods_has_no_figure_of_a_month():
    row = only_row("a market_share 2026-07 1 07-30", period="2026-07")
    assert row["why"] == "it is shown for a quarter at the least, and this run is of a month"


@pytest.mark.parametrize("period", ["2024-Q2", "2026-Q4", "2026", "2026-10", "2026-W27", "2026-H2"])
def test_periods_that_the_run_does_not_look_at_have_no_row(period):
    assert len(reconciled(f"a revenue {period} 1 09-30")) == 0


def test_a_run_to_date_compares_no_figure_of_a_whole_period():
    rows = reconciled(
        "a revenue 2026-Q3 100 08-01 | a revenue 2026-Q2 999 07-01 | a revenue 2026-07 1 08-01",
        as_of=date(2026, 8, 15),
    )
    assert rows["status"].unique().to_list() == ["not_compared"]
    whys = dict(rows.select("period", "why").rows())
    assert whys["2026-Q3"] == "it is of all of 2026-Q3, and this run stops at 2026-08-15"
    assert whys["2026-Q2"] == "it is of all of 2026-Q2, and this run stops at 2026-05-15"
    assert whys["2026-07"] == "it is of a month, and this run is of a quarter"


def test_a_measure_of_the_company_s_own_is_compared_like_any_other():
    settings = Settings(packs={"shelf_share": ("ratio", "higher")})
    observed = "a shelf_share 07-01 3 4"
    row = only_row("a shelf_share 2026-Q3 0.9 09-30", settings=settings, observations=observed)
    assert (row["ours"], row["status"]) == (0.75, "disputed")


def test_where_nothing_was_reported_the_table_is_empty_and_has_its_columns():
    dataset = dataset_of(partners=PARTNERS, orders=ORDERS)
    results = compute(dataset, Settings(), Period.parse("2026-Q3"))
    none = reconcile(results, dataset, {})
    assert (len(none), dict(none.schema)) == (0, SCHEMA)
    assert dict(reconciled("a revenue 2026-Q3 1 10-30").schema) == SCHEMA
