"""True pages made untrue, to prove that the test of claims finds it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace

from tests.claims.claims import Pattern
from tests.claims.facts import Facts, Tally, Whose
from tests.claims.hold import hold_cell, hold_passage
from tests.claims.pages import Cell, Element, Passage, cells, passages


@dataclass(frozen=True)
class Statement:
    """Something that a page tells with a figure: a passage, or the cell of a table."""

    what: Passage | Cell
    whose: Whose


def statements_on(page: Element, whose: Whose) -> Iterator[Statement]:
    """Yield all that a page tells with a digit in it."""
    for what in (*passages(page), *cells(page)):
        if re.search(r"\d", what.text):
            yield Statement(what, whose)


def with_another_digit(text: str, chance: random.Random) -> str:
    """Return a text of which one digit is another."""
    place = chance.choice([found.start() for found in re.finditer(r"\d", text)])
    other = chance.choice([digit for digit in "123456789" if digit != text[place]])
    return text[:place] + other + text[place + 1 :]


def is_found(statement: Statement, text: str, facts: Facts, patterns: list[Pattern]) -> bool:
    """Say whether it is found that a page tells this text in place of its own."""
    tried = copy(facts)
    tried.tally = Tally()
    if isinstance(statement.what, Cell):
        line = tuple(
            text if n == statement.what.column else t for n, t in enumerate(statement.what.line)
        )
        hold_cell(replace(statement.what, text=text, line=line), statement.whose, tried)
    else:
        hold_passage(replace(statement.what, text=text), statement.whose, tried, patterns)
    return bool(tried.tally.untrue or tried.tally.unclaimed)


def share_found(held: list[Statement], facts: Facts, patterns: list[Pattern], count: int) -> float:
    """Return how many of so many changed digits are found; each time the same ones."""
    chance = random.Random(11)
    chosen = [chance.choice(held) for _ in range(count)]
    found = [
        is_found(one, with_another_digit(one.what.text, chance), facts, patterns) for one in chosen
    ]
    return sum(found) / count
