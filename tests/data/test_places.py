"""Places with brackets, stars and question marks in their names: a letter like any other."""

from __future__ import annotations

import sqlite3
import tempfile

import duckdb
import polars as pl
import pytest

from tests.data.folders import PARTNERS, loaded, write_tables

NAMES = ("a[1]", "a*", "a?b", "{a,b}", "a#b", "a%20b", "a b", "\u00e4 [!x]")
ROWS = {"order_id": ["1", "2"], "ordered_on": ["2024-01-01"] * 2, "amount": [5, 7]}


def total(place) -> float:
    return float(loaded(place).tables["orders"].collect()["amount"].sum())


@pytest.mark.parametrize("name", NAMES)
def test_a_data_folder_may_have_any_name_and_its_neighbour_is_never_read(tmp_path, name):
    for folder, amounts in ((name, [5, 7]), ("a1", [1000, 1000]), ("ab", [1000, 1000])):
        write_tables(tmp_path / folder)
        pl.DataFrame(ROWS | {"amount": amounts}).write_parquet(tmp_path / folder / "orders.parquet")
        (tmp_path / folder / "customers").mkdir()
        rows = {"customer_id": [folder], "acquired_on": ["2024-01-01"]}
        pl.DataFrame(rows).write_parquet(tmp_path / folder / "customers" / f"{name}.parquet")
    assert total(tmp_path / name) == 12
    customers = loaded(tmp_path / name).tables["customers"].collect()
    assert customers["customer_id"].to_list() == [name]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_staged_may_be_staged_anywhere(tmp_path, monkeypatch, name):
    folder = write_tables(tmp_path / "data", orders="order_id ordered_on amount\n1 2024-01-01 12")
    (tmp_path / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))
    from kpi_lib.cli.options import workspace
    from kpi_lib.data.dataset import load_dataset
    from tests.data.folders import settings_for

    with workspace() as place:
        tables = load_dataset(settings_for(folder), workspace=place).tables
        assert float(tables["orders"].collect()["amount"].sum()) == 12


@pytest.mark.parametrize("name", NAMES)
def test_a_database_file_may_have_any_name(tmp_path, name):
    with sqlite3.connect(tmp_path / f"{name}.db") as db:
        db.execute("create table partners (partner_id, name, partner_type, joined_on)")
        db.executemany("insert into partners values (?, ?, ?, ?)", partners())
        db.execute("create table orders (order_id, ordered_on, amount)")
        db.execute("insert into orders values (1, '2024-01-01', 12)")
    db.close()
    assert total(tmp_path / f"{name}.db") == 12
    with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as db:
        db.execute("create table partners (partner_id text, name text, partner_type text, "
                   "joined_on text)")  # fmt: skip
        db.executemany("insert into partners values (?, ?, ?, ?)", partners())
        db.execute("create table orders as select 1 order_id, '2024-01-01' ordered_on, 12 amount")
    assert total(tmp_path / f"{name}.duckdb") == 12


def partners() -> list[list[str]]:
    return [line.split(",") for line in PARTNERS.splitlines()[1:]]
