"""What every kind of declaration says of itself: its words, its figures, the rows behind them.

The kinds are `Formula` (terms), `Observed` (what was measured elsewhere), `Modelled` (what a model
says) and `FromRows` (a pandas function); each has a file with all that is known of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import Share

if TYPE_CHECKING:
    import numpy as np

    from kpi_lib.engine.figures import Figures
    from kpi_lib.engine.kpi import Kpi


class Declaration(ABC):
    """What a KPI's figures come from, and what follows from it for all that show them."""

    @abstractmethod
    def in_words(self) -> tuple[str, str | None]:
        """Return what stands above the line, and below it where anything does."""

    @abstractmethod
    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether a partner's figure can stand beside that of many: a ratio, and no sum.

        `denominator`: that of the figure, None where it has none.
        """

    @abstractmethod
    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return the figures of the KPI that it is declared for, of which nothing is missing."""

    def with_a_row(self, cube: Cube) -> np.ndarray | bool:
        """Return the entities that have a row: by default all."""
        return True

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield the rows behind its numerator and its denominator in a cell; by default none."""
        yield from ()

    @property
    def adds_up(self) -> bool:
        """Whether it grows through a period, so that to date its target is paced."""
        return False

    @property
    def optional(self) -> frozenset[str]:
        """The tables that may be missing: it is as if they had no rows then."""
        return frozenset()

    @property
    def by_partner(self) -> bool:
        """Whether the company's figure too is counted only from rows that say whose they are."""
        return False

    @property
    def counted_tables(self) -> Sequence[str] | None:
        """The tables whose rows are counted, and not only looked up; None: all that it needs."""
        return None
