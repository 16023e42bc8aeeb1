"""The figures of a run as pages show them: of what the data know nothing in P, none.

A sum over no rows is 0, and stands so in the KPI table. On a page it would read as if the partner
had brought nothing in a time of which nobody kept records.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from kpi_lib.measure.compute import Results

NOT_COVERED = "the period is not covered by the data"
PLACE = ("scope", "entity", "kpi", "period", "target", "minimum")  # known without any row


def covered_only(results: Results) -> Results:
    """Return the results without the figures of KPIs whose tables begin after P has ended."""
    last = results.calendar.as_of
    unknown = [kpi for kpi, since in results.since.items() if since > last]
    if not unknown:
        return results
    taken = pl.col("kpi").is_in(unknown) & pl.col("value").is_not_null()
    emptied = [name for name in results.table.columns if name not in PLACE]
    table = results.table.with_columns(
        pl.when(taken).then(_in_place_of(name)).otherwise(pl.col(name)).alias(name)
        for name in emptied
    )
    history = results.history.with_columns(
        pl.when(~pl.col("kpi").is_in(unknown)).then(pl.col(name)).alias(name)
        for name in ("value", "n")
    )
    return replace(results, table=table, history=history)


def _in_place_of(column: str) -> pl.Expr:
    values = {"missing": NOT_COVERED, "status": "no_data", "off_track_periods": 0}
    return pl.lit(values.get(column))
