"""Amounts in the reporting currency: each at the rate of its own row's day, or of its parent's.

A rate holds from its day until the currency's next one. A calendar of currency and day is laid once
and joined by equality, which streams where a join by the nearest earlier day does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.schema import NUMBER, Table

RATE = "#rate"
LAST_DAY = pl.date(9999, 12, 31)


def convert_amounts(
    tables: Mapping[str, pl.LazyFrame], reporting_currency: str
) -> dict[str, pl.LazyFrame]:
    """Return the tables with every amount in the reporting currency; the currency's code stays."""
    rates = tables.get("fx_rates")
    if rates is None:
        return dict(tables)
    rates = rates.filter(pl.col("currency") != reporting_currency).collect().lazy()
    at_own_day = {
        name: _at_own_day(frame, TABLES[name], rates)
        for name, frame in tables.items()
        if _may_be_foreign(frame, TABLES[name]) and _has_foreign(frame, reporting_currency)
    }
    return {**tables, **at_own_day, **dict(_at_rates_of_parents(tables, at_own_day, rates))}


def _may_be_foreign(frame: pl.LazyFrame, table: Table) -> bool:
    return bool(table.money) and {"currency", *table.money.values()} <= set(frame.collect_schema())


def _at_own_day(frame: pl.LazyFrame, table: Table, rates: pl.LazyFrame) -> pl.LazyFrame:
    day = next(iter(table.money.values()))
    return _converted(frame, _calendar(rates, frame, day), tuple(table.money), day)


def _at_rates_of_parents(
    tables: Mapping[str, pl.LazyFrame], parents: Collection[str], rates: pl.LazyFrame
) -> Iterator[tuple[str, pl.LazyFrame]]:
    """Yield the tables whose amounts share the rate of a row in one of the parents."""
    for name, frame in tables.items():
        for amount, id_ in TABLES[name].money.items():
            parent = TABLES[name].columns[id_].references
            if (
                parent is not None
                and parent in parents
                and {id_, amount} <= set(frame.collect_schema())
            ):
                by_id = _rate_by_id(tables[parent], TABLES[parent], rates)
                yield name, _at_rate_of_parent(frame, by_id, id_, amount)


def _has_foreign(frame: pl.LazyFrame, reporting_currency: str) -> bool:
    """Say whether any row needs a rate: most tables have none, and then nothing is joined."""
    foreign = pl.col("currency").is_not_null() & (pl.col("currency") != reporting_currency)
    return bool(frame.select(foreign.any()).collect(engine="streaming").item())


def _calendar(rates: pl.LazyFrame, frame: pl.LazyFrame, day: str) -> pl.LazyFrame:
    """Return the rate of each currency on each day that the rows have, one row for each pair."""
    days = frame.select("currency", day).drop_nulls().unique()
    spans = rates.sort("currency", "valid_from").with_columns(
        pl.col("valid_from").shift(-1).over("currency").fill_null(LAST_DAY).alias("until")
    )
    valid = (pl.col(day) >= pl.col("valid_from")) & (pl.col(day) < pl.col("until"))
    pairs = days.join(spans, on="currency").filter(valid)
    return pairs.select("currency", day, pl.col("rate").alias(RATE)).collect().lazy()


def _converted(
    frame: pl.LazyFrame, calendar: pl.LazyFrame, amounts: tuple[str, ...], day: str
) -> pl.LazyFrame:
    """Return a table with its amounts in the company's currency, at the rate of their day.

    `calendar` has one row per currency and day.
    """
    names = frame.collect_schema().names()
    present = [name for name in amounts if name in names]
    return (
        frame.join(calendar, on=["currency", day], how="left")
        .with_columns(_times_rate(name) for name in present)
        .select(names)
    )


def _times_rate(amount: str) -> pl.Expr:
    product = (pl.col(amount) * pl.col(RATE)).cast(NUMBER)
    return pl.when(pl.col(RATE).is_null()).then(pl.col(amount)).otherwise(product).alias(amount)


def _rate_by_id(parents: pl.LazyFrame, table: Table, rates: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rate of each row of a table at its own day, by its key."""
    day = next(iter(table.money.values()))
    calendar = _calendar(rates, parents, day)
    return parents.join(calendar, on=["currency", day]).select(*table.key, RATE)


def _at_rate_of_parent(
    frame: pl.LazyFrame, rates: pl.LazyFrame, id_: str, amount: str
) -> pl.LazyFrame:
    """Return the rows, their amount converted as the row that they point to, at that row's day."""
    names = frame.collect_schema().names()
    joined = frame.join(rates, on=id_, how="left")
    return joined.with_columns(_times_rate(amount)).select(names)
