"""How many of an entity's KPIs stand well or badly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.target import OF_TARGETS
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class WithStatus(Term):
    """The number of an entity's own KPIs that have one of these statuses."""

    statuses: tuple[str, ...]

    @property
    def row_count(self) -> WithStatus:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> Needs:
        """The columns that it reads: without targets nothing has a status."""
        return OF_TARGETS

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the number of KPIs with one of the statuses, entities x periods."""
        none = np.zeros(cube.shape)
        numbers = [cube.standings.statuses.get(status, none) for status in self.statuses]
        return np.asarray(np.sum(numbers, axis=0), dtype=float)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the entity's own KPIs that have one of the statuses."""
        if cell.slot >= 0:
            own = cell.own_standing().filter(pl.col("status").is_in(self.statuses))
            yield Share(
                side, cell, Counted("kpis", own.with_columns(pl.lit(1.0).alias(ADDS))), factor
            )

    def in_words(self) -> str:
        """Return the count in words."""
        return f"number of KPIs {', '.join(s.replace('_', ' ') for s in self.statuses)}"
