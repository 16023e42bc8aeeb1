"""What people type for a partner is searched by itself, and explains nothing."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from kpi_lib.leaks.allowed import Allowed
from kpi_lib.leaks.figure_search import Numbers
from kpi_lib.leaks.search import Known, LeakCheck
from tests import given, given_insights

TYPED = {"P2": "Quendis Werke", "P4": "Target", "P7": "Cedar Nordlicht GmbH"}


def slice_with(note="", action=None, company=None, source=None):
    words = {"action": {"en": action}, "next_step": {}, "owner": {"role": "us", "words": {}}}
    asked = given_insights.action(
        "revenue", rule="r1", value=1.0, target=None, variance=None, reference=None, gap=None,
        due="2024-07-10", **words,
    )  # fmt: skip
    actions = [asked] if action else []
    return given.content(
        {
            "partner": {"partner_id": "P1", "name": "Alder"},
            "period": "2024-Q2",
            "insights": {"has_playbook": True, "note": note, "actions": actions},
            "company": {"name": company},
            "data": {"source": source},
            "kpis": [{"kpi": "revenue", "value": 73412.5}],
        }
    )


def typed_leaks(raw):
    known = Known(TYPED, (), {}, Numbers([51203.0, 58.4]), headlines=Numbers([51203.0, 58.4]))
    return [str(leak) for leak in LeakCheck(known).of(raw, "P1").typed()]


@pytest.mark.parametrize(
    "text",
    [
        "Quendis Werke was better",
        "like quendis",
        "the werke quendis werke",
        "Target was better",
        "see Nordlicht",
        "Q u e n d i s",
        "Qu\u0435ndis",
        "revenue of 51,203",
        "51 203",
        "51\u2007203",
        "about 51,000",
        "51k",
        "51,2 Tsd. EUR",
        "fifty-one thousand",
        "einundf\u00fcnfzigtausend",
        "a win rate of 58.4%",
    ],
)
def test_a_typed_text_that_tells_of_another_partner_is_found_with_its_place(text):
    (found,) = {line.partition(": ")[0] for line in typed_leaks(slice_with(note=text))}
    assert found == "notes/P1/2024-Q2.md"


@pytest.mark.parametrize(
    "text",
    [
        "We met on 12.05.2024 at 10:30, 51 people came, call +49 221 471 51203.",
        "The target is near; revenue was 73,412.50, about 73k.",
        "50k is the goal of 2024, and 51 the number.",
    ],
)
def test_a_typed_text_of_the_partner_itself_is_no_leak(text):
    assert typed_leaks(slice_with(note=text)) == []


def test_playbook_company_and_source_are_searched_too():
    lines = typed_leaks(
        slice_with(action="Do as Quendis", company="Quendis Werke", source="Quendis")
    )
    places = {line.partition(": ")[0] for line in lines}
    assert places == {
        "the playbook, rule r1",
        "the settings, company.name",
        "the name of the data's source",
    }
    assert typed_leaks(slice_with(action="Target the gap")) == [], "an everyday word for all"


def test_what_was_typed_explains_no_figure_of_a_message():
    known = Known(TYPED, (), {}, Numbers([51203.0]))
    raw = slice_with(note="51,203")
    message = EmailMessage(policy=SMTP)
    message.set_content("51,203")
    found = LeakCheck(known).of(raw, "P1").message(message.as_bytes())
    assert [leak.text for leak in found] == ["51,203"]


def test_a_name_is_reported_once_so_that_it_is_allowed_once():
    raw = slice_with(note="like Cedar Nordlicht GmbH and Quendis Werke")
    lines = typed_leaks(raw)
    assert {t.rpartition(", ")[2] for t in lines} == {"'Cedar Nordlicht GmbH'", "'Quendis Werke'"}
    by = Allowed("P1", "2024-Q2", "Cedar Nordlicht GmbH", "agreed", "ann", "2024")
    known = Known(TYPED, (), {}, Numbers(()), period="2024-Q2", allowed=(by,))
    left = LeakCheck(known).of(raw, "P1").typed()
    assert {leak.text for leak in left} == {"Quendis Werke"}


def test_a_name_within_anothers_is_reported_as_well():
    known = Known({"P2": "Quendis Werke", "P3": "Quendis"}, (), {}, Numbers(()))
    leaks = LeakCheck(known).of(slice_with(note="like Quendis Werke"), "P1").typed()
    assert {leak.whose for leak in leaks} >= {"P2", "P3"}
