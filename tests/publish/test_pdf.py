"""A page on paper: tagged, two sheets, the same bytes, and nothing fetched."""

from __future__ import annotations

import io
import os

import pypdf
import pytest

from kpi_lib.errors import CallError, RunError
from kpi_lib.publish import pdf

try:
    pdf.require_engine()
except CallError as missing:
    if "CI" in os.environ:
        raise
    pytest.skip(str(missing), allow_module_level=True)

HEAD = "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Söhne, 2011-Q3</title>"
PAGE = HEAD + "<style>@page {{ size: A4 }}</style></head><body><h1>Söhne</h1>{}</body></html>"


def read(content: bytes):
    return pypdf.PdfReader(io.BytesIO(content))


def test_a_pdf_is_tagged_and_bears_the_pages_language_and_title():
    made = read(pdf.pdf_of(PAGE.format("<p>£52,466</p>")))
    catalogue = made.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/Lang"] == "en"
    assert made.metadata.title == "Söhne, 2011-Q3"
    assert "£52,466" in made.pages[0].extract_text()


def test_the_same_page_is_the_same_bytes():
    page = PAGE.format("<p>Once</p>")
    assert pdf.pdf_of(page) == pdf.pdf_of(page)


def test_what_is_a_little_too_long_is_set_smaller_and_stays_a4():
    page = PAGE.format("<p style='height: 205mm; margin: 0'>x</p>" * 3)
    tall = PAGE.format("".join(f"<p style='height: 26mm; margin: 0'>{n}</p>" for n in range(21)))
    assert len(read(pdf.pdf_of(page)).pages) == 3
    whole, small = read(pdf.pdf_of(tall)), read(pdf.pdf_of(tall, sheets=2))
    assert (len(whole.pages), len(small.pages)) == (3, 2)
    for made in (whole, small):
        width, height = (float(side) for side in made.pages[0].mediabox[2:])
        assert (round(width), round(height)) == (595, 842)


@pytest.mark.parametrize(
    "element",
    [
        "<img src='https://spy.test/dot.png' alt=''>",
        "<img src='file:///etc/passwd' alt=''>",
        "<p style=\"background: url('http://spy.test/x')\">x</p>",
    ],
)
def test_a_page_that_asks_for_something_becomes_no_pdf(element):
    with pytest.raises(RunError, match="the page asks for"):
        pdf.pdf_of(PAGE.format(element))


def test_without_its_engine_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(CallError, match="install Pango"):
        pdf.require_engine()
