"""The door from typed tables to an engine: dates become day numbers, flags 1 and 0.

Engines differ in what a date minus a date is and in how they count booleans; integers are the same
everywhere. This is the only place that knows of it. The engine is whatever Narwhals can speak to:
Polars by default, DuckDB and PySpark through `backends.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.selection import Needs

EngineFrame = nw.LazyFrame[Any]  # of whichever engine: its own frame is its own affair
Engine = Callable[[str, pl.LazyFrame], EngineFrame]


def polars_engine(name: str, frame: pl.LazyFrame) -> EngineFrame:
    """Return the table as Narwhals sees it on Polars."""
    return nw.from_native(frame)


@dataclass(frozen=True)
class Relations:
    """The tables of a run, as the engine sees them, and what is known of their columns."""

    tables: Mapping[str, EngineFrame]
    columns: Mapping[str, frozenset[str]]
    partners: pl.DataFrame
    engine: Engine = field(default=polars_engine, repr=False)

    def lacks(self, table: str, columns: frozenset[str]) -> str | None:
        """Return in words what is missing of a table for these columns, None where nothing is."""
        if table not in self.columns:
            return f"there is no table {table}"
        absent = sorted(columns - self.columns[table] - {"partner_id"})
        if absent:
            listed = ", ".join(f"{table}.{name}" for name in absent)
            return f"there is no column {listed}"
        return None

    def lacking(self, needs: Needs) -> list[str]:
        """Return in words what is missing of these columns, nothing where they are all there."""
        reasons = [self.lacks(table, columns) for table, columns in needs.items()]
        return [reason for reason in reasons if reason]

    def names_partners(self, table: str) -> bool:
        """Whether the rows of the table say which partner they belong to."""
        return "partner_id" in self.columns[table]


def open_relations(dataset: Dataset, engine: Engine = polars_engine) -> Relations:
    """Return the tables of the dataset for an engine."""
    columns = {
        name: frozenset(frame.collect_schema().names()) for name, frame in dataset.tables.items()
    }
    tables = {name: engine(name, as_numbers(name, frame)) for name, frame in dataset.tables.items()}
    partners = as_numbers("partners", dataset.tables["partners"]).collect()
    return Relations(tables, columns, partners, engine)


def as_numbers(name: str, frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return the table with dates as day numbers and flags as 1 and 0, and with a partner_id.

    A table without a column partner_id gets an empty one: its rows belong to the company alone.
    """
    present = frame.collect_schema().names()
    kinds = {column: TABLES[name].columns[column].kind for column in present}
    frame = frame.with_columns(
        [pl.col(c).cast(pl.Int32) for c, kind in kinds.items() if kind == "date"]
        + [pl.col(c).cast(pl.Int8) for c, kind in kinds.items() if kind == "flag"]
        + [
            pl.col(c).dt.date().cast(pl.Int32).alias(f"{c}_day")
            for c, kind in kinds.items()
            if kind == "timestamp"
        ]
    )
    if "partner_id" not in present:
        frame = frame.with_columns(partner_id=pl.lit(None, dtype=pl.String))
    return frame


def main_day(table: str) -> str:
    """Return the column that says from which day on a row exists, as a day number."""
    name = TABLES[table].main_date or ""
    return f"{name}_day" if TABLES[table].columns[name].kind == "timestamp" else name


def collect(frame: EngineFrame) -> pl.DataFrame:
    """Run a query on its engine and return the result, which is small, to Polars."""
    native = nw.to_native(frame)
    if isinstance(native, pl.LazyFrame):
        return native.collect(engine="streaming")
    return pl.DataFrame(nw.to_native(frame.collect(backend="polars")))
