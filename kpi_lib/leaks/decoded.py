"""Messages, pages and notebooks as readers get them: decoded, down to what is hidden in them."""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

from kpi_lib.leaks.images import OddImageError, texts_of
from kpi_lib.leaks.page_text import is_scale, page_of
from kpi_lib.leaks.tokens import SEAM

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/=_-])")
_CODED = re.compile(  # as scripts and style sheets write letters
    r"\\u([0-9a-fA-F]{4})|\\u\{([0-9a-fA-F]{1,6})\}|\\x([0-9a-fA-F]{2})|\\([0-9a-fA-F]{1,6})[ \n]?"
)
_LAST_LETTER = 0x10FFFF
_NO_FIGURES = ("Message-ID", "Content-ID", "Content-Type", "MIME-Version")
_PAGES = ("text/html", "text/xml")
_PDF_ACTIVE = frozenset(("/JS", "/EF", "/RichMedia", "/XFA"))  # scripts and files
_PDF_CODES = frozenset(("/ID",))  # what a program has numbered
_MARKUP = re.compile(r"<[a-zA-Z!/][^>]*>")
_IMAGES = {"iVBORw0KGgo": "image/png", "/9j/": "image/jpeg"}  # how their base64 begins
_DEEPEST = 3


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
        for beside in (part.preamble, part.epilogue):
            yield from text_pieces("beside the parts", beside or "")
        if not part.is_multipart():
            yield from _mail_part_pieces(part)


def notebook_pieces(where: str, content: str) -> Iterator[Piece]:
    """Yield the texts of a notebook: its cells, what they showed, and their metadata."""
    try:
        notebook = json.loads(content)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableError(f"{where} is no notebook: {error}") from error
    yield from _json_pieces(where, notebook, "")


def _json_pieces(where: str, content: Any, kind: str) -> Iterator[Piece]:
    """Yield the texts of a JSON value, such as a notebook's, by what each of them holds."""
    if isinstance(content, dict):
        yield Piece(where, SEAM.join(map(str, content)), has_figures=False)
        for key, value in content.items():
            yield from _json_pieces(where, value, key if "/" in key else kind)
    elif isinstance(content, list):
        if content and all(isinstance(part, str) for part in content):
            yield from _json_pieces(where, "".join(content), kind)
        else:
            for part in content:
                yield from _json_pieces(where, part, kind)
    elif isinstance(content, str) and (image := _image_in_base64(content)):
        yield from _data_uri_pieces(where, image, True, content, 0)
    elif isinstance(content, str) and (kind.startswith("image/svg") or _MARKUP.search(content)):
        yield from html_pieces(where, content)
    elif isinstance(content, str) and kind.startswith("image/"):
        raise UnreadableError(f"{where} holds {kind}, which the leak check cannot read")
    elif content is not None and not isinstance(content, bool):
        yield from text_pieces(where, str(content))


def _image_in_base64(text: str) -> str | None:
    """Return the kind of image that a text stands for; a notebook's own data hold some."""
    return next((kind for begin, kind in _IMAGES.items() if text.startswith(begin)), None)


def text_pieces(where: str, text: str, depth: int = 0, figures: bool = True) -> Iterator[Piece]:
    """Yield a text as it stands, and what is encoded in it.

    `figures`: whether numbers in it are figures of a page. `depth`: how deep it is encoded already.
    """
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
    return _CODED.sub(_letter, text)


def _letter(found: re.Match[str]) -> str:
    number = int(next(filter(None, found.groups())), 16)
    return chr(number) if number <= _LAST_LETTER else found[0]


def html_pieces(where: str, text: str, depth: int = 0) -> Iterator[Piece]:
    """Yield the texts of a page: what is read, what is in attributes, and what is in images."""
    try:
        page = page_of(text)
    except ValueError as error:
        raise UnreadableError(f"{where} {error}") from error
    yield from text_pieces(f"{where}, text", "".join(page.read), depth, figures=False)
    yield Piece(f"{where}, text", "".join(page.apart))
    for axis in page.axes.values():
        yield Piece(f"{where}, axis", SEAM.join(axis), has_figures=not is_scale(axis))
    yield from text_pieces(f"{where}, attribute", SEAM.join(page.attributes_read), depth)
    for place, texts in (("attribute", page.other), ("not shown", page.unseen)):
        for piece in text_pieces(f"{where}, {place}", SEAM.join(texts), depth):
            yield replace(piece, has_figures=False)  # coordinates, sizes, programs
    yield from text_pieces(f"{where}, comment", SEAM.join(page.comments), depth)
    for framed in page.framed:
        yield from html_pieces(f"{where}, frame", framed, depth + 1)
    for kind, is_base64, data in page.data:
        yield from _data_uri_pieces(f"{where}, image", kind, is_base64, data, depth)


def _headers(part: EmailMessage, where: str) -> Iterator[Piece]:
    for name, value in part.items():
        yield from text_pieces(f"{where} {name}", str(value), figures=name not in _NO_FIGURES)


def _mail_part_pieces(part: EmailMessage) -> Iterator[Piece]:
    """Yield the texts of one part of a message; raise UnreadableError where it cannot be read."""
    kind = part.get_content_type()
    where = part.get_filename() or kind
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise UnreadableError(f"{where} is {kind}, which the leak check cannot read")
    if kind.startswith("text/"):
        text = _decoded(where, content, part.get_content_charset() or "utf-8")
        yield from (html_pieces if kind in _PAGES else text_pieces)(where, text)
    else:
        yield from _file_pieces(where, kind, content, 0)


def _decoded(where: str, content: bytes, charset: str = "utf-8") -> str:
    """Return a text in its own letters; raise UnreadableError where a viewer must guess them."""
    try:
        text = content.decode(charset)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableError(f"{where} is no text in {charset}: {error}") from error
    if "\0" in text:
        raise UnreadableError(f"{where} is no text in {charset}: it has zero bytes")
    return text


def _file_pieces(where: str, kind: str, content: bytes, depth: int) -> Iterator[Piece]:
    """Yield the texts of a PDF or image; raise UnreadableError for any other kind."""
    if kind == "application/pdf":
        yield from pdf_pieces(where, content)
    elif kind == "image/svg+xml":
        yield from html_pieces(where, _decoded(where, content), depth + 1)
    elif kind in ("image/png", "image/jpeg"):
        yield from _image_pieces(where, content, depth)
    else:
        raise UnreadableError(
            f"{where} is {kind or 'of no kind'}, which the leak check cannot read"
        )


def _image_pieces(where: str, content: bytes, depth: int) -> Iterator[Piece]:
    """Yield the texts that an image file holds beside its picture."""
    try:
        for text in texts_of(content):
            yield from text_pieces(f"{where}, beside the picture", text, depth + 1)
    except OddImageError as error:
        raise UnreadableError(f"{where} is an image that {error}") from error


def _data_uri_pieces(
    where: str, kind: str, is_base64: bool, data: str, depth: int
) -> Iterator[Piece]:
    """Yield the texts of what a data: URI holds; `depth` is how deep it lies within others."""
    if depth >= _DEEPEST:
        raise UnreadableError(f"{where} holds an image within an image within an image")
    try:
        content = base64.b64decode(data, validate=False) if is_base64 else unquote_to_bytes(data)
    except binascii.Error as error:
        raise UnreadableError(f"{where} cannot be decoded: {error}") from error
    if kind.startswith("text/"):
        yield from html_pieces(where, _decoded(where, content), depth + 1)
    else:
        yield from _file_pieces(where, kind, content, depth)


def pdf_pieces(where: str, content: bytes) -> Iterator[Piece]:
    """Yield what a PDF says, in its properties, notes and fonts too."""
    from pypdf import PdfReader  # only for whoever prefers a PDF
    from pypdf.errors import PyPdfError

    if not content.rstrip().endswith(b"%%EOF"):
        raise UnreadableError(f"{where} is a PDF that does not end where its pages do")

    try:
        reader = PdfReader(io.BytesIO(content))
        pages = [page.extract_text() for page in reader.pages]
        properties = [str(value) for value in (reader.metadata or {}).values()]
        fonts = {name for page in reader.pages for name in _fonts(page)}
        in_document = list(_pdf_extras(where, reader.trailer["/Root"]))
    except (PyPdfError, ValueError, KeyError) as error:
        raise UnreadableError(f"{where} is a PDF that cannot be read: {error}") from error
    if reader.attachments:
        raise UnreadableError(f"{where} is a PDF with files of its own in it")
    for piece in text_pieces(f"{where}, text", "\n".join(pages)):
        yield replace(piece, has_ticks=True)
    yield from text_pieces(f"{where}, properties", SEAM.join(properties), figures=False)
    yield from in_document
    yield Piece(f"{where}, fonts", SEAM.join(fonts), has_figures=False)


def _pdf_extras(where: str, root: Any) -> Iterator[Piece]:
    """Yield each text of a PDF that is no part of a page's own: notes, forms, outlines, layers.

    Raises UnreadableError for scripts and files in it.
    """
    from pypdf.generic import ArrayObject, DictionaryObject, StreamObject, TextStringObject

    left, met = [root], set()
    while left:
        one = left.pop()
        if reference := getattr(one, "indirect_reference", None):
            if reference.idnum in met:
                continue
            met.add(reference.idnum)
        if isinstance(one, StreamObject):
            yield from _stream(where, one)
        if isinstance(one, DictionaryObject):
            if held := _PDF_ACTIVE.intersection(one):
                raise UnreadableError(f"{where} is a PDF with {', '.join(sorted(held))} in it")
            left += [one[key] for key in one if key not in _PDF_CODES]
        elif isinstance(one, ArrayObject):
            left += [part.get_object() for part in one]
        elif isinstance(one, TextStringObject):
            yield from text_pieces(f"{where}, beside the pages", str(one))


def _stream(where: str, stream: Any) -> Iterator[Piece]:
    """Yield what a stream of a PDF says: its properties, what a note looks like, a photograph."""
    if stream.get("/Subtype") in ("/XML", "/Form"):
        text = stream.get_data().decode("utf-8", errors="replace")
        yield from text_pieces(f"{where}, beside the pages", text, figures=False)
    if stream.get("/Filter") == "/DCTDecode":
        yield from _image_pieces(where, stream._data_uri_pieces, 0)


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
