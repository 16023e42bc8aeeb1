"""Places in a run: an entity and a period, the terms' figures there and the rows they stand on."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.formula import Lag, Rows, Term
from kpi_lib.engine.relation import collect
from kpi_lib.measure.compute import Results, Working


@dataclass(frozen=True)
class Place:
    """An entity and a period of a run; `slot` is -1 outside its periods.

    `among`: only what belongs to these partners counts.
    """

    results: Results
    working: Working
    index: int
    slot: int
    among: tuple[str, ...] | None = None

    @classmethod
    def at(cls, results: Results, working: Working, scope: str, entity: str) -> Place:
        """Return where an entity stands in the run's own period."""
        index = working.cube.entities.index_of(scope, entity)
        return cls(results, working, index, working.cube.calendar.now)

    @property
    def entities(self) -> Entities:
        """The entities of the run."""
        return self.working.cube.entities

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
        return str(self.working.cube.calendar.periods[self.slot])

    @property
    def first(self) -> int:
        """The period's first day, as a day number."""
        return int(self.working.cube.calendar.starts[self.slot])

    @property
    def last(self) -> int:
        """The last of its days that counts, as a day number."""
        return int(self.working.cube.calendar.lasts[self.slot])

    def lagged(self, lag: Lag) -> Place:
        """Return the same place in the period before, or a year ago."""
        source = self.working.cube.calendar.neighbour(lag)
        return replace(self, slot=int(source[self.slot]))

    def of(self, scope: str) -> Place:
        """Return the whole company, or direct business, in the same period."""
        return replace(self, index=self.entities.index_of(scope))

    def only(self, partners: Iterable[str]) -> Place:
        """Return the place with what belongs to these partners alone."""
        return replace(self, among=tuple(partners))

    def value(self, term: Term) -> float:
        """Return the figure of a term here, NaN where there is none."""
        return math.nan if self.slot < 0 else float(self._figures(term)[self.index, self.slot])

    def values_of_partners(self, term: Term) -> dict[str, float]:
        """Return a term's figure of each partner of this place that has one."""
        figures = self._figures(term)[:, self.slot]
        own = self.entities.frame.filter(scope="partner").select("entity", "index").iter_rows()
        told = {entity: float(figures[index]) for entity, index in own}
        return {p: told[p] for p in self.partners if not math.isnan(told[p])}

    def _figures(self, term: Term):  # type: ignore[no-untyped-def]
        return self.working.cube.of(term)

    @property
    def partners(self) -> tuple[str, ...]:
        """The partners whose rows count here."""
        if self.among is not None:
            return self.among
        members = self.entities.membership.filter(index=self.index)["partner_id"]
        return tuple(members.drop_nulls())

    def rows(self, rows: Rows, **laid: nw.Expr) -> pl.DataFrame:
        """Return the rows of this place, as known on its last day, with the columns `laid`.

        One row for each of the table, in order of day and key, with every column of the contract
        that is there, and what was looked up or computed beside them; days as day numbers. Of the
        view "ever": of all periods.
        """
        frame = self.working.cube.scanner.rows(rows)
        if rows.view != "ever":
            frame = frame.filter(nw.col("slot") == self.slot)
        frame = self.mine(frame)
        present = frame.collect_schema().names()
        beside = [name for lookup in rows.lookups for name in lookup.names]
        named = ["partner_id", *TABLES[rows.table].columns, *beside, *(n for n, _ in rows.computed)]
        kept = dict.fromkeys(name for name in named if name in present)
        order = [TABLES[rows.table].main_date or "partner_id", *TABLES[rows.table].key]
        told = collect(frame.select(*kept, **laid))
        return told.sort([name for name in order if name in told.columns])  # engines have none

    def mine(self, frame: nw.LazyFrame) -> nw.LazyFrame:
        """Keep of rows with a partner_id those that count here."""
        owner = nw.col("partner_id")
        if self.among is None and self.scope == "company":
            return frame
        if self.among is None and self.scope in ("direct", "portfolio"):
            return frame.filter(owner.is_null() if self.scope == "direct" else ~owner.is_null())
        return frame.filter(owner.is_in(self.partners))
