"""The cube: what was counted of every entity and period, and what terms look up beside it.

Arrays are entities x periods. A cell without rows is 0; NaN says that there is no figure, because
the scope has none (direct business in a table of partners), a period lies outside the calendar, or
a division has nothing above 0 below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar, Lag
from kpi_lib.engine.coverage import Coverage, covers
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.engine.scan import Scanner
from kpi_lib.engine.selection import Selection
from kpi_lib.engine.standings import Standings


class AgreedFigures(Protocol):
    """What was agreed for one KPI."""

    @property
    def target(self) -> np.ndarray:
        """The targets, entities x periods, NaN where there is none."""


class AgreedTargets(Protocol):
    """What was agreed for all KPIs."""

    def of(self, kpi_id: str) -> AgreedFigures | None:
        """Return what was agreed for a KPI, None where nothing was."""

    def row_of(self, kpi_id: str, index: int, slot: int) -> pl.DataFrame:
        """Return the row of the targets that holds for an entity in a period: one, or none."""


@dataclass(frozen=True)
class Observations:
    """Of one measure, arrays of entities x periods.

    `rows` and their sum `plain`; of those with a denominator the number `divided`, and the sums
    `above` and `below` the line. `since`: the day each entity was first observed on, NaN where
    never.
    """

    rows: np.ndarray
    plain: np.ndarray
    divided: np.ndarray
    above: np.ndarray
    below: np.ndarray
    since: np.ndarray


@dataclass
class Cube:
    """Counted terms by their key, and observations by their measure.

    `targets`: what was agreed for KPIs. `modelled`: what models say of them. `standings`: how those
    stand that goals count, filled before the goals are evaluated.
    """

    calendar: Calendar
    entities: Entities
    scanner: Scanner
    coverage: Coverage
    arrays: dict[tuple[str, ...], np.ndarray] = field(default_factory=dict)
    targets: AgreedTargets | None = None
    observations: dict[str, Observations] = field(default_factory=dict)
    modelled: ModelFigures = field(default_factory=ModelFigures)
    standings: Standings = field(default_factory=Standings)

    @property
    def shape(self) -> tuple[int, int]:
        """Entities x periods."""
        return len(self.entities), len(self.calendar.periods)

    def keep(self, key: tuple[str, ...], rows: Selection, array: np.ndarray) -> None:
        """Keep what was counted of rows, but for scopes of which these rows do not speak."""
        for table in rows.owners:
            array[~self.applies(table)] = np.nan
            if rows.named and not self.scanner.relations.names_partners(table):
                array[:] = np.nan
        self.arrays[key] = array

    def lagged(self, array: np.ndarray, lag: Lag) -> np.ndarray:
        """Return the figures of the period before, or of a year ago, in each period's place."""
        source = self.calendar.neighbour(lag)
        return np.where(source >= 0, array[:, source], np.nan)

    def covered(self, since: date, *, or_now: bool = False) -> np.ndarray:
        """Return for each period whether it is covered by what is covered from a day on.

        `or_now`: P counts as covered, for it keeps its figures.
        """
        covered = np.array([covers(since, period) for period in self.calendar.periods])
        covered[self.calendar.now] |= or_now
        return covered

    def applies(self, table: str) -> np.ndarray:
        """Return for each entity whether rows of the table speak of it."""
        scopes = self.entities.frame["scope"].to_numpy()
        if not self.scanner.relations.names_partners(table):
            return np.asarray(scopes == "company")
        return np.asarray((scopes != "direct") | TABLES[table].has_direct)
