"""Sums and counts of rows: the terms that add up from partners to roll-ups.

Those of the same rows are counted together in one scan, whatever their conditions are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import Field, bare
from kpi_lib.engine.relation import EngineFrame, collect
from kpi_lib.engine.scan import Scanner, as_measured, to_array
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.sums import exactly
from kpi_lib.engine.terms.term import CountedTerm, Term


@dataclass(frozen=True)
class Part(CountedTerm):
    """A sum of an expression over rows, or their number."""

    reduce: Literal["sum", "count"]
    of: Field | None = None

    @property
    def row_count(self) -> Part:
        """The number of rows that are counted, or that have something to add up."""
        if self.of is None:
            return self
        return replace(self, reduce="count", of=None, rows=self.rows.where(self.of.is_known()))

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(self.of.columns if self.of is not None else frozenset())

    @property
    def adds_up(self) -> bool:
        """Whether it counts what falls into the period."""
        return self.rows.view == "in period"

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, self.reduce, self.of.text if self.of is not None else "")

    @property
    def column(self) -> str:
        """The name of its column: what it is, in words; Spark takes a dot for a path."""
        return " ".join(word for word in self.key if word).replace(".", " ")

    @property
    def summand(self) -> nw.Expr:
        """What one row adds: its expression, or 1, where the condition holds."""
        condition = self.rows.condition
        if self.of is None:
            if condition is None:
                return nw.lit(1)
            return nw.when(condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
        value = self.of.build()
        return value if condition is None else nw.when(condition.build()).then(value)

    @classmethod
    def count(cls, members: Sequence[Part], cube: Cube) -> Iterable[np.ndarray]:
        """Return sum or count of each part, entities x periods, of the same rows in one scan."""
        together: dict[tuple[str, ...], list[Part]] = {}
        for part in members:
            together.setdefault(part.rows.base.key, []).append(part)
        frames = {
            view: cube.entities.roll_up(summed(cube.scanner, parts), ("slot",))
            for view, parts in together.items()
        }
        return (to_array(frames[p.rows.base.key], p.column, cube.shape) for p in members)

    def counted(self, cell: Cell) -> Counted:
        """Return the rows that are counted, or that have something to add up."""
        adds = nw.lit(1) if self.of is None else self.of.build()
        return counted(self.rows, cell.rows(self.rows, **{ADDS: adds}).drop_nulls(ADDS))

    def in_words(self) -> str:
        """Return the sum or the number, and the rows it is of."""
        of = self.of.text if self.of is not None else ""
        condition = self.rows.condition
        where = "" if condition is None else f" where {condition.text}"
        rows = f"rows of {self.rows.table}{where}"
        return f"sum of {of} over {rows}" if of else f"number of {rows}"

    def in_short(self, below: Term | None = None) -> str:
        """Return what is added up and of which table, and what sets it apart from `below`."""
        table = self.rows.table.replace("_", " ")
        what = table if self.of is None else f"{bare(self.of.text)} of {table}"
        return what + self._condition_apart(below)

    def _condition_apart(self, below: Term | None) -> str:
        """Return which of the rows below the line count, where they differ in that alone."""
        mine = self.rows.condition
        if not isinstance(below, Part) or mine is None or self.rows.base.key != below.rows.base.key:
            return ""
        theirs = below.rows.condition
        shared = "" if theirs is None else f"({theirs.text} and "
        if theirs is not None and not mine.text.startswith(shared):
            return ""
        extra = mine.text[len(shared) :].removesuffix(")") if shared else bare(mine.text)
        return f" with {bare(extra)}"


def summed(
    scanner: Scanner, parts: Sequence[Part], days: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return one row per partner_id and slot with a column for each part of the same rows.

    `days`: other spans of days than the periods, as `Calendar.days_frame` lays them; slots then
    are their numbers.
    """
    frame = scanner.rows(parts[0].rows.base, days)
    return _sums_by_grain(frame, ("partner_id", "slot"), {part.column: part for part in parts})


def grouped(
    scanner: Scanner, rows: Selection, keys: tuple[str, ...], sums: Mapping[str, Part]
) -> pl.DataFrame:
    """Return one row per partner_id, keys and slot, with the sums; null keys are left out."""
    frame = scanner.rows(rows)
    for key in keys:
        frame = frame.filter(~nw.col(key).is_null())
    # A partner_id can be a key as well: people are counted by partner and person.
    return _sums_by_grain(frame, tuple(dict.fromkeys(("partner_id", *keys, "slot"))), sums)


def _sums_by_grain(
    frame: EngineFrame, grain: tuple[str, ...], sums: Mapping[str, Part]
) -> pl.DataFrame:
    """Return one row per combination of the grain's columns, with the sum of each part."""
    # Row expressions first, bare columns reduced after: engines disagree on sums of conditions.
    laid = frame.select(*grain, **{name: part.summand for name, part in sums.items()})
    found = exactly(laid, sums).group_by(*grain).agg(*(nw.col(name).sum() for name in sums))
    floats = [name for name, kind in laid.collect_schema().items() if kind.is_float()]
    reduces = {name: part.reduce for name, part in sums.items()}
    return as_measured(collect(found), reduces).with_columns(pl.col(floats).cast(pl.Float64))
