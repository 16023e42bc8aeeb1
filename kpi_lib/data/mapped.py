"""A source with a mapping: its files, columns and codes turned into the contract's tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from kpi_lib.address import SourceName
from kpi_lib.data.contract import TABLES
from kpi_lib.data.csv_file import CsvForm
from kpi_lib.data.mapping import ColumnMap, MappingModel, TableMap, load_mapping, nearest
from kpi_lib.data.operations import Given, expression
from kpi_lib.data.raw import ROW, Raw, reading
from kpi_lib.data.schema import NUMBER, Table
from kpi_lib.data.sources import Source, collect_all
from kpi_lib.data.typed import UNREAD
from kpi_lib.errors import Problem, SettingsError, SourceError
from kpi_lib.yaml_file import in_order

KEY = "#key"


class MappedSource:
    """The tables that a mapping makes of another source."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
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

    def _read_files(self, workspace: Path) -> dict[str, Raw]:
        used = {
            name
            for table in self.mapping.tables.values()
            for name in (table.from_, table.join.header if table.join else table.from_)
        }

        def read(name: str) -> Raw:
            form = self.mapping.files[name]
            return self.source.read_file(
                form.file, CsvForm(form.delimiter, form.encoding), workspace
            )

        return collect_all(sorted(used), read)

    def _unknown_columns(self, plan: Plan) -> list[Problem]:
        base = f"tables.{plan.table.name}"
        named = [(f"{base}.group_by.{n}", c) for n, c in enumerate(plan.how.group_by)]
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


@dataclass(frozen=True)
class Plan:
    """One table of a mapping together with the files it is made of."""

    table: Table
    how: TableMap
    mapping: MappingModel
    files: Mapping[str, Raw]

    @property
    def place(self) -> str:
        """The files in words."""
        join = f" and {self.files[self.how.join.header].place}" if self.how.join else ""
        return f"{self.files[self.how.from_].place}{join}"

    @cached_property
    def given(self) -> dict[str, Given]:
        """The columns there are; those of a joined header as HEADER.COLUMN."""
        form = self.mapping.files[self.how.from_]
        found = {n: Given(n, t, form) for n, t in self.files[self.how.from_].columns.items()}
        if self.how.join:
            header = self.how.join.header
            form = self.mapping.files[header]
            for name, dtype in self.files[header].columns.items():
                found[f"{header}.{name}"] = Given(f"{header}.{name}", dtype, form)
        return found

    @cached_property
    def columns(self) -> dict[str, ColumnMap]:
        """What is made; without a list, the columns that have the contract's own names."""
        same = {name: ColumnMap(column=name) for name in self.table.columns if name in self.given}
        return self.how.columns or same

    def rows(self) -> pl.LazyFrame:
        """Return the mapped rows, not grouped yet, and what they are to be grouped by."""
        raw = self.files[self.how.from_].frame
        frame = _joined(raw, self.how, self.files) if self.how.join else raw
        kinds = {name: column.kind for name, column in self.table.columns.items()}
        return frame.select(
            ROW,
            *(expression(h, kinds[n], self.given).alias(n) for n, h in self.columns.items()),
            *(pl.col(name).alias(f"{KEY}{n}") for n, name in enumerate(self.how.group_by)),
        )


def _joined(raw: pl.LazyFrame, how: TableMap, files: Mapping[str, Raw]) -> pl.LazyFrame:
    """Return the lines, each with its header; refuse a header that stands twice."""
    assert how.join is not None
    header = files[how.join.header]
    theirs = list(how.join.on.values())
    _check_once(header, theirs)
    columns = {name: f"{how.join.header}.{name}" for name in header.columns}
    right = header.frame.drop(ROW).rename(columns)
    keys = [columns[name] for name in theirs]
    return raw.join(right, left_on=list(how.join.on), right_on=keys, how="left", coalesce=False)


def _check_once(header: Raw, keys: list[str]) -> None:
    """Refuse a header that stands twice: it would double its lines."""
    with reading(header.place):
        times = pl.len().over(keys).alias("times")
        rows = header.frame.select(ROW, *keys).drop_nulls().with_columns(times).collect()
    twice = rows.filter(pl.col("times") > 1).head(20)
    problems = [
        Problem(
            f"{header.place} row {row[ROW]}",
            f"header {', '.join(str(row[key]) for key in keys)} stands {row['times']} times",
            "A header stands once, or its lines would be doubled.",
        )
        for row in twice.iter_rows(named=True)
    ]
    if problems:
        raise SourceError(problems)


def _staged(plan: Plan, workspace: Path) -> Raw:
    rows = plan.rows()
    if plan.how.group_by:
        rows = _grouped(rows, plan)
    source = plan.files[plan.how.from_]
    staged = workspace / f"{plan.table.name}.mapped.parquet"
    with reading(plan.place):
        rows.sort(ROW).sink_parquet(staged, compression="lz4", statistics=False)
    prints = [source.fingerprint]
    faults = list(source.faults)
    if plan.how.join:
        prints.append(plan.files[plan.how.join.header].fingerprint)
        faults += plan.files[plan.how.join.header].faults
    return Raw(pl.scan_parquet(staged), plan.place, "+".join(prints), faults)


def _grouped(rows: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """Return one row a group; its number is that of its first unread value, or its first row."""
    keys = [f"{KEY}{n}" for n in range(len(plan.how.group_by))]
    unread = [
        pl.col(ROW).filter(_is_unread(name, how)).min().alias(f"unread:{name}")
        for name, how in plan.columns.items()
    ]
    grouped = rows.group_by(keys).agg(
        pl.col(ROW).min(),
        *unread,
        *(_aggregated(name, how, plan.table) for name, how in plan.columns.items()),
    )
    first_unread = pl.min_horizontal(f"unread:{name}" for name in plan.columns)
    row = pl.coalesce(first_unread, pl.col(ROW)).alias(ROW)
    return grouped.select(row, *plan.columns)


def _is_unread(name: str, how: ColumnMap) -> pl.Expr:
    """Whether a value spoils its group: it is marked so, or is to be summed and is no number."""
    text = pl.col(name).cast(pl.String)
    marked = text.str.starts_with(UNREAD)
    if how.aggregate != "sum":
        return marked
    return marked | (text.is_not_null() & text.cast(NUMBER, strict=False).is_null())


def _aggregated(name: str, how: ColumnMap, table: Table) -> pl.Expr:
    value = pl.col(name)
    if how.aggregate == "count":
        return value.count().cast(pl.String).alias(name)
    if how.aggregate in (None, "first"):
        return value.sort_by(ROW).first().cast(pl.String).alias(name)
    text = value.cast(pl.String)
    spoiled = text.filter(_is_unread(name, how)).first()
    ordered = text
    if how.aggregate == "sum" or table.columns[name].kind in ("number", "count"):
        ordered = text.cast(NUMBER, strict=False)
    result = {
        "sum": pl.when(ordered.count() > 0).then(ordered.sum()),
        "min": ordered.min(),
        "max": ordered.max(),
    }[str(how.aggregate)]
    return pl.coalesce(spoiled, result.cast(pl.String)).alias(name)
