"""Messages, pages and notebooks as readers get them: decoded, down to what is hidden in them."""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from itertools import pairwise
from math import floor, log10
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from kpi_lib.leaks.images import OddImageError, texts_of
from kpi_lib.leaks.words import SEAM

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/=_-])")
_DATA_URI = re.compile(r"data:([\w/+.-]*)(?:;[\w=.-]+)*?(;base64)?,([^\"'\s)]*)")
_CODED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")  # as scripts write letters
_NO_FIGURES = ("Message-ID", "Content-ID", "Content-Type", "MIME-Version")
_INLINE = frozenset(("a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong",
                     "sub", "sup", "tspan", "u", "wbr"))  # fmt: skip
_HOLDS_FIGURES = ("span", "tspan")
_TOLD = frozenset(
    ("alt", "title", "href", "src", "content", "value", "abbr", "summary", "aria-label")
)
_MARKUP = re.compile(r"<[a-zA-Z!/][^>]*>")
_IMAGES = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg"}  # how their base64 begins
_DEEPEST = 3
_TICK = re.compile(r"([xy])tick_\d+")  # as the charts' library names them
_AT_TICK = re.compile(
    r"([-\N{MINUS SIGN}]?\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?)\s?(K|Tsd|Mio|Mrd|M|B|)", re.IGNORECASE
)
_SHORTENED = {"": 1.0, "K": 1e3, "TSD": 1e3, "M": 1e6, "MIO": 1e6, "B": 1e9, "MRD": 1e9}
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)


@dataclass(frozen=True)
class Piece:
    """A text of a message and where it is; `has_figures`: whether its numbers are for readers."""

    where: str
    text: str
    has_figures: bool = True
    has_ticks: bool = False  # the numbers at a chart's axis stand among the others


class UnreadableError(ValueError):
    """A part that cannot be read, and so cannot be let out."""


def pieces_of(content: bytes) -> Iterator[Piece]:
    """Yield every text of a message; raise UnreadableError for a part of another kind."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)  # the policy makes it
    yield from _headers(message, "header")
    for part in message.walk():  # a message within a message too
        if part is not message:
            yield from _headers(part, "header of a part")
        if not part.is_multipart():
            yield from _part(part)


def notebook_pieces(where: str, content: str) -> Iterator[Piece]:
    """Yield the texts of a notebook: its cells, what they showed, and what is told of them."""
    yield from _of_json(where, json.loads(content), "")


def _of_json(where: str, told: Any, kind: str) -> Iterator[Piece]:
    if isinstance(told, dict):
        yield Piece(where, SEAM.join(map(str, told)), has_figures=False)
        for key, value in told.items():
            yield from _of_json(where, value, key if "/" in key else kind)
    elif isinstance(told, list):
        if told and all(isinstance(part, str) for part in told):
            yield from _of_json(where, "".join(told), kind)
        else:
            for part in told:
                yield from _of_json(where, part, kind)
    elif isinstance(told, str) and (image := _image_in_base64(told)):
        yield from _bytes(where, image, base64.b64decode(told), 0)
    elif isinstance(told, str) and (kind.startswith("image/svg") or _MARKUP.search(told)):
        yield from html_pieces(where, told)
    elif isinstance(told, str) and kind.startswith("image/"):
        raise UnreadableError(f"{where} holds {kind}, which the leak check cannot read")
    elif told is not None and not isinstance(told, bool):
        yield from text_pieces(where, str(told))


def _image_in_base64(text: str) -> str | None:
    """Return the kind of image that a text stands for; a notebook's own data hold some."""
    return next((kind for begin, kind in _IMAGES.items() if text.startswith(begin)), None)


def text_pieces(where: str, text: str, depth: int = 0, figures: bool = True) -> Iterator[Piece]:
    """Yield a text as it stands, and what is encoded in it."""
    yield Piece(where, text, figures)
    if depth >= _DEEPEST:
        return
    for way in (html.unescape, unquote, _uncoded):
        plain = way(text)
        if plain != text:
            yield from text_pieces(f"{where}, decoded", plain, depth + 1, figures)
    for found in _BASE64.finditer(text):
        hidden = _from_base64(found[0])
        if hidden:
            yield from text_pieces(f"{where}, in base64", hidden, depth + 1)


def _uncoded(text: str) -> str:
    return _CODED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def html_pieces(where: str, text: str, depth: int = 0) -> Iterator[Piece]:
    """Yield the texts of a page: what is read, what is in attributes, and what is in images."""
    page = _Page()
    page.feed(text)
    page.close()
    yield from text_pieces(f"{where}, text", "".join(page.read), depth, figures=False)
    yield Piece(f"{where}, text", "".join(page.apart))
    for axis in page.axes.values():
        yield Piece(f"{where}, axis", SEAM.join(axis), has_figures=not _is_scale(axis))
    yield from text_pieces(f"{where}, attribute", SEAM.join(page.told), depth)
    yield Piece(f"{where}, attribute", SEAM.join(page.other), has_figures=False)
    yield Piece(f"{where}, not shown", SEAM.join(page.unseen), has_figures=False)
    for kind, is_base64, data in page.data:
        yield from _data(f"{where}, image", kind, is_base64, data, depth)


class _Page(HTMLParser):
    """Takes a page apart; entities are resolved on the way."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.apart: list[str] = []  # the same; two figures in two spans are not one
        self.told: list[str] = []
        self.other: list[str] = []
        self.unseen: list[str] = []
        self.data: list[tuple[str, bool, str]] = []
        self.axes: dict[str, list[str]] = defaultdict(list)  # of charts: what stands at the ticks
        self._silent = 0
        self._classed: list[bool] = []  # elements that may hold a figure: whether a class says what
        self._open: list[str] = []  # groups of a chart: the axis of each, if it is a tick

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HOLDS_FIGURES:
            self._classed.append(any(name == "class" for name, _ in attrs))
        self._seam(tag)
        self._silent += tag in ("style", "script")
        if tag == "g":
            found = _TICK.fullmatch(dict(attrs).get("id") or "")
            self._open.append(found[1] if found else "")
        for name, value in attrs:
            self._attribute(name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._seam(tag)
        if tag in _HOLDS_FIGURES and self._classed:
            self._classed.pop()
        self._silent -= tag in ("style", "script") and self._silent > 0
        if tag == "g" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._silent:
            self.unseen.append(data)
            return
        self.read.append(data)
        axis = next(filter(None, self._open), "")
        (self.axes[axis] if axis and data.strip() else self.apart).append(data)

    def handle_comment(self, data: str) -> None:
        self.unseen.append(data)

    def handle_decl(self, decl: str) -> None:
        self.unseen.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.unseen.append(data)

    def handle_pi(self, data: str) -> None:
        self.unseen.append(data)

    def _seam(self, tag: str) -> None:
        if tag not in _INLINE:
            self.read.append(SEAM)
        # The pages' own elements hold a figure each; one without a class may cut a figure in two.
        if tag not in _INLINE or (tag in _HOLDS_FIGURES and self._classed and self._classed[-1]):
            self.apart.append(SEAM)

    def _attribute(self, name: str, value: str) -> None:
        found = _DATA_URI.findall(value)
        self.data += [(kind, bool(mark), data) for kind, mark, data in found]
        value = _DATA_URI.sub("", value) if found else value
        is_told = name in _TOLD or name.startswith(("data-", "aria-"))
        (self.told if is_told else self.other).append(f"{name} {value}")


def _is_scale(ticks: list[str]) -> bool:
    """Say whether the numbers at an axis are what a chart counts in: even, and plain, steps.

    >>> _is_scale(["800", "1K", "1.2K"]), _is_scale(["0", "800", "1,600"]), _is_scale(["A", "B"])
    (True, True, False)
    >>> _is_scale(["51.2K", "63.8K"])
    False
    """
    found = [found for tick in ticks if (found := _AT_TICK.search(tick))]
    if len(found) != len(ticks):
        return False
    # 1,600 is a thousand to some readers, and 1.6 to others.
    ways = ([_at_tick(tick, decimal) for tick in found] for decimal in (True, False))
    return any(_is_even(numbers) for numbers in ways)


def _at_tick(found: re.Match[str], decimal: bool) -> float:
    mark = "." if decimal else ""
    text = re.sub(r"[.,]", mark, re.sub(r"\s", "", found[1])).replace("\N{MINUS SIGN}", "-")
    whole, _, rest = text.rpartition(".")
    return (
        float(f"{whole.replace('.', '')}.{rest}" if whole else text) * _SHORTENED[found[2].upper()]
    )


def _is_even(numbers: list[float]) -> bool:
    steps = {round(b - a, 6) for a, b in pairwise(numbers)}
    if len(steps) != 1:
        return False
    (step,) = steps
    return step > 0 and round(step / 10 ** floor(log10(step)), 6) in _STEPS


def _headers(part: EmailMessage, where: str) -> Iterator[Piece]:
    for name, value in part.items():
        yield from text_pieces(f"{where} {name}", str(value), figures=name not in _NO_FIGURES)


def _part(part: EmailMessage) -> Iterator[Piece]:
    kind = part.get_content_type()
    where = part.get_filename() or kind
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise UnreadableError(f"{where} is {kind}, which the leak check cannot read")
    if kind.startswith("text/"):
        text = content.decode(part.get_content_charset() or "utf-8", errors="replace")
        yield from (html_pieces if kind == "text/html" else text_pieces)(where, text)
    else:
        yield from _bytes(where, kind, content, 0)


def _bytes(where: str, kind: str, content: bytes, depth: int) -> Iterator[Piece]:
    if kind == "application/pdf":
        yield from pdf_pieces(where, content)
    elif kind == "image/svg+xml":
        yield from html_pieces(where, content.decode("utf-8", errors="replace"), depth + 1)
    elif kind in ("image/png", "image/jpeg"):
        yield from _image(where, content, depth)
    else:
        raise UnreadableError(
            f"{where} is {kind or 'of no kind'}, which the leak check cannot read"
        )


def _image(where: str, content: bytes, depth: int) -> Iterator[Piece]:
    try:
        for text in texts_of(content):
            yield from text_pieces(f"{where}, beside the picture", text, depth + 1)
    except OddImageError as error:
        raise UnreadableError(f"{where} is an image that {error}") from error


def _data(where: str, kind: str, is_base64: bool, data: str, depth: int) -> Iterator[Piece]:
    if depth >= _DEEPEST:
        raise UnreadableError(f"{where} holds an image within an image within an image")
    try:
        content = base64.b64decode(data, validate=False) if is_base64 else unquote_to_bytes(data)
    except binascii.Error as error:
        raise UnreadableError(f"{where} cannot be decoded: {error}") from error
    if kind.startswith("text/"):
        yield from html_pieces(where, content.decode("utf-8", errors="replace"), depth + 1)
    else:
        yield from _bytes(where, kind, content, depth)


def pdf_pieces(where: str, content: bytes) -> Iterator[Piece]:
    """Yield what a PDF says, in its properties, notes and fonts too."""
    from pypdf import PdfReader  # only for whoever prefers a PDF
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        pages = [page.extract_text() for page in reader.pages]
        told = [str(value) for value in (reader.metadata or {}).values()]
        notes = [str(value) for page in reader.pages for value in _notes(page)]
        fonts = {name for page in reader.pages for name in _fonts(page)}
    except (PyPdfError, ValueError, KeyError) as error:
        raise UnreadableError(f"{where} is a PDF that cannot be read: {error}") from error
    if reader.attachments:
        raise UnreadableError(f"{where} is a PDF with files of its own in it")
    for piece in text_pieces(f"{where}, text", "\n".join(pages)):
        yield replace(piece, has_ticks=True)
    yield from text_pieces(f"{where}, properties", SEAM.join([*told, *notes]), figures=False)
    yield Piece(f"{where}, fonts", SEAM.join(fonts), has_figures=False)


def _notes(page: object) -> Iterator[object]:
    """Yield the texts of a page's annotations."""
    for note in page.get("/Annots") or ():  # type: ignore[attr-defined]
        yield from (note.get_object().get(key, "") for key in ("/Contents", "/T", "/A"))


def _fonts(page: Any) -> Iterator[str]:
    """Yield the names of a page's fonts."""
    resources = page.get("/Resources")
    fonts = resources.get_object().get("/Font") if resources else None
    for font in fonts.get_object().values() if fonts else ():
        yield str(font.get_object().get("/BaseFont", ""))


def _from_base64(text: str) -> str | None:
    """Return the text that base64 stands for, or None where it is none."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        hidden = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return hidden if hidden.isprintable() or hidden.replace("\n", " ").isprintable() else None
