"""Our engine, as a peer of the benchmark: one `compute`, whose history has the 8 quarters.

The tables are typed as in every run, and not checked, since no peer checks: what that costs on top
is the row `kpi_checked`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from kpi import KPIS

from kpi_lib.address import Address
from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import NEEDED, Dataset
from kpi_lib.data.preparation import prepare
from kpi_lib.data.raw import ROW
from kpi_lib.data.sources import open_source
from kpi_lib.measure.compute import Options, compute
from kpi_lib.periods import Period
from kpi_lib.settings import load_settings

LAST = Period.parse("2025-Q4")


def run(data: Path, out: Path) -> None:
    """Write one row per scope, entity and quarter, one column per KPI."""
    with tempfile.TemporaryDirectory() as workspace:
        write_history(open_unchecked(data, Path(workspace)), out)


def open_unchecked(data: Path, workspace: Path) -> Dataset:
    """Return the tables of the folder, typed."""
    raws = open_source(Address(str(data))).read_tables(NEEDED, workspace)
    tables = {name: prepare(TABLES[name], raw) for name, raw in raws.items()}
    return Dataset(
        tables={name: table.typed.drop(ROW) for name, table in tables.items()},
        source=data.name,
        is_example=False,
        is_synthetic=True,
        left_out={},
        absent={name: table.absent for name, table in tables.items()},
        fingerprints={},
    )


def write_history(dataset: Dataset, out: Path) -> None:
    """Compute the last quarter, and write the values of the 8 that its history has."""
    history = compute(dataset, load_settings(), LAST, options=Options(only=KPIS)).history
    keys = ["scope", "entity", "period"]
    history.pivot("kpi", index=keys, values="value").write_parquet(out)
