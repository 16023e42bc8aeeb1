"""A term of one scope, whatever scope is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import LineSide, Share
from kpi_lib.engine.terms.by_scope import ByScope
from kpi_lib.engine.terms.term import Arithmetic, NamedFigure, Term


@dataclass(frozen=True)
class Of(Term):
    """A term of the whole company, or of direct business, beside whatever scope is asked for."""

    of: Term
    scope: Literal["company", "direct"]

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)

    @property
    def row_count(self) -> Term | None:
        """The count behind it in that scope."""
        return None if self.of.row_count is None else Of(self.of.row_count, self.scope)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the scope's figures for every entity."""
        of_scope = self.of.figures(cube)[cube.entities.index_of(self.scope)]
        return np.broadcast_to(of_scope, cube.shape)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the scope's rows."""
        yield from self.of.rows_behind(cell.of(self.scope), side, factor)

    @property
    def adds_across(self) -> bool:
        """It does not: it is the same for all."""
        return False

    @property
    def _whose(self) -> str:
        return "of the company" if self.scope == "company" else f"of {self.scope} business"

    def in_words(self) -> str:
        """Return the term and whose it is."""
        whose = "the whole company" if self.scope == "company" else self.scope
        return f"{self.of.in_words()}, of {whose}"

    def in_short(self, below: Term | None = None) -> str:
        """Return the term in short and whose it is."""
        return f"{self.of.in_short()} {self._whose}"

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield the term; where it is made of several, each says whose it is."""
        if isinstance(self.of, Arithmetic | ByScope):
            yield from self.of.equation(cell.of(self.scope), None, f"{when} {self._whose}".strip())
        else:
            yield from super().equation(cell, below, when)


def of_company(term: Term) -> Of:
    """Return the term of the whole company, whatever scope is asked for."""
    return Of(term, "company")


def of_direct(term: Term) -> Of:
    """Return the term of direct business, whatever scope is asked for."""
    return Of(term, "direct")
