"""The pages of an outbox: its index, and each message as a browser shows it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kpi_lib.publish.exporter import POLICY, frame_css
from kpi_lib.show.common.theme import page_css


@cache
def _environment() -> Environment:
    """Return the environment that templates of the outbox are read in."""
    return Environment(
        loader=PackageLoader("kpi_lib.publish", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def outbox_page(outbox: Mapping[str, Any]) -> str:
    """Return the index: every message, and whatever was held back and why."""
    css = Markup(frame_css() + page_css())
    return _environment().get_template("outbox.html.j2").render(outbox, policy=POLICY, css=css)


def preview_page(headers: Mapping[str, str], html: str, text: str) -> str:
    """Return a message to look at; `html` is shown in a frame in which nothing runs."""
    css = Markup(frame_css() + page_css())
    template = _environment().get_template("preview.html.j2")
    return template.render(headers=headers, html=html, text=text, policy=POLICY, css=css)
