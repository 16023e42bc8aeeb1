"""The one gate from orders to what the models read: frequency, recency, T and mean value.

A purchase is a day on which a customer ordered; the orders of one day are one purchase. One whose
amount is not known is a purchase all the same, and in no mean of values. A return
(status returned, or an amount below 0) is taken off the customer's last purchase on or before its
day: what is left is the purchase's value, and where nothing is left there was no purchase. Guests
(no customer_id) and cancelled orders are left out.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pandas as pd
import polars as pl

from kpi_lib.btyd.summaries import UNIT
from kpi_lib.errors import CallError, ContractError, Problem
from kpi_lib.periods import DAYS_PER_MONTH

UNITS = {"day": 1.0, "week": 7.0, "month": DAYS_PER_MONTH, "year": 365.25}  # in days
NEEDED = ("customer_id", "ordered_on", "amount")
USUAL, RETURNED = "completed", "returned"
PLACE = "orders of rfm_summary"
PURCHASE, CUSTOMER = ("customer_id", "day"), "customer_id"
RESIDUE = 1e-9  # of a purchase: what sums of amounts leave where they should leave nothing


def rfm_summary(
    orders: pd.DataFrame | pl.DataFrame | pl.LazyFrame,
    cutoff_date: date | str,
    *,
    unit: str = "day",
) -> pd.DataFrame:
    """Return what is known of each customer at the end of `cutoff_date`: one row per customer.

    Parameters
    ----------
    orders
        One row per order: customer_id, ordered_on, amount; status (completed where it is missing)
        and cost where there are. Later orders are not looked at.
    cutoff_date
        The last day that counts: a date, or its ISO text, 2026-09-30.
    unit
        What recency, T and log_gaps count time in: day, week, month (30.4375 days) or year.

    Returns
    -------
    The index is customer_id. frequency: repeat purchases. recency: from the first purchase to the
    last. T: from the first purchase to the cut. monetary_value: the mean net amount of the repeat
    purchases, missing where there is none. mean_value: that of all purchases. margin: amount less
    cost, over amount, of all orders whose cost is known; missing where none is. log_gaps: the sum
    of the logarithms of the gaps between purchases. `attrs["unit"]` is the unit.
    """
    if unit not in UNITS:
        raise CallError.at("unit of rfm_summary", f"it is {unit!r}", f"Use {', '.join(UNITS)}.")
    until = _cut(cutoff_date)
    purchases = _purchases(_orders(orders, until))
    customers = (
        _rfm_by_customer(purchases, until, UNITS[unit]).sort(CUSTOMER).collect(engine="streaming")
    )
    frame = customers.to_pandas().set_index(CUSTOMER)
    frame.attrs[UNIT] = unit
    return frame


def _cut(cutoff_date: date | str) -> date:
    """Return the day; text in another form could be one of two days, and is refused."""
    if isinstance(cutoff_date, date):
        return cutoff_date.date() if isinstance(cutoff_date, datetime) else cutoff_date
    try:
        return date.fromisoformat(cutoff_date)
    except (TypeError, ValueError):
        found = f"it is {cutoff_date!r}"
        todo = "Give a date, or write year, month and day, as in 2026-09-30."
        raise CallError.at("cutoff_date of rfm_summary", found, todo) from None


def _orders(given: Any, until: date) -> pl.LazyFrame:
    """Return the orders that count, with their day, amount and cost as numbers."""
    frame = pl.from_pandas(given).lazy() if isinstance(given, pd.DataFrame) else given.lazy()
    present = frame.collect_schema().names()
    missing = [name for name in NEEDED if name not in present]
    if missing:
        found = f"there is no column {', '.join(missing)}"
        todo = "Name it as the contract does."
        raise ContractError(Problem(PLACE, found, todo))
    status = pl.col("status").fill_null(USUAL) if "status" in present else pl.lit(USUAL)
    frame = frame.filter(status.is_in([USUAL, RETURNED]))
    cost = pl.col("cost") if "cost" in present else pl.lit(None)
    day = pl.col("ordered_on")
    is_text = frame.collect_schema()["ordered_on"] == pl.String
    frame = frame.filter(pl.col(CUSTOMER).is_not_null()).select(
        CUSTOMER,
        day=day.str.to_date("%Y-%m-%d", strict=False) if is_text else day.cast(pl.Date),
        amount=pl.col("amount").cast(pl.Float64).fill_nan(None),
        cost=cost.cast(pl.Float64),
        returned=(status == RETURNED) | (pl.col("amount") < 0).fill_null(False),
        written=day.cast(pl.String),
    )
    _require_days(frame)
    return frame.filter(pl.col("day") <= until).drop("written")


def _require_days(orders: pl.LazyFrame) -> None:
    """Refuse orders without a day: left out, they would change what is known of their customers."""
    undated = pl.col("day").is_null()
    counted = orders.select(pl.col("written").filter(undated).first(), undated=undated.sum())
    written, count = counted.collect(engine="streaming").row(0)
    if count:
        found = f"{count:,} have no day that can be read, the first is {written!r}"
        todo = "Write days as 2026-09-30, or leave these orders out."
        raise ContractError(Problem(PLACE, found, todo))


def _purchases(orders: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per purchase: customer_id, day, amount, and amount and cost where known."""
    known = pl.col("cost").is_not_null() & pl.col("amount").is_not_null()
    days = orders.group_by(PURCHASE).agg(
        pl.col("amount").sum(),
        priced=pl.col("amount").is_not_null().all(),
        gross=pl.col("amount").filter(~pl.col("returned")).sum(),
        sold=pl.col("amount").filter(known).sum(),
        cost=pl.col("cost").filter(known).sum(),
        returned=pl.col("returned").any(),
        ordered=(~pl.col("returned")).any(),
    )
    # A day with returns only belongs to the last purchase before it.
    bought = pl.when(pl.col("ordered")).then(pl.col("day"))
    of_purchase = bought.forward_fill().over(CUSTOMER, order_by="day")
    net = days.with_columns(day=of_purchase).filter(pl.col("day").is_not_null())
    summed = net.group_by(PURCHASE).agg(
        pl.col("amount", "gross", "sold", "cost").sum(),
        pl.col("returned").any(),
        pl.col("priced").all(),
    )
    # What a purchase was worth is not known where one of its orders has no amount.
    priced, amount = pl.col("priced"), pl.col("amount")
    undone = priced & pl.col("returned") & (amount <= RESIDUE * pl.col("gross"))
    return summed.filter(~undone).with_columns(amount=pl.when(priced).then(amount))


def _rfm_by_customer(purchases: pl.LazyFrame, until: date, unit: float) -> pl.LazyFrame:
    """Return one row per customer: frequency, recency, T (in `unit` days), values and margin.

    `purchases` has one row per customer and day of purchase.
    """
    day, amount = pl.col("day"), pl.col("amount")
    frequency = (pl.len() - 1).cast(pl.Float64)
    gaps = day.sort().diff().dt.total_days().drop_nulls() / unit
    sold = pl.col("sold").sum()
    return purchases.group_by(CUSTOMER).agg(
        frequency=frequency,
        recency=(day.max() - day.min()).dt.total_days() / unit,
        T=(pl.lit(until) - day.min()).dt.total_days() / unit,
        monetary_value=amount.sort_by("day").slice(1).mean(),
        mean_value=amount.mean(),
        margin=pl.when(sold > 0).then((sold - pl.col("cost").sum()) / sold),
        log_gaps=gaps.log().sum(),
    )
