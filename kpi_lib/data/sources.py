"""Where tables come from: a folder of CSV and Parquet, a DuckDB or SQLite file, a URL."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from kpi_lib.address import Address, SourceName
from kpi_lib.data.csv_file import CsvForm, read_csv
from kpi_lib.data.raw import ROW, Raw, first_line, head_of, wanted_of, what_it_looks_like
from kpi_lib.errors import Problem, SourceError
from kpi_lib.paths import shown

if TYPE_CHECKING:
    from kpi_lib.data.database import Database, DuckFile

SYNTHETIC = "SYNTHETIC"  # a file of this name says that the company is invented
ENDINGS = (".parquet", ".csv")


class Tables(Protocol):
    """Where the contract's tables come from."""

    words: SourceName

    def read_tables(self, tables: Mapping[str, frozenset[str]], workspace: Path) -> dict[str, Raw]:
        """Return those of the named tables that are there, only the columns that are named."""

    def near(self, table: str) -> str:
        """Return a hint at what is there under nearly that name."""


class Source(Tables, Protocol):
    """A folder or a database, which a mapping may read file by file."""

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one file, or one table of a database, with all columns."""


def open_source(data: Address) -> Source:
    """Return the source that the settings name; raise SourceError where there is none."""
    if data.is_url:
        from kpi_lib.data.database import Database, DuckFile  # heavy: for who has a database

        is_file = data.is_duckdb and data.path is not None
        return DatabaseSource(DuckFile(data) if is_file else Database(data))
    path = Path(data.open_with())
    if path.is_dir():
        return Folder(path)
    return _open_file(path)


def _open_file(path: Path) -> Source:
    place = Address(str(path))
    if not path.exists():
        where = shown(path) if place.may_be_shown else place.name
        raise SourceError.at(where, "there is no such folder or file", "Check the path.")
    head = head_of(path)
    what = what_it_looks_like(head) or "text"
    if what == "a SQLite file":
        from kpi_lib.data.database import Database

        return DatabaseSource(Database(Address(f"sqlite:///{path}")))
    if what == "a DuckDB file":
        from kpi_lib.data.database import DuckFile

        return DatabaseSource(DuckFile(Address(f"duckdb:///{path}")))
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
            path = self._of_table(name)
            return None if path is None else _read(path, tables[name], CsvForm(), workspace)

        return collect_all(tables, read)

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one file of the folder with all its columns."""
        path = self.path / name
        if not path.exists():
            raise SourceError.at(name, f"there is no such file in {self.words}", self._near(name))
        return _read(path, None, form, workspace)

    def near(self, table: str) -> str:
        """Return a hint at a file whose name is nearly the table's."""
        return self._near(table)

    def _near(self, name: str) -> str:
        there = {Path(name).stem: name for name in self._names if name.endswith(ENDINGS)}
        near = difflib.get_close_matches(Path(name).stem, there, n=1, cutoff=0.7)
        listed = ", ".join(there.values()) or "no tables"
        return f"Is it {there[near[0]]}?" if near else f"There are: {listed}."

    def _of_table(self, name: str) -> Path | None:
        # By the folder's names: a link that leads nowhere is a fault, not an absent table.
        there = [self.path / f"{name}{e}" for e in ENDINGS if f"{name}{e}" in self._names]
        if (self.path / name).is_dir():
            there.append(self.path / name)
        if len(there) > 1:
            names = " and ".join(path.name for path in there)
            raise SourceError.at(name, f"{names} are both there", "Keep one of them.")
        return there[0] if there else None


def _read(path: Path, columns: frozenset[str] | None, form: CsvForm, workspace: Path) -> Raw:
    if path.suffix == ".csv" or (path.suffix != ".parquet" and not path.is_dir()):
        return read_csv(path, workspace / f"{path.name}.text.parquet", columns, form)
    if path.suffix == ".parquet":
        return _read_parquet(shown(path), [path], columns)
    parts = sorted(part for part in path.rglob("*.parquet") if part.is_file())
    if not parts:
        raise SourceError.at(
            f"{shown(path)}/", "holds no Parquet file", "Put one there, or no folder."
        )
    return _read_parquet(f"{shown(path)}/", parts, columns)


def _read_parquet(place: str, parts: list[Path], columns: frozenset[str] | None) -> Raw:
    schemas = {part: _schema_of(part) for part in parts}
    first = schemas[parts[0]]
    problems = [
        Problem(
            f"{place}{part.name}",
            f"column {name} is {schema.get(name, 'missing')}, and "
            f"{first.get(name, 'missing')} in {parts[0].name}",
            "Write all parts alike.",
        )
        for part, schema in schemas.items()
        for name in sorted(set(first) | set(schema))
        if schema.get(name) != first.get(name) and (columns is None or name in columns)
    ]
    if problems:
        raise SourceError(problems)
    wanted = wanted_of(place, first, columns)
    frame = pl.scan_parquet(parts, hive_partitioning=False, extra_columns="ignore").select(wanted)
    frame = frame.with_row_index(ROW, offset=1)
    others = tuple(name for name in first if name not in wanted)
    return Raw(frame, place, _fingerprint(parts), is_cheap=True, others=others)


def _schema_of(path: Path) -> dict[str, pl.DataType]:
    head = head_of(path)
    if not head:
        raise SourceError.at(shown(path), "is empty", "Export the table again.")
    if not head.startswith(b"PAR1"):
        what = what_it_looks_like(head) or "text"
        todo = "Give it the ending of what it is, or export it again."
        raise SourceError.at(shown(path), f"is no Parquet file; it looks like {what}", todo)
    try:
        return dict(pl.read_parquet_schema(path))
    except (OSError, pl.exceptions.PolarsError) as error:
        found = f"is a broken Parquet file ({first_line(error)})"
        raise SourceError.at(shown(path), found, "Export the table again.") from error


def _fingerprint(parts: list[Path]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
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
            raw = self.database.read(name, columns, workspace / f"{name}.raw.parquet")
            others = set(there) - set(columns)
            return replace(raw, others=tuple(sorted(others)))

        return collect_all([name for name in tables if name in self._tables], read)

    def read_file(self, name: str, form: CsvForm, workspace: Path) -> Raw:
        """Return one table with all its columns."""
        if name not in self._tables:
            raise SourceError.at(name, f"there is no such table in {self.words}", self.near(name))
        return self.database.read(
            name, self.database.columns(name), workspace / f"{name}.raw.parquet"
        )

    def near(self, table: str) -> str:
        """Return a hint at a table whose name is nearly this one."""
        near = difflib.get_close_matches(table, self._tables, n=1, cutoff=0.7)
        return f"Is it {near[0]}?" if near else f"There are: {', '.join(self._tables)}."
