"""The words that are nobody's name: those of the product's own texts, and everyday ones."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from babel.dates import get_day_names, get_month_names, get_quarter_names

from kpi_lib import paths
from kpi_lib.leaks.tokens import words_of
from kpi_lib.show.common.language import LOCALES, languages

_ROOMS = ("show", "publish", "mail")
_EVERYDAY = 10_000  # so many of a language's words are everyday ones
_TEXTS = (".html", ".txt", ".j2", ".po")
NOTEBOOK = "partner_scorecard.ipynb"


@cache
def common_words() -> tuple[str, ...]:
    """Return the words of all texts that pages and e-mails are made of, in their order."""
    return tuple(word for text in _texts_of_pages() for word in (*words_of(text), ""))


def is_everyday(word: str) -> bool:
    """Say whether a word is one of the commonest of a page's language."""
    return word.lower() in _everyday_words()


def is_known(word: str) -> bool:
    """Say whether a word is one of a page's language at all, a name that is met often too."""
    return any(word.lower() in frequencies for frequencies in _frequencies().values())


@cache
def _everyday_words() -> frozenset[str]:
    """Return the words, in small letters, that each language uses most: nobody is known by them."""
    words = {word.lower() for word in common_words() if word}
    for frequencies in _frequencies().values():
        words |= set(sorted(frequencies, key=frequencies.__getitem__, reverse=True)[:_EVERYDAY])
    return frozenset(words)


@cache
def _frequencies() -> dict[str, dict[str, int]]:
    """Return how often each word is met, for each language of the pages that has a list."""
    from spellchecker import SpellChecker  # heavy: only where names have parts

    found = {}
    for language in languages():
        with suppress(ValueError):  # there is no list of that language
            found[language] = SpellChecker(language=language).word_frequency.dictionary
    return found


def _texts_of_pages() -> Iterator[str]:
    """Yield all texts that pages are made of: of code, templates, calendars and the notebook."""
    for room in _ROOMS:
        for file in sorted((paths.package() / room).rglob("*")):
            if file.suffix == ".py":
                yield from _constants(file)
            elif file.suffix in _TEXTS:
                yield file.read_text(encoding="utf-8")
    for language in languages():
        yield from _calendar_names(LOCALES.get(language, language))
    notebook = json.loads(paths.notebook(NOTEBOOK).read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield "".join(cell["source"])


def _calendar_names(locale: str) -> Iterator[str]:
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
