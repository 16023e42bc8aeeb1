"""The account manager's note: Markdown as somebody typed it, shown without anything that could act.

What is not plain prose (raw HTML, pictures, headings that would break the page's order, links that
are neither https nor mail) is shown as the text that it is.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from kpi_lib.show.common.language import _
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.common.templating import render

SAFE_LINKS = ("https://", "mailto:")


def note(card: Slice) -> Markup:
    """Return the note with who wrote it, nothing where there is none."""
    text = card.insights.note
    if not text:
        return Markup("")
    manager = card.partner.manager
    who = _("From your account manager, {name}", name=manager) if manager else None
    return render("note.html", who=who or _("From your account manager"), text=prose(text))


def prose(text: str) -> Markup:
    """Return Markdown as HTML that holds paragraphs, lists, emphasis and safe links only."""
    return Markup(_markdown_reader()(text))


def _markdown_reader() -> Any:
    """Return what turns a note's Markdown into HTML, without images, headings or unsafe links."""
    import mistune  # heavy, and few pages have a note

    class Prose(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **attrs: Any) -> str:
            return f"<p><strong>{text}</strong></p>\n"

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return str(text)

        def link(self, text: str, url: str, title: str | None = None) -> str:
            if not url.startswith(SAFE_LINKS):
                return str(text)
            return str(Markup('<a href="{}">{}</a>').format(url, Markup(text)))

        def block_code(self, code: str, info: str | None = None) -> str:
            return str(Markup("<p>{}</p>\n").format(code))

        def thematic_break(self) -> str:
            return ""

    return mistune.Markdown(renderer=Prose(escape=True))
