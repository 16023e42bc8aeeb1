"""The rows behind a figure: which they are, and what each of them adds to it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.formula import Formula, FromRows, Modelled, Observed, rows_so_far
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.shares import ADDS, Counted, Share, counted
from kpi_lib.errors import CallError
from kpi_lib.evidence.explain import cell_of, row_of_kpi
from kpi_lib.evidence.layout import OURS, SIDES, laid_out
from kpi_lib.measure.compute import Results, Working

__all__ = ["OURS", "rows_behind"]


def rows_behind(
    kpi_id: str, results: Results, working: Working, partner_id: str | None = None
) -> pl.DataFrame:
    """Return the rows behind a KPI of a partner, or of the company where none is named.

    Columns: table, used_in (numerator, denominator or both), scope, period, to_numerator and
    to_denominator, then those of the tables; dates as dates, amounts in the reporting currency.
    Each row of a table stands there once for each period and scope that it is read in. to_numerator
    adds up to the figure's numerator, to_denominator to its denominator; they are null where a
    figure does not add up: of a median (`median_of`), a percentile, a function. A partner's rows
    are its own; what a formula reads of others is one row, added up.

    Raises CallError where there is no such row of the KPI table, or there are no rows to show.
    """
    kpi, row = row_of_kpi(kpi_id, results, partner_id)
    lacking = kpi.lacking(working.cube.scanner.relations)
    if isinstance(kpi.formula, Modelled):
        found = f"{kpi.id} is filled by the model {kpi.formula.model}, not made of rows"
        raise CallError.at("explain", found, "`kpi run` fits the models and leaves their tables.")
    if lacking:
        raise CallError.at("explain", "; ".join(lacking), "There are no rows to show.")
    cell = cell_of(results, working, row["scope"], row["entity"])
    return laid_out(list(_shares(kpi, cell)), cell)


def _shares(kpi: Kpi, cell: Cell) -> Iterator[Share]:
    formula = kpi.formula
    if isinstance(formula, Formula):
        yield from formula.value.rows_behind(cell, "numerator")
        if formula.per is not None:
            yield from formula.per.rows_behind(cell, "denominator")
    elif isinstance(formula, Observed):
        yield from _observed(formula, cell)
    elif isinstance(formula, FromRows):
        yield Share("numerator", cell, _given(formula, cell))


def _observed(formula: Observed, cell: Cell) -> Iterator[Share]:
    """Yield what was observed; where a row has a denominator, those without one are left out."""
    rows = counted(formula.rows, cell.rows(formula.rows)).rows
    if "denominator" not in rows.columns or rows["denominator"].is_null().all():
        plain = rows.with_columns(pl.col("numerator").alias(ADDS))
        yield Share("numerator", cell, Counted("observations", plain))
        return
    divided = rows.drop_nulls("denominator")
    for side in SIDES:
        adds = divided.with_columns(pl.col(side).alias(ADDS))
        yield Share(side, cell, Counted("observations", adds))


def _given(formula: FromRows, cell: Cell) -> Counted:
    """Return the rows that a function is given: what it makes of them only it can say."""
    rows = rows_so_far(formula.table)
    return counted(rows, cell.rows(rows).with_columns(pl.lit(None).alias(ADDS)))
