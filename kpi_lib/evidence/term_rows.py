"""The rows behind a term: those of the parts that it is made of, and what they count in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from kpi_lib.engine.formula import (
    Arithmetic,
    ByScope,
    Constant,
    Firsts,
    Floored,
    Gaps,
    GroupPart,
    Lagged,
    Length,
    Median,
    Of,
    Part,
    SumOfKnown,
    TargetOf,
    Term,
)
from kpi_lib.engine.month_windows import Windows, days_taken
from kpi_lib.engine.terms.attainment import Objectives, Score, WithStatus
from kpi_lib.engine.terms.by_last_day import ByLastDay
from kpi_lib.engine.terms.count_back import CountBack
from kpi_lib.engine.terms.credited import Credited, Influenced
from kpi_lib.engine.terms.each_partner import Above, EachPartner, Latest
from kpi_lib.evidence import counted_rows as parts
from kpi_lib.evidence import deal_rows as deals
from kpi_lib.evidence import goal_rows as goals
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, Counted, Share, Side

READERS: Mapping[type[Term], Callable[[Any, Place], Counted | list[Counted]]] = {
    Part: parts.of_part,
    GroupPart: parts.of_groups,
    Gaps: parts.of_gaps,
    Firsts: parts.of_firsts,
    ByLastDay: parts.of_last_day,
    Median: parts.of_median,
    Latest: parts.of_latest,
    TargetOf: parts.of_target,
    Length: parts.of_length,
    Constant: parts.of_constant,
    Credited: deals.of_credited,
    Influenced: deals.of_influenced,
    WithStatus: goals.of_statuses,
    Score: goals.of_score,
    Objectives: goals.of_objectives,
}


def shares_of(term: Term, place: Place, side: Side, factor: float = 1.0) -> Iterator[Share]:
    """Yield the rows behind a term: what they add, times their factors, sums up to it x `factor`.

    What decides about a figure and adds nothing to it, such as a divisor, has the factor 0.
    """
    match term:
        case Lagged(of, lag):
            yield from shares_of(of, place.lagged(lag), side, factor)
        case Of(of, scope):
            yield from shares_of(of, place.of(scope), side, factor)
        case ByScope(usual, others):
            yield from shares_of(others.get(place.scope, usual), place, side, factor)
        case EachPartner(of, given):
            yield from shares_of(of, place.only(place.values_of_partners(given)), side, factor)
        case Arithmetic(sign, left, right):
            yield from _joined(sign, left, right, place, side, factor)
        case Floored(of, least):
            yield from shares_of(of, place, side, factor if place.value(of) > least else 0.0)
        case SumOfKnown(of):
            yield from shares_of(of, place, side, factor)
        case Above(left, right):
            yield Share(side, place, _above(term, place), factor)
            yield from (*shares_of(left, place, side, 0.0), *shares_of(right, place, side, 0.0))
        case CountBack(balance, _):
            yield Share(side, place, _months(term, place), factor)
            yield from shares_of(balance, place, side, 0.0)
        case _ if place.slot >= 0:
            read = READERS[type(term)](term, place)
            for counted in read if isinstance(read, list) else [read]:
                yield Share(side, place, counted, factor)


def _joined(
    sign: str, left: Term, right: Term, place: Place, side: Side, factor: float
) -> Iterator[Share]:
    """Yield the rows of a sum, a difference, a product or a quotient."""
    if sign in "+-":
        yield from shares_of(left, place, side, factor)
        yield from shares_of(right, place, side, factor if sign == "+" else -factor)
        return
    if sign == "x" and not left.parts:
        left, right = right, left
    by = place.value(right)
    yield from shares_of(left, place, side, factor * by if sign == "x" else factor / by)
    if right.parts:
        yield from shares_of(right, place, side, 0.0)


def _above(term: Above, place: Place) -> Counted:
    """Return one row per partner, with 1 for those above and 0 for the others."""
    told = place.values_of_partners(term)
    schema = {"partner_id": pl.String(), ADDS: pl.Float64()}
    return Counted("partners", pl.DataFrame(list(told.items()), schema=schema, orient="row"))


def _months(term: CountBack, place: Place) -> Counted:
    """Return one row for each month that was counted back, with the days that it takes."""
    cube = place.working.cube
    here = np.array([[place.index]]), np.array([[place.slot]])
    issued = cube.of(term.months)
    balance = cube.of(term.balance)
    taken = [days[here][0, 0] for days in days_taken(balance, issued, cube.calendar)][:-1]
    windows = Windows.of(cube.calendar)
    months = {
        "starts_on": windows.first[place.slot],
        "ends_on": windows.after[place.slot] - 1,
        "issued": issued[place.index, place.slot],
        ADDS: np.array(taken),
    }
    days = pl.col("starts_on", "ends_on").cast(pl.Int32).cast(pl.Date)
    return Counted("months", pl.DataFrame(months).with_columns(days).filter(pl.col(ADDS) > 0))
