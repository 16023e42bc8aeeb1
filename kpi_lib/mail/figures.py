"""Finding figures in a text: which of them can only be somebody else's.

A page rounds, so a figure of the text stands for every number that rounds to it. One that the
partner's own numbers explain is the partner's, whoever else has the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST_DIGITS = 5  # fewer are met by chance
_LEFT = 4  # of these so many beside the zeros at the end: 50,000 is nobody's
_SPACES = "\u00a0\u202f\u2009 '\u2019"
_NUMBER = re.compile(rf"\d{{1,3}}(?:[.,{_SPACES}]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_WORD_AROUND = re.compile(r"[A-Za-z0-9]*$"), re.compile(r"[A-Za-z0-9]*")
_BESIDE = ("previous", "year_ago", "baseline", "target", "minimum", "benchmark")


@dataclass(frozen=True)
class Figure:
    """A number as a text has it; `readings`: what it may stand for, each with its decimals."""

    text: str
    readings: tuple[tuple[float, int], ...]


def figures_of(text: str) -> Iterator[Figure]:
    """Yield the distinctive figures of a text.

    >>> [figure.text for figure in figures_of("41,257 of 50,000 on 2011-09-30; 93.4%, 1.234")]
    ['41,257']
    """
    for found in _NUMBER.finditer(text):
        if sum(c.isdigit() for c in found[0]) >= FEWEST_DIGITS and not _in_a_hash(text, found):
            readings = tuple(r for r in _readings(found[0]) if _is_distinctive(*r))
            if readings:
                yield Figure(found[0], readings)


class Numbers:
    """Many numbers, sorted, to be asked whether one of them is written as a figure."""

    def __init__(self, numbers: Iterable[float]) -> None:
        sizes = np.abs(np.fromiter(numbers, dtype=float))
        self._sorted: NDArray[np.float64] = np.unique(sizes[np.isfinite(sizes)])

    def have(self, figure: Figure, tolerance: float) -> bool:
        """Say whether a number lies within `tolerance` units of the figure's last digit."""
        return any(self._near(value, tolerance * 10.0**-d) for value, d in figure.readings)

    def _near(self, value: float, distance: float) -> bool:
        distance += 1e-9 * value
        place = int(np.searchsorted(self._sorted, value - distance))
        return place < len(self._sorted) and bool(self._sorted[place] <= value + distance)


def own_numbers(raw: Mapping[str, Any]) -> Numbers:
    """Return the numbers that a partner's page may show: those of its slice, and differences."""
    numbers = [n * scale for n in _numbers(raw) for scale in (1.0, 100.0)]
    for row in raw["kpis"]:
        course = [point.get("value") for point in raw.get("history", {}).get(row["kpi"], ())]
        told = _numbers([t for t in _insights(raw.get("insights")) if t["kpi"] == row["kpi"]])
        numbers += _differences(row, [*course, *told])
    return Numbers(numbers)


def _insights(told: Any) -> Iterator[Mapping[str, Any]]:
    """Yield what is told of single KPIs: actions, good news, what moved."""
    if isinstance(told, Mapping):
        if "kpi" in told:
            yield told
        told = list(told.values())
    if isinstance(told, list | tuple):
        for part in told:
            yield from _insights(part)


def _differences(row: Mapping[str, Any], held: Sequence[float | None]) -> Iterator[float]:
    """Yield how far a value lies from each that it is held against, as numbers and as shares."""
    value = row.get("value")
    if value is None:
        return
    others = [row.get(column) for column in _BESIDE]
    others += [row["standing"]["median"]] if row.get("standing") else []
    others += [row["dispute"].get("reported")] if row.get("dispute") else []
    for other in [*others, *held]:
        if other is not None:
            yield value - other
            yield 100 * (value - other)
            if other:
                yield 100 * (value / other - 1)


def _numbers(raw: Any) -> Iterator[float]:
    """Yield every number of a slice, those within its texts among them."""
    if isinstance(raw, Mapping):
        for value in raw.values():
            yield from _numbers(value)
    elif isinstance(raw, list | tuple):
        for value in raw:
            yield from _numbers(value)
    elif isinstance(raw, str):
        yield from (value for figure in figures_of(raw) for value, _ in figure.readings)
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        yield float(raw)


def _readings(text: str) -> Iterator[tuple[float, int]]:
    """Yield what a number may mean: 1.234 is a thousand to one reader, and just above 1 to others.

    >>> list(_readings("1.234")), list(_readings("41,257.13"))
    ([(1234.0, 0), (1.234, 3)], [(41257.13, 2)])
    """
    plain = re.sub(f"[{_SPACES}]", "", text)
    marks = [c for c in plain if not c.isdigit()]
    if not marks:
        yield float(plain), 0
        return
    last = marks[-1]
    whole, _, decimals = plain.rpartition(last)
    if len(decimals) == 3 and len(set(marks)) == 1:
        yield float(re.sub("[.,]", "", plain)), 0
    if marks.count(last) == 1:
        yield float(f"{re.sub('[.,]', '', whole)}.{decimals}"), len(decimals)


def _is_distinctive(value: float, decimals: int) -> bool:
    digits = f"{value:.{decimals}f}".replace(".", "").lstrip("0")
    return len(digits) >= FEWEST_DIGITS and len(digits.rstrip("0")) >= _LEFT


def _in_a_hash(text: str, found: re.Match[str]) -> bool:
    """Say whether the number is a piece of a fingerprint or of another code."""
    before = _WORD_AROUND[0].search(text, max(found.start() - 64, 0), found.start())
    after = _WORD_AROUND[1].match(text, found.end())
    around = (before[0] if before else "") + found[0] + (after[0] if after else "")
    letters = sum(c.isalpha() for c in around)
    return letters > 0 and _HEX.fullmatch(around) is not None
