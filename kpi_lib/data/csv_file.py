"""CSV files: read as text, row by row numbered, and named as what they are when they are not CSV.

The text is staged as Parquet: every later scan is cheap and reads only the columns it needs.
"""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pacsv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from kpi_lib.data.csv_text import (
    DELIMITERS,
    SAVE_AS,
    CsvForm,
    CsvText,
    check_is_text,
    first_rows,
    read_bytes,
    text_of,
)
from kpi_lib.data.faults import STRUCTURE, Fault
from kpi_lib.data.pinned_files import Held
from kpi_lib.data.raw import ROW, Raw, first_line, reading, scanned, wanted_of
from kpi_lib.errors import ScorecardError, SourceError
from kpi_lib.paths import shown

BLOCK = 1 << 23  # of what is parsed at once; a row must fit in it


def read_csv(
    path: Path, staged: Path, columns: frozenset[str] | None = None, form: CsvForm | None = None
) -> Raw:
    """Return a CSV file's rows as text, staged in `staged`, only `columns` of them if given."""
    form = form or CsvForm()
    check_is_text(path, form)
    with reading(shown(path), [Held.where_it_is(path)]):
        content = read_bytes(path, form)
        text = text_of(path, form, staged)
        header = _header(text, form.expects or columns or ())
        if content.quotes % 2:
            _check_quotes(text)
        names = {_composed(name): name for name in header}
        wanted = wanted_of(text.place, names, columns, form.own)
        ragged = _stage(text, staged, header, {name: names[name] for name in wanted})
    frame = _numbered(scanned(staged), sorted(ragged))
    faults = [
        Fault(path.stem, row, "", fault, kind="ragged row", rank=STRUCTURE)
        for row, fault in sorted(ragged.items())
    ]
    others = tuple(name for name in names if name not in wanted)
    return Raw(frame, text.place, content.fingerprint, faults, others=others)


def _composed(name: str) -> str:
    """Return a column's name in the Unicode form in which mappings are read too."""
    return unicodedata.normalize("NFC", name)


def own_form(path: Path, columns: Collection[str]) -> CsvForm:
    """Return how a file of params/ is written: by its delimiter its columns are found."""
    form = CsvForm(own=True)
    check_is_text(path, form)
    text = text_of(path, form, path)
    return replace(text.form, delimiter=_likely_header(text, columns)[0])


def _header(text: CsvText, expected: Collection[str]) -> list[str]:
    """Return the column names; refuse a header that is not where and as it must be."""
    delimiter, line = _likely_header(text, expected)
    rows = first_rows(text, text.form.delimiter)
    if not rows:
        found = f"ends before line {text.form.header_line}, on which its header is to stand"
        todo = "Correct `header_line` of it in the mapping, or export the table again."
        raise SourceError.at(text.place, found, todo)
    header = rows[0][1]
    if delimiter != text.form.delimiter:
        raise _other_delimiter(text, delimiter)
    if line != rows[0][0]:
        todo = text.form.advice("Delete the lines above it", f"header_line: {line}")
        raise SourceError.at(text.place, f"its header seems to stand on line {line}", todo)
    if len(header) == 1:
        _check_delimiter(text, header[0])
    twice = [f"{name!r}" for name, times in Counter(map(_composed, header)).items() if times > 1]
    if twice:
        found = f"column {', '.join(twice)} stands more than once in the header"
        raise SourceError.at(text.place, found, "Give each column a name of its own.")
    return header


def _likely_header(text: CsvText, expected: Collection[str]) -> tuple[str, int]:
    """Return the delimiter and the line by which most of the expected names are found.

    Where several are as good, the delimiter of the form and the first line.
    """
    ours = text.form.delimiter
    best, most = (ours, 0), -1
    for delimiter in (ours, *(mark for mark in DELIMITERS if mark != ours)):
        for line, row in first_rows(text, delimiter):
            found = len({_composed(name) for name in row} & set(expected))
            if found > most:
                best, most = (delimiter, line), found
        if most > 0:
            break
    return best


def _other_delimiter(text: CsvText, mark: str) -> ScorecardError:
    """Return the error of a file whose fields another mark separates than was said."""
    ours = text.form.delimiter
    found = f"its fields are separated by {DELIMITERS[mark]}, not by {DELIMITERS.get(ours, ours)}"
    return SourceError.at(text.place, found, text.form.advice(SAVE_AS, f"delimiter: {mark!r}"))


def _check_delimiter(text: CsvText, header: str) -> None:
    """Refuse the only name of a header that seems to be several, separated by another sign."""
    counts = {mark: header.count(mark) for mark in DELIMITERS if mark != text.form.delimiter}
    mark = max(counts, key=lambda each: counts[each])
    if counts[mark]:
        raise _other_delimiter(text, mark)


def _check_quotes(text: CsvText) -> None:
    """Stop at a quote that is never closed: it would swallow every row after it."""
    with text.at.open(encoding=text.form.codec, newline="") as file:
        row = -1
        reader = csv.reader(file, delimiter=text.form.delimiter, strict=True)
        try:
            for fields in reader:
                row += bool(fields) and reader.line_num >= text.form.header_line
        except csv.Error as error:
            if "end of data" in str(error):
                found = "a quote is opened here and never closed"
                todo = 'Close it, or double it ("") where it is part of the text.'
                raise SourceError.at(f"{text.place} row {row + 1}", found, todo) from error


def _stage(
    text: CsvText, staged: Path, header: list[str], wanted: dict[str, str]
) -> dict[int, str]:
    """Write the wanted columns as text to the Parquet file `staged`.

    `wanted` has the header that a column has in the file, by the name that it is wanted under.

    Returns the rows with too many or too few fields: their number, and what is wrong.
    """
    ragged: dict[int, str] = {}

    def note(row: pacsv.InvalidRow) -> str:
        fields = "1 field" if row.actual_columns == 1 else f"{row.actual_columns} fields"
        fault = f"{fields}, where the header has {row.expected_columns}"
        ragged[row.number - text.form.header_line] = fault
        return "skip"

    schema = pa.schema([(name, pa.string()) for name in wanted])
    if len(first_rows(text, text.form.delimiter)) < 2:  # pyarrow takes a header alone for nothing
        pq.write_table(schema.empty_table(), staged)
        return ragged
    try:
        with (
            pacsv.open_csv(text.at, *_reader_options(text.form, header, wanted, note)) as batches,
            pq.ParquetWriter(staged, schema, compression="lz4") as out,
        ):
            for batch in batches:
                out.write_batch(batch.rename_columns(list(wanted)))
    except pa.ArrowException as error:
        raise SourceError.at(text.place, f"is no CSV file ({first_line(error)})") from error
    return ragged


def _reader_options(
    form: CsvForm, header: list[str], wanted: dict[str, str], on_ragged: object
) -> tuple[pacsv.ReadOptions, pacsv.ParseOptions, pacsv.ConvertOptions]:
    """Return how pyarrow reads the file: all as text, in one thread so that rows are numbered."""
    # One thread: only then are the rows numbered.
    threads = {"use_threads": False, "skip_rows": form.header_line - 1}
    return (
        pacsv.ReadOptions(**threads, block_size=BLOCK, encoding=form.encoding),
        pacsv.ParseOptions(
            delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=on_ragged
        ),
        pacsv.ConvertOptions(
            include_columns=list(wanted.values()),
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
