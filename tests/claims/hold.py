"""Holds finished pages against the tables of their run: what is untrue, what nobody claimed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.claims import (  # noqa: F401 -- they enter their claims
    say_courses,
    say_insights,
    say_measures,
    say_pages,
    say_portfolio,
    say_runs,
    say_shares,
)
from tests.claims.cells import UnclaimedError
from tests.claims.claims import BLANK, Pattern, Said, compiled, take_apart
from tests.claims.facts import Facts, Tally, Whose
from tests.claims.figures import figure_pattern
from tests.claims.page_rules import page_faults
from tests.claims.pages import Cell, Element, Passage, cells, passages, read_page
from tests.claims.tables import cell_faults
from tests.claims.words import of_the_company

NOTHING_TO_HOLD = (LookupError, StopIteration, RuntimeError, TypeError, ValueError)


def hold_run(facts: Facts, pages: Iterable[Path]) -> Tally:
    """Return what pages of a run claim, and what of it is untrue or claimed by nobody."""
    patterns = patterns_of(facts)
    for page in pages:
        hold_page(read_page(page.read_text()), facts.whose(page), facts, patterns)
    return facts.tally


def patterns_of(facts: Facts) -> list[Pattern]:
    """Return all that may be claimed on the pages of a run, the longest message first."""
    patterns = [*compiled(facts), *of_the_company(facts)]
    return sorted(patterns, key=_rank)


def _rank(pattern: Pattern) -> tuple[int, bool, str, str]:
    """Return by what patterns are tried in turn, in whatever order their modules were read."""
    claim = pattern.claim
    size = pattern.length + 2 * bool(claim.pages)
    return -size, not claim.where, claim.id, claim.where


def hold_page(page: Element, whose: Whose, facts: Facts, patterns: list[Pattern]) -> None:
    """Enter in the tally what a page says, and what of it does not hold."""
    for passage in passages(page):
        if re.search(r"\d", passage.text):
            hold_passage(passage, whose, facts, patterns)
    facts.tally.untrue += [f"{whose.page}: {fault}" for fault in page_faults(page, whose, facts)]
    for cell in cells(page):
        if re.search(r"\d", cell.text):
            hold_cell(cell, whose, facts)


def hold_cell(cell: Cell, whose: Whose, facts: Facts) -> None:
    """Enter in the tally what a cell says, and what of it does not hold."""
    facts.tally.cells += 1
    place = f"{whose.page}: {cell.at.part}: {cell.row!r}, {cell.head!r}: {cell.text!r}"
    try:
        found = list(cell_faults(cell, whose, facts))
    except UnclaimedError:
        facts.tally.unclaimed.append(place)
    except NOTHING_TO_HOLD as missing:
        facts.tally.untrue.append(f"{place}: there is nothing to hold it against: {missing!r}")
    else:
        facts.tally.untrue += [f"{place}: {fault}" for fault in found]


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
    except NOTHING_TO_HOLD as missing:
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
    is_defined = any("definitions" in at.classes for at in passage.at.above())
    for text in (*([] if is_defined else [passage.text]), *passage.titles):
        found_name = begins.match(text)
        if found_name:
            return facts.words.measures[found_name["name"]]
    return ""
