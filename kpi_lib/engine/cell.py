"""Cells: one entity in one period of a run, and the rows that count there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Lag
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.relation import EngineFrame, collect
from kpi_lib.engine.selection import Selection

STANDING = ("kpi", "value", "target", "minimum", "variance", "status")


@dataclass(frozen=True)
class Cell:
    """An entity and a period of a run; `slot` is -1 outside its periods.

    `standing`: the KPI table of the run, with each KPI's family, of all KPIs that goals count.
    `among`: only what belongs to these partners counts.
    """

    cube: Cube
    standing: pl.LazyFrame
    index: int
    slot: int
    among: tuple[str, ...] | None = None

    @property
    def entities(self) -> Entities:
        """The entities of the run."""
        return self.cube.entities

    @property
    def scope(self) -> str:
        """The scope of the entity."""
        return str(self.entities.frame["scope"][self.index])

    @property
    def entity(self) -> str:
        """The entity's name."""
        return str(self.entities.frame["entity"][self.index])

    @property
    def period(self) -> str:
        """The period's name."""
        return str(self.cube.calendar.periods[self.slot])

    @property
    def first(self) -> int:
        """The period's first day, as a day number."""
        return int(self.cube.calendar.starts[self.slot])

    @property
    def last(self) -> int:
        """The last of its days that counts, as a day number."""
        return int(self.cube.calendar.lasts[self.slot])

    def lagged(self, lag: Lag) -> Cell:
        """Return the cell of the same entity in the period before, or a year ago."""
        return replace(self, slot=int(self.cube.calendar.neighbour(lag)[self.slot]))

    def of(self, scope: str) -> Cell:
        """Return the cell of the whole company, or of direct business, in the same period."""
        return replace(self, index=self.entities.index_of(scope))

    def only(self, partners: Iterable[str]) -> Cell:
        """Return the cell with what belongs to these partners alone."""
        return replace(self, among=tuple(partners))

    @property
    def partners(self) -> tuple[str, ...]:
        """The partners whose rows count here."""
        if self.among is not None:
            return self.among
        members = self.entities.membership.filter(index=self.index)["partner_id"]
        return tuple(members.drop_nulls())

    def rows(self, rows: Selection, **laid: nw.Expr) -> pl.DataFrame:
        """Return the rows of this cell, as known on its last day, with the columns `laid`.

        One row for each of the table, in order of day and key, with every column of the contract
        that is there, and what was looked up or computed beside them; days as day numbers. Of the
        view "ever": of all periods.
        """
        frame = self.cube.scanner.rows(rows)
        if rows.view != "ever":
            frame = frame.filter(nw.col("slot") == self.slot)
        frame = self.own(frame)
        present = frame.collect_schema().names()
        beside = [name for lookup in rows.lookups for name in lookup.names]
        named = ["partner_id", *TABLES[rows.table].columns, *beside, *(n for n, _ in rows.computed)]
        kept = dict.fromkeys(name for name in named if name in present)
        order = [TABLES[rows.table].main_date or "partner_id", *TABLES[rows.table].key]
        found = collect(frame.select(*kept, **laid))
        return found.sort([name for name in order if name in found.columns])  # engines have none

    def own(self, frame: EngineFrame) -> EngineFrame:
        """Keep of rows with a partner_id those that count here."""
        owner = nw.col("partner_id")
        if self.among is None and self.scope == "company":
            return frame
        if self.among is None and self.scope in ("direct", "portfolio"):
            return frame.filter(owner.is_null() if self.scope == "direct" else ~owner.is_null())
        return frame.filter(owner.is_in(self.partners))

    def own_standing(self) -> pl.DataFrame:
        """Return the entity's KPIs that goals count, with value, target, status and family."""
        own = self.standing.filter(scope=self.scope, entity=self.entity)
        return own.select(*STANDING, "family").collect()

    def falls_into(self, day: str) -> pl.Expr:
        """Return whether a column of day numbers lies in the period so far."""
        return (pl.col(day) >= self.first) & (pl.col(day) <= self.last)
