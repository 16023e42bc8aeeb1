"""What a portfolio page is given: rows of the KPI table, and nobody else's partners."""

from __future__ import annotations

import json

import pytest

from kpi_lib.insights import portfolio_contents as module
from kpi_lib.measure.audience_rows import kpi_row
from kpi_lib.slices.file import as_text
from kpi_lib.slices.json_form import build
from kpi_lib.slices.portfolio_types import Disputes, PortfolioSlice
from tests import given_portfolio as given

PLACES = ("portfolio", "managers/Ann", "managers/Bo-Co", "branches/North", "branches/South")
MINE = {
    "managers/Ann": {"Alder", "Birch"},
    "managers/Bo-Co": {"Cedar", "Elder"},
    "branches/North": {"Alder"},
    "branches/South": {"Birch", "Cedar", "Elder"},
}
NAMES = {"Alder", "Birch", "Cedar", "Elder"}


def rows():
    results, _ = given.shared()
    return results.table.rows_by_key(["scope", "entity", "kpi"], named=True, unique=True)


@pytest.mark.parametrize("place", PLACES)
def test_it_can_be_written_as_it_is(place):
    slice_ = given.shared()[1][place]
    assert build(PortfolioSlice, json.loads(as_text(slice_))["content"]) == slice_
    assert slice_.page == place


@pytest.mark.parametrize("place", PLACES)
def test_every_figure_of_the_roll_up_is_its_row_of_the_table(place):
    page = given.shared()[1][place]
    table = rows()
    assert page.kpis
    for row in page.kpis:
        assert kpi_row({"kpi": row.kpi, **table[page.scope, page.entity, row.kpi]}) == row


@pytest.mark.parametrize("place", PLACES)
def test_every_figure_of_a_partner_is_its_row_of_the_table(place):
    table = rows()
    for partner in given.shared()[1][place].partners:
        row = table["partner", partner.partner_id, "revenue"]
        columns = ("value", "year_ago", "target", "status", "off_track_periods")
        names = ["revenue" if c == "value" else f"revenue_{c}" for c in columns]
        page = [getattr(partner.figures, name) for name in names]
        assert page == [row[column] for column in columns]
        score = table["partner", partner.partner_id, "health_score"]
        assert partner.figures.health_score == score["value"]


@pytest.mark.parametrize("place", MINE)
def test_a_page_of_a_part_holds_no_trace_of_another_partner(place):
    page = as_text(given.shared()[1][place])
    for name in NAMES - MINE[place]:
        assert name not in page
        assert name.lower() not in page
    assert all(name in page for name in MINE[place])


@pytest.mark.parametrize("place", MINE)
def test_a_page_of_a_part_holds_neither_direct_business_nor_totals(place):
    page = given.shared()[1][place]
    assert (page.beside, page.by, page.sections["direct"]) == ({}, {}, ())
    assert all(row.partner_id for row in page.attribution.rows)


def test_the_page_of_all_has_direct_business_beside_it():
    page = given.shared()[1]["portfolio"]
    assert page.beside["direct"].kpis["revenue"].value == 1000
    assert page.beside["company"].kpis["revenue"].value == 2000
    assert page.by["region"][0].entity == "East"


def test_credit_is_given_by_every_model_and_adds_up_alike():
    page = given.shared()[1]["portfolio"].attribution
    sums = [sum(row.credit[model] for row in page.rows) for model in page.models]
    assert sums == pytest.approx([130.0] * 5)
    assert page.rows[0].apart == 80


def test_actions_are_counted_by_who_is_to_do_them():
    page = given.shared()[1]["portfolio"].actions
    assert page.count == 2
    owners = [(row.words["en"], row.name, row.count) for row in page.owners]
    assert sorted(owners) == [("Account manager", "Ann", 1), ("Our desk", None, 1)]
    assert [row.partner for row in page.first] == ["Birch", "Cedar"]


def test_a_dispute_stands_on_the_pages_of_its_partner_only():
    page = given.shared()[1]
    assert [row.ours for row in page["portfolio"].disputes.rows] == [100]
    assert page["managers/Ann"].disputes == Disputes()


def test_of_many_exceptions_the_first_are_listed_and_all_are_counted():
    count = module.EXCEPTIONS + 3
    ids = [f"p{n:02}" for n in range(count)]
    page = given.slices(
        partners=" | ".join(f"{one} 2020-01-01" for one in ids),
        orders=" | ".join(f"{one} c 07-01 {n + 1}" for n, one in enumerate(ids)),
        targets="all * revenue * 100 -",
    )["portfolio"].exceptions
    assert (len(page.rows), page.count, page.partners) == (module.EXCEPTIONS, count, count)
    assert page.rows[0].partner == "p00", "it lacks the most"


def test_without_partners_there_is_a_page_that_says_so():
    page = given.slices(partners="late 2030-01-01", orders="- c1 07-01 10")
    assert list(page) == ["portfolio"]
    assert page["portfolio"].partners == ()
    assert page["portfolio"].concentration is None
