"""Databases: a DuckDB file through DuckDB, all others through SQLAlchemy.

Only tables of the contract are opened and only the columns that are needed are asked for. What
comes back is staged as Parquet in a workspace: a database is asked once a run, in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from kpi_lib.address import Address
from kpi_lib.data.pinned_files import Held
from kpi_lib.data.raw import ROW, Raw, first_line, scanned, within_calendar
from kpi_lib.data.snapshot import Moment
from kpi_lib.errors import Problem, SourceError
from kpi_lib.secret import OF_DATA, SERVICE_OF_DATA, secret_of

ROWS_AT_ONCE = 50_000


class Database:
    """A database that SQLAlchemy has a driver for."""

    def __init__(self, address: Address, url: sa.URL | None = None) -> None:
        """Open what the address says; `url` says it where text cannot, as of a `?` in a name."""
        address = _with_password(address)
        self.address, self.words = address, address.name
        try:
            engine = sa.create_engine(url or address.raw_for_driver(), poolclass=sa.NullPool)
        except (SQLAlchemyError, ImportError, ValueError) as error:  # ValueError: no such port
            todo = "Check the URL, and that the database's driver is installed."
            raise SourceError.at(self.words, first_line(error, address), todo) from None
        self._moment = self._open_moment(engine)
        self.is_one_moment = self._moment.is_common
        self.files = () if self._moment.is_guarded else _file_of(engine.url)

    @classmethod
    def sqlite(cls, path: Path) -> Database:
        """Return a SQLite file; a question mark in its name is a letter like others."""
        url = sa.URL.create("sqlite", database=str(path))
        return cls(Address(f"sqlite:///{path}"), url)

    def tables(self) -> list[str]:
        """Return the names of the tables and views."""
        try:
            inspector = sa.inspect(self._moment.connection)
            return sorted([*inspector.get_table_names(), *inspector.get_view_names()])
        except SQLAlchemyError as error:
            raise self._not_opened(error) from None

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        try:
            with self._moment.step():
                found = sa.inspect(self._moment.connection).get_columns(table)
            return [column["name"] for column in found]
        except SQLAlchemyError as error:
            raise _unread(self.address, table, error) from None

    def read(self, table: str, columns: Sequence[str], staged: Path) -> Raw:
        """Return a table's rows, staged as text: databases may hold any type in any row."""
        wanted: list[sa.ColumnClause[Any]] = [
            sa.literal_column(_quoted(self._moment.connection.dialect, name)) for name in columns
        ]
        query: sa.Select[Any] = sa.select(*wanted).select_from(sa.table(table))
        schema = pa.schema([(name, pa.string()) for name in columns])
        try:
            with self._moment.step(), pq.ParquetWriter(staged, schema) as out:
                options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
                rows = self._moment.connection.execute(query, execution_options=options)
                for part in rows.partitions():
                    out.write_table(_as_text_table(part, schema))
        except SQLAlchemyError as error:
            raise _unread(self.address, table, error) from None
        return _raw_of_staged(staged, f"table {table}")

    def close(self) -> None:
        """Let the database go."""
        self._moment.close()

    def _open_moment(self, engine: sa.Engine) -> Moment:
        """Return one snapshot of the database; raise SourceError where it cannot be opened."""
        try:
            return Moment(engine)
        except (SQLAlchemyError, ImportError) as error:
            raise self._not_opened(error) from None

    def _not_opened(self, error: BaseException) -> SourceError:
        found = f"cannot be opened ({first_line(error, self.address)})"
        return SourceError(Problem(self.words, found, "Check the URL."))


class DuckFile:
    """A DuckDB file, opened without the right to write; while it is open, nobody has that right."""

    files: tuple[Held, ...] = ()
    is_one_moment = True

    def __init__(self, address: Address, path: Path | None = None) -> None:
        """Open the file of the address; `path` names it where the address cannot: `a?b.duckdb`."""
        self.address, self.words = address, address.name
        try:
            self._connection = duckdb.connect(str(path or address.path), read_only=True)
        except duckdb.Error as error:
            found = f"cannot be opened ({first_line(error, address)})"
            raise SourceError.at(self.words, found) from None

    def tables(self) -> list[str]:
        """Return the names of the tables and views."""
        query = "select table_name from information_schema.tables where table_schema = "
        rows = self._connection.execute(f"{query} current_schema() order by 1").fetchall()
        return [name for (name,) in rows]

    def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns."""
        try:
            return self._connection.sql(f"from {_in_quotes(table)} limit 0").columns
        except duckdb.Error as error:
            raise _unread(self.address, table, error) from None

    def read(self, table: str, columns: Sequence[str], staged: Path) -> Raw:
        """Return a table's rows, staged with the types that they have."""
        names = ", ".join(_in_quotes(name) for name in columns)
        try:
            rows = self._connection.sql(f"select {names} from {_in_quotes(table)}")
            batches: pa.RecordBatchReader = rows.to_arrow_reader(ROWS_AT_ONCE)
            with pq.ParquetWriter(staged, batches.schema) as out:
                for batch in batches:
                    out.write_batch(batch)
        except (duckdb.Error, pa.ArrowException) as error:
            raise _unread(self.address, table, error) from None
        return _raw_of_staged(staged, f"table {table}")

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def _with_password(address: Address) -> Address:
    """Return the address with the password that is kept for its user elsewhere, if one is."""
    if not address.lacks_password:
        return address
    user = sa.make_url(address.raw_for_driver()).username or ""
    password = secret_of(OF_DATA, SERVICE_OF_DATA, user)
    return address if password is None else address.with_password(password)


def _file_of(url: sa.URL) -> tuple[Held, ...]:
    """Return the file of a SQLite database, which may change between one table and the next."""
    path = Path(url.database or "")
    is_file = url.get_backend_name() == "sqlite" and path.is_file()
    return (Held.where_it_is(path),) if is_file else ()


def _raw_of_staged(staged: Path, place: str) -> Raw:
    """Return a table that was staged as Parquet, its rows numbered from 1."""
    with staged.open("rb") as file:
        fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    frame = within_calendar(scanned(staged)).with_row_index(ROW, offset=1)
    return Raw(frame, place, fingerprint)


def _unread(address: Address, table: str, error: BaseException) -> SourceError:
    found = f"cannot be read ({first_line(error, address)})"
    return SourceError(Problem(f"{address.name} table {table}", found))


def _as_text_table(rows: Sequence[Any], schema: pa.Schema) -> pa.Table:
    """Return rows of a database as an Arrow table of texts."""
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array([_text(value) for value in column], pa.string()) for column in columns]
    return pa.Table.from_arrays(arrays, schema=schema)


def _text(value: object) -> str | None:
    """Return a value as CSV would have it; whole floats without their point, so ids stay ids."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def _quoted(dialect: sa.Dialect, name: str) -> str:
    return dialect.identifier_preparer.quote(name)


def _in_quotes(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
