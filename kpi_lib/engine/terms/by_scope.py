"""A term that reads other rows in some scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import LineSide, Share
from kpi_lib.engine.terms.term import NamedFigure, Term


@dataclass(frozen=True)
class ByScope(Term):
    """A term that reads other rows in some scopes; `usual` in all the others."""

    usual: Term
    others: Mapping[str, Term]

    @property
    def made_of(self) -> tuple[Term, ...]:
        """All of them."""
        return (self.usual, *self.others.values())

    @property
    def row_count(self) -> Term | None:
        """The counts behind them, scope by scope."""
        if self.usual.row_count is None:
            return None
        counts = {scope: term.row_count for scope, term in self.others.items()}
        return ByScope(self.usual.row_count, {k: v for k, v in counts.items() if v is not None})

    def of_scope(self, scope: str) -> Term:
        """Return the term that is read in a scope."""
        return self.others.get(scope, self.usual)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the usual figures, others in their scopes, entities x periods."""
        usual = self.usual.figures(cube)
        figures = usual.copy()
        scopes = cube.entities.frame["scope"].to_numpy()
        for scope, term in self.others.items():
            mine = (scopes == scope)[:, None] & ~np.isnan(usual)
            figures = np.where(mine, term.figures(cube), figures)
        return figures

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows that are read in the cell's scope."""
        yield from self.of_scope(cell.scope).rows_behind(cell, side, factor)

    @property
    def adds_up(self) -> bool:
        """Whether the usual one does."""
        return self.usual.adds_up

    @property
    def adds_across(self) -> bool:
        """Whether the usual one does."""
        return self.usual.adds_across

    def in_words(self) -> str:
        """Return the usual one."""
        return self.usual.in_words()

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield the equation of the term that holds in the cell's scope."""
        yield from self.of_scope(cell.scope).equation(cell, below, when)

    def leaves(self, scope: str) -> tuple[Term, ...]:
        """Return the single terms of the one that holds in the scope."""
        return self.of_scope(scope).leaves(scope)
