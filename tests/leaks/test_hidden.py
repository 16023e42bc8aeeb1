"""What pages and PDFs hold beside what they show: searched as well, or refused."""

from __future__ import annotations

import base64
import gzip
import io
import struct
import tracemalloc
import zlib

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)

from kpi_lib.leaks.figure_search import Numbers
from kpi_lib.leaks.images import PNG_START, texts_of
from kpi_lib.leaks.search import Known, LeakCheck
from tests import given

ALDER = given.content({"partner": {"partner_id": "P1", "name": "Alder"}, "kpis": []})
KNOWN = Known({"P1": "Alder", "P4": "Cedar"}, (), {}, Numbers([51203.0]))
SEARCH = LeakCheck(KNOWN).of(ALDER, "P1")


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def pdf_holding(place: str, key: str, value) -> bytes:
    """Return a PDF without a text on its page; `place` (root or page) has `value` under a key."""
    writer = PdfWriter()
    page = writer.add_blank_page(300, 200)
    {"root": writer._root_object, "page": page}[place][NameObject(key)] = value
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def of_pdf(**values) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in values.items()})


def stream_of_pdf(text: str, kind: str) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(text.encode())
    stream[NameObject("/Subtype")] = NameObject(kind)
    return stream


def image_at(scheme: str, content: bytes) -> str:
    return f"<img alt='' src='{scheme},{encoded(content)}'>"


CEDAR_SVG = "<svg xmlns='http://www.w3.org/2000/svg'><title>Cedar</title></svg>"
HIDDEN_IN_PAGES = {
    "as entities in a comment": "<!-- &#67;&#101;&#100;&#97;&#114; -->",
    "in base64 in a comment": f"<!-- {encoded(b'ask Cedar of it')} -->",
    "in an end tag": "<p>x</p title='Cedar'>",
    "as an element": "<x-cedar>x</x-cedar>",
    "escaped in a style sheet": "<style>p::after{content:'\\43 \\000065dar'}</style>",
    "in an image of a style sheet": (
        f"<style>p{{background:url(data:image/svg+xml;base64,{encoded(CEDAR_SVG.encode())})}}</style>"
    ),
    "escaped in a script": "<script>var a='\\u0043edar', b='\\u{43}edar'</script>",
    "in base64 in a script": f"<script>atob('{encoded(b'ask Cedar of it')}')</script>",
    "escaped in a style": "<p style='background:url(data:,%43%65%64%61%72)'>x</p>",
    "in a page within the page": "<iframe srcdoc='&lt;p&gt;&amp;#67;edar&lt;/p&gt;'></iframe>",
    "a figure in a comment": "<!-- 51,203 -->",
    "a figure in a field": "<input placeholder='51,203'>",
    "cut by insertions": "<p>Ce<ins></ins>dar</p>",
    "cut by code": "<p>Ce<code>dar</code></p>",
    "cut by an image": "<p>Ce<img alt=''>dar</p>",
    "in capitals of an address": image_at("DATA:image/svg+xml;BASE64", CEDAR_SVG.encode()),
    "after a space in an address": image_at("data:image/svg+xml; base64", CEDAR_SVG.encode()),
    "in letters of two bytes": image_at("data:image/svg+xml;base64", CEDAR_SVG.encode("utf-16")),
    "in a packed drawing": image_at("data:image/svg+xml;base64", gzip.compress(CEDAR_SVG.encode())),
}


@pytest.mark.parametrize("hidden", HIDDEN_IN_PAGES.values(), ids=HIDDEN_IN_PAGES)
def test_what_a_page_holds_and_does_not_show_is_found(hidden):
    assert SEARCH.page("a.html", f"<h1>Alder</h1>{hidden}<p>x</p>")


CEDAR_NOTE = {
    "its subject": {"Subj": TextStringObject("Cedar")},
    "its formatted text": {"RC": TextStringObject("<p>Cedar</p>")},
    "the value of a field": {"T": TextStringObject("x"), "V": TextStringObject("Cedar")},
    "its look": {"AP": of_pdf(N=stream_of_pdf("BT (Cedar) Tj ET", "/Form"))},
}
HIDDEN_IN_PDFS = {
    **{f"of a note, {name}": ("page", "/Annots", ArrayObject([of_pdf(**entries)]))
       for name, entries in CEDAR_NOTE.items()},
    "its properties in XML": ("root", "/Metadata", stream_of_pdf("<title>Cedar</title>", "/XML")),
    "the name of a layer": ("root", "/OCProperties",
                            of_pdf(OCGs=ArrayObject([of_pdf(Name=TextStringObject("Cedar"))]))),
    "an outline": ("root", "/Outlines", of_pdf(First=of_pdf(Title=TextStringObject("Cedar")))),
    "what readers are shown of a picture": (
        "root", "/StructTreeRoot", of_pdf(Alt=TextStringObject("Cedar"))),
    "a script": ("root", "/OpenAction", of_pdf(JS=TextStringObject("app.alert(1)"))),
    "a file": ("page", "/Annots", ArrayObject([of_pdf(FS=of_pdf(EF=of_pdf()))])),
}  # fmt: skip


@pytest.mark.parametrize("held", HIDDEN_IN_PDFS.values(), ids=HIDDEN_IN_PDFS)
def test_what_a_pdf_says_beside_its_pages_is_found(held):
    assert SEARCH.pdf("a.pdf", pdf_holding(*held))


def test_a_pdf_with_bytes_after_its_end_is_refused():
    plain = pdf_holding("root", "/Lang", TextStringObject("en"))
    assert SEARCH.pdf("a.pdf", plain) == []
    (leak,) = SEARCH.pdf("a.pdf", plain + b"\nCedar")
    assert "does not end where its pages do" in leak.where


def test_a_page_that_tells_of_nobody_else_is_no_leak():
    plain = "<style>p{color:red}</style><!-- made for Alder --><p title='x'>Alder</p>"
    assert SEARCH.page("a.html", plain) == []


BROKEN = {
    "a page of a section that no standard knows": lambda: SEARCH.page("a.html", "<p><![x[y]]>"),
    "a notebook cut off": lambda: SEARCH.notebook("a.ipynb", '{"cells": ['),
    "a notebook nested beyond reading": lambda: SEARCH.notebook("a.ipynb", "[" * 200_000),
    "a notebook with a picture cut off": lambda: SEARCH.notebook("a.ipynb", '["iVBORw0KGgo="]'),
    "a notebook with a picture in no base64": lambda: SEARCH.notebook(
        "a.ipynb", '["iVBORw0KGgoAx"]'
    ),
}


@pytest.mark.parametrize("search", BROKEN.values(), ids=BROKEN)
def test_what_is_too_broken_to_be_searched_is_a_leak_and_ends_no_run(search):
    assert [leak.what for leak in search()] == ["it cannot be searched"]


def test_what_cannot_be_searched_is_named_by_its_file():
    (page,) = SEARCH.page("a.html", "<p><![x[y]]>")
    (notebook,) = SEARCH.notebook("a.ipynb", '{"cells": [')
    assert page.where.startswith("a.html is no markup")
    assert notebook.where.startswith("a.ipynb is no notebook")


def png_of(rows: int) -> bytes:
    """Return a PNG of so many rows of zeros, each of a thousand bytes."""
    picture = zlib.compress(bytes(1000 * rows), 9)
    chunks = ((b"IHDR", bytes(13)), (b"IDAT", picture), (b"IEND", b""))
    parts = (struct.pack(">I", len(data)) + kind + data + bytes(4) for kind, data in chunks)
    return PNG_START + b"".join(parts)


def test_a_picture_is_searched_without_being_held_in_memory_unpacked():
    content = png_of(100_000)
    assert len(content) < 200_000
    tracemalloc.start()
    try:
        assert list(texts_of(content)) == []
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
