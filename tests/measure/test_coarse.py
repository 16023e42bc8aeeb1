"""Figures of a group, as coarse as one of them may see them."""

import numpy as np
import pytest

from kpi_lib.measure.coarse import Rounded, Sample, shown_steps
from kpi_lib.show.common.numbers import format_value

TEN = [10.0, 20, 30, 40, 50, 60, 70, 80, 90, 100]


def sample(values, unit="money"):
    return Sample.of(np.array(values, dtype=float), np.arange(len(values)), unit)


@pytest.mark.parametrize(
    ("mean", "unit", "expected"),
    [
        pytest.param(46_320.0, "money", (46_000, 45_500, 46_500), id="thousands"),
        pytest.param(6.67, "number", (6.7, 6.65, 6.75), id="a count's mean"),
        pytest.param(0.934, "ratio", (0.93, 0.925, 0.935), id="a share to a hundredth"),
        pytest.param(0.034, "ratio", (0.03, 0.025, 0.035), id="a small one no finer"),
        pytest.param(-0.246, "ratio", (-0.25, -0.255, -0.245), id="a fall"),
        pytest.param(4.2, "days", (4.0, 3.5, 4.5), id="days whole"),
        pytest.param(123.0, "days", (120, 115, 125), id="many days in tens"),
        pytest.param(1040.0, "money", (1000, 995, 1050), id="finer below a thousand than above"),
        pytest.param(997.0, "money", (1000, 995, 1050), id="whichever side it came from"),
        pytest.param(0.0, "money", (0, 0, 0), id="nothing is nothing"),
        pytest.param(0.0, "ratio", (0, -0.005, 0.005), id="a growth of about nothing"),
    ],
)
def test_a_mean_is_rounded_to_two_digits_and_stands_for_all_that_rounds_to_it(mean, unit, expected):
    rounded = Rounded.of(mean, unit)
    assert (rounded.shown, rounded.low, rounded.high) == pytest.approx(expected)


def test_each_figure_is_the_mean_of_the_three_nearest_its_quartile():
    assert [figure.mean for figure in sample(TEN).figures] == [30, 50, 80]
    eleven = [figure.mean for figure in sample([*TEN, 110]).figures]
    assert eleven == [30, 60, 90], "the third, the sixth, the ninth, and who stands beside each"


def test_who_has_no_value_is_not_counted():
    values = np.array([5.0, np.nan, 3.0, 4.0])
    found = Sample.of(values, np.array([1, 2, 3]), "money")
    assert (list(found.values), list(found.members)) == ([3, 4], [2, 3])


@pytest.mark.parametrize(("better", "last"), [("higher", 0), ("lower", 9)])
def test_neither_the_first_nor_the_last_learns_that_nobody_is_beyond_it(better, last):
    of = sample(TEN)
    tenths = list(of.tenths(of.ahead(better)))
    assert tenths == [1, 1, 2, 3, 4, 6, 7, 8, 9, 9][:: 1 if last == 0 else -1]


def test_an_equal_one_counts_half():
    of = sample([1, 1, 1, *range(2, 10)])
    assert list(of.ahead("higher"))[:3] == [1, 1, 1]


def test_nothing_passes_its_bounds():
    assert sample([0.0] * 3 + [0.5] * 8, "ratio").bounds == (0.0, 1.0)
    assert sample([0.5] * 10 + [1.2], "ratio").bounds == (0.0, np.inf)
    assert sample([-0.5] * 10 + [1.0], "ratio").bounds == (-np.inf, 1.0)


def test_a_mean_that_is_a_bound_stands_for_itself_alone():
    first = sample([1.0] * 10, "ratio").figures[0]
    assert (first.low, first.shown, first.high) == (1, 1, 1)


@pytest.mark.parametrize(
    ("size", "unit"),
    [(0.934, "ratio"), (12.3, "days"), (43.2, "points"), (4321.0, "money"), (43.21, "money"),
     (4.56, "number"), (45.6, "number"), (4567.0, "number")],
)  # fmt: skip
def test_the_finest_difference_is_the_one_that_a_page_shows(size, unit):
    (step, _) = shown_steps(np.array([size, 0.5]), unit)

    def text(value):
        return format_value(value, unit, "GBP")

    assert text(size + step) != text(size)
    assert len({text(size + step * part) for part in np.linspace(0, 0.999, 50)}) <= 2


def test_whole_numbers_differ_by_one_at_least():
    assert list(shown_steps(np.array([4.0, 12.0]), "number")) == [1, 1]
