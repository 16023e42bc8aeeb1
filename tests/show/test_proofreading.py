"""Before a page is published its text is read for what nobody would print."""

import pytest

from kpi_lib.show.common.proofreading import misprints_of, proofread, typed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("£471.26653955283837", "471.26653955283837", id="a raw float"),
        pytest.param("471,26653955283837 €", "471,26653955283837", id="a raw float in German"),
        pytest.param("0.0001%", "0.0001", id="one digit more than is written anywhere"),
        pytest.param("1e-05 of all", "1e-05", id="a power of ten"),
        pytest.param("nan days", "nan", id="not a number"),
        pytest.param("up inf", "inf", id="infinity"),
        pytest.param("Target None", "None", id="nothing of Python"),
        pytest.param("led by {manager}.", "{manager}", id="an unfilled place"),
        pytest.param("by {day:%d}", "{day:%d}", id="an unfilled place with a format"),
        pytest.param("of Demir A.Ş.. It", "..", id="two full stops"),
        pytest.param("of Demir A.Ş. . It", ". .", id="two full stops apart"),
    ],
)
def test_what_nobody_would_print_is_found(text, found):
    assert [words for _, words in misprints_of(text)] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "£12,340 of 1,234,567, 93.4%, 0.001% and 99.999%",
        "12.340 € von 1.234.567, 93,4 % am 30.09.2026",
        "None of the 5 measures with a target are on track.",
        "version 0.2.0, fingerprint 3e10f2a71",
        "and so on...",
        "information of Nantes, Finance",
    ],
)
def test_what_people_print_is_not(text):
    assert list(misprints_of(text)) == []


def test_a_page_is_read_as_its_readers_do():
    html = (
        "<style>a{margin:.00001px}</style><p>Came to <strong>£4</strong><span>71.266539</span></p>"
        '<img alt="From nan to 3" src="data:image/png;base64,AAA1.23456">'
        '<p>It ended</p><p>. Another</p><script type="x">{place}</script>'
    )
    assert proofread(html) == [
        ("more digits than a page has", "Came to £471.266539"),
        ("a value that is none", "From nan to 3"),
    ]


def test_what_is_said_to_the_ear_and_shown_to_the_eye_is_not_one_figure():
    html = '<p><span class="sr">up 21,362</span><strong aria-hidden="true">21,362</strong></p>'
    assert proofread(html) == []


def test_what_somebody_typed_stays_as_it_was_typed():
    given = {"partner": {"name": "None & Co.."}, "note": "about 3.14159", "kpis": [{"value": 2.5}]}
    excused = typed(given)
    assert excused == ["..", "3.14159", "None"]
    page = "<p>None &amp; Co.. wrote: about 3.14159</p><p>Target nan</p>"
    assert proofread(page, excused) == [("a value that is none", "Target nan")]
