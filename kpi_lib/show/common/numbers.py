"""One formatter for every figure: the reader's language, the currency, a careful rounding.

Figures that stand side by side, as the ends of a range do, are written together, in one scale and
with as many digits each. Nothing on a page is written by other means: `MOST_DECIMALS` is the limit
by which a page is proofread before it is published.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton
from babel.numbers import get_currency_precision

from kpi_lib.show.common.language import _, locale
from kpi_lib.show.common.units import (
    ADDS_UP,
    LARGEST_IN_FULL,
    MOST_DECIMALS,
    UNITS,
    Precision,
    decimal,
    is_about,
    is_whole,
    scale_of,
    written,
)

MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
LARGEST_AS_SHARE = 3.0  # a growth above 300 % says that the base was small


@dataclass(frozen=True)
class Change:
    """How far a value lies from another: a text without sign, and -1, 0 or 1."""

    text: str
    direction: int

    @property
    def signed(self) -> str:
        """The text with its sign."""
        if not self.direction:
            return _("no change")
        return {1: "+", -1: MINUS}[self.direction] + self.text


def format_value(
    value: float, unit: str, currency: str, *, signed: bool = False, beside: Sequence[float] = ()
) -> str:
    """Return a value with its unit; `signed` puts a plus before what is above 0.

    `beside`: figures of which the first is held against the others, this value among them. Where
    their usual digits do not tell the one from another, all are written with more.

    >>> format_value(0.934, "ratio", "GBP"), format_value(12340.4, "money", "GBP")
    ('93.4%', '£12,340')
    >>> format_value(4.22, "days", "GBP").replace("\N{NO-BREAK SPACE}", " ")
    '4.2 days'
    """
    precision = _precision_apart(beside, unit, currency) or _usual(value, unit, currency)
    return _with_sign(written(abs(value), precision, unit, currency), value, signed=signed)


def format_distance(size: float, unit: str, currency: str) -> str:
    """Return how far two values lie apart, without sign; of ratios in points.

    It is written with more digits than are usual where these would be noughts.

    >>> format_distance(0.04, "days", "GBP").replace("\N{NO-BREAK SPACE}", " ")
    '0.04 days'
    >>> format_distance(0.0001, "ratio", "GBP").replace("\N{NO-BREAK SPACE}", " ")
    '0.01 points'
    """
    size = abs(size)
    if unit == "ratio":
        return format_value(size * 100, "share_points", currency, beside=(size * 100, 0.0))
    return format_value(size, unit, currency, beside=(size, 0.0))


def format_short(value: float, unit: str, currency: str) -> str:
    """Return a value as short as an axis needs it: £12K, 40%, 1.2M."""
    return format_together([value], unit, currency, short=True)[0]


def format_together(
    values: Sequence[float], unit: str, currency: str, *, short: bool = False
) -> list[str]:
    """Return figures that stand side by side, each in the same scale and with as many digits.

    `short`: as an axis needs them. The largest decides.

    >>> format_together([7_303_065, 25_960_000], "money", "GBP")
    ['£7.30M', '£25.96M']
    >>> format_together([471.266, 17_100], "money", "GBP", short=True)
    ['£0.5K', '£17.1K']
    """
    sizes = [abs(float(value)) for value in values]
    choose = UNITS[unit].short if short else UNITS[unit].precision
    precision = choose(sizes, currency)
    plain = "number" if short and unit not in ("money", "ratio") else unit
    texts = (written(size, precision, plain, currency) for size in sizes)
    return [_with_sign(text, value) for text, value in zip(texts, values, strict=True)]


def format_range(low: float, high: float, unit: str, currency: str, *, short: bool = False) -> str:
    """Return two ends as a table has them, in one precision."""
    ends = format_together([low, high], unit, currency, short=short)
    return f"{ends[0]}{_NBSP}\N{EN DASH} {ends[1]}"


def format_rounded(
    values: Sequence[float], unit: str, currency: str, *, signed: bool = False
) -> list[str]:
    """Return figures that were rounded to two digits, in one scale, without idle digits.

    >>> format_rounded([46_000, 120_000], "money", "GBP"), format_rounded([0.93], "ratio", "GBP")
    (['£46,000', '£120,000'], ['93%'])
    """
    largest = max(abs(value) for value in values)
    scale = scale_of(largest) if unit == "money" and largest >= LARGEST_IN_FULL else 1.0
    pence = get_currency_precision(currency) if unit == "money" and scale == 1 else 0
    texts = []
    for value in values:
        digits = 0 if unit == "ratio" else _digits_left(abs(value) / scale, pence)
        text = UNITS[unit].write(abs(value), Precision(digits, scale), currency)
        texts.append(_with_sign(text, value, signed=signed))
    return texts


def change_between(value: float, base: float, unit: str, currency: str) -> Change | None:
    """Return how far `value` lies from `base`: in per cent, for ratios in points, else in the unit.

    Years pass by themselves: None for them.
    """
    if unit == "years":
        return None
    difference = value - base
    text = format_distance(difference, unit, currency)
    if unit in ADDS_UP and _fits_a_share(value, base, unit):
        share = format_value(abs(difference / base), "ratio", currency)
        text = share if _is_not_zero(share) else text
    moved = _is_not_zero(text) and not is_about(value, base)
    return Change(text, (difference > 0) - (difference < 0) if moved else 0)


def format_day(day: date) -> str:
    """Return a day as people write it: 30 September 2011."""
    return format_date(day, "long", locale=locale()).replace(" ", _NBSP)


def format_day_of_year(day: date) -> str:
    """Return a day whose year is said elsewhere: 30 September."""
    return str(format_skeleton("MMMMd", day, locale=locale())).replace(" ", _NBSP)


def format_month(day: date, *, short: bool = False) -> str:
    """Return the month of a day with its year: September 2011, or Sep 2011."""
    name = "LLL" if short else "LLLL"
    return format_date(day, f"{name} y", locale=locale()).replace(" ", _NBSP)


def format_count(count: float) -> str:
    """Return a whole number with its thousands set apart."""
    return decimal(round(count), 0)


def format_precise(number: float) -> str:
    """Return a number with three digits after the point: a model's parameter or test."""
    return decimal(number, MOST_DECIMALS)


def _fits_a_share(value: float, base: float, unit: str) -> bool:
    """Say whether a percentage tells more than the difference: not of a handful or a loss."""
    few = unit != "money" and abs(base) < 10
    return base > 0 and not few and abs(value / base - 1) <= LARGEST_AS_SHARE


def _with_sign(text: str, value: float, *, signed: bool = False) -> str:
    """Return a number's text with its sign; one that reads as 0 has none."""
    if not _is_not_zero(text):
        return text  # what rounds to nothing has no sign
    return (MINUS if value < 0 else "+" if signed else "") + text


def _is_not_zero(text: str) -> bool:
    """Say whether a figure, as it is written, is more than noughts."""
    return any(digit in text for digit in "123456789")


def _usual(value: float, unit: str, currency: str) -> Precision:
    return UNITS[unit].precision([abs(value)], currency)


def _precision_apart(beside: Sequence[float], unit: str, currency: str) -> Precision | None:
    """Return the fewest digits that tell the first figure from others that differ from it.

    None where the usual ones do; the most that are ever written where no fewer do.
    """
    others = [other for other in beside[1:] if not is_about(beside[0], other)]
    if not others or all(_are_apart(beside[0], other, None, unit, currency) for other in others):
        return None
    finer = _finer_precisions(beside, unit, currency)
    return next(
        (p for p in finer if all(_are_apart(beside[0], o, p, unit, currency) for o in others)),
        finer[-1],
    )


def _are_apart(
    one: float, other: float, precision: Precision | None, unit: str, currency: str
) -> bool:
    """Say whether two figures look different, and their distance is no less than a last digit."""
    texts = [
        written(abs(size), precision or _usual(size, unit, currency), unit, currency)
        for size in (one, other)
    ]
    coarse = precision or min(
        (_usual(size, unit, currency) for size in (one, other)), key=lambda usual: usual.digits
    )
    step = coarse.scale * 10.0**-coarse.digits / (100 if unit == "ratio" else 1)
    is_seen = abs(one - other) >= step / 2
    return is_seen and (texts[0] != texts[1] or (one < 0) != (other < 0))


def _finer_precisions(beside: Sequence[float], unit: str, currency: str) -> list[Precision]:
    """Return with how many more digits figures can be written; of money also without its scale."""
    usual = UNITS[unit].precision([abs(size) for size in beside], currency)
    if unit != "money":
        return [Precision(digits) for digits in range(usual.digits, MOST_DECIMALS + 1)]
    in_full = [Precision(digits) for digits in sorted({0, get_currency_precision(currency)})]
    if usual.scale == 1:
        return in_full
    return [*(Precision(digits, usual.scale) for digits in (2, MOST_DECIMALS)), *in_full]


def _digits_left(size: float, least: int) -> int:
    """Return how many digits after the point a size of two digits has; if any, `least` of them."""
    if size >= 10 or is_whole(size):
        return 0
    return min(max(1 - math.floor(math.log10(size)), least), MOST_DECIMALS)
