"""What a reader takes along in ten seconds."""

from __future__ import annotations

import re

import pytest

from kpi_lib.show.common.slice import HELD, Slice
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import verdict
from tests import given


def card(statuses=(), revenue_before=50_000.0, **changes) -> Slice:
    """The rich partner with the statuses of its first measures, and no action."""
    raw = given.rich(targets=False) | changes
    raw["insights"] |= {"actions": [], "went_well": []}
    for row, status in zip(raw["kpis"], statuses, strict=False):
        row["status"] = status
    raw["kpis"][0]["year_ago"] = revenue_before
    return given.card_of(raw)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (["on_track"] * 2 + ["off_track"], "A good quarter"),
        (["on_track", "off_track"] * 2, "A mixed quarter"),
        (["on_track", "off_track", "at_risk"], "A difficult quarter"),
    ],
)
def test_a_period_is_judged_by_the_share_of_targets_that_are_on_track(statuses, said):
    assert verdict.mood(card(statuses)).said == said


def test_without_targets_it_is_judged_by_what_is_better_than_a_year_ago():
    worse = card()
    assert verdict.mood(worse).said == "A good quarter"
    raw = given.rich(targets=False)
    for row in raw["kpis"]:
        row["status"] = "no_target"
        if row["value"] is not None and row["year_ago"] is not None:
            row["value"], row["year_ago"] = sorted([row["value"], row["year_ago"]])
    assert verdict.mood(given.card_of(raw)).kind in ("mixed", "difficult")


def test_a_period_whose_revenue_fell_is_not_called_good():
    fell = card(["on_track"] * 3, revenue_before=100_000.0)
    assert verdict.mood(fell).said == "A mixed quarter"


@pytest.mark.parametrize("status", ["at_risk", "off_track"])
def test_a_period_whose_revenue_missed_its_target_is_not_called_good(status):
    missed = card([status] + ["on_track"] * 4)
    assert missed.measures["revenue"].status == status
    assert verdict.mood(missed).said == "A mixed quarter"


def test_a_period_that_is_not_over_or_idle_has_no_judgement():
    assert verdict.mood(given.card_of(given.to_date())) is None
    assert verdict.mood(given.card_of(given.tiny())) is None


def test_each_cadence_has_its_word():
    for period, word in (("2011", "year"), ("2011-08", "month")):
        raw = given.rich() | {"period": period}
        assert verdict.mood(given.card_of(raw)).said.endswith(word)


def test_the_worst_the_best_and_the_next_step_are_shown_in_short():
    lines = dict(verdict.in_short(given.card_of(given.rich())))
    assert list(lines) == ["Needs attention", "Went well", "Next step"]
    plain = {term: text.replace("\N{NO-BREAK SPACE}", " ") for term, text in lines.items()}
    assert plain["Needs attention"] == (
        "On time, in full (OTIF) 91.2%, 3.8 points below the target of 95.0%"
    )
    assert plain["Next step"] == "Review delivery windows (Our logistics, by 14 October 2011)"


def test_without_actions_the_first_of_the_profile_that_is_off_track_needs_attention():
    of = card(["at_risk", "on_track", "on_track", "off_track"])
    assert verdict.worst_of(of).status == "off_track"
    assert verdict.worst_of(card(["at_risk"])).status == "at_risk"
    assert verdict.worst_of(card()) is None
    assert verdict.in_short(card()) == []


def test_what_has_no_target_is_shown_beside_a_year_ago_and_else_alone():
    raw = given.rich(targets=False)
    raw["insights"] |= {"actions": []}
    for row in raw["kpis"]:
        row |= {"status": "no_target", "target": None}
        row["year_ago"] = None
    lines = dict(verdict.in_short(given.card_of(raw)))
    assert " on the year" not in lines["Went well"]


def test_what_needs_attention_is_held_against_what_its_action_is_about():
    raw = given.rich()
    better = next(row for row in raw["kpis"] if row["kpi"] == "dso_days")
    better |= {"value": 52.3, "year_ago": 60.0, "target": 55.0, "status": "on_track"}
    asked = raw["insights"]["actions"][1] | {"against": "limit", "reference": 45.0, "gap": 7.3}
    raw["insights"]["actions"] = [asked]
    attention = dict(verdict.in_short(given.card_of(raw)))["Needs attention"]
    assert attention.replace("\N{NO-BREAK SPACE}", " ") == (
        "Days sales outstanding (DSO) 52.3 days, 7.3 days above the limit of 45.0 days"
    )


# --- partners that were not there throughout ------------------------------------------------------


def stayed(edition="partner", **days) -> Slice:
    """The rich partner, which joined or left on other days, without actions."""
    raw = given.rich(edition)
    raw["partner"] |= days
    raw["insights"] |= {"actions": [], "went_well": []}
    return given.card_of(raw)


def said(of: Slice) -> str:
    return verdict.sentence(of).replace("\N{NO-BREAK SPACE}", " ")


def test_a_partner_that_left_before_the_period_is_shown_as_one():
    gone = stayed(left_on="2011-03-31")
    assert said(gone) == (
        "The partnership with Germany ended on 31 March 2011, before Q3 2011: "
        "no target holds any more."
    )
    assert verdict.mood(gone) is None
    assert verdict.in_short(gone) == []
    assert {measure.status for measure in gone.known} == {"no_target"}
    assert not [measure for measure in gone.measures.values() if measure.number("target")]


def test_of_one_that_left_and_ordered_nothing_since_the_last_orders_are_shown():
    raw = given.tiny()
    raw["partner"]["left_on"] = "2011-06-30"
    assert said(given.card_of(raw)).endswith("The last orders were in Q2 2011, for £312.")


def test_a_partner_that_left_within_the_period_is_not_judged_by_the_part_that_it_was_there():
    leaving = stayed(left_on="2011-08-12")
    assert said(leaving) == (
        "Joint revenue came to £64,322 in Q3 2011: Germany left on 12 August 2011, "
        "so only a part of the period is its own."
    )
    assert verdict.mood(leaving) is None
    assert verdict.worst_of(leaving) is None
    assert leaving.measures["revenue"].status == "no_target", "it is of the whole period"
    assert leaving.measures["otif_rate"].status in HELD, "a rate was held until it left"


def test_a_partner_that_joined_within_the_period_is_not_judged_either():
    new = stayed(joined_on="2011-08-12")
    assert "joined on 12 August 2011" in said(new)
    assert verdict.mood(new) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"joined_on": "2011-08-12"}, "Partnership since 12 August 2011"),
        ({"left_on": "2011-09-30"}, "Partnership ended on 30 September 2011"),
        ({"left_on": "2011-03-31"}, "Partnership ended on 31 March 2011"),
        (
            {"joined_on": "2011-08-12", "left_on": "2011-08-30"},
            "Partnership since 12 August 2011, ended on 30 August 2011",
        ),
        ({"joined_on": "2009-12-01", "left_on": "2011-10-01"}, None),
    ],
)
def test_the_head_of_a_page_says_since_when_or_until_when(days, words):
    head = re.sub(r"<[^>]+>", " ", parts.heading(stayed(**days)))
    plain = " ".join(head.replace("\N{NO-BREAK SPACE}", " ").split())
    assert (words in plain) if words else ("Partnership" not in plain)


def test_of_a_week_without_revenue_the_orders_lead():
    raw = given.rich() | {"period": "2011-W37"}
    raw |= {"as_of": "2011-09-18"}
    raw["kpis"] = [row for row in raw["kpis"] if row["kpi"] not in ("revenue", "revenue_growth")]
    sentence = said(given.card_of(raw | {"history": {}}))
    assert sentence.startswith("Orders came to 312 in week 37 of 2011, ")


def test_an_action_that_builds_on_a_success_needs_no_attention():
    raw = given.rich()
    praise = next(a for a in raw["insights"]["actions"] if a["reference"] is not None)
    row = next(row for row in raw["kpis"] if row["kpi"] == praise["kpi"])
    row |= {"value": praise["reference"] + 0.04, "status": "on_track"}
    raw["insights"]["actions"] = [praise]
    for other in raw["kpis"]:
        other["status"] = "on_track"
    assert [label for label, _text in verdict.in_short(given.card_of(raw))] == [
        "Went well",
        "Next step",
    ]
