"""What the two sides owe each other: who answers for what, and the worst first."""

from __future__ import annotations

import re

import pytest

from kpi_lib.show.common.slice import Slice
from kpi_lib.show.scorecard import mutual_service
from tests import given


def card(edition="partner", accountable=(), statuses=(), profile=None, without=()):
    """The rich partner, with other sides, statuses, and nothing known of some measures."""
    raw = given.rich(edition)
    for kpi, who in dict(accountable).items():
        raw["definitions"][kpi]["accountable"] = who
    for row in raw["kpis"]:
        if row["kpi"] in dict(statuses):
            row |= {"status": dict(statuses)[row["kpi"]], "target": 1.0}
        if row["kpi"] in without:
            row |= {"value": None}
    raw["profile"] = raw["profile"] if profile is None else profile
    return given.card_of(raw)


def names(side: str, of: Slice) -> list[str]:
    return [measure.kpi for measure in mutual_service.measures_of_side(side, of)]


def everyones(who):
    return dict.fromkeys(given.rich()["definitions"], who)


def test_each_side_answers_for_its_own_measures_alone():
    both = card(accountable=everyones("both") | {"otif_rate": "us", "dso_days": "partner"})
    assert (names("us", both), names("partner", both)) == (["otif_rate"], ["dso_days"])


def test_the_profile_goes_first_and_then_the_worst():
    statuses = {"orders": "on_track", "active_customers": "off_track", "new_customers": "at_risk"}
    of = card(
        accountable=everyones("both") | dict.fromkeys([*statuses, "revenue"], "us"),
        statuses=statuses,
        profile=["revenue"],
    )
    assert names("us", of) == ["revenue", "active_customers", "new_customers", "orders"]


def test_a_measure_without_a_value_and_more_than_a_reader_takes_in_are_left_out():
    of = card(accountable=everyones("us"), without=["revenue"])
    assert len(names("us", of)) == mutual_service.MOST
    assert "revenue" not in names("us", of)


@pytest.mark.parametrize(
    ("edition", "titles"),
    [
        ("partner", ["Our service to you", "Your commitments to us"]),
        ("internal", ["Our service to the partner", "The partner&#39;s commitments"]),
    ],
)
def test_each_edition_speaks_to_its_reader(edition, titles):
    assert re.findall(r"<h3>([^<]*)</h3>", mutual_service.mutual_service(card(edition))) == titles


def test_a_row_says_measure_actual_target_and_status_in_words():
    of = card(accountable=everyones("both") | {"otif_rate": "us"})
    html = mutual_service.mutual_service(of)
    row = re.search(r"<tr><th scope=\"row\">.*?</tr>", html, flags=re.S)[0]
    words = re.sub(r"<[^>]+>", " ", row).split()
    assert words == [
        "On",
        "time,",
        "in",
        "full",
        "(OTIF)",
        "91.2%",
        "Target",
        "95.0%",
        "■",
        "Off",
        "track",
    ]
    assert "0 of 1 measure held against a target on track" in html
    assert "There are no figures on your commitments" in html


def test_few_cases_and_no_target_are_said():
    of = card(
        accountable=everyones("both") | {"otif_rate": "us", "orders": "us"},
        statuses={"otif_rate": "unsure"},
    )
    html = mutual_service.mutual_service(of)
    assert "Too few cases" in html
    assert ("No target" in html) == (of.measures["orders"].status == "no_target")


def test_what_stands_on_too_few_cases_is_counted_with_the_rest():
    of = card(
        accountable=everyones("both") | {"otif_rate": "us", "orders": "us"},
        statuses={"otif_rate": "on_track", "orders": "unsure"},
    )
    summary = re.search(r'<p class="side-summary">(.*?)</p>', mutual_service.mutual_service(of))[1]
    assert summary == (
        "1 of 2 measures held against a target on track, 1 with too few cases to say"
    )


def test_a_summary_says_how_much_of_it_the_table_has_no_room_for():
    of = card(accountable=everyones("us"), statuses=dict.fromkeys(everyones("us"), "on_track"))
    whole = len(of.known)
    summary = re.search(r'<p class="side-summary">(.*?)</p>', mutual_service.mutual_service(of))[1]
    assert summary == (
        f"{whole} of {whole} measures held against a target on track; "
        f"{whole - mutual_service.MOST} of them are not listed"
    )


def test_of_who_left_before_the_period_neither_side_owes_anything_to_come():
    raw = given.rich()
    raw["partner"]["left_on"] = "2011-06-30"
    card = given.card_of(raw)
    assert "The partnership had ended before this period began." in mutual_service.mutual_service(
        card
    )
    assert [mutual_service.measures_of_side(who, card) for who in mutual_service.SIDES] == [[], []]
