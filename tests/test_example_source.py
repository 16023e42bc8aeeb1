"""The shipped example against its source, line by line; ONLINE_RETAIL_SOURCE says where that is."""

from __future__ import annotations

import os
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from kpi_lib.examples import online_retail
from tests.independent import example_figures

PROJECT = Path(__file__).parents[1]
HOME = {"United Kingdom", "Unspecified", "European Community"}


@pytest.fixture(scope="module")
def source() -> Path:
    place = os.environ.get("ONLINE_RETAIL_SOURCE")
    if not place:
        pytest.skip("ONLINE_RETAIL_SOURCE does not say where online_retail_II.parquet is")
    return PROJECT / place  # an absolute path stays as it is


@pytest.fixture(scope="module")
def lines(source: Path) -> pd.DataFrame:
    return pd.read_parquet(source)


@pytest.fixture(scope="module")
def amounts(lines: pd.DataFrame) -> dict[str, Decimal]:
    """Add up Quantity x UnitPrice of each invoice, in decimals of the prices as written."""
    price = {number: Decimal(repr(number)) for number in lines["UnitPrice"].unique().tolist()}
    total: dict[str, Decimal] = defaultdict(Decimal)
    columns = (lines[name].tolist() for name in ("InvoiceNo", "Quantity", "UnitPrice"))
    for number, quantity, unit in zip(*columns, strict=True):
        total[number] += quantity * price[unit]
    return total


def shipped(table: str) -> pd.DataFrame:
    return pd.read_parquet(online_retail.SHIPPED / f"{table}.parquet")


def test_the_module_makes_the_shipped_files_again_byte_for_byte(source: Path, tmp_path: Path):
    assert online_retail.main([str(source), "--out", str(tmp_path)]) == 0
    for name in ("partners", "customers", "orders"):
        made, here = (folder / f"{name}.parquet" for folder in (tmp_path, online_retail.SHIPPED))
        assert made.read_bytes() == here.read_bytes(), name


def test_each_order_is_an_invoice_and_its_amount_the_exact_sum_of_its_lines(amounts):
    orders = shipped("orders")
    expected = {
        number: amount
        for number, amount in amounts.items()
        if amount != 0 and not number.startswith("A")
    }
    assert dict(zip(orders["order_id"], orders["amount"], strict=True)) == expected
    assert len(amounts) == 53_628
    assert sum(amount == 0 for amount in amounts.values()) == 5_254


def test_quantity_day_country_and_customer_of_each_order_are_those_of_its_lines(lines):
    first = lines.assign(InvoiceDate=lines["InvoiceDate"].dt.date).groupby("InvoiceNo")
    expected = first.agg({"Quantity": "sum", "InvoiceDate": "min"})
    same = lines.drop_duplicates("InvoiceNo").set_index("InvoiceNo")[["CustomerID", "Country"]]
    expected = expected.join(same, validate="one_to_one")
    for order in shipped("orders").itertuples():
        invoice = expected.loc[order.order_id]
        assert order.quantity == invoice["Quantity"]
        assert order.ordered_on == invoice["InvoiceDate"]
        guest = pd.isna(order.customer_id)
        assert guest == pd.isna(invoice["CustomerID"])
        assert guest or order.customer_id == str(int(invoice["CustomerID"]))
        country = None if invoice["Country"] in HOME else invoice["Country"].replace(" ", "-")
        assert (None if pd.isna(order.partner_id) else order.partner_id) == country


def test_no_invoice_spans_two_customers_two_countries_or_two_days(lines):
    days = lines.assign(day=lines["InvoiceDate"].dt.date).groupby("InvoiceNo")
    assert days["day"].nunique().max() == 1
    assert days["Country"].nunique().max() == 1
    assert days["CustomerID"].nunique(dropna=False).max() == 1


def test_the_figures_of_the_shipped_orders_are_those_of_the_source_lines(source: Path):
    of_source = example_figures.figures(example_figures.invoices_of_source(source))
    assert example_figures.figures(example_figures.invoices_as_shipped()) == of_source
