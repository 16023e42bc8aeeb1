"""KPIs over what was measured elsewhere, the table observations: a pack's, or a company's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube, Observations
from kpi_lib.engine.declaration import Declaration
from kpi_lib.engine.fields import field
from kpi_lib.engine.figures import Figures, Fraction, figures_of
from kpi_lib.engine.rows import Rows, rows, rows_ever
from kpi_lib.engine.scan import to_array
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.shares import ADDS, SIDES, Share, counted
from kpi_lib.engine.terms.additive import grouped

if TYPE_CHECKING:
    from kpi_lib.engine.kpi import Kpi

SUMS = ("rows", "plain", "divided", "above", "below")


@dataclass(frozen=True)
class Observed(Declaration):
    """What was observed of a measure: numerators over denominators, or the plain sum.

    Rows without a denominator are left out where one of the period has one.
    """

    measure: str
    industry: str | None  # whose partners have a row though nothing was observed

    @property
    def rows(self) -> Rows:
        """The rows of the measure in the period."""
        return rows("observations", when="observed_on").where(field("measure") == self.measure)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"numerator", "denominator"}))

    def in_words(self) -> tuple[str, str | None]:
        """Return the sums of both."""
        of = f"over observations of {self.measure}"
        return f"sum of numerator {of}", f"sum of denominator {of}"

    def is_comparable(self, denominator: float | None) -> bool:
        """Say whether the figure has a denominator: a measure does not say it before."""
        return denominator is not None

    def rows_behind(self, cell: Cell) -> Iterator[Share]:
        """Yield what was observed; where a row has a denominator, those without are left out."""
        observed = counted(self.rows, cell.rows(self.rows))
        frame = observed.rows
        if "denominator" not in frame.columns or frame["denominator"].is_null().all():
            plain = frame.with_columns(pl.col("numerator").alias(ADDS))
            yield Share("numerator", cell, replace(observed, rows=plain))
            return
        divided = frame.drop_nulls("denominator")
        for side in SIDES:
            adds = divided.with_columns(pl.col(side).alias(ADDS))
            yield Share(side, cell, replace(observed, rows=adds))

    def figures(self, kpi: Kpi, cube: Cube) -> Figures:
        """Return numerators over denominators where there are any, else the plain sum."""
        seen = cube.observations[self.measure]
        divides = seen.divided > 0
        above = np.where(divides, seen.above, np.where(seen.rows > 0, seen.plain, np.nan))
        nothing = f"nothing of {kpi.name.lower()} was observed"
        n = np.where(divides, seen.divided, seen.rows)
        one = np.where(divides, seen.below, 1.0)
        figures = figures_of(cube, kpi, Fraction(above, one, n), nothing)
        below = np.where(divides, figures.denominator, np.nan)
        return replace(figures, denominator=below, grows=(seen.rows > 0) & ~divides)

    def with_a_row(self, cube: Cube) -> np.ndarray | bool:
        """Return which entities were observed, and which partners of its industry were."""
        frame = cube.entities.frame
        shown = np.zeros(len(frame), dtype=bool)
        if self.industry is not None and "industry" in frame.columns:
            of_it = (pl.col("scope") == "partner") & (pl.col("industry") == self.industry)
            shown = frame.select(of_it.fill_null(False)).to_series().to_numpy()
        seen = cube.observations.get(self.measure)
        last = cube.calendar.lasts[cube.calendar.now]
        return shown if seen is None else shown | (seen.since <= last)


def count_observations(cube: Cube, formulas: Iterable[Observed]) -> dict[str, Observations]:
    """Return what was observed of each measure, in two scans for all of them."""
    measures = tuple(formula.measure for formula in formulas)
    if not measures:
        return {}
    measured = field("measure").is_in(*measures)
    in_period = rows("observations", when="observed_on").where(measured)
    divided = in_period.where(field("denominator").is_known())
    sums = {
        "rows": in_period.count(),
        "plain": in_period.sum("numerator"),
        "divided": divided.count(),
        "above": divided.sum("numerator"),
        "below": divided.sum("denominator"),
    }
    found = grouped(cube.scanner, in_period, ("measure",), sums)
    by_measure = _rows_by_measure(cube.entities.roll_up(found, ("measure", "slot")))
    since = _since(cube, measured_ever=rows_ever("observations").where(measured))
    return {name: _observations(cube, by_measure.get(name), since.get(name)) for name in measures}


def _rows_by_measure(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(key[0]): part for key, part in frame.partition_by("measure", as_dict=True).items()}


def _since(cube: Cube, measured_ever: Selection) -> dict[str, pl.DataFrame]:
    """Return for each measure index and the day on which it was first observed."""
    firsts = cube.scanner.firsts(measured_ever, "measure", "observed_on")
    joined = firsts.join(cube.entities.membership, on="partner_id", nulls_equal=True)
    return _rows_by_measure(joined.group_by("measure", "index").agg(pl.col("observed_on").min()))


def _observations(
    cube: Cube, found: pl.DataFrame | None, since: pl.DataFrame | None
) -> Observations:
    """Return the observations as arrays of entities x periods; NaN where the KPI does not apply."""
    silent = ~cube.applies("observations")
    arrays = {name: np.zeros(cube.shape) for name in SUMS}
    if found is not None:
        arrays = {name: to_array(found, name, cube.shape) for name in SUMS}
    for array in arrays.values():
        array[silent] = np.nan
    first = np.full(cube.shape[0], np.nan)
    if since is not None:
        first[since["index"].to_numpy()] = since["observed_on"].to_numpy()
    return Observations(**arrays, since=np.where(silent, np.nan, first))
