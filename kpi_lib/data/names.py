"""Names that people write in several ways: what two of them have in common, and which is meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # signs without a width


def folded(name: str) -> str:
    """Return a name without what people do not see in it: case, blanks, Unicode form.

    >>> folded(" Anna  VOGT ") == folded("Anna Vogt")
    True
    """
    seen = name.translate(dict.fromkeys(map(ord, UNSEEN)))
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())


def nearest_of(name: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """Return the known names that are most like it, at most two; none where nothing is like it.

    >>> nearest_of("PARTNERS", ["partners", "orders"])
    ['partners']
    """
    by_folded: dict[str, str] = {}
    for each in known:
        by_folded.setdefault(folded(each), each)
    if folded(name) in by_folded:
        return [by_folded[folded(name)]]
    near = difflib.get_close_matches(folded(name), by_folded, n=2, cutoff=cutoff)
    return [by_folded[each] for each in near]
