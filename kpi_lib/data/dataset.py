"""The typed tables of a run: read, checked, left out where broken and allowed, converted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import polars as pl

from kpi_lib import paths
from kpi_lib.address import Address, SourceName
from kpi_lib.data.checks import Check, check_tables
from kpi_lib.data.contract import TABLES
from kpi_lib.data.currency import convert_amounts
from kpi_lib.data.faults import Fault, format_faults
from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.data.leave_out import leave_out
from kpi_lib.data.mapped import MappedSource
from kpi_lib.data.own_targets import OWN_TARGETS, read_own_targets
from kpi_lib.data.pinned_files import Held
from kpi_lib.data.preparation import Prepared, prepare
from kpi_lib.data.raw import ROW, raise_if_changed, reading, scanned
from kpi_lib.data.sources import Tables, open_source
from kpi_lib.data.unread import SYNTHETIC
from kpi_lib.errors import ContractError, Problem, SourceError
from kpi_lib.settings import Settings

NEEDED = {name: frozenset(table.columns) for name, table in TABLES.items()}
EXAMPLE = SourceName("Online Retail II, the example that ships with the project")
AT_MOST = 1000  # broken rows of a table that are looked at for a message
NO_KPI_FACTS: Mapping[str, KpiFacts] = {}
Rest = ParamSpec("Rest")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Dataset:
    """The tables of the contract that a source has, typed, lazy, in the reporting currency.

    `absent`: the columns that the source does not have, by table. `check`: what was found in it.
    `files`: those that are read anew with each query.
    """

    tables: Mapping[str, pl.LazyFrame]
    source: SourceName
    is_example: bool
    is_synthetic: bool
    left_out: Mapping[str, int]
    absent: Mapping[str, frozenset[str]]
    fingerprints: Mapping[str, str]
    check: Check = field(default_factory=lambda: Check({}), repr=False)
    files: tuple[Held, ...] = ()

    def raise_if_changed(self) -> AbstractContextManager[None]:
        """Let no figure out of the block if the data are changed while it is worked out.

        The rows that were checked are the rows that count.
        """
        return raise_if_changed(self.files)


def of_unchanged_data(
    function: Callable[Concatenate[Dataset, Rest], Result],
) -> Callable[Concatenate[Dataset, Rest], Result]:
    """Return a function of a dataset that raises SourceError where its files change meanwhile."""

    @wraps(function)
    def guarded(dataset: Dataset, /, *rest: Rest.args, **named: Rest.kwargs) -> Result:
        with dataset.raise_if_changed():
            return function(dataset, *rest, **named)

    return guarded


@dataclass(frozen=True)
class SourceRead:
    """A source, its tables and the company's own targets laid out for checking, and the rest."""

    source: Tables
    tables: dict[str, Prepared]
    unread: list[Fault]

    @property
    def fingerprints(self) -> dict[str, str]:
        """What the data are, table by table, as a run writes it down."""
        return {name: table.raw.fingerprint for name, table in self.tables.items()}


def check_dataset(
    settings: Settings,
    *,
    data: str | None = None,
    workspace: Path,
    kpis: Mapping[str, KpiFacts] = NO_KPI_FACTS,
) -> list[Fault]:
    """Return every fault and warning of the data, worst first.

    `kpis`: what is known of each KPI; without it the rules about KPIs are not asked.
    """
    return look_over(settings.with_data(data), workspace, kpis).faults()


def look_over(
    settings: Settings, workspace: Path, kpis: Mapping[str, KpiFacts] = NO_KPI_FACTS
) -> Check:
    """Return what is in the data and what was found in it, faults and warnings."""
    read = read_source(settings, workspace)
    return check_tables(read.tables, settings, kpis, read.unread)


def fingerprints_of(settings: Settings, workspace: Path) -> dict[str, str]:
    """Return what the data are now, table by table, as a run writes it down; nothing is checked."""
    return read_source(settings, workspace).fingerprints


def load_dataset(
    settings: Settings,
    *,
    data: str | None = None,
    allow_faults: bool = False,
    workspace: Path,
    kpis: Mapping[str, KpiFacts] = NO_KPI_FACTS,
) -> Dataset:
    """Return the data of a run; raise ContractError where they break the contract.

    With `allow_faults`, rows with faults, and rows that point to them, are left out and counted.
    """
    settings = settings.with_data(data)
    read = read_source(settings, workspace)
    return checked(read, settings, allow_faults=allow_faults, workspace=workspace, kpis=kpis)


def checked(
    read: SourceRead,
    settings: Settings,
    *,
    allow_faults: bool,
    workspace: Path,
    kpis: Mapping[str, KpiFacts] = NO_KPI_FACTS,
) -> Dataset:
    """Return what was read as the data of a run; raise ContractError as `load_dataset` does."""
    tables = read.tables
    check = check_tables(tables, settings, kpis, read.unread)
    if check.has_faults and not (allow_faults and _may_be_left_out(check)):
        raise _contract_error(check, allow_faults)
    frames = {name: table.typed for name, table in tables.items()}
    left_out: dict[str, int] = {}
    if check.has_faults:
        frames, left_out = leave_out(check.tables)
        _require_partners(frames["partners"], check)
    frames = {name: frame.drop(ROW) for name, frame in _own_targets_win(frames).items()}
    staged = _staged(frames, tables, workspace)
    return Dataset(
        convert_amounts(staged, settings.reporting_currency),
        EXAMPLE if settings.is_example else settings.source or read.source.words,
        settings.is_example,
        _is_synthetic(settings.data.path if settings.data else None),
        left_out,
        {name: tables[name].absent for name in frames if name in tables},
        read.fingerprints,
        check,
        tuple(file for table in tables.values() for file in table.raw.files),
    )


def read_source(settings: Settings, workspace: Path) -> SourceRead:
    """Return the source of the settings, read as it is at this moment; nothing is checked."""
    workspace.mkdir(parents=True, exist_ok=True)
    with closing(open_source(settings.data or Address(str(paths.example_data())))) as place:
        source: Tables = place
        if settings.mapping is not None:
            source = MappedSource(place, settings.mapping)
        tables = _laid_out(source, settings.folder, workspace)
        return SourceRead(source, tables, source.unread())


def _laid_out(source: Tables, params: Path, workspace: Path) -> dict[str, Prepared]:
    """Return the tables of a source and the company's own targets, laid out for checking."""
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
        own = read_own_targets(params, workspace)
        if own is not None:
            tables[OWN_TARGETS] = prepare(TABLES["targets"], own, OWN_TARGETS)
    except SourceError as error:
        problems += error.problems
    if problems:
        raise SourceError(problems)
    return tables


def _may_be_left_out(check: Check) -> bool:
    """Say whether leaving rows out mends all that is wrong.

    It does not mend a column that is missing, and a rate that is left out would silently put an
    older one in its place. Without a partner there is nothing to tell.
    """
    faults = [fault for table in check.tables.values() for fault in table.prepared.faults]
    rates, partners = check.tables.get("fx_rates"), check.tables["partners"]
    standing = not (rates and rates.has_faults) and not partners.is_empty
    return standing and all(f.row is not None for f in faults if f.severity == "fault")


def _require_partners(partners: pl.LazyFrame, check: Check) -> None:
    """Stop where every partner would be left out."""
    if not partners.select(pl.len()).collect().item():
        raise _contract_error(check, True)


def _contract_error(check: Check, allowed: bool) -> ContractError:
    """Return the error of data that break the contract: the first faults, and what to do."""
    shown_faults = [fault for fault in check.faults(AT_MOST) if fault.severity == "fault"]
    todo = "Mend the data: columns, exchange rates and all partners cannot be left out."
    if not allowed and _may_be_left_out(check):
        todo = (
            "Mend the data: `kpi check` shows all faults. Or leave their rows out, which `kpi run` "
            "and `kpi compute` do with --allow-faults."
        )
    found = "\n" + format_faults(shown_faults)
    in_all = check.count("fault")
    if in_all > len(shown_faults):
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
        if name in tables and not tables[name].raw.is_staged
        else _staged_as_parquet(frame, workspace / f"{name}.parquet")
        for name, frame in frames.items()
    }


def _staged_as_parquet(frame: pl.LazyFrame, path: Path) -> pl.LazyFrame:
    """Write a table to a Parquet file; return a scan of that file."""
    with reading(path.name):
        frame.sink_parquet(path, compression="lz4", statistics=False)
    return scanned(path)


def _is_synthetic(folder: Path | None) -> bool:
    return folder is not None and (folder / SYNTHETIC).is_file()
