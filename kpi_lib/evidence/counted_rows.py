"""Rows of one table behind a counted figure: sums and counts, groups, medians, first and last days.

Each function returns the rows of one place with what each adds to the figure in the column ADDS.
Where a group counts once, such as a customer, the first of its rows adds it, and the others add 0.
"""

from __future__ import annotations

from dataclasses import replace

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.engine.formula import Firsts, Gaps, GroupPart, Median, Part, TargetOf
from kpi_lib.engine.scan import summand
from kpi_lib.engine.terms.base import Constant, Length
from kpi_lib.engine.terms.by_last_day import ByLastDay
from kpi_lib.engine.terms.each_partner import Latest
from kpi_lib.engine.terms.parts import YEAR_AGO
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, OF_PERIOD, Counted, counted, once_each

BEFORE = "_before"  # the day that a gap begins on, named after the day that it ends on
NUMBER = "__"  # before a sum of a group, beside the table's own columns


def of_part(part: Part, place: Place) -> Counted:
    """Return the rows that are counted, or that have something to add up."""
    adds = nw.lit(1) if part.of is None else part.of.build()
    return counted(part.rows, place.rows(part.rows, **{ADDS: adds}).drop_nulls(ADDS))


def of_median(part: Median, place: Place) -> Counted:
    """Return the rows with a value, in the column `median_of`: they add nothing up."""
    frame = place.rows(part.rows, median_of=part.of.build()).drop_nulls("median_of")
    return counted(part.rows, frame.with_columns(pl.lit(None).alias(ADDS)))


def of_latest(part: Latest, place: Place) -> Counted:
    """Return the latest row of each partner."""
    order = list(dict.fromkeys([part.day, *part.order]))
    frame = place.rows(part.rows, **{ADDS: nw.col(part.of)}).drop_nulls("partner_id").sort(order)
    return counted(part.rows, frame.unique("partner_id", keep="last"))


def of_target(part: TargetOf, place: Place) -> Counted:
    """Return the row of the targets that holds."""
    agreed = place.working.targets.row_of(part.kpi, place.index, place.slot)
    return Counted("targets", agreed.with_columns(pl.col("target").alias(ADDS)))


def of_length(part: Length, place: Place) -> Counted:
    """Return the period so far as a row: its days, and what it adds in the unit that counts."""
    days = pl.DataFrame({"starts_on": [place.first], "ends_on": [place.last]})
    row = days.cast(pl.Int32).cast(pl.Date).with_columns(unit=pl.lit(part.unit))
    return Counted("period", row.with_columns(pl.lit(place.value(part)).alias(ADDS)))


def of_constant(part: Constant, place: Place) -> Counted:
    """Return a plain number as a row."""
    return Counted("number", pl.DataFrame({"number": [part.value], ADDS: [part.value]}))


def of_groups(part: GroupPart, place: Place) -> Counted:
    """Return the rows of the groups that count: those of the period, and of a year ago if read."""
    frames = [_read(part, place, "")]
    if any(name.endswith(YEAR_AGO) for name in part.reads):
        frames.insert(0, _read(part, place.lagged("year_ago"), YEAR_AGO))
    rows = pl.concat(frames, how="diagonal_relaxed")
    keys, read = list(part.groups.keys), sorted(part.reads)
    sums = rows.group_by(keys).agg(pl.col(NUMBER + n).sum().alias(n) for n in read)
    counting = _that_count(sums.with_columns(pl.col(read).fill_null(0)), part)
    mine = rows.join(counting.select(*keys, ADDS), on=keys, how="inner", maintain_order="left")
    if part.of is not None and part.of.text in read:  # a sum of sums: each row adds its own
        mine = mine.with_columns(pl.col(NUMBER + part.of.text).fill_null(0).alias(ADDS))
    else:
        mine = once_each(mine, keys, pl.col(ADDS))
    return counted(part.rows, mine.drop(NUMBER + n for n in read))


def _read(part: GroupPart, place: Place, suffix: str) -> pl.DataFrame:
    """Return the rows that the sums read, with what each adds to them, in one period."""
    sums = {n: s for n, s in part.groups.sums.items() if n + suffix in part.reads}
    if place.slot < 0 or not sums:
        return pl.DataFrame()
    laid = {NUMBER + name + suffix: summand(of) for name, of in sums.items()}
    frame = place.rows(part.rows, **laid).drop_nulls(part.groups.keys)
    serves = [
        pl.col(NUMBER + name + suffix) == 1
        if of.reduce == "count"
        else pl.col(NUMBER + name + suffix).is_not_null()
        for name, of in sums.items()
    ]
    return frame.filter(pl.any_horizontal(serves)).with_columns(
        pl.lit(place.period).alias(OF_PERIOD)
    )


def _that_count(sums: pl.DataFrame, part: GroupPart) -> pl.DataFrame:
    """Return the groups for which the condition holds, with what each adds."""
    laid = nw.from_native(sums).filter(part.condition.build())
    adds = nw.lit(1) if part.of is None else part.of.build()
    return nw.to_native(laid.with_columns(adds.alias(ADDS)))


def of_gaps(part: Gaps, place: Place) -> Counted:
    """Return the rows that end a gap, one for each, with the day that it began on."""
    frame = place.rows(replace(part.rows, view="ever")).drop_nulls([part.by, part.day])
    days = frame.unique([part.by, part.day], keep="first", maintain_order=True)
    days = days.sort(part.by, part.day).with_columns(
        pl.col(part.day).shift().over(part.by).cast(pl.Int32).alias(part.day + BEFORE)
    )
    ended = days.drop_nulls(part.day + BEFORE).filter(_within(part.day, place))
    gap = pl.col(part.day) - pl.col(part.day + BEFORE)
    adds = gap if part.reduce == "sum" else pl.lit(1)
    told = counted(part.rows, ended.with_columns(adds.alias(ADDS)))
    return replace(told, rows=told.rows.with_columns(pl.col(part.day + BEFORE).cast(pl.Date)))


def of_firsts(part: Firsts, place: Place) -> Counted:
    """Return the first row of each group that counts."""
    frame = place.rows(part.rows).drop_nulls(part.by)
    firsts = frame.sort(part.day, maintain_order=True).unique(
        part.by, keep="first", maintain_order=True
    )
    begun = _within(part.day, place) if part.view == "in period" else pl.col(part.day) <= place.last
    return counted(part.rows, firsts.filter(begun).with_columns(pl.lit(1).alias(ADDS)))


def of_last_day(part: ByLastDay, place: Place) -> Counted:
    """Return all rows of the groups that count."""
    frame = place.rows(part.rows, __keeps=part.keeps.build()).drop_nulls(part.by)
    last, void = pl.col(part.day).max().over(part.by), pl.col(part.void_since).min().over(part.by)
    counts = (last >= place.first) & (last <= place.last)
    counts &= void.is_null() | (void > place.last)
    if part.kept:
        counts &= pl.col("__keeps").fill_null(False).all().over(part.by)
    return counted(part.rows, once_each(frame.filter(counts).drop("__keeps"), [part.by]))


def _within(day: str, place: Place) -> pl.Expr:
    return (pl.col(day) >= place.first) & (pl.col(day) <= place.last)
