"""The words that every page may use: an ordinary word is nobody's name."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.dates import get_day_names, get_month_names, get_quarter_names

from kpi_lib import paths
from kpi_lib.mail.words import words_of
from kpi_lib.show.language import LOCALES, languages

_ROOMS = ("show", "publish", "mail")
_TEXTS = (".html", ".txt", ".j2", ".po")
NOTEBOOK = "partner_scorecard.ipynb"


@cache
def common_words() -> tuple[str, ...]:
    """Return the words of all texts that pages and e-mails are made of, in their order."""
    return tuple(word for text in _texts() for word in (*words_of(text), ""))


def _texts() -> Iterator[str]:
    for room in _ROOMS:
        for file in sorted((paths.package() / room).rglob("*")):
            if file.suffix == ".py":
                yield from _constants(file)
            elif file.suffix in _TEXTS:
                yield file.read_text(encoding="utf-8")
    for language in languages():
        yield from _of_the_calendar(LOCALES.get(language, language))
    notebook = json.loads(paths.notebook(NOTEBOOK).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])


def _of_the_calendar(locale: str) -> Iterator[str]:
    """Yield the names of months, days and quarters, as pages write dates in a language."""
    for names in (get_month_names, get_day_names, get_quarter_names):
        for width in ("wide", "abbreviated"):
            yield from names(width, locale=locale).values()


def _constants(file: Path) -> Iterator[str]:
    """Yield the texts of a module, but not what it says of itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    said = {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)}
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    yield from (value for value in constants if isinstance(value, str) and value not in said)
