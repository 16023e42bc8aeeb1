"""Which partnerships earn more investment, and which need a talk."""

import pytest

from kpi_lib.insights.investment import stance_of
from kpi_lib.slices.portfolio_types import PartnerFigures


@pytest.mark.parametrize(
    ("figures", "stance"),
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
        pytest.param({"revenue": 5.0}, ("unknown", None), id="nothing to go by"),
    ],
)
def test_a_partner_calls_for(figures, stance):
    assert stance_of(PartnerFigures(**figures), has_left=False) == stance


def test_a_partner_that_has_left_calls_for_nothing():
    assert stance_of(PartnerFigures(health_score=10.0), has_left=True) == ("unknown", None)
