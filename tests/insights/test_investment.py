"""Which partnerships earn more investment, and which need a talk."""

import pytest

from kpi_lib.insights.investment import stance_of


def partner(**told):
    empty = {"has_left": False, "health_score": None, "revenue": None, "revenue_year_ago": None}
    return empty | {"revenue_off_track_periods": 0} | told


@pytest.mark.parametrize(
    ("told", "stance"),
    [
        pytest.param({"health_score": 64.9}, ("talk", "score"), id="poor health"),
        pytest.param({"health_score": 65.0}, ("keep", None), id="just good enough"),
        pytest.param(
            {"health_score": 99.0, "revenue_off_track_periods": 2},
            ("talk", "off_track"),
            id="healthy, and revenue off track for two periods",
        ),
        pytest.param({"revenue_off_track_periods": 1}, ("unknown", None), id="once says nothing"),
        pytest.param(
            {"health_score": 85.0, "revenue": 10.0, "revenue_year_ago": 10.0},
            ("invest", "growing"),
            id="healthy, and revenue as before",
        ),
        pytest.param(
            {"health_score": 90.0, "revenue": 9.0, "revenue_year_ago": 10.0},
            ("keep", None),
            id="healthy, and revenue less",
        ),
        pytest.param(
            {"revenue": 8.0, "revenue_year_ago": 10.0}, ("talk", "fell"), id="a fall of a fifth"
        ),
        pytest.param(
            {"health_score": 70.0, "revenue": 8.0, "revenue_year_ago": 10.0},
            ("keep", None),
            id="a score goes before the fall",
        ),
        pytest.param({"revenue": 5.0}, ("unknown", None), id="nothing to tell by"),
        pytest.param({"has_left": True, "health_score": 10.0}, ("unknown", None), id="has left"),
    ],
)
def test_a_partner_calls_for(told, stance):
    assert stance_of(partner(**told)) == stance
