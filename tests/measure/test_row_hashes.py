"""What a partner's figures rest on: its own past holds its e-mail back, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import coverage_of
from kpi_lib.measure.row_hashes import COMMON, Changes, Inputs, changes, settings_hashes
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

CALENDAR = Calendar.around(Period.parse("2026-Q3"))
BOTH = "a 2020-01-01 | b 2020-01-01"
ORDERS = "a C1 2020-01-01 1 order_id=0 | a C1 07-05 100 order_id=1 | b C2 07-06 200 order_id=2"
INVOICES = "a 07-01 07-31 - 100 invoice_id=1 | b 07-02 08-01 - 200 invoice_id=2"
DEALS = "a 07-01 08-01 won 900 deal_id=D1 | - 07-01 08-01 won 500 deal_id=D2"
TOUCHES = "D1 a 2026-07-02 touchpoint_id=1 | D1 b 2026-07-03 touchpoint_id=2"
DELIVERIES = "a 07-10 07-11 5 5 order_id=1 delivery_id=L1 | b 07-12 07-12 5 5 order_id=2"
TARGETS = "partner a revenue 2026-Q3 1000 | all * revenue 2026-Q2 500"
BASE = {
    "partners": BOTH, "orders": ORDERS, "invoices": INVOICES, "deals": DEALS,
    "touchpoints": TOUCHES, "deliveries": DELIVERIES, "targets": TARGETS,
    "payments": "1 2026-08-15 40 payment_id=Z1", "markets": "M1",
}  # fmt: skip


def inputs_of(settings=None, calendar=CALENDAR, **tables):
    return of_dataset(dataset_of(**BASE | tables), settings or Settings(), calendar)


def of_dataset(dataset, settings, calendar):
    coverage = coverage_of(dataset, settings.covered_from)
    return Inputs.of(dataset, coverage, calendar, settings_hashes(settings))


def since(**tables) -> Changes:
    """Return what has changed where these tables are other than those of the run."""
    return changes(inputs_of(), inputs_of(**tables))


def in_words(found: Changes) -> dict[str, list[str]]:
    return {partner: [str(change) for change in of] for partner, of in found.of_partner.items()}


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"orders": " | ".join(reversed(ORDERS.split(" | ")))}, id="another order"),
        pytest.param({"orders": f"{ORDERS} | - C9 07-07 50 order_id=9"}, id="direct business"),
        pytest.param({"orders": f"{ORDERS} | a C1 10-01 50 order_id=9"}, id="the day after"),
        pytest.param({"invoices": INVOICES.replace("07-31 -", "07-31 10-02")}, id="paid later"),
        pytest.param({"deals": f"{DEALS} | a 10-05 - open 70 deal_id=D3"}, id="a later deal"),
        pytest.param(
            {"payments": f"{BASE['payments']} | 1 2026-10-03 60 payment_id=Z2"}, id="paid"
        ),
        pytest.param(
            {
                "orders": f"{ORDERS} | a C1 10-01 50 order_id=9",
                "deliveries": f"{DELIVERIES} | a 10-05 - 5 5 order_id=9 delivery_id=L9",
            },
            id="what was ordered later is promised later",
        ),
        pytest.param({"targets": f"{TARGETS} | partner a revenue 2027-Q1 9"}, id="next year"),
        pytest.param({"targets": f"{TARGETS} | portfolio * revenue 2026-Q3 9"}, id="portfolio"),
        pytest.param(
            {"touchpoints": f"{TOUCHES} | D2 - 2026-07-04 touchpoint_id=3"}, id="own deal"
        ),
    ],
)
def test_what_others_did_and_what_came_later_changes_nobodys_past(tables):
    assert since(**tables) == Changes()


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param(
            {"orders": f"{ORDERS} | a C1 07-31 50 order_id=9"},
            {"a": ["orders (1 row new)"]},
            id="an order that was entered late",
        ),
        pytest.param(
            {"orders": ORDERS.replace("07-06 200", "07-06 201")},
            {"b": ["orders (1 row changed)"]},
            id="a price that was mended",
        ),
        pytest.param(
            {"orders": ORDERS.replace(" | b C2 07-06 200 order_id=2", "")},
            {"b": ["deliveries (1 row changed)", "orders (1 row gone)"]},
            id="an order that was taken back, under its delivery",
        ),
        pytest.param(
            {"orders": ORDERS.replace("b C2 07-06", "a C2 07-06")},
            {"a": ["orders (1 row new)"], "b": ["orders (1 row gone)"]},
            id="an order that was the other's",
        ),
        pytest.param(
            {"invoices": INVOICES.replace("07-31 -", "07-31 09-30")},
            {"a": ["invoices (1 row changed)"]},
            id="a payment of the last day",
        ),
        pytest.param(
            {"payments": "1 2026-07-15 40 payment_id=Z1"},
            {"a": ["payments (1 row changed)"]},
            id="a payment of another day belongs to its invoice's partner",
        ),
        pytest.param(
            {"touchpoints": f"{TOUCHES} | D2 b 2026-07-04 touchpoint_id=3"},
            {"b": ["deals (1 row new)", "touchpoints (1 row new)"]},
            id="a deal that it touched",
        ),
        pytest.param(
            {"touchpoints": TOUCHES.replace("D1 b 2026-07-03", "D1 b 2026-07-01")},
            {"a": ["touchpoints (1 row changed)"], "b": ["touchpoints (1 row changed)"]},
            id="whoever is on a deal's path shares in its credit",
        ),
        pytest.param(
            {"deliveries": DELIVERIES.replace("07-10 07-11", "07-10 07-10")},
            {"a": ["deliveries (1 row changed)"]},
            id="a delivery",
        ),
        pytest.param(
            {"deliveries": f"{DELIVERIES} | a 12-01 - 5 5 order_id=1 delivery_id=L9"},
            {"a": ["deliveries (1 row new)"]},
            id="the rest of an order that was known is promised for later",
        ),
        pytest.param(
            {"targets": TARGETS.replace("1000", "1100")},
            {"a": ["targets (1 row changed)"]},
            id="its own target",
        ),
        pytest.param(
            {"targets": TARGETS.replace("500", "600")},
            {"a": ["targets (1 row changed)"], "b": ["targets (1 row changed)"]},
            id="everybody's target of a period that stands beside",
        ),
        pytest.param(
            {"partners": BOTH.replace("b 2020-01-01", "b 2020-01-01 2026-08-31")},
            {"b": ["partners (1 row changed)"]},
            id="a partner that has left",
        ),
    ],
)
def test_what_changed_of_a_partners_own_past_names_that_partner_and_table(tables, expected):
    found = since(**tables)
    assert (in_words(found), found.of_all) == (expected, ())


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        pytest.param({"markets": "M1 | M2"}, "markets", id="rows that belong to nobody"),
        pytest.param(
            {"orders": ORDERS.replace("order_id", "cost=1 order_id")},
            "the columns of orders",
            id="a column that was not there",
        ),
        pytest.param(
            {"surveys": "a partner nps 9 10-05"},
            "the columns of surveys",
            id="a table that was not there: it is known now that nobody answered before",
        ),
        pytest.param(
            {"invoices": f"{INVOICES} | - 2024-01-01 2024-01-31 - 7 invoice_id=9"},
            "the periods that invoices covers",
            id="an earlier beginning",
        ),
    ],
)
def test_what_all_figures_rest_on_concerns_all(tables, words):
    assert words in since(**tables).of_all


def test_a_setting_that_figures_depend_on_has_changed_for_all_and_looks_have_not():
    other = inputs_of(Settings.model_validate({"maturity_days": 60, "company": {"name": "New"}}))
    assert changes(inputs_of(), other) == Changes(("the setting maturity_days",))


def test_a_run_to_date_rests_on_what_was_known_on_its_day():
    to_date = Calendar.around(Period.parse("2026-Q3"), date(2026, 7, 31))
    later = f"{ORDERS} | a C1 08-01 50 order_id=9"
    before, after = (inputs_of(calendar=to_date, orders=orders) for orders in (ORDERS, later))
    assert changes(before, after) == Changes()
    assert in_words(since(orders=later)) == {"a": ["orders (1 row new)"]}


def test_what_was_kept_is_read_again_as_it_was(tmp_path):
    kept = inputs_of()
    kept.write(tmp_path)
    assert changes(Inputs.read(tmp_path), kept) == Changes()
    (tmp_path / COMMON).write_text("{")
    assert Inputs.read(tmp_path) is None


def test_hashes_of_another_release_of_the_library_are_no_change_of_anybodys():
    now = inputs_of()
    then = replace(now, common=replace(now.common, hashing="other"))
    (words,) = changes(then, now).of_all
    assert "library" in words


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_contract_has_somebody_whose_past_it_is(table):
    """A table that nobody's figures rest on would never hold anybody back."""
    spec = TABLES[table]
    empty = {name: pl.Series(name, [], dtype=column.dtype) for name, column in spec.columns.items()}
    data = dataset_of()
    frames = {table: pl.LazyFrame(empty), **data.tables}
    kept = of_dataset(replace(data, tables=frames), Settings(), CALENDAR)
    assert table in kept.rows or table in kept.common.rows or table == "fx_rates"
