"""The cells of a run's own pages: its index, its models, the quality of its data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.claims.cells import Read, UnclaimedError
from tests.claims.cells_of_partners import partner
from tests.claims.facts import Row
from tests.claims.figures import Figure, read_day, read_figure
from tests.claims.templates import DAY, FIGURE

# What a slice calls that which a part of its page shows, where the part has another name.
PARTS = {"faults": "findings"}

# --- pages of a run -------------------------------------------------------------------------------


def given(read: Read) -> Iterator[str]:
    """A cell of a run's own page is a number or a day that the page was given for its part."""
    raw = read.facts.given(read.whose)
    content = raw.get(PARTS.get(read.cell.at.part, read.cell.at.part), raw)
    if isinstance(content, list) and read.cell.place < len(content) == _rows_of(read):
        content = content[read.cell.place]
    numbers, days, texts = _all_numbers(content), set(_all_days(content)), _all_texts(content)
    derived = _all_numbers(raw) | _so_far(raw.get("tenths", ()))
    text = read.cell.text
    for found in re.finditer(read.facts.words.kinds[DAY], text):
        year, *day = read_day(found[0], read.facts.language)
        # A span of one year says it once, with its last day.
        if not any(day == list(rest) and year in (None, of) for of, *rest in days):
            yield f"{found[0]} is no day that the page was given"
    rest = re.sub(read.facts.words.kinds[DAY], "", text)
    for found in re.finditer(read.facts.words.kinds[FIGURE], rest):
        figure = read_figure(found[0].strip(), read.facts.language)
        scale = 0.01 if figure.unit == "%" else 1
        near = Figure(figure.number * scale, figure.half * scale, figure.unit, figure.bound)
        if not any(near.is_about(number) for number in {*numbers, *derived}) and not any(
            found[0] in one for one in texts
        ):
            yield f"{found[0]} is no number that the page was given"


def _so_far(tenths: list[Row]) -> set[float]:
    """Return which shares of those who left, and of their money, the first tenths hold."""
    shares: set[float] = set()
    for column in ("gone", "money"):
        values = [row[column] for row in tenths]
        shares |= {sum(values[: n + 1]) / sum(values) for n in range(len(values)) if sum(values)}
    return shares


def _rows_of(read: Read) -> int:
    table = next(at for at in read.cell.at.above() if at.tag == "table")
    return sum(len(list(body.all("tr"))) for body in table.all("tbody"))


def _all_numbers(content: Any) -> set[float]:
    if isinstance(content, dict):
        more = (
            {content["count"] - len(content["names"])}
            if {"count", "names"} <= set(content)
            else set()
        )
        return more | {n for value in content.values() for n in _all_numbers(value)}
    if isinstance(content, list):
        return {float(len(content))} | {n for value in content for n in _all_numbers(value)}
    is_number = isinstance(content, int | float) and not isinstance(content, bool)
    return {float(content)} if is_number else set()


def _all_texts(content: Any) -> set[str]:
    if isinstance(content, dict | list):
        values = content.values() if isinstance(content, dict) else content
        return {text for value in values for text in _all_texts(value)}
    return {content} if isinstance(content, str) else set()


def _all_days(content: Any) -> Iterator[tuple[int, int, int]]:
    for text in _all_texts(content):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            yield tuple(int(number) for number in text.split("-"))  # type: ignore[misc]


def on_the_index(read: Read) -> Iterator[str]:
    """A row of the index is a partner with its business, and with links that are called by it."""
    if not read.partner:
        raise UnclaimedError
    if read.head == read.facts.words.in_language("Pages")[0]:
        name = str(read.facts.partners[read.partner]["name"])
        if re.search(r"\d", read.cell.text.replace(name, "")):
            yield "a link is called by another name"
        return
    yield from partner(read)
