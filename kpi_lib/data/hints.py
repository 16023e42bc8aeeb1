"""What is wrong with a value that could not be read, in words that hold for that very value.

A hint that is followed must mend the value: where two readings are possible, it names both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from kpi_lib.data.conversion import NUL, UNREAD

Finding = tuple[str, str]  # the kind of fault that a value shows, and the fault in words

SHORT = 60
_SIGNS = ("decimal comma", "thousands sign")
_GROUP = r"[ '\u2019\u00a0\u202f]"  # what stands between thousands and can be nothing else
_BLANKS = re.compile(_GROUP)
_COMMA_OR_THOUSAND = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_DECIMAL_COMMA = re.compile(
    rf"[+-]?([0-9]+|[0-9]{{1,3}}(\.[0-9]{{3}})+|[0-9]{{1,3}}({_GROUP}[0-9]{{3}})+),[0-9]+"
)
_THOUSANDS = re.compile(
    rf"[+-]?[0-9]{{1,3}}(({_GROUP}[0-9]{{3}})+|(,[0-9]{{2,3}})*,[0-9]{{3}})(\.[0-9]+)?"
    r"|[+-]?[0-9]{1,3}(\.[0-9]{3}){2,}"
)
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_AMOUNT = r"([0-9]+(?:\.[0-9]+)?)"
_BRACKETS = re.compile(rf"\({_AMOUNT}\)")
_MINUS_LAST = re.compile(rf"{_AMOUNT}-")
_PERCENT = re.compile(rf"([+-]?{_AMOUNT}) ?%")
_DAY_AND_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:[0-9]{2}.*")
_ZONE = re.compile(r".*[0-9]{2}:[0-9]{2}.*(Z|[+-][0-9]{2}:?[0-9]{2})")
_NEEDED = {
    "date": "a date",
    "timestamp": "a date with a time",
    "count": "a whole number",
    "flag": "true or false",
}


def what_is_wrong(kind: str, value: str | None) -> Finding:
    """Return the kind of fault a value of a column of this kind shows, and the fault in words."""
    text = value or ""
    if text.startswith(UNREAD):
        kind, read = "not as the mapping says", printable(text.removeprefix(UNREAD))
        return kind, f"{read} cannot be read as the mapping says"
    if NUL in text:
        return "NUL in a text", f"{printable(text)} has a sign that no text has (NUL)"
    return _OF_KIND.get(kind, _wrong_id)(text)


def _wrong_id(text: str) -> Finding:
    """Say what is wrong with a text that is no id: the kind of fault, and a sentence."""
    if not text:
        return "empty id", "is an empty text, which is neither an id nor null"
    return "not an id", f"{printable(text)} is not a whole number, so no id"


def _wrong_number(text: str) -> Finding:
    """Say what is wrong with a text that is no number: the kind of fault, and a sentence."""
    if text.strip().lower() in ("nan", "inf", "-inf", "infinity", "-infinity"):
        return "not a number", f"{text} is not a number"
    if _COMMA_OR_THOUSAND.fullmatch(text):
        both = f"write {text.replace(',', '')} or {text.replace(',', '.')}"
        kind = "comma, which may be a thousands sign or a decimal comma"
        return kind, f"{text} has a {kind}; {both}"
    for kind, form in zip(_SIGNS, (_DECIMAL_COMMA, _THOUSANDS), strict=True):
        if form.fullmatch(text):
            return kind, f"{printable(text)} has a {kind}; write {_written_plainly(text)}"
    if found := _BRACKETS.fullmatch(text) or _MINUS_LAST.fullmatch(text):
        return (
            "another minus",
            f"{text} has no minus before it; if it is below 0, write -{found[1]}",
        )
    if found := _PERCENT.fullmatch(text):
        return "percent sign", f"{text} has a percent sign; write {Decimal(found[1]) / 100:f}"
    if _PLAIN.fullmatch(text):
        return "number too large", f"{printable(text)} has more than 26 digits before the point"
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        return "not a number", f"{printable(text)} is not written with the digits 0 to 9"
    return "not a number", f"{printable(text)} is not a number"


def _written_plainly(text: str) -> str:
    """Return a number without thousands signs, its decimals after a point.

    >>> _written_plainly("1.234,50"), _written_plainly("1,234,567"), _written_plainly("12 500,5")
    ('1234.50', '1234567', '12500.5')
    """
    whole, comma, decimals = _BLANKS.sub("", text).rpartition(",")
    if comma and _DECIMAL_COMMA.fullmatch(text):
        return f"{whole.replace('.', '')}.{decimals}"
    digits = _BLANKS.sub("", text).replace(",", "")
    return digits.replace(".", "") if digits.count(".") > 1 else digits


def _wrong_date(text: str) -> Finding:
    """Say what is wrong with a text that is no date: the kind of fault, and a sentence."""
    found = _DAY_AND_TIME.fullmatch(text)
    if found and _is_day(found[1]):
        return "time of day", f"{text} has a time of day, and is to be a date"
    return _not_what_is_needed("date", text)


def _wrong_moment(text: str) -> Finding:
    """Say what is wrong with a text that is no moment: the kind of fault, and a sentence."""
    if _ZONE.fullmatch(text):
        return "time zone", f"{text} has a time zone; times are local, without one"
    return _not_what_is_needed("timestamp", text)


def _wrong_count(text: str) -> Finding:
    return _not_what_is_needed("count", text)


def _wrong_flag(text: str) -> Finding:
    return _not_what_is_needed("flag", text)


def _not_what_is_needed(kind: str, text: str) -> Finding:
    return f"not {_NEEDED[kind]}", f"{printable(text)} is not {_NEEDED[kind]}"


_OF_KIND: dict[str, Callable[[str], Finding]] = {
    "number": _wrong_number,
    "date": _wrong_date,
    "timestamp": _wrong_moment,
    "count": _wrong_count,
    "flag": _wrong_flag,
}


def _is_day(text: str) -> bool:
    """Say whether a text is a day, such as 2026-09-30."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def printable(text: str) -> str:
    """Return a value as a message can carry it: blanks and line ends visible, not too long."""
    short = text if len(text) <= SHORT else f"{text[: SHORT - 3]}..."
    plain = short.isprintable() and short == short.strip() and short != ""
    return short if plain else repr(short)
