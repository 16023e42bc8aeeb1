"""Suggested targets: a little better than a year ago, possible, and never what was agreed."""

from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.suggested_targets import SCHEMA, suggest_targets, target_of
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import results_of

ORDERS = (
    "a c1 2025-07-01 100 | a c2 2025-07-02 60 | a c1 2026-07-01 50 | b c3 2026-07-01 70 | "
    "- c4 2025-07-01 900"
)
PARTNERS = "a 2020-01-01 partner_type=distribution | b 2020-01-01"


def suggested(growth=0.05, targets="partner b revenue * 1") -> dict[tuple[str, str], dict]:
    results = results_of(partners=PARTNERS, orders=ORDERS, targets=targets)
    suggestions = suggest_targets(results, Settings(), growth)
    assert suggestions.schema == pl.Schema(SCHEMA)
    return {(row["entity"], row["kpi"]): row for row in suggestions.rows(named=True)}


def test_a_target_is_last_years_figure_a_little_better_and_keeps_it_as_baseline():
    row = suggested()["a", "revenue"]
    assert (row["scope"], row["period"], row["baseline"], row["target"]) == (
        "partner", "2026-Q3", 160.0, 168.0,
    )  # fmt: skip


def test_only_kpis_of_the_profile_that_had_a_figure_and_have_no_target_are_suggested():
    suggestions = suggested(targets="partner a revenue * 1")
    assert ("a", "revenue") not in suggestions
    assert not [kpi for entity, kpi in suggestions if entity == "b" and kpi == "revenue"]
    assert not {kpi for _, kpi in suggestions} & {"gross_margin", "health_score"}


def test_growth_on_the_year_is_what_was_asked_for():
    orders = f"{ORDERS} | a c1 2024-07-01 80"
    suggestions = suggest_targets(results_of(partners=PARTNERS, orders=orders), Settings(), 0.07)
    (row,) = suggestions.filter(entity="a", kpi="revenue_growth").rows(named=True)
    assert (row["target"], row["baseline"]) == (0.07, 1.0)


def test_who_left_before_the_period_has_no_target():
    gone = "a 2020-01-01 2026-06-30 partner_type=distribution | b 2020-01-01 2026-08-01"
    orders = f"{ORDERS} | b c3 2025-07-01 5"
    suggestions = suggest_targets(results_of(partners=gone, orders=orders), Settings())
    assert set(suggestions["entity"]) == {"b"}


def test_a_measure_of_a_pack_has_a_target_where_a_profile_names_it():
    settings = Settings(profiles={"reseller": ("user_adoption",)})
    results = results_of(observations="a user_adoption 2025-07-01 4 5")
    (row,) = suggest_targets(results, settings, 0.5).rows(named=True)
    assert (row["kpi"], row["baseline"], row["target"]) == ("user_adoption", 0.8, 1.0)


@pytest.mark.parametrize(
    ("kpi", "before", "growth", "target"),
    [
        ("active_customers", 20.0, 0.05, 21.0),
        ("active_customers", 21.0, 0.05, 23.0),
        ("open_incidents", 9.0, 0.05, 8.0),
        ("open_incidents", 0.0, 0.5, 0.0),
        ("dso_days", 40.0, 0.1, 36.0),
        ("otif_rate", 0.98, 0.05, 1.0),
        ("unit_fill_rate", 0.99, 0.05, 1.0),
        ("roi", 0.98, 0.05, 1.029),
        ("emissions_intensity", 1.2, 0.05, 1.14),
        ("user_adoption", 1.2, 0.05, 1.26),
        ("orders_per_month", 2.4, 0.05, 2.52),
        ("assessment_score", 98.0, 0.05, 100.0),
        ("health_score", 60.0, 0.05, 63.0),
        ("order_error_rate", 0.0004, 0.05, 0.00038),
        ("average_order_value", 1.5, 0.05, 1.575),
        ("dso_days", 0.0, 0.05, 0.0),
        ("order_error_rate", 0.04, 0.25, 0.03),
        ("customer_nps", 98.0, 0.05, 100.0),
        ("customer_nps", -20.0, 0.05, -19.0),
        ("revenue", -100.0, 0.05, -95.0),
    ],
)
def test_a_target_stays_within_what_can_be(kpi, before, growth, target):
    assert target_of(catalogue()[kpi], before, growth) == pytest.approx(target)
