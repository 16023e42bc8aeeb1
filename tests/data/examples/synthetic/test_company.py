"""Who the partners are, and that none of them is real or called as another."""

from __future__ import annotations

import unicodedata
from datetime import date

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.examples.synthetic.company import Size, draw_company, partners_table
from kpi_lib.examples.synthetic.naming import person_name
from kpi_lib.kpis.packs import PACKS

LAST_DAY = date(2026, 9, 30)
TYPES = TABLES["partners"].columns["partner_type"].choices


@pytest.fixture(scope="module")
def thousand() -> pl.DataFrame:
    return partners_table(draw_company(Size(partners=1000)))


def test_every_partner_type_and_every_industry_with_a_pack_is_among_the_24(table):
    partners = table("partners")
    assert set(partners["partner_type"]) == set(TYPES)
    assert set(PACKS) <= set(partners["industry"])


def test_the_contractors_are_enough_to_have_peers(table):
    partners = table("partners")
    there = partners.filter(pl.col("left_on").is_null(), pl.col("partner_type") == "contractor")
    assert there.height >= 6


def test_no_two_of_1000_partners_have_one_name_or_one_id(thousand):
    assert thousand["name"].n_unique() == thousand["partner_id"].n_unique() == 1000
    assert set(thousand["partner_type"]) == set(TYPES)


def test_names_are_written_in_many_scripts_and_one_is_very_long(table):
    names = table("partners")["name"]
    scripts = {
        unicodedata.name(sign).split()[0] for name in names for sign in name if sign.isalpha()
    }
    assert {"LATIN", "GREEK", "CJK"} <= scripts
    assert any("'" in name for name in names) and any("&" in name for name in names)
    assert names.str.len_chars().max() > 100


def test_a_manager_has_25_partners_at_most_and_no_two_managers_one_name(thousand):
    assert thousand.group_by("manager").len()["len"].max() == 25
    by_branch = thousand.group_by("manager").agg(pl.col("branch").n_unique())
    assert by_branch["branch"].max() == 1


def test_500_people_have_each_their_own_name():
    assert len({person_name(number) for number in range(576)}) == 576


def test_one_partner_shares_nothing_one_has_left_one_is_new_and_one_hardly_orders(table):
    partners = {row["partner_id"]: row for row in table("partners").to_dicts()}
    shy = [key for key, row in partners.items() if row["sharing"] == "none"]
    left = [key for key, row in partners.items() if row["left_on"]]
    new = [key for key, row in partners.items() if row["joined_on"] > date(2026, 1, 1)]
    assert (shy, left, new) == (["P0013"], ["P0014"], ["P0015"])
    orders = dict(table("orders")["partner_id"].value_counts().iter_rows())
    assert 0 < orders["P0016"] < 20
    for name in ("surveys", "leads", "training", "engagements", "objectives"):
        assert "P0016" not in set(table(name)["partner_id"]), name


def test_partners_join_and_leave_in_the_three_years(thousand):
    lately = thousand.filter(pl.col("joined_on") >= date(2023, 10, 1)).height
    assert 100 < lately < 300
    assert 20 < thousand["left_on"].count() < 150
    assert thousand.filter(pl.col("left_on") < pl.col("joined_on")).height == 0


def test_three_years_end_on_the_last_day_and_nothing_is_known_of_later(table):
    orders = table("orders")["ordered_on"]
    assert (orders.min(), orders.max()) == (date(2023, 10, 1), LAST_DAY)
    for name, declared in TABLES.items():
        days = [column for column in (declared.main_date, *declared.events) if column]
        for day in days:
            latest = table(name)[day].cast(pl.Date).max()
            assert latest is None or latest <= LAST_DAY, f"{name}.{day}"


def test_some_rows_are_in_other_currencies_and_each_has_a_rate(table):
    assert set(table("fx_rates")["currency"]) == {"CHF", "GBP", "USD"}
    for name in ("orders", "invoices", "deals", "costs", "savings"):
        assert set(table(name)["currency"]) == {"EUR", "CHF", "GBP", "USD"}, name


def test_money_has_two_decimals(table):
    for name, column in (("orders", "amount"), ("orders", "cost"), ("invoices", "amount")):
        assert table(name).schema[column] == pl.Decimal(18, 2)
