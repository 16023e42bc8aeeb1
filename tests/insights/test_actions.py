"""Three actions at most: which, in which order, and that each figure is one of the table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_lib.insights.actions import due_after
from kpi_lib.insights.playbook_rules import Stake, When
from kpi_lib.slices.insight_types import Action, Owner, Reckoning
from tests.insights.made import KPIS, acted, off, row, rule, standing


def kpis_of(actions):
    return [action.kpi for action in actions]


def test_an_action_holds_the_figures_of_its_row_and_the_words_of_its_rule():
    late = off("on_time_rate", 0.9, 0.95, minimum=0.93, n=120, denominator=120.0,
               off_track_periods=2, trend="down")  # fmt: skip
    late_rule = rule(
        kpi=["on_time_rate"], owner="account_manager", due_days=15, stake=Stake(times=["revenue"])
    )
    revenue = row("revenue", 40000.0, year_ago=45000.0)
    (action,) = acted(standing(late, revenue), late=late_rule)
    assert action.reckoning == Reckoning(
        pytest.approx(2000.0), "revenue", pytest.approx(2000.0), 5000, "year_ago", 45000
    )
    assert action.stake == pytest.approx(2000.0)
    assert action == Action(
        rule="late",
        kpi="on_time_rate",
        name="On-time delivery",
        unit="ratio",
        better="higher",
        side="us",
        value=0.9,
        target=0.95,
        minimum=0.93,
        variance=pytest.approx(-0.05),
        status="off_track",
        off_track_periods=2,
        trend="down",
        n=120,
        against="target",
        reference=0.95,
        gap=pytest.approx(0.05),
        reckoning=action.reckoning,
        priority="normal",
        for_partner=True,
        action={"en": "Act on {name}"},
        next_step={"en": "Do something"},
        owner=Owner("account_manager", {"en": "account_manager"}, "Jo Doe"),
        due=date(2026, 10, 15),
    )


def test_the_account_manager_and_the_partner_have_names_where_the_data_have():
    row_ = off("orders", 1.0, 9.0)
    roles = ("account_manager", "partner", "us")
    names = [acted(standing(row_), r=rule(owner=role))[0].owner.name for role in roles]
    assert names == ["Jo Doe", "Alder", None]
    alone = standing(row_, partner={"manager": None})
    assert acted(alone, r=rule(owner="account_manager"))[0].owner.name is None


def test_the_first_rule_that_holds_makes_the_one_action_of_a_kpi():
    late = off("orders", 5.0, 9.0, year_ago=20.0)
    rules = {
        "sleeping": rule(when=When(off_track_periods=4)),
        "second": rule(when=When(status=["at_risk"]), or_when=When(behind_year_ago=0.5)),
        "third": rule(),
    }
    (action,) = acted(standing(late), **rules)
    assert (action.rule, action.against, action.reference) == ("second", "year_ago", 20.0)


def test_a_rule_of_one_side_leaves_the_others_kpis_alone():
    late = off("on_time_rate", 0.5, 0.9)
    ours, theirs = rule(side=["us"]), rule(side=["partner"])
    assert acted(standing(late), ours=ours, theirs=theirs)[0].rule == "ours"
    supplier = standing(late, partner={"partner_type": "supplier"})
    assert acted(supplier, ours=ours, theirs=theirs)[0].rule == "theirs"


# --- the order ------------------------------------------------------------------------------------


def test_more_money_comes_before_less_and_before_what_is_no_money():
    rows = (
        off("revenue", 90.0, 100.0),
        off("overdue_balance", 50.0, 10.0),
        off("otif_rate", 0.1, 0.9, off_track_periods=8),
    )
    assert kpis_of(acted(standing(*rows), r=rule())) == ["overdue_balance", "revenue", "otif_rate"]


def test_the_priority_of_a_rule_comes_before_the_money():
    rows = (off("revenue", 0.0, 1e6), off("open_incidents", 1.0, 0.0), off("feedback", 0.0, 9.0))
    rules = {
        "now": rule(kpi=["open_incidents"], priority="high"),
        "some_day": rule(kpi=["revenue"], priority="low"),
        "usual": rule(),
    }
    assert kpis_of(acted(standing(*rows), **rules)) == ["open_incidents", "feedback", "revenue"]


def test_without_money_the_worse_and_the_longer_come_first_then_the_heavier_family():
    rows = [
        off("win_rate", 0.1, 0.5, off_track_periods=2),
        off("otif_rate", 0.1, 0.5, off_track_periods=3),
        off("portal_days", 1.0, 9.0, status="at_risk", off_track_periods=0),
        off("training_completion", 0.1, 0.5, status="at_risk", off_track_periods=0),
    ]
    r = rule(when=When(status=["at_risk", "off_track"]))
    assert kpis_of(acted(standing(*rows), r=r)) == ["otif_rate", "win_rate", "portal_days"]
    heavy = standing(*rows, weights={"capability": 2.0})
    assert kpis_of(acted(heavy, r=r)) == ["otif_rate", "win_rate", "training_completion"]


def test_ties_are_broken_by_the_catalogue_whatever_the_order_of_the_rows():
    kpis = ["otif_rate", "win_rate", "meeting_attendance", "compliance_rate"]
    rows = [off(kpi, 0.1, 0.5) for kpi in kpis]
    order = [k for k in KPIS if k in kpis][:3]
    assert kpis_of(acted(standing(*rows), r=rule())) == order
    assert kpis_of(acted(standing(*reversed(rows)), r=rule())) == order


def test_sums_that_differ_in_the_last_bit_keep_their_places():
    rows = (off("revenue", 0.0, 0.1 + 0.2), off("overdue_balance", 0.3, 0.0))
    assert kpis_of(acted(standing(*rows), r=rule())) == ["revenue", "overdue_balance"]


def test_one_of_each_family_comes_before_a_second_of_any():
    rows = (
        off("revenue", 0.0, 900.0),
        off("sourced_revenue", 0.0, 800.0),
        off("pipeline_value", 0.0, 700.0),
        off("otif_rate", 0.1, 0.9),
        off("feedback", 0.0, 9.0),
    )
    each = {f"r{i}": rule(kpi=[r.kpi]) for i, r in enumerate(rows)}
    assert kpis_of(acted(standing(*rows), **each)) == ["revenue", "sourced_revenue", "otif_rate"]
    assert kpis_of(acted(standing(*rows[:3]), **each)) == [
        "revenue",
        "sourced_revenue",
        "pipeline_value",
    ]


def test_a_rule_asks_once_for_what_concerns_two_kpis_of_a_family():
    rows = (off("on_time_rate", 0.1, 0.9), off("otif_rate", 0.1, 0.9, off_track_periods=5))
    assert kpis_of(acted(standing(*rows), late=rule())) == ["otif_rate"]


# --- who is asked for nothing ---------------------------------------------------------------------


def test_unsure_missing_and_thin_figures_ask_for_nothing():
    rows = (
        off("win_rate", 0.1, 0.5, status="unsure"),
        row("otif_rate", None, target=0.9),
        off("in_full_rate", 0.1, 0.9, n=3, denominator=3.0),
    )
    assert acted(standing(*rows), r=rule(when=When(behind_target=0.0))) == []


def test_a_partner_that_left_is_asked_for_nothing_any_more():
    late = off("revenue", 0.0, 9.0)
    assert acted(standing(late, partner={"left_on": date(2026, 9, 30)}), r=rule()) == []
    assert acted(standing(late, partner={"left_on": date(2026, 12, 31)}), r=rule())


def test_a_part_of_a_period_is_not_held_against_a_limit_for_the_whole():
    few = row("feedback", 0.0)
    asked = rule(kpi=["feedback"], when=When(below=1.0))
    assert kpis_of(acted(standing(few), r=asked)) == ["feedback"]
    assert acted(standing(few, to_date=True), r=asked) == []
    rate = row("goal_alignment", 0.2, n=20, denominator=20.0)
    asked = rule(kpi=["goal_alignment"], when=When(below=0.5))
    assert kpis_of(acted(standing(rate, to_date=True), r=asked)) == ["goal_alignment"]


def test_the_partners_edition_has_neither_internal_rules_nor_internal_figures():
    rows = (
        off("gross_margin", 0.1, 0.4),
        off("otif_rate", 0.1, 0.9),
        row("program_cost", 50.0),
        off("revenue", 1.0, 2.0),
    )
    rules = {
        "secret": rule(kpi=["revenue"], edition="internal"),
        "open": rule(stake=None),
    }
    internal = acted(standing(*rows), **rules)
    assert {a.kpi: a.for_partner for a in internal} == {
        "revenue": False,
        "otif_rate": True,
        "gross_margin": False,
    }
    partners = acted(standing(*rows, edition="partner"), **rules)
    assert [(a.kpi, a.rule) for a in partners] == [("revenue", "open"), ("otif_rate", "open")]


@settings(deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), days=st.integers(0, 366))
def test_nothing_is_due_on_a_weekend_or_before_its_days_have_passed(day, days):
    due = due_after(day, days)
    assert due.isoweekday() <= 5
    assert timedelta(0) <= due - (day + timedelta(days=days)) <= timedelta(days=2)


# --- nothing twice --------------------------------------------------------------------------------


def test_what_one_kpi_asks_for_another_does_not_ask_for_again_but_by_its_next_rule():
    rows = (
        off("delivered_tonnage", 1.0, 25.0, off_track_periods=4),
        off("interactions_per_week", 0.0, 1.0, off_track_periods=4),
    )
    rules = {
        "new_target": rule(when=When(off_track_periods=4), action={"en": "Agree a new target"}),
        "meeting": rule(kpi=["interactions_per_week"], action={"en": "Set a meeting"}),
    }
    actions = acted(standing(*rows), **rules)
    assert [(a.kpi, a.rule) for a in actions] == [
        ("delivered_tonnage", "new_target"),
        ("interactions_per_week", "meeting"),
    ]


def test_two_rules_that_say_the_same_say_it_once():
    rows = (off("partner_nps", 1.0, 30.0), off("customer_nps", 1.0, 30.0))
    call = {"action": {"en": "Call back those who are not content"}}
    ours, theirs = rule(kpi=["partner_nps"], **call), rule(kpi=["customer_nps"], **call)
    assert len(acted(standing(*rows), ours=ours, theirs=theirs)) == 1


def test_a_rule_for_everything_asks_in_each_family_where_it_is_called_otherwise():
    rows = (off("revenue", 1.0, 9.0), off("otif_rate", 0.1, 0.9), off("feedback", 0.0, 9.0))
    named = rule(action={"en": "Look at {name}"})
    assert len(acted(standing(*rows), look=named)) == 3
    assert len(acted(standing(*rows), look=rule(action={"en": "Look"}))) == 1
