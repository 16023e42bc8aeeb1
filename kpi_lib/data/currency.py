"""Amounts in the reporting currency: each at the rate of its own row's day.

A rate holds from its day until the currency's next one. A calendar of currency and day is laid once
and joined by equality, which streams where a join by the nearest earlier day does not.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.schema import NUMBER

RATE = "#rate"
LAST_DAY = pl.date(9999, 12, 31)


def convert_amounts(
    tables: Mapping[str, pl.LazyFrame], reporting_currency: str
) -> dict[str, pl.LazyFrame]:
    """Return the tables with every amount in the reporting currency; the currency's code stays."""
    converted = dict(tables)
    rates = tables.get("fx_rates")
    if rates is None:
        return converted
    rates = rates.filter(pl.col("currency") != reporting_currency).collect().lazy()
    for name, frame in tables.items():
        money = TABLES[name].money
        if money and {"currency", *money.values()} <= set(frame.collect_schema()):
            day = next(iter(money.values()))
            if _has_foreign(frame, reporting_currency):
                converted[name] = _converted(frame, _calendar(rates, frame, day), tuple(money), day)
    payments, invoices = tables.get("payments"), tables.get("invoices")
    if payments is None or invoices is None or converted["invoices"] is invoices:
        return converted
    if {"invoice_id", "amount"} <= set(payments.collect_schema()):
        converted["payments"] = _payments(payments, invoices, rates)
    return converted


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


def _payments(payments: pl.LazyFrame, invoices: pl.LazyFrame, rates: pl.LazyFrame) -> pl.LazyFrame:
    """Return the payments, each converted as its invoice, at the invoice's day."""
    names = payments.collect_schema().names()
    calendar = _calendar(rates, invoices, "issued_on")
    rate_of_invoice = invoices.join(calendar, on=["currency", "issued_on"]).select(
        "invoice_id", RATE
    )
    return (
        payments.join(rate_of_invoice, on="invoice_id", how="left")
        .with_columns(_times_rate("amount"))
        .select(names)
    )
