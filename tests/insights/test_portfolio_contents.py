"""What a portfolio page is given: rows of the KPI table, and nobody else's partners."""

from __future__ import annotations

import json

import pytest

from kpi_lib.insights import portfolio_contents as module
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
    assert json.loads(json.dumps(given.shared()[1][place], allow_nan=False))["page"] == place


@pytest.mark.parametrize("place", PLACES)
def test_every_figure_of_the_roll_up_is_its_row_of_the_table(place):
    told = given.shared()[1][place]
    table = rows()
    assert told["kpis"]
    for row in told["kpis"]:
        kpi = row["kpi"]
        of_table = {"kpi": kpi, **table[told["scope"], told["entity"], kpi]}
        assert {name: of_table[name] for name in row.keys() & of_table.keys()} == {
            name: value for name, value in row.items() if name in of_table
        }


@pytest.mark.parametrize("place", PLACES)
def test_every_figure_of_a_partner_is_its_row_of_the_table(place):
    table = rows()
    for partner in given.shared()[1][place]["partners"]:
        row = table["partner", partner["partner_id"], "revenue"]
        columns = ("value", "year_ago", "target", "status", "off_track_periods")
        told = [partner["revenue" if c == "value" else f"revenue_{c}"] for c in columns]
        assert told == [row[column] for column in columns]
        score = table["partner", partner["partner_id"], "health_score"]
        assert partner["health_score"] == score["value"]


@pytest.mark.parametrize("place", MINE)
def test_a_page_of_a_part_holds_no_trace_of_another_partner(place):
    told = json.dumps(given.shared()[1][place])
    for name in NAMES - MINE[place]:
        assert name not in told
        assert name.lower() not in told
    assert all(name in told for name in MINE[place])


@pytest.mark.parametrize("place", MINE)
def test_a_page_of_a_part_holds_neither_direct_business_nor_totals(place):
    told = given.shared()[1][place]
    assert (told["beside"], told["by"], told["sections"]["direct"]) == ({}, {}, [])
    assert all(row["partner_id"] for row in told["attribution"]["rows"])


def test_the_page_of_all_has_direct_business_beside_it():
    told = given.shared()[1]["portfolio"]
    assert told["beside"]["direct"]["kpis"]["revenue"]["value"] == 1000
    assert told["beside"]["company"]["kpis"]["revenue"]["value"] == 2000
    assert told["by"]["region"][0]["entity"] == "East"


def test_credit_is_told_by_every_model_and_adds_up_alike():
    told = given.shared()[1]["portfolio"]["attribution"]
    sums = [sum(row["credit"][model] for row in told["rows"]) for model in told["models"]]
    assert sums == pytest.approx([130.0] * 5)
    assert told["rows"][0]["apart"] == 80


def test_actions_are_counted_by_who_is_to_do_them():
    told = given.shared()[1]["portfolio"]["actions"]
    assert told["count"] == 2
    owners = [(row["words"]["en"], row["name"], row["count"]) for row in told["owners"]]
    assert sorted(owners) == [("Account manager", "Ann", 1), ("Our desk", None, 1)]
    assert [row["partner"] for row in told["first"]] == ["Birch", "Cedar"]


def test_a_dispute_stands_on_the_pages_of_its_partner_only():
    told = given.shared()[1]
    assert [row["ours"] for row in told["portfolio"]["disputes"]["rows"]] == [100]
    assert told["managers/Ann"]["disputes"] == {"rows": [], "count": 0}


def test_of_many_exceptions_the_first_are_listed_and_all_are_counted():
    count = module.EXCEPTIONS + 3
    ids = [f"p{n:02}" for n in range(count)]
    told = given.slices(
        partners=" | ".join(f"{one} 2020-01-01" for one in ids),
        orders=" | ".join(f"{one} c 07-01 {n + 1}" for n, one in enumerate(ids)),
        targets="all * revenue * 100 -",
    )["portfolio"]["exceptions"]
    assert (len(told["rows"]), told["count"], told["partners"]) == (module.EXCEPTIONS, count, count)
    assert told["rows"][0]["partner"] == "p00", "it lacks the most"


def test_without_partners_there_is_a_page_that_says_so():
    told = given.slices(partners="late 2030-01-01", orders="- c1 07-01 10")
    assert list(told) == ["portfolio"]
    assert told["portfolio"]["partners"] == []
    assert told["portfolio"]["concentration"] is None
