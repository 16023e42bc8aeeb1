"""The second stage: what all other KPIs come to against targets and objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.cube import Cube, divide
from kpi_lib.engine.equality import at_least, same
from kpi_lib.engine.evaluate import Figures
from kpi_lib.engine.kpi import DELIVERING_TYPES, Kpi
from kpi_lib.engine.per_partner import over_partners
from kpi_lib.engine.relation import collect
from kpi_lib.engine.terms.attainment import Objectives, Score, WithStatus
from kpi_lib.kpis.goals import FAMILY
from kpi_lib.measure.targets import STATUSES, Targets

SAYS_NOTHING = ("no_data", "no_target")
HALF = 0.5  # of the target's size on its wrong side: what is worth nothing, without a minimum


@dataclass
class Book:
    """What is kept of the KPIs told so far: arrays of entities x periods.

    `statuses`: how many have which; `attained`: by score and family, the sum of the attainments and
    their number; `values`: of the KPIs that objectives name, and whether higher is better.
    `entered`: by score and KPI the attainments in P alone, NaN where the KPI does not count.
    """

    cube: Cube
    scores: tuple[Score, ...]
    weights: Mapping[str, float]
    objectives: pl.DataFrame | None
    statuses: dict[str, np.ndarray] = field(default_factory=dict)
    attained: dict[tuple[Score, str], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    values: dict[str, tuple[np.ndarray, bool]] = field(default_factory=dict)
    entered: dict[tuple[Score, str], np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, kpis: tuple[Kpi, ...], cube: Cube, weights: Mapping[str, float]) -> Book:
        """Return an empty book for the goals among the KPIs."""
        terms = [getattr(kpi.formula, "value", None) for kpi in kpis if kpi.family == FAMILY]
        scores = tuple(term for term in terms if isinstance(term, Score))
        relations = cube.scanner.relations
        told = any(counts_objectives(kpi) and not relations.lacking(kpi) for kpi in kpis)
        objectives = collect(relations.tables["objectives"]) if told else None
        return cls(cube, scores, weights, objectives)

    def enter(
        self, kpi: Kpi, figures: Figures, paced: Targets | None, statuses: np.ndarray
    ) -> None:
        """Keep what the goals need of a KPI; of periods but P only where the data cover it."""
        here = np.isin(self.cube.entities.frame["scope"].to_numpy(), kpi.scopes)[:, None]
        here = here & self.cube.covered(figures.since, or_now=True)
        for place, word in enumerate(STATUSES):
            if word not in SAYS_NOTHING:
                counted = self.statuses.get(word, np.zeros(self.cube.shape, np.int16))
                self.statuses[word] = counted + (here & (statuses == place))
        if self.objectives is not None and kpi.id in self.objectives["kpi"] and here[:1].any():
            self.values[kpi.id] = np.where(here, figures.value, np.nan), kpi.better == "higher"
        if paced is not None and kpi.better != "neither":
            self._enter_attainment(kpi, np.where(here, attainment(kpi, figures, paced), np.nan))

    def _enter_attainment(self, kpi: Kpi, reached: np.ndarray) -> None:
        sides = _accountable(kpi, self.cube)[:, None]
        now = self.cube.calendar.now
        for score in self.scores:
            if score.audience not in (None, kpi.audience):
                continue
            counts = ~np.isnan(reached) & np.isin(sides, score.sides)
            total, number = self.attained.get((score, kpi.family), (0.0, 0))
            added = total + np.where(counts, reached, 0.0), number + counts.astype(int)
            self.attained[score, kpi.family] = added
            self.entered[score, kpi.id] = np.where(counts[:, now], reached[:, now], np.nan)

    def close(self, kpis: tuple[Kpi, ...]) -> None:
        """Give the cube the figures of the terms that goals are made of."""
        for kpi in kpis:
            for name in ("value", "per"):
                term = getattr(kpi.formula, name, None)
                if isinstance(term, WithStatus):
                    none = np.zeros(self.cube.shape)
                    counted = [self.statuses.get(word, none) for word in term.statuses]
                    self.cube.arrays[term.key] = np.sum(counted, axis=0).astype(float)
                elif isinstance(term, Score):
                    self.cube.arrays[term.key] = self._score(term)
                elif isinstance(term, Objectives) and self.objectives is not None:
                    self.cube.arrays[term.key] = self._objectives(self.objectives, term.which)

    def _score(self, score: Score) -> np.ndarray:
        """Return 100 x the weighted mean over families of their mean attainment."""
        weighted, weights, families = (np.zeros(self.cube.shape) for _ in range(3))
        for (of, family), (total, number) in self.attained.items():
            if of == score:
                some, weight = number > 0, self.weights.get(family, 1.0)
                weighted += np.where(some, weight * total / np.maximum(number, 1), 0.0)
                weights += weight * some
                families += some
        mean = divide(weighted, weights)
        return np.where(families >= score.fewest_families, 100 * mean, np.nan)

    def _objectives(self, rows: pl.DataFrame, which: str) -> np.ndarray:
        """Return the number of objectives that run and can be judged, or are on course."""
        numbered = rows.join(self.cube.entities.numbers, on="partner_id")
        numbered = numbered.filter(pl.col("kpi").is_in(list(self.values)))
        counted = np.zeros(self.cube.shape)
        own = self.cube.entities.owners.get("partner", np.array([], dtype=int))
        for (kpi,), of_kpi in numbered.partition_by("kpi", as_dict=True).items():
            index = own[of_kpi["partner"].to_numpy()]
            values, higher = self.values[str(kpi)]
            course = course_of(of_kpi, values[index], higher, self.cube.calendar)
            np.add.at(counted, index, course.judged if which == "all" else course.on_course)
        return over_partners(counted, counted, self.cube.entities)


def counts_objectives(kpi: Kpi) -> bool:
    """Say whether a KPI is of objectives; the other goals are of targets."""
    return isinstance(getattr(kpi.formula, "value", None), Objectives)


def attainment(kpi: Kpi, figures: Figures, paced: Targets) -> np.ndarray:
    """Return how far each value has come from the floor to the target, 0 to 1; NaN without both."""
    sign = 1.0 if kpi.better == "higher" else -1.0
    target, value = paced.target, figures.value
    default = target - sign * HALF * np.abs(target)
    floor = np.where(np.isnan(paced.minimum), default, paced.minimum)
    come = np.clip(divide(value - floor, target - floor, of_either_sign=True), 0, 1)
    reached = at_least(sign * value, sign * target).astype(float)
    told = np.where(same(target, floor), reached, come)
    return np.where(np.isnan(value) | np.isnan(target), np.nan, told)


def _accountable(kpi: Kpi, cube: Cube) -> np.ndarray:
    """Return who answers for the KPI, entity by entity; partners that deliver to us change it."""
    frame = cube.entities.frame
    delivers = np.isin(frame["partner_type"].to_numpy().astype(str), DELIVERING_TYPES)
    partner = frame["scope"].to_numpy() == "partner"
    swapped = kpi.accountable_for(DELIVERING_TYPES[0])
    return np.where(delivers & partner, swapped, kpi.accountable)


class Course(NamedTuple):
    """How far objectives have come, objectives x periods."""

    judged: np.ndarray
    on_course: np.ndarray
    progress: np.ndarray
    time_passed: np.ndarray


def course_of(rows: pl.DataFrame, value: np.ndarray, higher: bool, calendar: Calendar) -> Course:
    """Return of each objective of a KPI, period by period, how far it has come in its time.

    `value`: the KPI's, one row for each objective. An objective is judged where it runs in the
    period and its KPI has a value.
    """
    names = ("starts_on", "due_on", "baseline", "target")
    told = rows.select(pl.col(names).cast(pl.Float64))
    starts, due, baseline, target = (told[name].to_numpy()[:, None] for name in names)
    as_of, first = calendar.lasts, calendar.starts
    judged = (starts <= as_of) & (due >= first) & ~np.isnan(value)
    time = np.broadcast_to(due - starts, value.shape)
    gone = np.minimum(divide(as_of - starts, time, of_either_sign=True), 1.0)
    gone = np.where(np.isnan(gone), 1.0, gone)
    way = np.broadcast_to(target - baseline, value.shape)
    progress = divide(value - baseline, way, of_either_sign=True)
    sign = 1.0 if higher else -1.0
    reached = at_least(sign * value, sign * np.broadcast_to(target, value.shape))
    on_course = np.where(same(target, baseline), reached, at_least(progress, gone))
    return Course(judged, judged & on_course, progress, gone)
