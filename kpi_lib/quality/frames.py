"""How good the data of a run are, as data: tidy frames that a page shows and anybody can query."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.data.faults import Fault
from kpi_lib.data.hints import printable
from kpi_lib.data.tally import tally
from kpi_lib.measure.compute import Results
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.measure.owners import by_owner, unreported_of
from kpi_lib.quality.missing import gaps_of, losses_of, unmeasured_of
from kpi_lib.quality.regularity import count_rows, months_of, tables_of

_FAULTS = {
    **{name: pl.String() for name in ("table", "column", "kind", "severity")},
    **{"rows": pl.Int64(), "examples": pl.List(pl.String())},
}


@dataclass(frozen=True)
class Quality:
    """The frames, of one run and up to the day of its figures.

    tables      one row per table that is there: rows, partners with rows, age, whether it is late
    months      one row per table and month: rows, partners with rows, state
    faults      one row per table, column and kind of what the check found, worst first, counted
    gaps        one row per thing that is not there, of everybody or of one partner: owner and cost
    losses      one row per gap and KPI that it affects
    unmeasured  one row per KPI and partner without a value, where nothing is missing
    unreported  one row per figure that a partner reported for the period before, and not for this
    owners      one row per owner: what he or she answers for
    """

    tables: pl.DataFrame
    months: pl.DataFrame
    faults: pl.DataFrame
    gaps: pl.DataFrame
    losses: pl.DataFrame
    unmeasured: pl.DataFrame
    unreported: pl.DataFrame
    owners: pl.DataFrame


def measure_quality(results: Results, dataset: Dataset) -> Quality:
    """Return how good the data are that the results were computed from."""
    counts = count_rows(dataset, results.calendar.as_of)
    losses = losses_of(results, dataset, counts)
    gaps = gaps_of(results, dataset, counts, losses)
    unreported = unreported_of(results, dataset)
    return Quality(
        tables=tables_of(counts),
        months=months_of(counts),
        faults=_faults(dataset),
        gaps=gaps,
        losses=losses,
        unmeasured=unmeasured_of(results, losses),
        unreported=unreported,
        owners=by_owner(gaps, losses, unreported, len(results.partners)),
    )


def write_quality(quality: Quality, folder: Path) -> None:
    """Write each frame as NAME.parquet, so that a name holds the old one or the new, never half."""
    folder.mkdir(parents=True, exist_ok=True)
    for frame in fields(quality):
        write_table(getattr(quality, frame.name), folder / f"{frame.name}.parquet")


def _faults(dataset: Dataset) -> pl.DataFrame:
    """Return what the check found; of what may run that is warnings, and faults left out."""
    rows = [
        {
            **{"table": line.table, "column": line.column, "kind": line.kind},
            **{"severity": line.severity, "rows": line.rows},
            "examples": [_example(fault) for fault in line.examples],
        }
        for line in tally(dataset.check)
    ]
    return pl.DataFrame(rows, schema=_FAULTS)


def _example(fault: Fault) -> str:
    found = fault.fault if fault.value is None else printable(fault.value)
    return found if fault.row is None else f"row {fault.row:,}: {found}"
