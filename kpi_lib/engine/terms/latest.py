"""A partner's latest value: its credit limit, or what it spends in all.

It is one figure of the partner, not of its rows: `EachPartner` sums it over a scope's partners.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import as_measured
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.terms.term import CountedTerm


@dataclass(frozen=True)
class Latest(CountedTerm):
    """A partner's latest value of a column, by day and then by `order`; none where it has no row.

    The rows are of the view "so far". Roll-ups have no figure: `EachPartner` sums them.
    """

    of: str
    day: str
    order: tuple[str, ...] = ()

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.of, self.day, *self.order}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "latest", self.of, self.day, *self.order)

    @classmethod
    def count(cls, members: Sequence[Latest], cube: Cube) -> Iterator[np.ndarray]:
        """Return each one's latest value, entities x periods; NaN without, and in all roll-ups."""
        return (latest._values(cube) for latest in members)

    def _values(self, cube: Cube) -> np.ndarray:
        """Return each partner's latest value in each period: entities x periods, NaN where none."""
        found = self._last_rows(cube).join(cube.entities.numbers, on="partner_id")
        array = np.full(cube.shape, np.nan)
        index = cube.entities.owners["partner"][found["partner"].to_numpy()]
        array[index, found["slot"].to_numpy()] = found["value"].cast(float).to_numpy()
        return array

    def _last_rows(self, cube: Cube) -> pl.DataFrame:
        """Return partner_id, slot and the value of each partner's last row by day and `order`.

        Rows that agree in all of them must agree in the value.
        """
        grain, order = ("partner_id", "slot"), (self.day, *self.order)
        frame = cube.scanner.rows(self.rows)
        frame = frame.select(*dict.fromkeys((*grain, *order)), value=nw.col(self.of))
        for column in order:
            last = frame.group_by(*grain).agg(nw.col(column).max())
            frame = frame.join(last, on=[*grain, column], how="inner")
        return as_measured(collect(frame.select(*grain, "value").unique()), {})

    def counted(self, cell: Cell) -> Counted:
        """Return the latest row of each partner."""
        order = list(dict.fromkeys([self.day, *self.order]))
        frame = cell.rows(self.rows, **{ADDS: nw.col(self.of)})
        in_order = frame.drop_nulls("partner_id").sort(order)
        return counted(self.rows, in_order.unique("partner_id", keep="last"))

    def in_words(self) -> str:
        """Return which column's latest value it is."""
        return f"latest {self.of} of {self.rows.table}"
