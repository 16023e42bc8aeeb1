"""The second stage: what all other KPIs come to against targets and objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import at_least, divide, same
from kpi_lib.engine.figures import Figures
from kpi_lib.engine.formula import Formula
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.relation import collect
from kpi_lib.engine.scopes import DELIVERING_TYPES
from kpi_lib.engine.standings import Standings
from kpi_lib.engine.terms.objectives import Objectives
from kpi_lib.engine.terms.score import Score
from kpi_lib.engine.terms.term import Term
from kpi_lib.measure.targets import STATUSES, Targets

SAYS_NOTHING = ("no_data", "no_target")
HALF = 0.5  # of the target's size on its wrong side: what is worth nothing, without a minimum


@dataclass(frozen=True)
class SecondStage:
    """Enters in a cube's standings how each KPI stands, from which the goals are counted.

    `scores`: those that are asked for; each counts the KPIs of some sides and of an audience.
    """

    cube: Cube
    scores: tuple[Score, ...]

    @classmethod
    def of(cls, kpis: tuple[Kpi, ...], cube: Cube, weights: Mapping[str, float]) -> SecondStage:
        """Open the cube's standings for the goals among the KPIs; `weights`: by family."""
        terms = [term for kpi in kpis for term in _terms(kpi)]
        relations = cube.scanner.relations
        counted = any(counts_objectives(kpi) and not kpi.lacking(relations) for kpi in kpis)
        objectives = collect(relations.tables["objectives"]) if counted else None
        cube.standings = Standings(weights, objectives)
        return cls(cube, tuple(term for term in terms if isinstance(term, Score)))

    def enter(
        self, kpi: Kpi, figures: Figures, paced: Targets | None, statuses: np.ndarray
    ) -> None:
        """Keep what the goals need of a KPI; of periods but P only where the data cover it."""
        standings = self.cube.standings
        here = np.isin(self.cube.entities.frame["scope"].to_numpy(), kpi.scopes)[:, None]
        here = here & self.cube.covered(figures.since, or_now=True)
        for number, word in enumerate(STATUSES):
            if word not in SAYS_NOTHING:
                before = standings.statuses.get(word, np.zeros(self.cube.shape, np.int16))
                standings.statuses[word] = before + (here & (statuses == number))
        rows = standings.objectives
        if rows is not None and kpi.id in rows["kpi"] and here[:1].any():
            values = np.where(here, figures.value, np.nan)
            standings.values[kpi.id] = values, kpi.better == "higher"
        if paced is not None and kpi.better != "neither":
            self._enter_attainment(kpi, np.where(here, attainment(kpi, figures, paced), np.nan))

    def _enter_attainment(self, kpi: Kpi, reached: np.ndarray) -> None:
        """Add a KPI's attainment (entities x periods, 0 to 1) to every score that counts it."""
        standings, now = self.cube.standings, self.cube.calendar.now
        sides = _accountable(kpi, self.cube)[:, None]
        for score in self.scores:
            if score.audience not in (None, kpi.audience):
                continue
            counts = ~np.isnan(reached) & np.isin(sides, score.sides)
            total, number = standings.attained.get((score, kpi.family), (0.0, 0))
            added = total + np.where(counts, reached, 0.0), number + counts.astype(int)
            standings.attained[score, kpi.family] = added
            standings.entered[score, kpi.id] = np.where(counts[:, now], reached[:, now], np.nan)


def _terms(kpi: Kpi) -> tuple[Term, ...]:
    return kpi.formula.terms if isinstance(kpi.formula, Formula) else ()


def counts_objectives(kpi: Kpi) -> bool:
    """Say whether a KPI is of objectives; the other goals are of targets."""
    return any(isinstance(term, Objectives) for term in _terms(kpi))


def attainment(kpi: Kpi, figures: Figures, paced: Targets) -> np.ndarray:
    """Return how far each value has come from the floor to the target, 0 to 1; NaN without both."""
    sign = 1.0 if kpi.better == "higher" else -1.0
    target, value = paced.target, figures.value
    default = target - sign * HALF * np.abs(target)
    floor = np.where(np.isnan(paced.minimum), default, paced.minimum)
    come = np.clip(divide(value - floor, target - floor, of_either_sign=True), 0, 1)
    reached = at_least(sign * value, sign * target).astype(float)
    attained = np.where(same(target, floor), reached, come)
    return np.where(np.isnan(value) | np.isnan(target), np.nan, attained)


def _accountable(kpi: Kpi, cube: Cube) -> np.ndarray:
    """Return who answers for the KPI, entity by entity; partners that deliver to us change it."""
    frame = cube.entities.frame
    delivers = np.isin(frame["partner_type"].to_numpy().astype(str), DELIVERING_TYPES)
    partner = frame["scope"].to_numpy() == "partner"
    swapped = kpi.accountable_for(DELIVERING_TYPES[0])
    return np.where(delivers & partner, swapped, kpi.accountable)
