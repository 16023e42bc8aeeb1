"""Whether one term lies above another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import at_least
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class Above(Term):
    """1 where the left term lies above the right one, 0 where it does not.

    Equal within 1e-9 is not above; without a right one it says nothing.
    """

    left: Term
    right: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.left, self.right)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return 1 and 0, NaN without a right one."""
        higher, lower = self.left.figures(cube), self.right.figures(cube)
        return np.where(np.isnan(higher), np.nan, ~at_least(lower, higher))

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield a row per partner, 1 for those above and 0 for the others, and what decides it."""
        schema = {"partner_id": pl.String(), ADDS: pl.Float64()}
        of_partners = list(self.of_partners(cell).items())
        frame = pl.DataFrame(of_partners, schema=schema, orient="row")
        yield Share(side, cell, Counted("partners", frame), factor)
        yield from self.left.rows_behind(cell, side, 0.0)
        yield from self.right.rows_behind(cell, side, 0.0)

    def in_words(self) -> str:
        """Return what is compared."""
        return f"1 where {self.left.in_words()} is above {self.right.in_words()}"

    def in_short(self, below: Term | None = None) -> str:
        """Return what is counted: partners."""
        return f"partners above their {self.right.in_short()}"
