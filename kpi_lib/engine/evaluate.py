"""What a KPI's value is in every entity and period, and why it has none where it has none."""

from __future__ import annotations

from dataclasses import replace

from kpi_lib.engine.cube import Cube
from kpi_lib.engine.figures import Figures, no_figures
from kpi_lib.engine.kpi import Kpi


def evaluate(kpi: Kpi, cube: Cube) -> Figures:
    """Return the figures of a KPI; its parts must have been counted."""
    lacking = kpi.lacking(cube.scanner.relations)
    figures = no_figures(cube, "; ".join(lacking)) if lacking else kpi.formula.figures(kpi, cube)
    since = cube.coverage.since_when(kpi.tables)
    grows = kpi.formula.adds_up or figures.grows
    return replace(figures, grows=grows, shown=kpi.formula.with_a_row(cube), since=since)
