"""Holds finished pages against the tables of their run: what is untrue, what nobody claimed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.claims import say_measures, say_pages, say_portfolio, say_runs  # noqa: F401 -- they enter their claims
from tests.claims.claims import BLANK, Pattern, Said, compiled, take_apart
from tests.claims.facts import Facts, Tally, Whose
from tests.claims.figures import figure_pattern
from tests.claims.pages import Element, Passage, passages, read_page
from tests.claims.words import of_the_company


def hold_run(facts: Facts, pages: Iterable[Path]) -> Tally:
    """Return what pages of a run claim, and what of it is untrue or claimed by nobody."""
    patterns = patterns_of(facts)
    for page in pages:
        hold_page(read_page(page.read_text()), facts.whose(page), facts, patterns)
    return facts.tally


def patterns_of(facts: Facts) -> list[Pattern]:
    """Return all that may be claimed on the pages of a run, the longest message first."""
    told = [*compiled(facts), *of_the_company(facts)]
    return sorted(told, key=lambda pattern: -pattern.length)


def hold_page(page: Element, whose: Whose, facts: Facts, patterns: list[Pattern]) -> None:
    """Enter in the tally what a page says, and what of it does not hold."""
    for passage in passages(page):
        if re.search(r"\d", passage.text):
            hold_passage(passage, whose, facts, patterns)


def hold_passage(passage: Passage, whose: Whose, facts: Facts, patterns: list[Pattern]) -> None:
    """Enter in the tally what a passage says, and what of it does not hold."""
    tally, taken = facts.tally, take_apart(passage, whose.page, patterns)
    tally.passages += 1
    tally.figures += len(re.findall(figure_pattern(facts.language), passage.text))
    about = subject(passage, taken.said, facts)
    for pattern, found in taken.said:
        tally.claims[pattern.claim.id] += 1
        said = Said(pattern.claim, found, passage, whose, facts, about)
        tally.untrue += [
            f"{whose.page}: {found[0]!r} in {passage.text!r}: {fault}" for fault in faults(said)
        ]
    if re.search(r"\d", taken.left):
        left = taken.left.replace(BLANK, "·")
        tally.unclaimed.append(f"{whose.page}: {passage.text!r}: {left!r}")


def faults(said: Said) -> Iterator[str]:
    """Yield what is untrue of a claim; that what it is about is nowhere is such a fault."""
    try:
        yield from said.claim.check(said)
    except (LookupError, StopIteration, RuntimeError, TypeError, ValueError) as missing:
        yield f"there is nothing to hold it against: {missing!r}"


def subject(passage: Passage, said: list[tuple[Pattern, re.Match[str]]], facts: Facts) -> str:
    """Return the KPI that a passage is about: named in it first, else by what it stands under."""
    for pattern, found in said:
        if pattern.claim.subject:
            return pattern.claim.subject
        name = found.groupdict().get("name")
        if name in facts.words.measures and found.start() == 0:
            return facts.words.measures[name]
    begins = facts.words.pattern("{name}")
    is_defined = "definitions" in (passage.at.parent and passage.at.parent.parent or passage.at).classes
    for text in (*([] if is_defined else [passage.text]), *passage.titles):
        found_name = begins.match(text)
        if found_name:
            return facts.words.measures[found_name["name"]]
    return ""
