"""Parts of names that tell whose they are: rare among all partners and in the language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kpi_lib.leaks.ordinary import is_everyday
from kpi_lib.leaks.tokens import Words, folded, words_of

SHORTEST = 4  # letters of a part that tells by itself
LONGEST = 8  # words of a name that are looked at
RARE = 0.01  # the share of all partners whose names may hold a part that still tells
LEGAL = frozenset(  # forms of companies of four letters and more: each is many partners'
    ("company", "corp", "corporation", "eurl", "gmbh", "group", "gruppe", "holding", "incorporated",
     "kgaa", "limited", "partner", "partners", "sarl")
)  # fmt: skip


def telling_parts(names: Mapping[str, Iterable[str]]) -> dict[Words, frozenset[str]]:
    """Return the parts of names, as they are written, and the ids of the partners they tell of.

    `names`: by partner_id all that it and its people are called. A part is one word or several in a
    row. It tells where few names hold it, and where it holds a word that is rare in the languages
    of the pages, or several that are written as names are.
    """
    most = max(1, int(RARE * len(names)))
    owners: dict[Words, set[str]] = defaultdict(set)  # by the part as it is read
    written: dict[Words, set[Words]] = defaultdict(set)
    for partner_id, own in names.items():
        for name in own:
            for part in _runs_of_words(tuple(words_of(name))):
                read = tuple(map(folded, part))
                owners[read].add(partner_id)
                written[read].add(part)
    return {
        part: frozenset(owners[read])
        for read, parts in written.items()
        if len(owners[read]) <= most
        for part in sorted(parts)
        if _is_telling(part)
    }


def _runs_of_words(words: Words) -> Iterator[Words]:
    """Yield every run of neighbouring words within a name, the whole of it among them."""
    words = words[:LONGEST]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]


def _is_telling(part: Words) -> bool:
    """Say whether a part of a name points to its bearer: a rare word, or several names together."""
    long = [w for w in part if len(w) >= SHORTEST and w.isalpha() and w.lower() not in LEGAL]
    if any(not is_everyday(word) for word in long):
        return True
    return len(long) > 1 and all(word[0].isupper() for word in part)
