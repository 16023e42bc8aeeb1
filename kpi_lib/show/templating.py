"""The templates of a page's parts; whatever they are given is escaped."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from kpi_lib.show import advice, theme, wording


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("kpi_lib.show", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(words=wording, advice=advice, theme=theme)
    return environment


def render(template: str, **values: Any) -> Markup:
    """Return a part of a page, everything that it was given escaped."""
    return Markup(_environment().get_template(template).render(**values))
