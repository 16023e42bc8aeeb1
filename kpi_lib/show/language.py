"""The language of a page: its words from a catalogue, one file a language, and Babel's locale.

A message is an English sentence with its figures in braces. English needs no catalogue; another
language is the file `languages/CODE.po`, and nothing else. What is not translated stays English.
"""

from __future__ import annotations

import gettext
import importlib.resources
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from kpi_lib.errors import Problem, RunError

ENGLISH = "en"
LOCALES = {ENGLISH: "en_GB"}  # where a language alone does not say how figures are written

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def spoken() -> str:
    """Return the code of the language that pages are written in now."""
    return _spoken.get()


def locale() -> str:
    """Return the locale by which figures and days are written now."""
    return LOCALES.get(spoken(), spoken())


def speak(language: str) -> None:
    """Write what follows in that language; raise RunError where it has no catalogue."""
    if language not in languages():
        known = ", ".join(languages())
        raise RunError(Problem(f"language {language!r}", "it has no catalogue", f"Use {known}."))
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in that language within, and afterwards in the one before."""
    before = spoken()
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before)


def _(message: str, /, **figures: Any) -> str:
    """Return a message in the language that is spoken, with its figures in place.

    >>> _("{count} of them", count=3)
    '3 of them'
    """
    told = translations(spoken()).gettext(message) if message else ""
    return told.format(**figures) if figures else told


def N_(message: str) -> str:
    """Mark a message that is translated where it is used: the module is read in no language."""
    return message


def several(one: str, many: str, count: float, /, **figures: Any) -> str:
    """Return the message that fits the count: each language has plurals of its own.

    >>> several("{count} row", "{count} rows", 1, count="1")
    '1 row'
    """
    return translations(spoken()).ngettext(one, many, round(count)).format(**figures)


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, English first."""
    files = importlib.resources.files(__package__).joinpath("languages").iterdir()
    codes = sorted(file.name.removesuffix(".po") for file in files if file.name.endswith(".po"))
    return (ENGLISH, *codes)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the messages of a language; English is what the messages say already."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = importlib.resources.files(__package__).joinpath("languages", f"{language}.po")
    compiled = io.BytesIO()
    with file.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
