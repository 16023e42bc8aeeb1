"""The second net: what a page may hold, whatever a notebook brought along."""

import pytest

from kpi_lib.publish.sanitise import sanitise


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            '<table class="t"><tr><td colspan="2" headers="a">1</td></tr></table>', id="table"
        ),
        pytest.param('<td style="color: red; font-weight: bold">1</td>', id="a designed cell"),
        pytest.param('<img src="data:image/svg+xml;base64,AA==" alt="a chart">', id="picture"),
        pytest.param('<p role="list" aria-hidden="true">x &amp; y</p>', id="text"),
    ],
)
def test_what_a_page_is_made_of_stays(html):
    inside = (
        html if not html.startswith("<td") else f"<table><tbody><tr>{html}</tr></tbody></table>"
    )
    for piece in ("colspan", "color", "font-weight", "base64,AA==", "alt=", "role=", "&amp;"):
        assert (piece in sanitise(inside)) == (piece in inside)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p { background: url(https://example.org) }</style>",
        '<img src="https://example.org/x.png" alt="">',
        '<img src="data:text/html;base64,AA==" alt="">',
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<p style="background-image: url(https://example.org)">x</p>',
        '<p style="color: url(https://example.org)">x</p>',
        '<iframe src="https://example.org"></iframe>',
        '<svg onload="alert(1)"><script>alert(1)</script></svg>',
        '<form action="https://example.org"><input></form>',
        '<link rel="stylesheet" href="https://example.org"><meta http-equiv="refresh">',
    ],
)
def test_what_could_run_or_ask_goes(html):
    cleaned = sanitise(html)
    for evil in ("alert", "example.org", "script", "onclick", "text/html", "<form", "<meta"):
        assert evil not in cleaned


def test_links_that_people_follow_stay():
    assert 'href="https://example.org"' in sanitise('<a href="https://example.org">x</a>')
    assert 'href="#made"' in sanitise('<a href="#made">x</a>')


@pytest.mark.parametrize(
    ("link", "stays"),
    [
        ("partners/P1/internal.html", True),
        ("../partners/M%C3%BCller%20%26%20Co/internal.html", True),
        ("../index.html", True),
        ("../../other/index.html", False),
        ("partners/../../internal.html", False),
        ("partners/a/b/internal.html", False),
        ("file:partners/P1/internal.html", False),
        ("//example.org/partners/P1/internal.html", False),
        ("/index.html", False),
    ],
)
def test_of_links_to_files_those_to_pages_of_the_same_run_stay(link, stays):
    assert ("href" in sanitise(f'<a href="{link}">x</a>')) is stays
