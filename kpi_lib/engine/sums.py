"""Sums that come out the same in whatever order their rows are added up.

Engines add up in another order each time they run, and the sum of floats then differs in the last
digit: a figure that lies in the middle would be rounded to the one side or to the other. So floats
are added up as decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import narwhals.stable.v2 as nw
import polars as pl
import polars.selectors as cs

from kpi_lib.engine.relation import EngineFrame

PRECISION, PLACES = 38, 12


def exactly(frame: EngineFrame, names: Iterable[str]) -> EngineFrame:
    """Return the frame with those of its columns that are floats as decimals, to be added up."""
    schema = frame.collect_schema()
    floats = [name for name in names if schema[name].is_float()]
    exact = [nw.col(name).cast(nw.Decimal(PRECISION, PLACES)) for name in floats]
    return frame.with_columns(*exact) if exact else frame


def add_up(frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Return one row for each value of `by` with the exact sums of all other columns."""
    floats = cs.expand_selector(frame, cs.float())
    exact = frame.cast(dict.fromkeys(floats, pl.Decimal(PRECISION, PLACES)))
    summed = exact.group_by(by).agg(pl.exclude(by).sum())
    return summed.cast(dict.fromkeys(floats, pl.Float64))
