"""The middle of a scope's values, which never adds up from partners to roll-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import Field
from kpi_lib.engine.relation import collect
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.terms.additive import Part
from kpi_lib.engine.terms.term import CountedTerm


@dataclass(frozen=True)
class Median(CountedTerm):
    """The median of an expression over the rows of a scope; the mean of the middle two."""

    of: Field

    @property
    def row_count(self) -> Part:
        """The number of rows with a value."""
        return Part(self.rows.where(self.of.is_known()), "count")

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(self.of.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "median", self.of.text)

    @property
    def adds_across(self) -> bool:
        """It does not: it lies among the values, however many there are."""
        return False

    @classmethod
    def count(cls, members: Sequence[Median], cube: Cube) -> Iterator[np.ndarray]:
        """Return the median of each one's values, entities x periods, NaN where there are none."""
        return (median._medians(cube) for median in members)

    def _medians(self, cube: Cube) -> np.ndarray:
        """Return the median of the rows' values: entities x periods, NaN where there is no row."""
        laid = cube.scanner.rows(self.rows).select("partner_id", "slot", value=self.of.build())
        values = collect(laid.filter(~nw.col("value").is_null()))
        rolled = values.join(cube.entities.membership, on="partner_id", nulls_equal=True)
        found = rolled.group_by("index", "slot").agg(pl.col("value").cast(pl.Float64).median())
        array = np.full(cube.shape, np.nan)
        array[found["index"].to_numpy(), found["slot"].to_numpy()] = found["value"].to_numpy()
        return array

    def counted(self, cell: Cell) -> Counted:
        """Return the rows with a value, in the column `median_of`: they add nothing up."""
        frame = cell.rows(self.rows, median_of=self.of.build()).drop_nulls("median_of")
        return counted(self.rows, frame.with_columns(pl.lit(None).alias(ADDS)))

    def in_words(self) -> str:
        """Return which values the term is the median of, in words."""
        return f"median of {self.of.text} over rows of {self.rows.table}"
