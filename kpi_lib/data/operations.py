"""The operations of a mapping as expressions: from a source's columns to text the contract reads.

A value that cannot be read as the mapping says is kept, marked as unread, so that it is reported as
the fault it is, with its row. It is never read some other way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from kpi_lib.data.conversion import UNREAD, number_of
from kpi_lib.data.mapping import ARITHMETIC, ColumnMap, FileMap, as_text
from kpi_lib.data.schema import NUMBER, Kind

HAS_TIME = re.compile(r"%[.0-9]?[HIMSpfTRcX]")
FIRST_YEAR = 1000  # a year of fewer digits was written for another: 26 is not the year 26
OURS = FileMap(file="")  # how a mapping itself writes what it makes: as the contract does


@dataclass(frozen=True)
class Given:
    """A column of the source: its type, and how the file that it is from writes text."""

    name: str
    dtype: pl.DataType
    form: FileMap


@dataclass(frozen=True)
class _Value:
    """What an operation makes, before it is refined.

    `form`: how its text is written. `decoded`: it is text by now, whatever type it had.
    """

    value: pl.Expr
    dtype: pl.DataType
    form: FileMap
    decoded: bool = False

    @property
    def text(self) -> pl.Expr:
        """The value as text; a float that is whole as the whole number it stands for."""
        if self.dtype == pl.String or self.decoded:
            return self.value
        if self.dtype.is_float():
            whole = self.value.cast(pl.Int64, strict=False)
            is_whole = whole.cast(pl.Float64) == self.value
            return pl.when(is_whole).then(whole.cast(pl.String)).otherwise(self._as_it_is)
        return self._as_it_is

    @property
    def _as_it_is(self) -> pl.Expr:
        return self.value.cast(pl.String)

    def now(self, value: pl.Expr) -> _Value:
        """Return what has become text, as the contract writes it."""
        return _Value(value, pl.String(), OURS)


def expression(how: ColumnMap, kind: Kind, given: Mapping[str, Given]) -> pl.Expr:
    """Return the value of a column of the contract, as text or in the source's own type."""
    columns = [_Value(pl.col(c.name), c.dtype, c.form) for c in (given[n] for n in how.sources)]
    if how.operation in ARITHMETIC:
        made = _arithmetic(how, [_operand(how, column) for column in columns])
    else:
        made = _written(how, kind, _made(how, columns))
    return _signed(_as_type(made, how.type), how.sign)


def text_of(column: Given) -> pl.Expr:
    """Return a column of a source as text."""
    return _Value(pl.col(column.name), column.dtype, column.form).text


def _made(how: ColumnMap, columns: list[_Value]) -> _Value:
    """Return what an operation makes of its columns, written as the file writes it, or as we do."""
    if how.operation == "constant":
        return _Value(pl.lit(as_text(how.constant), dtype=pl.String), pl.String(), OURS)
    if how.operation == "concatenate":
        parts = [column.text for column in columns]
        joined = pl.concat_str(parts, separator=how.separator, ignore_nulls=True)
        some = pl.any_horizontal(part.is_not_null() for part in parts)
        return _Value(pl.when(some).then(joined), pl.String(), OURS)
    if how.operation == "split":
        parts_of = columns[0].text.str.split(str(how.at))
        part = parts_of.list.get(how.part - 1, null_on_oob=True)
        return _Value(part, pl.String(), columns[0].form)
    return columns[0]


# --- what refines it, in the order of docs/data.md -----------------------------------------------


def _written(how: ColumnMap, kind: Kind, made: _Value) -> _Value:
    """Return the value with codes turned into ours, and dates and numbers written as ours."""
    if how.values is None:
        return _read(how, kind, made)
    decoded = _decoded(how.codes, made.text)
    read = _read(how, kind, replace(made, value=decoded, decoded=True))
    # What the mapping writes as a number or a day is one; no sign of the file's is looked for.
    is_plain = made.text.is_in(list(how.plain_codes))
    return made.now(
        pl.when(is_plain).then(_decoded(how.plain_codes, made.text)).otherwise(read.text)
    )


def _decoded(codes: Mapping[str, str | None], text: pl.Expr) -> pl.Expr:
    """Return texts with a source's codes replaced by ours; others stay as they are."""
    if not codes:
        return text
    theirs, ours = list(codes), list(codes.values())
    return text.replace_strict(theirs, ours, default=text, return_dtype=pl.String)


def _read(how: ColumnMap, kind: Kind, made: _Value) -> _Value:
    """Return a date or a number that is written in another way as we write it."""
    is_date = kind in ("date", "timestamp")
    date_format = how.format or (made.form.date_format if is_date else None)
    if how.format or (date_format and made.dtype == pl.String):
        return made.now(_dated(made.text, str(date_format)))
    if made.dtype == pl.String and _is_number(how, kind):
        return made.now(_plain_number(made.value, *_signs(how, made.form)))
    return made


def _is_number(how: ColumnMap, kind: Kind) -> bool:
    own_form = how.sign or how.decimal or how.thousands
    return bool(own_form) or kind in ("number", "count") or how.type in ("number", "count")


def _dated(text: pl.Expr, date_format: str) -> pl.Expr:
    """Return dates of another form in ours; with a time of day where the form has one."""
    if HAS_TIME.search(date_format):
        read = text.str.to_datetime(date_format, strict=False, time_unit="us")
        ours = read.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
    else:
        read = text.str.to_date(date_format, strict=False)
        ours = read.dt.strftime("%Y-%m-%d")
    is_read = read.is_not_null() & (read.dt.year() >= FIRST_YEAR)
    return pl.when(is_read).then(ours).otherwise(_unread(text))


def _signs(how: ColumnMap, form: FileMap) -> tuple[str, str | None]:
    return how.decimal or form.decimal, how.thousands or form.thousands


def _plain_number(text: pl.Expr, decimal: str, thousands: str | None) -> pl.Expr:
    """Return numbers written with other signs as plain ones."""
    if decimal == "." and not thousands:
        return text
    whole = "[0-9]+"
    if thousands:
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+)"
    form = rf"^[+-]?{whole}(?:{re.escape(decimal)}[0-9]+)?$"
    plain = text.str.replace_all(thousands, "", literal=True) if thousands else text
    plain = plain.str.replace(decimal, ".", literal=True)
    return pl.when(text.str.contains(form)).then(plain).otherwise(_unread(text))


def _unread(text: pl.Expr) -> pl.Expr:
    """Return text marked as unread, once."""
    return pl.lit(UNREAD) + text.str.strip_prefix(UNREAD)


def _as_type(made: _Value, wanted: str | None) -> _Value:
    """Return a value as the type that is wanted; what cannot be read as that is marked unread."""
    if wanted is None:
        return made
    text = made.text
    if wanted == "date":  # the day of a moment, its time of day left out on purpose
        day = text.str.extract(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?$", 1)
        text = pl.coalesce(day, _unread(text))
    if wanted == "number":
        number = text.cast(NUMBER, strict=False)
        text = pl.when(number.is_not_null()).then(text).otherwise(_unread(text))
    if wanted == "count":  # 1001.0, as spreadsheets and pandas write whole numbers, is 1001
        number = text.str.replace(r"\.0+$", "")
        is_whole = number.str.contains(r"^[+-]?[0-9]+$")
        text = pl.when(is_whole).then(number).otherwise(_unread(text))
    return made.now(text)


# --- numbers -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Number:
    value: pl.Expr
    text: pl.Expr

    @property
    def unread(self) -> pl.Expr:
        return self.text.is_not_null() & self.value.is_null()


def _number(made: _Value) -> _Number:
    native = number_of(made.value, made.dtype)
    return _Number(made.text.cast(NUMBER, strict=False) if native is None else native, made.text)


def _operand(how: ColumnMap, column: _Value) -> _Number:
    return _number(_written(how, "number", column))


def _arithmetic(how: ColumnMap, operands: list[_Number]) -> _Value:
    """Return the sum, difference, product or quotient of two numbers; divided by 0 it is unread."""
    left, right = operands
    by_zero = (right.value == 0) if how.operation == "divide" else pl.lit(False)
    result = {
        "add": left.value + right.value,
        "subtract": left.value - right.value,
        "multiply": left.value * right.value,
        "divide": left.value / pl.when(~by_zero).then(right.value),
    }[how.operation]
    number = (
        pl.when(left.unread)
        .then(_unread(left.text))
        .when(right.unread)
        .then(_unread(right.text))
        .when(by_zero)
        .then(_unread(left.text + pl.lit(" / 0")))
        .otherwise(plain_text(result))
    )
    return _Value(number, pl.String(), OURS)


def plain_text(number: pl.Expr) -> pl.Expr:
    """Return an exact number as people write it: -1049, not -1049.000000000000."""
    text = number.cast(NUMBER).cast(pl.String)
    return text.str.strip_chars_end("0").str.strip_chars_end(".")


def _signed(made: _Value, sign: str | None) -> pl.Expr:
    """Return a number as text with the sign that is wanted; unread where it is no number."""
    if sign is None:
        return made.value
    number = _number(made)
    size = {
        "negate": -number.value,
        "positive": number.value.abs(),
        "negative": -number.value.abs(),
    }[sign]
    return pl.when(number.unread).then(_unread(number.text)).otherwise(plain_text(size))
