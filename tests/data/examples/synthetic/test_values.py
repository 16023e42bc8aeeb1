"""What the KPIs of the company come to in its last whole quarter."""

from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.engine.formula import Formula
from kpi_lib.examples.synthetic import STORIES
from kpi_lib.kpis.catalogue import catalogue

OF_MODELS = {
    *("customer_lifetime_value", "lifetime_value", "lifetime_value_to_cac"),
    *("churn_risk", "revenue_at_risk"),
}
WITH_STORY = {f"P{story.partner:04}" for story in STORIES}
SPECIAL = {"P0014", "P0015", "P0016"}  # left, new, hardly there

# Where the values of four in five partners lie, those with a story among them.
PLAUSIBLE = {
    "gross_margin": (0.15, 0.4),
    "otif_rate": (0.75, 1.0),
    "order_error_rate": (0.0, 0.1),
    "dso_days": (20, 70),
    "overdue_rate": (0.0, 0.5),
    "on_time_payment_rate": (0.2, 1.0),
    "credit_utilisation": (0.1, 1.0),
    "win_rate": (0.2, 0.5),
    "lead_qualification_rate": (0.35, 0.75),
    "lead_conversion_rate": (0.03, 0.35),
    "sales_cycle_days": (20, 85),
    "partner_nps": (-20, 75),
    "customer_nps": (-10, 75),
    "partner_csat": (0.5, 1.0),
    "customer_csat": (0.6, 1.0),
    "customer_retention": (0.35, 1.0),
    "repeat_purchase_rate": (0.3, 1.0),
    "digital_order_share": (0.2, 0.95),
    "interactions_per_week": (0.6, 2.6),
    "margin_roi": (0.5, 6.0),
    "wallet_share": (0.1, 0.8),
    "brand_awareness": (0.3, 0.65),
    "training_completion": (0.4, 1.0),
    "compliance_rate": (0.7, 1.0),
}


@pytest.fixture(scope="module")
def kpi_rows(results) -> pl.DataFrame:
    return results.table


def test_every_kpi_that_needs_no_model_has_a_value_somewhere(kpi_rows):
    valued = set(kpi_rows.drop_nulls("value")["kpi"])
    assert set(catalogue()) - OF_MODELS - valued == set()


def test_every_kpi_that_has_a_target_is_one_of_the_catalogue(table):
    for name in ("targets", "objectives", "partner_reported"):
        assert set(table(name)["kpi"]) <= set(catalogue()), name


def test_what_adds_up_has_targets_by_length_and_none_for_periods_of_any(table):
    adding_up = [
        kpi.id
        for kpi in catalogue().values()
        if isinstance(kpi.formula, Formula) and kpi.formula.adds_up
    ]
    targets = table("targets").filter(pl.col("kpi").is_in(adding_up))
    assert "*" not in set(targets["period"])
    tonnes = targets.filter(kpi="delivered_tonnage", entity="contractor").select("period", "target")
    assert dict(tonnes.rows()) == {"month": 8.0, "quarter": 25.0, "half": 50.0, "year": 100.0}


@pytest.mark.parametrize("kpi", PLAUSIBLE)
def test_the_values_of_most_partners_are_plausible(kpi_rows, kpi):
    low, high = PLAUSIBLE[kpi]
    settled = ~pl.col("entity").is_in(SPECIAL) & (pl.col("scope") == "partner")
    values = kpi_rows.filter(settled, pl.col("kpi") == kpi)["value"].drop_nulls()
    assert values.len() >= 19
    assert values.is_between(low, high).mean() >= 0.8, values.sort().to_list()


def test_the_partners_are_worth_more_than_direct_business_where_that_is_the_point(kpi_rows):
    rows = kpi_rows.filter(pl.col("scope").is_in(["portfolio", "direct"]))
    value = {(row["scope"], row["kpi"]): row["value"] for row in rows.to_dicts()}
    assert value["portfolio", "win_rate"] > value["direct", "win_rate"]
    assert value["portfolio", "sales_cycle_days"] < value["direct", "sales_cycle_days"]
    assert value["portfolio", "cac_reduction"] > 0


def test_most_is_on_track_some_at_risk_some_off_track(kpi_rows):
    own = kpi_rows.filter(pl.col("scope") == "partner")
    counts = dict(own["status"].value_counts().iter_rows())
    judged = counts["on_track"] + counts["at_risk"] + counts["off_track"]
    assert 0.6 < counts["on_track"] / judged < 0.85
    assert counts["at_risk"] > 50 and counts["off_track"] > 40


def test_partners_in_trouble_are_the_least_healthy(kpi_rows):
    health = dict(
        kpi_rows.filter(pl.col("scope") == "partner", pl.col("kpi") == "health_score")
        .select("entity", "value")
        .iter_rows()
    )
    growing = "P0009"
    ordinary = sorted(value for key, value in health.items() if key not in WITH_STORY | SPECIAL)
    troubled = sorted(health[key] for key in WITH_STORY - {growing})
    assert troubled[len(troubled) // 2] < ordinary[len(ordinary) // 2] - 5
    assert health[growing] > ordinary[len(ordinary) // 2]


def test_every_scope_and_form_of_target_is_there(table):
    targets = table("targets")
    assert set(targets["scope"]) == {"partner", "tier", "partner_type", "all", "portfolio"}
    assert {"*", "2026", "2026-H2", "2026-Q3", "2026-09"} <= set(targets["period"])
    assert targets["minimum"].count() > 50 and targets["baseline"].count() > 10


def test_objectives_speak_for_every_goal_and_those_due_are_measured(table, kpi_rows):
    assert table("objectives")["goal"].n_unique() == 5
    aligned = kpi_rows.filter(pl.col("scope") == "partner", pl.col("kpi") == "goal_alignment")[
        "value"
    ]
    assert aligned.count() > 15 and 0 < aligned.mean() < 1


# --- what partners report -------------------------------------------------------------------------

DIFFERENT = {
    ("P0003", "revenue"): ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"],
    ("P0011", "sourced_revenue"): ["2026-Q1", "2026-Q2", "2026-Q3"],
    ("P0017", "orders"): ["2026-Q2", "2026-Q3"],
    ("P0021", "leads"): ["2026-Q3"],
}


def test_reported_figures_are_ours_to_the_cent_but_for_those_planted(results, table):
    ours = results.history.filter(pl.col("scope") == "partner").select(
        pl.col("entity").alias("partner_id"), "kpi", "period", pl.col("value").alias("ours")
    )
    both = table("partner_reported").join(ours, on=["partner_id", "kpi", "period"])
    assert both.height == table("partner_reported").height > 300
    assert both["owner"].null_count() == 0
    apart = both.filter((pl.col("value").cast(pl.Float64) - pl.col("ours")).abs() > 0.0051)
    found: dict[tuple[str, str], list[str]] = {}
    for partner, kpi, period in apart.select("partner_id", "kpi", "period").sort(pl.all()).rows():
        found.setdefault((partner, kpi), []).append(period)
    assert found == DIFFERENT
