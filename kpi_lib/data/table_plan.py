"""How one table of a mapping is made: the rows of a file, each once, with the header of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from kpi_lib.data.faults import ODD, Fault, counted
from kpi_lib.data.mapping import ColumnMap, MappingModel, TableMap
from kpi_lib.data.operations import Given, expression, text_of
from kpi_lib.data.pinned_files import Held
from kpi_lib.data.raw import ROW, Note, Raw, reading
from kpi_lib.data.schema import Table
from kpi_lib.data.twice import standing_twice
from kpi_lib.errors import Problem, SourceError

KEY = "#key"  # before the number of a column that rows are grouped by
MATCH = "#match"  # before the number of a column that a header is found by
FOUND = "#found"
REPEATED = "#repeated"
NAMED = 20  # rows that an error names


@dataclass(frozen=True)
class Plan:
    """One table of a mapping together with the files it is made of."""

    table: Table
    how: TableMap
    mapping: MappingModel
    files: Mapping[str, Raw]

    @property
    def lines(self) -> Raw:
        """The file whose rows become those of the table."""
        return self.files[self.how.from_]

    @property
    def parts(self) -> list[Raw]:
        """The files it is made of."""
        return [self.lines, *([self.files[self.how.join.header]] if self.how.join else [])]

    @property
    def files_read(self) -> tuple[Held, ...]:
        """The files that are read anew with each query."""
        return tuple(file for part in self.parts for file in part.files)

    @property
    def place(self) -> str:
        """The files in words."""
        return " and ".join(part.place for part in self.parts)

    @cached_property
    def given(self) -> dict[str, Given]:
        """The columns there are; those of a joined header as HEADER.COLUMN."""
        form = self.mapping.files[self.how.from_]
        found = {n: Given(n, t, form) for n, t in self.lines.columns.items()}
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

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """The file's columns that the mapping does not use; none where it lists columns itself."""
        return (
            ()
            if self.how.columns
            else tuple(n for n in self.lines.columns if n not in self.columns)
        )

    @property
    def notes(self) -> list[Note]:
        """What may be odd about a row as the source has it."""
        join = self.how.join
        if join is None:
            return []
        place = self.files[join.header].place
        return [Note("#note:join", ", ".join(join.on), f"finds no row in {place}")]

    @property
    def looks_for_repeats(self) -> bool:
        """Whether a row that is exported twice would be added up twice without a word."""
        return bool(self.how.group_by) and not self.how.key

    def rows(self) -> pl.LazyFrame:
        """Return the mapped rows, not grouped yet, what they are grouped by, and their notes."""
        frame = _first_of_each_key(self) if self.how.key else self.lines.frame
        frame = _with_repeats(frame) if self.looks_for_repeats else frame
        frame = _joined(frame, self) if self.how.join else frame
        kinds = {name: column.kind for name, column in self.table.columns.items()}
        return frame.select(
            ROW,
            *(expression(h, kinds[n], self.given).alias(n) for n, h in self.columns.items()),
            *(pl.col(name).alias(f"{KEY}{n}") for n, name in enumerate(self.how.group_by)),
            *(note.name for note in self.notes),
            *([REPEATED] if self.looks_for_repeats else []),
        )

    def delivered_again(self) -> list[Fault]:
        """Return a warning of rows that count once with others of their key, and of those without.

        A row without its whole key is like no other: delivered again, it counts again.
        """
        if not self.how.key:
            return []
        rows, kept, keyless = (
            frame.select(pl.len()).collect(engine="streaming").item()
            for frame in (
                self.lines.frame,
                _first_of_each_key(self),
                self.lines.frame.filter(~_has_key(self)),
            )
        )
        place, key = self.lines.place, ", ".join(self.how.key)
        again = f"{counted(rows - kept, 'row')} of {place} stood there already and counted once"
        without = f"{counted(keyless, 'row')} of {place} had no whole key ({key}), so each counted"
        found = [
            (rows - kept, again, "rows delivered again"),
            (keyless, without, "rows without key"),
        ]
        fault = Fault(self.table.name, None, "", "", severity="warning", rank=ODD)
        return [replace(fault, fault=text, kind=kind) for number, text, kind in found if number]


# --- rows that are delivered again ---------------------------------------------------------------


def _with_repeats(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows, marked where another one is the same in every column."""
    content = pl.struct(pl.exclude(ROW)).hash(seed=0)
    return rows.with_columns(content.is_in(standing_twice(rows, content).implode()).alias(REPEATED))


def _first_of_each_key(plan: Plan) -> pl.LazyFrame:
    """Return one row per key, the first; raise SourceError where another of it differs."""
    key, rows = list(plan.how.key), plan.lines.frame
    _refuse_others(plan)
    is_whole = _has_key(plan)
    once = rows.filter(is_whole).unique(subset=key, keep="first", maintain_order=True)
    return pl.concat([once, rows.filter(~is_whole)])


def _has_key(plan: Plan) -> pl.Expr:
    return pl.all_horizontal(pl.col(name).is_not_null() for name in plan.how.key)


def _refuse_others(plan: Plan) -> None:
    """Refuse rows of one key that differ in another column: nobody could say which counts."""
    key, rows = list(plan.how.key), plan.lines.frame.drop_nulls(list(plan.how.key))
    content = pl.struct(pl.exclude(ROW)).hash(seed=0)
    several = rows.group_by(key).agg((content.min() != content.max()).alias("differ"))
    others = rows.join(several.filter("differ"), on=key).select(ROW, *key)
    problems = [
        Problem(
            f"{plan.lines.place} row {number}",
            f"another row of the key {', '.join(str(value) for value in values)} differs from it",
            "Take more columns into `key`, or mend the export.",
        )
        for number, *values in others.sort(ROW).head(NAMED).collect().iter_rows()
    ]
    if problems:
        raise SourceError(problems)


# --- the header of each row ----------------------------------------------------------------------


def _joined(rows: pl.LazyFrame, plan: Plan) -> pl.LazyFrame:
    """Return the rows, each with its header, and noted where there is none.

    Keys of two types are compared as text: 1001 of a database is "1001" of a CSV file.
    """
    join = plan.how.join
    assert join is not None
    header = plan.files[join.header]
    _check_once(header, list(join.on.values()))
    right = header.frame.drop(ROW).rename({n: f"{join.header}.{n}" for n in header.columns})
    pairs = [(plan.given[o], plan.given[f"{join.header}.{t}"]) for o, t in join.on.items()]
    ours, theirs = ([_match(pair, side) for pair in pairs] for side in (0, 1))
    keys = [f"{MATCH}{number}" for number in range(len(pairs))]
    found = rows.with_columns(e.alias(k) for e, k in zip(ours, keys, strict=True)).join(
        right.with_columns(
            *(e.alias(k) for e, k in zip(theirs, keys, strict=True)), pl.lit(True).alias(FOUND)
        ),
        on=keys,
        how="left",
    )
    has_key = pl.all_horizontal(pl.col(key).is_not_null() for key in keys)
    missed = pl.when(has_key & pl.col(FOUND).is_null())
    key_text = pl.concat_str([pl.col(key).cast(pl.String) for key in keys], separator=", ")
    (note,) = plan.notes
    return found.with_columns(missed.then(key_text).alias(note.name))


def _match(pair: tuple[Given, Given], side: int) -> pl.Expr:
    """Return what a column of a pair is compared by."""
    column = pair[side]
    return pl.col(column.name) if pair[0].dtype == pair[1].dtype else text_of(column)


def _check_once(header: Raw, keys: list[str]) -> None:
    """Refuse a header that stands twice: it would double its rows."""
    with reading(header.place, header.files):
        times = pl.len().over(keys).alias("times")
        rows = header.frame.select(ROW, *keys).drop_nulls().with_columns(times).collect()
    twice = rows.filter(pl.col("times") > 1).head(NAMED)
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
