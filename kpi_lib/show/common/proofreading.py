"""What no finished page may hold: figures that no formatter wrote, words of Python, open places.

Names and notes that people typed may hold such things, and stay as they were typed: a page says
with its heading what of it stands in what it was given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser

from kpi_lib.show.common.units import MOST_DECIMALS
from kpi_lib.slices.json_form import leaves

TYPED = "typed"  # the key under which a page's heading has what was typed
_READ_OUT = ("alt", "title", "aria-label")
_UNSEEN = ("style", "script", "template")
_INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "q", "small", "span", "strong", "wbr"})
_MISPRINTS = {
    "more digits than a page has": re.compile(rf"(?<![\d.,])\d+[.,]\d{{{MOST_DECIMALS + 1},}}"),
    "a number as a program writes it": re.compile(r"\d(?:\.\d+)?[eE][+-]\d+"),
    "a value that is none": re.compile(r"(?<![\w-])(?:nan|NaN|NaT|-?inf|None(?! of\b))(?![\w-])"),
    "a place that was not filled": re.compile(r"\{[A-Za-z_][\w.]*(?:![rsa])?(?::[^{}\s]*)?\}"),
    "a full stop too many": re.compile(r"(?<!\.)\.\s?\.(?![.\w/])"),
}


def misprints_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text: the fault and the characters that have it.

    >>> list(misprints_of("It came to £471.26653955283837.."))
    [('more digits than a page has', '471.26653955283837'), ('a full stop too many', '..')]
    """
    for fault, pattern in _MISPRINTS.items():
        yield from ((fault, found[0]) for found in pattern.finditer(text))


def typed(content: object) -> list[str]:
    """Return what looks like a misprint in the texts of a slice: those who typed them meant it."""
    return sorted({found for text in _texts(content) for _, found in misprints_of(text)})


def proofread(html: str, excused: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return the faults of a page's text: each with the words around it, but those excused."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [
        (fault, _around(line, found))
        for line in reader.lines()
        for fault, found in misprints_of(line)
        if found not in excused
    ]


def _texts(content: object) -> Iterator[str]:
    return (part for part in leaves(content) if isinstance(part, str))


def _around(line: str, found: str, reach: int = 40) -> str:
    """Return what was found with the words beside it, so that it is found on the page."""
    at = line.index(found)
    return line[max(at - reach, 0) : at + len(found) + reach].strip()


class _Reader(HTMLParser):
    """Reads a page as its readers do: a line a block, and what is read out of its images."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._unseen = 0

    def lines(self) -> list[str]:
        """Return the lines that hold anything, with single blanks."""
        lines = ("".join(self._pieces)).split("\n")
        return [" ".join(line.split()) for line in lines if line.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line at a block, and give what is read out a line of its own."""
        self._unseen += tag in _UNSEEN
        values = dict(attrs)
        read = [f"\n{values[name]}\n" for name in _READ_OUT if values.get(name)]
        # What only a screen reader says, and what only the eye sees, are two readings of one thing.
        is_apart = tag not in _INLINE or "aria-hidden" in values or values.get("class") == "sr"
        self._pieces += [*read, *(["\n"] if is_apart else [])]

    def handle_endtag(self, tag: str) -> None:
        """End a line at a block's end."""
        self._unseen -= tag in _UNSEEN
        self._pieces += [] if tag in _INLINE else ["\n"]

    def handle_data(self, data: str) -> None:
        """Keep the text that can be seen; its own line breaks are blanks."""
        if not self._unseen:
            self._pieces.append(data.replace("\n", " "))
