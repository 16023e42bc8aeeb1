from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import load_dataset
from kpi_lib.data.schema import DTYPES
from kpi_lib.errors import ContractError, SourceError
from kpi_lib.settings import Settings, load_settings
from tests.data.folders import loaded, settings_for, write_tables

ORDERS = "order_id partner_id ordered_on amount\n1 P1 2024-01-01 5\n2 - 2024-01-02 7.5"


def column(dataset, table, name):
    return dataset.tables[table].collect()[name].to_list()


def test_every_column_has_the_type_of_the_contract(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        orders=ORDERS,
        markets="market_id name kind target accounts\nM1 Iberia geography true 50",
        touchpoints="touchpoint_id deal_id occurred_at\n1 D1 2024-01-01T10:00:00",
    )
    for name, frame in loaded(folder).tables.items():
        for column_name, dtype in frame.collect_schema().items():
            assert dtype == DTYPES[TABLES[name].columns[column_name].kind]


def test_a_column_is_there_without_the_source_only_where_its_absence_says_something(tmp_path):
    deliveries = "delivery_id order_id promised_on quantity_ordered\n1 1 2024-01-02 5"
    dataset = loaded(write_tables(tmp_path / "data", orders=ORDERS, deliveries=deliveries))
    assert column(dataset, "orders", "status") == ["completed", "completed"]
    assert column(dataset, "partners", "left_on") == [None, None]
    assert column(dataset, "partners", "sharing") == ["full", "full"]
    assert not {"cost", "customer_id"} & set(dataset.tables["orders"].collect_schema())
    # What nobody recorded is not "none", nor "not delivered yet".
    assert not {"error", "delivered_on"} & set(dataset.tables["deliveries"].collect_schema())
    assert dataset.absent["orders"] >= {"status", "customer_id", "cost", "currency"}
    assert "amount" not in dataset.absent["orders"]


def test_a_null_of_a_column_with_a_default_is_the_default(tmp_path):
    orders = "order_id ordered_on amount status\n1 2024-01-01 5 -\n2 2024-01-01 -5 returned"
    dataset = loaded(write_tables(tmp_path / "data", orders=orders))
    assert column(dataset, "orders", "status") == ["completed", "returned"]


def test_columns_that_the_contract_does_not_know_are_dropped(tmp_path):
    orders = "order_id ordered_on amount note\n1 2024-01-01 5 x"
    dataset = loaded(write_tables(tmp_path / "data", orders=orders))
    assert "note" not in dataset.tables["orders"].collect_schema()


def test_csv_and_parquet_give_the_same_tables(tmp_path):
    folder = write_tables(tmp_path / "csv", orders=ORDERS)
    other = tmp_path / "parquet"
    other.mkdir()
    for name in ("partners", "orders"):
        frame = pl.read_csv(folder / f"{name}.csv", try_parse_dates=True)
        frame.write_parquet(other / f"{name}.parquet")
    as_csv, as_parquet = loaded(folder), loaded(other)
    for name, frame in as_csv.tables.items():
        assert frame.collect().equals(as_parquet.tables[name].collect())


def test_the_example_loads_and_says_that_it_is_one(tmp_path):
    dataset = load_dataset(Settings(), workspace=tmp_path)
    assert dataset.is_example
    assert not dataset.is_synthetic
    assert "Online Retail II" in dataset.source
    assert set(dataset.fingerprints) >= {"partners", "customers", "orders"}
    assert dataset.tables["orders"].select(pl.len()).collect().item() == 48_368


def test_a_synthetic_company_says_that_it_is_one(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    assert not loaded(folder).is_synthetic
    (folder / "SYNTHETIC").touch()
    assert loaded(folder).is_synthetic


def test_a_table_of_no_rows_is_a_fault_and_where_faults_are_allowed_it_is_empty(tmp_path):
    folder = write_tables(tmp_path / "data", orders="order_id ordered_on amount")
    with pytest.raises(ContractError, match="orders: has no row; export it again"):
        loaded(folder)
    assert loaded(folder, allow_faults=True).tables["orders"].collect().height == 0


def test_without_a_partner_nothing_runs_whatever_is_allowed(tmp_path):
    folder = write_tables(tmp_path / "data")
    (folder / "partners.csv").write_text("partner_id,name,partner_type,joined_on\n")
    with pytest.raises(ContractError, match="partners: has no row"):
        loaded(folder, allow_faults=True)
    (folder / "partners.csv").write_text(
        "partner_id,name,partner_type,joined_on\nP1,Alder,Reseller,2020-01-01\n"
    )
    with pytest.raises(ContractError, match="all partners cannot be left out"):
        loaded(folder, allow_faults=True)


# --- faults left out ------------------------------------------------------------------------------


def test_nothing_is_loaded_where_a_row_is_broken(tmp_path):
    folder = write_tables(tmp_path / "data", orders=f"{ORDERS}\n3 P9 2024-01-01 5")
    with pytest.raises(ContractError) as error:
        loaded(folder)
    assert "orders row 3 column partner_id: no such partner: P9" in str(error.value)
    assert "--allow-faults" in str(error.value)


def test_warnings_stop_nothing(tmp_path):
    invoices = "invoice_id issued_on due_on paid_on amount\n1 2024-01-10 2024-01-20 2024-01-01 5"
    dataset = loaded(write_tables(tmp_path / "data", invoices=invoices))
    assert dataset.tables["invoices"].collect().height == 1


def test_rows_with_faults_are_left_out_and_counted_with_those_that_point_to_them(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        deliveries="delivery_id order_id promised_on quantity_ordered\n"
        "1 1 2024-01-01 5\n2 2 2024-01-01 5\n3 3 2024-01-01 5",
        orders="order_id partner_id customer_id ordered_on amount\n"
        "1 P1 C1 2024-01-01 5\n2 P1 C2 2024-01-01 5\n3 P1 - 2024-01-01 5x",
        customers="customer_id partner_id acquired_on\nC1 P1 2024-01-01\nC2 P1 2024-13-01",
    )
    dataset = loaded(folder, allow_faults=True)
    assert dataset.left_out == {"customers": 1, "orders": 2, "deliveries": 2}
    assert column(dataset, "customers", "customer_id") == ["C1"]
    assert column(dataset, "orders", "order_id") == ["1"]
    assert column(dataset, "deliveries", "delivery_id") == ["1"]


def test_all_rows_of_a_key_that_repeats_are_left_out(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        orders="order_id ordered_on amount\n1 2024-01-01 5\n1 2024-01-01 6\n2 2024-01-01 7",
        deliveries="delivery_id order_id promised_on quantity_ordered\n1 1 2024-01-01 5",
    )
    dataset = loaded(folder, allow_faults=True)
    assert dataset.left_out == {"orders": 2, "deliveries": 1}
    assert column(dataset, "orders", "order_id") == ["2"]


def test_ragged_rows_are_left_out_and_counted_too(tmp_path):
    folder = write_tables(tmp_path / "data", orders=f"{ORDERS}\n3 P1 2024-01-01\n4 P1 x 5")
    dataset = loaded(folder, allow_faults=True)
    assert dataset.left_out == {"orders": 2}
    assert column(dataset, "orders", "order_id") == ["1", "2"]


def test_a_key_that_is_missing_cannot_be_left_out(tmp_path):
    folder = write_tables(tmp_path / "data", orders="ordered_on amount\n2024-01-01 5")
    with pytest.raises(ContractError, match="columns, exchange rates and all partners cannot"):
        loaded(folder, allow_faults=True)


def test_a_column_that_is_missing_cannot_be_left_out(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    (folder / "partners.csv").write_text("partner_id,name,partner_type\nP1,Alder,reseller\n")
    with pytest.raises(ContractError, match="columns, exchange rates and all partners cannot"):
        loaded(folder, allow_faults=True)


def test_a_table_that_cannot_be_read_is_an_error_whatever_is_allowed(tmp_path):
    folder = write_tables(tmp_path / "data")
    (folder / "orders.csv").write_bytes(b"\0\0")
    with pytest.raises(SourceError):
        loaded(folder, allow_faults=True)


def test_without_faults_nothing_is_left_out(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    assert loaded(folder, allow_faults=True).left_out == {}


# --- a company's own targets ---------------------------------------------------------------------

TARGETS = "scope,entity,kpi,period,target\n"


def own_targets(folder, rows):
    settings_for(folder)
    (folder.parent / f"{folder.name}-params" / "targets.csv").write_text(TARGETS + rows)


def test_own_targets_make_the_table_where_the_source_has_none(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    own_targets(folder, "all,*,revenue,2024,100\n")
    dataset = loaded(folder)
    assert column(dataset, "targets", "target") == [100]
    assert "params/targets.csv" in dataset.fingerprints


def test_own_targets_win_over_those_of_the_source(tmp_path):
    source = "scope entity kpi period target minimum\n"
    source += "all * revenue 2024 5 4\nall * revenue 2025 6 5"
    folder = write_tables(tmp_path / "data", targets=source)
    own_targets(folder, "all,*,revenue,2024,100\n")
    targets = loaded(folder).tables["targets"].collect().sort("period")
    assert targets["target"].to_list() == [100, 6]
    assert targets["minimum"].to_list() == [None, 5]


def test_own_targets_are_left_out_where_they_are_broken_and_that_is_allowed(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    own_targets(folder, "all,*,revenue,2024,100\nall,*,revenue,2024-Q9,100\n")
    dataset = loaded(folder, allow_faults=True)
    assert dataset.left_out == {"params/targets.csv": 1}
    assert column(dataset, "targets", "period") == ["2024"]


def test_own_targets_that_are_no_table_are_reported_with_what_else_is_wrong(tmp_path):
    folder = write_tables(tmp_path / "data")
    (folder / "orders.csv").write_bytes(b"")
    own_targets(folder, "")
    (folder.parent / "data-params" / "targets.csv").write_bytes(b"")
    with pytest.raises(SourceError) as error:
        loaded(folder)
    where = [problem.where.rpartition("/")[2] for problem in error.value.problems]
    assert where == ["orders.csv", "targets.csv"]


# --- currencies -----------------------------------------------------------------------------------

RATES = "currency valid_from rate\nUSD 2024-01-01 0.5\nUSD 2024-02-01 0.25\nEUR 2020-01-01 9"


def test_each_amount_is_converted_at_the_rate_of_its_own_day(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        orders="order_id ordered_on amount cost currency\n1 2024-01-31 10 4 USD\n"
        "2 2024-02-01 10 - USD\n3 2024-02-01 10 4 EUR\n4 2024-02-01 10 4 -",
        fx_rates=RATES,
    )
    dataset = loaded(folder)
    orders = dataset.tables["orders"].collect().sort("order_id")
    assert orders["amount"].to_list() == [5, Decimal("2.5"), 10, 10]
    assert orders["cost"].to_list() == [2, None, 4, 4]
    assert orders.schema["amount"] == DTYPES["number"]


def test_the_reporting_currency_of_the_settings_needs_no_rate(tmp_path):
    orders = "order_id ordered_on amount currency\n1 2024-01-31 10 USD"
    folder = write_tables(tmp_path / "data", orders=orders, fx_rates=RATES)
    assert column(loaded(folder, reporting_currency="USD"), "orders", "amount") == [10]


def test_a_payment_is_converted_as_its_invoice(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        invoices="invoice_id issued_on due_on amount currency\n"
        "1 2024-01-05 2024-02-05 100 USD\n2 2024-01-05 2024-02-05 100 -",
        payments="payment_id invoice_id received_on amount\n1 1 2024-02-10 40\n2 2 2024-02-10 40",
        fx_rates=RATES,
    )
    dataset = loaded(folder)
    assert sorted(column(dataset, "invoices", "amount")) == [50, 100]
    assert sorted(column(dataset, "payments", "amount")) == [20, 40]


def test_payments_stay_where_no_invoice_is_foreign(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        invoices="invoice_id issued_on due_on amount currency\n1 2024-01-05 2024-02-05 100 EUR",
        payments="payment_id invoice_id received_on amount\n1 1 2024-02-10 40",
        fx_rates=RATES,
    )
    assert column(loaded(folder), "payments", "amount") == [40]


def test_rows_in_a_currency_without_a_rate_can_be_left_out(tmp_path):
    orders = "order_id ordered_on amount currency\n1 2024-01-31 10 CHF\n2 2024-01-31 10 EUR"
    dataset = loaded(write_tables(tmp_path / "data", orders=orders), allow_faults=True)
    assert dataset.left_out == {"orders": 1}
    assert column(dataset, "orders", "order_id") == ["2"]


def test_a_rate_is_never_left_out_since_an_older_one_would_take_its_place(tmp_path):
    orders = "order_id ordered_on amount currency\n1 2024-02-10 10 USD"
    folder = write_tables(tmp_path / "data", orders=orders, fx_rates=f"{RATES}\nUSD 2024-02-05 x")
    with pytest.raises(ContractError, match="exchange rates and all partners cannot be left"):
        loaded(folder, allow_faults=True)


def test_of_very_many_faults_some_are_looked_at_and_all_are_counted(tmp_path):
    rows = "\n".join(f"{n} 2024-01-01 x" for n in range(1500))
    folder = write_tables(tmp_path / "data", orders=f"order_id ordered_on amount\n{rows}")
    with pytest.raises(ContractError, match="1,500 faults in all"):
        loaded(folder)


def test_the_first_and_the_last_day_of_the_contract_hold(tmp_path):
    orders = "order_id ordered_on amount\n1 1900-01-01 10\n2 2199-12-31 10"
    dataset = loaded(write_tables(tmp_path / "data", orders=orders))
    assert column(dataset, "orders", "ordered_on") == [date(1900, 1, 1), date(2199, 12, 31)]


def test_data_of_the_call_take_the_place_of_the_settings(tmp_path, monkeypatch):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "project.yml").write_text("year_end: MAR\n")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(tmp_path / "params" / "project.yml")
    dataset = load_dataset(settings, data="data", workspace=tmp_path / "w")
    assert dataset.source == f"folder {folder.name}"
    assert not dataset.is_example
