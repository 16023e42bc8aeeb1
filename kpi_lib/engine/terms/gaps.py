"""Days between one order day of a customer and the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import narwhals.stable.v2 as nw
import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.numbering import GROUP, numbered, whole_groups
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.shares import ADDS, Counted, counted
from kpi_lib.engine.terms.term import CountedTerm, Term

BEFORE = "_before"  # the day that a gap begins on, named after the day that it ends on


@dataclass(frozen=True)
class Gaps(CountedTerm):
    """Days between consecutive distinct days of one key (a customer), in the scope.

    The rows are of the view "so far". A gap belongs to the period of its later day; the earlier
    one may lie before it.
    """

    by: str
    day: str
    reduce: Literal["sum", "count"] = "sum"

    @property
    def row_count(self) -> Gaps:
        """The number of gaps."""
        return self if self.reduce == "count" else replace(self, reduce="count")

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({self.by, self.day}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "gaps", self.by, self.day, self.reduce)

    @classmethod
    def count(cls, members: Sequence[Gaps], cube: Cube) -> Iterator[np.ndarray]:
        """Return sum (in days) or number of gaps, entities x periods, of the same in one scan."""
        together = {part.key[:-1]: part for part in members}
        totals = {key: _sum_and_number(part, cube) for key, part in together.items()}
        return (totals[part.key[:-1]][part.reduce] for part in members)

    def counted(self, cell: Cell) -> Counted:
        """Return the rows that end a gap, one for each, with the day that it began on."""
        frame = cell.rows(replace(self.rows, view="ever")).drop_nulls([self.by, self.day])
        days = frame.unique([self.by, self.day], keep="first", maintain_order=True)
        days = days.sort(self.by, self.day).with_columns(
            pl.col(self.day).shift().over(self.by).cast(pl.Int32).alias(self.day + BEFORE)
        )
        ended = days.drop_nulls(self.day + BEFORE).filter(cell.falls_into(self.day))
        gap = pl.col(self.day) - pl.col(self.day + BEFORE)
        adds = gap if self.reduce == "sum" else pl.lit(1)
        found = counted(self.rows, ended.with_columns(adds.alias(ADDS)))
        typed = found.rows.with_columns(pl.col(self.day + BEFORE).cast(pl.Date))
        return replace(found, rows=typed)

    def in_words(self) -> str:
        """Return the sum or the number, and what the days lie between."""
        what = "sum of" if self.reduce == "sum" else "number of"
        return f"{what} days between consecutive {self.day} of a {self.by}"

    def in_short(self, below: Term | None = None) -> str:
        """Return what is counted."""
        return "gaps" if self.reduce == "count" else f"days between two {self.day}"


def _sum_and_number(gaps: Gaps, cube: Cube) -> dict[str, np.ndarray]:
    """Return the sum ("sum") and number ("count") of the gaps between days, entities x periods."""
    rows = numbered(_days(gaps, cube.scanner), cube.entities, (gaps.by,))
    totals = {name: np.zeros(cube.shape) for name in ("sum", "count")}
    if rows.is_empty():
        return totals
    for share in whole_groups(rows):
        partner, group, day = (share[name].to_numpy() for name in ("partner", GROUP, gaps.day))
        for owners in cube.entities.owners.values():
            index = owners[partner]
            mine = index >= 0
            _add_gaps(totals, index[mine], group[mine], day[mine], cube.calendar)
    return totals


def _days(gaps: Gaps, scanner: Scanner) -> pl.DataFrame:
    """Return partner_id, group and day of each row, as often as they stand there.

    Days that repeat fall together when they are sorted: no need to sift them here.
    """
    frame = scanner.rows(replace(gaps.rows, view="ever"))
    known = frame.filter(~nw.col(gaps.by).is_null())
    return collect(known.select("partner_id", gaps.by, gaps.day))


def _add_gaps(
    totals: dict[str, np.ndarray],
    index: np.ndarray,
    group: np.ndarray,
    day: np.ndarray,
    calendar: Calendar,
) -> None:
    """Add the gaps of one scope's groups, by the period of their later day."""
    if not len(day):
        return
    first = int(day.min())
    span, groups = int(day.max() - first).bit_length(), int(group.max()).bit_length()
    # One integer a row, of owner, group and day in their own bits, sorts fastest.
    keys = np.sort((((index << groups) | group) << span) | (day - first))
    when = keys & ((1 << span) - 1)
    gap = np.diff(when)
    slot = calendar.slot_of(when[1:] + first)
    # Rows of one day are one day; a day outside the calendar ends no gap.
    counted = (np.diff(keys >> span) == 0) & (gap > 0) & (slot >= 0)
    cell = (keys[1:][counted] >> (span + groups)) * len(calendar.periods) + slot[counted]
    shape = totals["sum"].shape
    size = shape[0] * shape[1]
    totals["sum"] += np.bincount(cell, weights=gap[counted], minlength=size).reshape(shape)
    totals["count"] += np.bincount(cell, minlength=size).reshape(shape)
