"""The language of a page: its words from a catalogue, one file a language, and Babel's locale.

A message is an English sentence with its figures in braces. English needs no catalogue; another
language is the file `languages/CODE.po`, and nothing else. What is not translated stays English.
"""

from __future__ import annotations

import gettext
import importlib.resources
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from kpi_lib.errors import Problem, RunError, SettingsError

if TYPE_CHECKING:  # a report needs no settings, and their reader is heavy
    from kpi_lib.settings import Settings

ENGLISH = "en"
LOCALES = {ENGLISH: "en_GB"}  # where a language alone does not say how figures are written

Asked = ParamSpec("Asked")
Made = TypeVar("Made")

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


def require_languages(settings: Settings) -> None:
    """Raise SettingsError for each language of the settings that has no catalogue."""
    known = ", ".join(languages())
    problems = [
        Problem(
            settings.line_of(f"languages.{place}"),
            f"there is no catalogue of {language!r}",
            f"Use {known}; docs/language.md tells how to add one.",
        )
        for place, language in enumerate(settings.languages)
        if language not in languages()
    ]
    if problems:
        raise SettingsError(problems)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Write in that language within, and afterwards in the one before."""
    before = spoken()
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before)


class Given(Protocol):
    """What a page is given: it says in which language the page is written."""

    @property
    def language(self) -> str:
        """The code of that language."""


class Page(Protocol):
    """What a notebook talks to, part by part."""

    @property
    def given(self) -> Given:
        """What the page is given."""


PageT = TypeVar("PageT", bound=Page)


def in_its_language(
    make: Callable[Concatenate[PageT, Asked], Made],
) -> Callable[Concatenate[PageT, Asked], Made]:
    """Let a method of a page speak the page's language, whatever is spoken around it."""

    @wraps(make)
    def made(page: PageT, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Made:
        with speaking(page.given.language):
            return make(page, *args, **kwargs)

    return made


def _(message: str, /, **figures: Any) -> str:
    """Return a message in the language that is spoken, with its figures in place.

    >>> _("{count} of them", count=3)
    '3 of them'
    """
    text = translations(spoken()).gettext(message) if message else ""
    return filled(text, figures) if figures else text


def N_(message: str) -> str:
    """Mark a message that is translated where it is used: the module is read in no language."""
    return message


def NN_(one: str, many: str) -> tuple[str, str]:
    """Mark a message and its plural that are translated where they are used."""
    return one, many


def several(one: str, many: str, count: float, /, **figures: Any) -> str:
    """Return the message that fits the count: each language has plurals of its own.

    >>> several("{count} row", "{count} rows", 1, count="1")
    '1 row'
    """
    return filled(translations(spoken()).ngettext(one, many, round(count)), figures)


def filled(text: str, figures: Mapping[str, Any]) -> str:
    """Return a text with its figures in place; one that ends with a full stop ends the sentence.

    >>> filled("Ask {name}. Then {name}.", {"name": "Acme Inc."})
    'Ask Acme Inc. Then Acme Inc.'
    """
    written = text.format(**figures)
    for figure in figures.values():
        if isinstance(figure, str) and figure.endswith("."):
            written = written.replace(f"{figure}.", figure)
    return written


def listed(things: Sequence[str]) -> str:
    """Return things as people list them: a, b and c."""
    head = ", ".join(things[:-1])
    return _("{things} and {last}", things=head, last=things[-1]) if head else "".join(things)


def mid_sentence(words: str) -> str:
    """Return words as they stand within a sentence: English begins them small, German may not."""
    return f"{words[:1].lower()}{words[1:]}" if spoken() == ENGLISH else words


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, English first."""
    files = importlib.resources.files("kpi_lib.show").joinpath("languages").iterdir()
    codes = sorted(file.name.removesuffix(".po") for file in files if file.name.endswith(".po"))
    return (ENGLISH, *codes)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the messages of a language; English is what the messages say already."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    file = importlib.resources.files("kpi_lib.show").joinpath("languages", f"{language}.po")
    compiled = io.BytesIO()
    with file.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
