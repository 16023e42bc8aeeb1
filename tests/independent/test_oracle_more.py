"""The oracle's other families against figures worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from .worked import aim, cell, company, order, rows, shop

D = date.fromisoformat
PORTFOLIO, DIRECT, COMPANY = [(name, name) for name in ("portfolio", "direct", "company")]


# --- funnel and attribution -----------------------------------------------------------------------


def test_a_lead_is_judged_once_ninety_days_after_it_came():
    leads = rows(
        "lead_id",
        {"created_on": "2025-04-02", "qualified_on": "2025-07-01"},  # 90 days: in time
        {"created_on": "2025-04-02", "qualified_on": "2025-07-02"},
        {"created_on": "2025-07-02", "qualified_on": None},  # due on September 30
        {"created_on": "2025-07-03", "qualified_on": "2025-07-03"},  # due after P
        {"created_on": "2025-04-01", "qualified_on": "2025-04-01"},  # June 30: before P
    )
    assert cell(company(leads=leads), "lead_qualification_rate") == pytest.approx(1 / 3)
    assert cell(company(leads=leads), "qualified_leads") == 3


def deal(closed: str | None, amount: float | None, outcome: str = "won", **more: object) -> dict:
    return {
        "opened_on": "2025-07-01",
        "closed_on": closed,
        "amount": amount,
        "outcome": outcome,
    } | more


def test_a_deal_closed_after_as_of_is_open():
    deals = rows("deal_id", deal("2025-08-10", 100.0), deal("2025-09-01", 50.0, "lost"))
    assert cell(company(deals=deals), "win_rate") == 0.5
    assert cell(company(deals=deals), "pipeline_value", as_of=D("2025-08-31")) == 50
    assert cell(company(deals=deals), "sales_cycle_days") == 40
    assert cell(company(deals=deals), "sales_cycle_median_days", "n") == 1


@pytest.mark.parametrize("expected", ["2025-08-20", "2025-12-31", None])
def test_an_open_deal_has_a_close_that_is_expected_and_none_that_was(expected):
    deals = rows(
        "deal_id",
        deal("2025-08-01", 1000.0),
        deal("2025-08-02", 500.0, "lost"),
        deal(expected, 700.0, "open"),
    )
    tables = company(deals=deals)
    assert cell(tables, "pipeline_value") == 700
    assert cell(tables, "deals_won") == 1
    assert cell(tables, "win_rate", "n") == 2


def test_a_deal_without_an_amount_is_counted_and_summed_nowhere():
    unknown = [deal("2025-08-10", None), deal(None, None, "open")]
    deals = rows("deal_id", deal("2025-08-10", 100.0), *unknown)
    touch = {**TOUCHES[0], "deal_id": "1", "partner_id": "A"}
    tables = company(deals=deals, touchpoints=[touch])
    assert cell(tables, "deals_won") == 2
    assert (cell(tables, "sourced_revenue"), cell(tables, "sourced_revenue", "n")) == (100, 1)
    assert (cell(tables, "average_deal_size"), cell(tables, "average_deal_size", "n")) == (100, 1)
    assert cell(tables, "influenced_revenue", "n") == 1
    assert cell(tables, "first_touch_revenue") == 100
    assert cell(tables, "sales_cycle_days") == 40  # both
    assert cell(tables, "pipeline_value") is None  # an open deal, and none has an amount
    assert cell(tables, "pipeline_value", scope=("partner", "B")) == 0  # no open deal
    tables["deals"].append({**deals[2], "deal_id": "9", "amount": 7.0})
    assert (cell(tables, "pipeline_value"), cell(tables, "pipeline_value", "n")) == (7, 1)


TOUCHES = [
    {"touchpoint_id": "1", "occurred_at": "2025-07-02T10:00:00", "partner_id": "A"},
    {"touchpoint_id": "3", "occurred_at": "2025-08-01T10:00:00", "partner_id": None},
    {"touchpoint_id": "2", "occurred_at": "2025-08-01T10:00:00", "partner_id": "B"},
    {"touchpoint_id": "4", "occurred_at": "2025-08-31T23:59:59", "partner_id": "B"},
    {"touchpoint_id": "5", "occurred_at": "2025-09-01T00:00:00", "partner_id": "A"},
]


@pytest.mark.parametrize(
    ("model", "a", "b", "direct"),
    [
        # The path is A, B, none, B: the touchpoint after August 31 is not of it.
        ("first_touch", 100, 0, 0),
        ("last_touch", 0, 100, 0),
        ("linear", 25, 50, 25),
        ("position_based", 40, 50, 10),  # 0.4, 0.1, 0.1, 0.4
        # Half-life 30, days 60, 30, 30, 0: weights 1/4, 1/2, 1/2, 1 of 2.25.
        ("time_decay", 25 / 2.25, 150 / 2.25, 50 / 2.25),
    ],
)
def test_a_won_deal_is_credited_along_its_path(model, a, b, direct):
    touches = [{"deal_id": "0", **touch} for touch in TOUCHES]
    deals = rows("deal_id", deal("2025-08-31", 100.0), deal("2025-08-31", 7.0, partner_id="B"))
    tables = company(deals=deals, touchpoints=touches)
    kpi = f"{model}_revenue"
    assert cell(tables, kpi) == pytest.approx(a)
    assert cell(tables, kpi, scope=("partner", "B")) == pytest.approx(b + 7)  # no path: its own
    assert cell(tables, kpi, scope=DIRECT) == pytest.approx(direct)
    assert cell(tables, kpi, scope=COMPANY) == pytest.approx(107)
    assert cell(tables, kpi, "n") is None
    assert cell(tables, "influenced_revenue", scope=("partner", "B")) == 107
    assert cell(tables, "influenced_revenue", scope=PORTFOLIO) == 107


def test_deals_with_a_partner_involved_are_held_against_direct():
    deals = rows(
        "deal_id",
        deal("2025-08-31", 1.0),
        deal("2025-08-31", 1.0, partner_id=None),
        deal("2025-08-31", 1.0, partner_id=None),
        deal("2025-08-31", 1.0, "lost", partner_id=None),
    )
    touch = {**TOUCHES[0], "deal_id": "1"}
    tables = company(deals=deals, touchpoints=[touch])
    assert cell(tables, "involved_win_rate", scope=PORTFOLIO) == 1
    assert cell(tables, "involved_win_rate", scope=DIRECT) == 0.5
    assert cell(tables, "involved_win_rate", "benchmark", PORTFOLIO) == pytest.approx(0.765)
    assert cell(tables, "involved_win_rate", "benchmark", DIRECT) is None
    assert cell(tables, "attach_rate", scope=COMPANY) == pytest.approx(2 / 3)


# --- cost -----------------------------------------------------------------------------------------


def test_the_programmes_cost_is_the_portfolios_alone():
    costs = rows(
        "cost_id",
        {"channel": "partner", "category": "mdf", "amount": 30.0},
        {"channel": "partner", "category": "operations", "amount": 5.0},
        {"channel": "partner", "category": "tools", "amount": 10.0, "partner_id": None},
        {"channel": "direct", "category": "tools", "amount": 80.0, "partner_id": None},
        incurred_on="2025-07-05",
    )
    customers = rows("customer_id", {}, {}, {"partner_id": None}, acquired_on="2025-07-05")
    tables = {**shop(order("2025-07-05", 70.0)), "costs": costs, "customers": customers}
    assert cell(tables, "program_cost") == 35
    assert cell(tables, "program_cost", scope=PORTFOLIO) == 45
    assert cell(tables, "roi") == 1  # (70 - 35) / 35
    assert cell(tables, "cac") == 15  # 30 / 2
    assert cell(tables, "cac", scope=PORTFOLIO) == 20  # 40 / 2
    assert cell(tables, "cac", scope=DIRECT) == 80
    assert cell(tables, "cac", scope=COMPANY) == 40  # 120 / 3
    assert cell(tables, "cac_reduction") == 1 - 15 / 80


def test_the_share_of_wallet_is_of_the_partners_whose_spending_is_known():
    spend = rows(
        "observation_id",
        {"observed_on": "2025-01-01", "numerator": 900.0},
        {"observed_on": "2025-06-01", "numerator": 400.0},
        {"observed_on": "2025-06-01", "numerator": 500.0},  # the greater id of the day
        {"observed_on": "2024-03-30", "numerator": 9.0, "partner_id": "B"},  # 549 days before
        measure="category_spend",
    )
    tables = shop(
        order("2024-09-30", 1000.0),
        order("2024-10-01", 100.0),
        order("2025-09-30", 50.0),
        order("2025-09-30", 50.0, who="B"),
        observations=spend,
    )
    assert cell(tables, "wallet_share") == 0.3
    assert cell(tables, "wallet_share", scope=COMPANY) == 0.3
    assert cell(tables, "wallet_share", scope=("partner", "B")) is None


# --- service --------------------------------------------------------------------------------------


def test_deliveries_of_cancelled_orders_do_not_count():
    deliveries = rows(
        "delivery_id",
        {"order_id": "x", "delivered_on": "2025-07-10", "quantity_delivered": 10.0},
        {"order_id": "x", "delivered_on": "2025-07-10", "quantity_delivered": 4.0},
        {"order_id": "y", "delivered_on": "2025-07-11", "quantity_delivered": 10.0},
        {"order_id": "z", "delivered_on": None, "quantity_delivered": None},
        {"order_id": "gone", "delivered_on": "2025-07-10", "quantity_delivered": 10.0},
        promised_on="2025-07-10",
        quantity_ordered=10.0,
    )
    orders = rows(
        "order_id",
        *[{"order_id": name} for name in "xyz"],
        {"order_id": "gone", "status": "cancelled"},
        ordered_on="2025-07-01",
        amount=1.0,
        status=None,
    )
    tables = company(deliveries=deliveries, orders=orders)
    assert cell(tables, "on_time_rate") == 0.5  # both of x, of x x y z
    assert cell(tables, "in_full_rate") == 0.5  # one of x, y
    assert cell(tables, "otif_rate") == 0.25
    assert cell(tables, "unit_fill_rate") == 0.35  # (10 + 4) / 40
    assert cell(tables, "order_otif_rate") == 0
    assert cell(tables, "delivery_days") == 9.25  # 9 9 10 9, a cancelled order's too
    assert cell(tables, "on_time_rate", as_of=D("2025-07-10")) == 0.5
    del tables["orders"]
    assert cell(tables, "on_time_rate") == 0.6


# --- surveys, engagements, markets ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "value", "low", "high"),
    [
        # m 7, a 2.75/7, d 1.75/7: 14.2857 -+ 196 x sqrt((4.5/7 - 1/49) / 7)
        pytest.param([10, 9, 8, 6], 25, -44.161, 72.732, id="some of each"),
        # m 7, a 0.75/7, d 4.75/7: -57.1429 -+ 196 x sqrt((5.5/7 - 16/49) / 7), cut at -100
        pytest.param([5, 5, 4, 3], -100, -100, -6.943, id="four on one side are not certain"),
        # m 4, a 1.75/4, d 0.75/4: 25 -+ 196 x sqrt((2.5/4 - 1/16) / 4)
        pytest.param([9], 100, -48.5, 98.5, id="one answer, which the interval does not hold"),
    ],
)
def test_a_net_promoter_score_is_as_uncertain_as_three_answers_more_say(scores, value, low, high):
    said = {"respondent": "end_customer", "instrument": "nps", "responded_on": "2025-07-01"}
    answers = rows("response_id", *[{"score": float(score)} for score in scores], **said)
    tables = company(surveys=answers)
    assert cell(tables, "customer_nps") == value
    assert cell(tables, "customer_nps", "low") == pytest.approx(low, abs=5e-4)
    assert cell(tables, "customer_nps", "high") == pytest.approx(high, abs=5e-4)
    assert cell(tables, "partner_nps") is None


def test_blocks_of_seven_days_count_from_the_first_day():
    met = rows(
        "engagement_id",
        {"occurred_on": "2025-07-07"},
        {"occurred_on": "2025-07-08"},
        {"occurred_on": "2025-07-14", "attended": None},
        {"occurred_on": "2025-07-20", "attended": False},
        {"occurred_on": "2025-07-31", "kind": "portal_login"},
        kind="meeting",
        attended=True,
        invited=True,
    )
    tables = company(engagements=met)
    july = {"period": "2025-07"}
    assert cell(tables, "active_weeks", **july) == 0.4  # blocks 1 and 2 of 5
    assert cell(tables, "active_weeks", scope=PORTFOLIO, **july) == 0.2  # 2 of 5 x 2 partners
    assert cell(tables, "interactions_per_week", **july) == pytest.approx(3 / (31 / 7))
    assert cell(tables, "meeting_attendance", **july) == pytest.approx(2 / 3)
    assert cell(tables, "portal_days", **july) == 1


def test_market_shares_add_up_to_the_companys():
    markets = [
        {"market_id": "m", "name": "m", "kind": "vertical", "target": True, "accounts": 4},
        {"market_id": "o", "name": "o", "kind": "vertical", "target": None, "accounts": None},
    ]
    sizes = [
        {"market_id": "m", "starts_on": "2025-07-01", "ends_on": "2025-07-31", "size": 200.0},
        {"market_id": "o", "starts_on": "2025-09-01", "ends_on": "2025-10-31", "size": 999.0},
    ]
    tables = shop(
        order("2025-07-31", 20.0, market_id="m"),
        order("2025-08-01", 40.0, market_id="m"),
        order("2025-07-31", 10.0, who=None, market_id="m"),
        order("2025-09-30", 70.0, market_id="o"),
        markets=markets,
        market_sizes=sizes,
    )
    assert cell(tables, "market_share") == 0.1
    assert cell(tables, "market_share", scope=COMPANY) == pytest.approx(0.15)
    assert cell(tables, "new_markets") == 1
    assert cell(tables, "new_market_penetration") == 1
    assert cell(tables, "new_market_revenue") == 60
    assert cell(tables, "market_penetration") == 0.25  # one customer in one market, of 4 accounts


# --- capability, innovation, packs ----------------------------------------------------------------


def test_a_certificate_counts_until_it_ends():
    people = rows(
        "enrolment_id",
        {"person_id": "1", "certified_on": "2025-01-01", "certificate_until": "2025-09-30"},
        {"person_id": "1", "certified_on": "2025-02-01", "certificate_until": None},
        {"person_id": "2", "certified_on": "2025-01-01", "certificate_until": "2025-09-29"},
        {"person_id": "3", "certified_on": "2025-10-01", "certificate_until": None},
        course="x",
        enrolled_on="2024-12-01",
    )
    assert cell(company(training=people), "certified_people") == 1


def test_resources_are_held_against_plan_by_kind():
    booked = rows(
        "resource_id",
        {"kind": "people", "allocated": 10.0, "utilised": 15.0},
        {"kind": "budget", "allocated": 10.0, "utilised": 4.0},
        {"kind": "budget", "allocated": 10.0, "utilised": 6.0},
        {"kind": "technology", "allocated": 0.0, "utilised": 3.0},
        booked_on="2025-07-01",
        project="x",
    )
    tables = company(resources=booked)
    assert cell(tables, "resource_utilisation") == 0.75  # (1 + 0.5) / 2 kinds
    assert cell(tables, "resource_overrun") == 0.25  # (0.5 + 0) / 2


def test_a_measures_rows_with_and_without_a_denominator_are_not_mixed():
    seen = rows(
        "observation_id",
        {"measure": "on_time_delivery", "numerator": 3.0, "denominator": 4.0},
        {"measure": "on_time_delivery", "numerator": 9.0, "denominator": None},
        {"measure": "sell_through_volume", "numerator": 9.0, "denominator": None},
        observed_on="2025-07-01",
    )
    goals = [aim(kpi, 92.0) for kpi in ("sell_through_volume", "on_time_delivery")]
    tables = company(observations=seen, targets=goals)
    assert cell(tables, "on_time_delivery") == 0.75
    assert cell(tables, "sell_through_volume") == 9
    to_date = {"as_of": D("2025-07-23")}
    assert cell(tables, "sell_through_volume", "target", **to_date) == 23
    assert cell(tables, "on_time_delivery", "target", **to_date) == 92
    tables["partners"][1]["industry"] = "automotive"
    assert cell(tables, "on_time_delivery", scope=("partner", "B")) is None  # a row, no value
