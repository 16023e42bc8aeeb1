"""Which figures of a text are the reader's own."""

import pytest

from kpi_lib.leaks.figure_search import figures_of, own_numbers
from tests import given

OWN = given.content(
    {
        "partner": {"partner_id": "P1"},
        "kpis": [
            {
                "kpi": "revenue",
                "value": 64321.75,
                "standing": {"ahead": 0.8, "q1": 39000.0, "median": 51000.0, "q3": 61000.0},
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("text", "is_own"),
    [
        pytest.param("64,322", True, id="its own value"),
        pytest.param("13,322", True, id="how far that is above the rounded median"),
        pytest.param("51,457", False, id="the exact median, which is another partner's"),
        pytest.param("12,865", False, id="how far it is above the exact one"),
    ],
)
def test_of_the_others_a_partner_owns_what_it_is_told_and_no_more(text, is_own):
    (figure,) = figures_of(text)
    assert any(own_numbers(OWN).have(r, 0.51) for r in figure.readings) is is_own


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rose by +51 203 in all", 51203),
        ("rose by +51203 (much)", 51203),
        ("+51203 20 % of it", 51203),
        ("51\u02bc203", 51203),
        ("51\u066c203", 51203),
        ("\u277a\u2776\u2777\u24ff\u2778", 51203),
        ("5\u03361\u03362\u03360\u03363", 51203),
        ("fifty-one thousand, two hundred and three", 51203),
        ("51.2 TEUR", 51200),
        ("51,2 T\u20ac", 51200),
        ("51.2kEUR", 51200),
        ("1.23 MEUR", 1230000),
    ],
)
def test_a_figure_is_read_with_its_sign_marks_and_money(text, value):
    values = [r.value for figure in figures_of(f"1,234 {text}") for r in figure.readings]
    assert value in values


@pytest.mark.parametrize("number", ["+49 30 901820", "+354 555 12 34", "+1 (555) 123-4567"])
def test_a_telephone_number_is_no_figure(number):
    assert list(figures_of(f"Call {number} today")) == []
