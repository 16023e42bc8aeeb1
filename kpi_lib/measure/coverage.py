"""What time the data cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.errors import CallError
from kpi_lib.periods import Period, last_whole


@dataclass(frozen=True)
class Coverage:
    """The first and last day on which anything of the business happened; None without any rows."""

    first_day: date | None
    last_day: date | None


def coverage_of(dataset: Dataset) -> Coverage:
    """Return the days that the orders cover, or all dated tables where there are no orders."""
    dated = [name for name in dataset.tables if TABLES[name].main_date and name != "fx_rates"]
    tables = ["orders"] if "orders" in dated else [n for n in dated if n != "partners"] or dated
    spans = pl.collect_all([_span(dataset, name) for name in tables])
    firsts = [span["first"][0] for span in spans if span["first"][0] is not None]
    lasts = [span["last"][0] for span in spans if span["last"][0] is not None]
    return Coverage(min(map(_day, firsts), default=None), max(map(_day, lasts), default=None))


def default_period(coverage: Coverage, year_end: str) -> Period:
    """Return the last whole quarter of the data."""
    if coverage.last_day is None:
        raise CallError.at(
            "period", "the data hold no dated row to tell the last quarter from", "Give --period."
        )
    return last_whole("quarter", coverage.last_day, year_end)


def has_cost(dataset: Dataset, as_of: date) -> bool:
    """Say whether any order up to that day has a cost."""
    orders = dataset.tables.get("orders")
    if orders is None or not {"cost", "ordered_on"} <= set(orders.collect_schema().names()):
        return False
    known = (pl.col("ordered_on") <= as_of) & pl.col("cost").is_not_null()
    return bool(orders.select(known.any()).collect(engine="streaming").item())


def _span(dataset: Dataset, name: str) -> pl.LazyFrame:
    day = pl.col(TABLES[name].main_date or "")
    return dataset.tables[name].select(first=day.min(), last=day.max())


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
