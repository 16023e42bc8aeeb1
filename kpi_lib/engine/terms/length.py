"""A length of time of the period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share
from kpi_lib.engine.terms.term import Term


@dataclass(frozen=True)
class Length(Term):
    """A length of time of the period so far; blocks: its weeks, the last of them a part."""

    unit: Literal["months", "weeks", "days", "blocks"]

    def figures(self, cube: Cube) -> np.ndarray:
        """Return each period's length for every entity."""
        days = cube.calendar.days
        lengths = {"weeks": days / 7, "days": days, "blocks": np.ceil(days / 7)}
        length = cube.calendar.months if self.unit == "months" else lengths[self.unit]
        return np.broadcast_to(length, cube.shape)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the period so far as a row: its days, and what it adds in the unit that counts."""
        if cell.slot < 0:
            return
        days = pl.DataFrame({"starts_on": [cell.first], "ends_on": [cell.last]})
        row = days.cast(pl.Int32).cast(pl.Date).with_columns(unit=pl.lit(self.unit))
        period = row.with_columns(pl.lit(self.at(cell)).alias(ADDS))
        yield Share(side, cell, Counted("period", period), factor)

    @property
    def adds_across(self) -> bool:
        """It does not: it counts once, however many partners there are."""
        return False

    def in_words(self) -> str:
        """Return the length in words."""
        return f"{self.unit} of the period"

    def in_short(self, below: Term | None = None) -> str:
        """Return the unit."""
        return self.unit
