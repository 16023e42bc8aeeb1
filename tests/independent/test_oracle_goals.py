"""The oracle's scores, quotas and objectives against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from .worked import aim, cell, order, rows, shop

D = date.fromisoformat


def test_a_quota_is_whole_and_its_own_target_paced():
    goals = [aim("revenue", 200.0), aim("quota_attainment", 1.0)]
    tables = shop(order("2025-07-01", 100.0), targets=goals)
    to_date = {"as_of": D("2025-07-23")}
    assert cell(tables, "quota_attainment", **to_date) == 0.5
    assert cell(tables, "quota_attainment", "target", **to_date) == 0.25
    assert cell(tables, "quota_attainment", scope=("partner", "B")) is None


def test_health_is_the_mean_over_families_of_how_far_each_has_come():
    goals = [
        aim("revenue", 120.0, minimum=80.0),  # (100 - 80) / 40 = 0.5
        aim("orders", 1.0),  # reached: 1
        aim("active_customers", 4.0),  # floor 2: (1 - 2) / 2, clipped to 0
        aim("digital_order_share", 0.0),  # floor 0 too, and reached: 1
        aim("incidents", 1.0),  # no table
    ]
    tables = shop(order("2025-07-01", 100.0, channel="app"), targets=goals)
    # revenue 0.75, customer 0, relationship 1
    assert cell(tables, "health_score") == pytest.approx(100 * 1.75 / 3)
    weights = {"revenue": 2, "relationship": 0.5}
    assert cell(tables, "health_score", weights=weights) == pytest.approx(100 * 2 / 3.5)
    # Without digital_order_share, for which the partner is accountable.
    assert cell(tables, "our_service_score") == pytest.approx(100 * 0.75 / 2)
    # 100 of 120 is at_risk; 1 of 1 on track; 1 of 4 off track; 100 % of 0 % is on track, n 1
    # and its interval 0.2 to 1 not around 0.
    assert cell(tables, "targets_met") == 0.5
    assert cell(tables, "health_score", scope=("partner", "B")) is None


def test_of_a_supplier_we_are_served():
    deliveries = rows(
        "delivery_id",
        {"order_id": "x", "promised_on": "2025-07-10", "delivered_on": "2025-07-10"},
        quantity_ordered=1.0,
    )
    tables = {**shop(order("2025-07-01", 100.0)), "deliveries": deliveries}
    tables["targets"] = [aim("on_time_rate", 1.0), aim("revenue", 200.0, minimum=0.0)]
    assert cell(tables, "our_service_score") == 75  # service 1, revenue 0.5
    tables["partners"][0]["partner_type"] = "supplier"
    assert cell(tables, "our_service_score") == 50


def test_an_objective_is_on_track_where_it_has_come_as_far_as_its_time():
    running = rows(
        "objective_id",
        {"kpi": "revenue", "target": 200.0, "baseline": 0.0},  # half-way, half the time gone
        {"kpi": "revenue", "target": 201.0, "baseline": 0.0},
        {"kpi": "revenue", "target": 100.0, "baseline": 100.0},
        {"kpi": "gross_margin", "target": 1.0, "baseline": 0.0},  # no value
        {"kpi": "revenue", "target": 1.0, "baseline": 0.0, "due_on": "2025-06-30"},
        goal="efficiency",
        starts_on="2025-03-31",
        due_on="2026-03-31",
    )
    # March 31 to September 30 is 183 of 365 days: a little more than half.
    tables = shop(order("2025-07-01", 100.0), objectives=running)
    assert cell(tables, "goal_alignment") == pytest.approx(1 / 3)
    assert cell(tables, "goal_alignment", "n") == 3
    running[0]["due_on"] = "2026-04-01"  # 183 of 366
    assert cell(tables, "goal_alignment") == pytest.approx(2 / 3)


EVERY_LENGTH = {"2025-Q3": 1.0, "quarter": 2.0, "year": 3.0, "month": 4.0, "*": 5.0}


@pytest.mark.parametrize(
    ("given", "period", "target"),
    [
        (["2025-Q3", "quarter", "*"], "2025-Q3", 1),
        (["2025-Q3", "quarter", "*"], "2025-Q2", 2),
        (["quarter", "year", "month", "*"], "2025", 3),
        (["quarter", "year", "month", "*"], "2025-08", 4),
        (["quarter", "year", "month", "*"], "2025-H1", 5),
        (["quarter", "year", "month"], "2025-H1", None),
    ],
)
def test_the_exact_period_comes_first_then_its_length_then_any(given, period, target):
    goals = [aim("gross_margin", EVERY_LENGTH[when], period=when) for when in given]
    tables = shop(order("2025-07-01", 100.0), targets=goals)
    assert cell(tables, "gross_margin", "target", period=period) == target


def test_a_partners_own_target_of_any_length_comes_before_the_exact_one_of_all():
    of_all = aim("gross_margin", 9.0, scope="all", entity="*", period="2025-Q3")
    tables = shop(targets=[aim("gross_margin", 5.0, period="*"), of_all])
    assert cell(tables, "gross_margin", "target") == 5
    assert cell(tables, "gross_margin", "target", scope=("partner", "B")) == 9


def test_what_adds_up_over_a_period_has_no_target_for_all_lengths():
    goals = [aim(kpi, 25.0, period="*") for kpi in ("revenue", "quota_attainment")]
    tables = shop(order("2025-07-01", 30.0), targets=goals)
    assert cell(tables, "revenue", "target") is None
    assert cell(tables, "revenue", "status") == "no_target"
    assert cell(tables, "quota_attainment", "target") == 25


def test_each_period_has_its_own_target():
    goals = [aim("revenue", 40.0), aim("revenue", 5.0, period="2025-Q2")]
    bought = [order(day, 10.0) for day in ("2025-07-01", "2025-04-01", "2025-01-01")]
    tables = shop(*bought, targets=goals)
    assert cell(tables, "revenue", "off_track_periods") == 1  # 10 of 5 in the quarter before


@pytest.mark.parametrize(
    ("spent", "roi"), [(20.0, 4), (0.0, None), (-20.0, None)], ids=["cost", "none", "a credit"]
)
def test_nothing_is_divided_by_what_is_not_above_0(spent, roi):
    cost = {"channel": "partner", "category": "mdf", "incurred_on": "2025-07-01", "amount": spent}
    tables = shop(order("2025-07-01", 100.0), costs=rows("cost_id", cost))
    assert cell(tables, "roi") == roi
    assert (cell(tables, "roi", "denominator") is None) == (roi is None)
    assert cell(tables, "program_cost") == spent
