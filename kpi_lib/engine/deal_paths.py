"""Credit for won deals: one frame of their paths, and what each model makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.entities import Entities
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import Scanner, as_measured, to_array
from kpi_lib.engine.terms.credited import Credited, Influenced

AT_THE_ENDS, BETWEEN = 0.4, 0.2  # position based
DEAL = ("deal_id", "slot", "closed_on", "amount")


def credits(scanner: Scanner, entities: Entities, parts: Sequence[Credited]) -> list[np.ndarray]:
    """Return the amounts that each part's model credits, entities x periods.

    The parts must be of the same deals.
    """
    models = list(dict.fromkeys(part.model for part in parts))
    deals = scanner.rows(parts[0].rows)
    path = weighed(path_of(scanner, deals), scanner.half_life_days)
    worth = nw.col("amount").cast(nw.Float64)
    shares = path.select("partner_id", "slot", **{m: nw.col(m) * worth for m in models})
    pathless = deals.join(path.select("deal_id").unique(), on="deal_id", how="anti")
    whole = pathless.select("partner_id", "slot", **dict.fromkeys(models, worth))
    found = pl.concat(_summed(frame, models) for frame in (shares, whole))
    rolled = entities.roll_up(found, ("slot",))
    shape = (len(entities), len(scanner.calendar.periods))
    return [to_array(rolled, part.model, shape) for part in parts]


def influence(
    scanner: Scanner, entities: Entities, parts: Sequence[Influenced]
) -> list[np.ndarray]:
    """Return amount or number of the deals that each scope sourced or touched, each deal once.

    The parts must be of the same deals.
    """
    deals = scanner.rows(parts[0].rows)
    grain = ("partner_id", "deal_id", "slot", "amount")
    owned = [
        collect(frame.filter(~nw.col("partner_id").is_null()).select(*grain).unique())
        for frame in (deals, path_of(scanner, deals))
    ]
    pairs = as_measured(pl.concat(owned), {}).join(entities.membership, on="partner_id")
    once = pairs.unique(["index", "deal_id"])
    told = once.group_by("index", "slot").agg(sum=pl.col("amount").sum(), count=pl.len())
    shape = (len(entities), len(scanner.calendar.periods))
    return [to_array(told, part.reduce, shape) for part in parts]


def path_of(scanner: Scanner, deals: nw.LazyFrame) -> nw.LazyFrame:
    """Return one row per touchpoint up to its deal's closing day: whose it is, when, which deal."""
    touches = scanner.relations.tables["touchpoints"].select(
        "partner_id", "deal_id", "touchpoint_id", "occurred_at", "occurred_at_day"
    )
    path = deals.select(*DEAL).join(touches, on="deal_id", how="inner")
    return path.filter(nw.col("occurred_at_day") <= nw.col("closed_on"))


def weighed(path: nw.LazyFrame, half_life_days: float) -> nw.LazyFrame:
    """Lay each model's share of the credit beside the touchpoints; of a deal they add up to 1."""
    # Counted from the last touchpoint, ages keep their proportions, and no weight of a path of
    # long ago vanishes.
    last = nw.col("occurred_at_day").max().over("deal_id")
    path = path.with_columns(one=nw.lit(1), age=last - nw.col("occurred_at_day"))
    path = path.with_columns(decay=(nw.col("age") * (-math.log(2) / half_life_days)).exp())
    in_order = nw.col("one").cum_sum().over("deal_id", order_by=["occurred_at", "touchpoint_id"])
    path = path.with_columns(
        place=in_order,
        count=nw.col("one").sum().over("deal_id"),
        all_decay=nw.col("decay").sum().over("deal_id"),
    )
    place, count = nw.col("place"), nw.col("count")
    first, last = nw.when(place == 1).then(1.0), nw.when(place == count).then(1.0)
    inner = nw.when(count > 2).then(BETWEEN / (count - 2))
    at_end = nw.when((place == 1) | (place == count)).then(AT_THE_ENDS).otherwise(inner)
    return path.with_columns(
        first_touch=first.otherwise(0.0),
        last_touch=last.otherwise(0.0),
        linear=1.0 / count,
        time_decay=nw.col("decay") / nw.col("all_decay"),
        position_based=nw.when(count > 2).then(at_end).otherwise(1.0 / count),
    )


def _summed(frame: nw.LazyFrame, models: Sequence[str]) -> pl.DataFrame:
    sums = frame.group_by("partner_id", "slot").agg(*(nw.col(model).sum() for model in models))
    return as_measured(collect(sums.select("partner_id", "slot", *models)), {})
