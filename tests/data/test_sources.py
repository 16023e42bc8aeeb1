from __future__ import annotations

import sqlite3
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from kpi_lib.address import Address
from kpi_lib.data import sources
from kpi_lib.data.dataset import load_dataset
from kpi_lib.data.raw import reading
from kpi_lib.data.sources import Folder, open_source
from kpi_lib.errors import SourceError
from tests.data.folders import PARTNERS, loaded, said_of, settings_for, write_tables
from tests.rights import as_anybody

ORDERS = {"order_id": [1, 2], "ordered_on": ["2024-01-01", "2024-01-02"], "amount": [0.1, 20.0]}


def write_partners(folder):
    (folder / "partners.csv").write_text(PARTNERS)


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(
            "create table partners (partner_id text, name text, partner_type text, "
            "joined_on date, extra blob)"
        )
        db.execute("insert into partners values ('P1', 'Alder', 'reseller', '2020-01-01', x'00')")
        db.execute(
            "create table sales (order_id integer, ordered_on text, amount, customer_id real)"
        )
        db.execute("insert into sales values (7, '2024-01-01 00:00:00', 12.1, 1001.0)")
        db.execute("insert into sales values (8, '2024-01-02', '5.50', null)")
        db.execute("create view orders as select * from sales")
        db.execute("create table other (x)")
    db.close()
    return path


@pytest.fixture
def duckdb_file(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute(
            "create table partners as select 'P1' partner_id, 'Alder' as name, "
            "'reseller' partner_type, date '2020-01-01' joined_on"
        )
        db.execute(
            "create view orders as select i order_id, timestamp '2024-01-01' ordered_on, "
            "sum(i::hugeint) amount, 'x' other from range(3) t(i) group by all order by i"
        )
    return path


def test_a_folder_holds_a_table_as_csv_as_parquet_or_as_a_folder_of_parts(tmp_path):
    write_partners(tmp_path)
    (tmp_path / "orders" / "year=2024").mkdir(parents=True)
    pl.DataFrame(ORDERS).write_parquet(tmp_path / "orders" / "a.parquet")
    second = pl.DataFrame(ORDERS | {"order_id": [3, 4]})
    second.write_parquet(tmp_path / "orders" / "year=2024" / "b.parquet")
    pl.DataFrame({"customer_id": ["c"], "acquired_on": ["2024-01-01"]}).write_parquet(
        tmp_path / "customers.parquet"
    )
    dataset = loaded(tmp_path)
    assert list(dataset.tables) == ["partners", "customers", "orders"]
    assert dataset.tables["orders"].collect()["order_id"].to_list() == ["1", "2", "3", "4"]
    assert dataset.source == f"folder {tmp_path.name}"


def test_a_sqlite_file_is_read_by_its_tables_and_views(sqlite_file):
    dataset = loaded(sqlite_file)
    orders = dataset.tables["orders"].collect()
    assert orders["order_id"].to_list() == ["7", "8"]
    assert orders["amount"].to_list() == [Decimal("12.1"), Decimal("5.5")]
    assert orders["customer_id"].to_list() == ["1001", None]
    assert str(orders["ordered_on"][0]) == "2024-01-01"
    assert set(dataset.tables) == {"partners", "orders"}
    assert dataset.source == "SQLite file shop.sqlite"


def test_a_database_is_read_by_its_url(sqlite_file, tmp_path):
    settings = settings_for(sqlite_file)
    by_url = {"data": f"sqlite:///{sqlite_file}", "workspace": tmp_path / "w"}
    dataset = load_dataset(settings, **by_url)
    assert dataset.source == "SQLite file shop.sqlite"
    assert dataset.tables["orders"].collect().height == 2
    assert dataset.absent["orders"] >= {"status", "cost"}
    assert not dataset.is_synthetic


def test_a_duckdb_file_is_read_by_its_url_too(duckdb_file, tmp_path):
    settings = settings_for(duckdb_file)
    dataset = load_dataset(settings, data=f"duckdb:///{duckdb_file}", workspace=tmp_path / "w")
    assert dataset.tables["orders"].collect().height == 3


def test_a_duckdb_file_is_read_with_its_own_types(duckdb_file):
    dataset = loaded(duckdb_file)
    orders = dataset.tables["orders"].collect()
    assert orders["order_id"].to_list() == ["0", "1", "2"]
    assert orders["amount"].to_list() == [0, 1, 2]
    assert dataset.source == "DuckDB file shop.duckdb"


def test_a_url_that_means_another_file_than_it_seems_to_makes_none(tmp_path):
    (tmp_path / "a%41.db").touch()
    with pytest.raises(SourceError, match="there is no such file"):
        open_source(Address(f"sqlite:///{tmp_path / 'a%41.db'}"))
    assert not (tmp_path / "aA.db").exists()


def test_a_percent_sign_in_a_file_s_name_is_written_as_in_any_url(sqlite_file):
    named = sqlite_file.rename(sqlite_file.with_name("shop%41.sqlite"))
    source = open_source(Address(f"sqlite:///{named.with_name('shop%2541.sqlite')}"))
    try:
        assert {"partners", "orders"} <= set(source.database.tables())
    finally:
        source.close()


def test_the_fingerprint_follows_the_content(tmp_path, sqlite_file):
    first = loaded(sqlite_file).fingerprints
    assert loaded(sqlite_file).fingerprints == first
    with sqlite3.connect(sqlite_file) as db:
        db.execute("update sales set amount = 13")
    db.close()
    assert loaded(sqlite_file).fingerprints["orders"] != first["orders"]
    assert loaded(sqlite_file).fingerprints["partners"] == first["partners"]


def said_by(data, folder):
    with pytest.raises(SourceError) as error:
        open_source(Address(str(data))).read_tables({"orders": frozenset({"order_id"})}, folder)
    return str(error.value)


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path):
    said = said_by("postgresql+nosuch://me:secret@host/shop", tmp_path)
    assert "PostgreSQL database shop: Can't load plugin" in said
    assert "secret" not in said


def test_a_database_file_that_is_not_there_is_named_and_not_made(tmp_path):
    for kind, name in (("sqlite", "SQLite"), ("duckdb", "DuckDB")):
        said = said_by(f"{kind}:///{tmp_path}/shop.db", tmp_path)
        assert f"{name} file shop.db: there is no such file" in said
    assert not (tmp_path / "shop.db").exists(), "as SQLite would make it, empty"


def test_a_broken_database_file_is_named(tmp_path, duckdb_file):
    cut = tmp_path / "cut.duckdb"
    cut.write_bytes(duckdb_file.read_bytes()[:5000])
    assert "cut.duckdb: cannot be opened" in said_by(cut, tmp_path)
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(b"SQLite format 3\0" + b"x" * 200)
    assert "cannot be opened" in said_by(cut, tmp_path)


def test_a_table_that_the_database_cannot_give_is_named(tmp_path, sqlite_file, duckdb_file):
    with sqlite3.connect(sqlite_file) as db:
        db.execute("drop view orders")
        db.execute("create view orders as select order_id, abs(ordered_on, 1) x from sales")
    db.close()
    said = said_by(sqlite_file, tmp_path)
    assert "table orders: cannot be read" in said
    assert "wrong number of arguments" in said
    with duckdb.connect(str(duckdb_file)) as db:
        db.execute("create or replace view orders as select error('no!') order_id from range(9)")
    assert "shop.duckdb table orders: cannot be read" in said_by(duckdb_file, tmp_path)


def test_a_table_without_any_column_of_the_contract_calls_for_a_mapping(tmp_path, sqlite_file):
    with sqlite3.connect(sqlite_file) as db:
        db.execute("create table costs (a, b)")
    db.close()
    tables = {"costs": frozenset({"cost_id"})}
    with pytest.raises(SourceError, match="table costs: has no column of the contract, but a, b"):
        open_source(Address(str(sqlite_file))).read_tables(tables, tmp_path)


def test_what_is_missing_is_reported_with_what_is_there(tmp_path, sqlite_file):
    write_tables(tmp_path / "data")
    folder = open_source(Address(str(tmp_path / "data")))
    assert folder.near("partner") == "Is it partners.csv?"
    assert folder.near("zzz") == "There are: partners.csv."
    assert Folder(tmp_path / "data").words == "folder data"
    database = open_source(Address(str(sqlite_file)))
    assert database.near("order") == "Is it orders?"
    assert database.near("zzz") == "There are: orders, other, partners, sales."


def test_every_table_that_cannot_be_read_is_named_at_once(tmp_path):
    write_partners(tmp_path)
    (tmp_path / "orders.csv").write_bytes(b"")
    (tmp_path / "customers.parquet").write_bytes(b"")
    with pytest.raises(SourceError) as error:
        loaded(tmp_path)
    where = [problem.where.rpartition("/")[2] for problem in error.value.problems]
    assert where == ["customers.parquet", "orders.csv"]


def test_a_folder_that_may_not_be_opened_is_named(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "iterdir", refuse)
    with pytest.raises(SourceError, match=r"cannot be opened \(Permission denied\)"):
        open_source(Address(str(tmp_path)))


def test_a_file_that_may_not_be_read_is_named(tmp_path):
    write_partners(tmp_path)
    (tmp_path / "partners.csv").chmod(0)
    said = r"(?s)partners.csv: cannot be read.*the right"
    with as_anybody(), pytest.raises(SourceError, match=said):
        open_source(Address(str(tmp_path))).read_tables({"partners": frozenset()}, tmp_path)


def test_bytes_that_turn_out_to_be_broken_halfway_are_named():
    said = r"orders.parquet: cannot be read \(no more bytes\)"
    with pytest.raises(SourceError, match=said), reading("orders.parquet"):
        raise OSError("no more bytes")


@pytest.mark.parametrize("beyond", [2**31 - 1, -(2**31), 2932897])
def test_a_day_beyond_any_calendar_is_a_fault_and_no_crash(tmp_path, beyond):
    write_partners(tmp_path)
    days = pl.Series([0, beyond], dtype=pl.Int32).cast(pl.Date)
    frame = pl.DataFrame({"order_id": [1, 2], "ordered_on": days, "amount": [1, 2]})
    frame.write_parquet(tmp_path / "orders.parquet")
    moments = pl.Series([2**62 if beyond > 0 else -(2**62)], dtype=pl.Int64).cast(pl.Datetime("us"))
    pl.DataFrame({"touchpoint_id": ["1"], "deal_id": ["1"], "occurred_at": moments}).write_parquet(
        tmp_path / "touchpoints.parquet"
    )
    shown = "9999-12-31" if beyond > 0 else "0001-01-01"
    lines = said_of(tmp_path)
    assert f"f orders row 2 column ordered_on: not within 1900 to 2199: {shown}" in lines
    assert any(f"touchpoints row 1 column occurred_at: not within 1900 to 2199: {shown}" in line
               for line in lines)  # fmt: skip


def test_a_parquet_file_whose_columns_lie_beyond_its_end_is_not_taken_for_a_whole_one(
    tmp_path,
):
    path = tmp_path / "orders.parquet"
    pl.DataFrame(ORDERS).write_parquet(path)
    size = path.stat().st_size
    assert sources._lies_within(pq.read_metadata(path), size)
    assert not sources._lies_within(pq.read_metadata(path), size // 4)
