"""Finding many names in a text, word by word, however they are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# Scripts without spaces are read character by character: a name may stand anywhere in them.
_UNSPACED = "\u0e00-\u0e7f\u3041-\u31fc\u3400-\u9fff\uac00-\ud7a3"
SEAM = "\x1e"  # between two texts that stand apart: no name reaches over it
_WORD = re.compile(f"[{_UNSPACED}{SEAM}]|[^\\W_{_UNSPACED}]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")

Words = tuple[str, ...]


def words_of(text: str) -> list[str]:
    r"""Return the words of a text, as they are written; invisible characters part no word.

    >>> words_of("Soe\u00adhne & Co., partners/P_1")
    ['Soehne', 'Co', 'partners', 'P', '1']
    """
    return _WORD.findall(_UNSEEN.sub("", unicodedata.normalize("NFKC", text)))


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
        folded = tuple(word.casefold() for word in words_of(name))
        if folded:
            self._by_first.setdefault(folded[0], []).append((folded, key))

    def find(self, words: list[str]) -> Iterator[Hit]:
        """Yield every place of every name, whatever its upper and lower case."""
        folded = [word.casefold() for word in words]
        for start, word in enumerate(folded):
            for name, key in self._by_first.get(word, ()):
                end = start + len(name)
                if tuple(folded[start:end]) == name:
                    yield Hit(key, tuple(words[start:end]), start, end)


def outside(hits: Iterable[Hit], spans: Iterable[Hit]) -> list[Hit]:
    """Return the hits that no span covers: a name within a longer one that may stand there."""
    covered = [(span.start, span.end) for span in spans]
    if not covered:
        return list(hits)
    return [h for h in hits if not any(s <= h.start and h.end <= e for s, e in covered)]
