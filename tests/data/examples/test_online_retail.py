from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.examples import online_retail

COLUMNS = ("InvoiceNo", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID", "Country")
FIRST, LATER = map(datetime.fromisoformat, ("2010-01-01T09:00", "2010-05-01T09:00"))


@pytest.fixture
def source(tmp_path: Path):
    """Return a writer of a source file from its lines."""

    def write(*lines: tuple[object, ...]) -> Path:
        path = tmp_path / "lines.parquet"
        schema = {name: online_retail.SOURCE_COLUMNS[name] for name in COLUMNS}
        pl.DataFrame(list(lines), schema=schema, orient="row").write_parquet(path)
        return path

    return write


def test_an_order_is_an_invoice_and_sums_its_lines_to_the_tenth_of_a_penny(source):
    lines = (
        ("500001", 3, 0.1, FIRST, 12345, "EIRE"),
        ("500001", 1, 0.001, FIRST, 12345, "EIRE"),
    )
    (order,) = online_retail.build_example(source(*lines))["orders"].to_dicts()
    assert order["amount"] == Decimal("0.301")
    assert (order["quantity"], order["partner_id"], order["status"]) == (4.0, "EIRE", "completed")


def test_credit_notes_are_returns_but_for_the_one_that_was_entered_wrongly(source):
    lines = (
        ("C500001", -1, 2.0, FIRST, 12345, "EIRE"),
        ("C496350", 1, 373.57, FIRST, None, "EIRE"),
    )
    orders = online_retail.build_example(source(*lines))["orders"]
    assert dict(orders.select("order_id", "status").iter_rows()) == {
        "C500001": "returned",
        "C496350": "completed",
    }


def test_adjustments_for_bad_debt_and_empty_invoices_are_no_orders(source):
    lines = (
        ("A500001", 1, -11062.06, FIRST, None, "EIRE"),
        ("500002", 10, 0.0, FIRST, None, "EIRE"),
        ("500003", 1, 1.0, LATER, None, "EIRE"),
    )
    tables = online_retail.build_example(source(*lines))
    assert tables["orders"]["order_id"].to_list() == ["500003"]
    assert tables["partners"]["joined_on"].to_list() == [LATER.date()]


@pytest.mark.parametrize("country", online_retail.DIRECT)
def test_the_home_business_and_labels_of_no_market_are_direct(source, country):
    tables = online_retail.build_example(source(("500001", 1, 1.0, FIRST, 12345, country)))
    assert tables["partners"].is_empty()
    assert tables["orders"]["partner_id"].to_list() == [None]
    assert tables["customers"]["partner_id"].to_list() == [None]


def test_a_customer_in_two_countries_belongs_to_the_partner_of_the_first_order(source):
    lines = (
        ("500002", 1, 1.0, LATER, 12345, "West Indies"),
        ("500001", 1, 1.0, FIRST, 12345, "EIRE"),
        ("500003", 1, 1.0, LATER, None, "West Indies"),
    )
    tables = online_retail.build_example(source(*lines))
    assert tables["customers"].rows() == [("12345", "EIRE", date(2010, 1, 1))]
    assert tables["orders"]["partner_id"].to_list() == ["EIRE", "West-Indies", "West-Indies"]


def test_the_shipped_example_has_40_partners_and_the_direct_business():
    tables = {
        name: pl.read_parquet(online_retail.SHIPPED / f"{name}.parquet")
        for name in ("partners", "customers", "orders")
    }
    assert {name: table.height for name, table in tables.items()} == {
        "partners": 40,
        "customers": 5_939,
        "orders": 48_368,
    }
    assert tables["orders"]["amount"].sum() == Decimal("19057358.198")
    assert set(tables["partners"]["partner_type"]) == {"distribution"}
    assert tables["partners"]["partner_id"].str.contains(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$").all()


def test_an_invoice_of_two_countries_stops_the_derivation(source, capsys):
    lines = (
        ("500001", 1, 1.0, FIRST, 12345, "EIRE"),
        ("500001", 1, 1.0, FIRST, 12345, "France"),
    )
    assert online_retail.main([str(source(*lines))]) == 2
    assert "invoice 500001: has two countries, customers or days" in capsys.readouterr().err


def test_a_price_that_would_be_rounded_stops_the_derivation(source, capsys):
    assert online_retail.main([str(source(("500001", 1, 0.0001, FIRST, None, "EIRE")))]) == 2
    assert "invoice 500001: has a price finer than a tenth of a penny" in capsys.readouterr().err


def test_a_source_of_other_columns_is_named_with_every_column_it_lacks(tmp_path, capsys):
    path = tmp_path / "other.parquet"
    pl.DataFrame({"InvoiceNo": ["1"], "Quantity": ["1"]}).write_parquet(path)
    assert online_retail.main([str(path)]) == 2
    said = capsys.readouterr().err
    assert "column Quantity: String, needed Int64" in said
    assert "column Country: missing, needed String" in said


def test_a_file_that_is_no_parquet_is_named_as_that(tmp_path, capsys):
    path = tmp_path / "lines.csv"
    path.write_text("InvoiceNo\n")
    assert online_retail.main([str(path)]) == 2
    assert "is no readable Parquet file" in capsys.readouterr().err
