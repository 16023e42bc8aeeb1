"""Files of a data folder that nothing reads: each is named, and what would make it read."""

from __future__ import annotations

import sqlite3

import polars as pl
import pytest

from kpi_lib.data.dataset import look_over
from kpi_lib.errors import SourceError
from kpi_lib.settings import load_settings
from tests.data.folders import SAME_PARTNERS, loaded, said_of, write_tables

ORDERS = "order_id ordered_on amount\n1 2024-01-01 5"
ROWS = "order_id,ordered_on,amount\n1,2024-01-01,5\n"


@pytest.mark.parametrize(
    ("name", "todo"),
    [
        ("ORDERS.CSV", "name it orders.csv"),
        ("Orders.csv", "name it orders.csv"),
        ("orders.CSV", "name it orders.csv"),
        ("Orders.PARQUET", "name it orders.parquet"),
        ("orders.csv.gz", "save it as orders.csv or orders.parquet"),
        ("orders.xlsx", "save it as orders.csv or orders.parquet"),
        ("orders.jsonl", "save it as orders.csv or orders.parquet"),
        ("orders.tsv", "save it as orders.csv or orders.parquet"),
        ("orders", "save it as orders.csv or orders.parquet"),
        ("orders_2026-01.csv", "a table is one file; put its rows into orders.csv"),
        ("orders 2026.01.csv", "a table is one file; put its rows into orders.csv"),
        ("market_sizes (1).csv", "a table is one file; put its rows into market_sizes.csv"),
        ("orders-1.parquet", "put all parts of the table into a folder orders/"),
        ("order.csv", "if it is orders, name it orders.csv; or write a mapping"),
        ("export_orders.csv", "if it is orders, name it orders.csv; or write a mapping"),
        ("2026-01 Orders.csv", "if it is orders, name it orders.csv; or write a mapping"),
        ("_orders.csv", "if it is orders, name it orders.csv; or write a mapping"),
        ("invoice lines.txt", "no table has its name; write a mapping, or take it away"),
    ],
)
def test_a_file_that_is_not_read_is_named_with_what_to_do(tmp_path, name, todo):
    folder = write_tables(tmp_path / "data")
    (folder / name).write_text(ROWS)
    assert said_of(folder) == [f"w {name}: is not read; {todo}"]
    assert set(loaded(folder).tables) == {"partners"}, "and it stops nothing"


def test_what_never_held_a_row_is_not_named(tmp_path):
    folder = write_tables(tmp_path / "data", orders=ORDERS)
    for name in ("README.md", "readme.txt", "LICENSE", ".gitkeep", "_SUCCESS", "~$orders.xlsx"):
        (folder / name).write_text("x")
    for name in ("SYNTHETIC", "export.sql", "load.py", "report.pdf", "Thumbs.db", "project.yml"):
        (folder / name).write_text("x")
    (folder / "params").mkdir()
    (folder / "params" / "project.yml").write_text("data: ..")
    assert said_of(folder) == []


def test_a_column_that_stands_in_the_names_of_folders_only_is_reported(tmp_path):
    folder = write_tables(tmp_path / "data")
    rows = pl.DataFrame({"order_id": ["1"], "ordered_on": ["2026-07-01"], "amount": ["5"]})
    for name in ("year=2026", "status=cancelled"):
        part = folder / "orders" / name
        part.mkdir(parents=True)
        rows.with_columns(order_id=pl.lit(name)).write_parquet(part / "a.parquet")
    assert said_of(folder) == [
        "w orders/status=...: is not read; write it into the files as a column too: the names of "
        "folders are not read"
    ]


def test_a_folder_with_tables_that_is_not_read_is_named_and_so_is_a_part_that_is_none(tmp_path):
    folder = write_tables(tmp_path / "data")
    (folder / "2026-01").mkdir()
    (folder / "2026-01" / "orders.csv").write_text(ROWS)
    (folder / "orders" / "year=2026").mkdir(parents=True)
    rows = {"order_id": ["1"], "ordered_on": ["2024-01-01"], "amount": [5]}
    pl.DataFrame(rows).write_parquet(folder / "orders" / "a.parquet")
    (folder / "orders" / "year=2026" / "b.csv").write_text(ROWS)
    (folder / "orders" / "_SUCCESS").write_text("")
    assert said_of(folder) == [
        "w 2026-01/: is not read; no table has its name; write a mapping, or take it away",
        "w orders/year=2026/b.csv: is not read; the parts of a table are Parquet files; give it "
        "the ending .parquet, or take it away",
    ]


def test_where_partners_are_written_in_capitals_they_are_named(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PARTNERS.CSV").write_text("partner_id\n")
    with pytest.raises(SourceError, match=r"(?s)no table partners.*Is it PARTNERS\.CSV\?"):
        loaded(tmp_path / "data")


def test_a_file_that_the_mapping_does_not_name_is_named(project):
    for month in ("01", "02"):
        (project.folder / f"export-{month}.csv").write_text(ROWS)
    mapping = SAME_PARTNERS.replace("export.csv", "export-01.csv") + "  orders: {from: f}\n"
    settings = project.settings(mapping)
    found = [str(fault) for fault in look_over(settings, project.workspace).faults()]
    assert found == [
        "export-02.csv: is not read; shop.yml makes no table from it; name it there, or take it "
        "away"
    ]


def test_a_table_of_a_database_that_has_nearly_a_name_of_ours_is_named(tmp_path):
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("create table partners (partner_id, name, partner_type, joined_on)")
        db.execute("insert into partners values ('P1', 'Alder', 'reseller', '2020-01-01')")
        db.execute("create table orders_2026 (x)")
        db.execute("create table DEALS (x)")
        db.execute("create table stock (x)")
    db.close()
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "project.yml").write_text("data: ../shop.db\n")
    settings = load_settings(tmp_path / "params" / "project.yml")
    found = [str(fault) for fault in look_over(settings, tmp_path / "w").faults()]
    assert found == [
        "table DEALS: is not read; name it deals, or write a mapping",
        "table orders_2026: is not read; put its rows into orders, or a view orders, or write a "
        "mapping",
    ]
