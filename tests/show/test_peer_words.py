"""What a page says of the others: exactly inside the company, coarsely to a partner."""

from dataclasses import replace

import pytest

from kpi_lib.show.common import peer_words
from kpi_lib.show.common.language import speaking
from kpi_lib.show.common.slice import Standing
from kpi_lib.show.scorecard import tables
from tests import given

COARSE = Standing(ahead=0.5, q1=46_000.0, median=52_000.0, q3=64_000.0)


def card(edition="partner", **more):
    return given.card_of(given.rich(edition) | more)


def bare(edition="partner", **more):
    raw = given.no_targets_no_peers() | {"edition": edition} | more
    return given.card_of(raw)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_partner_reads_rounded_figures_and_tenths_and_no_number_of_others():
    html = plain(tables.peers(card()))
    assert "Ahead of about 8 in 10 of the others" in html
    assert ">£39,000<" in html and ">£51,000<" in html and ">£61,000<" in html
    assert "between about £39,000 and £61,000, its median is about £51,000" in html
    assert "38 others" not in html
    assert "Each of these figures is the mean of three partners, rounded" in html


def test_inside_the_company_the_figures_are_exact():
    html = plain(tables.peers(card("internal")))
    assert "Ahead of 82% of 38 others" in html
    assert "£38,593" in html
    assert "mean of three partners" not in html


@pytest.mark.parametrize(
    ("ahead", "words", "short"),
    [
        (0.1, "Ahead of about 1 in 10 of the others, or of fewer", "1 in 10"),
        (0.2, "Ahead of about 2 in 10 of the others", "2 in 10"),
        (0.9, "Ahead of about 9 in 10 of the others, or of more", "9 in 10"),
    ],
)
def test_the_first_and_the_last_are_not_told_that_they_are(ahead, words, short):
    standing = replace(COARSE, ahead=ahead)
    assert peer_words.place(card().measures["revenue"], standing) == words
    assert peer_words.share_beaten(standing) == short


@pytest.mark.parametrize(
    ("better", "value", "words"),
    [
        ("higher", 95.0, "leading quarter"),
        ("higher", 90.0, "middle half"),
        ("higher", 60.0, "middle half"),
        ("higher", 59.9, "last quarter"),
        ("lower", 95.0, "last quarter"),
        ("lower", 59.9, "leading quarter"),
    ],
)
def test_an_exact_place_is_said_in_the_words_that_its_picture_shows(better, value, words):
    measure = card().measures["revenue"]
    measure = replace(
        measure,
        row=replace(measure.row, value=value),
        definition=replace(measure.definition, better=better),
    )
    standing = Standing(ahead=1 / 3, q1=60.0, median=70.0, q3=90.0, others=6)
    assert peer_words.place(measure, standing) == f"Ahead of 33% of 6 others ({words})"


def test_a_comparison_with_all_partners_says_that_it_is_one():
    html = tables.peers(card(peer_group="all"))
    assert "the comparison is with all partners, and in shares and days only" in html
    assert "partners of the same type, this one among them" in tables.peers(card())


@pytest.mark.parametrize(
    ("of", "words"),
    [
        pytest.param(bare(), "a comparison needs nine others", id="too few"),
        pytest.param(bare(peer_group="type"), "without showing what a single one", id="none fits"),
        pytest.param(bare(to_date=True), "when the period is over", id="to date"),
        pytest.param(bare("internal"), "at least five others", id="inside"),
        pytest.param(
            bare(partner=given.partner("A", "A", "2007-11-24") | {"left_on": "2011-06-30"}),
            "had ended before this period began",
            id="left",
        ),
    ],
)
def test_why_nothing_is_compared_is_said_in_words(of, words):
    assert words in tables.peers(of)


def test_german_says_the_same():
    with speaking("de"):
        html = plain(tables.peers(card()))
    assert "etwa 8 von 10 der anderen" in html
    assert "39.000 £" in html
