"""When a case holds, against what a value is held, and when it stands on too little."""

from __future__ import annotations

import pytest

from kpi_lib.insights.playbook_rules import When
from kpi_lib.insights.shortfall import Gap, adds_up, gap_of, is_thin
from tests.insights.made import KPIS, off, row

PEERS = {"q1": 8.5, "median": 9.0, "q3": 9.5}


@pytest.mark.parametrize(
    ("when", "figures", "expected"),
    [
        pytest.param({"status": ["off_track"]}, {"target": 10.0, "status": "off_track"},
                     ("target", 10.0, 2.0, False), id="off track"),
        pytest.param({"status": ["off_track"]}, {"target": 8.5, "status": "at_risk"}, None,
                     id="only at risk"),
        pytest.param({"behind_target": 0.2}, {"target": 10.0}, ("target", 10.0, 2.0, False),
                     id="a fifth behind, exactly"),
        pytest.param({"behind_target": 0.21}, {"target": 10.0}, None, id="not so far behind"),
        pytest.param({"behind_target": 0.0}, {"target": 8.0}, None, id="at the target"),
        pytest.param({"behind_target": 0.0}, {}, None, id="no target"),
        pytest.param({"ahead_of_target": 0.3}, {"target": 6.0}, ("target", 6.0, 2.0, True),
                     id="ahead of the target"),
        pytest.param({"ahead_of_target": 0.4}, {"target": 6.0}, None, id="not so far ahead"),
        pytest.param({"off_track_periods": 3}, {"target": 9.0, "off_track_periods": 3},
                     ("target", 9.0, 1.0, False), id="long enough"),
        pytest.param({"off_track_periods": 4}, {"target": 9.0, "off_track_periods": 3}, None,
                     id="not long enough"),
        pytest.param({"below": 8.5}, {"target": 99.0}, ("limit", 8.5, 0.5, False), id="below"),
        pytest.param({"below": 8.0}, {}, None, id="at the limit from below"),
        pytest.param({"above": 8.0}, {}, None, id="at the limit from above"),
        pytest.param({"behind_year_ago": 0.1}, {"year_ago": 10.0}, ("year_ago", 10.0, 2.0, False),
                     id="less than a year ago"),
        pytest.param({"behind_year_ago": 0.1}, {"year_ago": 7.0}, None, id="more than a year ago"),
        pytest.param({"ahead_of_year_ago": 0.1}, {"year_ago": 7.0}, ("year_ago", 7.0, 1.0, True),
                     id="ahead of a year ago"),
        pytest.param({"behind_previous": 0.1}, {"previous": 10.0}, ("previous", 10.0, 2.0, False),
                     id="less than before"),
        pytest.param({"behind_benchmark": 0.1}, {"benchmark": 10.0},
                     ("benchmark", 10.0, 2.0, False), id="below the published"),
        pytest.param({"behind_peers": 0.25}, {"standing": {"ahead": 0.25} | PEERS},
                     ("peer_median", 9.0, 1.0, False), id="in the last quarter"),
        pytest.param({"behind_peers": 0.25}, {"standing": {"ahead": 0.3} | PEERS}, None,
                     id="in the middle"),
        pytest.param({"behind_peers": 0.25}, {}, None, id="without peers"),
        pytest.param({"trend": "worsening"}, {"trend": "down"}, ("trend", None, None, False),
                     id="falling"),
        pytest.param({"trend": "worsening"}, {"trend": "up"}, None, id="rising"),
        pytest.param({"trend": "improving"}, {"trend": "up"}, ("trend", None, None, False),
                     id="getting better"),
        pytest.param({"status": ["off_track"], "trend": "worsening"},
                     {"target": 10.0, "status": "off_track", "trend": "flat"}, None,
                     id="one of two conditions"),
        pytest.param({"missing": True}, {"previous": 3.0}, None, id="not missing"),
    ],
)  # fmt: skip
def test_a_case_holds_where_all_of_it_does(when, figures, expected):
    gap = gap_of(When(**when), row("revenue", 8.0, **figures), "higher")
    found = gap and (gap.against, gap.reference, gap.size, gap.is_ahead)
    assert found == (pytest.approx(expected) if expected and expected[1] is None else expected)


def test_where_lower_is_better_more_is_behind():
    late = row("dso_days", 50.0, target=40.0, year_ago=45.0, trend="up", status="off_track")
    for when in ({"behind_target": 0.25}, {"behind_year_ago": 0.1}, {"trend": "worsening"}):
        assert gap_of(When(**when), late, "lower")
    assert gap_of(When(ahead_of_target=0.0), late, "lower") is None


def test_a_limit_says_itself_which_way_is_better():
    gap = gap_of(When(above=0.0), row("receivables", 5.0), "neither")
    assert (gap.better, gap.size) == ("lower", 5.0)
    assert gap_of(When(below=9.0), row("dso_days", 5.0), "lower").better == "higher"


def test_a_missing_value_counts_only_where_there_was_one():
    asked = When(missing=True)
    assert gap_of(asked, row("network_uptime", None, previous=0.9), "higher").reference == 0.9
    assert gap_of(asked, row("network_uptime", None), "higher") is None


@pytest.mark.parametrize("status", ["unsure", "no_data"])
def test_an_unsure_figure_falls_short_of_nothing(status):
    unsure = off("win_rate", 0.1, 0.5, status=status, year_ago=0.9)
    assert gap_of(When(behind_year_ago=0.1), unsure, "higher") is None
    assert gap_of(When(behind_target=0.1), unsure, "higher") is None


def held(against, reference, better="higher"):
    return Gap(against, reference, 1.0, better)


@pytest.mark.parametrize(
    ("of", "gap", "thin"),
    [
        pytest.param(row("win_rate", 0.1, n=9, denominator=9.0), held("target", 0.5), True,
                     id="a rate of nine"),
        pytest.param(row("win_rate", 0.1, n=10, denominator=10.0), held("target", 0.5), False,
                     id="a rate of ten"),
        pytest.param(row("roi", 0.1, n=None, denominator=9.0), held("target", 0.5), False,
                     id="a denominator that nobody counts"),
        pytest.param(row("leads", 3.0, n=3), held("target", 9.0), False,
                     id="a count beside its target"),
        pytest.param(row("leads", 3.0, n=3), held("year_ago", 9.0), True,
                     id="a count that was small a year ago"),
        pytest.param(row("leads", 3.0, n=3), held("year_ago", 10.0), False,
                     id="a count that was not"),
        pytest.param(row("revenue", 3.0, n=1), held("year_ago", 9.0), False, id="an amount"),
        pytest.param(row("win_rate", 0.4, n=40, denominator=40.0, low=0.26, high=0.55),
                     held("year_ago", 0.5), True, id="a year ago within the interval"),
        pytest.param(row("win_rate", 0.4, n=40, denominator=40.0, low=0.26, high=0.55),
                     held("year_ago", 0.6), False, id="a year ago outside it"),
        pytest.param(row("win_rate", 0.4, n=40, denominator=40.0, low=0.26, high=0.55),
                     held("target", 0.5), False, id="the status has settled that of a target"),
        pytest.param(row("network_uptime", None, previous=1.0), held("previous", 1.0), False,
                     id="no value at all"),
        pytest.param(row("leads", 3.0, n=3), held("trend", None), False, id="a trend of a count"),
    ],
)  # fmt: skip
def test_few_cases_ask_nobody_for_anything(of, gap, thin):
    assert is_thin(gap, of, 10, KPIS[of.kpi].unit) is thin


def test_sums_add_up_through_a_period_and_rates_and_balances_do_not():
    asked = ("revenue", "orders", "on_time_rate", "overdue_balance", "quota_attainment")
    adding = [kpi for kpi in asked if adds_up(KPIS[kpi], row(kpi, 1.0))]
    assert adding == ["revenue", "orders", "quota_attainment"]
    assert adds_up(KPIS["sell_through_volume"], row("sell_through_volume", 1.0))
    assert not adds_up(KPIS["network_uptime"], row("network_uptime", 1.0, denominator=2.0))
