"""The account manager's note: prose comes through, and nothing that acts."""

from __future__ import annotations

import pytest

from kpi_lib.show.scorecard import note
from tests import given


def card(text, manager="Jo <Doe>"):
    raw = given.rich()
    raw["insights"] |= {"note": text}
    raw["partner"] |= {"manager": manager}
    return given.card_of(raw)


def test_a_note_says_from_whom_it_is():
    html = note.note(card("**Well** done."))
    assert "From your account manager, Jo &lt;Doe&gt;" in html
    assert "<p><strong>Well</strong> done.</p>" in html
    assert "From your account manager</p>" in note.note(card("Hello", manager=None))


def test_without_a_note_there_is_nothing():
    assert note.note(card("")) == ""


@pytest.mark.parametrize(
    ("typed", "shown", "never"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("a <b onclick=x>b</b>", "&lt;b onclick=x&gt;", "<b "),
        ("![us](https://spy.test/x.png)", "us", "<img"),
        ("[go](javascript:alert(1))", "go", "javascript"),
        ("# Loud", "<p><strong>Loud</strong></p>", "<h1"),
        ("    code <i>", "code &lt;i&gt;", "<i>"),
        ("one\n\n---\n\ntwo", "<p>two</p>", "<hr"),
        ("[mail](mailto:jo@example.test)", 'href="mailto:jo@example.test"', "<script"),
        ('[x](https://a.test/"onclick="b)', "<a href=", 'onclick="b'),
    ],
)
def test_what_is_no_plain_prose_is_shown_as_text(typed, shown, never):
    html = note.note(card(typed))
    assert shown in html
    assert never not in html
