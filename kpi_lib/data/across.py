"""Rules that look at several rows of one table: unique keys, and spans that must not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import polars as pl

from kpi_lib.data.faults import KEY, RULE, Fault
from kpi_lib.data.preparation import Prepared
from kpi_lib.data.raw import ROW
from kpi_lib.data.twice import standing_twice

SPANS = (1, 3, 12)  # months


def repeated_keys(prepared: Prepared) -> list[Fault]:
    """Return a fault for every row whose key stands more than once; a null is in no key."""
    key = list(prepared.table.key)
    if not set(key) <= prepared.columns:
        return []
    keys = prepared.frame.select(ROW, *key).drop_nulls(key)
    mark = pl.struct(key).hash(seed=0) if len(key) > 1 else pl.col(key[0]).hash(seed=0)
    twice = standing_twice(keys, mark)
    if not len(twice):
        return []
    # Two keys may share a mark, so the few rows that are left are compared by the key itself.
    rows = keys.filter(mark.is_in(twice.implode())).collect(engine="streaming")
    rows = rows.with_columns(pl.len().over(key).alias("times")).filter(pl.col("times") > 1)
    return [_repeated_key(prepared.name, key, row) for row in rows.iter_rows(named=True)]


def _repeated_key(table: str, key: list[str], row: dict[str, object]) -> Fault:
    """Return the fault of a key that stands several times, at its first row."""
    value = ", ".join(str(row[name]) for name in key)
    fault = f"key {value} stands {row['times']} times"
    number = row[ROW]
    assert isinstance(number, int)
    return Fault(table, number, ", ".join(key), fault, value, kind="repeated key", rank=KEY)


def span_faults(prepared: Prepared) -> list[Fault]:
    """Return the spans of market_sizes that are no month, quarter or year, or that overlap."""
    needed = ["market_id", "starts_on", "ends_on"]
    if prepared.table.name != "market_sizes" or not set(needed) <= prepared.columns:
        return []
    rows = prepared.frame.select(ROW, *needed).drop_nulls().sort("market_id", "starts_on", ROW)
    faults: list[Fault] = []
    last: tuple[str | None, date] = (None, date.min)
    for number, market, start, end in rows.collect().iter_rows():
        faults += _no_span(prepared.name, number, start, end)
        if market == last[0] and start <= last[1]:
            text = f"overlaps the span of {market} that ends on {last[1]}"
            place = (prepared.name, number, "starts_on")
            faults.append(Fault(*place, text, str(start), kind="overlaps", rank=RULE))
        last = (market, max(end, last[1]) if market == last[0] else end)
    return faults


def _no_span(table: str, row: int, start: date, end: date) -> Iterator[Fault]:
    """Yield what is wrong with a span; a quarter or a year may begin with any month.

    The company's year end may be another one than that of whoever measured the market.
    """
    if start.day != 1:
        text = f"{start} is not the first day of a month, quarter or year"
        kind, day = "not a first day", str(start)
        yield Fault(table, row, "starts_on", text, day, kind=kind, rank=RULE)
    elif end not in {_last_day(start, months) for months in SPANS}:
        text = f"{end} is not the last day of a month, quarter or year from {start}"
        kind, day = "not a last day", str(end)
        yield Fault(table, row, "ends_on", text, day, kind=kind, rank=RULE)


def _last_day(start: date, months: int) -> date:
    """Return the last day of that many months from the first day of one."""
    index = start.year * 12 + start.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
