"""What only the internal edition tells."""

from __future__ import annotations

import re

import pytest

from kpi_lib.pages.scorecard import Scorecard
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.scorecard import internal_sections
from tests import given

REPORTED = {
    "kpi": "revenue",
    "period": "2011-Q3",
    "ours": 64321.75,
    "reported": 70000.0,
    "relative": 0.0883,
    "status": "disputed",
    "since": "2011-Q2",
    "owner": "finance <desk>",
    "why": None,
}
COMMENT = {
    "topic": "service",
    "respondent": "end_customer",
    "instrument": "nps",
    "score": 3.0,
    "responded_on": "2011-08-02",
    "comment": "Late <b>again</b>\nand again",
    "of_topic": 7,
}
OPEN = {"receivables": 1000.0, "overdue_balance": 400.0, "overdue_1_30": 300.0}
OPEN |= {"overdue_31_60": 100.0, "overdue_61_90": 0.0, "overdue_over_90": 0.0}


def card(open_now=None, owed=None, **more) -> Slice:
    raw = given.rich("internal") | more
    raw["kpis"] = [row for row in raw["kpis"] if row["kpi"] not in OPEN]
    for kpi, value in (open_now or {}).items():
        raw["kpis"].append(given.row("revenue", {}) | {"kpi": kpi, "value": value})
        raw["definitions"][kpi] = given.definition("revenue")
    if owed is not None:
        rate = {"kpi": "overdue_rate", "value": 0.4, "denominator": owed}
        raw["kpis"].append(given.row("revenue", {}) | rate)
        raw["definitions"]["overdue_rate"] = given.definition("revenue")
    return given.card_of(raw)


def text(html) -> str:
    plain = re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", plain).strip()


def test_a_reported_figure_stands_beside_ours_with_who_clears_it_up():
    shown = text(internal_sections.reported(card(reported=[REPORTED])))
    for part in ("Joint revenue", "£64,322", "£70,000", "+8.8%", "In dispute", "Q2 2011"):
        assert part in shown
    assert "finance &lt;desk&gt;" in shown


def test_a_figure_of_a_measure_that_is_not_shown_is_named_by_its_id():
    row = REPORTED | {"kpi": "user_adoption", "ours": None, "relative": None, "since": None}
    row |= {"status": "no_figure", "why": "nothing of ours", "owner": None}
    shown = text(internal_sections.reported(card(reported=[row])))
    assert "user_adoption" in shown
    assert "No figure of ours (nothing of ours)" in shown


def test_receivables_are_shown_by_age_and_the_ages_add_up():
    shown = text(internal_sections.ageing(card(OPEN)))
    assert shown.startswith("£1,000 open on 30 September 2011")
    for part in (
        "not due yet £600 60.0%",
        "1 to 30 days late £300 30.0%",
        "31 to 60 days late £100",
    ):
        assert part in shown


def test_a_credit_note_is_shown_apart_and_makes_no_invoice_smaller():
    # 1,200 are open, 400 of it late; a credit note of 200 is taken off the receivables alone.
    shown = text(internal_sections.ageing(card(OPEN, owed=1200.0)))
    assert shown.startswith("£1,000 open on 30 September 2011")
    assert "not due yet £800 66.7%" in shown
    assert "1 to 30 days late £300 25.0%" in shown
    assert "credit notes, and what was paid too much \N{MINUS SIGN}£200" in shown


def test_where_there_is_nothing_but_a_credit_note_no_age_is_shown():
    nothing = dict.fromkeys(OPEN, 0.0)
    shown = text(internal_sections.ageing(card(nothing | {"receivables": -200.0}, owed=0.0)))
    assert "credit notes, and what was paid too much \N{MINUS SIGN}£200" in shown
    assert "not due yet" not in shown


@pytest.mark.parametrize(
    ("open_now", "said"),
    [
        pytest.param({}, "This is shown for a month or longer", id="no measure of a week"),
        pytest.param({"receivables": None, "overdue_balance": 1.0}, "not known", id="no value"),
        pytest.param({"receivables": 0.0, "overdue_balance": 0.0}, "Nothing is open", id="none"),
    ],
)
def test_without_receivables_it_says_so(open_now, said):
    assert said in text(internal_sections.ageing(card(open_now)))


def test_comments_are_shown_by_topic_as_they_were_typed():
    rows = [COMMENT, COMMENT | {"topic": None, "respondent": None, "score": None, "of_topic": 1}]
    html = internal_sections.survey_comments(card(comments=rows))
    shown = text(html)
    assert "Service: 7 comments “Late &lt;b&gt;again&lt;/b&gt; and again” an end customer" in shown
    assert "2 August 2011, score 3" in shown
    assert "Without a topic: 1 comment" in shown
    assert "somebody, 2 August 2011" in shown


def test_a_long_comment_is_cut_at_a_word():
    long = COMMENT | {"comment": "word " * 200}
    shown = text(internal_sections.survey_comments(card(comments=[long])))
    assert "word …”" in shown
    assert len(shown) < 600


def test_without_comments_or_reported_figures_it_says_so():
    assert "Nobody left a comment" in internal_sections.survey_comments(card())
    assert "reported no figures" in internal_sections.reported(card())


def test_another_edition_is_not_even_asked(tmp_path):
    folder = given.write(given.rich("partner"), tmp_path)
    shown = Scorecard.open("Germany", "2011-Q3", slice=str(folder))
    for part in (shown.reported(), shown.ageing(), shown.voices()):
        assert "Only the internal edition" in part.html
