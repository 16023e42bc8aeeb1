"""Where tables come from: a folder of CSV and Parquet, a DuckDB or SQLite file, a URL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import sqlalchemy as sa

from kpi_lib.address import Address, SourceName
from kpi_lib.data.contract import TABLES
from kpi_lib.data.csv_file import read_csv
from kpi_lib.data.csv_text import CsvForm
from kpi_lib.data.faults import Fault
from kpi_lib.data.names import nearest_of
from kpi_lib.data.pinned_files import Held
from kpi_lib.data.raw import (
    BROKEN,
    ROW,
    Raw,
    first_line,
    head_of,
    reading,
    scanned,
    wanted_of,
    what_it_looks_like,
    within_calendar,
)
from kpi_lib.data.unread import (
    CSV,
    ENDINGS,
    PARQUET,
    may_hold_rows,
    not_one_moment,
    unmapped_files,
    unread_columns,
    unread_files,
    unread_parts,
    unread_tables,
)
from kpi_lib.errors import Problem, SourceError
from kpi_lib.paths import shown
from kpi_lib.regular import require_regular

if TYPE_CHECKING:
    from kpi_lib.data.database import Database, DuckFile

Schema = dict[str, pl.DataType]


class Tables(Protocol):
    """Where the contract's tables come from."""

    words: SourceName

    def read_tables(self, tables: Mapping[str, frozenset[str]], workspace: Path) -> dict[str, Raw]:
        """Return those of the named tables that are there, only the columns that are named."""

    def near(self, table: str) -> str:
        """Return a hint at what is there under nearly that name."""

    def unread(self) -> list[Fault]:
        """Return a warning for each file and table that seems to belong to the data, unread."""


class Source(Tables, Protocol):
    """A folder or a database, which a mapping may read file by file."""

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one file, or one table of a database, with all columns."""

    def unmapped(self, used: Collection[str], mapping: str) -> list[Fault]:
        """Return a warning for each file from which the mapping of that name makes nothing."""

    def close(self) -> None:
        """Let the source go: what was read is staged, or held by its files."""


def open_source(data: Address) -> Source:
    """Return the source that the settings name; raise SourceError where there is none."""
    if data.is_url:
        _require_file(data)
        from kpi_lib.data.database import Database, DuckFile  # heavy: for who has a database

        is_file = data.is_duckdb and data.path is not None
        return DatabaseSource(DuckFile(data) if is_file else Database(data))
    path = Path(data.raw_for_driver())
    if path.is_dir():
        return Folder(path)
    return _open_file(path)


def _require_file(data: Address) -> None:
    """Raise SourceError where a URL names a file that is not there, which SQLite would make."""
    path = data.path
    if path is None:
        return
    if not data.is_duckdb:  # %41 is an A to SQLAlchemy
        path = Path(sa.make_url(data.raw_for_driver()).database or "")
    try:
        require_regular(path)
    except FileNotFoundError:
        raise SourceError.at(data.name, "there is no such file", "Check the URL.") from None
    except OSError as error:
        found = f"cannot be opened ({error.strerror})"
        raise SourceError.at(data.name, found, "Check the URL.") from None


def _open_file(path: Path) -> Source:
    """Return a SQLite or DuckDB file as a source; raise SourceError for any other file."""
    place = Address(str(path))
    if not path.exists():
        where = shown(path) if place.may_be_shown else place.name
        raise SourceError.at(where, "there is no such folder or file", "Check the path.")
    head = head_of(path)
    what = what_it_looks_like(head) or "text"
    if what == "a SQLite file":
        from kpi_lib.data.database import Database

        source = DatabaseSource(Database.sqlite(path))
        source.words = SourceName(f"SQLite file {path.name}")
        return source
    if what == "a DuckDB file":
        from kpi_lib.data.database import DuckFile

        source = DatabaseSource(DuckFile(Address(f"duckdb:///{path}"), path))
        source.words = SourceName(f"DuckDB file {path.name}")
        return source
    raise SourceError.at(
        shown(path),
        f"is a single file, and looks like {what}",
        "Name the folder that holds the tables, a DuckDB or SQLite file, or a database's URL.",
    )


def collect_all(names: Iterable[str], read: Callable[[str], Raw | None]) -> dict[str, Raw]:
    """Read each; raise one SourceError with everything that is wrong anywhere."""
    found: dict[str, Raw] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            raw = read(name)
        except SourceError as error:
            problems.extend(error.problems)
        else:
            if raw is not None:
                found[name] = raw
    if problems:
        raise SourceError(sorted(set(problems)))
    return found


class Folder:
    """A folder with NAME.csv, NAME.parquet or NAME/ of Parquet files for each table."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words = Address(str(path)).name
        try:
            self._names = sorted(entry.name for entry in path.iterdir())
        except OSError as error:
            raise SourceError.at(shown(path), f"cannot be opened ({error.strerror})") from error

    def read_tables(self, tables: Mapping[str, frozenset[str]], workspace: Path) -> dict[str, Raw]:
        """Return those of the named tables that are there, only the columns that are named."""

        def read(name: str) -> Raw | None:
            there = self._paths_of_table(name)
            if len(there) > 1:
                names = " and ".join(path.name for path in there)
                raise SourceError.at(name, f"{names} are both there", "Keep one of them.")
            return _read_table(there[0], tables[name], CsvForm(), workspace) if there else None

        return collect_all(tables, read)

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one file of the folder with all its columns."""
        path = self.path / name
        if not path.exists():
            raise SourceError.at(name, f"there is no such file in {self.words}", self.near(name))
        return _read_table(path, None, form, workspace)

    def near(self, name: str) -> str:
        """Return a hint at a file whose name is nearly that of a table or of another file."""
        there = {Path(each).stem: each for each in self._names if may_hold_rows(each)}
        near = nearest_of(Path(name).stem, there, cutoff=0.7)
        listed = ", ".join(there.values()) or "no tables"
        return f"Is it {there[near[0]]}?" if near else f"There are: {listed}."

    def unread(self) -> list[Fault]:
        """Return a warning for each file that is read for no table."""
        used = {path for name in TABLES for path in self._paths_of_table(name)}
        folders = [path for path in sorted(used) if path.is_dir()]
        parts = [f for path in folders for f in (*unread_parts(path), *unread_columns(path))]
        return [*unread_files(self.path, {path.name for path in used}), *parts]

    def unmapped(self, used: Collection[str], mapping: str) -> list[Fault]:
        """Return a warning for each file that the mapping does not use."""
        return unmapped_files(self.path, {Path(name).parts[0] for name in used}, mapping)

    def close(self) -> None:
        """Do nothing: the files of a folder are opened one by one."""

    def _paths_of_table(self, name: str) -> list[Path]:
        """Return all files and folders that would be a table: one of them, if all is well."""
        # By the folder's names: a link that leads nowhere is a fault, not an absent table.
        there = [self.path / f"{name}{e}" for e in ENDINGS if f"{name}{e}" in self._names]
        folder = self.path / name
        return [*there, folder] if name in self._names and folder.is_dir() else there


def _read_table(path: Path, columns: frozenset[str] | None, form: CsvForm, workspace: Path) -> Raw:
    """Return a table from a CSV file, a Parquet file or a folder of Parquet files."""
    if path.suffix == CSV or (path.suffix != PARQUET and not path.is_dir()):
        return read_csv(path, workspace / f"{path.name}.text.parquet", columns, form)
    if path.suffix == PARQUET:
        return _read_parquet(shown(path), [path], columns, workspace)
    parts = sorted(part for part in path.rglob(f"*{PARQUET}") if not part.is_dir())
    if not parts:
        raise SourceError.at(
            f"{shown(path)}/", "holds no Parquet file", "Put one there, or no folder."
        )
    return _read_parquet(f"{shown(path)}/", parts, columns, workspace)


def _read_parquet(
    place: str, parts: list[Path], columns: frozenset[str] | None, workspace: Path
) -> Raw:
    """Return a table from Parquet files of one schema, its rows numbered through from 1."""
    files = tuple(Held.in_workspace(part, workspace) for part in parts)
    with reading(place, files):
        schemas = {file.path: _schema_of(file) for file in files}
        first = schemas[parts[0]]
        problems = list(_schema_problems(place, schemas, columns))
        if problems:
            raise SourceError(problems)
        wanted = wanted_of(place, first, columns)
        fingerprint = _fingerprint(files)
    rows = within_calendar(scanned(*(file.at for file in files)).select(wanted))
    frame = rows.with_row_index(ROW, offset=1)
    others = tuple(name for name in first if name not in wanted)
    return Raw(frame, place, fingerprint, files=files, others=others)


def _schema_problems(
    place: str, schemas: Mapping[Path, Schema], columns: frozenset[str] | None
) -> Iterator[Problem]:
    """Yield a problem for each column that a part has otherwise than the first part."""
    model, first = next(iter(schemas.items()))
    for part, schema in schemas.items():
        for name in sorted(set(first) | set(schema)):
            if schema.get(name) != first.get(name) and (columns is None or name in columns):
                found = f"column {name} is {schema.get(name, 'missing')}, and "
                found += f"{first.get(name, 'missing')} in {model.name}"
                yield Problem(f"{place}{part.name}", found, "Write all parts alike.")


def _schema_of(file: Held) -> Schema:
    """Return the types of a Parquet file's columns; raise SourceError where it is broken."""
    path = file.path
    head = head_of(path)
    if not head:
        raise SourceError.at(shown(path), "is empty", "Export the table again.")
    if not head.startswith(b"PAR1"):
        what = what_it_looks_like(head) or "text"
        todo = "Give it the ending of what it is, or export it again."
        raise SourceError.at(shown(path), f"is no Parquet file; it looks like {what}", todo)
    try:
        schema = dict(pl.read_parquet_schema(file.at))
        parts = pq.read_metadata(file.at)
    except (*BROKEN, pl.exceptions.PolarsError, pa.ArrowException) as error:
        found = f"is a broken Parquet file ({first_line(error)})"
        raise SourceError.at(shown(path), found, "Export the table again.") from error
    if not _lies_within(parts, file.seen[1]):
        found = "is a broken Parquet file (a column lies beyond its end)"
        raise SourceError.at(shown(path), found, "Export the table again.")
    return schema


def _lies_within(parts: pq.FileMetaData, size: int) -> bool:
    """Say whether every column is where the file says it is; to look there would end a thread."""
    for group in map(parts.row_group, range(parts.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            first = column.dictionary_page_offset or column.data_page_offset
            if first < 0 or not 0 <= column.total_compressed_size <= size - first:
                return False
    return True


def _fingerprint(files: Iterable[Held]) -> str:
    """Return the SHA-256 of the files' own SHA-256, in their order."""
    digest = hashlib.sha256()
    for part in files:
        with part.at.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


class DatabaseSource:
    """The tables and views of a database."""

    def __init__(self, database: Database | DuckFile) -> None:
        self.database = database
        self.words = database.words
        self._tables = database.tables()

    def read_tables(self, tables: Mapping[str, frozenset[str]], workspace: Path) -> dict[str, Raw]:
        """Return those of the named tables that are there, only the columns that are named."""

        def read(name: str) -> Raw:
            there = self.database.columns(name)
            columns = wanted_of(f"table {name}", there, tables[name])
            raw = self._read_table(name, columns, workspace)
            others = set(there) - set(columns)
            return replace(raw, others=tuple(sorted(others)))

        return collect_all([name for name in tables if name in self._tables], read)

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one table with all its columns."""
        if name not in self._tables:
            raise SourceError.at(name, f"there is no such table in {self.words}", self.near(name))
        return self._read_table(name, self.database.columns(name), workspace)

    def _read_table(self, name: str, columns: list[str], workspace: Path) -> Raw:
        with reading(self.words, self.database.files):
            return self.database.read(name, columns, workspace / f"{name}.raw.parquet")

    def unread(self) -> list[Fault]:
        """Return a warning for each table whose name is nearly one of the contract.

        And one where the database cannot show all tables as they were at one moment.
        """
        return [*unread_tables(self._tables, TABLES), *self._one_after_the_other()]

    def unmapped(self, used: Collection[str], mapping: str) -> list[Fault]:
        """Return no table: a database has many beside those that a mapping needs."""
        return self._one_after_the_other()

    def close(self) -> None:
        """Let the database go."""
        self.database.close()

    def _one_after_the_other(self) -> list[Fault]:
        return [] if self.database.is_one_moment else [not_one_moment(self.words)]

    def near(self, table: str) -> str:
        """Return a hint at a table whose name is nearly this one."""
        near = nearest_of(table, self._tables, cutoff=0.7)
        listed = ", ".join(self._tables) or "no tables"
        return f"Is it {near[0]}?" if near else f"There are: {listed}."
