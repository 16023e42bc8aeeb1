"""A sum that there is none of where no row has anything to add up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import LineSide, Share
from kpi_lib.engine.terms.additive import Part
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class SumOfKnown(Term):
    """A sum; there is none where there are rows and none of them has anything to add up."""

    sum: Part

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The sum, and the rows that have something to add up or not."""
        return (self.sum, self.all_rows)

    @property
    def all_rows(self) -> Part:
        """The number of rows, whether they have something to add up or not."""
        return Part(self.sum.rows, "count")

    @property
    def row_count(self) -> Part:
        """The number of rows that have something to add up."""
        return self.sum.row_count

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the sums, NaN where there are rows and nothing is known of any."""
        unknown = (self.all_rows.figures(cube) > 0) & (self.row_count.figures(cube) == 0)
        return np.where(unknown, np.nan, self.sum.figures(cube))

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows of the sum."""
        yield from self.sum.rows_behind(cell, side, factor)

    def in_words(self) -> str:
        """Return the sum in words."""
        return self.sum.in_words()

    def in_short(self, below: Term | None = None) -> str:
        """Return the sum in short."""
        return self.sum.in_short(below)
