"""What somebody who knows all the other partners could find out of one."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_lib.measure.coarse import Sample
from kpi_lib.measure.disclosure import Ranges, are_wide, gives_nobody_away, ranges_of

# Three neighbours round each quartile of eleven, none of which is what their mean rounds to.
SPREAD = [500.0, 1000, 1130, 1330, 3000, 3390, 3990, 8000, 9040, 10640, 20000]


def sample(values, unit="money"):
    return Sample.of(np.array(values, dtype=float), np.arange(len(values)), unit)


def with_one(place, value):
    return sample(sorted([*SPREAD[:place], value, *SPREAD[place + 1 :]]))


def test_a_group_that_gives_nobody_away():
    assert [figure.shown for figure in sample(SPREAD).figures] == [1200, 3500, 9200]
    assert gives_nobody_away(sample(SPREAD))


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        pytest.param(with_one(2, 1200.0).values, "money", id="one has the figure in full"),
        pytest.param(with_one(2, 1180.0).values, "money", id="one has it rounded"),
        pytest.param(with_one(2, 1249.0).values, "money", id="one has it, just"),
        pytest.param(
            with_one(2, 1270.0).values, "money", id="three times it less two is the third"
        ),
        pytest.param([5.0] * 11, "money", id="all are alike: there is nothing to compare"),
        pytest.param([0, 0, 0, 0.01, *np.linspace(0.1, 0.9, 7)], "ratio", id="three are nearly 0"),
        pytest.param([*np.linspace(0.1, 0.7, 7), 0.99, 1, 1, 1], "ratio", id="three nearly all"),
    ],
)
def test_a_group_that_would_give_somebody_away(values, unit):
    assert not gives_nobody_away(sample(values, unit))


def test_a_figure_that_three_have_is_nobodys_own():
    shares = [0.1, 0.2, 0.2, 0.2, 0.31, 0.4, 0.53, 0.7, 0.7, 0.7, 0.9]
    assert [figure.shown for figure in sample(shares, "ratio").figures] == [0.2, 0.41, 0.7]
    assert gives_nobody_away(sample(shares, "ratio"))


def test_a_mean_of_three_leaves_one_of_them_open_by_three_times_what_was_rounded_off():
    of = sample(SPREAD)
    ranges = ranges_of(of, "higher", len(of))
    # 1150 to 1250 is shown as 1200, less 1000 and 1330; another's tenth tells that 1330 is more.
    assert (ranges.low[2], ranges.high[2]) == (3 * 1150 - 2330, 1330)


def shown_to_others(values, better, unit, one):
    """What everybody but one is shown: the figures, and each its tenths."""
    of = sample(values, unit)
    tenths = dict(zip(of.members, of.tenths(of.ahead(better)), strict=True))
    return [figure.shown for figure in of.figures], [tenths[i] for i in range(len(of)) if i != one]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 400).map(lambda n: n / 4), min_size=10, max_size=30),
    st.sampled_from(["higher", "lower"]),
    st.sampled_from(["money", "ratio", "days", "number"]),
)
def test_every_figure_lies_in_its_range_and_wherever_it_lay_there_others_were_told_the_same(
    values, better, unit
):
    of = sample(values, unit)
    ranges = ranges_of(of, better, len(of))
    assert np.all((ranges.low <= values) & (values <= ranges.high))
    one = len(values) // 2
    low, high = max(ranges.low[one], values[one] - 9), min(ranges.high[one], values[one] + 9)
    for moved in (low + (high - low) / 1000, high - (high - low) / 1000):
        other = [*values[:one], moved, *values[one + 1 :]]
        assume(sample(other, unit).bounds == of.bounds)
        shown, were_it_so = (shown_to_others(v, better, unit, one) for v in (values, other))
        assert shown == were_it_so


@pytest.mark.parametrize(
    ("low", "high", "grid", "expected"),
    [
        pytest.param(990, 1000, 0, True, id="a hundredth of it"),
        pytest.param(991, 1000, 0, False, id="less"),
        pytest.param(-np.inf, 1000, 0, True, id="anything below"),
        pytest.param(980, 1000, 4, True, id="five that are possible"),
        pytest.param(980, 1000, 5, False, id="four"),
    ],
)
def test_enough_is_left_where_five_figures_and_a_hundredth_are(low, high, grid, expected):
    of = Sample(np.array([0]), np.array([1000.0]), "money")
    assert are_wide(Ranges(np.array([low]), np.array([high])), of, grid) is expected


def test_what_two_things_tell_together_holds_for_those_only_whom_both_speak_of():
    one = Ranges(np.array([1.0, 1.0]), np.array([9.0, 9.0]))
    other = Ranges(np.array([3.0, 3.0]), np.array([5.0, 5.0])).only(np.array([True, False]))
    both = one.known_too(other)
    assert (list(both.low), list(both.high)) == ([3, 1], [5, 9])
