"""The money at stake: what a shortfall can have cost, never what a formula makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.insights.playbook_rules import Stake, When
from kpi_lib.insights.shortfall import gap_of
from kpi_lib.insights.stake import at_stake
from tests.insights.made import KPIS, acted, off, row, rule, standing

ORDERS = Stake(times=["average_order_value"], of="revenue")
DSO = Stake(times=["receivables"], over=["dso_days"])
BEHIND = When(behind_year_ago=0.1)


def reckoned(kpi_row, *others, when=None, stake=None):
    kpi, rows = KPIS[kpi_row.kpi], {r.kpi: r for r in (kpi_row, *others)}
    when = when or When(status=["off_track"])
    return at_stake(stake, kpi, gap_of(when, kpi_row, kpi.better), rows, KPIS)


def amount(*rows, **more):
    found = reckoned(*rows, **more)
    return None if found is None else found.amount


def test_missing_orders_are_worth_no_more_than_the_revenue_that_is_missing():
    orders = row("orders", 100.0, year_ago=262.0)
    value = row("average_order_value", 666.19)  # it was about 288: it more than doubled
    revenue = row("revenue", 66_619.0, year_ago=75_323.0)
    stake = reckoned(orders, value, revenue, when=BEHIND, stake=ORDERS)
    assert stake.estimate == pytest.approx(162 * 666.19)  # more than the whole quarter
    assert (stake.amount, stake.most) == (8_704, 8_704)
    assert (stake.of, stake.against, stake.reference) == ("revenue", "year_ago", 75_323)


def test_where_the_money_has_not_fallen_nothing_is_at_stake():
    orders, value = row("orders", 50.0, year_ago=100.0), row("average_order_value", 30.0)
    rose = row("revenue", 1_500.0, year_ago=1_000.0)
    assert amount(orders, value, rose, when=BEHIND, stake=ORDERS) is None


def test_where_nobody_knows_how_far_the_money_fell_nothing_is_said():
    late, revenue = off("on_time_rate", 0.8, 0.9), row("revenue", 1_000.0)
    assert amount(late, revenue, stake=Stake(times=["revenue"])) is None
    held = off("revenue", 1_000.0, 1_040.0)
    assert amount(late, held, stake=Stake(times=["revenue"])) == pytest.approx(40)


def test_of_a_total_in_money_the_gap_itself_is_at_stake():
    stake = reckoned(off("revenue", 70.0, 100.0, year_ago=60.0))
    assert (stake.amount, stake.of, stake.against) == (30.0, "revenue", "target")
    assert amount(row("overdue_balance", 40.0), when=When(above=0.0)) == pytest.approx(40.0)


def test_of_an_amount_a_case_nothing_is_said_unless_a_rule_says_of_which_money():
    smaller = off("average_order_value", 8.0, 10.0, denominator=50.0)
    assert amount(smaller) is None
    orders, revenue = row("orders", 50.0), off("revenue", 400.0, 480.0)
    stake = Stake(times=["orders"], of="revenue")
    assert amount(smaller, orders, revenue, stake=stake) == pytest.approx(80.0)


def test_of_a_balance_no_more_is_at_stake_than_there_is():
    owed = row("receivables", 500.0)
    # 500 open for 50 days is 10 invoiced a day, and 10 days too long: 100.
    assert amount(off("dso_days", 50.0, 40.0), owed, stake=DSO) == pytest.approx(100.0)
    assert amount(off("dso_days", 50.0, -100.0), owed, stake=DSO) == pytest.approx(500.0)
    assert amount(off("dso_days", 50.0, 40.0), stake=DSO) is None, "nothing without receivables"
    assert amount(off("dso_days", 50.0, 40.0)) is None, "days are no money"


@pytest.mark.parametrize("value", [None, 0.0, -5.0])
def test_without_an_amount_above_nothing_nothing_is_at_stake(value):
    revenue = row("revenue", value, year_ago=10.0)
    assert amount(off("on_time_rate", 0.8, 0.9), revenue, stake=Stake(times=["revenue"])) is None
    late = off("dso_days", 0.0, -1.0)
    assert amount(late, row("receivables", 9.0), stake=DSO) is None, "nothing is divided by 0"


def test_what_is_ahead_puts_nothing_at_stake():
    ahead = row("revenue", 130.0, target=100.0, status="on_track")
    assert amount(ahead, when=When(ahead_of_target=0.1)) is None


def test_money_that_two_actions_speak_of_is_at_stake_once():
    orders = off("orders", 50.0, 100.0)
    late = off("on_time_rate", 0.8, 0.9, n=90, denominator=90.0)
    rows = [orders, late, row("average_order_value", 10.0), off("revenue", 500.0, 550.0)]
    rules = {
        "orders": rule(kpi=["orders"], stake=ORDERS),
        "late": rule(kpi=["on_time_rate"], stake=Stake(times=["revenue"])),
    }
    asked = acted(standing(*rows), **rules)
    assert [(one.kpi, one.stake) for one in asked] == [
        ("orders", 50.0),
        ("on_time_rate", None),
    ]
    assert asked[1].reckoning is None


@given(
    orders=st.floats(0, 1e4), then=st.floats(0, 1e4), value=st.floats(0, 1e4),
    revenue=st.floats(0, 1e6), year_ago=st.floats(0, 1e6),
)  # fmt: skip
def test_whatever_the_figures_no_more_is_at_stake_than_fell(orders, then, value, revenue, year_ago):
    rows = (row("average_order_value", value), row("revenue", revenue, year_ago=year_ago))
    stake = reckoned(row("orders", orders, year_ago=then), *rows, when=BEHIND, stake=ORDERS) if (
        gap_of(BEHIND, row("orders", orders, year_ago=then), "higher")
    ) else None  # fmt: skip
    assert stake is None or 0 < stake.amount <= max(year_ago - revenue, 0)
