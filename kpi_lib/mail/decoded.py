"""A message as whoever gets it can read it: every part decoded, down to what is hidden in it."""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from urllib.parse import unquote, unquote_to_bytes

from kpi_lib.mail.words import SEAM

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/=_-])")
_DATA_URI = re.compile(r"data:([\w/+.-]*)(?:;[\w=.-]+)*?(;base64)?,([^\"'\s)]*)")
_PNG_TEXTS = (b"tEXt", b"iTXt", b"zTXt", b"eXIf")
_NO_FIGURES = ("Message-ID", "Content-ID", "Content-Type", "MIME-Version")
_INLINE = frozenset(("a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong",
                     "sub", "sup", "tspan", "u", "wbr"))  # fmt: skip
_HOLDS_FIGURES = ("span", "tspan")
_TOLD = frozenset(
    ("alt", "title", "href", "src", "content", "value", "abbr", "summary", "aria-label")
)
_DEEPEST = 3


@dataclass(frozen=True)
class Piece:
    """A text of a message and where it is; `has_figures`: whether its numbers are for readers."""

    where: str
    text: str
    has_figures: bool = True


class UnreadableError(ValueError):
    """A part that cannot be read, and so cannot be let out."""


def pieces_of(content: bytes) -> Iterator[Piece]:
    """Yield every text of a message; raise UnreadableError for a part of another kind."""
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)  # the policy makes it
    yield from _headers(message, "header")
    for part in message.walk():
        if part is not message:
            yield from _headers(part, "header of a part")
        if not part.is_multipart():
            yield from _part(part)


def text_pieces(where: str, text: str, depth: int = 0, figures: bool = True) -> Iterator[Piece]:
    """Yield a text as it stands, and what is encoded in it."""
    yield Piece(where, text, figures)
    if depth >= _DEEPEST:
        return
    for plain in {html.unescape(text), unquote(text)} - {text}:
        yield Piece(f"{where}, decoded", plain, figures)
    for found in _BASE64.finditer(text):
        hidden = _from_base64(found[0])
        if hidden:
            yield from text_pieces(f"{where}, in base64", hidden, depth + 1)


def html_pieces(where: str, text: str, depth: int = 0) -> Iterator[Piece]:
    """Yield the texts of a page: what is read, what is in attributes, and what is in images."""
    page = _Page()
    page.feed(text)
    page.close()
    yield from text_pieces(f"{where}, text", "".join(page.read), depth, figures=False)
    yield Piece(f"{where}, text", "".join(page.apart))
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
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seam(tag)
        self._silent += tag in ("style", "script")
        for name, value in attrs:
            self._attribute(name, value or "")

    def handle_endtag(self, tag: str) -> None:
        self._seam(tag)
        self._silent -= tag in ("style", "script") and self._silent > 0

    def handle_data(self, data: str) -> None:
        for texts in (self.unseen,) if self._silent else (self.read, self.apart):
            texts.append(data)

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
        if tag not in _INLINE or tag in _HOLDS_FIGURES:
            self.apart.append(SEAM)

    def _attribute(self, name: str, value: str) -> None:
        found = _DATA_URI.findall(value)
        self.data += [(kind, bool(mark), data) for kind, mark, data in found]
        value = _DATA_URI.sub("", value) if found else value
        is_told = name in _TOLD or name.startswith(("data-", "aria-"))
        (self.told if is_told else self.other).append(f"{name} {value}")


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
        yield from _pdf(where, content)
    elif kind == "image/svg+xml":
        yield from html_pieces(where, content.decode("utf-8", errors="replace"), depth + 1)
    elif kind == "image/png" and content.startswith(b"\x89PNG"):
        if any(mark in content for mark in _PNG_TEXTS):
            raise UnreadableError(f"{where} is an image that carries texts of its own")
    else:
        raise UnreadableError(
            f"{where} is {kind or 'of no kind'}, which the leak check cannot read"
        )


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


def _pdf(where: str, content: bytes) -> Iterator[Piece]:
    from pypdf import PdfReader  # only for whoever prefers a PDF
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        pages = [page.extract_text() for page in reader.pages]
        told = [str(value) for value in (reader.metadata or {}).values()]
        notes = [str(value) for page in reader.pages for value in _notes(page)]
    except (PyPdfError, ValueError, KeyError) as error:
        raise UnreadableError(f"{where} is a PDF that cannot be read: {error}") from error
    if reader.attachments:
        raise UnreadableError(f"{where} is a PDF with files of its own in it")
    yield from text_pieces(f"{where}, text", "\n".join(pages))
    yield Piece(f"{where}, properties", "\n".join([*told, *notes]), has_figures=False)


def _notes(page: object) -> Iterator[object]:
    """Yield the texts of a page's annotations."""
    for note in page.get("/Annots") or ():  # type: ignore[attr-defined]
        yield from (note.get_object().get(key, "") for key in ("/Contents", "/T", "/A"))


def _from_base64(text: str) -> str | None:
    """Return the text that base64 stands for, or None where it is none."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        hidden = base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return hidden if hidden.isprintable() or hidden.replace("\n", " ").isprintable() else None
