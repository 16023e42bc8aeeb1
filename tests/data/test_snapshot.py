"""A database is read as it was at one moment, whatever others write meanwhile."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from kpi_lib.address import Address
from kpi_lib.data.snapshot import Moment
from kpi_lib.data.sources import open_source

INVOICES, PAYMENTS = frozenset({"invoice_id"}), frozenset({"payment_id", "invoice_id"})


@pytest.fixture
def shop(tmp_path):
    """A SQLite file that others may write to while it is read, as many programs set it up."""
    with sqlite3.connect(tmp_path / "shop.db") as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table invoices (invoice_id)")
        db.execute("create table payments (payment_id, invoice_id)")
        db.execute("insert into invoices values ('I1')")
    db.close()
    return tmp_path / "shop.db"


def pay_another(file):
    """Write an invoice and its payment, and tidy the journal up into the file itself."""
    with sqlite3.connect(file) as db:
        db.execute("insert into invoices values ('I2')")
        db.execute("insert into payments values ('Z2', 'I2')")
        db.commit()
        db.execute("pragma wal_checkpoint")
    db.close()


def test_no_payment_is_there_whose_invoice_came_after_the_reading_began(shop, tmp_path):
    source = open_source(Address(f"sqlite:///{shop}"))
    invoices = source.read_tables({"invoices": INVOICES}, tmp_path)
    pay_another(shop)
    payments = source.read_tables({"payments": PAYMENTS}, tmp_path)
    source.close()
    frames = [invoices["invoices"].frame, payments["payments"].frame]
    assert [len(frame.collect()) for frame in frames] == [1, 0]
    again = open_source(Address(f"sqlite:///{shop}")).read_tables({"payments": PAYMENTS}, tmp_path)
    assert again["payments"].frame.collect()["payment_id"].to_list() == ["Z2"]


def test_what_is_read_cannot_be_written_by_the_reader(shop):
    moment = Moment(sa.create_engine(f"sqlite:///{shop}"))
    with pytest.raises(sa.exc.OperationalError, match="readonly"):
        moment.connection.exec_driver_sql("insert into invoices values ('I3')")
    moment.close()


class _Elsewhere(SQLiteDialect_pysqlite):
    """A database of another kind, as far as a reader asks for its moment: a SQLite file."""

    supports_statement_cache = True
    is_allowed = 0  # what SQL Server says of its own level
    level = None

    def get_isolation_level_values(self, dbapi_connection):
        return ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "SNAPSHOT"]

    def set_isolation_level(self, dbapi_connection, level):
        type(self).level = level

    def get_default_isolation_level(self, dbapi_conn):
        return "READ COMMITTED"

    def on_connect(self):
        def prepare(db):
            db.create_function("db_name", 0, lambda: "shop")
            db.execute("attach ':memory:' as sys")
            db.execute("create table sys.databases (name, snapshot_isolation_state)")
            db.execute("insert into sys.databases values ('shop', ?)", (self.is_allowed,))
            db.commit()

        return prepare


@pytest.mark.parametrize(
    ("kind", "is_allowed", "level"),
    [
        pytest.param("mysql", 0, "REPEATABLE READ", id="MySQL keeps old rows for who reads"),
        pytest.param("oracle", 0, "SERIALIZABLE", id="Oracle calls it serializable"),
        pytest.param("mssql", 1, "SNAPSHOT", id="SQL Server where somebody has allowed it"),
        pytest.param("mssql", 0, None, id="SQL Server else: its other levels make writers wait"),
        pytest.param("trino", 0, None, id="a database that is not known to have one"),
    ],
)
def test_each_database_is_asked_for_its_moment_in_its_own_words(shop, kind, is_allowed, level):
    words = {"name": kind, "is_allowed": is_allowed, "supports_statement_cache": True}
    asked = type("Asked", (_Elsewhere,), words)
    registry.impls[f"elsewhere.{kind}"] = lambda: asked
    moment = Moment(sa.create_engine(f"elsewhere+{kind}:///{shop}", poolclass=sa.NullPool))
    moment.connection.exec_driver_sql("select invoice_id from invoices").all()
    isolation, is_common = asked.level, moment.is_common
    moment.close()
    assert (isolation, is_common) == (level, level is not None)


def test_tables_that_are_read_one_after_the_other_are_reported(shop, tmp_path):
    source = open_source(Address(f"sqlite:///{shop}"))
    assert source.unread() == []
    source.database.is_one_moment = False
    found = [str(fault) for fault in source.unread()]
    assert found == source_words(source)
    assert [str(fault) for fault in source.unmapped((), "shop.yml")] == found
    assert {fault.severity for fault in source.unread()} == {"warning"}
    source.close()


def source_words(source):
    words = "its tables are read one after the other, so what is written meanwhile may be in some"
    return [f"{source.words}: {words}"]
