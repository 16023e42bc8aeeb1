"""What stands twice, among many millions of values."""

from __future__ import annotations

import numpy as np
import polars as pl


def standing_twice(frame: pl.LazyFrame, mark: pl.Expr) -> pl.Series:
    """Return the marks of 8 bytes that stand more than once: to sort them is the cheapest way."""
    values = frame.select(mark.alias("mark")).collect(engine="streaming")["mark"].to_numpy().copy()
    values.sort()
    return pl.Series(np.unique(values[1:][values[1:] == values[:-1]]), dtype=pl.UInt64)
