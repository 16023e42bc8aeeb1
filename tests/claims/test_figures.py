"""Figures are read as people read them, in both languages."""

from __future__ import annotations

import pytest

from tests.claims.figures import Figure, read_day, read_figure, read_period


@pytest.mark.parametrize(
    ("text", "language", "figure"),
    [
        ("\N{MINUS SIGN}£206", "en", Figure(-206, 0.5, "money")),
        ("£16.63M", "en", Figure(16_630_000, 5_000, "money")),
        ("1,915", "en", Figure(1915, 0.5, "")),
        ("83.6 days", "en", Figure(83.6, 0.05, "days")),
        ("9.5 points", "en", Figure(9.5, 0.05, "points")),
        ("> 99%", "en", Figure(99, 0.5, "%", ">")),
        ("93,4 %", "de", Figure(93.4, 0.05, "%")),
        ("16,63 Mio. £", "de", Figure(16_630_000, 5_000, "money")),
        ("+1.262 Prozentpunkte", "de", Figure(1262, 0.5, "points")),
    ],
)
def test_a_figure_is_a_number_half_its_last_digit_and_a_unit(text, language, figure):
    read = read_figure(text, language)
    assert (read.unit, read.bound) == (figure.unit, figure.bound)
    assert (read.number, read.half) == pytest.approx((figure.number, figure.half))


@pytest.mark.parametrize("text", ["12 apples", "1,23,4", "Q3", "", "£"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError, match="no figure"):
        read_figure(text, "en")


def test_a_figure_holds_for_what_rounds_to_it_and_for_nothing_else():
    figure = read_figure("£12,340", "en")
    assert figure.is_about(12_340.4)
    assert not figure.is_about(12_341)
    assert not figure.is_about(-12_340)


@pytest.mark.parametrize(
    ("text", "language", "period"),
    [
        ("Q3 2011", "en", "2011-Q3"),
        ("September 2011", "en", "2011-09"),
        ("week 7 of 2011", "en", "2011-W07"),
        ("KW 37/2011", "de", "2011-W37"),
        ("März 2026", "de", "2026-03"),
        ("Sept 2011", "en", "2011-09"),
        ("2011", "en", "2011"),
    ],
)
def test_a_period_is_read_as_the_tables_name_it(text, language, period):
    assert read_period(text, language) == period


def test_a_day_is_read_with_and_without_its_year():
    assert read_day("30 September 2011", "en") == (2011, 9, 30)
    assert read_day("1. Juli", "de") == (None, 7, 1)
