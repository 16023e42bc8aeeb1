"""The operations of a mapping as expressions: from a source's columns to text the contract reads.

A value that cannot be read as the mapping says is kept, marked as unread, so that it is told as the
fault it is, with its row. It is never read some other way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kpi_lib.data.mapping import ARITHMETIC, ColumnMap, FileMap
from kpi_lib.data.schema import NUMBER, Kind
from kpi_lib.data.typed import UNREAD, number_of

HAS_TIME = re.compile(r"%[HIMSpfTRcX]")


@dataclass(frozen=True)
class Given:
    """A column of the source: its type, and how the file that it is from writes text."""

    name: str
    dtype: pl.DataType
    form: FileMap


def expression(how: ColumnMap, kind: Kind, given: Mapping[str, Given]) -> pl.Expr:
    """Return the value of a column of the contract, as text or in the source's own type."""
    columns = [given[name] for name in how.sources]
    if how.operation == "constant":
        return pl.lit(how.constant, dtype=pl.String)
    if how.operation == "concatenate":
        parts = [_text(column) for column in columns]
        joined = pl.concat_str(parts, separator=how.separator, ignore_nulls=True)
        return pl.when(pl.any_horizontal(p.is_not_null() for p in parts)).then(joined)
    if how.operation == "split":
        parts_of = _text(columns[0]).str.split(str(how.at))
        return parts_of.list.get(how.part - 1, null_on_oob=True)
    if how.operation in ARITHMETIC:
        return _signed(_arithmetic(how, columns), pl.String(), how)
    return _of_one(how, kind, columns[0])


def _of_one(how: ColumnMap, kind: Kind, column: Given) -> pl.Expr:
    """Return one column, renamed and refined in the order of the reference."""
    value, dtype = pl.col(column.name), column.dtype
    if how.values is not None:
        codes, ours = list(how.values), list(how.values.values())
        return _text(column).replace_strict(
            codes, ours, default=_text(column), return_dtype=pl.String
        )
    date_format = how.format or (column.form.date_format if kind in ("date", "timestamp") else None)
    if how.format or (date_format and dtype == pl.String):
        value, dtype = _dated(_text(column), str(date_format)), pl.String()
    is_number = kind in ("number", "count") or how.type in ("number", "count") or how.sign
    if is_number and dtype == pl.String:
        value = _plain_number(value, *_signs(how, column.form))
    if how.type:
        value, dtype = _as_type(value, dtype, how.type)
    return _signed(value, dtype, how)


def _text(column: Given) -> pl.Expr:
    return _as_text(pl.col(column.name), column.dtype)


def _as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return a value as text; a float that is whole as the whole number it stands for."""
    if dtype == pl.String:
        return value
    if dtype.is_float():
        whole = value.cast(pl.Int64, strict=False)
        return (
            pl.when(whole.cast(pl.Float64) == value)
            .then(whole.cast(pl.String))
            .otherwise(value.cast(pl.String))
        )
    return value.cast(pl.String)


def _unread(text: pl.Expr) -> pl.Expr:
    return pl.lit(UNREAD) + text


def _dated(text: pl.Expr, date_format: str) -> pl.Expr:
    """Return dates of another form in ours; with a time of day where the form has one."""
    if HAS_TIME.search(date_format):
        read = text.str.to_datetime(date_format, strict=False, time_unit="us")
        ours = read.dt.strftime("%Y-%m-%d %H:%M:%S%.f")
    else:
        read = text.str.to_date(date_format, strict=False)
        ours = read.dt.strftime("%Y-%m-%d")
    return pl.when(read.is_not_null()).then(ours).otherwise(_unread(text))


def _signs(how: ColumnMap, form: FileMap) -> tuple[str, str | None]:
    return how.decimal or form.decimal, how.thousands or form.thousands


def _plain_number(text: pl.Expr, decimal: str, thousands: str | None) -> pl.Expr:
    """Return numbers written with other signs as plain ones."""
    if decimal == "." and not thousands:
        return text
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d+|\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+)"
    form = rf"^[+-]?{whole}(?:{re.escape(decimal)}\d+)?$"
    plain = text.str.replace_all(thousands, "", literal=True) if thousands else text
    plain = plain.str.replace(decimal, ".", literal=True)
    return pl.when(text.str.contains(form)).then(plain).otherwise(_unread(text))


def _as_type(value: pl.Expr, dtype: pl.DataType, wanted: str) -> tuple[pl.Expr, pl.DataType]:
    text = _as_text(value, dtype)
    if wanted == "date":  # the day of a moment, its time of day left out on purpose
        day = text.str.extract(r"^(\d{4}-\d{2}-\d{2})(?:[T ].*)?$", 1)
        text = pl.coalesce(day, _unread(text))
    if wanted == "number":
        number = text.cast(NUMBER, strict=False)
        text = pl.when(number.is_not_null()).then(text).otherwise(_unread(text))
    if wanted == "count":  # 1001.0, as spreadsheets and pandas write whole numbers, is 1001
        number = text.str.replace(r"\.0+$", "")
        is_whole = number.str.contains(r"^[+-]?\d+$")
        text = pl.when(is_whole).then(number).otherwise(_unread(text))
    return text, pl.String()


@dataclass(frozen=True)
class _Number:
    value: pl.Expr
    text: pl.Expr

    @property
    def unread(self) -> pl.Expr:
        return self.text.is_not_null() & self.value.is_null()


def _number(value: pl.Expr, dtype: pl.DataType) -> _Number:
    text = _as_text(value, dtype)
    native = number_of(value, dtype)
    return _Number(text.cast(NUMBER, strict=False) if native is None else native, text)


def _arithmetic(how: ColumnMap, columns: list[Given]) -> pl.Expr:
    left, right = (_operand(how, column) for column in columns)
    by_zero = (right.value == 0) if how.operation == "divide" else pl.lit(False)
    result = {
        "add": left.value + right.value,
        "subtract": left.value - right.value,
        "multiply": left.value * right.value,
        "divide": left.value / pl.when(~by_zero).then(right.value),
    }[how.operation]
    return (
        pl.when(left.unread)
        .then(_unread(left.text))
        .when(right.unread)
        .then(_unread(right.text))
        .when(by_zero)
        .then(_unread(left.text + pl.lit(" / 0")))
        .otherwise(result.cast(NUMBER).cast(pl.String))
    )


def _operand(how: ColumnMap, column: Given) -> _Number:
    value = pl.col(column.name)
    if column.dtype == pl.String:
        plain = _plain_number(value, *_signs(how, column.form))
        return _Number(plain.cast(NUMBER, strict=False), value)
    return _number(value, column.dtype)


def _signed(value: pl.Expr, dtype: pl.DataType, how: ColumnMap) -> pl.Expr:
    if how.sign is None:
        return value
    number = _number(value, dtype)
    size = {
        "negate": -number.value,
        "positive": number.value.abs(),
        "negative": -number.value.abs(),
    }[how.sign]
    marked = pl.lit(UNREAD) + number.text.str.strip_prefix(UNREAD)
    return pl.when(number.unread).then(marked).otherwise(size.cast(pl.String))
