"""The templates of a page's parts; whatever they are given is escaped, but in a text."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kpi_lib.show.common import advice, theme, wording
from kpi_lib.show.common.language import _

NO_ANCHOR = re.compile(r"[^\w\- ]")


@cache
def _environment(*, autoescape: bool) -> Environment:
    """Return the environment that the templates of pages are read in."""
    environment = Environment(
        loader=PackageLoader("kpi_lib.show", "templates"),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, words=wording, advice=advice, theme=theme)
    environment.filters["link"] = lambda heading: f"[{heading}]({link(heading)})"
    return environment


def render(template: str, **values: Any) -> Markup:
    """Return a part of a page, everything that it was given escaped."""
    return Markup(_environment(autoescape=True).get_template(template).render(**values))


def render_text(template: str, **values: Any) -> str:
    """Return a text, as it was given: never for a page."""
    return _environment(autoescape=False).get_template(template).render(**values)


def link(heading: str) -> str:
    """Return where a heading is found on its page, as code hosts name it.

    >>> link("On time, in full (OTIF)")
    '#on-time-in-full-otif'
    """
    return "#" + NO_ANCHOR.sub("", heading.lower()).replace(" ", "-")
