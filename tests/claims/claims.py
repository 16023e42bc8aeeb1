"""What a page claims: each message of the product that holds a figure, with the check of it.

A passage is taken apart claim by claim, the longest message first; what a claim took is blanked
out. A digit that is left then was claimed by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.claims.facts import Facts, Row, Whose
from tests.claims.figures import Figure, read_day, read_figure, read_period
from tests.claims.pages import Element, Passage
from tests.claims.templates import Message, Words, length, longest_literal

Check = Callable[["Said"], Iterable[str]]
BLANK = "\x00"


@dataclass(frozen=True)
class Claim:
    """A message, what may stand in its slots, and what must be true of it.

    `subject`: the KPI that it is about where it names none; `where`: the parts of a page, the
    classes or the elements in which alone it is said; `is_plain`: a text that is the same in every
    language; `is_whole`: it is all that a passage says; `suffix`: what a page puts after the
    message; `is_first`: a passage begins with it; `pages`: on which alone it is said.
    """

    message: Message
    check: Check
    slots: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    where: str = ""
    is_plain: bool = False
    is_whole: bool = False
    suffix: str = ""
    is_first: bool = False
    pages: str = ""

    @property
    def id(self) -> str:
        """The message itself."""
        return self.message if isinstance(self.message, str) else self.message[0]

    def patterns(self, words: Words) -> list[Pattern]:
        """Return what the message looks like in a language."""
        texts = [str(self.message)] if self.is_plain else words.in_language(self.message)
        return [
            Pattern(self, words.pattern(text, self.slots), longest_literal(text), length(text))
            for text in (f"{text}{self.suffix}" for text in texts)
        ]


@dataclass(frozen=True)
class Pattern:
    """A claim's message in a language, as a pattern; `literal` must be in a text that holds it."""

    claim: Claim
    regex: re.Pattern[str]
    literal: str
    length: int

    def matches(self, text: str) -> Iterable[re.Match[str]]:
        """Return where a text says it."""
        if not self.claim.is_whole and not self.claim.is_first:
            return self.regex.finditer(text)
        match = self.regex.fullmatch if self.claim.is_whole else self.regex.match
        found = match(text.removesuffix("."))
        return [found] if found else []

    def is_said_at(self, at: Element, page: str) -> bool:
        """Say whether such a thing is claimed in this place of this page at all."""
        if self.claim.pages and page not in self.claim.pages.split():
            return False
        if not self.claim.where:
            return True
        wanted = set(self.claim.where.split())
        return at.part in wanted or any(
            wanted & {above.tag, *above.classes} for above in at.above()
        )


@dataclass
class Said:
    """One claim as it stands on a page: its figures, what it is about, and the tables."""

    claim: Claim
    found: re.Match[str]
    passage: Passage
    whose: Whose
    facts: Facts
    about: str

    def __getitem__(self, slot: str) -> str:
        """Return the text of a slot."""
        return self.found[slot]

    def figure(self, slot: str) -> Figure:
        """Return the figure in a slot."""
        return read_figure(self.found[slot], self.facts.language)

    def period(self, slot: str) -> str:
        """Return the period in a slot, as the tables name it."""
        return read_period(self.found[slot].partition(" (")[0], self.facts.language)

    def day(self, slot: str) -> tuple[int | None, int, int]:
        """Return the day in a slot."""
        return read_day(self.found[slot], self.facts.language)

    @cached_property
    def kpi(self) -> str:
        """The KPI that the claim is about."""
        name = self.found.groupdict().get("name")
        return self.facts.words.measures.get(name or "") or self.claim.subject or self.about

    @property
    def row(self) -> Row:
        """The row of that KPI; raise KeyError where there is none."""
        return self.facts.row(self.whose, self.kpi)

    @property
    def side(self) -> str:
        """Whose measures alone a sum of them is of: us or partner; nothing where of all."""
        sections = (at for at in self.passage.at.above() if at.classes == ["side"])
        section = next(sections, None)
        if section is None or section.parent is None:
            return ""
        first = next(section.parent.all("section"))
        return "us" if section is first else "partner"

    @property
    def unit(self) -> str:
        """The unit of that KPI, or what it counts where that is weighed."""
        kpi = self.facts.definitions[self.kpi]
        return str(kpi.measured_in or kpi.unit)


REGISTRY: list[Claim] = []


def claims(*messages: Message, **options: Any) -> Callable[[Check], Check]:
    """Enter a check for messages; `options`: what else a Claim holds, slots by keyword."""

    def enter(check: Check) -> Check:
        REGISTRY.extend(Claim(message, check, **options) for message in messages)
        return check

    return enter


def is_figure(figure: Figure, number: float | None, unit: str, what: str) -> Iterator[str]:
    """Yield a fault where a figure is not that number in that unit."""
    if number is None:
        yield f"there is no {what}"
        return
    wanted = UNITS.get(unit, "")
    if figure.unit != wanted and figure.number:
        yield f"{what} is in {wanted or 'numbers'}, not in {figure.unit or 'numbers'}"
    scaled = number * 100 if unit == "ratio" else number
    if not figure.is_about(scaled):
        yield f"{what} is {scaled:.6g}"


UNITS = {
    **{"ratio": "%", "money": "money", "days": "days", "points": "points"},
    **{"years": "years", "tonnes": "t", "number": ""},
}


def lies_apart(figure: Figure, value: float, base: float, unit: str, what: str) -> Iterator[str]:
    """Yield a fault where a figure is not how far a value lies from another, without its sign."""
    apart = abs(value - base)
    if unit == "ratio":
        yield from _is_size(figure, apart * 100, "points", what)
    elif figure.unit == "%":
        yield from _is_size(figure, apart / abs(base) * 100 if base else float("inf"), "%", what)
    else:
        yield from _is_size(figure, apart, UNITS[unit], what)


def _is_size(figure: Figure, size: float, unit: str, what: str) -> Iterator[str]:
    if figure.unit != unit:
        yield f"the distance from {what} is in {unit}, not in {figure.unit}"
    if not figure.is_about(size):
        yield f"the distance from {what} is {size:.6g}"


def points_up(direction: int, value: float, base: float, what: str) -> Iterator[str]:
    """Yield a fault where a value lies on the other side of what it is held against."""
    if (value > base) - (value < base) != direction:
        yield f"{value:.6g} lies on the other side of {what}, {base:.6g}"


def looks_so(direction: int, value: Figure, base: Figure) -> Iterator[str]:
    """Yield a fault where the figures as they are shown contradict what is said of them."""
    if (value.number > base.number) - (value.number < base.number) != direction:
        yield f"shown are {value.number:g} and {base.number:g}: that is not what is said of them"


def compiled(facts: Facts) -> list[Pattern]:
    """Return the patterns of all claims in the language of a run, the longest message first."""
    found = [pattern for claim in REGISTRY for pattern in claim.patterns(facts.words)]
    return sorted(found, key=lambda pattern: -pattern.length)


@dataclass
class Taken:
    """A passage taken apart: its claims in the order of the text, and what is left of it."""

    said: list[tuple[Pattern, re.Match[str]]]
    left: str


def take_apart(passage: Passage, page: str, patterns: Iterable[Pattern]) -> Taken:
    """Return the claims of a passage, and its text with all of them blanked out."""
    left, said = passage.text, []
    for pattern in patterns:
        if not re.search(r"\d", left):
            break
        if pattern.literal not in left or not pattern.is_said_at(passage.at, page):
            continue
        for found in pattern.matches(left):
            if not re.search(r"\d", found[0]):
                continue
            said.append((pattern, found))
            left = left[: found.start()] + BLANK * len(found[0]) + left[found.end() :]
    return Taken(sorted(said, key=lambda one: one[1].start()), left)
