"""What the models of a run know: purchases, service, debts and meetings, up to any day.

Everything is cut by its day when it is asked for, so that nothing after a cut is ever seen before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
import polars as pl

from kpi_lib.btyd.rfm import rfm_summary

# What each table is read for: without the first so many columns it says nothing.
ORDERS = ("customer_id", "ordered_on", "amount", "partner_id", "status", "cost")
CUSTOMERS = ("customer_id", "acquired_on", "partner_id")
NEEDED = {"orders": 3, "customers": 2}
DIRECT = ""  # in place of a partner's id


@dataclass(frozen=True)
class History:
    """The tables that the models read, as far as they exist; `orders` without guests."""

    orders: pl.DataFrame
    customers: pl.DataFrame
    tables: Mapping[str, pl.LazyFrame]

    @classmethod
    def of(cls, tables: Mapping[str, pl.LazyFrame]) -> History:
        """Return what the tables of the contract say; none of them needs to be there."""
        orders = _columns_or_empty(tables, "orders", ORDERS)
        customers = _columns_or_empty(tables, "customers", CUSTOMERS)
        known = pl.col("customer_id").is_not_null()
        return cls(orders.filter(known), customers, tables)

    def until(self, cut: date) -> pl.DataFrame:
        """Return the orders up to a day, that day included."""
        return self.orders.filter(pl.col("ordered_on") <= cut)

    def rfm(self, cut: date) -> pd.DataFrame:
        """Return frequency, recency, T (days) and value of each customer at a day, and its partner.

        partner_id is of who brought the customer, else of its first order; "" is direct business.
        """
        summary = rfm_summary(self.until(cut), cut)
        summary["partner_id"] = self.partner_of().reindex(summary.index).fillna(DIRECT)
        return summary

    def partner_of(self) -> pd.Series:
        """Return the partner of each customer, "" for direct business."""
        first = (
            self.orders.sort("ordered_on")
            .group_by("customer_id", maintain_order=True)
            .agg(pl.col("partner_id").first())
        )
        stated = self.customers.select("customer_id", "partner_id")
        both = pl.concat([stated, first.join(stated, on="customer_id", how="anti")])
        filled = both.with_columns(pl.col("partner_id").fill_null(DIRECT)).to_pandas()
        return filled.set_index("customer_id")["partner_id"]

    def spend(self, cut: date, days: int) -> pd.Series:
        """Return each customer's sales of the last so many days up to a day."""
        counted = pl.col("status").is_in(["completed", "returned"])
        recent = pl.col("ordered_on") > cut - timedelta(days=days)
        by_customer = self.until(cut).filter(counted & recent).group_by("customer_id")
        summed = by_customer.agg(pl.col("amount").sum()).to_pandas()
        return summed.set_index("customer_id")["amount"].astype(float)

    def bought(self, after: date, until: date) -> pd.Series:
        """Return on how many days each customer bought after a day and up to another."""
        within = (pl.col("ordered_on") > after) & (pl.col("ordered_on") <= until)
        sold = (pl.col("status") == "completed") & within
        by_customer = self.orders.filter(sold).group_by("customer_id")
        days = by_customer.agg(days=pl.col("ordered_on").n_unique()).to_pandas()
        return days.set_index("customer_id")["days"].astype(float)


_SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "partner_id": pl.String(),
    "ordered_on": pl.Date(),
    "acquired_on": pl.Date(),
    "amount": pl.Float64(),
    "status": pl.String(),
    "cost": pl.Float64(),
}


def _columns_or_empty(
    tables: Mapping[str, pl.LazyFrame], name: str, columns: tuple[str, ...]
) -> pl.DataFrame:
    """Return columns of a table, empty where it is missing, or one that it is read for."""
    if name not in tables:
        return pl.DataFrame(schema={column: _SCHEMA[column] for column in columns})
    present = tables[name].collect_schema().names()
    if not set(columns[: NEEDED[name]]) <= set(present):
        return pl.DataFrame(schema={column: _SCHEMA[column] for column in columns})
    chosen = [
        (pl.col(column) if column in present else pl.lit(None)).cast(_SCHEMA[column]).alias(column)
        for column in columns
    ]
    frame = tables[name].select(chosen).collect(engine="streaming")
    if "status" in columns:
        frame = frame.with_columns(pl.col("status").fill_null("completed"))
    return frame
