"""The index of a run: every report with its state, in the scorecards' own design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from kpi_lib.publish.exporter import POLICY, frame_css
from kpi_lib.show.common.language import _, spoken
from kpi_lib.show.common.theme import page_css


@cache
def _template() -> Template:
    """Return the template of a run's index page."""
    loader = PackageLoader("kpi_lib.publish", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["_"] = _
    return environment.get_template("index.html.j2")


def index_page(rows: Sequence[Mapping[str, Any]], **about: Any) -> str:
    """Return the page; `about` holds what stands above the table."""
    css = Markup(frame_css() + page_css())  # our own files
    return _template().render(rows=rows, policy=POLICY, css=css, lang=spoken(), **about)
