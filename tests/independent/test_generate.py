"""The random companies against the contract, so that a fault in them is never the engine's."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from .aims import BETTER, adds_up, bounds
from .contract import COLUMNS, KEY, OPTIONAL
from .coverage import FIRST_DATE, Coverage
from .generate import call, generate
from .generate_gaps import without_required_columns, without_rows
from .periods import parse
from .tables import DEFAULTS, Data

POINTERS = {
    "partner_id": "partners",
    "customer_id": "customers",
    "market_id": "markets",
    "order_id": "orders",
    "invoice_id": "invoices",
    "lead_id": "leads",
    "deal_id": "deals",
}
SEEDS = range(12)


@pytest.fixture(scope="module", params=SEEDS)
def tables(request):
    return generate(request.param, with_other_tables=True)


def test_every_key_is_unique(tables):
    for name, rows in tables.items():
        keys = [tuple(row[column] for column in KEY[name]) for row in rows]
        assert len(keys) == len(set(keys)), name


def test_every_id_points_somewhere(tables):
    for name, rows in tables.items():
        for column, target in POINTERS.items():
            if rows and column in rows[0] and target in tables and target != name:
                known = {row[column] for row in tables[target]}
                assert {row[column] for row in rows} - {None} <= known, (name, column)


def test_nothing_is_null_that_may_not_be(tables):
    for name, rows in tables.items():
        must = [c for c in COLUMNS[name] if (name, c) not in OPTIONAL | DEFAULTS.keys()]
        for row in rows:
            assert all(row[column] is not None for column in must), name


def test_returns_are_0_or_less_and_closed_deals_have_a_day(tables):
    for row in tables.get("orders", []):
        if row.get("status") == "returned":
            assert max(row[c] or 0 for c in ("amount", "cost", "quantity") if c in row) <= 0
    for row in tables.get("deals", []):
        if "closed_on" in row:
            assert row["closed_on"] is not None or row["outcome"] == "open"
    for row in tables.get("costs", []):
        assert row["channel"] == "partner" or row.get("partner_id") is None


def test_a_minimum_is_on_the_wrong_side_of_its_target(tables):
    for row in tables.get("targets", []):
        if row.get("minimum") is not None:
            lower = row["minimum"] <= row["target"]
            assert row["minimum"] == row["target"] or lower == (BETTER[row["kpi"]] == "higher")


def test_what_is_aimed_at_can_be_reached_and_is_of_somebody(tables):
    for row in [*tables.get("targets", []), *tables.get("objectives", [])]:
        low, high = bounds(row["kpi"])
        assert BETTER[row["kpi"]] in ("higher", "lower")
        assert low <= row["target"] <= high, row
    tiers = {row.get("tier") for row in tables["partners"]}
    for row in tables.get("targets", []):
        assert row["scope"] != "tier" or row["entity"] in tiers


def test_a_target_of_what_adds_up_says_of_how_long(tables):
    labels = {row["period"] for row in tables.get("targets", []) if adds_up(row["kpi"])}
    assert "*" not in labels


def test_every_table_has_a_row(tables):
    assert all(tables.values())


def test_every_currency_has_a_rate_on_every_day(tables):
    assert Data(tables).rows["partners"]  # it raises where a row has no rate


def test_the_spans_of_a_market_do_not_overlap(tables):
    spans = sorted(
        (row["market_id"], row["starts_on"], row["ends_on"])
        for row in tables.get("market_sizes", [])
    )
    for (market, _, end), (other, start, _) in pairwise(spans):
        assert market != other or end < start


@pytest.mark.parametrize("seed", range(40))
def test_a_call_asks_for_a_day_of_its_period(seed):
    asked = call(seed)
    period = parse(asked["period"], asked["year_end"])
    assert asked["as_of"] is None or period.first <= asked["as_of"] <= period.last


def test_some_calls_ask_for_a_week_53():
    assert any(call(seed)["period"].endswith("W53") for seed in range(12))


def first_days(seed: int) -> set[int]:
    """Return how many days after its period's first day some table begins."""
    period = parse(call(seed)["period"], call(seed)["year_end"])
    begins = [period.back(step).first for step in range(10)]
    data = Data(generate(seed, orders=60, with_other_tables=True))
    coverage = Coverage(data)
    firsts = [coverage.first_day(table) for table in FIRST_DATE]
    return {(first - day).days for first in firsts if first for day in begins}


def test_among_the_random_companies_is_all_that_is_awkward():
    calls = [call(seed) for seed in range(60)]
    ends = {asked["as_of"] for asked in calls if asked["as_of"]}
    assert {29, 30, 31} <= {day.day for day in ends}
    assert any((day.month, day.day) == (2, 29) for day in ends)
    said = [asked["covered_from"] for asked in calls if "covered_from" in asked]
    assert {type(one) for one in said} == {dict, date}
    assert {6, 7} <= set().union(*(first_days(seed) for seed in range(12)))
    companies = [generate(seed, orders=60, with_other_tables=True) for seed in range(30)]
    deals = [row for tables in companies for row in tables.get("deals", [])]
    assert any(row["outcome"] == "open" and row.get("closed_on") for row in deals)
    assert any(row.get("amount", 0) is None for row in deals)
    assert any("amount" not in row for row in deals)


def test_tables_without_a_row_are_still_there():
    whole = generate(3, orders=60, whole=True)
    found = without_rows(whole, 3)
    assert set(found) == set(whole)
    assert 1 <= sum(not rows for rows in found.values()) <= 6


def test_tables_without_a_required_column_keep_their_keys():
    whole = generate(3, orders=60, whole=True)
    found = without_required_columns(whole, 3)
    lost = {(name, c) for name in whole for c in {*whole[name][0]} - {*found[name][0]}}
    assert lost
    assert not any(column in KEY[name] or (name, column) in OPTIONAL for name, column in lost)
