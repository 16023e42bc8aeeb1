"""Terms: numbers for each entity and period, and the arithmetic that joins them.

What is known of a kind of term stands in its own file: how it is counted or computed, which rows
stand behind it, how it is said, what it needs. Adding a kind is adding a file. The arithmetic
stands here, since every term can be added to every other.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Lag
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import divide
from kpi_lib.engine.selection import Needs, Selection, joined
from kpi_lib.engine.shares import ADDS, Counted, LineSide, Share

Sign = Literal["+", "-", "x", "/"]
NamedFigure = tuple[str, float | None]  # a term in words, and its figure


class Term(ABC):
    """A number for each entity and period; sums, differences, products and quotients are terms."""

    def __add__(self, other: Term | float) -> Term:
        return Arithmetic("+", self, _term(other))

    def __sub__(self, other: Term | float) -> Term:
        return Arithmetic("-", self, _term(other))

    def __mul__(self, other: Term | float) -> Term:
        return Arithmetic("x", self, _term(other))

    def __rsub__(self, other: float) -> Term:
        return Arithmetic("-", _term(other), self)

    def __rmul__(self, other: float) -> Term:
        return Arithmetic("x", _term(other), self)

    def __truediv__(self, other: Term | float) -> Term:
        return Arithmetic("/", self, _term(other))

    def at_least(self, least: float) -> Term:
        """Return the term, and `least` where it lies below that."""
        return Floored(self, least)

    # --- its figures

    @abstractmethod
    def figures(self, cube: Cube) -> np.ndarray:
        """Return its figures, entities x periods, NaN where there is none.

        The counted terms that it is made of, its `parts`, must have been counted.
        """

    def at(self, cell: Cell) -> float:
        """Return its figure in a cell, NaN where there is none."""
        return math.nan if cell.slot < 0 else float(self.figures(cell.cube)[cell.index, cell.slot])

    def of_partners(self, cell: Cell) -> dict[str, float]:
        """Return its figure of each partner of a cell that has one."""
        figures = self.figures(cell.cube)[:, cell.slot]
        own = cell.entities.frame.filter(scope="partner").select("entity", "index").iter_rows()
        of_all = {entity: float(figures[index]) for entity, index in own}
        return {p: of_all[p] for p in cell.partners if not math.isnan(of_all[p])}

    # --- what it stands on

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The terms that it joins or changes; none where it is counted itself."""
        return ()

    @property
    def parts(self) -> tuple[CountedTerm, ...]:
        """The terms that have to be counted before this one has figures."""
        return tuple(part for term in self.made_of for part in term.parts)

    @property
    def needs(self) -> Needs:
        """The columns that it reads, by table: those of its parts."""
        return joined(*(part.needs for part in self.parts))

    @property
    def lags(self) -> frozenset[Lag]:
        """The earlier periods on which it stands as its base."""
        return frozenset().union(*(term.lags for term in self.made_of))

    @property
    def row_count(self) -> Term | None:
        """The term that counts the rows behind this one; None where a count says nothing."""
        return None

    @abstractmethod
    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows behind it in a cell: what they add, times their factors, sums up to it.

        Times `factor` too. What decides about a figure and adds nothing to it, such as a divisor,
        has the factor 0.
        """

    # --- how it behaves

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period: a sum or count of what falls into it."""
        return False

    @property
    def adds_across(self) -> bool:
        """Whether it grows with the number of partners that it is of, as sums do."""
        return True

    # --- how it is said

    @abstractmethod
    def in_words(self) -> str:
        """Return the term as a person would say it."""

    def in_short(self, below: Term | None = None) -> str:
        """Return in a few words what the term's figure is of: deliveries, amount of orders.

        `below`: what it stands over; what sets it apart from that is said too.
        """
        return self.in_words().removeprefix("number of ")

    def within(self) -> str:
        """Return the term as it is said within another: a sum in brackets of its own."""
        return self.in_words()

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield the term with its figures: signs and brackets as texts between short terms.

        `when`: the words for the period or scope that it is read in, if not the cell's own.
        """
        yield f"{self.in_short(below)} {when}".strip(), _or_none(self.at(cell))

    def leaves(self, scope: str) -> tuple[Term, ...]:
        """Return the single terms of a sum or product, as they are read in a scope."""
        return (self,)

    def single_figures(self, cell: Cell) -> tuple[NamedFigure, ...]:
        """Return the single terms with their figures in a cell; none of one alone."""
        leaves = {leaf.in_words(): leaf for leaf in self.leaves(cell.scope)}
        if len(leaves) < 2:
            return ()
        return tuple((words, _or_none(leaf.at(cell))) for words, leaf in leaves.items())


@dataclass(frozen=True)
class CountedTerm(Term):
    """A term that is counted from rows in a scan, once a run, before anything is computed."""

    rows: Selection

    @property
    @abstractmethod
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from others."""

    @classmethod
    @abstractmethod
    def count(cls, members: Sequence[Self], cube: Cube) -> Iterable[np.ndarray]:
        """Count terms of this kind: an array of entities x periods for each, in their order.

        Those of the same rows are counted in one scan.
        """

    @property
    @abstractmethod
    def needs(self) -> Needs:
        """The columns that it reads, by table."""

    @abstractmethod
    def counted(self, cell: Cell) -> Counted | tuple[Counted, ...]:
        """Return the rows that are counted in a cell, with what each adds."""

    @property
    def parts(self) -> tuple[CountedTerm, ...]:
        """Itself and the count behind it."""
        count = self.row_count
        return (self, count) if isinstance(count, CountedTerm) and count is not self else (self,)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return what was counted."""
        return cube.arrays[self.key]

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows that are counted; none outside the run's periods."""
        if cell.slot < 0:
            return
        found = self.counted(cell)
        for each in found if isinstance(found, tuple) else (found,):
            yield Share(side, cell, each, factor)


@dataclass(frozen=True)
class Constant(Term):
    """A plain number."""

    value: float

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the number everywhere."""
        return np.full(cube.shape, self.value)

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the number as a row."""
        if cell.slot >= 0:
            row = pl.DataFrame({"number": [self.value], ADDS: [self.value]})
            yield Share(side, cell, Counted("number", row), factor)

    @property
    def adds_across(self) -> bool:
        """It does not: it is the same for all."""
        return False

    def in_words(self) -> str:
        """Return the number."""
        return f"{self.value:g}"

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield the number alone."""
        yield self.in_words()

    def leaves(self, scope: str) -> tuple[Term, ...]:
        """Return nothing: it says all itself."""
        return ()


@dataclass(frozen=True)
class Arithmetic(Term):
    """Two terms, joined by a sign."""

    sign: Sign
    left: Term
    right: Term

    @property
    def made_of(self) -> tuple[Term, ...]:
        """Both."""
        return (self.left, self.right)

    @property
    def needs(self) -> Needs:
        """The columns of both."""
        return joined(self.left.needs, self.right.needs)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return left and right joined by the sign, entities x periods; NaN where 0 divides."""
        left, right = self.left.figures(cube), self.right.figures(cube)
        if self.sign == "/":
            return divide(left, right)
        joining = {"+": np.add, "-": np.subtract, "x": np.multiply}[self.sign]
        return np.asarray(joining(left, right))

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows of both; those of a divisor, or of the second factor, add nothing."""
        left, right = self.left, self.right
        if self.sign in "+-":
            yield from left.rows_behind(cell, side, factor)
            yield from right.rows_behind(cell, side, factor if self.sign == "+" else -factor)
            return
        if self.sign == "x" and not left.parts:
            left, right = right, left
        by = right.at(cell)
        quotient = factor / by if by else math.nan
        yield from left.rows_behind(cell, side, factor * by if self.sign == "x" else quotient)
        if right.parts:
            yield from right.rows_behind(cell, side, 0.0)

    @property
    def adds_across(self) -> bool:
        """Whether either does; of a quotient, whether only what stands above the line does."""
        left, right = self.left.adds_across, self.right.adds_across
        return left and not right if self.sign == "/" else left or right

    def in_words(self) -> str:
        """Return both with the sign between them."""
        return f"{self.left.within()} {self.sign} {self.right.within()}"

    def within(self) -> str:
        """Return the two terms in brackets."""
        return f"({self.in_words()})"

    def equation(
        self, cell: Cell, below: Term | None = None, when: str = ""
    ) -> Iterator[str | NamedFigure]:
        """Yield both terms with the sign between them, in brackets.

        `below` and `when` are handed on to each of them.
        """
        yield "("
        yield from self.left.equation(cell, below, when)
        yield self.sign
        yield from self.right.equation(cell, below, when)
        yield ")"

    def leaves(self, scope: str) -> tuple[Term, ...]:
        """Return the single terms of both sides."""
        return (*self.left.leaves(scope), *self.right.leaves(scope))


@dataclass(frozen=True)
class Floored(Term):
    """A term, and `least` where it lies below that."""

    of: Term
    least: float

    @property
    def made_of(self) -> tuple[Term, ...]:
        """The term."""
        return (self.of,)

    def figures(self, cube: Cube) -> np.ndarray:
        """Return the greater of the two."""
        return np.asarray(np.maximum(self.of.figures(cube), self.least))

    def rows_behind(self, cell: Cell, side: LineSide, factor: float = 1.0) -> Iterator[Share]:
        """Yield the rows of the term, which add nothing where it lies below."""
        yield from self.of.rows_behind(cell, side, factor if self.of.at(cell) > self.least else 0.0)

    def in_words(self) -> str:
        """Return the term, and from where on it is another."""
        return f"{self.of.in_words()}, {self.least:g} where it is below that"

    def in_short(self, below: Term | None = None) -> str:
        """Return the term in short."""
        return self.of.in_short(below)


def count_all(terms: Iterable[CountedTerm], cube: Cube) -> None:
    """Count all terms that are not counted yet, kind by kind, and keep them in the cube."""
    wanted = {term.key: term for term in terms if term.key not in cube.arrays}
    kinds: dict[type[CountedTerm], list[CountedTerm]] = {}
    for term in wanted.values():
        kinds.setdefault(type(term), []).append(term)
    for kind, members in kinds.items():
        for term, array in zip(members, kind.count(members, cube), strict=True):
            cube.keep(term.key, term.rows, array)


def _or_none(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else Constant(float(value))
