"""All KPIs of the catalogue with all comparisons, as `kpi compute` makes them: contract checked."""

from __future__ import annotations

import tempfile
from pathlib import Path

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import compute_asked
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.settings import load_settings


def run(data: Path, out: Path) -> None:
    """Write the KPI table of the last whole quarter."""
    settings = load_settings(data=str(data))
    with tempfile.TemporaryDirectory() as workspace:
        kpis = facts_of(settings)
        dataset = load_dataset(settings, workspace=Path(workspace), kpis=kpis)
        write_table(compute_asked(settings, dataset, None).table, out)
