"""Which figures of a text are the reader's own."""

import pytest

from kpi_lib.leaks.figures import figures_of, own_numbers

RAW = {
    "history": {},
    "insights": {},
    "kpis": [
        {
            "kpi": "revenue",
            "value": 64321.75,
            "standing": {"ahead": 0.8, "q1": 39000.0, "median": 51000.0, "q3": 61000.0},
        }
    ],
}


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
    assert any(own_numbers(RAW).have(r, 0.51) for r in figure.readings) is is_own
