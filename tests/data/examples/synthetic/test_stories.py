"""Each story can be found in the KPIs: its cause, and later its effect."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import polars as pl
import pytest

from kpi_lib.examples.synthetic import STORIES

DOCS = Path(__file__).parents[4] / "docs" / "synthetic.md"
QUARTERS = ["2024-Q4", *(f"{year}-Q{n}" for year in (2025, 2026) for n in (1, 2, 3, 4))][:8]


def before(history: dict[str, float], quarter: str) -> float:
    """Return the mean of the quarters before one."""
    return mean(value for name, value in history.items() if name < quarter)


def since(history: dict[str, float], quarter: str) -> float:
    """Return the mean of the quarters from one on."""
    return mean(value for name, value in history.items() if name >= quarter)


def between(history: dict[str, float], first: str, end: str) -> float:
    """Return the mean of the quarters from one on and before another."""
    return mean(value for name, value in history.items() if first <= name < end)


# Partner; cause, since when, to how many times the quarters before; effect, the same.
WITH_STORY = [
    ("P0001", "on_time_rate", "2025-Q3", 0.75, "orders", "2026-Q1", 0.75),
    ("P0002", "certifications", "2025-Q3", 0.1, "win_rate", "2026-Q1", 0.65),
    ("P0003", "dso_days", "2025-Q3", 1.4, "orders", "2026-Q1", 0.6),
    ("P0004", "onboarding_rate", "2025-Q3", 0.4, "deal_registrations", "2026-Q1", 0.75),
    ("P0005", "portal_days", "2025-Q3", 0.4, "leads", "2026-Q1", 0.5),
    ("P0006", "brand_awareness", "2025-Q3", 0.7, "market_share", "2026-Q1", 0.75),
    ("P0007", "program_cost", "2025-Q4", 3.0, "margin_roi", "2026-Q1", 0.1),
    ("P0008", "order_error_rate", "2025-Q2", 2.5, "active_customers", "2026-Q1", 0.7),
    ("P0009", "interactions_per_week", "2025-Q1", 1.3, "revenue", "2025-Q4", 1.3),
    ("P0010", "compliance_rate", "2025-Q2", 0.75, "customer_csat", "2025-Q4", 0.75),
    ("P0011", "interactions_per_week", "2025-Q3", 0.3, "pipeline_value", "2026-Q1", 0.6),
    ("P0012", "backorder_rate", "2025-Q3", 3.0, "orders", "2026-Q1", 0.7),
]


def moved(times: float, goal: float) -> bool:
    """Say whether something went at least that far, up or down."""
    return times >= goal if goal > 1 else times <= goal


def find(values, partner, cause, begins, so_far, effect, follows, as_far) -> None:
    """Find a story: the cause since its quarter, the effect since a later one and not before."""
    assert begins < follows
    why, what = values(partner, cause), values(partner, effect)
    assert list(why) == list(what) == QUARTERS
    assert moved(since(why, begins) / before(why, begins), so_far), why
    assert moved(since(what, follows) / before(what, follows), as_far), what
    meanwhile = between(what, begins, follows) / before(what, begins)
    assert not moved(meanwhile, as_far), f"the effect is there before its time: {what}"


@pytest.mark.parametrize("story", WITH_STORY, ids=lambda story: story[0])
def test_the_cause_comes_first_and_the_effect_follows(values, story):
    find(values, *story)


@pytest.mark.slow
@pytest.mark.parametrize("story", WITH_STORY, ids=lambda story: story[0])
def test_a_larger_company_of_another_seed_has_the_same_stories(others, story):
    find(others, *story)


def test_certificates_run_out_before_deals_are_lost(values):
    people = values("P0002", "certified_people")
    assert people["2025-Q1"] > people["2025-Q3"] > people["2025-Q4"] > people["2026-Q2"] == 0


def test_the_credit_limit_is_reached_before_orders_are_held_back(values):
    over, orders = values("P0003", "over_limit"), values("P0003", "orders")
    assert (over["2024-Q4"], over["2025-Q1"], over["2025-Q4"]) == (0, 0, 1)
    assert orders["2025-Q4"] > 0.9 * orders["2024-Q4"]
    assert orders["2026-Q1"] < 0.7 * orders["2025-Q1"]
    overdue = values("P0003", "overdue_rate")
    assert min(overdue[quarter] for quarter in QUARTERS[3:]) > 0.35


def test_a_partner_that_is_not_brought_on_board_is_no_longer_content(values):
    nps = values("P0004", "partner_nps")
    assert before(nps, "2025-Q3") > 25
    assert since(nps, "2025-Q4") < -10


def test_late_and_wrong_goods_are_held_against_us_by_the_partners_customers(values):
    for partner in ("P0001", "P0008"):
        nps = values(partner, "customer_nps")
        assert since(nps, "2025-Q4") < before(nps, "2025-Q3") - 25, partner


def test_the_programme_earns_less_than_it_costs_in_the_end(values):
    roi = values("P0007", "margin_roi")
    assert min(roi[quarter] for quarter in QUARTERS[:4]) > 1
    assert roi["2026-Q2"] < 0 and roi["2026-Q3"] < 0
    overrun = values("P0007", "resource_overrun")
    assert before(overrun, "2025-Q3") < 0.05 < 0.2 < since(overrun, "2025-Q3")


def test_wrong_goods_come_back(values, table):
    picked = values("P0008", "picking_error_rate")
    assert before(picked, "2025-Q2") < 0.03 < 0.1 < since(picked, "2025-Q3")
    orders = table("orders").filter(pl.col("partner_id") == "P0008")
    late = pl.col("ordered_on") >= pl.date(2025, 7, 1)
    returned = (pl.col("status") == "returned").mean()
    share = {
        when: orders.filter(part).select(returned).item()
        for when, part in {"before": ~late, "since": late}.items()
    }
    assert share["since"] > 2.5 * share["before"]


def test_the_growing_partner_passes_its_target_and_enters_a_new_market(values):
    quota = values("P0009", "quota_attainment")
    assert min(quota[quarter] for quarter in ("2026-Q1", "2026-Q2", "2026-Q3")) > 1.2
    assert values("P0009", "new_markets")["2026-Q3"] == 1
    assert values("P0009", "margin_roi")["2026-Q3"] > 2
    new = values("P0009", "new_customers")
    assert between(new, "2025-Q3", "2026-Q2") > 2 * before(new, "2025-Q3")


def test_rules_that_are_not_kept_cost_revenue_in_the_end(values):
    incidents, revenue = values("P0010", "incidents"), values("P0010", "revenue")
    assert since(incidents, "2025-Q2") >= 3 > 1 >= before(incidents, "2025-Q2")
    assert since(revenue, "2026-Q2") < 0.65 * before(revenue, "2026-Q1")


def test_a_partner_that_waits_for_goods_orders_elsewhere(values):
    share = values("P0012", "wallet_share")
    assert share["2026-Q3"] < 0.8 * share["2025-Q4"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_the_page_tells_each_story_with_the_partner_it_happens_to(story):
    page = DOCS.read_text(encoding="utf-8")
    assert f"| P{story.partner:04} | {story.title} | {story.cause} | {story.effect} |" in page


def test_every_story_is_tested_here():
    assert {f"P{story.partner:04}" for story in STORIES} == {story[0] for story in WITH_STORY}
