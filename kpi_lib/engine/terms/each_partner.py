"""Terms of each partner first, summed over a scope's partners after.

A partner's credit limit, or what it spends in all, is one figure of the partner, not of its rows: a
scope's is the sum over its partners, those without one left out above and below the line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.shares import LineSide, Share
from kpi_lib.engine.terms.term import Constant, Term


@dataclass(frozen=True)
class EachPartner(Term):
    """The sum over a scope's partners of a term, of those for which `given` has a value.

    Those that join only later count in the roll-ups too. Direct business has no partners.
    """

    of: Term
    given: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.of, self.given)

    @property
    def row_count(self) -> EachPartner:
        """The number of those partners."""
        return replace(self, of=Constant(1.0))

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the sums over the partners of every scope, entities x periods."""
        return sum_over_partners(self.of.figures(cube), self.given.figures(cube), cube.entities)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows of those partners."""
        yield from self.of.rows_behind(cell.only(self.given.of_partners(cell)), side, factor)

    def in_words(self) -> str:
        """Return the term, and which partners it is of."""
        return f"{self.of.in_words()}, of the partners with a {self.given.in_words()}"

    def in_short(self, below: Term | None = None) -> str:
        """Return the term in short."""
        return self.of.in_short(below)


def sum_over_partners(of: np.ndarray, given: np.ndarray, entities: Entities) -> np.ndarray:
    """Return the sums of partners' figures (`of`) in every scope, where `given` is known.

    All three are entities x periods; NaN in `given` leaves a partner out. A sum with a NaN in it is
    NaN. Direct business has no partners, and no scope has a sum in a period in which no partner has
    a figure.
    """
    own = entities.owners.get("partner", np.full(len(entities.numbers), -1))
    partners = np.flatnonzero(own >= 0)
    figures = np.where(np.isnan(given), 0.0, of)[own[partners]]
    total = np.zeros(of.shape)
    for owners in entities.owners.values():
        mine = owners[partners] >= 0
        np.add.at(total, owners[partners[mine]], figures[mine])
    unknown = np.isnan(of[own[partners]]).all(axis=0) & (len(partners) > 0)
    total[:, unknown] = np.nan
    total[entities.frame["scope"].to_numpy() == "direct"] = np.nan
    return total
