"""Counting what was measured elsewhere: the observations of all measures together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from kpi_lib.engine.cube import Cube, Observations
from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Observed, rows, rows_ever
from kpi_lib.engine.scan import to_array
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.terms.additive import grouped

SUMS = ("rows", "plain", "divided", "above", "below")


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
    counted = grouped(cube.scanner, in_period, ("measure",), sums)
    by_measure = _by_measure(cube.entities.roll_up(counted, ("measure", "slot")))
    since = _since(cube, measured_ever=rows_ever("observations").where(measured))
    return {name: _laid_out(cube, by_measure.get(name), since.get(name)) for name in measures}


def _by_measure(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {str(key[0]): part for key, part in frame.partition_by("measure", as_dict=True).items()}


def _since(cube: Cube, measured_ever: Selection) -> dict[str, pl.DataFrame]:
    """Return for each measure index and the day on which it was first observed."""
    firsts = cube.scanner.firsts(measured_ever, "measure", "observed_on")
    joined = firsts.join(cube.entities.membership, on="partner_id", nulls_equal=True)
    return _by_measure(joined.group_by("measure", "index").agg(pl.col("observed_on").min()))


def _laid_out(cube: Cube, counted: pl.DataFrame | None, since: pl.DataFrame | None) -> Observations:
    silent = ~cube.applies("observations")
    arrays = {name: np.zeros(cube.shape) for name in SUMS}
    if counted is not None:
        arrays = {name: to_array(counted, name, cube.shape) for name in SUMS}
    for array in arrays.values():
        array[silent] = np.nan
    first = np.full(cube.shape[0], np.nan)
    if since is not None:
        first[since["index"].to_numpy()] = since["observed_on"].to_numpy()
    return Observations(**arrays, since=np.where(silent, np.nan, first))
