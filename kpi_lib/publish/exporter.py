"""The exporter `scorecard`: an executed notebook as a page that asks for nothing and runs nothing.

``jupyter nbconvert --to scorecard NOTEBOOK`` uses it; so does the batch. It fails closed: a
notebook that was not run to its end, or that holds an error, becomes no page.
"""

from __future__ import annotations

import base64
import importlib.resources
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from nbconvert.exporters.html import HTMLExporter
from nbformat import NotebookNode
from traitlets import default
from traitlets.config import Config

from kpi_lib.audience import AUDIENCES
from kpi_lib.errors import Problem, RunError
from kpi_lib.periods import CADENCES, is_at_least
from kpi_lib.publish.breakable import breakable, unbroken
from kpi_lib.publish.sanitise import sanitise
from kpi_lib.show.common.language import ENGLISH, _, speaking
from kpi_lib.show.common.part import ABOUT
from kpi_lib.show.common.proofreading import TYPED, proofread
from kpi_lib.show.common.theme import page_css

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
HIDDEN_TAG = "analyst"  # a cell for whoever reads the notebook, not for the page
INTERNAL_TAG = "internal"  # a cell for editions that stay inside only
WHOLE_TAG = "whole"  # a cell for all partners; the page of a manager or a branch goes without
# A cell of a shorter page than these goes without: what it tells of has no figure so often.
LEAST = {"month": "month", "review": "quarter"}  # tag -> the shortest period it is for
LONGEST_TITLE = 70  # characters of a window's title; the heading on the page is whole
LARGEST_OF_RUN = 1_500_000  # bytes of a page that tells of every partner


class ScorecardExporter(HTMLExporter):
    """Turns an executed notebook into the scorecard's page."""

    export_from_notebook = "Scorecard"

    @default("template_name")
    def _template_name_default(self) -> str:
        return "scorecard"

    @default("extra_template_basedirs")
    def _extra_template_basedirs_default(self) -> list[str]:
        return [str(Path(__file__).parent / "templates")]

    @default("exclude_anchor_links")
    def _exclude_anchor_links_default(self) -> bool:
        return True

    @property
    def default_config(self) -> Config:
        """Prefer HTML, and leave out what needs a script."""
        config = Config(
            {
                "NbConvertBase": {
                    "display_data_priority": [
                        "text/html",
                        "text/markdown",
                        "image/svg+xml",
                        "image/png",
                        "image/jpeg",
                        "text/plain",
                    ]
                },
                "CSSHTMLHeaderPreprocessor": {"enabled": False},
                "HighlightMagicsPreprocessor": {"enabled": False},
            }
        )
        inherited: Config = super().default_config.copy()
        inherited.merge(config)
        return inherited

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Add the second net to the filters of a template."""
        yield from HTMLExporter.default_filters(self)
        yield ("sanitise", sanitise)
        yield ("section", self.section)

    @pass_context
    def section(self, context: Context, source: str) -> Markup:
        """Return a section's heading, and what is said of it folded away until it is asked for."""
        heading, _rest, text = in_its_words(source.strip()).partition("\n")
        if not heading.startswith("#") or not text.strip():
            return Markup(self.markdown2html(context, in_its_words(source)))
        folded = Markup('<details class="about"><summary>{}</summary>{}</details>')
        return Markup(self.markdown2html(context, heading)) + folded.format(
            _("What this is"), Markup(self.markdown2html(context, text))
        )

    def from_notebook_node(  # type: ignore[override] # as nbconvert's own HTML exporter does
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page; raise RunError where the notebook was not run to its end."""
        require_finished(nb)
        described = about(nb)
        language = str(described.get("lang") or ENGLISH)
        resources = dict(resources or {})
        resources["scorecard"] = {
            "lang": language,
            "title": shortened(
                str(described.get("title") or nb.metadata.get("title") or _("Partner scorecard"))
            ),
            "policy": POLICY,
            "css": Markup(frame_css() + page_css() + paper_css()),
            "edition": str(described.get("edition", "")),
        }
        self.environment.globals["picture"] = _picture
        with speaking(language):
            html, resources = super().from_notebook_node(with_shown_cells(nb), resources, **kw)
        head, body, rest = html.partition("<body")
        require_proofread(body + rest, described)
        html = head + body + breakable(unbroken(rest))
        size = len(html.encode())
        audience = AUDIENCES.get(str(described.get("edition")))
        most = audience.largest_page if audience else LARGEST_OF_RUN
        if size > most:
            raise RunError(
                Problem(
                    "page",
                    f"it has {size:,} bytes, {most:,} at most are allowed",
                    "Show fewer points in a chart: each is a few bytes.",
                )
            )
        return html, resources


def shortened(title: str) -> str:
    """Return a window's title of at most LONGEST_TITLE characters; its end, the period, stays."""
    if len(title) <= LONGEST_TITLE:
        return title
    name, comma, period = title.rpartition(", ")
    end = f"…{comma}{period}" if comma and len(period) < LONGEST_TITLE // 2 else "…"
    return (name or title)[: LONGEST_TITLE - len(end)] + end


def in_its_words(source: str) -> str:
    """Return the Markdown of a cell in the language that is spoken, line by line."""
    return "\n".join(_line(line) for line in source.split("\n"))


def _line(line: str) -> str:
    marks, text = re.fullmatch(r"(#* *)(.*)", line).groups()  # type: ignore[union-attr]
    return f"{marks}{_(text)}"


def require_finished(notebook: NotebookNode) -> None:
    """Raise RunError where a code cell was not executed or shows an error.

    What papermill writes into the metadata does not count: after a kernel's death it says that
    all was completed.
    """
    problems = []
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        errors = [output for output in cell.outputs if output.output_type == "error"]
        problems += [
            Problem(f"cell {number}", f"{error.ename}: {error.evalue}") for error in errors
        ]
        if not errors and cell.execution_count is None:
            problems.append(Problem(f"cell {number}", "it was not executed"))
    if problems:
        raise RunError(problems)


def about(notebook: NotebookNode) -> Mapping[str, Any]:
    """Return what the parts of a notebook tell about it, all of them taken together."""
    described: dict[str, Any] = {"parts": [], "images": 0}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            part = output.get("metadata", {}).get(ABOUT)
            if part:
                described["parts"].append(part.get("part"))
                described["images"] += part.get("images", 0)
                described |= {k: v for k, v in part.items() if k not in ("part", "images")}
    return described


def with_shown_cells(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with those cells alone that its page shows.

    A page leaves out what is for the analyst, and by its edition, its scope and the length of its
    period; what such cells drew is not on it.
    """
    described = about(notebook)
    cells = [cell for cell in notebook.cells if _is_shown(cell, described)]
    return NotebookNode({**notebook, "cells": cells})


def require_proofread(html: str, described: Mapping[str, Any]) -> None:
    """Raise RunError where a page has what nobody would print; see `about`."""
    faults = dict.fromkeys(proofread(html, described.get(TYPED, ())))
    if faults:
        hint = "Write figures by kpi_lib.show.common.numbers, and fill every place of a text."
        raise RunError([Problem("page", f"{fault}: {words!r}", hint) for fault, words in faults])


def _is_shown(cell: NotebookNode, described: Mapping[str, Any]) -> bool:
    """Say whether a cell is on the page, by its tags and the page's edition and cadence."""
    tags = cell.metadata.get("tags", ())
    if HIDDEN_TAG in tags:
        return False
    audience = AUDIENCES.get(str(described.get("edition")))
    if INTERNAL_TAG in tags and audience is not None and not audience.is_internal:
        return False
    if WHOLE_TAG in tags and described.get("scope", "portfolio") != "portfolio":
        return False
    cadence = str(described.get("cadence", CADENCES[-1]))
    return all(is_at_least(cadence, least) for tag, least in LEAST.items() if tag in tags)


def frame_css() -> str:
    """Return the style sheet of the page around its parts."""
    return _style_sheet("frame.css")


def paper_css() -> str:
    """Return the style sheet of the page on paper, which comes after all others."""
    return _style_sheet("paper.css")


def _style_sheet(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _picture(kind: str, output: NotebookNode) -> Markup:
    """Return an image that carries its data, with the alternative text of its metadata."""
    data = output["data"][kind]
    text = data if isinstance(data, str) else "".join(data)
    if kind == "image/svg+xml":
        text = base64.b64encode(text.encode()).decode()
    alt = output.get("metadata", {}).get(kind, {}).get("alt") or output.get("metadata", {}).get(
        "alt"
    )
    return Markup('<img alt="{}" src="data:{};base64,{}">').format(
        alt or "", kind, text.replace("\n", "")
    )
