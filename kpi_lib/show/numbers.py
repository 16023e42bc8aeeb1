"""One formatter for every figure: the reader's language, the currency, a careful rounding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)

from kpi_lib.show.language import _, locale

MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"
LARGEST_IN_FULL = 10_000_000  # beyond it nobody reads the last digits
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


def format_value(value: float, unit: str, currency: str, *, signed: bool = False) -> str:
    """Return a value with its unit; `signed` puts a plus before what is above 0.

    >>> format_value(0.934, "ratio", "GBP"), format_value(12340.4, "money", "GBP")
    ('93.4%', '£12,340')
    >>> format_value(4.22, "days", "GBP").replace("\N{NO-BREAK SPACE}", " ")
    '4.2 days'
    """
    text = _WRITERS[unit](abs(value), currency)
    if not any(digit in text for digit in "123456789"):
        return text  # what rounds to nothing has no sign
    return (MINUS if value < 0 else "+" if signed else "") + text


def format_short(value: float, unit: str, currency: str) -> str:
    """Return a value as short as an axis needs it: £12K, 40%, 1.2M."""
    sign, size = MINUS if value < 0 else "", abs(float(value))
    if unit == "money":
        return sign + _short_money(size, currency)
    if unit == "ratio":
        return sign + _share(size, 0)
    return sign + format_decimal(size, "#,##0.#" if size < 10 else "#,##0", locale=locale())


def change_between(value: float, base: float, unit: str, currency: str) -> Change | None:
    """Return how far `value` lies from `base`: in per cent, for ratios in points, else in the unit.

    Years pass by themselves: None for them.
    """
    if unit == "years":
        return None
    difference = value - base
    if unit == "ratio":
        text = _("{share} points", share=_one_digit(abs(difference) * 100)).replace(" ", _NBSP)
    elif unit in ("money", "number") and _fits_a_share(value, base, unit):
        text = _percent(abs(difference / base), currency)
    else:
        text = _WRITERS[unit](abs(difference), currency)
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
    return format_decimal(round(count), "#,##0", locale=locale())


def _fits_a_share(value: float, base: float, unit: str) -> bool:
    """Say whether a percentage tells more than the difference: not of a handful or a loss."""
    few = unit == "number" and abs(base) < 10
    return base > 0 and not few and abs(value / base - 1) <= LARGEST_AS_SHARE


def _money(size: float, currency: str) -> str:
    if size >= LARGEST_IN_FULL:
        return format_compact_currency(size, currency, locale=locale(), fraction_digits=2)
    return _in_full(size, currency, 0 if size >= 100 or size == 0 else None)


def _in_full(size: float, currency: str, digits: int | None) -> str:
    """Return an amount with so many digits after the point; None: as many as its currency has."""
    usual = str(Locale.parse(locale()).currency_formats["standard"].pattern)
    digits = get_currency_precision(currency) if digits is None else digits
    pattern = usual.replace("0.00", _zeros(digits))
    return format_currency(size, currency, pattern, locale=locale(), currency_digits=False)


def _short_money(size: float, currency: str) -> str:
    """Return an amount in thousands or millions, as far as the language shortens them."""
    thousands = Locale.parse(locale()).compact_currency_formats["short"]["other"]["1000"]
    if size < 1_000_000 and thousands.pattern == "0":
        return _in_full(size, currency, int(0 < size < 10 and not size.is_integer()))
    scale = next((scale for scale in (1e9, 1e6, 1e3) if size >= scale), 1.0)
    is_round = scale > 1 and round(size / scale, 1).is_integer()
    digits = 0 if is_round else int(scale > 1 or 0 < size < 10)
    return format_compact_currency(size, currency, locale=locale(), fraction_digits=digits)


def _percent(size: float, _currency: str) -> str:
    """One digit; more where it would round to 0 or 100 what is neither; none where it is large."""
    if size >= 10 or size in (0.0, 1.0):
        return _share(size, 0)
    for digits in (1, 2, 3):
        rounded = round(size * 100, digits)
        if rounded not in (0.0, 100.0):
            break
    return _share(size, digits)


def _share(size: float, digits: int) -> str:
    usual = str(Locale.parse(locale()).percent_formats[None].pattern)
    return format_percent(size, usual.replace("#,##0", f"#,##{_zeros(digits)}"), locale=locale())


def _zeros(digits: int) -> str:
    return "0" + ("." + "0" * digits if digits else "")


def _number(size: float, _currency: str) -> str:
    if abs(size - round(size)) < 1e-9 or size >= 1000:
        return format_count(size)
    return format_decimal(size, "#,##0.0" if size >= 10 else "#,##0.00", locale=locale())


def _one_digit(size: float) -> str:
    return format_decimal(size, "#,##0" if size >= 100 else "#,##0.0", locale=locale())


def _days(size: float, _currency: str) -> str:
    return _("{number} days", number=_one_digit(size)).replace(" ", _NBSP)


def _points(size: float, _currency: str) -> str:
    return _("{number} points", number=_one_digit(size)).replace(" ", _NBSP)


def _years(size: float, _currency: str) -> str:
    return _("{number} years", number=_one_digit(size)).replace(" ", _NBSP)


_WRITERS = {
    "money": _money,
    "ratio": _percent,
    "number": _number,
    "days": _days,
    "points": _points,
    "years": _years,
}
