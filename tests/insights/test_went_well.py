"""What went well: targets reached, trends that rise, figures better than a year ago."""

from __future__ import annotations

import pytest

from kpi_lib.insights.went_well import went_well
from kpi_lib.slices.insight_types import GoodNews, Reason
from tests.insights.made import row, standing


def reached(kpi, value, target, **figures):
    return row(kpi, value, target=target, status="on_track", **figures)


def praised(*rows, **more):
    return [news.kpi for news in went_well(standing(*rows, **more))]


def test_good_news_hold_the_value_and_every_reason_with_what_it_is_held_against():
    good = reached("otif_rate", 0.96, 0.8, year_ago=0.75, trend="up")
    reasons = (
        Reason("target", 0.8, pytest.approx(0.2)),
        Reason("trend", None, None),
        Reason("year_ago", 0.75, pytest.approx(0.28)),
    )
    assert went_well(standing(good)) == [GoodNews("otif_rate", 0.96, reasons)]


def test_a_target_comes_before_a_trend_and_a_trend_before_a_better_year():
    rows = (
        row("revenue", 200.0, year_ago=100.0),
        row("otif_rate", 0.9, trend="up"),
        reached("feedback", 5.0, 5.0),
        row("dso_days", 30.0, year_ago=40.0),
    )
    assert praised(*rows) == ["feedback", "otif_rate", "revenue"]


def test_further_ahead_comes_before_less_far_and_one_of_each_family_before_a_second():
    rows = (
        row("leads", 60.0, year_ago=50.0),
        row("deals_won", 90.0, year_ago=50.0),
        row("pipeline_value", 80.0, year_ago=50.0),
        row("revenue", 55.0, year_ago=50.0),
    )
    assert praised(*rows) == ["deals_won", "pipeline_value", "revenue"]


def test_the_same_news_is_shown_once():
    rows = (
        row("orders", 60.0, year_ago=50.0),
        row("orders_per_month", 20.0, year_ago=50 / 3),
    )
    assert praised(*rows) == ["orders"]
    assert praised(row("orders", 6.0, trend="up"), row("otif_rate", 0.9, trend="up")) == [
        "orders",
        "otif_rate",
    ], "two trends are two"


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(row("revenue", 102.0, year_ago=100.0), id="hardly better"),
        pytest.param(row("revenue", 90.0, year_ago=100.0), id="worse"),
        pytest.param(row("dso_days", 50.0, year_ago=40.0, trend="up"), id="more, and less is good"),
        pytest.param(row("revenue", None, year_ago=1.0), id="no value"),
        pytest.param(row("revenue_growth", 0.5, year_ago=0.1, trend="up"), id="a growth that grew"),
        pytest.param(row("customer_nps", -5.0, year_ago=-20.0), id="less bad"),
        pytest.param(row("partnership_years", 3.0, year_ago=2.0, trend="up"), id="time passes"),
        pytest.param(row("receivables", 3.0, year_ago=2.0, trend="up"), id="neither is better"),
        pytest.param(row("otif_rate", 0.9, year_ago=0.1, status="off_track"), id="still off track"),
        pytest.param(row("otif_rate", 0.9, year_ago=0.1, status="unsure"), id="unsure"),
        pytest.param(row("leads", 3.0, year_ago=1.0), id="a handful"),
        pytest.param(row("win_rate", 0.9, year_ago=0.1, n=4, denominator=4.0), id="few cases"),
        pytest.param(
            row("win_rate", 0.5, year_ago=0.4, n=40, denominator=40.0, low=0.35, high=0.65),
            id="within its interval",
        ),
    ],
)  # fmt: skip
def test_what_is_no_good_news(of):
    assert praised(of) == []


def test_a_growth_that_reached_its_target_is_good_news():
    assert praised(reached("revenue_growth", 0.3, 0.1)) == ["revenue_growth"]


def test_the_partners_edition_hears_of_shared_figures_only():
    rows = (reached("gross_margin", 0.5, 0.3), reached("otif_rate", 0.9, 0.8))
    assert praised(*rows) == ["gross_margin", "otif_rate"]
    assert praised(*rows, edition="partner") == ["otif_rate"]


def test_what_something_is_asked_for_did_not_go_well_as_well():
    good = (reached("otif_rate", 0.96, 0.8), reached("dso_days", 30.0, 40.0))
    of = standing(*good)
    assert [news.kpi for news in went_well(of)] == ["dso_days", "otif_rate"]
    assert [news.kpi for news in went_well(of, asked=["dso_days"])] == ["otif_rate"]
