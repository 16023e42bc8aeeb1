"""KPIs that a model fills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kpi_lib.engine.cube import Cube
from kpi_lib.engine.declaration import Declaration
from kpi_lib.engine.figures import (
    Figures,
    Fraction,
    figures_of,
    no_figures,
    wilson,
    with_interval,
)
from kpi_lib.engine.model_figures import modelled
from kpi_lib.engine.selection import Needs

if TYPE_CHECKING:
    from kpi_lib.engine.kpi import Kpi

Model = Literal["cltv", "churn"]


@dataclass(frozen=True)
class Modelled(Declaration):
    """A KPI that a model fills, once a period, of all customers; nothing else can compute it.

    `value` and `per` say what is above and below the line; `share` that customers are counted of
    customers, which has an interval. `needs`: the columns that the model stands on, by table, and
    those that the KPI reads beside it.
    """

    model: Model
    needs: Needs
    value: str
    per: str | None = None
    share: bool = False

    @property
    def divides(self) -> bool:
        """Whether it is a mean or a share, and no sum."""
        return self.per is not None

    def in_words(self) -> tuple[str, str | None]:
        """Return what the model says that they are."""
        return self.value, self.per

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether it divides."""
        return self.divides

    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return what the model of the run says; without one there is nothing."""
        rows, why = cube.modelled.rows.get(kpi.id), cube.modelled.why.get(self.model)
        if rows is None:
            not_fitted = f"the model {self.model} has not been fitted: it comes with `kpi run`"
            return no_figures(cube, why or not_fitted)
        above, below, n = modelled(rows, cube.entities, cube.calendar)
        fraction = Fraction(above, None if self.per is None else below, n)
        figures = figures_of(
            cube, kpi, fraction, why or f"the model {self.model} says nothing of it"
        )
        if self.share:
            return with_interval(figures, wilson(figures.value, figures.n))
        return figures
