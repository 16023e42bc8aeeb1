"""What is off track, and the money at stake."""

from __future__ import annotations

import pytest

from kpi_lib.insights.exceptions import exceptions_of
from kpi_lib.insights.playbook_rules import Stake
from kpi_lib.insights.portfolio_contents import portfolio_slices
from kpi_lib.show.portfolio import portfolio_words
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from tests import given_portfolio as given
from tests.insights.made import rule

CUSTOMERS = Stake(times=["average_order_value"], of="revenue")

PARTNERS = "a 2020-01-01 | b 2020-01-01 | gone 2020-01-01 2026-08-01"
ORDERS = "a c1 07-01 60 | b c2 07-01 90 | gone c3 07-01 1 | a c1 2025-07-01 100"
TARGETS = (
    "all * revenue * 100 - | all * average_order_value * 200 -"
    " | partner a revenue_growth 2026-Q3 0.1 -"
)


def exceptions(book=given.BOOK, **tables):
    company = given.company(
        book=book, **({"partners": PARTNERS, "orders": ORDERS, "targets": TARGETS} | tables)
    )
    return exceptions_of(company.results, book)


def test_the_most_money_comes_first_and_one_stands_for_its_family():
    rows = [(row.partner_id, row.kpi, row.stake) for row in exceptions()]
    assert rows == [("a", "revenue", 40.0), ("b", "average_order_value", None)]


def test_a_partner_that_has_left_is_no_exception():
    assert "gone" not in {row.partner_id for row in exceptions()}


def test_a_gap_says_how_large_and_since_when_it_is():
    (birch, cedar) = given.company().exceptions
    assert (birch.partner_id, birch.gap, birch.stake) == ("birch", 600.0, 600.0)
    assert (birch.off_track_periods, birch.since) == (2, "2026-Q2")
    assert (cedar.kpi, cedar.since) == ("gross_margin", "2026-Q3")


@pytest.mark.parametrize(
    ("first", "shown_as"),
    [("2026-04-01", "Q3 2026 (1 period)"), ("2026-07-01", "Q3 2026 (1+ period)")],
)
def test_where_the_period_before_is_not_known_a_measure_may_be_off_track_for_longer(
    first, shown_as
):
    company = given.company(
        partners="a 2020-01-01 | b 2020-01-01",
        orders=f"b c2 {first} 500 | a c1 {first} 500 | b c2 07-01 900 | a c1 07-02 -450",
        targets="all * revenue quarter 400 -",
    )
    card = PortfolioPage.of(next(slice_ for whose, slice_ in portfolio_slices(company)))
    (one,) = [row for row in card.content.exceptions.rows if row.kpi == "revenue"]
    assert portfolio_words.since(one, card).replace("\N{NO-BREAK SPACE}", " ") == shown_as


def test_the_playbook_says_what_a_gap_of_a_rate_is_worth():
    orders = "a c1 07-01 100 cost=90 | a c1 2025-07-01 150"
    (one,) = exceptions(
        partners="a 2020-01-01", orders=orders, targets="all * gross_margin * 0.3 -"
    )
    assert (one.kpi, one.stake) == ("gross_margin", pytest.approx((0.3 - 0.1) * 100))


def test_a_gap_is_worth_nothing_where_the_money_it_speaks_of_has_not_fallen():
    (_, cedar) = given.company().exceptions
    assert (cedar.kpi, cedar.stake) == ("gross_margin", None)


def test_money_that_two_measures_of_a_partner_speak_of_is_at_stake_once():
    rules = {"customers": rule(kpi=["active_customers"], owner="desk", stake=CUSTOMERS)}
    book = given.BOOK.model_copy(update={"rules": {**given.BOOK.rules, **rules}})
    targets = "all * revenue * 140 - | all * active_customers * 9 -"
    orders = "a c1 07-01 100 | a c1 2025-07-01 150"
    rows = exceptions(book, partners="a 2020-01-01", orders=orders, targets=targets)
    assert {row.kpi for row in rows} == {"revenue", "active_customers"}
    assert [row.stake for row in rows] == [40.0, None]


def test_without_a_playbook_a_rate_is_worth_nothing_that_is_known_and_stands_last():
    rows = [(row.kpi, row.stake) for row in given.company(book=None).exceptions]
    assert rows == [("revenue", 600.0), ("gross_margin", None)]


def test_every_exception_is_a_row_of_the_table_that_is_off_track():
    results, _ = given.shared()
    rows = results.table.rows_by_key(["scope", "entity", "kpi"], named=True, unique=True)
    for one in given.company().exceptions:
        row = rows["partner", one.partner_id, one.kpi]
        assert row["status"] == "off_track"
        assert (one.value, one.target) == (row["value"], row["target"])
        assert one.gap == abs(row["variance"])
