"""A source with a mapping: its files, columns and codes turned into the contract's tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kpi_lib.address import SourceName
from kpi_lib.data.contract import TABLES
from kpi_lib.data.csv_text import CsvForm
from kpi_lib.data.faults import Fault
from kpi_lib.data.grouped import grouped
from kpi_lib.data.mapping import load_mapping, nearest
from kpi_lib.data.raw import ROW, Raw, reading, scanned
from kpi_lib.data.sources import Source, collect_all
from kpi_lib.data.table_plan import Plan
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.yaml_file import in_order


class MappedSource:
    """The tables that a mapping makes of another source; `path`: the mapping's YAML file."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source, self.file = source, path.name
        self.mapping, self.yaml = load_mapping(path)
        self.words = SourceName(f"{source.words} through {path.name}")

    def read_tables(self, tables: Mapping[str, frozenset[str]], workspace: Path) -> dict[str, Raw]:
        """Return the tables of the mapping, staged; no other table is looked for."""
        files = self._read_files(workspace)
        plans = {
            name: Plan(TABLES[name], table, self.mapping, files)
            for name, table in self.mapping.tables.items()
        }
        problems = [problem for plan in plans.values() for problem in self._unknown_columns(plan)]
        if problems:
            raise SettingsError(in_order(problems))
        return collect_all(plans, lambda name: _staged(plans[name], workspace))

    def near(self, table: str) -> str:
        """Return what the mapping makes."""
        return f"The mapping makes: {', '.join(self.mapping.tables)}."

    def unread(self) -> list[Fault]:
        """Return a warning for each file from which the mapping makes nothing."""
        used = {self.mapping.files[name].file for name in self._used}
        return self.source.unmapped(used, self.file)

    @property
    def _used(self) -> set[str]:
        tables = self.mapping.tables.values()
        return {t.from_ for t in tables} | {t.join.header for t in tables if t.join}

    def _read_files(self, workspace: Path) -> dict[str, Raw]:
        """Return the files that the mapping's tables use, by their name in the mapping."""

        def read(name: str) -> Raw:
            written = self.mapping.files[name]
            form = CsvForm(
                delimiter=written.delimiter,
                encoding=written.encoding,
                header_line=written.header_line,
                expects=frozenset(self._named_of(name)),
            )
            return self.source.read_file(written.file, form, workspace)

        return collect_all(sorted(self._used), read)

    def _named_of(self, file: str) -> Iterator[str]:
        """Yield the columns of a file that the mapping names; without a list, the contract's."""
        for name, table in self.mapping.tables.items():
            header = table.join.header if table.join else ""
            named = {*table.named, *(() if table.columns else TABLES[name].columns)}
            of_header = {n.removeprefix(f"{header}.") for n in named if n.startswith(f"{header}.")}
            if table.from_ == file:
                yield from named
            if table.join and header == file:
                yield from {*of_header, *table.join.on.values()}

    def _unknown_columns(self, plan: Plan) -> list[Problem]:
        """Return a problem for each column that the mapping names and the file does not have."""
        base = f"tables.{plan.table.name}"
        named = [(f"{base}.group_by.{n}", c) for n, c in enumerate(plan.how.group_by)]
        named += [(f"{base}.key.{n}", c) for n, c in enumerate(plan.how.key)]
        named += [
            (f"{base}.columns.{target}", source)
            for target, how in plan.columns.items()
            for source in how.sources
        ]
        join = plan.how.join
        if join:
            named += [(f"{base}.join.on.{ours}", ours) for ours in join.on]
            named += [(f"{base}.join.on.{o}", f"{join.header}.{t}") for o, t in join.on.items()]
        return [
            Problem(
                self.yaml.where(key),
                f"there is no column {name!r} in {plan.place}",
                nearest(name, plan.given),
            )
            for key, name in named
            if name not in plan.given
        ]


def _staged(plan: Plan, workspace: Path) -> Raw:
    """Return a table of the mapping, written to the workspace, with what is odd about its rows."""
    staged = workspace / f"{plan.table.name}.mapped.parquet"
    with reading(plan.place, plan.files_read):
        again = plan.delivered_again()
        rows, notes = plan.rows(), plan.notes
        if plan.how.group_by:
            rows, notes = grouped(rows, plan)
        rows.sort(ROW).sink_parquet(staged, compression="lz4", statistics=False)
    parts = plan.parts
    faults = [*(fault for part in parts for fault in part.faults), *again]
    prints = "+".join(part.fingerprint for part in parts)
    return Raw(
        scanned(staged), plan.place, prints, faults, others=plan.unused_columns, notes=tuple(notes)
    )
