"""Tables of the contract from a line of text, and what is computed from them: for tests alone.

    value_of("average_order_value", orders="a c1 07-01 100 | a c2 07-02 50")

gives 75.0. Doctests of KPIs and tests write their rows out so; nothing of the product imports this
(the import contract has `testing` on the top floor). In the text of a table

- "|" stands between rows, a space between fields;
- the fields come in the order of `PLAIN`, and NAME=VALUE names any other column;
- "-" is null, and a day without a year lies in 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import polars as pl

from kpi_lib.address import SourceName
from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.data.schema import Column
from kpi_lib.measure.compute import Options, Results, compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings

# The fields that stand without their names, in this order; an id of its own is counted up.
PLAIN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "partners": ("partner_id", "joined_on", "left_on"),
        "customers": ("customer_id", "partner_id", "acquired_on"),
        "orders": ("partner_id", "customer_id", "ordered_on", "amount", "status"),
        "deliveries": (
            *("partner_id", "promised_on", "delivered_on"),
            *("quantity_ordered", "quantity_delivered"),
        ),
        "invoices": ("partner_id", "issued_on", "due_on", "paid_on", "amount"),
        "payments": ("invoice_id", "received_on", "amount"),
        "credit_limits": ("partner_id", "valid_from", "credit_limit"),
        "deals": ("partner_id", "opened_on", "closed_on", "outcome", "amount"),
        "touchpoints": ("deal_id", "partner_id", "occurred_at"),
        "surveys": ("partner_id", "respondent", "instrument", "score", "responded_on"),
        "engagements": ("partner_id", "kind", "occurred_on"),
        "costs": ("partner_id", "channel", "category", "incurred_on", "amount"),
        "markets": ("market_id",),
        "market_sizes": ("market_id", "starts_on", "ends_on", "size"),
        "objectives": ("partner_id", "kpi", "starts_on", "due_on", "baseline", "target"),
        "observations": ("partner_id", "measure", "observed_on", "numerator", "denominator"),
        "targets": ("scope", "entity", "kpi", "period", "target", "minimum"),
        "partner_reported": ("partner_id", "kpi", "period", "value", "reported_on"),
    }
)
FILLED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "partners": {"partner_type": "reseller"},
        "deliveries": {"order_id": "0"},
        "markets": {"kind": "geography"},
        "objectives": {"goal": "revenue_growth"},
    }
)


def value_of(
    kpi: str,
    *,
    scope: str = "partner",
    entity: str = "a",
    period: str = "2026-Q3",
    **tables: str,
) -> float | None:
    """Return the value of a KPI for the rows written out in `tables`, None where it has none."""
    row = row_of(kpi, scope=scope, entity=entity, period=period, **tables)
    value: float | None = row["value"]
    return value


def row_of(
    kpi: str,
    *,
    scope: str = "partner",
    entity: str = "a",
    period: str = "2026-Q3",
    **tables: str,
) -> dict[str, Any]:
    """Return the row of the KPI table for the rows written out in `tables`."""
    wanted = entity if scope not in ("portfolio", "direct", "company") else scope
    dataset = dataset_of(**tables)
    table = compute(dataset, Settings(), Period.parse(period), options=Options(only=[kpi])).table
    found = table.filter(
        (pl.col("kpi") == kpi) & (pl.col("scope") == scope) & (pl.col("entity") == wanted)
    )
    return found.row(0, named=True)


def results_of(*, period: str = "2026-Q3", **tables: str) -> Results:
    """Return everything computed for the rows written out in `tables`."""
    return compute(dataset_of(**tables), Settings(), Period.parse(period))


def dataset_of(**tables: str) -> Dataset:
    """Return the rows written out as typed tables; partner "a" is there unless others are."""
    written = {"partners": "a 2020-01-01", **tables}
    frames = {name: _frame_from_text(name, text) for name, text in written.items()}
    return Dataset(frames, SourceName("rows written out"), False, False, {}, {}, {})


def _frame_from_text(table: str, text: str) -> pl.LazyFrame:
    """Return the rows of a text, apart by |, as a typed table."""
    rows = [
        _row_from_words(table, i, line.split())
        for i, line in enumerate(text.split("|"))
        if line.strip()
    ]
    columns = {name: [row.get(name) for row in rows] for row in rows for name in row}
    return pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String)).pipe(_typed, table)


def _row_from_words(table: str, number: int, words: list[str]) -> dict[str, str | None]:
    """Return one row as texts, with the columns that are filled where it names none."""
    key = TABLES[table].key[0]
    row: dict[str, str | None] = {key: str(number), **FILLED.get(table, {})}
    plain = [word for word in words if "=" not in word]
    named = dict(word.split("=", 1) for word in words if "=" in word)
    values = {**dict(zip(PLAIN.get(table, ()), plain, strict=False)), **named}
    if table == "partners":
        row["name"] = values["partner_id"]
    return row | {name: _value_of_word(word) for name, word in values.items()}


def _value_of_word(word: str) -> str | None:
    """Return a word as a value: 09-30 is a day of 2026, - is null."""
    if re.fullmatch(r"\d\d-\d\d", word):
        return f"2026-{word}"
    return None if word == "-" else word


def _converted(text: pl.Expr, column: Column) -> pl.Expr:
    """Return texts as the type of a column."""
    if column.kind in ("date", "timestamp"):
        return text.str.to_date() if column.kind == "date" else text.str.to_datetime()
    return text == "true" if column.kind == "flag" else text.cast(column.dtype)


def _typed(frame: pl.LazyFrame, table: str) -> pl.LazyFrame:
    """Return the columns in the contract's types, absent ones as the contract reads them."""
    present = frame.collect_schema().names()
    columns = []
    for column in TABLES[table].columns.values():
        if column.name in present:
            text = pl.col(column.name)
            typed = _converted(text, column)
            columns.append(typed.fill_null(column.default) if column.default else typed)
        elif column.absence_says:
            columns.append(pl.lit(column.default, dtype=column.dtype).alias(column.name))
    return frame.select(columns)
