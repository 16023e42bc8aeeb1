"""A term as it stood in an earlier period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.calendar import Lag
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import LineSide, Share
from kpi_lib.engine.terms.term import NamedFigure, Term

IN_WORDS = {"year_ago": "a year ago", "previous": "in the period before"}


@dataclass(frozen=True)
class Lagged(Term):
    """A term as it stood in the previous period, or in the same one a year ago."""

    of: Term
    lag: Lag

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)

    @property
    def lags(self) -> frozenset[Lag]:
        """Its own period, and those of the term."""
        return self.of.lags | {self.lag}

    @property
    def row_count(self) -> Term | None:
        """The count behind it, as it stood then."""
        return None if self.of.row_count is None else Lagged(self.of.row_count, self.lag)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the term's figures of then, in each period's place."""
        return cube.lagged(self.of.figures(cube), self.lag)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows of then."""
        yield from self.of.rows_behind(cell.lagged(self.lag), side, factor)

    @property
    def adds_across(self) -> bool:
        """Whether the term itself does."""
        return self.of.adds_across

    def in_words(self) -> str:
        """Return the term, and which period it is of."""
        return f"{self.of.in_words()}, {IN_WORDS[self.lag]}"

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield the term with its figures of then."""
        yield from self.of.equation(cell.lagged(self.lag), when=IN_WORDS[self.lag])


def year_ago(term: Term) -> Lagged:
    """Return the term as it stood in the same period a year ago."""
    return Lagged(term, "year_ago")


def previous(term: Term) -> Lagged:
    """Return the term as it stood in the period before."""
    return Lagged(term, "previous")
