"""The rows behind a figure: which they are, and what each of them adds to it."""

from __future__ import annotations

import polars as pl

from kpi_lib.engine.formula import Modelled
from kpi_lib.errors import CallError
from kpi_lib.evidence.explain import cell_of, row_of_kpi
from kpi_lib.evidence.layout import OURS, laid_out
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
    kpi, scope, entity, _ = row_of_kpi(kpi_id, results, partner_id)
    lacking = kpi.lacking(working.cube.scanner.relations)
    if isinstance(kpi.formula, Modelled):
        found = f"{kpi.id} is filled by the model {kpi.formula.model}, not made of rows"
        raise CallError.at("explain", found, "`kpi run` fits the models and leaves their tables.")
    if lacking:
        raise CallError.at("explain", "; ".join(lacking), "There are no rows to show.")
    cell = cell_of(results, working, scope, entity)
    return laid_out(list(kpi.formula.rows_behind(cell)), cell)
