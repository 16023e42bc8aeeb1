from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.data.conversion import UNREAD, convert
from kpi_lib.data.hints import printable, what_is_wrong
from kpi_lib.data.schema import DTYPES, Column


def read(kind: str, values: list[object], dtype: pl.DataType | None = None) -> list[object]:
    """Return the values as read; those that could not be read as the word "bad"."""
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype, strict=False)})
    conversion = convert(Column("x", kind), frame.schema["x"])
    assert conversion.refused is None, conversion.refused
    unread = pl.lit(False) if conversion.bad is None else conversion.bad.fill_null(False)
    rows = frame.select(value=conversion.value, bad=unread)
    assert rows.schema["value"] == DTYPES[kind]
    return ["bad" if bad else value for value, bad in rows.iter_rows()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28", date(2026, 2, 28)),
        ("2026-02-28 00:00:00", date(2026, 2, 28)),
        ("2026-02-28T00:00", date(2026, 2, 28)),
        ("2026-02-28 00:00:00.000", date(2026, 2, 28)),
        (None, None),
        ("2026-02-28 00:00:01", "bad"),
        ("2026-02-31", "bad"),
        ("2026-2-28", "bad"),
        (" 2026-02-28", "bad"),
        ("31/02/2026", "bad"),
        ("20260228", "bad"),
        ("", "bad"),
    ],
)
def test_a_date_is_written_iso(text, expected):
    assert read("date", [text], pl.String()) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-28 14:05:06", datetime(2026, 2, 28, 14, 5, 6)),  # noqa: DTZ001 (local)
        ("2026-02-28T14:05:06.5", datetime(2026, 2, 28, 14, 5, 6, 500000)),  # noqa: DTZ001
        ("2026-02-28 14:05", datetime(2026, 2, 28, 14, 5)),  # noqa: DTZ001
        ("2026-02-28", datetime(2026, 2, 28)),  # noqa: DTZ001
        ("2026-02-28T14:05:06Z", "bad"),
        ("14:05", "bad"),
        (None, None),
    ],
)
def test_a_moment_is_local_and_has_no_zone(text, expected):
    assert read("timestamp", [text], pl.String()) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.50", "12.5"),
        ("-0", "0"),
        ("+5", "5"),
        ("1e5", "100000"),
        (".5", "0.5"),
        ("5.", "5"),
        ("0.000000000001", "0.000000000001"),
        ("99999999999999999999999999.99", "99999999999999999999999999.99"),
        ("1e26", "bad"),
        ("12,5", "bad"),
        ("1 000", "bad"),
        (" 5", "bad"),
        ("nan", "bad"),
        ("", "bad"),
    ],
)
def test_a_number_of_a_text_is_exact(text, expected):
    expected = expected if expected == "bad" else Decimal(expected)
    assert read("number", [text], pl.String()) == [expected]


@given(st.integers(-(10**13), 10**13), st.sampled_from([1, 10, 100, 1000, 10_000]))
def test_a_float_of_four_decimals_is_that_number(whole, parts):
    expected = Decimal(whole) / parts
    assert read("number", [whole / parts], pl.Float64()) == [expected]


def test_a_float_of_more_decimals_keeps_what_it_has():
    third, tiny, large, none = read("number", [1 / 3, 1.23456e-9, 1e20, None], pl.Float64())
    assert abs(third - Decimal(1) / 3) < Decimal("1e-12")
    assert tiny == Decimal("0.000000001235") or tiny == Decimal("0.000000001234")
    assert (float(large), none) == (1e20, None)


def test_a_float_that_is_no_number_is_a_fault():
    values = [float("nan"), float("inf"), 1e30]
    assert read("number", values, pl.Float64()) == ["bad"] * 3


def test_whole_numbers_and_decimals_are_numbers_as_they_stand():
    assert read("number", [7, None], pl.Int16()) == [Decimal(7), None]
    assert read("number", [Decimal("1.10")], pl.Decimal(10, 2)) == [Decimal("1.10")]


def test_ids_are_text_and_keep_their_zeros():
    assert read("id", ["007", "", None], pl.String()) == ["007", "bad", None]
    assert read("id", [1001, None], pl.Int64()) == ["1001", None]
    assert read("id", [1001.0, 1.5, float("nan")], pl.Float64()) == ["1001", "bad", "bad"]
    assert read("id", [Decimal("12"), Decimal("1.5")], pl.Decimal(10, 1)) == ["12", "bad"]
    assert read("text", ["a", "b"], pl.Categorical()) == ["a", "b"]


def test_a_year_written_as_a_number_is_a_period_as_text():
    assert read("text", [2026], pl.Int64()) == ["2026"]


def test_flags_are_true_and_false_or_1_and_0():
    assert read("flag", ["true", "FALSE", "1", "0", None, "yes"], pl.String()) == [
        *(True, False, True, False),
        *(None, "bad"),
    ]
    assert read("flag", [1, 0, None, 2], pl.Int64()) == [True, False, None, "bad"]
    assert read("flag", [1.0, 0.5], pl.Float64()) == [True, "bad"]
    assert read("flag", [True, None], pl.Boolean()) == [True, None]


def test_counts_are_whole():
    assert read("count", ["5", "5.0", "5.5", "x"], pl.String()) == [5, 5, "bad", "bad"]
    assert read("count", [5, None], pl.Int32()) == [5, None]
    assert read("count", [5.0, 5.5], pl.Float64()) == [5, "bad"]


def test_a_moment_at_midnight_is_a_date():
    noon, midnight = datetime(2026, 1, 2, 12), datetime(2026, 1, 2)  # noqa: DTZ001
    assert read("date", [midnight, noon, None], pl.Datetime("ns")) == [
        date(2026, 1, 2),
        "bad",
        None,
    ]
    assert read("timestamp", [noon], pl.Datetime("ms")) == [noon]
    assert read("timestamp", [date(2026, 1, 2)], pl.Date()) == [midnight]
    assert read("date", [date(2026, 1, 2)], pl.Date()) == [date(2026, 1, 2)]


def test_a_column_of_nulls_has_any_type():
    assert read("number", [None], pl.Null()) == [None]


@pytest.mark.parametrize(
    ("kind", "dtype", "expected"),
    [
        ("date", pl.Int64(), "its type is Int64, and it must be a date"),
        ("number", pl.Boolean(), "its type is Boolean, and it must be a number"),
        ("count", pl.Date(), "its type is Date, and it must be a whole number"),
        ("id", pl.Date(), "its type is Date, and it must be text or a whole number"),
        ("flag", pl.Date(), "its type is Date, and it must be true or false"),
        (
            "timestamp",
            pl.Datetime("us", "UTC"),
            "its type is a date with time and zone (UTC), and it must be a date with a time",
        ),
    ],
)
def test_a_column_of_another_nature_is_refused_as_a_whole(kind, dtype, expected):
    assert convert(Column("x", kind), dtype).refused == expected


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("number", "12,50", "12,50 has a decimal comma; write 12.50"),
        ("number", "0,123", "0,123 has a decimal comma; write 0.123"),
        ("number", "1234,567", "1234,567 has a decimal comma; write 1234.567"),
        ("number", "1.234,50", "1.234,50 has a decimal comma; write 1234.50"),
        ("number", "-1 234,5", "-1 234,5 has a decimal comma; write -1234.5"),
        (
            "number",
            "1,234",
            "1,234 has a comma, which may be a thousands sign or a decimal comma; "
            "write 1234 or 1.234",
        ),
        ("number", "1,234.50", "1,234.50 has a thousands sign; write 1234.50"),
        ("number", "12,34,567", "12,34,567 has a thousands sign; write 1234567"),
        ("number", "1.234.567", "1.234.567 has a thousands sign; write 1234567"),
        ("number", "1 234", "1 234 has a thousands sign; write 1234"),
        ("number", "1\u00a0234", "'1\\xa0234' has a thousands sign; write 1234"),
        ("number", "(50.00)", "(50.00) has no minus before it; if it is below 0, write -50.00"),
        ("number", "50.00-", "50.00- has no minus before it; if it is below 0, write -50.00"),
        ("number", "12.5 %", "12.5 % has a percent sign; write 0.125"),
        ("number", "\u0661\u0662", "\u0661\u0662 is not written with the digits 0 to 9"),
        ("number", "1e30", "1e30 has more than 26 digits before the point"),
        ("number", "NaN", "NaN is not a number"),
        ("number", " 5", "' 5' is not a number"),
        ("number", "5 €", "5 € is not a number"),
        ("date", "31/02/2026", "31/02/2026 is not a date"),
        ("date", "2026-01-01 10:00", "2026-01-01 10:00 has a time of day, and is to be a date"),
        ("date", "2026-13-01 10:00", "2026-13-01 10:00 is not a date"),
        (
            "timestamp",
            "2026-01-01 10:00+01:00",
            "2026-01-01 10:00+01:00 has a time zone; times are local, without one",
        ),
        ("timestamp", "noon", "noon is not a date with a time"),
        ("timestamp", "31-12-2026", "31-12-2026 is not a date with a time"),
        ("count", "1.5", "1.5 is not a whole number"),
        ("flag", "yes", "yes is not true or false"),
        ("id", "", "is an empty text, which is neither an id nor null"),
        ("id", "1.5", "1.5 is not a whole number, so no id"),
        ("number", f"{UNREAD}12.5", "12.5 cannot be read as the mapping says"),
        ("text", "a\x00b", "'a\\x00b' has a sign that no text has (NUL)"),
    ],
)
def test_a_fault_says_what_the_value_is(kind, value, fault):
    assert what_is_wrong(kind, value)[1] == fault


def test_values_are_shown_short_and_on_one_line():
    assert printable("a\nb") == "'a\\nb'"
    assert printable("x" * 100) == "x" * 57 + "..."
