"""Groups by their last day: an order is judged once, in the period of its last promised day.

They are counted once a group, however many periods there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.fields import Field, things
from kpi_lib.engine.numbering import GROUP, numbered, of_owners
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.shares import Counted, counted, once_each
from kpi_lib.engine.terms.term import CountedTerm, Term

NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class ByLastDay(CountedTerm):
    """The groups (orders) whose last `day` among a scope's rows lies in the period.

    The rows are of the view "ever". `kept`: only those all of whose rows hold `keeps`. A group
    counts no longer where the day in the column `void_since` has come.
    """

    by: str
    day: str
    keeps: Field
    void_since: str
    kept: bool = False

    @property
    def row_count(self) -> ByLastDay:
        """Itself: it is a count."""
        return self

    def that_keep(self) -> ByLastDay:
        """Count only the groups all of whose rows hold `keeps`."""
        return replace(self, kept=True)

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        read = self.keeps.columns | {self.by, self.day, self.void_since}
        return self.rows.needs(frozenset(read))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.group_key, "kept" if self.kept else "all")

    @property
    def group_key(self) -> tuple[str, ...]:
        """What distinguishes its groups from others: parts of the same are counted together."""
        texts = (self.keeps.text, self.void_since)
        return (*self.rows.key, "by last day", self.by, self.day, *texts)

    @classmethod
    def count(cls, members: Sequence[ByLastDay], cube: Cube) -> Iterator[np.ndarray]:
        """Return the groups of each, entities x periods; all and kept ones in one scan."""
        together = {part.group_key: part for part in members}
        totals = {key: _all_and_kept(part, cube) for key, part in together.items()}
        return (totals[part.group_key][part.kept] for part in members)

    def counted(self, cell: Cell) -> Counted:
        """Return all rows of the groups that count."""
        frame = cell.rows(self.rows, __keeps=self.keeps.build()).drop_nulls(self.by)
        last = pl.col(self.day).max().over(self.by)
        void = pl.col(self.void_since).min().over(self.by)
        counts = (last >= cell.first) & (last <= cell.last)
        counts &= void.is_null() | (void > cell.last)
        if self.kept:
            counts &= pl.col("__keeps").fill_null(False).all().over(self.by)
        return counted(self.rows, once_each(frame.filter(counts).drop("__keeps"), [self.by]))

    def in_words(self) -> str:
        """Return the count in words."""
        groups = f"number of {self.by} whose last {self.day} lies in the period"
        return f"{groups}, with {self.keeps.text} in every row" if self.kept else groups

    def in_short(self, below: Term | None = None) -> str:
        """Return what is counted."""
        return things(self.by)


def _all_and_kept(part: ByLastDay, cube: Cube) -> list[np.ndarray]:
    """Return the number of groups, and of those kept: two arrays of entities x periods."""
    rows = numbered(_last_days(part, cube.scanner), cube.entities, (part.by,))
    totals = [np.zeros(cube.shape), np.zeros(cube.shape)]
    if rows.is_empty():
        return totals
    shared = rows[GROUP].is_duplicated()
    own, of_several = rows.filter(~shared), rows.filter(shared)
    for owners in cube.entities.owners.values():
        # What only one partner has a part in is the same group in all of its scopes.
        _add_counts(totals, of_owners(own, owners), cube.calendar)
        _add_counts(totals, _merged(of_owners(of_several, owners)), cube.calendar)
    return totals


def _last_days(part: ByLastDay, scanner: Scanner) -> pl.DataFrame:
    """Return one row per partner_id and group: day, void_since, and rows, all and keeping.

    A null group is none.
    """
    frame = scanner.rows(part.rows).filter(~nw.col(part.by).is_null())
    grain = dict.fromkeys(("partner_id", part.by))
    laid = frame.select(
        *grain,
        day=nw.col(part.day),
        void_since=nw.col(part.void_since),
        rows=nw.lit(1),
        keeping=nw.when(part.keeps.build()).then(nw.lit(1)).otherwise(nw.lit(0)),
    )
    last = (nw.col("day").max(), nw.col("void_since").min(), nw.col("rows", "keeping").sum())
    found = collect(laid.group_by(*grain).agg(*last))
    return found.with_columns(pl.col("day", "void_since", "rows", "keeping").cast(pl.Int32))


def _merged(rows: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each entity and group."""
    last = (pl.col("day").max(), pl.col("void_since").min())
    return rows.group_by("index", GROUP).agg(*last, pl.col("rows", "keeping").sum())


def _add_counts(totals: list[np.ndarray], groups: pl.DataFrame, calendar: Calendar) -> None:
    """Add to two totals (entities x periods) the groups, and those that keep all rows."""
    days = groups["day"].to_numpy()
    if not len(days):
        return
    slot = calendar.slot_of(days)
    void_since = groups["void_since"].fill_null(NEVER).to_numpy()
    counted = (slot >= 0) & (void_since > calendar.lasts[slot])
    kept = counted & (groups["rows"] == groups["keeping"]).to_numpy()
    shape = totals[0].shape
    cell = groups["index"].to_numpy() * shape[1] + slot
    for total, which in zip(totals, (counted, kept), strict=True):
        total += np.bincount(cell[which], minlength=total.size).reshape(shape)
