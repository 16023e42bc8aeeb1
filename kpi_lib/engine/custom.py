"""KPIs that the terms cannot say: a pandas function of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.declaration import Declaration
from kpi_lib.engine.fields import AS_OF, START
from kpi_lib.engine.figures import Figures, Fraction, figures_of
from kpi_lib.engine.relation import collect
from kpi_lib.engine.rows import rows_so_far
from kpi_lib.engine.scan import not_yet
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Share, counted

if TYPE_CHECKING:
    import pandas as pd

    from kpi_lib.engine.kpi import Kpi

Answer = tuple[float | None, float | None, int | None]


@dataclass(frozen=True)
class Span:
    """The period as a function of rows sees it: its first day, its last, the last that counts."""

    start: pd.Timestamp
    end: pd.Timestamp
    as_of: pd.Timestamp


@dataclass(frozen=True)
class FromRows(Declaration):
    """A KPI that the terms cannot say: a pandas function of one table's rows.

    `function(rows, span)` is called for each scope and period with the scope's rows as they were
    known on `span.as_of` (columns as in the contract, dates as timestamps, amounts as floats) and
    returns numerator, denominator (None: the value is the numerator alone) and n. A numerator of
    None says that there is no value. Slower than terms: it is called once a scope and a period.
    """

    table: str
    columns: tuple[str, ...]
    function: Callable[[pd.DataFrame, Span], Answer]
    divides: bool = True

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table."""
        return {self.table: frozenset(self.columns)}

    def in_words(self) -> tuple[str, str | None]:
        """Return that the function makes both."""
        source = f"that {self.function.__name__} makes of the rows of {self.table}"
        return f"numerator {source}", f"denominator {source}"

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether it divides."""
        return self.divides

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows that the function is given: what it makes of them only it can say."""
        given = rows_so_far(self.table)
        frame = cell.rows(given).with_columns(pl.lit(None).alias(ADDS))
        yield Share("numerator", cell, counted(given, frame))

    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return what the function makes of the rows of each entity and period."""
        answers = Fraction(*from_rows(self, cube))
        return figures_of(cube, kpi, answers, nothing="its function gives none")


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
    """Return the first day, the end and the last day that counts of a slot of the calendar."""
    from pandas import Timestamp as at  # heavy, and most runs have no such function

    period = calendar.periods[slot]
    return Span(at(period.start), at(period.end), at(calendar.last_days[slot]))
