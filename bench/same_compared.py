"""Holds what two versions made against each other, file by file."""

from __future__ import annotations

import io
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import polars as pl
from same_stamps import Stamps, Value, left_out

CLOSE, NOTHING = 1e-9, 1e-12  # how near two figures are the same: relative, and around 0
AROUND = 60  # signs of a line that are shown on either side of where it differs
ABSENT = "(not there)"


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


@dataclass
class Compared:
    """What came of it: how many files of each kind are the same, and what differs in the others."""

    same: Counter[str] = field(default_factory=Counter)
    differ: dict[str, list[Difference]] = field(default_factory=dict)
    not_asked: int = 0


def compare(before: Made, after: Made, but: Iterable[str] = ()) -> Compared:
    """Return what two versions made, held against each other; `but`: patterns of names left out."""
    found = Compared()
    there = before.names(), after.names()
    for name in sorted(there[0] | there[1]):
        if left_out(name):
            continue
        if left_out(name, but):
            found.not_asked += 1
            continue
        differences = list(_of_file(before, after, name, there))
        if differences:
            found.differ[name] = differences
        else:
            found.same[Path(name).suffix] += 1
    return found


def _of_file(
    before: Made, after: Made, name: str, there: tuple[set[str], set[str]]
) -> Iterator[Difference]:
    if not all(name in names for names in there):
        yield Difference("file", *("there" if name in names else ABSENT for names in there))
    elif before.content(name) != after.content(name):
        yield from _WAYS.get(Path(name).suffix, _of_texts)(before, after, name)


def _of_texts(before: Made, after: Made, name: str) -> Iterator[Difference]:
    yield from _of_lines(before.text(name), after.text(name))


def _of_lines(before: str, after: str) -> Iterator[Difference]:
    lines = zip_longest(before.split("\n"), after.split("\n"), fillvalue=ABSENT)
    for number, (one, other) in enumerate(lines, 1):
        if one != other:
            yield Difference(f"line {number}", *_around(one, other))


def _around(one: str, other: str) -> Iterator[str]:
    """Yield what stands in each line around the first sign that differs: pages have long ones."""
    pairs = enumerate(zip_longest(one, other))
    first = next(place for place, (sign, its) in pairs if sign != its)
    start = max(first - AROUND, 0)
    for line in (one, other):
        cut = line[start : first + AROUND]
        yield f"{'…' * (start > 0)}{cut}{'…' * (len(line) > first + AROUND)}"


def _of_json(before: Made, after: Made, name: str) -> Iterator[Difference]:
    values = (
        made.stamps.out_of_value(name, json.loads(made.text(name))) for made in (before, after)
    )
    yield from _of_values("", *values)


def _of_values(where: str, one: Value, other: Value) -> Iterator[Difference]:
    """Yield where two values differ, however deep; the order of keys means nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _of_values(f"{where}.{key}", one.get(key, ABSENT), other.get(key, ABSENT))
    elif isinstance(one, list) and isinstance(other, list):
        for place, pair in enumerate(zip_longest(one, other, fillvalue=ABSENT)):
            yield from _of_values(f"{where}[{place}]", *pair)
    elif not _same(one, other):
        yield Difference(where or "all of it", *(_shown(value) for value in (one, other)))


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        both_none = math.isnan(one) and math.isnan(other)
        return both_none or math.isclose(one, other, rel_tol=CLOSE, abs_tol=NOTHING)
    return type(one) is type(other) and one == other


def _shown(value: Value) -> str:
    text = repr(value)
    return text if len(text) <= 2 * AROUND else f"{text[: 2 * AROUND]}…"


def _of_tables(before: Made, after: Made, name: str) -> Iterator[Difference]:
    one, other = (pl.read_parquet(io.BytesIO(made.content(name))) for made in (before, after))
    if one.schema != other.schema or list(one.columns) != list(other.columns):
        yield from _of_values("columns", *(_types(frame) for frame in (one, other)))
    elif one.height != other.height:
        yield Difference("rows", f"{one.height:,}", f"{other.height:,}")
    else:
        for row, pair in enumerate(zip(one.iter_rows(), other.iter_rows(), strict=True), 1):
            for column, value, its in zip(one.columns, *pair, strict=True):
                of_row = ", ".join(map(str, pair[0][:3]))
                yield from _of_values(f"row {row} ({of_row}) {column}", value, its)


def _types(frame: pl.DataFrame) -> list[str]:
    return [f"{name}: {kind}" for name, kind in frame.schema.items()]


def _of_pdfs(before: Made, after: Made, name: str) -> Iterator[Difference]:
    """Yield the lines that differ in the text of a PDF, or that only its drawing does.

    The same page gives the same bytes, so it is compared as bytes; its text says where to look.
    """
    found = list(_of_lines(*(_text_of_pdf(made.content(name)) for made in (before, after))))
    yield from found or [Difference("drawing", "the same text", "the same text")]


def _text_of_pdf(content: bytes) -> str:
    from pypdf import PdfReader

    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


_WAYS: dict[str, Callable[[Made, Made, str], Iterator[Difference]]] = {
    ".json": _of_json,
    ".parquet": _of_tables,
    ".pdf": _of_pdfs,
}
