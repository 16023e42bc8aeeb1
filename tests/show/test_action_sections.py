"""The sections on what moved, what to do, what became of it, and what went well."""

from __future__ import annotations

import html
import re

import pytest

from kpi_lib.show.common import advice, wording
from kpi_lib.show.common.language import speaking
from kpi_lib.show.scorecard import action_sections as actions
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.slices.insight_types import Action, Reason
from kpi_lib.slices.json_form import build
from tests import given
from tests.given_insights import action


def card(edition="partner", **insights):
    raw = given.rich(edition)
    raw["insights"] |= insights
    return given.card_of(raw)


def text(markup):
    """Return what a reader reads."""
    plain = html.unescape(re.sub(r"<[^>]+>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", plain).strip()


def test_a_name_that_ends_with_a_full_stop_ends_its_sentence():
    raw = given.rich()
    raw["partner"]["name"] = "Acme Inc."
    raw["insights"]["actions"][0]["next_step"] = {"en": "Visit {partner}. Then call {partner}."}
    of = given.card_of(raw)
    (asked, _second) = of.insights.actions
    said = advice.next_step(asked, of.measures[asked.kpi], of)
    assert said == "Visit Acme Inc. Then call Acme Inc."


def test_an_action_says_measure_gap_evidence_next_step_owner_and_date():
    shown = text(actions.actions(card()))
    assert shown.startswith(
        "Review delivery windows "
        "On time, in full (OTIF): 91.2%, 3.8 points below the target of 95.0%. "
        "Off track for 3 periods running, falling over the last periods, from 204 cases. "
        "From 91.2% to 95.0% for Germany by 14 October 2011: 3.8 points in Q3 2011, for 3. "
        "Who Our logistics By 14 October 2011 At stake £2,444 "
        "Talk about credit: Days sales outstanding (DSO) "
        "Days sales outstanding (DSO) (lower is better): 52.3 days, 7.0 days above the target of"
    )
    assert "Alder (partner) calls." in shown
    assert "edition" not in shown, "a partner reads nothing of editions"


def test_how_an_amount_at_stake_was_reckoned_is_among_the_definitions():
    shown = text(parts.definitions(card()))
    assert "At stake What a shortfall comes to in money in this period" in shown
    assert (
        "On time, in full (OTIF): the gap of 3.8 points comes to £2,932, and Joint revenue is "
        "£2,444 below the £79,594 of a year ago. The lesser of the two is at stake." in shown
    )
    assert "At stake" not in text(parts.definitions(card(actions=[])))


def test_the_account_manager_is_told_which_actions_the_partner_never_sees():
    markup = actions.actions(card("internal"))
    shown = text(markup)
    assert shown.count("The words are written to the partner.") == 2
    assert shown.count("the partner's edition never shows this action") == 1
    assert "30.5%, 2.5 points below the 33.0% of a year ago." in shown
    assert "Jo &lt;Doe&gt; (account manager)" in markup


def test_the_page_is_in_the_words_of_its_language_where_the_playbook_has_them():
    raw = given.rich() | {"language": "de"}
    shown = text(actions.actions(given.card_of(raw)))
    assert "Lieferfenster überprüfen" in shown
    assert "Von 91.2% auf 95.0% für Germany." in shown
    assert "Talk about credit" in shown, "else in those that it has"


@pytest.mark.parametrize("edition", ["partner", "internal"])
def test_where_nothing_falls_short_the_page_says_so(edition):
    assert "No figure falls short" in text(actions.actions(card(edition, actions=[])))


def test_only_the_account_manager_is_told_that_there_is_no_playbook():
    none = {"actions": [], "has_playbook": False}
    assert "no playbook beside the settings" in text(actions.actions(card("internal", **none)))
    assert text(actions.actions(card(**none))) == "No actions are agreed for this period."


@pytest.mark.parametrize("left_on", ["2011-08-01", "2011-06-30"])
def test_of_a_partner_that_left_nothing_is_asked_any_more(left_on):
    raw = given.rich()
    raw["partner"]["left_on"] = left_on
    raw["insights"] |= {"actions": [], "has_playbook": False}
    shown = text(actions.actions(given.card_of(raw)))
    assert shown == "The partnership has ended: nothing is asked for any more."


@pytest.mark.parametrize(
    "part", [actions.actions, actions.went_well, actions.drivers, actions.follow_up]
)
def test_a_slice_that_tells_nothing_says_so(part):
    assert "worked out when the reports" in part(given.card_of(given.no_targets_no_peers()))


def test_good_news_are_a_line_each_with_their_reasons():
    raw = given.rich()
    next(row for row in raw["kpis"] if row["kpi"] == "active_customers")["trend"] = "up"
    shown = text(actions.went_well(given.card_of(raw)))
    assert shown == (
        "Joint revenue: £64,322; 7.2% above the target of £60,000; 23.0% above the £52,311 of a "
        "year ago Active customers: 56; rising over the last periods"
    )
    assert "No figure stands out" in text(actions.went_well(card(went_well=[])))


def test_a_target_met_exactly_is_not_above_it():
    of = card()
    reason = advice.reason(Reason("target", 64321.75, None), of.measures["revenue"], of)
    assert reason == "at the target of £64,322"


def test_what_equals_a_year_ago_is_not_said_to_be_at_a_target():
    of = card()
    reason = advice.reason(Reason("year_ago", 64321.75, None), of.measures["revenue"], of)
    assert reason == "as much as the £64,322 of a year ago"


def test_a_value_just_above_its_reference_does_not_look_equal_to_it():
    raw = given.rich()
    next(row for row in raw["kpis"] if row["kpi"] == "revenue")["target"] = 64321.5
    of = given.card_of(raw)
    revenue = of.measures["revenue"]
    reason = advice.reason(Reason("target", 64321.5, None), revenue, of)
    assert reason == "£0.25 above the target of £64,321.50"
    assert wording.value_of(revenue, of) == "£64,321.75"


def test_in_german_no_comma_stands_between_two_numbers():
    with speaking("de"):
        raw = given.rich()
        raw["language"] = "de"
        orders = next(row for row in raw["kpis"] if row["kpi"] == "orders")
        orders |= {"value": 7, "year_ago": 3}
        of = given.card_of(raw)
        moved = wording.moved_to(of.measures["orders"], of)
    assert text(moved) == "Bestellungen in Q3 2011: 7 (4 über dem Vorjahr)"


def test_a_change_is_shown_with_the_effects_that_add_up_to_it():
    assert text(actions.drivers(card())) == (
        "Joint revenue: £64,322, from £52,311 a year ago Part Effect on the change Customers "
        "+£15,000 Value of an order \N{MINUS SIGN}£2,989 "
        "The effects of the parts add up to the change."
    )
    assert "no change whose parts" in text(actions.drivers(card(drivers=[])))


def test_the_effects_on_a_rate_are_points():
    driver = {
        "kpi": "otif_rate", "how": "factors", "against": "previous", "then": 0.9, "now": 0.912,
        "change": 0.012,
        "effects": [{"part": "deals_won", "effect": 0.012, "then": None, "now": None},
                    {"part": "returns", "effect": 0.0, "then": None, "now": None}],
    }  # fmt: skip
    shown = text(actions.drivers(card(drivers=[driver])))
    assert "91.2%, from 90.0% the period before" in shown
    assert "Deals won +1.2 points Returns no change" in shown


def test_what_became_of_an_action_is_a_row_of_then_and_now():
    shown = text(actions.follow_up(card()))
    assert shown.endswith(
        "Review delivery windows (On time, in full (OTIF)) Then 90.0% Now 91.2% Since then Better "
        "Goal Not reached Who Our logistics By 14 July 2011"
    )


@pytest.mark.parametrize(
    ("became", "said"),
    [
        pytest.param({"now": None, "moved": None, "reached": None},
                     "Now no value now Since then Goal Who", id="no value now"),
        pytest.param({"reached": True}, "Goal Reached", id="reached"),
        pytest.param({"reached": None}, "Goal Too early to say", id="too early"),
        pytest.param({"moved": "worse"}, "Since then Worse", id="worse"),
        pytest.param({"then": None, "moved": None, "reached": True}, "Then no value Now 91.2%",
                     id="reported again"),
    ],
)  # fmt: skip
def test_what_became_of_it_is_said_in_words(became, said):
    raw = given.rich()
    raw["insights"]["follow_up"][0] |= became
    assert said in text(actions.follow_up(given.card_of(raw)))


def test_without_an_earlier_action_the_page_says_so():
    words = {
        "none": "Nothing was asked for in Q2 2011.",
        "read": "Nothing was asked for in Q2 2011.",
        "unreadable": "What was asked for in Q2 2011 cannot be read.",
    }
    for state, said in words.items():
        of = card(follow_up=[], earlier=state)
        assert text(actions.follow_up(of)) == said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        pytest.param({"against": "trend", "reference": None, "gap": None}, "91.2%.", id="a trend"),
        pytest.param({"against": "limit", "reference": 0.912, "gap": 0.0},
                     "91.2%, as much as the limit of 91.2%.", id="no gap"),
        pytest.param({"against": "limit", "reference": 0.9, "gap": 0.012},
                     "91.2%, 1.2 points above the limit of 90.0%.", id="above a limit"),
    ],
)  # fmt: skip
def test_a_shortfall_says_what_there_is_to_say(gap, said):
    raw = action("otif_rate", value=0.912, action={"en": "A"}, next_step={"en": "B"},
                 owner={"role": "us", "words": {"en": "Us"}}, due="2011-10-14") | gap  # fmt: skip
    of = card()
    assert text(advice.shortfall(build(Action, raw), of.measures["otif_rate"], of)) == said


def test_a_figure_that_is_missing_is_shown_with_what_it_was():
    raw = given.rich()
    row = next(row for row in raw["kpis"] if row["kpi"] == "otif_rate")
    row |= {"value": None, "previous": 0.93}
    gap = {"against": "previous", "reference": 0.93, "gap": None, "off_track_periods": None}
    raw["insights"]["actions"][0] |= gap | {"next_step": {"en": "It was {previous}."}}
    shown = text(actions.actions(given.card_of(raw)))
    assert "No value any more; in the period before it was 93.0%." in shown
    assert "It was 93.0%." in shown


def test_a_rate_of_one_case_is_one_case():
    raw = action("otif_rate", n=1, action={"en": "A"}, next_step={"en": "B"}, due="2011-10-14",
                 reference=None, gap=None, owner={"role": "us", "words": {"en": "Us"}})  # fmt: skip
    of = card()
    assert advice.evidence(build(Action, raw), of.measures["otif_rate"], of) == "From 1 case."


def test_no_text_of_a_playbook_is_markup_on_a_page():
    raw = given.rich()
    raw["insights"]["actions"][0]["action"] = {"en": "<script>alert(1)</script>"}
    raw["insights"]["follow_up"][0]["action"] = {"en": "<b>{partner}</b>"}
    of = given.card_of(raw)
    assert "<script>" not in actions.actions(of)
    assert "<b>" not in actions.follow_up(of)


def test_a_slice_without_insights_is_one_that_tells_nothing():
    assert not given.card_of(given.rich() | {"insights": {}}).has_insights
    assert given.card_of(given.rich()).insights.kpis == {
        "otif_rate", "dso_days", "revenue", "active_customers",
    }  # fmt: skip
