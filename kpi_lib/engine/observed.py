"""KPIs over what was measured elsewhere, the table observations: a pack's, or a company's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.declaration import Declaration
from kpi_lib.engine.fields import field
from kpi_lib.engine.figures import Figures, Fraction, figures_of
from kpi_lib.engine.rows import Rows, rows
from kpi_lib.engine.shares import ADDS, SIDES, Share, counted

if TYPE_CHECKING:
    from kpi_lib.engine.kpi import Kpi


@dataclass(frozen=True)
class Observed(Declaration):
    """What was observed of a measure: numerators over denominators, or the plain sum.

    Rows without a denominator are left out where one of the period has one.
    """

    measure: str
    industry: str | None  # whose partners have a row though nothing was observed

    @property
    def rows(self) -> Rows:
        """The rows of the measure in the period."""
        return rows("observations", when="observed_on").where(field("measure") == self.measure)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"numerator", "denominator"}))

    def in_words(self) -> tuple[str, str | None]:
        """Return the sums of both."""
        of = f"over observations of {self.measure}"
        return f"sum of numerator {of}", f"sum of denominator {of}"

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether the figure has a denominator: a measure does not say it before."""
        return denominator is not None

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield what was observed; where a row has a denominator, those without are left out."""
        observed = counted(self.rows, cell.rows(self.rows))
        frame = observed.rows
        if "denominator" not in frame.columns or frame["denominator"].is_null().all():
            plain = frame.with_columns(pl.col("numerator").alias(ADDS))
            yield Share("numerator", cell, replace(observed, rows=plain))
            return
        divided = frame.drop_nulls("denominator")
        for side in SIDES:
            adds = divided.with_columns(pl.col(side).alias(ADDS))
            yield Share(side, cell, replace(observed, rows=adds))

    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return numerators over denominators where there are any, else the plain sum."""
        seen = cube.observations[self.measure]
        divides = seen.divided > 0
        above = np.where(divides, seen.above, np.where(seen.rows > 0, seen.plain, np.nan))
        nothing = f"nothing of {kpi.name.lower()} was observed"
        n = np.where(divides, seen.divided, seen.rows)
        one = np.where(divides, seen.below, 1.0)
        figures = figures_of(cube, kpi, Fraction(above, one, n), nothing)
        below = np.where(divides, figures.denominator, np.nan)
        return replace(figures, denominator=below, grows=(seen.rows > 0) & ~divides)

    def with_a_row(self, cube: Cube) -> np.ndarray | bool:
        """Return the entities of whom it was observed, and the partners of its industry."""
        frame = cube.entities.frame
        shown = np.zeros(len(frame), dtype=bool)
        if self.industry is not None and "industry" in frame.columns:
            of_it = (pl.col("scope") == "partner") & (pl.col("industry") == self.industry)
            shown = frame.select(of_it.fill_null(False)).to_series().to_numpy()
        seen = cube.observations.get(self.measure)
        last = cube.calendar.lasts[cube.calendar.now]
        return shown if seen is None else shown | (seen.since <= last)
