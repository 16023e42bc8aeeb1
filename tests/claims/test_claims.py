"""A page that is true passes; the same page made untrue does not, whatever of it is changed."""

from __future__ import annotations

import pytest

from tests.claims.facts import Tally
from tests.claims.given_run import ACME, PAGE, given_facts
from tests.claims.hold import hold_page, patterns_of
from tests.claims.mutations import share_found, statements_on
from tests.claims.pages import read_page
from tests.claims.templates import Words


def held(html: str) -> Tally:
    facts = given_facts()
    hold_page(read_page(html), ACME, facts, patterns_of(facts))
    return facts.tally


def test_a_true_page_has_nothing_untrue_and_nothing_unclaimed():
    tally = held(PAGE)
    assert (tally.untrue, tally.unclaimed) == ([], [])
    assert (tally.passages, tally.cells) == (7, 3)


@pytest.mark.parametrize(
    ("true", "untrue"),
    [
        ("came to £12,340", "came to £12,430"),  # a figure
        ("in Q3 2026, up", "in Q2 2026, up"),  # its period
        ("up 23.4% on the year", "down 23.4% on the year"),  # a direction
        ("up 23.4% on the year", "up 24.3% on the year"),
        ("2 of 3 measures", "1 of 3 measures"),  # a count
        ("Win rate 10.5%, 21.5", "Orders 10.5%, 21.5"),  # a subject
        ("below the target of 32.0%", "above the target of 32.0%"),  # a comparison
        ("below the target of 32.0%", "below the 32.0% of a year ago"),
        ("£12,000: 2.8% above", "£12,000: 2.8% below"),
        ("£12,000: 2.8% above", "£12,000: met exactly"),
        ("From £11,000 in Q2 2026", "From £10,000 in Q2 2026"),  # a course
        ("Orders: 42;", "Win rate: 42;"),
        ("<td>34.0%</td>", "<td>33.0%</td>"),  # a cell
        ("<td>&minus;23.5 points</td>", "<td>+23.5 points</td>"),
        ("n = 57", "n = 75"),
        ("to 21.0%", "to 12.0%"),
        ('<p class="status">On track', '<p class="status">Off track'),
        (
            "Needs attention</dt>\n<dd>Win rate 10.5%, 21.5 points below the target of 32.0%",
            "Needs attention</dt>\n<dd>Orders 42, 24 above the target of 18",
        ),
    ],
)
def test_a_page_that_is_untrue_in_one_place_is_found(true, untrue):
    assert true in PAGE
    assert held(PAGE.replace(true, untrue)).untrue


def test_a_sentence_that_nobody_claims_is_found():
    tally = held(PAGE.replace("</dl></main>", "</dl><p>A record of 12 sales.</p></main>"))
    assert len(tally.unclaimed) == 1
    assert "12" in tally.unclaimed[0]


def test_a_cell_that_no_rule_takes_is_found():
    assert held(PAGE.replace("part-table", "part-other")).unclaimed


def test_an_action_that_stands_twice_is_found():
    twice = '<ol class="actions">' + "<li><h3>Call them</h3></li>" * 2 + "</ol></main>"
    assert "'Call them' is asked 2 times" in " ".join(held(PAGE.replace("</main>", twice)).untrue)


def test_good_news_that_needs_attention_too_is_found():
    both = "<li>Win rate: 10.5%; rising over the last periods</li></ul>"
    assert "{'win_rate'} are good news and need attention" in " ".join(
        held(PAGE.replace("</ul>", both)).untrue
    )


def test_of_changed_digits_nearly_all_are_found():
    facts = given_facts()
    held = list(statements_on(read_page(PAGE), ACME))
    assert share_found(held, facts, patterns_of(facts), 200) >= 0.95


def test_a_message_is_written_in_the_language_of_the_page_and_read_back():
    words = Words("de", {"Bestellungen": "orders"}, {})
    pattern = words.pattern(words.in_language("{name} came to {value} {when}")[0])
    found = pattern.search("Bestellungen in Q3 2026: 1.047")
    assert found
    assert (found["name"], found["value"], found["when"]) == ("Bestellungen", "1.047", "in Q3 2026")
