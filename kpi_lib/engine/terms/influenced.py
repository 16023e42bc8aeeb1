"""The deals that a scope had a hand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.deal_paths import path_of, touches
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import as_measured, to_array
from kpi_lib.engine.shares import ADDS, Counted, counted, once_each
from kpi_lib.engine.terms.term import CountedTerm


@dataclass(frozen=True)
class Influenced(CountedTerm):
    """The deals that a scope sourced or touched, each once: their amount, or their number."""

    reduce: Literal["sum", "count"] = "sum"

    @property
    def row_count(self) -> Influenced:
        """The number of deals."""
        return self if self.reduce == "count" else replace(self, reduce="count")

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: it does."""
        return True

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"deal_id", "closed_on", "amount"}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "influenced", self.reduce)

    @classmethod
    def count(cls, members: Sequence[Influenced], cube: Cube) -> Iterator[np.ndarray]:
        """Return amounts or numbers of deals, entities x periods, of the same deals in one scan."""
        together = {part.rows.key: part for part in members}
        frames = {key: _each_deal_once(part, cube) for key, part in together.items()}
        return (to_array(frames[part.rows.key], part.reduce, cube.shape) for part in members)

    def counted(self, cell: Cell) -> tuple[Counted, ...]:
        """Return the deals that it sourced, and its touchpoints of the others, each deal once."""
        scanner = cell.cube.scanner
        worth = pl.col("amount").cast(pl.Float64) if self.reduce == "sum" else pl.lit(1.0)
        sourced = cell.rows(self.rows).drop_nulls("partner_id")
        deals = scanner.rows(self.rows).filter(nw.col("slot") == cell.slot)
        own = touches(cell.own(path_of(scanner, deals))).drop_nulls("partner_id")
        others = own.join(sourced.select("deal_id"), on="deal_id", how="anti")
        of_deals = counted(self.rows, sourced.with_columns(worth.alias(ADDS)))
        return of_deals, Counted("touchpoints", once_each(others, ["deal_id"], worth))

    def in_words(self) -> str:
        """Return the figure in words."""
        return "amount of the won deals that it sourced or touched"


def _each_deal_once(part: Influenced, cube: Cube) -> pl.DataFrame:
    """Return index, slot, and the sum and count of the deals that an entity has a hand in."""
    deals = cube.scanner.rows(part.rows)
    grain = ("partner_id", "deal_id", "slot", "amount")
    owned = [
        collect(frame.filter(~nw.col("partner_id").is_null()).select(*grain).unique())
        for frame in (deals, path_of(cube.scanner, deals))
    ]
    pairs = as_measured(pl.concat(owned), {}).join(cube.entities.membership, on="partner_id")
    once = pairs.unique(["index", "deal_id"])
    return once.group_by("index", "slot").agg(sum=pl.col("amount").sum(), count=pl.len())
