"""How figures of each unit are written: with how many digits, in which scale, with which words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from kpi_lib.show.common.language import _, locale

_NBSP = "\N{NO-BREAK SPACE}"
MOST_DECIMALS = 3  # after the point, whatever is written
LARGEST_IN_FULL = 10_000_000  # beyond it nobody reads the last digits
SCALES = (1e9, 1e6, 1e3)
ADDS_UP = ("money", "number", "tonnes")  # what changes in per cent


@dataclass(frozen=True)
class Precision:
    """How figures are written: digits after the point, and of money the scale, 1e6 for millions."""

    digits: int
    scale: float = 1.0


def written(size: float, precision: Precision, unit: str, currency: str) -> str:
    """Return a size with its unit, in so many digits; nothing at all has none after the point."""
    is_none = is_about(size, 0.0) and unit in (*ADDS_UP, "ratio")
    precision = Precision(0) if is_none else precision
    return UNITS[unit].write(size, precision, currency)


def decimal(number: float, digits: int) -> str:
    """Return a number with so many digits after the point."""
    return format_decimal(number, f"#,##{_zeros(digits)}", locale=locale())


def _zeros(digits: int) -> str:
    return "0" + ("." + "0" * digits if digits else "")


# --- money ----------------------------------------------------------------------------------------


def _money_precision(sizes: Sequence[float], currency: str) -> Precision:
    """In full below ten million; the smallest unit of the currency counts below a hundred."""
    largest = max(sizes)
    if largest >= LARGEST_IN_FULL:
        return Precision(2, scale_of(largest))
    in_small = 0 < largest < 100
    return Precision(get_currency_precision(currency) if in_small else 0)


def _money_short(sizes: Sequence[float], _currency: str) -> Precision:
    """In thousands or millions, as far as the language shortens them; round ones have no digit."""
    largest = max(sizes)
    scale = scale_of(largest)
    if scale == 1:
        few = any(0 < size < 10 and not size.is_integer() for size in sizes)
        return Precision(int(few and largest < 10))
    is_round = all(round(size / scale, 1).is_integer() for size in sizes)
    return Precision(0 if is_round else 1, scale)


def scale_of(size: float) -> float:
    """Return the largest scale that an amount reaches and that the language has a name for."""
    return next((scale for scale in SCALES if size >= scale and _compact(scale)), 1.0)


def _compact(scale: float) -> str:
    """Return the language's pattern of an amount in that scale, nothing where it has none."""
    forms = Locale.parse(locale()).compact_currency_formats["short"]["other"]
    pattern = str(forms[f"{scale:.0f}"].pattern)
    return pattern if pattern.strip("0 ¤\N{NO-BREAK SPACE}") else ""


def _write_money(size: float, precision: Precision, currency: str) -> str:
    """Return an amount without its sign in the page's language, such as $1.2M."""
    usual = str(Locale.parse(locale()).currency_formats["standard"].pattern)
    pattern = usual.replace("0.00", _zeros(precision.digits))
    if precision.scale > 1:
        pattern = re.sub("0+", _zeros(precision.digits), _compact(precision.scale), count=1)
    scaled = size / precision.scale
    return format_currency(scaled, currency, pattern, locale=locale(), currency_digits=False)


# --- shares ---------------------------------------------------------------------------------------


def _share_precision(sizes: Sequence[float], _currency: str) -> Precision:
    """One digit; more where it would round to 0 or 100 what is neither; none where it is large."""
    return Precision(max(_share_digits(size) for size in sizes))


def _share_digits(size: float) -> int:
    """Return how many decimals a percentage needs, so that it is not read as 0 or 100 %."""
    if size >= 10 or any(is_about(size, whole) for whole in (0.0, 1.0)):
        return 0
    digits = (d for d in (1, 2) if round(size * 100, d) not in (0.0, 100.0))
    return next(digits, MOST_DECIMALS)


def _share_short(_sizes: Sequence[float], _currency: str) -> Precision:
    return Precision(0)


def _write_share(size: float, precision: Precision, _currency: str) -> str:
    """Return a share as a percentage in the page's language."""
    usual = str(Locale.parse(locale()).percent_formats[None].pattern)
    pattern = usual.replace("#,##0", f"#,##{_zeros(precision.digits)}")
    return format_percent(size, pattern, locale=locale())


# --- numbers, and what is counted in days, points and years ---------------------------------------


def _number_precision(sizes: Sequence[float], _currency: str) -> Precision:
    """Write counts whole; a mean below ten with two digits at most, none of them a mere nought."""
    largest = max(sizes)
    if largest >= 1000 or all(is_whole(size) for size in sizes):
        return Precision(0)
    if largest >= 10:
        return Precision(1)
    return Precision(1 if all(is_whole(round(size, 2) * 10) for size in sizes) else 2)


def is_whole(size: float) -> bool:
    """Say whether a size is a whole number."""
    return is_about(size, round(size))


def is_about(size: float, whole: float) -> bool:
    """Say whether a size is a whole one but for what computing leaves in the last bits."""
    return math.isclose(size, whole, rel_tol=0, abs_tol=1e-9)


def _number_short(sizes: Sequence[float], _currency: str) -> Precision:
    largest = max(sizes)
    return Precision(int(largest < 10 and not all(is_whole(round(s, 1)) for s in sizes)))


def _write_number(size: float, precision: Precision, _currency: str) -> str:
    return decimal(size, precision.digits)


def _length_precision(sizes: Sequence[float], _currency: str) -> Precision:
    return Precision(0 if max(sizes) >= 100 else 1)


def _write_days(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} days", number=decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_points(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} points", number=decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_share_points(size: float, precision: Precision, _currency: str) -> str:
    return _("{share} points", share=decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_years(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} years", number=decimal(size, precision.digits)).replace(" ", _NBSP)


def _write_tonnes(size: float, precision: Precision, _currency: str) -> str:
    return _("{number} t", number=decimal(size, precision.digits)).replace(" ", _NBSP)


Chooser = Callable[[Sequence[float], str], Precision]


@dataclass(frozen=True)
class _Unit:
    """How figures of a unit are written: digits in full, digits on an axis, and the words."""

    precision: Chooser
    short: Chooser
    write: Callable[[float, Precision, str], str]


UNITS = {
    "money": _Unit(_money_precision, _money_short, _write_money),
    "ratio": _Unit(_share_precision, _share_short, _write_share),
    "number": _Unit(_number_precision, _number_short, _write_number),
    "tonnes": _Unit(_number_precision, _number_short, _write_tonnes),
    "days": _Unit(_length_precision, _number_short, _write_days),
    "points": _Unit(_length_precision, _number_short, _write_points),
    "share_points": _Unit(_length_precision, _number_short, _write_share_points),
    "years": _Unit(_length_precision, _number_short, _write_years),
}
