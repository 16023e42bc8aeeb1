"""One formatter for every figure: the reader's language, the currency, a careful rounding.

Figures that stand side by side, as the ends of a range do, are written together, in one scale and
with as many digits each. Nothing on a page is written by other means: `MOST_DECIMALS` is the limit
by which a page is proofread before it is published.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from kpi_lib.show.language import _, locale

MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
MOST_DECIMALS = 3  # after the point, whatever is written
LARGEST_IN_FULL = 10_000_000  # beyond it nobody reads the last digits
LARGEST_AS_SHARE = 3.0  # a growth above 300 % says that the base was small
SCALES = (1e9, 1e6, 1e3)
ADDS_UP = ("money", "number", "tonnes")  # what changes in per cent


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


@dataclass(frozen=True)
class Precision:
    """How figures are written: digits after the point, and of money the scale, 1e6 for millions."""

    digits: int
    scale: float = 1.0


def format_value(value: float, unit: str, currency: str, *, signed: bool = False) -> str:
    """Return a value with its unit; `signed` puts a plus before what is above 0.

    >>> format_value(0.934, "ratio", "GBP"), format_value(12340.4, "money", "GBP")
    ('93.4%', '£12,340')
    >>> format_value(4.22, "days", "GBP").replace("\N{NO-BREAK SPACE}", " ")
    '4.2 days'
    """
    text = _written(abs(value), _UNITS[unit].precision([abs(value)], currency), unit, currency)
    return _with_sign(text, value, signed=signed)


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
    choose = _UNITS[unit].short if short else _UNITS[unit].precision
    precision = choose(sizes, currency)
    plain = "number" if short and unit not in ("money", "ratio") else unit
    texts = (_written(size, precision, plain, currency) for size in sizes)
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
    scale = _scale(largest) if unit == "money" and largest >= LARGEST_IN_FULL else 1.0
    pence = get_currency_precision(currency) if unit == "money" and scale == 1 else 0
    texts = []
    for value in values:
        digits = 0 if unit == "ratio" else _digits_left(abs(value) / scale, pence)
        text = _UNITS[unit].write(abs(value), Precision(digits, scale), currency)
        texts.append(_with_sign(text, value, signed=signed))
    return texts


def change_between(value: float, base: float, unit: str, currency: str) -> Change | None:
    """Return how far `value` lies from `base`: in per cent, for ratios in points, else in the unit.

    Years pass by themselves: None for them.
    """
    if unit == "years":
        return None
    difference = value - base
    if unit == "ratio":
        text = format_value(abs(difference) * 100, "share_points", currency)
    elif unit in ADDS_UP and _fits_a_share(value, base, unit):
        text = format_value(abs(difference / base), "ratio", currency)
    else:
        text = format_value(abs(difference), unit, currency)
    moved = any(digit in text for digit in "123456789")
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
    return _decimal(round(count), 0)


def format_precise(number: float) -> str:
    """Return a number with three digits after the point: a model's parameter or test."""
    return _decimal(number, MOST_DECIMALS)


def _fits_a_share(value: float, base: float, unit: str) -> bool:
    """Say whether a percentage tells more than the difference: not of a handful or a loss."""
    few = unit != "money" and abs(base) < 10
    return base > 0 and not few and abs(value / base - 1) <= LARGEST_AS_SHARE


def _with_sign(text: str, value: float, *, signed: bool = False) -> str:
    if not any(digit in text for digit in "123456789"):
        return text  # what rounds to nothing has no sign
    return (MINUS if value < 0 else "+" if signed else "") + text


def _written(size: float, precision: Precision, unit: str, currency: str) -> str:
    is_none = _is_about(size, 0.0) and unit in (*ADDS_UP, "ratio")
    precision = Precision(0) if is_none else precision
    return _UNITS[unit].write(size, precision, currency)


def _decimal(number: float, digits: int) -> str:
    return format_decimal(number, f"#,##{_zeros(digits)}", locale=locale())


def _zeros(digits: int) -> str:
    return "0" + ("." + "0" * digits if digits else "")


def _digits_left(size: float, least: int) -> int:
    """Return how many digits after the point a size of two digits has; if any, `least` of them."""
    if size >= 10 or _is_whole(size):
        return 0
    return min(max(1 - math.floor(math.log10(size)), least), MOST_DECIMALS)


# --- money ----------------------------------------------------------------------------------------


def _money_precision(sizes: Sequence[float], currency: str) -> Precision:
    """In full below ten million; the smallest unit of the currency counts below a hundred."""
    largest = max(sizes)
    if largest >= LARGEST_IN_FULL:
        return Precision(2, _scale(largest))
    in_small = 0 < largest < 100
    return Precision(get_currency_precision(currency) if in_small else 0)


def _money_short(sizes: Sequence[float], _currency: str) -> Precision:
    """In thousands or millions, as far as the language shortens them; round ones have no digit."""
    largest = max(sizes)
    scale = _scale(largest)
    if scale == 1:
        few = any(0 < size < 10 and not size.is_integer() for size in sizes)
        return Precision(int(few and largest < 10))
    is_round = all(round(size / scale, 1).is_integer() for size in sizes)
    return Precision(0 if is_round else 1, scale)


def _scale(size: float) -> float:
    """Return the largest scale that an amount reaches and that the language has a name for."""
    return next((scale for scale in SCALES if size >= scale and _compact(scale)), 1.0)


def _compact(scale: float) -> str:
    """Return the language's pattern of an amount in that scale, nothing where it has none."""
    forms = Locale.parse(locale()).compact_currency_formats["short"]["other"]
    pattern = str(forms[f"{scale:.0f}"].pattern)
    return pattern if pattern.strip("0 ¤\N{NO-BREAK SPACE}") else ""


def _write_money(size: float, precision: Precision, currency: str) -> str:
    usual = str(Locale.parse(locale()).currency_formats["standard"].pattern)
    pattern = usual.replace("0.00", _zeros(precision.digits))
    if precision.scale > 1:
        pattern = re.sub("0+", _zeros(precision.digits), _compact(precision.scale), count=1)
    told = size / precision.scale
    return format_currency(told, currency, pattern, locale=locale(), currency_digits=False)


# --- shares ---------------------------------------------------------------------------------------


def _share_precision(sizes: Sequence[float], _currency: str) -> Precision:
    """One digit; more where it would round to 0 or 100 what is neither; none where it is large."""
    return Precision(max(_share_digits(size) for size in sizes))


def _share_digits(size: float) -> int:
    if size >= 10 or any(_is_about(size, whole) for whole in (0.0, 1.0)):
        return 0
    digits = (d for d in (1, 2) if round(size * 100, d) not in (0.0, 100.0))
    return next(digits, MOST_DECIMALS)


def _share_short(_sizes: Sequence[float], _currency: str) -> Precision:
    return Precision(0)


def _write_share(size: float, precision: Precision, _currency: str) -> str:
    usual = str(Locale.parse(locale()).percent_formats[None].pattern)
    pattern = usual.replace("#,##0", f"#,##{_zeros(precision.digits)}")
    return format_percent(size, pattern, locale=locale())


# --- numbers, and what is counted in days, points and years ---------------------------------------


def _number_precision(sizes: Sequence[float], _currency: str) -> Precision:
    """Write counts whole; a mean below ten with two digits at most, none of them a mere nought."""
    largest = max(sizes)
    if largest >= 1000 or all(_is_whole(size) for size in sizes):
        return Precision(0)
    if largest >= 10:
        return Precision(1)
    return Precision(1 if all(_is_whole(round(size, 2) * 10) for size in sizes) else 2)


def _is_whole(size: float) -> bool:
    return _is_about(size, round(size))


def _is_about(size: float, whole: float) -> bool:
    """Say whether a size is a whole one but for what computing leaves in the last bits."""
    return math.isclose(size, whole, rel_tol=0, abs_tol=1e-9)


def _number_short(sizes: Sequence[float], _currency: str) -> Precision:
    largest = max(sizes)
    return Precision(int(largest < 10 and not all(_is_whole(round(s, 1)) for s in sizes)))


def _write_number(size: float, precision: Precision, _currency: str) -> str:
    return _decimal(size, precision.digits)


def _length_precision(sizes: Sequence[float], _currency: str) -> Precision:
    return Precision(0 if max(sizes) >= 100 else 1)


def _write_days(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} days", number=_decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_points(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} points", number=_decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_share_points(size: float, precision: Precision, _currency: str) -> str:
    return _("{share} points", share=_decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_years(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} years", number=_decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_tonnes(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} t", number=_decimal(size, precision.digits)).replace(" ", _NBSP)


Chooser = Callable[[Sequence[float], str], Precision]


@dataclass(frozen=True)
class _Unit:
    """How figures of a unit are written: digits in full, digits on an axis, and the words."""

    precision: Chooser
    short: Chooser
    write: Callable[[float, Precision, str], str]


_UNITS = {
    "money": _Unit(_money_precision, _money_short, _write_money),
    "ratio": _Unit(_share_precision, _share_short, _write_share),
    "number": _Unit(_number_precision, _number_short, _write_number),
    "tonnes": _Unit(_number_precision, _number_short, _write_tonnes),
    "days": _Unit(_length_precision, _number_short, _write_days),
    "points": _Unit(_length_precision, _number_short, _write_points),
    "share_points": _Unit(_length_precision, _number_short, _write_share_points),
    "years": _Unit(_length_precision, _number_short, _write_years),
}
