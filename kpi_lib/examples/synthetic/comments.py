"""What people write beside their score: short, in the language of their country."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from kpi_lib.examples.synthetic.fact_files import read_facts

TOPICS = ("service", "support", "availability", "product", "onboarding", "overall")


class Said(NamedTuple):
    """All texts there are, and the place of each row's own."""

    texts: tuple[str, ...]
    places: np.ndarray


@cache
def _texts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages, and all texts by language and topic, content before discontent."""
    rows = {(row["language"], row["topic"]): row for row in read_facts("comments")}
    languages = tuple(dict.fromkeys(language for language, _ in rows))
    pairs = [rows[language, topic] for language in languages for topic in TOPICS]
    return languages, tuple(text for row in pairs for text in (row["content"], row["discontent"]))


def comments(language: list[str], owner: np.ndarray, topic: np.ndarray, happy: np.ndarray) -> Said:
    """Return the comment of each row: its owner's language, its topic, content or not."""
    languages, texts = _texts()
    spoken = np.array([languages.index(name) for name in language])[owner]
    return Said(texts, (spoken * len(TOPICS) + topic) * 2 + np.where(happy, 0, 1))
