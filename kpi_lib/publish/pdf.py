"""A finished page as a PDF: tagged, its fonts inside, made of nothing but the page itself.

The same page gives the same bytes on the same machine: no date is in it, and its identifier is the
page's own hash. WeasyPrint makes it, which tags what it writes and needs no browser.
"""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from types import ModuleType

from kpi_lib.errors import CallError, Problem, RunError

CARRIED = "data:"  # what a page holds itself
SCALES = (1.0, 0.94, 0.88, 0.82)
_FIXED_DATE = "0"  # fontTools stamps fonts that it rewrites; seconds since 1970


def pdf_of(page: str, sheets: int | None = None) -> bytes:
    """Return the page as a PDF of A4 sheets; raise RunError where it asks for what it has not.

    `sheets`: how many it may fill. A page that is longer is set smaller, by a fifth at most; what
    does not fit then either takes the sheets that it takes.
    """
    weasyprint = _engine()
    os.environ.setdefault("SOURCE_DATE_EPOCH", _FIXED_DATE)
    identifier = hashlib.sha256(page.encode()).hexdigest()[:32].encode()
    try:
        for scale in SCALES if sheets else SCALES[:1]:
            # A larger sheet, drawn smaller: everything shrinks alike, and the paper stays A4.
            size = (
                f"<style>@page {{ size: {210 / scale:.3f}mm {297 / scale:.3f}mm }}</style></head>"
            )
            sized = page.replace("</head>", size, 1)
            document = weasyprint.HTML(string=sized, url_fetcher=_only_carried).render(
                pdf_tags=True
            )
            if sheets is None or len(document.pages) <= sheets:
                break
        options = {"pdf_tags": True, "pdf_identifier": identifier}
        return bytes(document.write_pdf(zoom=scale, **options))
    except weasyprint.urls.FatalURLFetchingError as error:
        raise RunError(
            Problem("PDF", str(error), "A page holds all it shows; remove what asks for more.")
        ) from error


def require_engine() -> None:
    """Raise CallError where no PDF can be made, and say what is missing."""
    _engine()


def _engine() -> ModuleType:
    """Return WeasyPrint: it takes a second to import, and only PDFs need it."""
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: it is there, and the system's Pango is not
        raise CallError.at(
            "--pdf",
            f"WeasyPrint cannot be used ({str(error).strip().splitlines()[0]})",
            "Run `make setup`, and install Pango: libpango-1.0-0, libpangoft2-1.0-0 and "
            "libharfbuzz-subset0 on Debian; pango elsewhere.",
        ) from error
    return weasyprint


def _only_carried(url: str) -> object:
    """Return what a data: URL holds; any other is fatal, not a warning and a blank."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    if not url.lower().startswith(CARRIED):
        raise FatalURLFetchingError(f"the page asks for {url}")
    return URLFetcher(allowed_protocols=("data",)).fetch(url)
