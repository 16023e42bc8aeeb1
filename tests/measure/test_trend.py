import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from kpi_lib.measure.trend import trends


def trend_of(values):
    return trends(np.array([values], dtype=float))[0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([1, 2, 3, 4, 5, 6, 7, 8], "up", id="eight steps upwards"),
        pytest.param([8, 7, 6, 5, 4, 3, 2, 1], "down", id="eight steps downwards"),
        pytest.param([1, 9, 2, 8, 3, 7, 4, 6], "flat", id="to and fro"),
        pytest.param([5, 5, 5, 5, 5, 5, 5, 5], "flat", id="always the same"),
        pytest.param([np.nan] * 4 + [1, 2, 3, 4], None, id="four values say nothing"),
        pytest.param([np.nan] * 3 + [1, 2, 3, 4, 5], "up", id="five values are enough"),
        pytest.param([1, 1 + 1e-12, 1, 1 + 2e-12, 1], "flat", id="equal within their size"),
        pytest.param([1e-10, 2e-10, 3e-10, 4e-10, 5e-10], "flat", id="all of them nothing"),
    ],
)
def test_a_trend_is_shown_where_it_is_certain(values, expected):
    assert trend_of(values) == expected


@given(st.lists(st.integers(0, 6), min_size=5, max_size=8))
def test_the_trend_is_that_of_kendalls_tau(values):
    tau, p = kendalltau(range(len(values)), values)
    expected = "flat" if np.isnan(tau) or p >= 0.05 or tau == 0 else "up" if tau > 0 else "down"
    assert trend_of(values) == expected
