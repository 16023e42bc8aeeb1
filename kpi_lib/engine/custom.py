"""KPIs that the terms cannot say: a pandas function of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import AS_OF, START
from kpi_lib.engine.formula import FromRows, Span
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import not_yet

if TYPE_CHECKING:
    import pandas as pd


def from_rows(formula: FromRows, cube: Cube) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
    """Return numerator, denominator and n of a pandas function, entities x periods.

    The function is called for the periods that stand beside P; all others are left blank.
    """
    answers = np.full((3, *cube.shape), np.nan)
    silent = ~cube.applies(formula.table)
    for slot in cube.calendar.beside:
        rows = _known_rows(formula, cube, slot)
        span = _span(cube.calendar, slot)
        for index in np.flatnonzero(~silent):
            answer = formula.function(rows.get(int(index), rows[-1]).copy(), span)
            answers[:, index, slot] = [np.nan if part is None else part for part in answer]
    return answers[0], answers[1] if formula.divides else None, answers[2]


def _known_rows(formula: FromRows, cube: Cube, slot: int) -> dict[int, pd.DataFrame]:
    """Return each entity's rows as known in a period; -1 holds the frame of one without rows."""
    columns = list(formula.columns)
    as_of = int(cube.calendar.lasts[slot])
    frame = cube.scanner.relations.tables[formula.table].with_columns(
        nw.lit(int(cube.calendar.starts[slot])).alias(START), nw.lit(as_of).alias(AS_OF)
    )
    wanted = dict.fromkeys(["partner_id", *columns])
    known = collect(not_yet(formula.table, frame).select(*wanted))
    rolled = known.join(cube.entities.membership, on="partner_id", nulls_equal=True)
    rolled = rolled.with_columns(_as_read(formula.table, columns))
    groups = rolled.partition_by("index", as_dict=True)
    frames = {int(key[0]): part.select(columns).to_pandas() for key, part in groups.items()}
    return frames | {-1: rolled.clear().select(columns).to_pandas()}


def _as_read(table: str, columns: list[str]) -> list[pl.Expr]:
    """Return the columns as a person reads them: days as dates, amounts as floats."""
    kinds = {name: TABLES[table].columns[name].kind for name in columns}
    days = [
        pl.col(c).cast(pl.Date).cast(pl.Datetime("us")) for c, k in kinds.items() if k == "date"
    ]
    return days + [pl.col(c).cast(pl.Float64) for c, k in kinds.items() if k == "number"]


def _span(calendar: Calendar, slot: int) -> Span:
    from pandas import Timestamp as at  # heavy, and most runs have no such function

    period = calendar.periods[slot]
    return Span(at(period.start), at(period.end), at(calendar.last_days[slot]))
