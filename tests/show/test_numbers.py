"""Figures are said as a careful person says them."""

from datetime import date

import pytest

from kpi_lib.show.common.language import speaking
from kpi_lib.show.common.numbers import (
    MINUS,
    change_between,
    format_count,
    format_day,
    format_day_of_year,
    format_month,
    format_range,
    format_rounded,
    format_short,
    format_together,
    format_value,
)
from kpi_lib.show.common.proofreading import misprints_of


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(46_000.0, "money", "£46,000", id="thousands in full"),
        pytest.param(52.0, "money", "£52", id="no pence that say nothing"),
        pytest.param(5.2, "money", "£5.20", id="pence that do"),
        pytest.param(12_000_000.0, "money", "£12M", id="millions"),
        pytest.param(1_200_000_000.0, "money", "£1.2B", id="billions"),
        pytest.param(0.93, "ratio", "93%", id="a share"),
        pytest.param(0.0, "ratio", "0%", id="none"),
        pytest.param(-38.0, "days", "\N{MINUS SIGN}38 days", id="early"),
        pytest.param(43.0, "points", "43 points", id="points"),
        pytest.param(6.7, "number", "6.7", id="a mean of counts"),
        pytest.param(1200.0, "number", "1,200", id="many"),
    ],
)
def test_what_was_rounded_is_said_without_digits_that_say_nothing(value, unit, expected):
    assert [plain(text) for text in format_rounded([value], unit, "GBP")] == [expected]


def test_a_rounded_growth_has_its_sign():
    assert format_rounded([0.12, 0.0], "ratio", "GBP", signed=True) == ["+12%", "0%"]


def test_rounded_figures_side_by_side_are_in_one_scale():
    assert format_rounded([7_300_000, 26_000_000], "money", "GBP") == ["£7.3M", "£26M"]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(0.934, "ratio", "93.4%", id="a share has one digit"),
        pytest.param(0.9999, "ratio", "99.99%", id="nearly all is not all"),
        pytest.param(1.0, "ratio", "100%", id="all is all"),
        pytest.param(0.0, "ratio", "0%", id="none is none"),
        pytest.param(0.0004, "ratio", "0.04%", id="hardly any is not none"),
        pytest.param(1.4e-17, "ratio", "0%", id="what computing leaves of none is none"),
        pytest.param(1 - 1.1e-16, "ratio", "100%", id="and of all it is all"),
        pytest.param(12.5, "ratio", "1,250%", id="a large share needs no digit"),
        pytest.param(12340.4, "money", "£12,340", id="pence are noise in thousands"),
        pytest.param(3.5, "money", "£3.50", id="pence count in pounds"),
        pytest.param(0, "money", "£0", id="nothing has no pence"),
        pytest.param(-45.5, "money", "\N{MINUS SIGN}£45.50", id="a loss has a true minus sign"),
        pytest.param(123_456_789, "money", "£123.46M", id="nobody reads nine digits"),
        pytest.param(4.22, "days", "4.2 days", id="days have one digit"),
        pytest.param(133.4, "days", "133 days", id="many days have none"),
        pytest.param(3, "number", "3", id="a count is whole"),
        pytest.param(2.333, "number", "2.33", id="a mean is not"),
        pytest.param(37.666, "number", "37.7", id="a larger mean has one digit"),
        pytest.param(1234.5, "number", "1,234", id="thousands are set apart"),
        pytest.param(-12, "points", "\N{MINUS SIGN}12.0 points", id="points may be negative"),
        pytest.param(1.83, "years", "1.8 years", id="years have one digit"),
        pytest.param(-0.0000001, "ratio", "0.000%", id="what rounds to nothing has no sign"),
    ],
)
def test_a_value_is_said_with_its_unit(value, unit, expected):
    assert plain(format_value(value, unit, "GBP")) == expected


def test_a_growth_carries_its_sign():
    assert format_value(0.23, "ratio", "GBP", signed=True) == "+23.0%"
    assert format_value(0.0, "ratio", "GBP", signed=True) == "0%"


def test_money_follows_its_currency():
    assert format_value(12.34, "money", "EUR") == "€12.34"
    assert format_value(12.34, "money", "JPY") == "JP¥12"


@pytest.mark.parametrize(
    ("value", "base", "unit", "expected"),
    [
        pytest.param(120, 100, "money", "+20.0%", id="money changes in per cent"),
        pytest.param(0.5, 0.45, "ratio", "+5.0 points", id="a share changes in points"),
        pytest.param(3, 1, "number", "+2", id="of a handful the difference is shown"),
        pytest.param(1200, 100, "money", "+£1,100", id="a tiny base makes no percentage"),
        pytest.param(50, -20, "money", "+£70.00", id="a negative base makes none either"),
        pytest.param(0, 100, "money", "\N{MINUS SIGN}100%", id="all of it gone"),
        pytest.param(18.6, 21.9, "days", "\N{MINUS SIGN}3.3 days", id="days change in days"),
        pytest.param(5, 5, "number", "no change", id="nothing moved"),
        pytest.param(100.00001, 100, "money", "no change", id="nothing that can be seen moved"),
    ],
)
def test_a_change_is_said_in_the_terms_that_tell_most(value, base, unit, expected):
    assert plain(change_between(value, base, unit, "GBP").signed) == expected


def test_years_pass_by_themselves():
    assert change_between(2.0, 1.0, "years", "GBP") is None


def test_an_axis_is_labelled_as_short_as_can_be():
    shown = [format_short(*args, "GBP") for args in [
        (60000, "money"), (1500, "money"), (-3.5, "money"), (0.4, "ratio"), (2.5, "number"),
        (15000, "number"),
    ]]  # fmt: skip
    assert shown == ["£60K", "£1.5K", "\N{MINUS SIGN}£3.5", "40%", "2.5", "15,000"]


def test_days_and_counts_are_written_out():
    import datetime

    assert plain(format_day(datetime.date(2011, 9, 30))) == "30 September 2011"
    assert format_count(12345) == "12,345"


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        pytest.param(12.345, "ratio", "1.234 %", id="thousands have points"),
        pytest.param(0.934, "ratio", "93,4 %", id="decimals a comma"),
        pytest.param(76863.2, "money", "76.863 €", id="the currency follows"),
        pytest.param(-45.5, "money", "\N{MINUS SIGN}45,50 €", id="a loss"),
        pytest.param(123_456_789, "money", "123,46 Mio. €", id="millions"),
        pytest.param(4.22, "days", "4,2 Tage", id="days"),
        pytest.param(2.333, "number", "2,33", id="a mean"),
    ],
)
def test_german_has_its_own_figures(value, unit, expected):
    with speaking("de"):
        assert plain(format_value(value, unit, "EUR")) == expected


def test_german_has_its_own_changes():
    with speaking("de"):
        assert plain(change_between(0.5, 0.45, "ratio", "EUR").signed) == "+5,0 Prozentpunkte"
        assert change_between(5, 5, "number", "EUR").signed == "unverändert"


@pytest.mark.parametrize(
    ("size", "expected"),
    [(5, "5 €"), (5.5, "5,5 €"), (12_340, "12.340 €"), (1_000_000, "1 Mio. €"), (3e9, "3 Mrd. €")],
)
def test_german_shortens_amounts_from_a_million_on(size, expected):
    with speaking("de"):
        assert plain(format_short(size, "money", "EUR")) == expected


def test_days_are_said_in_the_language_of_the_page():
    day = date(2026, 9, 30)
    said = [plain(say(day)) for say in (format_day, format_day_of_year, format_month)]
    assert said == ["30 September 2026", "30 September", "September 2026"]
    with speaking("de"):
        said = [plain(say(day)) for say in (format_day, format_day_of_year, format_month)]
    assert said == ["30. September 2026", "30. September", "September 2026"]


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        pytest.param([7_303_065, 25_960_000], "money", "£7.30M £25.96M", id="one scale"),
        pytest.param([471.27, 25_960_000], "money", "£0.00M £25.96M", id="however small one is"),
        pytest.param([0, 80], "money", "£0 £80.00", id="nothing is nothing"),
        pytest.param([62.5, 120], "money", "£62 £120", id="the larger says whether pence count"),
        pytest.param([-4.26, 258], "money", "\N{MINUS SIGN}£4 £258", id="below nothing"),
        pytest.param([0.9999, 0.9], "ratio", "99.99% 90.00%", id="nearly all beside less"),
        pytest.param([1.4e-17, 0.434], "ratio", "0% 43.4%", id="an interval from nothing on"),
        pytest.param([5.5, 12], "number", "5.5 12.0", id="a mean beside a larger one"),
        pytest.param([3, 12], "number", "3 12", id="counts"),
        pytest.param([97.2, 133.4], "days", "97 days 133 days", id="days"),
    ],
)
def test_figures_side_by_side_have_one_precision(values, unit, expected):
    assert " ".join(plain(text) for text in format_together(values, unit, "GBP")) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([471.26653955283837, 17_100], "£0.5K - £17.1K"),
        ([98.05428950799183, 622.6607692688276], "£98 - £623"),
        ([-4.262470611590288, 258.04], "\N{MINUS SIGN}£4 - £258"),
        ([0, 8.5], "£0 - £8.5"),
        ([7_303_065, 25_960_000], "£7.3M - £26.0M"),
    ],
)
def test_a_short_range_has_one_scale(values, expected):
    text = format_range(*values, "money", "GBP", short=True)
    assert plain(text) == expected.replace(" - ", " \N{EN DASH} ")


def test_a_range_is_written_in_the_language_of_its_page():
    with speaking("de"):
        text = format_range(471.266, 17_100, "money", "EUR", short=True)
        assert plain(text) == "471 € \N{EN DASH} 17.100 €"
        assert plain(format_range(0.5, 25.96e6, "money", "EUR")).endswith("25,96 Mio. €")


@pytest.mark.parametrize("size", [10**k * f for k in range(-4, 11) for f in (1, 1.2345678, 9.87)])
@pytest.mark.parametrize("unit", ["money", "ratio", "number", "days", "points", "years", "tonnes"])
def test_no_figure_has_more_digits_than_a_page_is_proofread_for(size, unit):
    for language in ("en", "de"):
        with speaking(language):
            texts = [format_value(size, unit, "GBP"), format_short(size, unit, "GBP")]
            texts += format_together([size, 3 * size], unit, "GBP", short=True)
            assert [fault for text in texts for fault in misprints_of(text)] == []


def test_tonnes_are_said_as_tonnes():
    assert plain(format_value(123.6, "tonnes", "GBP")) == "123.6 t"
    assert change_between(120, 100, "tonnes", "GBP").signed == "+20.0%"


def test_a_mean_has_no_digit_that_is_a_mere_nought():
    assert [format_value(value, "number", "GBP") for value in (5.5, 5.25, 5.0)] == [
        *("5.5", "5.25", "5"),
    ]


@pytest.mark.parametrize(
    ("value", "base", "unit", "shown", "change"),
    [
        (0.0015, 0.0014, "ratio", ("0.15%", "0.14%"), "+0.01 points"),
        (45.04, 45.0, "days", ("45.04 days", "45.00 days"), "+0.04 days"),
        (46_799.7, 46_800, "money", ("£46,799.70", "£46,800.00"), "-0.001%"),
        (-0.019, -0.046, "points", ("-0.02 points", "-0.05 points"), "+0.03 points"),
        (12_346_000, 12_345_000, "money", ("£12.346M", "£12.345M"), "+0.01%"),
    ],
)
def test_figures_that_are_compared_have_as_many_digits_as_tell_them_apart(
    value, base, unit, shown, change
):
    beside = (value, base)
    texts = tuple(plain(format_value(figure, unit, "GBP", beside=beside)) for figure in beside)
    assert texts == tuple(text.replace("-", MINUS) for text in shown)
    assert plain(change_between(value, base, unit, "GBP").signed) == change.replace("-", MINUS)


def test_figures_that_are_equal_look_equal_and_no_other_digits_are_added():
    texts = [format_value(0.5, "ratio", "GBP", beside=(0.5, base)) for base in (0.5, 0.4)]
    assert texts == ["50.0%", "50.0%"]
    assert change_between(0.5, 0.5 + 1e-12, "ratio", "GBP").direction == 0
