"""The random companies against the contract, so that a fault in them is never the engine's."""

from __future__ import annotations

from itertools import pairwise

import pytest

from .catalogue import CATALOGUE, PACKS
from .contract import COLUMNS, OPTIONAL
from .generate import call, generate
from .periods import parse
from .tables import Data

KEYS = {
    "credit_limits": ("partner_id", "valid_from"),
    "programs": ("partner_id", "program", "offered_on"),
    "market_sizes": ("market_id", "starts_on"),
    "targets": ("scope", "entity", "kpi", "period"),
    "partner_reported": ("partner_id", "kpi", "period"),
    "fx_rates": ("currency", "valid_from"),
}
POINTERS = {
    "partner_id": "partners",
    "customer_id": "customers",
    "market_id": "markets",
    "order_id": "orders",
    "invoice_id": "invoices",
    "lead_id": "leads",
    "deal_id": "deals",
}
HAVE_A_DEFAULT = {("orders", "status"), ("deliveries", "error"), ("partners", "sharing")}
SEEDS = range(12)


@pytest.fixture(scope="module", params=SEEDS)
def tables(request):
    return generate(request.param, with_other_tables=True)


def test_every_key_is_unique(tables):
    for name, rows in tables.items():
        key = KEYS.get(name, (next(iter(COLUMNS[name])),))
        keys = [tuple(row[column] for column in key) for row in rows]
        assert len(keys) == len(set(keys)), name


def test_every_id_points_somewhere(tables):
    for name, rows in tables.items():
        for column, target in POINTERS.items():
            if rows and column in rows[0] and target in tables and target != name:
                known = {row[column] for row in tables[target]}
                assert {row[column] for row in rows} - {None} <= known, (name, column)


def test_nothing_is_null_that_may_not_be(tables):
    for name, rows in tables.items():
        must = [c for c in COLUMNS[name] if (name, c) not in OPTIONAL | HAVE_A_DEFAULT]
        for row in rows:
            assert all(row[column] is not None for column in must), name


def test_returns_are_0_or_less_and_open_deals_have_no_end(tables):
    for row in tables.get("orders", []):
        if row.get("status") == "returned":
            assert max(row[c] or 0 for c in ("amount", "cost", "quantity") if c in row) <= 0
    for row in tables.get("deals", []):
        if "closed_on" in row:
            assert (row["closed_on"] is None) == (row["outcome"] == "open")
    for row in tables.get("costs", []):
        assert row["channel"] == "partner" or row.get("partner_id") is None


def test_a_minimum_is_on_the_wrong_side_of_its_target(tables):
    better = {name: kpi.better for name, kpi in CATALOGUE.items()}
    better |= {measure: line[2] for measure, line in PACKS.items()}
    for row in tables.get("targets", []):
        assert better[row["kpi"]] != "neither"
        if row.get("minimum") is not None:
            lower = row["minimum"] <= row["target"]
            assert row["minimum"] == row["target"] or lower == (better[row["kpi"]] == "higher")


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
