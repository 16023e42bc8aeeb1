"""What an image says beside its picture: texts, comments, profiles, bytes after its end."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

PNG_START, JPEG_START = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
LARGEST_TEXT = 1_000_000  # bytes that a packed text may unpack to
# Chunks with the picture itself, or with a few numbers of a fixed size: nothing for readers.
_PICTURE = {b"IHDR": 13, b"PLTE": 768, b"IDAT": None, b"IEND": 0, b"tRNS": 256, b"bKGD": 6,
            b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"sBIT": 4, b"tIME": 7}  # fmt: skip
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"iCCP", b"sPLT")
_STANDALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # JPEG markers without a length
_END, _SCAN = 0xD9, 0xDA
_JPEG_PICTURE = frozenset(
    (0xDB, 0xC4, 0xDD, *range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC))
)
_APP0, _LAST_APP, _COMMENT = 0xE0, 0xEF, 0xFE


class OddImageError(ValueError):
    """An image that carries what no viewer shows."""


def texts_of(content: bytes) -> Iterator[str]:
    """Yield every text that a PNG or JPEG carries; raise OddImageError for what cannot be read."""
    try:
        if content.startswith(PNG_START):
            yield from _png_texts(content)
        elif content.startswith(JPEG_START):
            yield from _jpeg_texts(content)
        else:
            raise OddImageError("is no PNG or JPEG, whatever it says")
    except OddImageError:
        raise
    except (struct.error, IndexError, ValueError, zlib.error) as error:
        raise OddImageError(f"is broken ({error})") from error


def _png_texts(content: bytes) -> Iterator[str]:
    """Yield the texts of a PNG; raise OddImageError where it holds what no viewer shows."""
    place, kind, picture = len(PNG_START), b"", zlib.decompressobj()
    while place < len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + size]
        place += 12 + size
        if kind in _TEXTS:
            yield _text_of(kind, data)
        elif kind not in _PICTURE or size > (_PICTURE[kind] or size):
            raise OddImageError(f"has a part {kind.decode('latin-1')!r} that no viewer shows")
        while kind == b"IDAT" and data:  # piece by piece: a small file may be a huge picture
            picture.decompress(data, LARGEST_TEXT)
            data = picture.unconsumed_tail
        if kind == b"IEND":
            break
    if place != len(content) or kind != b"IEND" or picture.unused_data:
        raise OddImageError("does not end where its picture does")


def _text_of(kind: bytes, data: bytes) -> str:
    """Return what a chunk says, unpacked where it is packed."""
    name, _, rest = data.partition(b"\0")
    if kind in (b"zTXt", b"iCCP"):
        return f"{_plain(name)} {_plain(_unpacked(rest[1:]))}"
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:]
        language, _, rest = rest.partition(b"\0")
        title, _, text = rest.partition(b"\0")
        text = _unpacked(text) if packed else text
        return " ".join(_plain(part) for part in (name, language, title, text))
    return _plain(data)


def _unpacked(data: bytes) -> bytes:
    """Return a packed text; raise OddImageError where it is too large or something follows it."""
    unpack = zlib.decompressobj()
    text = unpack.decompress(data, LARGEST_TEXT)
    if unpack.unconsumed_tail:
        raise OddImageError("holds a text that is too large to be read")
    if unpack.unused_data:
        raise OddImageError("has bytes after a packed text")
    return text


def _jpeg_texts(content: bytes) -> Iterator[str]:
    """Yield the texts of a JPEG; raise OddImageError where it holds what no viewer shows."""
    place = len(JPEG_START)
    while True:
        if content[place] != 0xFF:
            raise OddImageError("is broken (no marker where one should be)")
        marker = content[place + 1]
        if marker == _END:
            break
        if marker in _STANDALONE:
            place += 2
            continue
        (size,) = struct.unpack_from(">H", content, place + 2)
        data = content[place + 4 : place + 2 + size]
        place += 2 + size
        if marker == _COMMENT or _APP0 <= marker <= _LAST_APP:
            yield _plain(data)
        elif marker == _SCAN:
            place = _after_scan(content, place)
        elif marker not in _JPEG_PICTURE:
            raise OddImageError(f"has a part {marker:#x} that no viewer shows")
    if place + 2 != len(content):
        raise OddImageError("does not end where its picture does")


def _after_scan(content: bytes, place: int) -> int:
    """Return where the next marker stands: within a scan 0xFF is followed by 0 or a restart."""
    while True:
        place = content.index(b"\xff", place)
        follows = content[place + 1]
        if follows != 0 and not 0xD0 <= follows <= 0xD7:
            return place
        place += 2


def _plain(data: bytes) -> str:
    """Return bytes as the text that they may be: as they stand, and in two bytes a letter."""
    wide = data.decode("utf-16-le", "ignore") + " " + data.decode("utf-16-be", "ignore")
    return f"{data.decode('utf-8', 'replace')} {_readable(wide)}".replace("\0", " ")


def _readable(text: str) -> str:
    """Return the Latin letters and digits of a text that may be no text at all."""
    return "".join(c if c.isascii() and c.isprintable() else "\n" for c in text)
