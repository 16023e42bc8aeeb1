"""From what a source has to what the contract says: one conversion a column, nothing silent.

A conversion is an expression for the typed value and one for the rows that could not be converted.
Text (CSV, databases) is read by the rules of `docs/data.md`; native types (Parquet) are converted
where the value stays the same, and refused as a whole column where it would not.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from kpi_lib.data.schema import DTYPES, NUMBER, Column

DATE_TEXT = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$"
MOMENT = "%Y-%m-%d %H:%M:%S%.f"
MINUTE = "%Y-%m-%d %H:%M"
FLAGS = {"true": True, "false": False, "1": True, "0": False}

# A float that is a number of 4 decimals as exactly as floats can be one is read as that number.
FOUR_DECIMALS = 10_000.0
ONE_FLOAT_STEP = 2.0**-52
TOO_LARGE = 1e26

NUL = "\0"  # no text has it: a page, a file's name and half the tools end at it
# Before a value that a mapping could not read the way it says, so that no other way is tried.
UNREAD = f"{NUL}unread{NUL}"

_NEEDS = {
    "id": "text or a whole number",
    "text": "text",
    "date": "a date",
    "timestamp": "a date with a time",
    "number": "a number",
    "count": "a whole number",
    "flag": "true or false",
}


@dataclass(frozen=True)
class Conversion:
    """How a column is read: the typed value; the rows it cannot be read of, where there can be any.

    `refused` says why no row of the column can be read. `is_composed`: it is text, which is read in
    one Unicode form.
    """

    value: pl.Expr
    bad: pl.Expr | None = None
    refused: str | None = None
    is_composed: bool = False


def convert(column: Column, dtype: pl.DataType) -> Conversion:
    """Return how a source's column of this type becomes the contract's."""
    raw = pl.col(column.name)
    wanted = DTYPES[column.kind]
    if dtype == pl.Null:
        return Conversion(raw.cast(wanted))
    if isinstance(dtype, pl.Categorical | pl.Enum):
        raw, dtype = raw.cast(pl.String), pl.String()
    value = _from_text(column.kind, raw) if dtype == pl.String else _native(column.kind, raw, dtype)
    if value is None:
        refused = f"its type is {_type_in_words(dtype)}, and it must be {_NEEDS[column.kind]}"
        return Conversion(pl.lit(None, dtype=wanted), refused=refused)
    is_composed = dtype == pl.String and column.kind in ("id", "text")
    return Conversion(value, _unread(column.kind, raw, dtype, value), is_composed=is_composed)


def _unread(kind: str, raw: pl.Expr, dtype: pl.DataType, value: pl.Expr) -> pl.Expr | None:
    """Return which rows have a value that could not be read; None where every one can be."""
    if kind in ("id", "text") and dtype == pl.String:
        unread = raw.str.contains(NUL, literal=True)
        return unread | (raw == "") if kind == "id" else unread
    if dtype == DTYPES[kind]:
        return None
    if dtype.is_integer() and kind in ("id", "text", "number"):
        return None
    return raw.is_not_null() & value.is_null()


# --- text ---------------------------------------------------------------------------------------


def _from_text(kind: str, raw: pl.Expr) -> pl.Expr:
    """Return a text column as a kind of the contract; null where a text is none."""
    if kind in ("id", "text"):
        return composed(raw)
    if kind == "date":
        return raw.str.extract(DATE_TEXT, 1).str.to_date("%Y-%m-%d", strict=False)
    if kind == "timestamp":
        return _moment_from_text(raw)
    if kind == "flag":
        return raw.str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
    number = raw.cast(NUMBER, strict=False)
    return number if kind == "number" else _whole(number)


def composed(text: pl.Expr) -> pl.Expr:
    """Return text in one Unicode form, so that two words that look the same are the same.

    An é is one sign or an e with an accent after it; here it is always one (form NFC).
    """
    return text.map_batches(_composed, return_dtype=pl.String, is_elementwise=True)


def _composed(values: pl.Series) -> pl.Series:
    """Return texts in the one Unicode form (NFC) that ids are compared in."""
    # Nearly all text is ASCII, which has one form; to look is 50 times as fast as to normalise.
    if values.str.len_bytes().sum() == values.str.len_chars().sum():
        return values
    return values.str.normalize("NFC")


def _moment_from_text(raw: pl.Expr) -> pl.Expr:
    """Return texts as moments, a day alone as its midnight; null where a text is neither."""
    is_long = raw.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}")
    text = pl.when(is_long).then(raw.str.replace("T", " ")).otherwise(None)
    return pl.coalesce(
        text.str.to_datetime(MOMENT, strict=False, time_unit="us"),
        text.str.to_datetime(MINUTE, strict=False, time_unit="us"),
        text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us")),
    )


# --- native types -------------------------------------------------------------------------------


def _native(kind: str, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return the typed value; None where a column of this type cannot be what is wanted."""
    if kind in ("id", "text"):
        return _text_of(raw, dtype)
    if kind in ("date", "timestamp"):
        return _day_or_moment(kind, raw, dtype)
    if kind == "flag":
        return _flag_from_column(raw, dtype)
    number = number_of(raw, dtype)
    if kind == "number" or number is None:
        return number
    return raw.cast(pl.Int64, strict=False) if dtype.is_integer() else _whole(number)


def _text_of(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Whole numbers are ids as they stand: 1001, and 1001 for a float 1001.0 as pandas makes it."""
    if dtype.is_integer():
        return raw.cast(pl.String)
    if dtype.is_float():
        return pl.when(raw == raw.floor()).then(raw.cast(pl.Int64, strict=False)).cast(pl.String)
    if dtype.is_decimal():
        return _whole(raw).cast(pl.String)
    return None


def _day_or_moment(kind: str, raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return a date or datetime column as the kind; a day only where it has no time of day."""
    if dtype == pl.Date:
        return raw if kind == "date" else raw.cast(pl.Datetime("us"))
    if not isinstance(dtype, pl.Datetime) or dtype.time_zone is not None:
        return None
    if kind == "timestamp":
        return raw.cast(pl.Datetime("us"))
    return pl.when(raw == raw.dt.truncate("1d")).then(raw.cast(pl.Date))


def _flag_from_column(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return booleans, or numbers that are 0 or 1, as booleans; None for any other type."""
    if dtype == pl.Boolean:
        return raw
    if not dtype.is_numeric():
        return None
    return pl.when((raw == 0) | (raw == 1)).then(raw == 1)


def number_of(raw: pl.Expr, dtype: pl.DataType) -> pl.Expr | None:
    """Return a native number as a decimal, without the digits that only floats have."""
    if dtype.is_float():
        return _without_float_dust(raw.cast(pl.Float64))
    if dtype.is_integer() or dtype.is_decimal():
        return raw.cast(NUMBER, strict=False)
    return None


def _without_float_dust(raw: pl.Expr) -> pl.Expr:
    """Return floats as decimals; one within a float's step of four decimals is those four."""
    scaled = (raw * FOUR_DECIMALS).round()
    is_four_decimals = (raw - scaled / FOUR_DECIMALS).abs() <= raw.abs() * ONE_FLOAT_STEP
    whole = scaled.cast(pl.Int64, strict=False).cast(pl.Decimal(38, 0))
    exact = (whole * pl.lit("0.0001").cast(NUMBER)).cast(NUMBER)
    # Polars stops at a float too large for a decimal instead of giving null.
    as_it_is = pl.when(raw.abs() < TOO_LARGE).then(raw).cast(NUMBER, strict=False)
    return pl.when(is_four_decimals & exact.is_not_null()).then(exact).otherwise(as_it_is)


def _whole(number: pl.Expr) -> pl.Expr:
    """Return whole numbers as integers, and nulls for the others."""
    whole = number.cast(pl.Int64, strict=False)
    return pl.when(whole.cast(NUMBER) == number.cast(NUMBER, strict=False)).then(whole)


def _type_in_words(dtype: pl.DataType) -> str:
    """Return a column's type as a person is given it."""
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        return f"a date with time and zone ({dtype.time_zone})"
    return str(dtype.base_type().__name__)
