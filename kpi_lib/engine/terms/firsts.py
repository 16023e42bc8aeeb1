"""Groups by their first day: a market is entered once, in the period of its first order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import things
from kpi_lib.engine.numbering import GROUP, numbered, of_owners
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.terms.term import CountedTerm, Term

OfScope = tuple[np.ndarray, np.ndarray]  # the entity of each group, and its first day


@dataclass(frozen=True)
class Firsts(CountedTerm):
    """Groups (markets) by the first day of a scope's rows in each; of rows of the view "ever".

    "in period": those whose first day lies in it; "so far": those that have begun by its last day
    that counts.
    """

    by: str
    day: str
    view: Literal["in period", "so far"]

    @property
    def row_count(self) -> Firsts:
        """Itself: it is a count."""
        return self

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.by, self.day}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "firsts", self.by, self.day, self.view)

    @classmethod
    def count(cls, members: Sequence[Firsts], cube: Cube) -> Iterator[np.ndarray]:
        """Return how many began, entities x periods, those of the same groups in one scan."""
        together = {part.key[:-1]: part for part in members}
        days = {key: list(_first_days(part, cube)) for key, part in together.items()}
        return (part._count_by_first_day(days[part.key[:-1]], cube) for part in members)

    def _count_by_first_day(self, first_days: Sequence[OfScope], cube: Cube) -> np.ndarray:
        """Return how many began in, or by the end of, each period: entities x periods."""
        total = np.zeros(cube.shape)
        for index, day in first_days:
            begun = day <= cube.calendar.lasts
            if self.view == "in period":
                begun &= day >= cube.calendar.starts
            np.add.at(total, index, begun)
        return total

    def counted(self, cell: Cell) -> Counted:
        """Return the first row of each group that counts."""
        frame = cell.rows(self.rows).drop_nulls(self.by)
        firsts = frame.sort(self.day, maintain_order=True).unique(
            self.by, keep="first", maintain_order=True
        )
        in_period = self.view == "in period"
        begun = cell.falls_into(self.day) if in_period else pl.col(self.day) <= cell.last
        return counted(self.rows, firsts.filter(begun).with_columns(pl.lit(1).alias(ADDS)))

    def in_words(self) -> str:
        """Return what is counted and when its first day is."""
        when = "lies in the period" if self.view == "in period" else "is not after its last day"
        return f"number of {self.by} whose first {self.day} {when}"

    def in_short(self, below: Term | None = None) -> str:
        """Return what is counted."""
        return things(self.by)


def _first_days(firsts: Firsts, cube: Cube) -> Iterator[OfScope]:
    """Yield, scope by scope, the entity and the first day of each of its groups."""
    found = cube.scanner.firsts(firsts.rows, firsts.by, firsts.day)
    days = numbered(found, cube.entities, (firsts.by,))
    for owners in cube.entities.owners.values():
        mine = of_owners(days, owners)
        first = mine.group_by("index", GROUP).agg(day=pl.col(firsts.day).min())
        yield first["index"].to_numpy(), first["day"].to_numpy()[:, None]
