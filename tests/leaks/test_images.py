"""An image may say more than it shows: that is read, or the image is refused."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from kpi_lib.leaks.images import OddImageError, texts_of


def picture(kind, **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 7), "#0b5cad").save(out, format=kind, **options)
    return out.getvalue()


def titled(text, packed) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", text, zip=packed)
    return info


def in_exif(text):
    exif = Image.Exif()
    exif[0x010E] = text  # the description
    return exif


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(picture("PNG", pnginfo=titled("see Cedar", False)), id="a text"),
        pytest.param(picture("PNG", pnginfo=titled("see Cedar", True)), id="a packed text"),
        pytest.param(picture("PNG", pnginfo=titled("Cedar \u4e1c", False)), id="another script"),
        pytest.param(picture("PNG", exif=in_exif("Cedar")), id="Exif of a PNG"),
        pytest.param(picture("JPEG", comment=b"Cedar"), id="a comment"),
        pytest.param(picture("JPEG", exif=in_exif("Cedar")), id="Exif of a JPEG"),
        pytest.param(picture("JPEG", comment="Cedar".encode("utf-16-le")), id="two bytes a letter"),
    ],
)  # fmt: skip
def test_what_an_image_says_beside_its_picture_is_read(content):
    assert "Cedar" in " ".join(texts_of(content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_plain_picture_says_nothing_and_is_not_refused(kind):
    assert "Cedar" not in " ".join(texts_of(picture(kind)))
    assert list(texts_of(picture("JPEG", progressive=True))) is not None


def with_more(kind: bytes, data: bytes) -> bytes:
    """Return a picture with one more chunk, behind those of the picture."""
    whole = picture("PNG")
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole[:-12] + chunk + whole[-12:]


def test_what_no_viewer_shows_is_refused():
    whole = picture("PNG")
    data = b"Cedar"
    chunk = (
        struct.pack(">I", len(data))
        + b"prVt"
        + data
        + struct.pack(">I", zlib.crc32(b"prVt" + data))
    )
    for content in (
        whole[:33] + chunk + whole[33:],
        whole + b"Cedar",
        with_more(b"IDAT", b"Cedar"),
        with_more(b"zTXt", b"Title\0\0" + zlib.compress(b"x") + b"Cedar"),
        picture("JPEG") + b"Cedar",
        whole[:-8],
        picture("JPEG")[:-4],
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
    ):  # fmt: skip
        with pytest.raises(OddImageError):
            list(texts_of(content))


def test_a_text_that_unpacks_without_end_is_refused():
    data = b"Title\0\0" + zlib.compress(b"0" * 5_000_000)
    whole = picture("PNG")
    chunk = struct.pack(">I", len(data)) + b"zTXt" + data + b"\0\0\0\0"
    with pytest.raises(OddImageError, match="too large"):
        list(texts_of(whole[:33] + chunk + whole[33:]))
