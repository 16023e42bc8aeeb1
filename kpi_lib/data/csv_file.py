"""CSV files: read as text, row by row numbered, and named as what they are when they are not CSV.

The text is staged as Parquet: every later scan is cheap and reads only the columns it needs.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from kpi_lib.data.faults import STRUCTURE, Fault
from kpi_lib.data.raw import ROW, Raw, first_line, head_of, wanted_of, what_it_looks_like
from kpi_lib.errors import Problem, SourceError
from kpi_lib.paths import shown

CHUNK = 1 << 22
BLOCK = 1 << 23  # of what is parsed at once; a row must fit in it
DELIMITERS = {";": ";", "\t": "a tab", "|": "|", ",": ","}


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written: ours by default, another one only through a mapping."""

    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True)
class _Bytes:
    """What one pass over the bytes tells."""

    fingerprint: str
    quotes: int


def read_csv(
    path: Path, staged: Path, columns: frozenset[str] | None = None, form: CsvForm | None = None
) -> Raw:
    """Return a CSV file's rows as text, staged in `staged`, only `columns` of them if given."""
    form = form or CsvForm()
    _check_is_text(path)
    told = _read_bytes(path, form)
    header = _header(path, form)
    if told.quotes % 2:
        _check_quotes(path, form)
    wanted = wanted_of(shown(path), header, columns)
    ragged = _stage(path, staged, header, wanted, form)
    frame = _numbered(pl.scan_parquet(staged), sorted(ragged))
    faults = [
        Fault(path.stem, row, "", text, kind="ragged row", rank=STRUCTURE)
        for row, text in sorted(ragged.items())
    ]
    others = tuple(name for name in header if name not in wanted)
    return Raw(frame, shown(path), told.fingerprint, faults, others=others)


def _check_is_text(path: Path) -> None:
    head = head_of(path)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceError.at(shown(path), "is empty", "A table has at least its header line.")
    what = what_it_looks_like(head)
    if what:
        todo = "Save it as CSV in UTF-8." if "text" in what else "Export the table as CSV."
        raise SourceError.at(shown(path), f"is no CSV file; it looks like {what}", todo)


def _read_bytes(path: Path, form: CsvForm) -> _Bytes:
    """Go over all bytes once: the fingerprint, the encoding, the number of quotes."""
    digest, quotes, seen = hashlib.sha256(), 0, 0
    decoder = codecs.getincrementaldecoder(form.encoding)()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            quotes += chunk.count(b'"')
            kept = len(decoder.getstate()[0])  # bytes of a character that a chunk cut in two
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise _wrong_encoding(path, seen - kept + error.start, form) from error
            seen += len(chunk)
    return _Bytes(digest.hexdigest(), quotes)


def _wrong_encoding(path: Path, offset: int, form: CsvForm) -> SourceError:
    row, near = _row_at(path, offset, form), _word_at(path, offset)
    place = f"{shown(path)} row {row}" if row else f"{shown(path)} header"
    bad = path.read_bytes()[offset : offset + 1].hex().upper()
    problem = Problem(
        place,
        f"byte {bad} is not {form.encoding.upper()}; it looks like latin-1, which reads {near!r}",
        "Save the file as UTF-8, or say `encoding: latin-1` of it in a mapping.",
    )
    return SourceError(problem)


def _row_at(path: Path, offset: int, form: CsvForm) -> int:
    """Return the data row in which a byte stands; 0 is the header."""

    def lines_before() -> Iterator[str]:
        left = offset + 1
        with path.open("rb") as file:
            for line in file:
                yield line[:left].decode("latin-1")
                left -= len(line)
                if left <= 0:
                    return

    return sum(1 for row in csv.reader(lines_before(), delimiter=form.delimiter) if row) - 1


def _word_at(path: Path, offset: int) -> str:
    with path.open("rb") as file:
        file.seek(max(0, offset - 20))
        before, after = file.read(min(20, offset)), file.read(20)
    text = (before + b"\0" + after).decode("latin-1")
    left, _, right = text.partition("\0")
    words = "".join(c if c.isalpha() else " " for c in left[-20:])
    rest = "".join(c if c.isalpha() else " " for c in right)
    return words.rpartition(" ")[2] + rest.partition(" ")[0]


def _header(path: Path, form: CsvForm) -> list[str]:
    """Return the column names; refuse a delimiter that is another one, and names that repeat."""
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    with path.open(encoding=encoding, newline="") as file:
        header = next((row for row in csv.reader(file, delimiter=form.delimiter) if row), [])
    if len(header) == 1:
        _check_delimiter(path, header[0], form)
    twice = [f"{name!r}" for name, times in Counter(header).items() if times > 1]
    if twice:
        found = f"column {', '.join(twice)} stands more than once in the header"
        raise SourceError.at(shown(path), found, "Give each column a name of its own.")
    return header


def _check_delimiter(path: Path, header: str, form: CsvForm) -> None:
    counts = {mark: header.count(mark) for mark in DELIMITERS if mark != form.delimiter}
    mark = max(counts, key=lambda each: counts[each])
    if counts[mark]:
        raise SourceError.at(
            shown(path),
            f"its fields are separated by {DELIMITERS[mark]}, not by {DELIMITERS[form.delimiter]}",
            f"Save it with commas, or say `delimiter: {mark!r}` of it in a mapping.",
        )


def _check_quotes(path: Path, form: CsvForm) -> None:
    """Stop at a quote that is never closed: it would swallow every row after it."""
    encoding = "utf-8-sig" if form.encoding == "utf-8" else form.encoding
    with path.open(encoding=encoding, newline="") as file:
        row = -1
        try:
            for _ in csv.reader(file, delimiter=form.delimiter, strict=True):
                row += 1
        except csv.Error as error:
            if "end of data" in str(error):
                found = "a quote is opened here and never closed"
                todo = 'Close it, or double it ("") where it is part of the text.'
                raise SourceError.at(f"{shown(path)} row {row + 1}", found, todo) from error


def _stage(
    path: Path, staged: Path, header: list[str], wanted: list[str], form: CsvForm
) -> dict[int, str]:
    """Write the wanted columns as text; return the rows with too many or too few fields."""
    ragged: dict[int, str] = {}

    def note(row: pacsv.InvalidRow) -> str:
        fields = "1 field" if row.actual_columns == 1 else f"{row.actual_columns} fields"
        ragged[row.number - 1] = f"{fields}, where the header has {row.expected_columns}"
        return "skip"

    schema = pa.schema([(name, pa.string()) for name in wanted])
    if b"\n" not in head_of(path, CHUNK):  # a header alone, which pyarrow takes for nothing
        pq.write_table(schema.empty_table(), staged)
        return ragged
    try:
        with (
            pacsv.open_csv(path, *_options(header, wanted, form, note)) as batches,
            pq.ParquetWriter(staged, schema, compression="lz4") as out,
        ):
            for batch in batches:
                out.write_batch(batch)
    except pa.ArrowInvalid as error:
        raise SourceError.at(shown(path), f"is no CSV file ({first_line(error)})") from error
    return ragged


def _options(
    header: list[str], wanted: list[str], form: CsvForm, on_ragged: object
) -> tuple[pacsv.ReadOptions, pacsv.ParseOptions, pacsv.ConvertOptions]:
    return (
        # One thread: only then are the rows numbered.
        pacsv.ReadOptions(use_threads=False, block_size=BLOCK, encoding=form.encoding),
        pacsv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=on_ragged
        ),
        pacsv.ConvertOptions(
            include_columns=wanted,
            column_types={name: pa.string() for name in header},
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _numbered(frame: pl.LazyFrame, lost: list[int]) -> pl.LazyFrame:
    """Return the rows numbered as the file has them, the lost ones counted."""
    frame = frame.with_row_index(ROW, offset=1)
    if not lost:
        return frame
    kept_before = pl.Series(np.array(lost) - 1 - np.arange(len(lost)))
    shift = pl.lit(kept_before).search_sorted(pl.col(ROW).cast(pl.Int64), side="left")
    return frame.with_columns((pl.col(ROW) + shift).cast(pl.UInt32).alias(ROW))
