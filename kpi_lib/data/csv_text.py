"""The bytes of a CSV file: their fingerprint, their encoding, and where they are wrong."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from kpi_lib.data.raw import head_of, what_it_looks_like
from kpi_lib.errors import Problem, SourceError
from kpi_lib.paths import shown

CHUNK = 1 << 22
LOOKED_AT = 30  # rows, to find a header that does not stand on top
LONGEST_LINE = 1 << 16
csv.field_size_limit(1 << 27)  # Python's own limit is far below what a comment may hold
DELIMITERS = {";": ";", "\t": "a tab", "|": "|", ",": ","}
# The first line by which Excel tells itself how the fields of the others are separated.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\1*\s*', re.IGNORECASE)
UTF_16 = "utf-16"
_ONLY_CP1252 = re.compile(rb"[\x80-\x9f]")
_NO_SIGN_OF_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
SAVE_AS = "Save it as CSV UTF-8, which spreadsheets have in their list of formats"


@dataclass(frozen=True)
class CsvForm:
    """How a CSV file is written: ours by default, another one only through a mapping.

    `header_line`: the line that holds the column names. `expects`: column names by which the
    header is known where it stands elsewhere. `own`: a file of params/, which no mapping reads.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    header_line: int = 1
    expects: frozenset[str] = frozenset()
    own: bool = False

    @property
    def codec(self) -> str:
        """The codec that reads it, which drops a byte order mark."""
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding

    def advice(self, mend: str, said: str) -> str:
        """Return what to do about a file that is written in another way: no mapping reads ours."""
        return f"{mend}." if self.own else f"{mend}, or say `{said}` of it in a mapping."


@dataclass(frozen=True)
class CsvText:
    """A CSV file that is text: the place in words, the file to read it from, how it is written."""

    place: str
    at: Path
    form: CsvForm


@dataclass(frozen=True)
class Bytes:
    """What one pass over the bytes tells."""

    fingerprint: str
    quotes: int


def check_is_text(path: Path, form: CsvForm) -> None:
    """Raise SourceError where a file is empty, or something else than text."""
    head = head_of(path)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceError.at(shown(path), "is empty", "A table has at least its header line.")
    what = None if form.encoding == UTF_16 else what_it_looks_like(head)
    if what == "UTF-16 text":
        found = "is no CSV file in UTF-8; it looks like UTF-16 text"
        raise SourceError.at(shown(path), found, form.advice(SAVE_AS, "encoding: utf-16"))
    if what:
        todo = "Export the table as CSV."
        raise SourceError.at(shown(path), f"is no CSV file; it looks like {what}", todo)


def read_bytes(path: Path, form: CsvForm) -> Bytes:
    """Go over all bytes once: the fingerprint, the encoding, the number of quotes."""
    digest, quotes, seen = hashlib.sha256(), 0, 0
    decoder = codecs.getincrementaldecoder(form.encoding)()
    with path.open("rb") as file:
        for chunk in chain(iter(lambda: file.read(CHUNK), b""), [b""]):
            digest.update(chunk)
            quotes += chunk.count(b'"')
            kept = len(decoder.getstate()[0])  # bytes of a character that a chunk cut in two
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:  # of UTF-16 without its mark, which is at no place
                offset = seen - kept + getattr(error, "start", 0)
                raise _wrong_encoding(path, offset, form) from error
            seen += len(chunk)
    return Bytes(digest.hexdigest(), quotes)


def _wrong_encoding(path: Path, offset: int, form: CsvForm) -> SourceError:
    """Return the error of a byte that the encoding does not have, with the likely one."""
    if form.encoding == UTF_16:
        todo = "Correct `encoding`, or export the file again."
        return SourceError(Problem(shown(path), "is not UTF-16, as the mapping says", todo))
    row, content = _row_at(path, offset, form), path.read_bytes()
    place = f"{shown(path)} row {row}" if row > 0 else f"{shown(path)} header"
    bad = content[offset : offset + 1].hex().upper()
    found = f"byte {bad} is not {form.encoding.upper()}"
    if form.encoding != "utf-8":
        return SourceError(Problem(place, found, "Correct `encoding` in the mapping."))
    if _is_mostly_utf_8(content):
        todo = "Mend this place, or export the file again."
        return SourceError(Problem(place, f"{found}, and the rest of the file is", todo))
    likely = _likely_encoding(content)
    word = _word_at(content, offset, likely)
    problem = f"{found}; it looks like {likely}, which reads {word!r}"
    return SourceError(Problem(place, problem, form.advice(SAVE_AS, f"encoding: {likely}")))


def _is_mostly_utf_8(content: bytes) -> bool:
    """Say whether other signs beyond ASCII are UTF-8: text of another encoding hardly ever is."""
    beyond = [sign for sign in content.decode("utf-8", "replace") if not sign.isascii()]
    return 2 * beyond.count("\ufffd") <= len(beyond)


def _likely_encoding(content: bytes) -> str:
    """Return cp1252 where a byte has a sign only there, as the euro has; else latin-1."""
    is_cp1252 = _ONLY_CP1252.search(content) and not _NO_SIGN_OF_CP1252.search(content)
    return "cp1252" if is_cp1252 else "latin-1"


def _row_at(path: Path, offset: int, form: CsvForm) -> int:
    """Return the data row in which a byte stands; 0 is the header."""

    def lines_before() -> Iterator[str]:
        left = offset + 1
        with path.open(encoding="latin-1", newline="") as file:  # a sign for each byte
            for line in file:
                yield line[:left]
                left -= len(line)
                if left <= 0:
                    return

    reader = csv.reader(lines_before(), delimiter=form.delimiter)
    return sum(1 for row in reader if row and reader.line_num >= form.header_line) - 1


def _word_at(content: bytes, offset: int, encoding: str) -> str:
    """Return the word around a byte, read in an encoding; for a person to see whether it fits."""
    before, after = content[max(0, offset - 20) : offset], content[offset : offset + 20]
    left, right = (part.decode(encoding, "replace") for part in (before, after))
    words = "".join(c if c.isalpha() else " " for c in left)
    rest = "".join(c if c.isalpha() else " " for c in right)
    return words.rpartition(" ")[2] + rest.partition(" ")[0]


def text_of(path: Path, form: CsvForm, staged: Path) -> CsvText:
    """Return the text of a file: of UTF-16 a copy that is UTF-8, past the line that Excel adds."""
    at = path
    if form.encoding == UTF_16:
        at = staged.with_suffix(".utf-8.csv")
        _copy_as_utf_8(path, at)
        form = replace(form, encoding="utf-8")
    with at.open(encoding=form.codec, errors="replace", newline="") as file:
        said = SEPARATOR_LINE.fullmatch(file.readline(LONGEST_LINE))
    if said and form.header_line == 1:
        form = replace(form, delimiter=said[1], header_line=2)
    return CsvText(shown(path), at, form)


def _copy_as_utf_8(path: Path, copy: Path) -> None:
    """Copy a UTF-16 file as UTF-8."""
    with (
        path.open(encoding=UTF_16, newline="") as old,
        copy.open("w", encoding="utf-8", newline="") as new,
    ):
        while part := old.read(CHUNK):
            new.write(part)


def first_rows(text: CsvText, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the first rows that are not empty, each with the line on which it ends."""
    with text.at.open(encoding=text.form.codec, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            rows = ((reader.line_num, row) for row in reader if row)
            below = ((line, row) for line, row in rows if line >= text.form.header_line)
            return list(islice(below, LOOKED_AT))
        except csv.Error as error:
            found = f"its header cannot be read ({error})"
            raise SourceError.at(text.place, found, "Export the table again.") from error
