"""How far what was agreed is attained: one score over all KPIs with a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.audience import Disclosure
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import divide
from kpi_lib.engine.scopes import Side
from kpi_lib.engine.selection import Needs
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.target import OF_TARGETS
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class Score(Term):
    """100 x the weighted mean over the families of the mean attainment of their KPIs.

    Of the KPIs with a target and a value that these sides are accountable for, of that audience
    where one is named; there is none where fewer families have any.
    """

    sides: tuple[Side, ...]
    fewest_families: int
    audience: Disclosure | None = None

    @property
    def needs(self) -> Needs:
        """The columns that it reads: without targets nothing is attained."""
        return OF_TARGETS

    def figures(self, cube: Cube) -> np.ndarray:
        """Return 100 x the weighted mean over families of their mean attainment."""
        standings = cube.standings
        weighted, weights, families = (np.zeros(cube.shape) for _ in range(3))
        for (of, family), (total, number) in standings.attained.items():
            if of == self:
                some, weight = number > 0, standings.weights.get(family, 1.0)
                weighted += np.where(some, weight * total / np.maximum(number, 1), 0.0)
                weights += weight * some
                families += some
        mean = divide(weighted, weights)
        return np.where(families >= self.fewest_families, 100 * mean, np.nan)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the KPIs that it is made of: attainment (0 to 1) and the weight of the family.

        Each adds 100 x its attainment x its family's part of all weights / the family's KPIs.
        """
        if cell.slot < 0:
            return
        kpis = self._attained(cell)
        weights = kpis.group_by("family").agg(pl.col("weight").first())["weight"].sum()
        of_family = pl.col("attainment") / pl.len().over("family")
        adds = (100 * of_family * pl.col("weight") / weights).alias(ADDS)
        yield Share(side, cell, Counted("kpis", kpis.with_columns(adds)), factor)

    def _attained(self, cell: Cell) -> pl.DataFrame:
        """Return the entity's KPIs that count, each with its attainment and its family's weight."""
        standings = cell.cube.standings
        entered = standings.entered.items()
        reached = {kpi: float(of[cell.index]) for (score, kpi), of in entered if score == self}
        attainment = pl.col("kpi").replace_strict(reached, default=None, return_dtype=pl.Float64)
        weight = pl.col("family").replace_strict(
            standings.weights, default=1.0, return_dtype=pl.Float64
        )
        own = cell.own_standing().with_columns(attainment=attainment.fill_nan(None), weight=weight)
        return own.drop_nulls("attainment")

    @property
    def adds_across(self) -> bool:
        """It does not: it is a mean."""
        return False

    def in_words(self) -> str:
        """Return the score in words."""
        return "100 x weighted mean over the families of the mean attainment of their targets"

    def in_short(self, below: Term | None = None) -> str:
        """Return the scale of the score in words."""
        return "out of 100 attained"
