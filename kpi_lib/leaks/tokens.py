"""Finding many names in a text, word by word, as people read them: however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

# Scripts without spaces are read character by character: a name may stand anywhere in them.
_UNSPACED = "\u0e00-\u0e7f\u3041-\u31fc\u3400-\u9fff\uac00-\ud7a3"
SEAM = "\x1e"  # between two texts that stand apart: no name reaches over it
_WORD = re.compile(f"[{_UNSPACED}{SEAM}]|[^\\W_{_UNSPACED}]+")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_BROKEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011]\s*\n\s*(?=[^\W\d_])")  # a word over two lines
_HUMP = re.compile(  # where CedarGroup and Cedar2026 are two words; codes of four letters are rare
    r"(?<=[^\W\d_]{4})(?=\d)|(?<=\d)(?=[^\W\d_]{4})|(?<=[a-z\u00df-\u00ff]{3})(?=[A-Z][a-z])"
)
_LETTERS_APART = re.compile(
    r"(?<![^\W_])[^\W\d_](?:([ .\-_*/|\u00b7])[^\W\d_](?:\1[^\W\d_])+)(?![^\W_])"
)
_MARKS = "Mn"
_STRUCK = re.compile("[\u0300-\u036f\u20d0-\u20ff]")  # marks that make no letter of their own
_SMALL_CAPITALS = (
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d"
    "\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22"
)
_FRAMED = {  # letters and digits in black or in frames, and small capitals: no form is compatible
    **{first + n: chr(65 + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)},
    **{first + n: chr(49 + n) for first in (0x2776, 0x2780, 0x278A) for n in range(9)},
    0x24FF: "0",
    **dict(zip(map(ord, _SMALL_CAPITALS), "abcdefghijklmnoprstuvwyz", strict=True)),
}  # fmt: skip
# Letters that Unicode does not take apart; a Turkish name in capitals is read without them.
_CROSSED = {
    ord(letter): latin
    for letter, latin in zip("\u0131\u0142\u0141\u00f8\u00d8\u0111\u0110", "ilLoOdD", strict=True)
}

Words = tuple[str, ...]


def plain(text: str) -> str:
    """Return a text in its compatible form, without what cannot be seen."""
    if text.isascii():
        return text
    return _STRUCK.sub("", _UNSEEN.sub("", unicodedata.normalize("NFKC", text.translate(_FRAMED))))


def words_of(text: str) -> list[str]:
    r"""Return the words of a text, as they are written; invisible characters part no word.

    >>> words_of("Soe\u00adhne & Co., partners/P_1")
    ['Soehne', 'Co', 'partners', 'P', '1']
    """
    return _WORD.findall(plain(text))


def readings(text: str) -> Iterator[list[str]]:
    r"""Yield the words of a text, and again as a reader puts together what is cut or run together.

    >>> list(readings("C e d a r, CedarGroup2"))[1:]
    [['Cedar', 'CedarGroup2'], ['C', 'e', 'd', 'a', 'r', 'Cedar', 'Group', '2']]
    """
    text = plain(text)
    yield _WORD.findall(text)
    ways = (
        (_BROKEN, lambda found: ""),
        (_LETTERS_APART, lambda found: found[0].replace(found[1], "")),
        (_HUMP, lambda found: " "),
    )
    for pattern, way in ways:
        if pattern.search(text):
            yield _WORD.findall(pattern.sub(way, text))


@cache
def folded(word: str) -> str:
    """Return a word as it is read: without case, accents, and letters that look like others.

    >>> folded("M\u00fcller"), folded("\u0421edar"), folded("STRASSE") == folded("Stra\u00dfe")
    ('muller', 'cedar', True)
    >>> folded("I\u015e\u0131k") == folded("I\u015eIK"), folded("\u0141\u00f3d\u017a")
    (True, 'lodz')
    """
    if word.isascii():
        return word.casefold()
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", word) if unicodedata.category(c) != _MARKS
    )
    return bare.translate(_look_alikes()).casefold()


@cache
def _look_alikes() -> Mapping[int, str]:
    """Return the Latin letter that each letter of another script looks like.

    The tables of Unicode Technical Standard 39, as the library has them.
    """
    from confusable_homoglyphs.confusables import confusables_data

    found = dict(_CROSSED)
    for letter, alike in confusables_data.items():
        latin = [
            a["c"] for a in alike if len(a["c"]) == 1 and a["c"].isascii() and a["c"].isalpha()
        ]
        if len(letter) == 1 and letter.isalpha() and not letter.isascii() and latin:
            found[ord(letter)] = latin[0]
    return found


@dataclass(frozen=True)
class Hit:
    """A name that was found: which, as what it was written, and where among the words."""

    key: str
    surface: Words
    start: int
    end: int


@dataclass
class Finder:
    """Finds names; `key` says whose, and the same words may be of several."""

    _by_first: dict[str, list[tuple[Words, str]]] = field(default_factory=dict)

    def add(self, key: str, name: str) -> None:
        """Look for a name from now on."""
        words = tuple(folded(word) for word in words_of(name))
        if words:
            self._by_first.setdefault(words[0], []).append((words, key))

    def find(self, words: list[str]) -> Iterator[Hit]:
        """Yield every place of every name, whatever its case, accents and look-alikes."""
        read = [folded(word) for word in words]
        for start, word in enumerate(read):
            for name, key in self._by_first.get(word, ()):
                end = start + len(name)
                if tuple(read[start:end]) == name:
                    yield Hit(key, tuple(words[start:end]), start, end)


def outside(hits: Iterable[Hit], spans: Iterable[Hit]) -> list[Hit]:
    """Return the hits that no span covers: a name within a longer one that may stand there."""
    covered = [(span.start, span.end) for span in spans]
    if not covered:
        return list(hits)
    return [h for h in hits if not any(s <= h.start and h.end <= e for s, e in covered)]
