"""The rows behind a figure: which they are, and what each of them adds to it."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from kpi_lib.engine.formula import Formula, FromRows, Modelled, Observed, Rows, Special
from kpi_lib.engine.kpi import Kpi
from kpi_lib.errors import CallError
from kpi_lib.evidence.explain import row_of_kpi
from kpi_lib.evidence.gap_rows import shares_of_gaps
from kpi_lib.evidence.place import Place
from kpi_lib.evidence.shares import ADDS, OURS, SIDES, Counted, Share, counted, laid_out
from kpi_lib.evidence.term_rows import shares_of
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
    lacking = working.cube.scanner.relations.lacking(kpi)
    if isinstance(kpi.formula, Modelled):
        told = f"{kpi.id} is filled by the model {kpi.formula.model}, not made of rows"
        raise CallError.at("explain", told, "`kpi run` fits the models and leaves their tables.")
    if lacking:
        raise CallError.at("explain", "; ".join(lacking), "There are no rows to show.")
    place = Place.at(results, working, row["scope"], row["entity"])
    return laid_out(list(_shares(kpi, place)), place)


def _shares(kpi: Kpi, place: Place) -> Iterator[Share]:
    formula = kpi.formula
    if isinstance(formula, Formula):
        yield from shares_of(formula.value, place, "numerator")
        if formula.per is not None:
            yield from shares_of(formula.per, place, "denominator")
    elif isinstance(formula, Observed):
        yield from _observed(formula, place)
    elif isinstance(formula, Special):
        yield from shares_of_gaps(formula, place)
    elif isinstance(formula, FromRows):
        yield Share("numerator", place, _given(formula, place))


def _observed(formula: Observed, place: Place) -> Iterator[Share]:
    """Yield what was observed; where a row has a denominator, those without one are left out."""
    rows = counted(formula.rows, place.rows(formula.rows)).rows
    if "denominator" not in rows.columns or rows["denominator"].is_null().all():
        plain = rows.with_columns(pl.col("numerator").alias(ADDS))
        yield Share("numerator", place, Counted("observations", plain))
        return
    divided = rows.drop_nulls("denominator")
    for side in SIDES:
        adds = divided.with_columns(pl.col(side).alias(ADDS))
        yield Share(side, place, Counted("observations", adds))


def _given(formula: FromRows, place: Place) -> Counted:
    """Return the rows that a function is given: what it makes of them only it can say."""
    rows = Rows(formula.table, "so far")
    return counted(rows, place.rows(rows).with_columns(pl.lit(None).alias(ADDS)))
