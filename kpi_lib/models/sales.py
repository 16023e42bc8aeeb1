"""Each partner's net revenue in even steps of time, for its forecast and the risk of fading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import polars as pl

from kpi_lib.engine.sums import PLACES, PRECISION
from kpi_lib.models.forecast import Rhythm
from kpi_lib.periods import MONTHS, PERIODS_PER_YEAR, Period

COUNTED = ("completed", "returned")  # as the KPI revenue counts
EMPTY = pd.DataFrame(dtype=float)
EXACT = pl.Decimal(PRECISION, PLACES)  # else a forecast would differ with the order of rows
QUIET_DAYS = 3
WHOLE = ""  # in place of a partner's id: all partners together


@dataclass(frozen=True)
class Sales:
    """Sales up to the end of `last`, the last whole period of the data.

    `by_partner`: a column for each partner that sold, a row for each month (or week, where the
    periods are weeks), NaN before its first sale; rows begin where whole periods do.
    """

    last: Period
    rhythm: Rhythm
    by_partner: pd.DataFrame

    @property
    def whole(self) -> pd.DataFrame:
        """The sales of all partners, as one series."""
        return self.by_partner.sum(axis=1).to_frame(WHOLE)

    def in_periods(self) -> pd.DataFrame:
        """Return the sums of whole periods, the last one `last`; nothing before a first sale."""
        steps = [n // self.rhythm.parts for n in range(len(self.by_partner))]
        return self.by_partner.groupby(steps).sum(min_count=1)

    def since(self, day: date, partner_id: str | None) -> float:
        """Return what was sold from a day on; by all where no partner is named."""
        recent = self.by_partner[self.by_partner.index >= pd.Timestamp(day)]
        return float(np.nansum(recent if partner_id is None else recent[[partner_id]]))


def rhythm_of(period: Period) -> Rhythm:
    """Return how sales are counted beside periods of this length: in months, or in weeks."""
    if period.cadence == "week":
        return Rhythm(1, PERIODS_PER_YEAR["week"])
    return Rhythm(MONTHS[period.cadence], PERIODS_PER_YEAR["month"])


def last_known(period: Period, as_of: date, last_day: date | None) -> Period:
    """Return the last period that had ended by the day of the run and that the data cover.

    After the last sale a tenth of the period may be missing, and three days: a quiet weekend.
    """
    while period.end > as_of or (last_day and _missing(period, last_day) > 0):
        period = period.previous()
    return period


def _missing(period: Period, last_day: date) -> float:
    return (period.end - last_day).days - max(QUIET_DAYS, period.days / 10)


def sales_of(tables: Mapping[str, pl.LazyFrame], last: Period, first_day: date | None) -> Sales:
    """Return the sales of every partner up to the end of a period; none without dated orders."""
    rhythm = rhythm_of(last)
    nothing = Sales(last, rhythm, EMPTY)
    needed = {"partner_id", "ordered_on", "amount"}
    if first_day is None or "orders" not in tables:
        return nothing
    if not needed <= set(tables["orders"].collect_schema().names()):
        return nothing
    first = _first_whole(first_day, last)
    summed = _sales_by_partner(tables["orders"], first, last)
    if first > last or summed.is_empty():
        return nothing
    wide = summed.to_pandas().set_index(["begins", "partner_id"])["amount"].unstack()  # noqa: PD010
    step = "W-MON" if last.cadence == "week" else "MS"
    days = pd.date_range(first.start, last.end, freq=step)
    laid = wide.set_axis(pd.to_datetime(wide.index)).reindex(days)
    begun = laid.notna().cummax()
    return Sales(last, rhythm, laid.fillna(0.0).where(begun).dropna(axis=1, how="all"))


def _first_whole(first_day: date, last: Period) -> Period:
    """Return the first period of this length that the data cover whole."""
    first = Period.containing(first_day, last.cadence, last.year_end)
    return first if first.start >= first_day else first.next()


def _sales_by_partner(orders: pl.LazyFrame, first: Period, last: Period) -> pl.DataFrame:
    """Return one row per partner and period that it sold in, with the amount."""
    status = pl.col("status") if "status" in orders.collect_schema().names() else pl.lit(None)
    day = pl.col("ordered_on")
    counted = status.cast(pl.String).fill_null("completed").is_in(COUNTED)
    within = (day >= first.start) & (day < last.end + timedelta(days=1))
    step = "1w" if last.cadence == "week" else "1mo"
    return (
        orders.filter(counted & within & pl.col("partner_id").is_not_null())
        .group_by("partner_id", begins=day.dt.truncate(step))
        .agg(pl.col("amount").cast(EXACT).sum().cast(pl.Float64))
        .sort("begins", "partner_id")
        .collect(engine="streaming")
    )
