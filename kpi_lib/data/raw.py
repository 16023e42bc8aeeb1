"""A table as its source has it: rows with their numbers, before any column is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from kpi_lib.address import Address
from kpi_lib.data.faults import Fault
from kpi_lib.data.pinned_files import Held, changed
from kpi_lib.errors import ScorecardError, SourceError
from kpi_lib.paths import shown
from kpi_lib.regular import open_regular

ROW = "#row"  # the source's row number, from 1; no column of the contract can have this name


# What a library raises where bytes turn out to be broken halfway; a panic is no Exception.
BROKEN = (OSError, pl.exceptions.ComputeError, pl.exceptions.PanicException)


# The years 1 to 9999, as Python and ISO 8601 have them, in days from 1970 on.
FIRST_DAY, LAST_DAY = (
    day.toordinal() - date(1970, 1, 1).toordinal() for day in (date.min, date.max)
)
MOMENTS_A_DAY = {"day": 1, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}
MOST = 2**63


@dataclass(frozen=True)
class Note:
    """What may be odd about a row before it was mapped.

    `name`: the column of the frame that says how, null where it is not; `column`: the one that is
    named for it; `words`: what is odd.
    """

    name: str
    column: str
    words: str


@dataclass(frozen=True)
class Raw:
    """One table or file of a source: all that was asked for, lazily, and the rows already lost.

    `files`: those that are read anew with each query; none where the rows are staged.
    """

    frame: pl.LazyFrame
    place: str
    fingerprint: str
    faults: list[Fault] = field(default_factory=list)
    files: tuple[Held, ...] = ()
    others: tuple[str, ...] = ()  # columns of the source that nobody asked for
    notes: tuple[Note, ...] = ()

    @property
    def is_staged(self) -> bool:
        """Whether the rows stand in the workspace; native Parquet is scanned where it lies."""
        return not self.files

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """The columns of the source with their types."""
        schema = self.frame.collect_schema()
        notes = {note.name for note in self.notes}
        return {name: dtype for name, dtype in schema.items() if name not in {ROW, *notes}}

    def reading(self) -> AbstractContextManager[None]:
        """Name the table where its bytes turn out to be broken, or to change meanwhile."""
        return reading(self.place, self.files)


@contextmanager
def reading(place: str, files: Sequence[Held] = ()) -> Iterator[None]:
    """Name the place where its bytes turn out to be broken halfway, and the files that change."""
    try:
        with raise_if_changed(files):
            yield
    except BROKEN as error:
        raise SourceError.at(place, f"cannot be read ({first_line(error)})") from error


@contextmanager
def raise_if_changed(files: Sequence[Held]) -> Iterator[None]:
    """Raise SourceError at the block's end where a file has changed since it was opened.

    It takes the place of an error of the block: what is said of half a file is not worth much, and
    a library's own error names no file.
    """
    try:
        yield
    except (*BROKEN, pl.exceptions.PolarsError, ScorecardError) as error:
        if other := changed(files):
            raise other from error
        raise
    if other := changed(files):
        raise other


def scanned(*files: Path) -> pl.LazyFrame:
    """Return Parquet files as one table; a bracket or a star in a name is a letter like others."""
    return pl.scan_parquet(list(files), glob=False, hive_partitioning=False, extra_columns="ignore")


def within_calendar(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows with days that no calendar has moved to its first or last day.

    Some sources have such a day for "no end". Nothing can write it, and a library that tries ends
    its thread; the year 9999 is as far from what the contract allows.
    """
    days = [
        _clipped_to_calendar(name, dtype).alias(name)
        for name, dtype in frame.collect_schema().items()
        if dtype == pl.Date or isinstance(dtype, pl.Datetime)
    ]
    return frame.with_columns(days) if days else frame


def _clipped_to_calendar(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return dates or moments clipped to the first and last day that Python can write."""
    a_day = MOMENTS_A_DAY[getattr(dtype, "time_unit", "day")]
    ends = FIRST_DAY * a_day, (LAST_DAY + 1) * a_day - 1
    number = pl.col(name).to_physical()
    if all(abs(end) < MOST for end in ends):  # in nanoseconds no such moment can be written
        number = number.cast(pl.Int64).clip(*ends)
    return number.cast(pl.Int32 if dtype == pl.Date else pl.Int64).cast(dtype)


def wanted_of(
    place: str, there: Iterable[str], columns: frozenset[str] | None, own: bool = False
) -> list[str]:
    """Return which of a source's columns are needed; refuse a source that has none of them.

    `own`: it is a file of params/, which no mapping reads.
    """
    names = list(there)
    wanted = [name for name in names if columns is None or name in columns]
    if not wanted:
        listed = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        todo = "A mapping says which column is which: see docs/data.md."
        if own:
            todo = f"Its columns are {', '.join(sorted(columns or ()))}."
        raise SourceError.at(place, f"has no column of the contract, but {listed}", todo)
    return wanted


def first_line(error: BaseException, address: Address | None = None) -> str:
    """Return the first line of what a library said, which is the part for people.

    `address`: of the database that it was about; what may be secret in it is left out.
    """
    message = str(error).strip() or type(error).__name__
    return (address.without_secrets(message) if address else message).splitlines()[0][:200]


def what_it_looks_like(head: bytes) -> str | None:
    """Return what a file really is where its first bytes give it away; None for text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    if start.startswith(b"<?xml"):
        return "XML"
    if head.startswith(b"PK\x03\x04"):
        return "an Excel workbook or another zip archive"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "an old Excel workbook"
    for mark, what in _MARKS.items():
        if head.startswith(mark):
            return what
    if _JSON.match(head):
        return "JSON"
    if head[8:12] == b"DUCK":
        return "a DuckDB file"
    return "binary data" if b"\0" in head else None


_JSON = re.compile(rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*\{)')
_MARKS = {
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a SQLite file",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xff\xfe\0\0": "UTF-32 text",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}


def head_of(path: Path, size: int = 4096) -> bytes:
    """Return the first bytes of a file; raise SourceError where it is none or cannot be opened."""
    place = shown(path)
    if path.is_dir():
        todo = "A folder of Parquet files is named as the table, without an ending."
        raise SourceError.at(place, "is a folder where a file should be", todo)
    try:
        with open_regular(path) as file:
            return file.read(size)
    except FileNotFoundError as error:
        raise SourceError.at(place, "there is no such folder or file", "Check the path.") from error
    except PermissionError as error:
        todo = "Give yourself the right to read it."
        raise SourceError.at(place, f"cannot be read ({error.strerror})", todo) from error
    except OSError as error:
        raise SourceError.at(place, f"cannot be read ({error.strerror})") from error
