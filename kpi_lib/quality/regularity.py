"""When the tables have rows: month by month, and where they end or thin out against their habit.

What is usual, the table itself shows. Its USUAL PAUSE is the one that 19 of 20 pauses between
the days with rows do not exceed. A pause is LONG that is more than twice the usual one, and more
than 7 days. A table is late whose last row lies a long pause before the day that the figures are
as of; a month without rows is missing where it lies within a long pause. A month is thin that
holds less than a quarter of the median of the six months before it, where that median is 8 or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.slices.quality_types import RegularityRules

USUAL_SHARE = (
    0.95  # of the pauses; of a table that comes by chance, twice that one is rarely passed
)
LONG_PAUSES, LONG_DAYS = 2, 7
FEWEST_DAYS = 6  # with rows, before anything is called usual
THIN_SHARE, THIN_MONTHS, THIN_FROM = 0.25, 6, 8
RULES = RegularityRules(
    usual_share=USUAL_SHARE,
    long_pauses=LONG_PAUSES,
    long_days=LONG_DAYS,
    fewest_days=FEWEST_DAYS,
    thin_share=THIN_SHARE,
    thin_months=THIN_MONTHS,
    thin_from=THIN_FROM,
)
# Their rows say what holds until it changes; when they change follows no rhythm.
STANDING = ("partners", "credit_limits", "markets", "objectives", "targets")

_DAYS = {"table": pl.String(), "day": pl.Date(), "rows": pl.Int64()}
_OWNED = {"table": pl.String(), "partner_id": pl.String(), "month": pl.Date(), "rows": pl.Int64()}
_TABLES = {
    "table": pl.String(),
    **dict.fromkeys(("rows", "partners"), pl.Int64()),
    **dict.fromkeys(("first_day", "last_day"), pl.Date()),
    **dict.fromkeys(("days_behind", "usual_pause_days"), pl.Int64()),
    "state": pl.String(),
}
_MONTHS = {
    **{"table": pl.String(), "month": pl.Date()},
    **{"rows": pl.Int64(), "partners": pl.Int64(), "state": pl.String()},
}


@dataclass(frozen=True)
class Counts:
    """How many rows the tables have up to a day.

    `days`: one row per table and day; a null day where the table has no date. `owned`: one per
    table, partner and month, of the tables that name partners, which are `naming`.
    """

    as_of: date
    tables: tuple[str, ...]
    naming: frozenset[str]
    days: pl.DataFrame
    owned: pl.DataFrame


def count_rows(dataset: Dataset, as_of: date) -> Counts:
    """Return how many rows there are up to `as_of`, counted in one pass over each table."""
    days, owned, naming = [pl.LazyFrame(schema=_DAYS)], [pl.LazyFrame(schema=_OWNED)], set[str]()
    count = pl.len().cast(pl.Int64).alias("rows")
    for name, frame in dataset.tables.items():
        day = _day(name, frame).alias("day")
        dated = frame.with_columns(pl.lit(name).alias("table"), day)
        known = dated.filter((pl.col("day") <= as_of) | pl.col("day").is_null())
        days.append(known.group_by("table", "day").agg(count))
        if "partner_id" in frame.collect_schema():
            naming.add(name)
            month = pl.col("day").dt.truncate("1mo").alias("month")
            of_partners = known.filter(pl.col("partner_id").is_not_null())
            owned.append(of_partners.group_by("table", "partner_id", month).agg(count))
    counted = pl.collect_all([pl.concat(days), pl.concat(owned)], engine="streaming")
    return Counts(
        as_of=as_of,
        tables=tuple(name for name in TABLES if name in dataset.tables),
        naming=frozenset(naming),
        days=counted[0].sort("table", "day"),
        owned=counted[1].sort("table", "partner_id", "month"),
    )


def _day(table: str, frame: pl.LazyFrame) -> pl.Expr:
    """Return the day of each row; null where the table has no date, or not that column."""
    day = TABLES[table].day
    if day is None or day not in frame.collect_schema():
        return pl.lit(None, dtype=pl.Date)
    return pl.col(day).cast(pl.Date)


def tables_of(counts: Counts) -> pl.DataFrame:
    """Return one row per table: what it holds, how old it is, and whether it is late.

    `partners` is null where a table names none. `state`: current, late, or why that is not known:
    empty, undated, standing (its rows hold until they change), short (too few days for a habit).
    """
    partners = counts.owned.group_by("table").agg(partners=pl.col("partner_id").n_unique())
    held = dict(partners.iter_rows())
    rows = []
    for name in counts.tables:
        days = counts.days.filter(pl.col("table") == name)
        row = {"table": name, "rows": int(days["rows"].sum())}
        dated = days["day"].drop_nulls()
        if dated.is_empty():
            row |= {"state": "undated" if row["rows"] else "empty"}
        else:
            row |= _age(name, dated, counts.as_of)
        rows.append(row | {"partners": held.get(name, 0) if name in counts.naming else None})
    return pl.DataFrame(rows, schema=_TABLES)


def _age(table: str, days: pl.Series, as_of: date) -> dict[str, object]:
    """Return the first and the last day of a table's rows, and what its age is beside its habit."""
    usual, days_behind = usual_pause(table, days), (as_of - days[-1]).days
    if usual is None:
        state = "standing" if table in STANDING else "short"
    else:
        state = "late" if days_behind > longest(usual) else "current"
    return {
        "first_day": days[0],
        "last_day": days[-1],
        "days_behind": days_behind,
        "usual_pause_days": usual,
        "state": state,
    }


def usual_pause(table: str, days: pl.Series) -> int | None:
    """Return the pause in days that 19 of 20 do not exceed; None where there is no rhythm."""
    if table in STANDING or len(days) < FEWEST_DAYS:
        return None
    pauses = days.diff().drop_nulls().dt.total_days()
    return int(pauses.quantile(USUAL_SHARE, "equiprobable") or 0)


def longest(usual: int) -> int:
    """Return the longest pause in days that is not yet called long, by the usual one."""
    return max(LONG_DAYS, LONG_PAUSES * usual)


def months_of(counts: Counts) -> pl.DataFrame:
    """Return one row per table and month, from its first one to that of the last day that counts.

    `state`: rows (as usual), thin, missing, or none (no rows, and none to be expected).
    """
    partners = counts.owned.group_by("table", "month").agg(partners=pl.col("partner_id").n_unique())
    dated = counts.days.drop_nulls("day").partition_by("table", maintain_order=True)
    laid = [_months(table, counts.as_of) for table in dated]
    frame = pl.concat([pl.DataFrame(schema=_MONTHS).drop("partners"), *laid])
    joined = frame.join(partners, on=["table", "month"], how="left", maintain_order="left")
    naming = pl.col("table").is_in(list(counts.naming))
    held = pl.when(naming).then(pl.col("partners").fill_null(0)).alias("partners")
    return joined.with_columns(held).select([pl.col(c).cast(t) for c, t in _MONTHS.items()])


def _months(days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return the months of one table with their state; `days`: table, day, rows, in order."""
    name, first = days["table"][0], days["day"][0]
    month = pl.col("day").dt.truncate("1mo").alias("month")
    held = days.group_by(month).agg(
        pl.col("rows").sum(), first=pl.col("day").min(), last=pl.col("day").max()
    )
    every = pl.date_range(first.replace(day=1), as_of, "1mo", eager=True).alias("month")
    laid = every.to_frame().join(held, on="month", how="left", maintain_order="left")
    laid = laid.with_columns(pl.lit(name).alias("table"), pl.col("rows").fill_null(0))
    state = _state(usual_pause(name, days["day"]), as_of)
    return laid.select("table", "month", "rows", state.alias("state"))


def _state(usual: int | None, as_of: date) -> pl.Expr:
    """Return what is to be said of a month; nothing but its rows where there is no rhythm."""
    rows = pl.col("rows")
    by_rows = pl.when(rows == 0).then(pl.lit("none")).otherwise(pl.lit("rows"))
    if usual is None:
        return by_rows
    until = pl.col("first").backward_fill().fill_null(as_of)
    pause = (until - pl.col("last").forward_fill()).dt.total_days()
    before = rows.shift(1).rolling_median(THIN_MONTHS)
    whole = pl.col("month").dt.month_end() <= as_of
    thin = whole & (before >= THIN_FROM) & (rows < THIN_SHARE * before)
    missing = (rows == 0) & (pause > longest(usual))
    return (
        pl.when(missing).then(pl.lit("missing")).when(thin).then(pl.lit("thin")).otherwise(by_rows)
    )
