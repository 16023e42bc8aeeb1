"""What a reader takes along in ten seconds."""

from __future__ import annotations

import pytest

from kpi_lib.show import verdict
from kpi_lib.show.slice import Slice
from tests import given


def card(statuses=(), revenue_before=50_000.0, **changes) -> Slice:
    """The rich partner with the statuses of its first measures, and no action."""
    raw = given.rich(targets=False) | changes
    raw["insights"] |= {"actions": [], "went_well": []}
    for row, status in zip(raw["kpis"], statuses, strict=False):
        row["status"] = status
    raw["kpis"][0]["year_ago"] = revenue_before
    return Slice.of(raw)


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
    assert verdict.mood(Slice.of(raw)).kind in ("mixed", "difficult")


def test_a_period_whose_revenue_fell_is_not_called_good():
    fell = card(["on_track"] * 3, revenue_before=100_000.0)
    assert verdict.mood(fell).said == "A mixed quarter"


def test_a_period_that_is_not_over_or_idle_has_no_judgement():
    assert verdict.mood(Slice.of(given.to_date())) is None
    assert verdict.mood(Slice.of(given.tiny())) is None


def test_each_cadence_has_its_word():
    for period, cadence, word in (("2011", "year", "year"), ("2011-08", "month", "month")):
        raw = given.rich() | {"period": period, "cadence": cadence}
        assert verdict.mood(Slice.of(raw)).said.endswith(word)


def test_the_worst_the_best_and_the_next_step_are_told_in_short():
    told = dict(verdict.in_short(Slice.of(given.rich())))
    assert list(told) == ["Needs attention", "Went well", "Next step"]
    plain = {term: text.replace("\N{NO-BREAK SPACE}", " ") for term, text in told.items()}
    assert plain["Needs attention"].startswith("On time, in full (OTIF) 91.2%. Target 95.0%")
    assert plain["Next step"] == "Review delivery windows (Our logistics, by 14 October 2011)"


def test_without_actions_the_first_of_the_profile_that_is_off_track_needs_attention():
    of = card(["at_risk", "on_track", "on_track", "off_track"])
    assert verdict.worst_of(of).status == "off_track"
    assert verdict.worst_of(card(["at_risk"])).status == "at_risk"
    assert verdict.worst_of(card()) is None
    assert verdict.in_short(card()) == []


def test_what_has_no_target_is_told_beside_a_year_ago_and_else_alone():
    raw = given.rich(targets=False)
    raw["insights"] |= {"actions": []}
    for row in raw["kpis"]:
        row |= {"status": "no_target", "target": None}
        row["year_ago"] = None
    told = dict(verdict.in_short(Slice.of(raw)))
    assert " on the year" not in told["Went well"]
