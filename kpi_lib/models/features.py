"""What the churn model reads of a customer at a cut: nothing of it is dated after the cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl

from kpi_lib.models.history import History

RECENT = 2  # horizons: who has not bought for longer is gone already, and not scored
SERVICE_DAYS, YEAR = 180, 365


@dataclass(frozen=True)
class Snapshot:
    """Customers at a cut: features (one row each, missing where unknown), and who left after it.

    `left`: who bought nothing in the horizon; None where the horizon reaches past the data.
    """

    cut: date
    features: pd.DataFrame
    left: np.ndarray | None

    def __len__(self) -> int:
        return len(self.features)


def snapshot(
    history: History, cut: date, horizon: int, no_purchase: pd.Series | None, known_until: date
) -> Snapshot:
    """Return who bought in the last two horizons (days) up to the cut, and what is known of them.

    `no_purchase`: the purchase model's probability of none in the horizon, by customer.
    """
    rfm = history.rfm(cut)
    idle = rfm["T"] - rfm["recency"]
    rfm = rfm[idle < RECENT * horizon]
    parts = [
        _purchase_features(history, rfm, cut, horizon),
        *_service_features(history, rfm, cut, horizon),
    ]
    features = pd.concat(parts, axis=1)
    if no_purchase is not None:
        chance = no_purchase.reindex(rfm.index).clip(1e-6, 1 - 1e-6)
        features["model"] = np.log(chance / (1 - chance))
    left = None
    if cut + timedelta(days=horizon) <= known_until:
        later = history.bought(cut, cut + timedelta(days=horizon))
        left = ~rfm.index.isin(later.index)
    return Snapshot(cut, features.astype(float), left)


def _purchase_features(
    history: History, rfm: pd.DataFrame, cut: date, horizon: int
) -> pd.DataFrame:
    """Return one row per customer: idle time, frequency, age, value, season at the cut."""
    idle = rfm["T"] - rfm["recency"]
    gap = rfm["recency"] / rfm["frequency"].where(rfm["frequency"] > 0)
    span = timedelta(days=horizon)
    recent = history.bought(cut - span, cut).reindex(rfm.index).fillna(0.0)
    year = timedelta(days=YEAR)
    season = history.bought(cut - span - year, cut - year).reindex(rfm.index).fillna(0.0)
    seen = rfm["T"] >= YEAR + horizon
    return pd.DataFrame(
        {
            "idle": np.log1p(idle),
            "against_gap": np.log((idle + 1) / (gap + 1)),
            "frequency": np.log1p(rfm["frequency"]),
            "age": np.log1p(rfm["T"]),
            "value": np.log1p(rfm["monetary_value"].clip(lower=0)),
            "recent": np.log1p(recent),
            "season": (np.log1p(recent) - np.log1p(season)).where(seen),
        },
        index=rfm.index,
    )


def _service_features(
    history: History, rfm: pd.DataFrame, cut: date, horizon: int
) -> list[pd.DataFrame]:
    """Return frames of one row per customer: failed deliveries, overdue amounts, engagements.

    What the tables do not say is left out.
    """
    tables, features = history.tables, []
    failures = failures_of(tables, cut, "customer_id")
    if failures is not None:
        features.append(failures.reindex(rfm.index).fillna(0.0))
    for found in (overdue_of(tables, cut), engagement_of(tables, cut, horizon)):
        if found is not None:
            features.append(_spread_to_customers(found, rfm))
    return features


def failures_of(
    tables: Mapping[str, pl.LazyFrame], cut: date, whose: str = "partner_id"
) -> pd.DataFrame | None:
    """Return the logs of late, faulty and backordered deliveries of half a year, by `whose` column.

    None where the tables do not say.
    """
    known = _has(tables, "deliveries", "order_id", "promised_on", "delivered_on")
    return (
        _service_failures(tables, cut, whose) if known and _has(tables, "orders", whose) else None
    )


def overdue_of(tables: Mapping[str, pl.LazyFrame], cut: date) -> pd.DataFrame | None:
    """Return the log of what each partner is late with at a cut, None where nobody knows."""
    if not _has(tables, "invoices", "partner_id", "due_on", "paid_on", "amount"):
        return None
    return _figures(_overdue_amounts(tables["invoices"], cut), "overdue")


def engagement_of(
    tables: Mapping[str, pl.LazyFrame], cut: date, days: int = SERVICE_DAYS
) -> pd.DataFrame | None:
    """Return the log of how often each partner was met in so many days, None where nobody knows."""
    if not _has(tables, "engagements", "partner_id", "occurred_on"):
        return None
    return _figures(_engagement_counts(tables["engagements"], cut, days), "engagement")


def _has(tables: Mapping[str, pl.LazyFrame], name: str, *columns: str) -> bool:
    return name in tables and set(columns) <= set(tables[name].collect_schema().names())


def _service_failures(tables: Mapping[str, pl.LazyFrame], cut: date, whose: str) -> pd.DataFrame:
    """Return one row per customer or partner (`whose`): late, wrong and backordered deliveries."""
    deliveries = tables["deliveries"]
    present = deliveries.collect_schema().names()
    promised, done = pl.col("promised_on"), pl.col("delivered_on")
    # What is delivered after the cut is not delivered yet.
    late = (promised < cut) & (done.is_null() | (done > promised))
    seen = done.is_not_null() & (done <= cut)
    error = (pl.col("error").fill_null("none") != "none") if "error" in present else pl.lit(False)
    back = pl.col("backordered").fill_null(False) if "backordered" in present else pl.lit(False)
    owner = tables["orders"].select("order_id", whose).drop_nulls()
    counted = (
        deliveries.filter((promised <= cut) & (promised > cut - timedelta(days=SERVICE_DAYS)))
        .join(owner, on="order_id")
        .group_by(whose)
        .agg(
            late=late.sum().log1p(),
            errors=(error & seen).sum().log1p(),
            backorders=(back & seen).sum().log1p(),
        )
    )
    return counted.collect(engine="streaming").to_pandas().set_index(whose)


def _overdue_amounts(invoices: pl.LazyFrame, cut: date) -> pl.LazyFrame:
    """Return one row per partner: the log of the amount that is overdue at the cut."""
    present = invoices.collect_schema().names()
    paid = pl.col("paid_on")
    issued = pl.col("issued_on") <= cut if "issued_on" in present else pl.lit(True)
    open_ = issued & (pl.col("due_on") < cut) & (paid.is_null() | (paid > cut))
    amount = pl.col("amount").cast(pl.Float64).sum().clip(lower_bound=0).log1p()
    return invoices.filter(open_).group_by("partner_id").agg(figure=amount)


def _engagement_counts(engagements: pl.LazyFrame, cut: date, horizon: int) -> pl.LazyFrame:
    """Return one row per partner: the log of its engagements in the horizon before the cut."""
    day = pl.col("occurred_on")
    recent = (day <= cut) & (day > cut - timedelta(days=horizon))
    return engagements.filter(recent).group_by("partner_id").agg(figure=pl.len().log1p())


def _figures(rows: pl.LazyFrame, name: str) -> pd.DataFrame:
    frame = rows.drop_nulls("partner_id").collect(engine="streaming").to_pandas()
    return frame.set_index("partner_id")["figure"].astype(float).to_frame(name)


def _spread_to_customers(figures: pd.DataFrame, rfm: pd.DataFrame) -> pd.DataFrame:
    """Return a partner's figure for each of its customers; unknown of direct business."""
    (name,) = figures.columns
    known = rfm["partner_id"] != ""
    return rfm["partner_id"].map(figures[name]).fillna(0.0).where(known).to_frame(name)
