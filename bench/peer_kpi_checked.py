"""Our engine as `kpi compute` runs it: the contract is checked first. No peer does that."""

from __future__ import annotations

import tempfile
from pathlib import Path

from peer_kpi_lib import write_history

from kpi_lib.data.dataset import load_dataset
from kpi_lib.settings import load_settings


def run(data: Path, out: Path) -> None:
    """Write one row per scope, entity and quarter, one column per KPI."""
    with tempfile.TemporaryDirectory() as workspace:
        dataset = load_dataset(load_settings(), data=str(data), workspace=Path(workspace))
        write_history(dataset, out)
