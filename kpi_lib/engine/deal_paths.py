"""The paths of deals: the touchpoints before each was closed, and the credit of each."""

from __future__ import annotations

import math

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.engine.relation import EngineFrame, collect
from kpi_lib.engine.scan import Scanner

AT_THE_ENDS, BETWEEN = 0.4, 0.2  # position based
DEAL = ("deal_id", "slot", "closed_on", "amount")
TOUCH = ("touchpoint_id", "partner_id", "deal_id", "occurred_at", "closed_on", "amount")


def path_of(scanner: Scanner, deals: EngineFrame) -> EngineFrame:
    """Return one row per touchpoint up to its deal's closing day: whose it is, when, which deal."""
    touches = scanner.relations.tables["touchpoints"].select(
        "partner_id", "deal_id", "touchpoint_id", "occurred_at", "occurred_at_day"
    )
    path = deals.select(*DEAL).join(touches, on="deal_id", how="inner")
    return path.filter(nw.col("occurred_at_day") <= nw.col("closed_on"))


def with_credit_shares(path: EngineFrame, half_life_days: float) -> EngineFrame:
    """Return the touchpoints with each model's share of the credit (0 to 1), of a deal 1 in all."""
    # Counted from the last touchpoint, ages keep their proportions, and no weight of a path of
    # long ago vanishes.
    last = nw.col("occurred_at_day").max().over("deal_id")
    path = path.with_columns(one=nw.lit(1), age=last - nw.col("occurred_at_day"))
    path = path.with_columns(decay=(nw.col("age") * (-math.log(2) / half_life_days)).exp())
    in_order = ["occurred_at", "touchpoint_id"]  # floats added up in one order have one sum
    path = path.with_columns(
        rank=nw.col("one").cum_sum().over("deal_id", order_by=in_order),
        count=nw.col("one").sum().over("deal_id"),
        decay_so_far=nw.col("decay").cum_sum().over("deal_id", order_by=in_order),
    )
    path = path.with_columns(all_decay=nw.col("decay_so_far").max().over("deal_id"))
    rank, count = nw.col("rank"), nw.col("count")
    first, last = nw.when(rank == 1).then(1.0), nw.when(rank == count).then(1.0)
    inner = nw.when(count > 2).then(BETWEEN / (count - 2))
    at_end = nw.when((rank == 1) | (rank == count)).then(AT_THE_ENDS).otherwise(inner)
    return path.with_columns(
        first_touch=first.otherwise(0.0),
        last_touch=last.otherwise(0.0),
        linear=1.0 / count,
        time_decay=nw.col("decay") / nw.col("all_decay"),
        position_based=nw.when(count > 2).then(at_end).otherwise(1.0 / count),
    )


def touches(path: EngineFrame, **laid: nw.Expr) -> pl.DataFrame:
    """Return the touchpoints in the order of time, days as dates and amounts as floats."""
    frame = collect(path.select(*TOUCH, **laid)).sort("occurred_at", "touchpoint_id")
    return frame.with_columns(pl.col("closed_on").cast(pl.Date), pl.col("amount").cast(pl.Float64))
