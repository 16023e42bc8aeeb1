"""The typed tables of a run: read, checked, left out where broken and allowed, converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.address import Address, SourceName
from kpi_lib.data.checks import Checked, check_tables, faults_of
from kpi_lib.data.contract import TABLES
from kpi_lib.data.csv_file import read_csv
from kpi_lib.data.currency import convert_amounts
from kpi_lib.data.faults import Fault, format_faults
from kpi_lib.data.leave_out import leave_out
from kpi_lib.data.mapped import MappedSource
from kpi_lib.data.prepare import Prepared, prepare
from kpi_lib.data.raw import ROW, Raw, reading
from kpi_lib.data.sources import SYNTHETIC, Tables, open_source
from kpi_lib.errors import ContractError, Problem, SourceError
from kpi_lib.settings import Settings

NEEDED = {name: frozenset(table.columns) for name, table in TABLES.items()}
OWN_TARGETS = "params/targets.csv"
EXAMPLE = SourceName("Online Retail II, the example that ships with the project")
AT_MOST = 1000  # broken rows of a table that are looked at for a message
NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Dataset:
    """The tables of the contract that a source has, typed, lazy, in the reporting currency.

    `absent`: the columns that the source does not have, by table. `checked`: what the check found.
    """

    tables: Mapping[str, pl.LazyFrame]
    source: SourceName
    is_example: bool
    is_synthetic: bool
    left_out: Mapping[str, int]
    absent: Mapping[str, frozenset[str]]
    fingerprints: Mapping[str, str]
    checked: Mapping[str, Checked] = field(default_factory=dict, repr=False)


def check_dataset(
    settings: Settings,
    *,
    data: str | None = None,
    workspace: Path,
    better: Mapping[str, str] = NOTHING,
) -> list[Fault]:
    """Return every fault and warning of the data, worst first.

    `better` says of each KPI whether higher or lower is better, or neither; without it the rules
    about KPIs are not asked.
    """
    settings = settings.with_data(data)
    _, tables = _read(settings, workspace)
    return faults_of(check_tables(tables, settings, better))


def fingerprints_of(settings: Settings, workspace: Path) -> dict[str, str]:
    """Return what the data are now, table by table, as a run writes it down; nothing is checked."""
    _, tables = _read(settings, workspace)
    return {name: table.raw.fingerprint for name, table in tables.items()}


def load_dataset(
    settings: Settings,
    *,
    data: str | None = None,
    allow_faults: bool = False,
    workspace: Path,
    better: Mapping[str, str] = NOTHING,
) -> Dataset:
    """Return the data of a run; raise ContractError where they break the contract.

    With `allow_faults`, rows with faults, and rows that point to them, are left out and counted.
    """
    settings = settings.with_data(data)
    source, tables = _read(settings, workspace)
    checked = check_tables(tables, settings, better)
    broken = any(table.has_faults for table in checked.values())
    if broken and not (allow_faults and _may_be_left_out(checked)):
        raise _broken(checked, allow_faults)
    frames = {name: table.typed for name, table in tables.items()}
    left_out: dict[str, int] = {}
    if broken:
        frames, left_out = leave_out(checked)
    frames = {name: frame.drop(ROW) for name, frame in _own_targets_win(frames).items()}
    staged = _staged(frames, tables, workspace)
    return Dataset(
        convert_amounts(staged, settings.reporting_currency),
        EXAMPLE if settings.is_example else settings.source or source.words,
        settings.is_example,
        _is_synthetic(settings),
        left_out,
        {name: tables[name].absent for name in frames if name in tables},
        {name: table.raw.fingerprint for name, table in tables.items()},
        checked,
    )


def _read(settings: Settings, workspace: Path) -> tuple[Tables, dict[str, Prepared]]:
    """Return the source and its tables, and the company's own targets, laid out for checking."""
    workspace.mkdir(parents=True, exist_ok=True)
    place = open_source(settings.data or Address(str(paths.example_data())))
    source: Tables = place
    if settings.mapping is not None:
        source = MappedSource(place, settings.mapping)
    problems: list[Problem] = []
    tables: dict[str, Prepared] = {}
    try:
        raws = source.read_tables(NEEDED, workspace)
        if "partners" not in raws:
            found = "there is no table partners, the only one that is needed"
            raise SourceError.at(source.words, found, source.near("partners"))
        tables = {name: prepare(TABLES[name], raw) for name, raw in raws.items()}
    except SourceError as error:
        problems += error.problems
    try:
        own = _own_targets(settings, workspace)
        if own is not None:
            tables[OWN_TARGETS] = prepare(TABLES["targets"], own, OWN_TARGETS)
    except SourceError as error:
        problems += error.problems
    if problems:
        raise SourceError(problems)
    return source, tables


def _own_targets(settings: Settings, workspace: Path) -> Raw | None:
    path = settings.folder / "targets.csv"
    if not path.exists():
        return None
    return read_csv(path, workspace / "own-targets.text.parquet", NEEDED["targets"])


def _may_be_left_out(checked: Mapping[str, Checked]) -> bool:
    """Say whether leaving rows out mends all that is wrong.

    It does not mend a column that is missing, and a rate that is left out would silently put an
    older one in its place.
    """
    faults = [fault for table in checked.values() for fault in table.prepared.faults]
    rates = checked.get("fx_rates")
    standing = not (rates and rates.has_faults)
    return standing and all(f.row is not None for f in faults if f.severity == "fault")


def _broken(checked: Mapping[str, Checked], allowed: bool) -> ContractError:
    told = [fault for fault in faults_of(checked, AT_MOST) if fault.severity == "fault"]
    todo = "Mend the data: columns and exchange rates cannot be left out."
    if not allowed and _may_be_left_out(checked):
        todo = "Mend the data, or leave the rows out with --allow-faults; `kpi check` shows all."
    found = "\n" + format_faults(told)
    in_all = sum(table.faults_in_all for table in checked.values())
    if in_all > len(told):
        found += f"\n({in_all:,} faults in all, of which these were looked at)"
    return ContractError(Problem("the data break the contract", found, todo))


def _own_targets_win(frames: dict[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    """Put the company's own targets before those of the source that say something of the same."""
    own = frames.pop(OWN_TARGETS, None)
    if own is None:
        return frames
    if "targets" not in frames:
        return frames | {"targets": own}
    others = frames["targets"].join(own, on=list(TABLES["targets"].key), how="anti")
    return frames | {"targets": pl.concat([own, others], how="diagonal")}


def _staged(
    frames: Mapping[str, pl.LazyFrame], tables: Mapping[str, Prepared], workspace: Path
) -> dict[str, pl.LazyFrame]:
    """Write what would be costly to read again as typed Parquet; Parquet is scanned where it is."""
    return {
        name: frame
        if name in tables and tables[name].raw.is_cheap
        else _written(frame, workspace / f"{name}.parquet")
        for name, frame in frames.items()
    }


def _written(frame: pl.LazyFrame, path: Path) -> pl.LazyFrame:
    with reading(path.name):
        frame.sink_parquet(path, compression="lz4", statistics=False)
    return pl.scan_parquet(path)


def _is_synthetic(settings: Settings) -> bool:
    folder = settings.data.path if settings.data else None
    return folder is not None and (folder / SYNTHETIC).is_file()
