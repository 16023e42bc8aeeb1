"""Parts of names that tell whose they are: rare among all partners and in the language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from kpi_lib.leaks.ordinary import is_everyday
from kpi_lib.leaks.words import Words, folded, words_of

SHORTEST = 4  # letters of a part that tells by itself
LONGEST = 8  # words of a name that are looked at
LEGAL = frozenset(  # forms of companies of four letters and more: each is many partners'
    ("company", "corp", "corporation", "eurl", "gmbh", "group", "gruppe", "holding", "incorporated",
     "kgaa", "limited", "partner", "partners", "sarl")
)  # fmt: skip


def telling_parts(names: Mapping[str, Iterable[str]]) -> dict[str, set[Words]]:
    """Return by partner_id the parts of its names that are in no other partner's.

    `names`: by partner_id all that it and its people are called. A part is one word or several in a
    row, as they are written. It tells where it holds a word that is rare in the languages of the
    pages, or several that are written as names are.
    """
    parts: dict[Words, dict[str, Words]] = defaultdict(dict)  # as read: whose, as written
    for partner_id, own in names.items():
        for name in own:
            for part in _parts(tuple(words_of(name))):
                parts[tuple(map(folded, part))][partner_id] = part
    found: dict[str, set[Words]] = defaultdict(set)
    for owners in parts.values():
        if len(owners) == 1:
            ((partner_id, part),) = owners.items()
            if _tells(part):
                found[partner_id].add(part)
    return found


def _parts(words: Words) -> Iterable[Words]:
    """Yield every row of words within a name, the whole of it among them."""
    words = words[:LONGEST]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield words[start:end]


def _tells(part: Words) -> bool:
    long = [w for w in part if len(w) >= SHORTEST and w.isalpha() and w.lower() not in LEGAL]
    if any(not is_everyday(word) for word in long):
        return True
    return len(long) > 1 and all(word[0].isupper() for word in part)
