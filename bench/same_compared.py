"""Holds what two versions made against each other, file by file."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from itertools import zip_longest
from pathlib import Path

import polars as pl
from same_stamps import FITTED, Stamps, Value, is_fitted, left_out, same_drawing

NOTHING = 1e-12  # figures as near to each other around 0 are the same
AROUND = 60  # signs of a line that are shown on either side of where it differs
ABSENT = "(not there)"
CHART = re.compile(r"(?<=data:image/svg\+xml;base64,)[A-Za-z0-9+/=]+")
_MARK = re.compile(r"[0-9a-f]{32}(?=@|_\d+)")
Lines = Iterable[str]


@dataclass(frozen=True)
class Difference:
    """Where two versions differ within a file, and what either has there."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Made:
    """What one version made: its folder, and what is a stamp in it."""

    folder: Path
    stamps: Stamps

    def names(self) -> set[str]:
        """Return the names of all files below the folders of the companies."""
        found = (file for file in self.folder.glob("*/**/*") if file.is_file())
        return {file.relative_to(self.folder).as_posix() for file in found}

    def content(self, name: str) -> bytes:
        """Return a file as it is."""
        return (self.folder / name).read_bytes()

    def text(self, name: str) -> str:
        """Return a file as text without its stamps; bytes that are no text are written out."""
        text = self.content(name).decode("utf-8", errors="backslashreplace")
        return self.stamps.out_of_text(name, text)

    def value(self, name: str) -> Value:
        """Return what a JSON file holds, without its stamps."""
        return self.stamps.out_of_value(name, json.loads(self.text(name)))

    def table(self, name: str) -> pl.DataFrame:
        """Return a table."""
        return pl.read_parquet(io.BytesIO(self.content(name)))

    def lines_of_message(self, name: str) -> Lines:
        """Return a message as it is read: headers and texts decoded, a hash of any other part.

        What is made of its hash, as the seams between its parts are, is taken out.
        """
        for part in message_from_bytes(self.content(name), policy=default).walk():
            yield from (_MARK.sub("", f"{key}: {value}") for key, value in part.items())
            if part.get_content_maintype() == "text":
                yield from part.get_content().split("\n")
            elif not part.is_multipart():
                yield hashlib.sha256(part.get_content()).hexdigest()

    def lines_of_pdf(self, name: str) -> Lines:
        """Return the lines of text of a PDF."""
        from pypdf import PdfReader

        pages = PdfReader(io.BytesIO(self.content(name))).pages
        return "\n".join(page.extract_text() for page in pages).split("\n")


@dataclass
class Compared:
    """What came of it: how many files of each kind are the same, and what differs in the others."""

    same: Counter[str] = field(default_factory=Counter)
    differ: dict[str, list[Difference]] = field(default_factory=dict)
    not_asked: int = 0


@dataclass(frozen=True)
class Pair:
    """What two versions made; `near`: how far, as a fraction, figures that are the same may lie."""

    before: Made
    after: Made
    near: float

    def compare(self, but: Iterable[str] = ()) -> Compared:
        """Return all files held against each other; `but`: patterns of names that may differ."""
        found = Compared()
        for name in sorted(self.before.names() | self.after.names()):
            if left_out(name):
                continue
            if left_out(name, but):
                found.not_asked += 1
            elif differences := list(self._differences(name)):
                found.differ[name] = differences
            else:
                found.same[Path(name).suffix] += 1
        return found

    def _differences(self, name: str) -> Iterator[Difference]:
        there = [(made.folder / name).is_file() for made in (self.before, self.after)]
        if not all(there):
            yield Difference("file", *("there" if it else ABSENT for it in there))
        elif self.before.content(name) != self.after.content(name):
            ways: dict[str, Callable[[str], Iterator[Difference]]] = {
                ".json": self._of_json,
                ".parquet": self._of_tables,
                ".pdf": self._of_pdfs,
                ".eml": self._of_messages,
            }
            yield from ways.get(Path(name).suffix, self._of_texts)(name)

    def _of_texts(self, name: str) -> Iterator[Difference]:
        yield from _of_lines(*(made.text(name).split("\n") for made in (self.before, self.after)))

    def _of_messages(self, name: str) -> Iterator[Difference]:
        yield from _as_read(*(made.lines_of_message(name) for made in (self.before, self.after)))

    def _of_pdfs(self, name: str) -> Iterator[Difference]:
        yield from _as_read(*(made.lines_of_pdf(name) for made in (self.before, self.after)))

    def _of_json(self, name: str) -> Iterator[Difference]:
        yield from self._of_values(name, "", self.before.value(name), self.after.value(name))

    def _of_values(self, name: str, where: str, one: Value, other: Value) -> Iterator[Difference]:
        """Yield where two values of a file differ, however deep; keys have no order."""
        if isinstance(one, dict) and isinstance(other, dict):
            for key in sorted(one.keys() | other.keys()):
                pair = (value.get(key, ABSENT) for value in (one, other))
                yield from self._of_values(name, f"{where}.{key}", *pair)
        elif isinstance(one, list) and isinstance(other, list):
            for place, pair in enumerate(zip_longest(one, other, fillvalue=ABSENT)):
                yield from self._of_values(name, f"{where}[{place}]", *pair)
        elif not _same(one, other, FITTED if is_fitted(name, where) else self.near):
            yield Difference(where or "all of it", _shown(one), _shown(other))

    def _of_tables(self, name: str) -> Iterator[Difference]:
        one, other = self.before.table(name), self.after.table(name)
        if list(one.schema.items()) != list(other.schema.items()):
            yield from self._of_values(name, "columns", _columns(one), _columns(other))
        elif one.height != other.height:
            yield Difference("rows", f"{one.height:,}", f"{other.height:,}")
        else:
            for row, pair in enumerate(zip(one.iter_rows(), other.iter_rows(), strict=True), 1):
                first = ", ".join(map(str, pair[0][:3]))
                for column, *values in zip(one.columns, *pair, strict=True):
                    where = f"row {row} ({first}) {column}"
                    yield from self._of_values(name, where, *values)


def _same(one: Value, other: Value, near: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        close = math.isclose(one, other, rel_tol=near, abs_tol=NOTHING)
        return close or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def _columns(table: pl.DataFrame) -> list[str]:
    return [f"{name}: {kind}" for name, kind in table.schema.items()]


def _as_read(before: Lines, after: Lines) -> Iterator[Difference]:
    """Yield the lines that differ in what is read of two files, or that only their bytes do.

    The same page gives the same bytes, so bytes are compared; what is read says where to look.
    """
    found = list(_of_lines(before, after))
    yield from found or [Difference("bytes", "they read the same", "they read the same")]


def _of_lines(before: Lines, after: Lines) -> Iterator[Difference]:
    """Yield each line that differs; in one with charts, first what their drawing is."""
    for number, pair in enumerate(zip_longest(before, after, fillvalue=ABSENT), 1):
        if pair[0] != pair[1]:
            texts = [CHART.sub("", line) for line in pair]
            if texts[0] != texts[1]:
                yield Difference(f"line {number}", *_around(*texts))
            yield from _of_charts(number, *(CHART.findall(line) for line in pair))


def _of_charts(number: int, before: list[str], after: list[str]) -> Iterator[Difference]:
    """Yield the first line of each chart of a line that draws something else."""
    for chart, pair in enumerate(zip_longest(before, after, fillvalue=""), 1):
        drawings = (base64.b64decode(drawing).decode().split("\n") for drawing in pair)
        for row, lines in enumerate(zip_longest(*drawings, fillvalue=ABSENT), 1):
            if not same_drawing(*lines):
                where = f"line {number}, its chart {chart}, line {row} of the drawing"
                yield Difference(where, *_around(*lines))
                break


def _around(one: str, other: str) -> Iterator[str]:
    """Yield what stands in each line around the first sign that differs: pages have long ones."""
    pairs = enumerate(zip_longest(one, other))
    first = next(place for place, (sign, its) in pairs if sign != its)
    start = max(first - AROUND, 0)
    for line in (one, other):
        cut = line[start : first + AROUND]
        yield f"{'…' * (start > 0)}{cut}{'…' * (len(line) > first + AROUND)}"


def _shown(value: Value) -> str:
    text = repr(value)
    return text if len(text) <= 2 * AROUND else f"{text[: 2 * AROUND]}…"
