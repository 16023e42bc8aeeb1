"""The rows that were checked are the rows that count, whatever happens to the files meanwhile."""

from __future__ import annotations

import os
import sqlite3
import time

import polars as pl
import pytest

from kpi_lib.address import Address
from kpi_lib.data import csv_file
from kpi_lib.data import pinned_files as held
from kpi_lib.data.csv_file import read_csv
from kpi_lib.data.csv_text import text_of
from kpi_lib.data.sources import open_source
from kpi_lib.errors import SourceError
from kpi_lib.measure.compute import compute_asked
from kpi_lib.settings import load_settings
from tests.data.folders import loaded, write_tables

CHANGED = "changed while it was read"


def orders(times: int, rows: int = 3) -> pl.DataFrame:
    ids = [str(number) for number in range(rows)]
    return pl.DataFrame({"order_id": ids, "ordered_on": ["2024-02-01"] * rows}).with_columns(
        pl.lit("P1").alias("partner_id"), pl.lit(10 * times).alias("amount")
    )


@pytest.fixture(params=["orders.parquet", "orders/part.parquet"])
def file(tmp_path, request):
    """Orders as a file, and as the part of a folder."""
    path = write_tables(tmp_path / "data") / request.param
    path.parent.mkdir(exist_ok=True)
    orders(1).write_parquet(path)
    return path


def replace(file, frame):
    """Put another version in a file's place at once, as a careful export does."""
    fresh = file.parent.parent / "fresh"
    frame.write_parquet(fresh)
    fresh.replace(file)


def overwrite(file, frame):
    """Write another version into the file itself, later than a clock can tell apart."""
    frame.write_parquet(file.parent.parent / "fresh")
    file.write_bytes((file.parent.parent / "fresh").read_bytes())
    later = time.time_ns() + 10**9
    os.utime(file, ns=(later, later))


def revenue(dataset, folder) -> float:
    file = folder.parent / f"{folder.name}-params" / "project.yml"
    table = compute_asked(load_settings(file), dataset, "2024-Q1").table
    wanted = (pl.col("kpi") == "revenue") & (pl.col("scope") == "company")
    return table.filter(wanted)["value"].item()


def data_of(file):
    return file.parent if file.parent.name == "data" else file.parent.parent


def test_a_file_that_is_replaced_after_the_check_counts_as_it_was(file):
    folder = data_of(file)
    dataset = loaded(folder)
    replace(file, pl.concat([orders(1), orders(1)]))  # every order twice: a fault, unseen
    assert revenue(dataset, folder) == 30


def test_a_file_that_is_written_over_is_refused_by_its_name(file):
    folder = data_of(file)
    dataset = loaded(folder)
    overwrite(file, orders(7, rows=5))
    with pytest.raises(SourceError, match=rf"(?s){file.name}: {CHANGED}.*Run it again"):
        revenue(dataset, folder)


@pytest.mark.parametrize("version", [orders(7), orders(1, rows=5000), None])
def test_on_another_disk_a_file_that_is_replaced_is_refused(file, monkeypatch, version):
    def refuse(*arguments):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(held.os, "link", refuse)
    folder = data_of(file)
    dataset = loaded(folder)
    assert revenue(dataset, folder) == 30
    file.unlink() if version is None else replace(file, version)
    with pytest.raises(SourceError, match=CHANGED):
        revenue(dataset, folder)


def test_nothing_of_the_data_folder_is_touched_and_nothing_is_left_of_the_second_name(file):
    before = (file.read_bytes(), file.stat().st_mtime_ns, sorted(file.parent.iterdir()))
    folder = data_of(file)
    loaded(folder)
    assert (file.read_bytes(), file.stat().st_mtime_ns, sorted(file.parent.iterdir())) == before
    assert file.stat().st_nlink == 2, "its second name stands in the workspace, which is lent"


def test_a_csv_file_that_changes_between_two_looks_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "orders.csv"
    path.write_text("order_id,amount\n1,5\n")

    def written_over(*arguments):
        overwrite(path, orders(2))
        return text_of(*arguments)

    monkeypatch.setattr(csv_file, "text_of", written_over)
    with pytest.raises(SourceError, match=CHANGED):
        read_csv(path, tmp_path / "staged.parquet")


def test_a_sqlite_file_that_is_replaced_between_two_tables_is_refused(tmp_path):
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as db:
        db.execute("create table partners (partner_id)")
        db.execute("create table orders (order_id)")
    db.close()
    source = open_source(Address(str(path)))
    source.read_tables({"partners": frozenset({"partner_id"})}, tmp_path)
    (tmp_path / "other.db").write_bytes(path.read_bytes())
    (tmp_path / "other.db").replace(path)
    with pytest.raises(SourceError, match=rf"shop.db: {CHANGED}"):
        source.read_tables({"orders": frozenset({"order_id"})}, tmp_path)


def test_a_folder_may_be_loaded_twice_in_one_workspace(file):
    folder = data_of(file)
    assert revenue(loaded(folder), folder) == revenue(loaded(folder), folder) == 30
