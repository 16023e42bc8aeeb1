"""The target of another KPI, as a term of a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.term import Term

# What is read of targets: whose, of which KPI, for which period, and how much.
OF_TARGETS: Needs = MappingProxyType(
    {"targets": frozenset({"scope", "entity", "kpi", "period", "target"})}
)


@dataclass(frozen=True)
class TargetOf(Term):
    """The target of a KPI for the whole of a period, as it was agreed: never paced."""

    kpi: str

    @property
    def needs(self) -> Needs:
        """The columns that it reads: those of the table targets."""
        return OF_TARGETS

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the targets, NaN where nothing was agreed."""
        agreed = None if cube.targets is None else cube.targets.of(self.kpi)
        return np.full(cube.shape, np.nan) if agreed is None else agreed.target

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the row of the targets that holds."""
        targets = cell.cube.targets
        if cell.slot >= 0 and targets is not None:
            row = targets.row_of(self.kpi, cell.index, cell.slot)
            adds = row.with_columns(pl.col("target").alias(ADDS))
            yield Share(side, cell, Counted("targets", adds), factor)

    def in_words(self) -> str:
        """Return the term in words."""
        return f"target of {self.kpi}"
