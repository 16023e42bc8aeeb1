"""Rows behind what is credited for deals, and behind the deals that a scope had a hand in."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.engine.deal_paths import path_of, weighed
from kpi_lib.engine.relation import collect
from kpi_lib.engine.terms.credited import Credited, Influenced
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, Counted, counted, once_each

TOUCH = ("touchpoint_id", "partner_id", "deal_id", "occurred_at", "closed_on", "amount")


def of_credited(part: Credited, place: Place) -> list[Counted]:
    """Return the touchpoints that are credited, and the deals that no touchpoint has a part in.

    Beside a touchpoint stand the deal's amount and the share of it that is credited.
    """
    scanner = place.working.cube.scanner
    deals = _of_period(part, place)
    path = weighed(path_of(scanner, deals), scanner.half_life_days)
    touches = _touches(place.mine(path), share=nw.col(part.model)).filter(pl.col("share") > 0)
    pathless = place.rows(part.rows).join(_ids(path), on="deal_id", how="anti")
    worth = pl.col("amount").cast(pl.Float64)
    return [
        Counted("touchpoints", touches.with_columns((pl.col("share") * worth).alias(ADDS))),
        counted(part.rows, pathless.with_columns(worth.alias(ADDS))),
    ]


def of_influenced(part: Influenced, place: Place) -> list[Counted]:
    """Return the deals that it sourced, and its touchpoints of the others, each deal once."""
    worth = pl.col("amount").cast(pl.Float64) if part.reduce == "sum" else pl.lit(1.0)
    sourced = place.rows(part.rows).drop_nulls("partner_id")
    path = path_of(place.working.cube.scanner, _of_period(part, place))
    touches = _touches(place.mine(path)).drop_nulls("partner_id")
    others = touches.join(sourced.select("deal_id"), on="deal_id", how="anti")
    return [
        counted(part.rows, sourced.with_columns(worth.alias(ADDS))),
        Counted("touchpoints", once_each(others, ["deal_id"], worth)),
    ]


def _of_period(part: Credited | Influenced, place: Place) -> nw.LazyFrame:
    deals = place.working.cube.scanner.rows(part.rows)
    return deals.filter(nw.col("slot") == place.slot)


def _touches(path: nw.LazyFrame, **laid: nw.Expr) -> pl.DataFrame:
    frame = collect(path.select(*TOUCH, **laid)).sort("occurred_at", "touchpoint_id")
    return frame.with_columns(pl.col("closed_on").cast(pl.Date), pl.col("amount").cast(pl.Float64))


def _ids(path: nw.LazyFrame) -> pl.DataFrame:
    return collect(path.select("deal_id").unique())
