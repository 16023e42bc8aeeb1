"""What a page says of single figures: those in dispute, and those that are not as published."""

import pytest

from kpi_lib.show.common import data_notes
from kpi_lib.show.common.numbers import format_value
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import tables, tiles
from tests import given

DISPUTE = {
    "reported": 70000.0, "difference": 5678.0, "tolerance": 0.01,
    "owner": "Bo <b>Berg</b>", "since": "2011-Q1",
}  # fmt: skip
AT = "2011-07-04T06:00:00+00:00"


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def disputed(edition="partner", **changed):
    raw = given.rich(edition)
    next(row for row in raw["kpis"] if row["kpi"] == "revenue")["dispute"] = DISPUTE | changed
    return given.card_of(raw)


def restated(*rows):
    names = ("kpi", "period", "published", "now", "published_at")
    figures = [dict(zip(names, (*row, AT), strict=True)) for row in rows]
    return given.card_of(given.rich() | {"restated": figures})


def test_the_partner_is_told_what_it_reported_and_what_we_count():
    assert [plain(note) for note in data_notes.disputes(disputed())] == [
        "In dispute: Joint revenue. You reported £70,000 (Bo <b>Berg</b>, since Q1 2011); "
        "we count £64,322. A difference of 1.0% is allowed."
    ]


def test_the_account_manager_is_told_who_reported_it():
    (note,) = data_notes.disputes(disputed("internal", owner=None))
    assert plain(note).startswith(
        "In dispute: Joint revenue. Germany reported £70,000 (since Q1 2011); we count £64,322."
    )


@pytest.mark.parametrize(
    ("reported", "words"),
    [
        (64321.95, "reported £64,322 (since Q1 2011); we count £64,322 (a difference of £0.20)."),
        (64321.7501, "we count £64,322 (they differ in digits that are not shown)."),
    ],
)
def test_a_difference_that_rounding_hides_is_said(reported, words):
    card = disputed(reported=reported, owner=None)
    assert card.measures["revenue"].value == 64321.75
    assert words in plain(data_notes.disputes(card)[0])


def test_a_figure_in_dispute_is_marked_wherever_it_is_shown_and_explained_in_the_notes():
    card = disputed()
    html = tiles.tiles(card)
    assert html.count("≠</span> In dispute") == 1
    assert html.index("Joint revenue") < html.index("In dispute") < html.index("£64,322") + 900
    assert "Joint revenue (in dispute)" in tables.kpi_table_html(card)
    assert "You reported £70,000 (Bo &lt;b&gt;Berg&lt;/b&gt;" in plain(parts.notes(card))
    assert "in dispute" not in tables.kpi_table_html(given.card_of(given.rich())).lower()
    assert "in dispute" not in tiles.tiles(given.card_of(given.rich())).lower()


def test_lower_is_better_and_in_dispute_stand_in_one_bracket():
    raw = given.rich()
    lower = next(r for r in raw["kpis"] if given.KPIS[r["kpi"]][3] == "lower" and r["value"])
    lower["dispute"] = DISPUTE
    assert "(lower is better, in dispute)" in tables.kpi_table_html(given.card_of(raw))


def test_a_figure_that_changed_is_shown_as_it_was_published_and_as_it_is():
    card = restated(
        ("orders", "2011-Q1", 200.0, None),
        ("revenue", "2011-Q1", 47000.0, 47115.0),
        ("revenue", "2011-Q2", 50000.0, 55870.0),
        ("otif_rate", "2011-Q2", None, 0.9),
        ("gone", "2011-Q2", 1.0, 2.0),
    )
    notes = [plain(note) for note in data_notes.restatements(card)]
    assert notes[0] == (
        "Joint revenue in Q2 2011: published on 4 July 2011 with £50,000, now £55,870."
    )
    assert notes[1].startswith("Joint revenue in Q1 2011: published"), "the latest period first"
    assert notes[2].endswith(" in Q2 2011: published on 4 July 2011 with no value, now 90.0%.")
    assert notes[3] == "Orders in Q1 2011: published on 4 July 2011 with 200, now no value."
    assert len(notes) == 4, "what the page does not show it does not tell"
    assert notes[0] in plain(parts.notes(card))


def test_of_many_changes_a_page_tells_six_and_the_number_of_the_rest():
    rows = [("revenue", f"2010-Q{n}", 1.0, 2.0) for n in (1, 2, 3, 4)]
    rows += [("orders", f"2010-Q{n}", 1.0, 2.0) for n in (1, 2, 3)]
    assert data_notes.restatements(restated(*rows))[6:] == [
        "1 further figure differs from what was published."
    ]
    more = [*rows, ("orders", "2010-Q4", 1.0, 2.0)]
    assert data_notes.restatements(restated(*more))[6:] == [
        "2 further figures differ from what was published."
    ]
    assert data_notes.restatements(given.card_of(given.rich())) == []


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (100.0, 90.0, "was £100, is £90.00"),
        (None, 90.0, "had no value, is £90.00"),
        (100.0, None, "was £100, has no value"),
        (1000.1, 1000.4, "was £1,000, is £1,000 (a difference of £0.30)"),
    ],
)
def test_a_change_in_a_line(was, now, words):
    assert data_notes.was_and_is(was, now, lambda f: format_value(f, "money", "GBP")) == words


def test_the_number_of_disputes_and_of_changes_is_said_only_where_there_are_any():
    assert data_notes.disputed_sentence(0, 0) == data_notes.restated_sentence(0) == ""
    assert data_notes.disputed_sentence(1, 1) == "1 figure in dispute"
    assert data_notes.disputed_sentence(3, 2) == "3 figures in dispute, 1 of earlier periods"
    assert data_notes.restated_sentence(1) == "1 past figure differs from what was published"
    assert data_notes.restated_sentence(1200) == "1,200 past figures differ from what was published"
