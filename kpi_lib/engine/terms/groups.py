"""Groups of a scope's rows, such as its customers: never added up, counted again in each scope.

A customer of two partners is one customer of their type. So the groups of each partner are read
once, ids become numbers, and every scope groups them anew, a share at a time to bound memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar, Lag
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import Field, bare, things
from kpi_lib.engine.numbering import GROUP, numbered, of_owners, whole_groups
from kpi_lib.engine.scan import to_array
from kpi_lib.engine.selection import Selection, joined
from kpi_lib.engine.shares import ADDS, OF_PERIOD, Counted, counted, once_each
from kpi_lib.engine.sums import add_up
from kpi_lib.engine.terms.additive import Part, grouped
from kpi_lib.engine.terms.term import CountedTerm, Term

YEAR_AGO = "_year_ago"  # what a grouped column is called as it stood in the same period a year ago
NUMBER = "__"  # before a sum of a group, beside the table's own columns


@dataclass(frozen=True)
class Groups:
    """The groups of a scope's rows in a period, such as its customers, with sums for each.

    Never added up from partner to roll-up: a customer of two partners is one customer of both.
    A column `NAME_year_ago` holds the group's sum of the same period a year ago.
    """

    rows: Selection
    keys: tuple[str, ...]
    sums: Mapping[str, Part]

    def count(self, condition: Field) -> GroupPart:
        """Count the groups for which the condition holds."""
        return GroupPart(self.rows, self, condition, None)

    def sum(self, of: Field, condition: Field) -> GroupPart:
        """Add up an expression over the groups for which the condition holds."""
        return GroupPart(self.rows, self, condition, of)

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes these groups from others."""
        sums = (f"{name}={':'.join(part.key)}" for name, part in self.sums.items())
        return (*self.rows.key, *self.keys, *sums)

    def read_by(self, names: frozenset[str]) -> dict[str, Part]:
        """Return the sums of which one of the columns is read, of this year or a year ago."""
        return {n: of for n, of in self.sums.items() if {n, n + YEAR_AGO} & names}


@dataclass(frozen=True)
class GroupPart(CountedTerm):
    """The number of groups for which a condition holds, or the sum of an expression over them."""

    groups: Groups
    condition: Field
    of: Field | None

    @property
    def row_count(self) -> GroupPart:
        """The number of groups."""
        return self if self.of is None else replace(self, of=None)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        needed = self.rows.needs(frozenset(self.groups.keys))
        return joined(needed, *(part.needs for part in self.groups.read_by(self.reads).values()))

    @property
    def adds_up(self) -> bool:
        """Whether it counts what falls into the period."""
        return self.rows.view == "in period"

    @property
    def lags(self) -> frozenset[Lag]:
        """The year ago, where it reads what a group was then."""
        return frozenset({"year_ago"} if self.looks_back else ())

    @property
    def looks_back(self) -> bool:
        """Whether it reads what a group was a year ago."""
        return any(YEAR_AGO in name for name in self.reads)

    @property
    def reads(self) -> frozenset[str]:
        """The columns of the groups that it reads."""
        return self.condition.columns | (self.of.columns if self.of is not None else frozenset())

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        of = self.of.text if self.of is not None else ""
        return (*self.groups.key, "of", self.condition.text, of)

    @classmethod
    def count(cls, members: Sequence[GroupPart], cube: Cube) -> Iterator[np.ndarray]:
        """Return number or sum of each part, entities x periods, of the same groups in one scan."""
        together: dict[tuple[str, ...], list[GroupPart]] = {}
        for part in members:
            together.setdefault(part.groups.key, []).append(part)
        arrays = {
            part.key: array
            for parts in together.values()
            for part, array in zip(parts, _count_together(parts, cube), strict=True)
        }
        return (arrays[part.key] for part in members)

    def counted(self, cell: Cell) -> Counted:
        """Return the rows of the groups that count: those of the period, and of a year ago too."""
        frames = [self._rows_read(cell, "")]
        if any(name.endswith(YEAR_AGO) for name in self.reads):
            frames.insert(0, self._rows_read(cell.lagged("year_ago"), YEAR_AGO))
        rows = pl.concat(frames, how="diagonal_relaxed")
        keys, read = list(self.groups.keys), sorted(self.reads)
        sums = rows.group_by(keys).agg(pl.col(NUMBER + n).sum().alias(n) for n in read)
        counting = self._that_count(sums.with_columns(pl.col(read).fill_null(0)))
        mine = rows.join(counting.select(*keys, ADDS), on=keys, how="inner", maintain_order="left")
        if self.of is not None and self.of.text in read:  # a sum of sums: each row adds its own
            mine = mine.with_columns(pl.col(NUMBER + self.of.text).fill_null(0).alias(ADDS))
        else:
            mine = once_each(mine, keys, pl.col(ADDS))
        return counted(self.rows, mine.drop(NUMBER + n for n in read))

    def _rows_read(self, cell: Cell, suffix: str) -> pl.DataFrame:
        """Return the rows that the sums read, with what each adds to them, in one period."""
        sums = {n: s for n, s in self.groups.sums.items() if n + suffix in self.reads}
        if cell.slot < 0 or not sums:
            return pl.DataFrame()
        laid = {NUMBER + name + suffix: of.summand for name, of in sums.items()}
        frame = cell.rows(self.rows, **laid).drop_nulls(self.groups.keys)
        serves = [
            pl.col(NUMBER + name + suffix) == 1
            if of.reduce == "count"
            else pl.col(NUMBER + name + suffix).is_not_null()
            for name, of in sums.items()
        ]
        of_period = pl.lit(cell.period).alias(OF_PERIOD)
        return frame.filter(pl.any_horizontal(serves)).with_columns(of_period)

    def _that_count(self, sums: pl.DataFrame) -> pl.DataFrame:
        """Return the groups for which the condition holds, with what each adds."""
        laid = nw.from_native(sums).filter(self.condition.build())
        adds = nw.lit(1) if self.of is None else self.of.build()
        return laid.with_columns(adds.alias(ADDS)).to_native()

    def in_words(self) -> str:
        """Return the sum or the number, what the groups are, and what holds of them."""
        of = f"sum of {self.of.text} over" if self.of is not None else "number of"
        return f"{of} distinct {', '.join(self.groups.keys)} with {self.condition.text}"

    def in_short(self, below: Term | None = None) -> str:
        """Return what the groups are, or what is added up by which."""
        if self.of is None:
            return f"{things(*self.groups.keys)} with {bare(self.condition.text)}"
        return f"{bare(self.of.text)} by {', '.join(self.groups.keys)}"


def _count_together(parts: Sequence[GroupPart], cube: Cube) -> list[np.ndarray]:
    """Return how many groups fulfil each part: one array of entities x periods for each.

    All parts are of the same groups, which are read once.
    """
    groups, totals = parts[0].groups, [np.zeros(cube.shape) for _ in parts]
    sums = groups.read_by(frozenset().union(*(part.reads for part in parts)))
    found = grouped(cube.scanner, groups.rows, groups.keys, sums)
    looks_back = any(part.looks_back for part in parts)
    for share in whole_groups(numbered(found, cube.entities, groups.keys)):
        laid = _with_year_ago(share, list(sums), cube.calendar) if looks_back else share
        for owners in cube.entities.owners.values():
            measured = _measure(_groups_by_entity(laid, owners, cube.shape[1]), parts)
            for i, total in enumerate(totals):
                total += to_array(measured, str(i), cube.shape)
    return totals


def _with_year_ago(base: pl.DataFrame, names: list[str], calendar: Calendar) -> pl.DataFrame:
    """Return the groups with their sums of the year ago beside them, and those of then only."""
    later = {int(then): now for now, then in enumerate(calendar.year_ago) if then >= 0}
    moved = (
        base.filter(pl.col("slot").is_in(list(later)))
        .with_columns(pl.col("slot").replace_strict(later, return_dtype=pl.Int32))
        .rename({name: name + YEAR_AGO for name in names})
    )
    both = base.join(moved, on=["partner", GROUP, "slot"], how="full", coalesce=True)
    return both.with_columns(pl.exclude("partner", GROUP, "slot").fill_null(0))


def _groups_by_entity(laid: pl.DataFrame, owners: np.ndarray, slots: int) -> pl.DataFrame:
    """Return the groups of each entity of one scope: index, slot and the sums."""
    size = 1 + int(laid[GROUP].to_numpy().max(initial=0))
    mine = of_owners(laid, owners)
    key = ((pl.col("index") * size + pl.col(GROUP)) * slots + pl.col("slot")).alias("key")
    sums = mine.select(key, pl.exclude("partner", "index", "slot", GROUP)).group_by("key").sum()
    index_of_key = (pl.col("key") // (size * slots)).alias("index")
    return sums.select(index_of_key, (pl.col("key") % slots).alias("slot"), pl.exclude("key"))


def _measure(frame: pl.DataFrame, parts: Sequence[GroupPart]) -> pl.DataFrame:
    """Return one row per entity and slot with what each part makes of the groups."""
    columns = [str(i) for i in range(len(parts))]
    expressions = {str(i): _contribution(part) for i, part in enumerate(parts)}
    laid = nw.from_native(frame).with_columns(**expressions)
    native = nw.to_native(laid.select("index", "slot", *columns))
    return add_up(native, ("index", "slot"))


def _contribution(part: GroupPart) -> nw.Expr:
    """Return what a row adds to its group: 1 where it is counted, or the column summed."""
    if part.of is None:
        return nw.when(part.condition.build()).then(nw.lit(1)).otherwise(nw.lit(0))
    return nw.when(part.condition.build()).then(part.of.build())
