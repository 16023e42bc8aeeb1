"""Reads figures as a reader does: "-£206", "£16.63M", "83.6 days", "93,4 %", "16,63 Mio. £".

It shares no code with the formatter that wrote them: what the one writes wrongly, the other finds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel.dates import get_month_names

CURRENCIES = "£€$¥"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Tongue:
    """How a language writes figures: its signs, its scales and its units."""

    thousands: str
    point: str
    scales: Mapping[str, float]
    units: Mapping[str, str]
    months: tuple[str, ...]


def _months(language: str) -> tuple[str, ...]:
    names = get_month_names("wide", locale=language)
    return tuple(names[month] for month in range(1, 13))


TONGUES = {
    "en": Tongue(
        ",",
        ".",
        {"K": 1e3, "M": 1e6, "B": 1e9, "bn": 1e9},
        {"%": "%", " days": "days", " points": "points", " years": "years", " t": "t"},
        _months("en"),
    ),
    "de": Tongue(
        ".",
        ",",
        {" Mio.": 1e6, " Mrd.": 1e9},
        {
            **{" %": "%", " Tage": "days", " Prozentpunkte": "points"},
            **{" Punkte": "points", " Jahre": "years", " t": "t"},
        },
        _months("de"),
    ),
}


@dataclass(frozen=True)
class Figure:
    """What a text says: a number, half of its last digit, and its unit.

    `number` is in per cent where `unit` is %; `bound` is < or > where the text says less or more.
    """

    number: float
    half: float
    unit: str
    bound: str = ""

    def is_about(self, number: float) -> bool:
        """Say whether a number is written so, rounded to the digits that are shown."""
        if self.bound:
            return number < self.number if self.bound == "<" else number > self.number
        return abs(number - self.number) <= self.half * (1 + 1e-6) + 1e-9 * abs(number)


@cache
def number_pattern(language: str) -> str:
    """Return the regular expression of a number without sign and unit."""
    tongue = TONGUES[language]
    apart, point = re.escape(tongue.thousands), re.escape(tongue.point)
    return rf"(?:\d{{1,3}}(?:{apart}\d{{3}})+|\d+)(?:{point}\d+)?"


@cache
def figure_pattern(language: str) -> str:
    """Return the regular expression of a figure with its sign, currency, scale and unit."""
    tongue = TONGUES[language]
    scales, units = (
        "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
        for words in (tongue.scales, tongue.units)
    )
    money = rf"(?:{scales})?(?: ?[{CURRENCIES}])?"
    return (
        rf"(?<![\w.,])(?:[<>] )?[+{MINUS}-]?[{CURRENCIES}]?{number_pattern(language)}{money}"
        rf"(?:{units})?(?![\w%])(?![.,]\d)"
    )


def read_figure(text: str, language: str) -> Figure:
    """Return the figure that a text is; raise ValueError where it is none."""
    tongue = TONGUES[language]
    if not re.fullmatch(figure_pattern(language), text):
        raise ValueError(f"{text!r} is no figure")
    digits = re.search(number_pattern(language), text)
    assert digits
    plain = digits[0].replace(tongue.thousands, "").replace(tongue.point, ".")
    rest = text[digits.end() :]
    scale = next((size for word, size in tongue.scales.items() if rest.startswith(word)), 1.0)
    unit = next((name for word, name in tongue.units.items() if rest.endswith(word)), "")
    is_money = any(sign in text for sign in CURRENCIES)
    sign = -1 if text[: digits.start()].strip(f"<> {CURRENCIES}") in (MINUS, "-") else 1
    last = 10.0 ** -len(plain.partition(".")[2])
    return Figure(
        sign * float(plain) * scale,
        last * scale / 2,
        "money" if is_money else unit,
        text[0] if text[0] in "<>" else "",
    )


@cache
def day_pattern(language: str) -> str:
    """Return the regular expression of a day: 30 September 2011, 30. September 2011."""
    months = "|".join(TONGUES[language].months)
    return rf"\d{{1,2}}\.? (?:{months})(?: \d{{4}})?"


@cache
def month_numbers(language: str) -> dict[str, int]:
    """Return the number of each month by its names: in full, and as a chart shortens them."""
    locale = {"en": "en_GB"}.get(language, language)
    numbers = {}
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            names = get_month_names(width, context=context, locale=locale)
            numbers |= {names[month]: month for month in range(1, 13)}
    return numbers


@cache
def period_pattern(language: str) -> str:
    """Return the regular expression of a period: Q3 2011, September 2011, week 37 of 2011, 2011."""
    names = sorted(month_numbers(language), key=len, reverse=True)
    months = "|".join(re.escape(name) for name in names)
    weeks = {"en": r"week \d{1,2} of \d{4}|W\d{1,2} \d{4}", "de": r"KW ?\d{1,2}[/ ]\d{4}"}
    return rf"(?:[QH]\d \d{{4}}|(?:{months}) \d{{4}}|{weeks[language]}|\d{{4}})(?!\d)"


def read_day(text: str, language: str) -> tuple[int | None, int, int]:
    """Return year, month and day of the month; no year where the text has none."""
    day, month, *year = text.replace(".", "").split()
    return (int(year[0]) if year else None, TONGUES[language].months.index(month) + 1, int(day))


def read_period(text: str, language: str) -> str:
    """Return the period as the tables name it: 2011-Q3, 2011-09, 2011-W37, 2011."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) == 1:
        month = month_numbers(language).get(text.split()[0])
        return f"{numbers[0]}-{month:02}" if month else numbers[0]
    number, year = numbers
    kind = text[0] if text[0] in "QH" else "W"
    return f"{year}-W{int(number):02}" if kind == "W" else f"{year}-{kind}{number}"
