"""Partner-reported figures held against ours: which agree, which are in dispute, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.equality import EQUAL, at_least, same
from kpi_lib.engine.kpi import Kpi
from kpi_lib.errors import CallError
from kpi_lib.measure.compute import Results
from kpi_lib.periods import Period, at_least_as_long
from kpi_lib.slices.page_types import KpiRow

DEFAULT_TOLERANCE = (
    0.01  # of our figure's size, for a KPI that the settings' tolerances do not name
)
AGREED, DISPUTED, NO_FIGURE, NOT_COMPARED = "agreed", "disputed", "no_figure", "not_compared"
SAID = ("value", "reported_on")  # beside the key: without them nothing is reported

SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(("partner_id", "kpi", "period"), pl.String()),
    **dict.fromkeys(("ours", "reported", "difference", "relative", "tolerance"), pl.Float64()),
    "owner": pl.String(),
    "reported_on": pl.Date(),
    **dict.fromkeys(("since", "status", "why"), pl.String()),
}
_PERIODS = {"period": pl.String(), "no_match": pl.String(), "start": pl.Date(), "end": pl.Date()}
_KPIS = {
    **dict.fromkeys(("kpi", "unknown", "not_of_partners"), pl.String()),
    "tolerance": pl.Float64(),
}


def reconcile(results: Results, dataset: Dataset, tolerances: Mapping[str, float]) -> pl.DataFrame:
    """Return partner-reported figures beside ours: one row per partner, KPI and period.

    Of the partners of the run, those reported on or before its last day, of its period and the
    earlier ones of its history, and of periods within its own that are of another length.
    `difference` is reported less ours, `relative` that over our size. `status` is agreed, where the
    difference is within the KPI's share of `tolerances` times our size; disputed, `since` the first
    of the disputed periods in a row that end with this one; no_figure, where we have none; or
    not_compared: there is none of ours that means the same. Of the last two `why` says why.
    """
    reported = dataset.tables.get("partner_reported")
    if reported is None or not set(SAID) <= set(reported.collect_schema()):
        return pl.DataFrame(schema=SCHEMA)
    claims = _reported_by(reported, results)
    periods = _periods(claims["period"].unique().sort(), results.calendar)
    kpis = _kpis(claims["kpi"].unique().sort(), results, tolerances)
    beside = claims.join(periods, on="period").join(kpis, on="kpi")
    beside = beside.join(_ours(results), on=["partner_id", "kpi", "period"], how="left")
    part = pl.when(pl.col("ours").is_not_null()).then("in_part")
    beside = beside.with_columns(no_match=pl.coalesce("no_match", part))
    judged = _judged(beside).sort("partner_id", "kpi", "start", "end", "period", nulls_last=True)
    since = _since(judged, results.calendar)
    return judged.with_columns(since=since).select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]


def reported_of(
    partner_id: str, row: KpiRow, reconciliation: pl.DataFrame
) -> dict[str, Any] | None:
    """Return the row of `reconcile` that belongs to a partner's row of the KPI table, or None."""
    found = reconciliation.filter(partner_id=partner_id, kpi=row.kpi, period=row.period)
    return found.row(0, named=True) if len(found) else None


def _reported_by(reported: pl.LazyFrame, results: Results) -> pl.DataFrame:
    """Return the rows that exist by the run's last day, of the partners that have joined by it."""
    exists = pl.col("reported_on") <= results.calendar.as_of
    known = reported.filter(exists).collect().rename({"value": "reported"})
    if "owner" not in known.columns:
        known = known.with_columns(owner=pl.lit(None, pl.String))
    joined = results.partners.select("partner_id", pl.col("joined_on").cast(pl.Date))
    return known.with_columns(pl.col("reported").cast(pl.Float64)).join(joined, on="partner_id")


def _periods(texts: Iterable[str], calendar: Calendar) -> pl.DataFrame:
    """Return one row for each period that the run can say something of.

    `no_match` says why no figure of ours means that period; start and end are null where it is no
    period at all.
    """
    rows: list[tuple[str, str | None, date | None, date | None]] = []
    for text in texts:
        period = _parse_period(text, calendar.period.year_end)
        if period is None:
            rows.append((text, f"{text!r} is not a period", None, None))
        elif _is_within_run(period, calendar):
            rows.append((text, _why_not_comparable(period, calendar), period.start, period.end))
    return pl.DataFrame(rows, schema=_PERIODS, orient="row")


def _parse_period(text: str, year_end: str) -> Period | None:
    """Return a text as a period; None where it is none."""
    try:
        return Period.parse(text, year_end)
    except CallError:
        return None


def _is_within_run(period: Period, calendar: Calendar) -> bool:
    """Say whether a period is one that the run looks at, or of another length within P."""
    own = calendar.period
    if period.cadence == own.cadence:
        return period in [calendar.periods[slot] for slot in calendar.recent]
    return own.start <= period.start and period.end <= own.end


def _why_not_comparable(period: Period, calendar: Calendar) -> str | None:
    """Return why figures of a period cannot be held against this run's; None where they can."""
    own = calendar.period
    if period.cadence != own.cadence:
        return f"it is of a {period.cadence}, and this run is of a {own.cadence}"
    if not calendar.to_date:
        return None
    # A run to date cuts every period that it looks at.
    last = calendar.last_days[calendar.periods.index(period)]
    return f"it is of all of {period}, and this run stops at {last}"


def _kpis(ids: Iterable[str], results: Results, tolerances: Mapping[str, float]) -> pl.DataFrame:
    """Return one row for each KPI: tolerance, and why there is no such, or why none of a partner.

    `unknown` and `not_of_partners` are null where there is nothing to say.
    """
    known = results.catalogue
    rows = [
        (
            kpi,
            None if kpi in known else f"there is no KPI {kpi!r}",
            _why_not_per_partner(known[kpi], results.calendar.period) if kpi in known else None,
            tolerances.get(kpi, DEFAULT_TOLERANCE),
        )
        for kpi in ids
    ]
    return pl.DataFrame(rows, schema=_KPIS, orient="row")


def _why_not_per_partner(kpi: Kpi, period: Period) -> str | None:
    """Return why a KPI has no figure of single partners in a period; None where it has."""
    if "partner" not in kpi.scopes:
        return "it is shown for no single partner"
    if not at_least_as_long(period, kpi.cadence):
        return (
            f"it is shown for a {kpi.cadence} at the least, and this run is of a {period.cadence}"
        )
    return None


def _ours(results: Results) -> pl.DataFrame:
    """Return our figures of partners: partner_id, kpi, period, ours; `missing` of the run's own.

    `in_part` says why it is not the figure of the whole period, where the data cover a part only.
    """
    own = pl.col("scope") == "partner"
    keys = ["entity", "kpi", "period"]
    whys = results.table.filter(own).select(*keys, "missing")
    since = {kpi: str(day) for kpi, day in results.since.items()}
    day = pl.col("kpi").replace_strict(since, default=None, return_dtype=pl.String)
    part = pl.format("the data do not cover all of {}, they begin on {}", "period", day)
    course = results.history.filter(own).with_columns(
        in_part=pl.when(~pl.col("covered")).then(part)
    )
    ours = course.select(*keys, "in_part", ours="value")
    return ours.join(whys, on=keys, how="left").rename({"entity": "partner_id"})


def _judged(beside: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with difference, relative, status and why."""
    apart = pl.coalesce("no_match", "unknown")
    compared = apart.is_null() & pl.col("ours").is_not_null()
    within = pl.when("agrees").then(pl.lit(AGREED)).otherwise(pl.lit(DISPUTED))
    alone = pl.when(apart.is_null()).then(pl.lit(NO_FIGURE)).otherwise(pl.lit(NOT_COMPARED))
    frame = beside.with_columns(agrees=_agrees(beside)).with_columns(
        ours=pl.when(compared).then("ours"),
        status=pl.when(compared).then(within).otherwise(alone),
        why=pl.when(~compared).then(pl.coalesce(apart, _no_figure())),
    )
    difference, size = pl.col("reported") - pl.col("ours"), pl.col("ours").abs()
    relative = pl.when(size >= EQUAL).then(difference / size)
    return frame.with_columns(difference=difference, relative=relative)


def _no_figure() -> pl.Expr:
    """Return why we have no figure, where we have none."""
    later = pl.col("joined_on") > pl.col("end")
    not_joined = pl.when(later).then(pl.lit("the partner had not joined then"))
    nothing = pl.lit("there is no value of it")
    return pl.coalesce("not_of_partners", not_joined, "missing", "in_part", nothing)


def _agrees(beside: pl.DataFrame) -> pl.Series:
    """Return per row whether `ours` and `reported` are within `tolerance`, or equal."""
    ours, reported = (
        beside[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("ours", "reported")
    )
    allowed = beside["tolerance"].to_numpy() * np.abs(ours)
    return pl.Series(same(ours, reported) | at_least(allowed, np.abs(reported - ours)))


def _since(judged: pl.DataFrame, calendar: Calendar) -> pl.Series:
    """Return the first of the disputed periods in a row up to each disputed one."""
    recent = [str(calendar.periods[slot]) for slot in calendar.recent]
    keys = [*judged.select("partner_id", "kpi", "period").iter_rows()]
    disputed = {
        key for key, status in zip(keys, judged["status"], strict=True) if status == DISPUTED
    }
    firsts: list[str | None] = []
    for partner_id, kpi, period in keys:
        first = None
        if (partner_id, kpi, period) in disputed:
            at = recent.index(period)
            while at >= 0 and (partner_id, kpi, recent[at]) in disputed:
                first, at = recent[at], at - 1
        firsts.append(first)
    return pl.Series(firsts, dtype=pl.String)
