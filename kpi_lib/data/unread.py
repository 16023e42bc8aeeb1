"""Files of a data folder that nothing reads: each is named, with what would make it read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from kpi_lib.data.contract import TABLES
from kpi_lib.data.faults import ODD, Fault
from kpi_lib.data.names import folded, nearest_of

SYNTHETIC = "SYNTHETIC"  # a file of this name says that the company is invented
CSV, PARQUET = ".csv", ".parquet"
ENDINGS = (PARQUET, CSV)
# What people leave beside tables, and what no row of a table ever stood in.
_BESIDE = re.compile(
    rf"{SYNTHETIC}|thumbs\.db|desktop\.ini|(readme|licen[sc]e|notice|changelog)\b.*"
    r"|.*\.(md|rst|html?|pdf|png|jpe?g|gif|svg|docx?|pptx?|py|ipynb|sh|bat|ps1|sql|ya?ml|toml|log)",
    re.IGNORECASE,
)
KIND = "is not read"


def unread_files(folder: Path, used: Collection[str]) -> list[Fault]:
    """Return a warning for each file and folder of tables that was not `used`, and what to do."""
    return [_warning(name, _how_to_read(name)) for name in _unread_names(folder, used)]


def unmapped_files(folder: Path, used: Collection[str], mapping: str) -> list[Fault]:
    """Return a warning for each file and folder from which the mapping makes nothing."""
    todo = f"{mapping} makes no table from it; name it there, or take it away"
    return [_warning(name, todo) for name in _unread_names(folder, used)]


def unread_parts(folder: Path) -> list[Fault]:
    """Return a warning for each file in the folder of a table that is none of its parts."""
    todo = "the parts of a table are Parquet files; give it the ending .parquet, or take it away"
    return [
        _warning(f"{folder.name}/{path.relative_to(folder).as_posix()}", todo)
        for path in sorted(folder.rglob("*"))
        if path.suffix != PARQUET and may_hold_rows(path.name) and path.is_file()
    ]


def unread_columns(folder: Path) -> list[Fault]:
    """Return a warning for each column of a table that stands in names of its folders only.

    A folder such as `status=cancelled` says something of all rows in it, and is not read.
    """
    columns = TABLES[folder.name].columns
    names = sorted({path.name.partition("=")[0] for path in folder.rglob("*=*") if path.is_dir()})
    todo = "write it into the files as a column too: the names of folders are not read"
    return [_warning(f"{folder.name}/{name}=...", todo) for name in names if name in columns]


def unread_tables(names: Iterable[str], used: Collection[str]) -> list[Fault]:
    """Return a warning for each table of a database that has nearly a name of the contract."""
    found = []
    for name in names:
        table = _begins_with(name)
        if name not in used and table:
            is_name = folded(name) == table
            todo = (
                f"name it {table}" if is_name else f"put its rows into {table}, or a view {table}"
            )
            found.append(_warning(f"table {name}", f"{todo}, or write a mapping"))
    return found


def not_one_moment(source: str) -> Fault:
    """Return a warning of a database whose tables are read one after the other."""
    kind = "its tables are read one after the other, so what is written meanwhile may be in some"
    return Fault(source, None, "", kind, severity="warning", kind=kind, rank=ODD)


def _warning(name: str, todo: str) -> Fault:
    return Fault(name, None, "", f"{KIND}; {todo}", severity="warning", kind=KIND, rank=ODD)


def _unread_names(folder: Path, used: Collection[str]) -> Iterator[str]:
    """Yield the names of files and folders that may hold rows, but that nothing reads."""
    for path in _entries(folder):
        if path.name in used or not may_hold_rows(path.name):
            continue
        if not path.is_dir():
            yield path.name
        elif any(may_hold_rows(each.name) and each.is_file() for each in _entries(path)):
            yield f"{path.name}/"


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, by name; nothing where it may not be opened."""
    try:
        return sorted(folder.iterdir())
    except OSError:  # not ours to open, so not ours to read
        return []


def may_hold_rows(name: str) -> bool:
    """Say whether a file or folder of that name may be part of an export."""
    beside = name.startswith((".", "~")) or (name.startswith("_") and not name.endswith(ENDINGS))
    return not beside and not _BESIDE.fullmatch(name)


def _how_to_read(name: str) -> str:
    """Return what would make a file of that name be read, as far as its name tells."""
    file = Path(name)
    table, ending = _begins_with(file.stem), file.suffix.lower()
    if table is None:
        near = nearest_of(file.stem, TABLES, cutoff=0.8)
        near = near or [
            t for t in TABLES if re.search(rf"(?<![a-z]){t}(?![a-z])", folded(file.stem))
        ]
        if near:
            return f"if it is {near[0]}, name it {near[0]}.csv; or write a mapping"
        return "no table has its name; write a mapping, or take it away"
    is_name = folded(file.stem) == table
    if ending not in ENDINGS:
        return f"save it as {table}.csv or {table}.parquet"
    if is_name:
        return f"name it {table}{ending}"
    if ending == PARQUET:
        return f"put all parts of the table into a folder {table}/"
    return f"a table is one file; put its rows into {table}.csv"


def _begins_with(name: str) -> str | None:
    """Return the table whose name this is, or that it begins with; the longest one."""
    written = folded(name)
    tables = [table for table in TABLES if re.match(rf"{table}(?![a-z])", written)]
    return max(tables, key=len, default=None)
