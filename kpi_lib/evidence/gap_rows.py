"""Rows behind the purchase gap: stretches of time between a partner's order days."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from kpi_lib.engine.formula import Special
from kpi_lib.engine.purchase_gap import FEWEST_GAPS, USUAL
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, Counted, Share

OF_OWN = f"the {USUAL}th percentile of gap_days is below the line"
OF_TYPE = f"fewer than {FEWEST_GAPS} gaps: those of all partners of its type are below the line"


def shares_of_gaps(formula: Special, place: Place) -> Iterator[Share]:
    """Yield the days since the last order day, and the partner's gaps, whose percentile is usual.

    Where it has too few of its own, those of the others of its type are not shown.
    """
    partner, day = formula.distinct
    rows = place.working.cube.scanner.distinct(formula.rows, formula.distinct)
    own = rows.filter((pl.col(partner) == place.entity) & (pl.col(day) <= place.last))[day]
    days = own.unique().sort().to_numpy()
    if len(days):
        since = _stretches(np.append(days[-1:], place.last))
        adds = since.with_columns(pl.col("gap_days").cast(pl.Float64).alias(ADDS))
        yield Share("numerator", place, Counted("gaps", adds))
    enough = len(days) > FEWEST_GAPS
    usual = _stretches(days).with_columns(pl.lit(None, pl.Float64).alias(ADDS))
    noted = usual.with_columns(pl.lit(OF_OWN if enough else OF_TYPE).alias("note"))
    yield Share("denominator", place, Counted("gaps", noted))


def _stretches(days: np.ndarray) -> pl.DataFrame:
    columns = {"starts_on": days[:-1], "ends_on": days[1:], "gap_days": np.diff(days)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int32))
    return frame.with_columns(pl.col("starts_on", "ends_on").cast(pl.Date))
