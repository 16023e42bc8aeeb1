"""Partners side by side: every figure is a row of the KPI table, or adds or divides such rows."""

from __future__ import annotations

import pytest

from kpi_lib.measure.portfolio_rows import (
    concentration,
    file_names,
    movers,
    partners_of_page,
    portfolios_of_run,
)
from kpi_lib.slices.portfolio_types import Figure, PartnerFigures, PortfolioPartner, TopShare
from tests import given_portfolio as given


def partner(name: str, revenue: float | None, year_ago: float | None) -> PortfolioPartner:
    figures = PartnerFigures(revenue=revenue, revenue_year_ago=year_ago)
    return PortfolioPartner(partner_id=name, name=name, figures=figures)


def test_there_is_a_page_for_all_for_each_manager_and_for_each_branch():
    results, _ = given.shared()
    assert [whose.place for whose in portfolios_of_run(results)] == [
        *("portfolio", "managers/Ann", "managers/Bo-Co", "branches/North", "branches/South")
    ]


@pytest.mark.parametrize(
    ("place", "mine"),
    [
        pytest.param("portfolio", ["alder", "birch", "cedar", "elder"], id="all"),
        pytest.param("managers/Ann", ["alder", "birch"], id="a manager's"),
        pytest.param("branches/South", ["birch", "cedar", "elder"], id="a branch's"),
    ],
)
def test_a_page_may_name_its_own_partners_only(place, mine):
    results, _ = given.shared()
    whose = next(whose for whose in portfolios_of_run(results) if whose.place == place)
    assert [partner.partner_id for partner in partners_of_page(results, whose)] == mine


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ann", "Ann"),
        ("a/b\\c:d", "a-b-c-d"),
        ("../../etc", "-..-etc"),
        ("...", "-"),
        ("Łódź", "Łódź"),
        ("x" * 200, "x" * 60),
        ("\u202eBo\u200b", "Bo"),
    ],
)
def test_a_name_becomes_a_file_that_every_system_can_hold(name, file):
    assert file_names([name]) == {name: file}


def test_names_that_a_system_holds_for_the_same_get_a_number():
    assert list(file_names(["Ann", "ANN", "a/n", "a:n"]).values()) == [
        *("Ann", "ANN (2)", "a-n", "a-n (2)")
    ]


def test_movers_are_shown_by_money_and_only_where_both_periods_are_known():
    found = movers(
        [
            *(partner("up", 30, 10), partner("more", 90, 20), partner("down", 5, 50)),
            *(partner("new", 99, None), partner("same", 7, 7)),
        ],
        most=1,
    )
    assert [(row.name, row.moved) for row in found.gains] == [("more", 70)]
    assert [(row.name, row.moved) for row in found.losses] == [("down", -45)]


def test_shares_add_up_to_the_whole_and_their_squares_to_the_index():
    found = concentration(
        [partner("a", 50, 80), partner("b", 30, 20), partner("c", 20, None)], Figure(100, 100)
    )
    assert found.curve == pytest.approx((0.5, 0.8, 1.0))
    assert found.top == (TopShare(1, 0.5, 0.8),)
    assert found.index == pytest.approx(0.25 + 0.09 + 0.04)
    assert found.index_year_ago == pytest.approx(0.64 + 0.04)


@pytest.mark.parametrize("revenue", [None, 0, -5])
def test_where_there_is_no_revenue_nothing_is_shared(revenue):
    assert concentration([partner("a", 0, 1)], Figure(revenue, 1)) is None
    assert concentration([partner("a", 0, 1)], None) is None


def test_an_index_of_equal_partners_is_one_by_their_number():
    alike = [partner(str(n), 5, None) for n in range(4)]
    found = concentration(alike, Figure(20))
    assert found.index == pytest.approx(1 / 4)
    assert found.index_year_ago is None
