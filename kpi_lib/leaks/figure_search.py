"""Finding figures in a text: which of them can only be somebody else's.

A page rounds, and people round further, so a figure stands for every number that rounds to it. One
that the partner's own numbers explain is the partner's, whoever else has the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kpi_lib.leaks.tokens import plain
from kpi_lib.show.common.language import languages
from kpi_lib.slices.insight_types import Action, Driver, FollowUp, GoodNews, Insights
from kpi_lib.slices.json_form import leaves
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.slices.scorecard_types import ScorecardSlice

EXACT_DIGITS = 5  # fewer are met by chance
EXACT_LEFT = 4  # of these so many beside the zeros at the end: 50,000 is nobody's
ROUND_LEFT = 2  # of a rounded one: 51k tells, 50k does not
ROUND_FROM = 1_000.0
SMALL_LEFT = 3  # of one below that: 37.5%
_NEAR = 25  # units to either side in which a crowd is counted
_SPACES = (
    " '\u2019\u02bc\u066c_\u00b7"  # after the compatible form, in which every other space is one
)
_NUMBER = re.compile(
    rf"\d{{1,3}}(?:[.,{_SPACES}]\d{{3}})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?", re.ASCII
)
_NO_FIGURE = re.compile(  # days, times and telephone numbers
    r"\b\d{4}-\d\d(?:-\d\d)?\b|\b\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d\d)\b|"
    r"\b\d{1,2}:\d\d\b|\+\d[\d ()/-]{6,}"
)
_TELEPHONE = 9  # digits of the shortest number with its country
_TIMES = {
    1e3: r"k|t(?=eur|\u20ac|usd|\$|gbp|\u00a3|chf)|tsd\.?|thousands?|tausend|grand",
    1e6: r"m|mn|mio\.?|millions?|millionen",
    1e9: r"bn|mrd\.?|billions?|milliarden?",
}
_MONEY = r"eur|usd|gbp|chf|[\u20ac$\u00a3]"  # as 51 TEUR and 1.2 MEUR have it
_UNIT_AFTER = tuple(
    (
        size,
        re.compile(
            rf"[ -]?(?:[^\W\d_]*[\u20ac$\u00a3] ?)?(?:{words})(?:{_MONEY})?(?![^\W_])",
            re.IGNORECASE,
        ),
    )
    for size, words in _TIMES.items()
)
_THOUSANDS_BEFORE = re.compile(r"\bT(?:\u20ac|EUR|\$|USD|\u00a3|GBP) ?$")
_DIGIT = re.compile(
    r"\d|\u00b9|\u00b2|\u00b3|[\u2070-\u2089\u2460-\u24ff\u2776-\u2793]"
)  # in any form
_YEARS = range(1900, 2101)
_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_WORD_AROUND = re.compile(r"[A-Za-z0-9]*$"), re.compile(r"[A-Za-z0-9]*")
_BESIDE = ("previous", "year_ago", "baseline", "target", "minimum", "benchmark")
_IN_WORDS = re.compile(r"thousand|hundred|million|billion|tausend|hundert|milliard", re.IGNORECASE)

_BETWEEN_WORDS = re.compile(
    r"\b(thousand|million|billion),\s", re.IGNORECASE
)  # as English may have it


class Grade(Enum):
    """How much a figure tells: all of a number, its first digits, or a number below a thousand."""

    EXACT = "exact"
    ROUND = "round"
    SMALL = "small"


@dataclass(frozen=True)
class Reading:
    """What a figure may stand for; `unit`: what its last telling digit counts."""

    value: float
    unit: float

    @property
    def left(self) -> int:
        """How many digits it tells, without zeros before and after them."""
        return len(f"{self.value / self.unit:.0f}".strip("0"))

    @property
    def grade(self) -> Grade | None:
        """How much it tells; None where it is met everywhere, as 50,000 or 12 is."""
        digits, left = len(f"{self.value / self.unit:.0f}".lstrip("0")), self.left
        whole = digits + round(np.log10(max(self.unit, 1.0)))
        if whole >= EXACT_DIGITS and left >= EXACT_LEFT:
            return Grade.EXACT
        if self.value >= ROUND_FROM and left >= ROUND_LEFT:
            return Grade.ROUND
        return Grade.SMALL if self.unit < 1.0 and left >= SMALL_LEFT else None


@dataclass(frozen=True)
class Figure:
    """A number as a text has it, and what it may stand for; one reading at least tells."""

    text: str
    readings: tuple[Reading, ...]

    @property
    def is_shortened(self) -> bool:
        """Whether it says thousands or millions in a word."""
        return not self.text[-1:].isdigit()


def figures_of(text: str) -> Iterator[Figure]:
    """Yield the telling figures of a text, those in words among them.

    >>> [figure.text for figure in figures_of("41,257 of 50,000 on 2011-09-30; 93%, 51k")]
    ['41,257', '51k']
    >>> [figure.text for figure in figures_of("about fifty-one thousand; einundfünfzigtausend")]
    ['51000', '51000']
    """
    if not _DIGIT.search(text) and not _IN_WORDS.search(text):
        return
    written = _digits(plain(text))
    yield from _figures_written(written)
    if _IN_WORDS.search(written):
        yield from _figures_in_words(written)


def _figures_written(text: str) -> Iterator[Figure]:
    """Yield the numbers that a text has, each with all that it may be read as; days are none."""
    text = _NO_FIGURE.sub(_without_days, text)
    for found in _NUMBER.finditer(text):
        if len(found[0]) < ROUND_LEFT or _in_a_hash(text, found):
            continue
        times, after = _multiplier(text, found)
        readings = tuple(_readings(found[0], times))
        if any(r.grade and not _is_year(found[0], r) for r in readings):
            yield Figure(found[0] + after, readings)


def _without_days(found: re.Match[str]) -> str:
    """Return what stands for a day or a telephone number; what rose by +51 203 is a figure."""
    text = found[0]
    is_amount = (
        _NUMBER.fullmatch(text[1:].strip(" ()/-")) or sum(map(str.isdigit, text)) < _TELEPHONE
    )
    return text if text.startswith("+") and is_amount else "|" * len(text)


def _figures_in_words(text: str) -> Iterator[Figure]:
    """Yield the figures that are written in words of a page's language."""
    from text_to_num import alpha2digit

    known = set(_NUMBER.findall(text))
    for language in languages():
        try:
            in_digits = alpha2digit(_BETWEEN_WORDS.sub(r"\1 ", text), language)
        except ValueError:  # the library knows no numbers of that language
            continue
        yield from (f for f in _figures_written(in_digits) if f.text not in known)


def _digits(text: str) -> str:
    """Return a text with every script's digits, and every space, as the plain ones."""
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() and c != "\n" else c
        for c in text
    )


class Numbers:
    """Many numbers, sorted, to be asked whether one of them is written as a figure."""

    def __init__(self, numbers: Iterable[float]) -> None:
        sizes = np.abs(np.fromiter(numbers, dtype=float))
        self._sorted: NDArray[np.float64] = np.unique(sizes[np.isfinite(sizes)])

    def have(self, reading: Reading, tolerance: float) -> bool:
        """Say whether a number lies within `tolerance` units of the reading's last digit."""
        return self._count_within(reading.value, tolerance * reading.unit) > 0

    def crowd(self, reading: Reading) -> float:
        """Return how many numbers such a figure would meet by chance, where it stands."""
        return self._count_within(reading.value, _NEAR * reading.unit) / _NEAR

    def _count_within(self, value: float, distance: float) -> int:
        """Return how many of the numbers lie within a distance of a value."""
        distance += 1e-9 * value
        ends = np.searchsorted(
            self._sorted, [value - distance, np.nextafter(value + distance, np.inf)]
        )
        return int(ends[1] - ends[0])


def own_numbers(slice_: ScorecardSlice) -> Numbers:
    """Return the numbers that a partner's page may show: those of its slice, and differences.

    `slice_`: the computed part of a slice, which explains figures; what people typed explains none.
    """
    numbers = [n * scale for n in _numbers(slice_) for scale in (1.0, 100.0)]
    for row in slice_.kpis:
        history = [point.value for point in slice_.history.get(row.kpi, ())]
        beside = [*history, *_numbers(_insights_on(row.kpi, slice_.insights))]
        for difference in _differences(row, beside):
            numbers += [difference, 100 * difference]
        numbers += _changes(row, beside)
    return Numbers(numbers)


def shown_numbers(slice_: ScorecardSlice) -> Numbers:
    """Return the numbers that a page shows as they are, and what they lie apart.

    They are fewer, so that a rounded figure of somebody else is not explained by chance.
    """
    numbers = list(_numbers(slice_))
    for row in slice_.kpis:
        apart = list(_differences(row, ()))
        numbers += apart
        definition = slice_.definitions.get(row.kpi)
        if definition and definition.unit == "ratio":  # shown in percent, of growth a large one
            history = slice_.history.get(row.kpi, ())
            numbers += [100 * n for n in (*_numbers(row), *_numbers(history), *apart)]
    return Numbers(numbers)


def compared_numbers(slice_: ScorecardSlice) -> Numbers:
    """Return what people round most: each KPI's value and what it is held against."""
    rows = ((row.value, *_comparison_values(row, ())) for row in slice_.kpis)
    return Numbers(n for row in rows for n in row if n is not None)


def fractions(slice_: ScorecardSlice) -> Numbers:
    """Return the whole numbers that a page writes with decimals: what they stand beside has some.

    25 tonnes of 1.333 are written 25.000, and are no 25 thousand.
    """
    numbers: list[float] = []
    for row in slice_.kpis:
        beside = [n for n in (row.value, *_comparison_values(row, ())) if n is not None]
        if any(not float(n).is_integer() for n in beside):
            numbers += beside
    return Numbers(numbers)


def _insights_on(
    kpi: str, insights: Insights | None
) -> list[Action | GoodNews | Driver | FollowUp]:
    """Return what is said of one KPI: actions, good news, what moved, what became of actions."""
    if insights is None:
        return []
    of_all: list[Action | GoodNews | Driver | FollowUp] = [*insights.actions, *insights.went_well]
    of_all += [*insights.drivers, *insights.follow_up]
    return [one for one in of_all if one.kpi == kpi]


def _comparison_values(row: KpiRow, held: Sequence[float | None]) -> list[float]:
    """Return what a value is held against."""
    others = [row.figure(column) for column in _BESIDE]
    others += [row.standing.median] if row.standing else []
    others += [row.dispute.reported] if row.dispute else []
    return [other for other in [*others, *held] if other is not None]


def _differences(row: KpiRow, held: Sequence[float | None]) -> Iterator[float]:
    """Yield how far a value lies from each that it is held against."""
    if row.value is not None:
        yield from (row.value - other for other in _comparison_values(row, held))


def _changes(row: KpiRow, held: Sequence[float | None]) -> Iterator[float]:
    """Yield how far a value lies from each that it is held against, in per cent of that."""
    if row.value is not None:
        yield from (100 * (row.value / o - 1) for o in _comparison_values(row, held) if o)


def _numbers(part: object) -> Iterator[float]:
    """Yield every number of a part of a slice, those within its texts among them."""
    for value in leaves(part):
        if isinstance(value, str):
            yield from _numbers_in_text(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)


@lru_cache(8192)  # definitions are the same in every slice
def _numbers_in_text(text: str) -> tuple[float, ...]:
    return tuple(r.value for figure in figures_of(text) for r in figure.readings)


def _multiplier(text: str, found: re.Match[str]) -> tuple[float, str]:
    """Return what a number is to be multiplied by, and the word that says so."""
    for size, pattern in _UNIT_AFTER:
        if after := pattern.match(text, found.end()):
            return size, after[0]
    if _THOUSANDS_BEFORE.search(text, max(found.start() - 6, 0), found.start()):
        return 1e3, ""
    return 1.0, ""


def _readings(text: str, times: float) -> Iterator[Reading]:
    """Yield what a number may mean: 1.234 is a thousand to one reader, and just above 1 to others.

    >>> [r.value for r in _readings("1.234", 1.0)], list(_readings("41,257.13", 1.0))
    ([1234.0, 1.234], [Reading(value=41257.13, unit=0.01)])
    >>> list(_readings("51", 1e3)), list(_readings("51,000", 1.0))[0]
    ([Reading(value=51000.0, unit=1000.0)], Reading(value=51000.0, unit=1000.0))
    """
    bare = re.sub(f"[{_SPACES}]", "", text)
    marks = [c for c in bare if not c.isdigit()]
    last = marks[-1] if marks else ""
    whole, _, decimals = bare.rpartition(last) if last else (bare, "", "")
    if not last or (len(decimals) == 3 and len(set(marks)) == 1):
        value = float(re.sub("[.,]", "", bare))
        yield Reading(value * times, times if times > 1.0 else _last_digit(value))
    if last and marks.count(last) == 1:
        value = float(f"{re.sub('[.,]', '', whole)}.{decimals}")
        yield Reading(value * times, times * 10.0 ** -len(decimals))


def _last_digit(value: float) -> float:
    """Return what the last digit of a whole number counts that is not 0."""
    text = f"{value:.0f}"
    return 10.0 ** (len(text) - len(text.rstrip("0"))) if value else 1.0


def _is_year(text: str, reading: Reading) -> bool:
    return text.isdigit() and len(text) == 4 and int(reading.value) in _YEARS


def _in_a_hash(text: str, found: re.Match[str]) -> bool:
    """Say whether the number is a piece of a fingerprint or of another code."""
    before = _WORD_AROUND[0].search(text, max(found.start() - 64, 0), found.start())
    after = _WORD_AROUND[1].match(text, found.end())
    around = (before[0] if before else "") + found[0] + (after[0] if after else "")
    letters = sum(c.isalpha() for c in around)
    return letters > 0 and _HEX.fullmatch(around) is not None
