"""The exporter `scorecard_mail`: the cells tagged `email` of an executed notebook as one e-mail.

``jupyter nbconvert --to scorecard_mail NOTEBOOK`` shows it. Whoever sends it gives what stands
around the parts: what is attached, and why the reader gets it. Styles are written into the
elements; what mail clients drop or block (script, SVG, data: images, requests) has no way in.
"""

from __future__ import annotations

import base64
import importlib.resources
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import css_inline
from markupsafe import Markup
from nbconvert.exporters.html import HTMLExporter
from nbformat import NotebookNode
from traitlets import default

from kpi_lib.errors import Problem, RunError
from kpi_lib.publish.breakable import unbroken
from kpi_lib.publish.exporter import about, require_finished, require_proofread, with_shown_cells
from kpi_lib.publish.sanitise import sanitise_mail
from kpi_lib.show.common.part import MAIL
from kpi_lib.show.common.theme import ON_TRACK

TAG = "email"
LARGEST = 80_000  # bytes of HTML; Gmail cuts at about 102 kB
MOST_PREHEADER = 140  # characters that a list of mails shows


@dataclass(frozen=True)
class Around:
    """What stands around the parts of an e-mail: in the recipient's language, as text."""

    attached: str = ""
    below: tuple[str, ...] = ()


@dataclass(frozen=True)
class Digest:
    """One e-mail's content: HTML, the same as text, and PNG images by the name in the HTML."""

    html: str
    text: str
    images: Mapping[str, bytes] = field(default_factory=dict)


class DigestExporter(HTMLExporter):
    """Turns an executed notebook into the HTML of an e-mail."""

    export_from_notebook = "Scorecard as an e-mail"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "digest"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(Path(__file__).parent / "templates")]

    def from_notebook_node(  # type: ignore[override] # as nbconvert's own HTML exporter does
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the HTML; `resources["digest"]` holds the text and the images beside it."""
        require_finished(nb)
        faces = list(mailed(nb))
        resources = dict(resources or {})
        resources["digest"] = _digest_context(nb, faces, resources.get("around") or Around())
        page, resources = super().from_notebook_node(nb, resources, **kw)
        require_proofread(page, about(nb))
        head, body, rest = page.partition("<body")
        html = _inlined(head + body + unbroken(rest), _css("digest_stays.css"))
        _require_fit(html)
        return html, resources

    def digest(self, nb: NotebookNode, around: Around) -> Digest:
        """Return all that an e-mail says, with what stands around it."""
        html, resources = self.from_notebook_node(nb, {"around": around})
        described = resources["digest"]
        return Digest(html, described["text"], described["images"])


def mailed(notebook: NotebookNode) -> Iterator[Mapping[str, Any]]:
    """Yield what the cells tagged `email` say in an e-mail, in their order.

    What the page leaves out, as it does of a short period, is not in its e-mail either.
    """
    for cell in with_shown_cells(notebook).cells:
        if TAG in cell.metadata.get("tags", ()):
            yield from (o.data[MAIL] for o in cell.get("outputs", ()) if MAIL in o.get("data", {}))


def _digest_context(
    notebook: NotebookNode, faces: list[Mapping[str, Any]], around: Around
) -> dict[str, Any]:
    """Return what the template of an e-mail reads, by its names; raise RunError without a part.

    `faces`: what each part says in an e-mail, with its html, text and images (in base64, by name).
    """
    faces = [face for face in faces if face["text"]]
    if not faces:
        hint = f"Tag the cells that make the e-mail `{TAG}`, and run the notebook again."
        raise RunError(Problem("notebook", "no part of it is made for an e-mail", hint))
    described = about(notebook)
    images = {name: data for face in faces for name, data in face["images"].items()}
    lead = faces[1]["text"] if len(faces) > 1 else faces[0]["text"]
    texts = [face["text"] for face in faces]
    return {
        "lang": str(described.get("lang", "en")),
        "title": str(described.get("title") or "Partner scorecard"),
        "colour": str(described.get("colour") or ON_TRACK),
        "preheader": _shortened(lead),
        "parts": [Markup(sanitise_mail(face["html"])) for face in faces],
        "attached": around.attached,
        "below": around.below,
        "css": Markup(_css("digest.css")),
        "text": "\n\n".join([*texts, around.attached, "-- \n" + "\n".join(around.below)]) + "\n",
        "images": {name: base64.b64decode(data) for name, data in images.items()},
    }


def _shortened(text: str) -> str:
    """Return a text as one line that fits a preheader, cut between words."""
    line = " ".join(text.split())
    if len(line) <= MOST_PREHEADER:
        return line
    return line[:MOST_PREHEADER].rpartition(" ")[0] + "\N{HORIZONTAL ELLIPSIS}"


def _inlined(page: str, sheet: str) -> str:
    """Return the page with its styles in the elements, and in `sheet` what only one can say.

    All of it is ASCII: some mail programs forget in which encoding a part was written.
    """
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False, minify_css=True
    )
    html = inliner.inline(page).replace("</head>", f"<style>\n{sheet}</style>\n</head>", 1)
    return re.sub(r"\n\s*\n+", "\n", html).encode("ascii", "xmlcharrefreplace").decode()


def _require_fit(html: str) -> None:
    """Raise RunError where an e-mail's HTML is larger than mail clients show."""
    size = len(html.encode())
    if size > LARGEST:
        found = f"its HTML has {size:,} bytes, {LARGEST:,} at most are allowed"
        raise RunError(Problem("e-mail", found, "Shorten the names and texts that it shows."))


def _css(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
