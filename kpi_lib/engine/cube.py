"""The cube: every part of every entity and period, and the arithmetic of KPIs on it.

Arrays are entities x periods. A cell without rows is 0; NaN says that there is no figure, because
the scope has none (direct business in a table of partners), a period lies outside the calendar, or
a division has nothing above 0 below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import Coverage, covers
from kpi_lib.engine.deal_paths import credits, influence
from kpi_lib.engine.entities import Entities
from kpi_lib.engine.equality import EQUAL, at_least
from kpi_lib.engine.formula import (
    Arithmetic,
    ByScope,
    Constant,
    Firsts,
    Floored,
    Gaps,
    GroupPart,
    Groups,
    Lag,
    Lagged,
    Length,
    Median,
    Of,
    Part,
    Rows,
    SumOfKnown,
    TargetOf,
    Term,
)
from kpi_lib.engine.groups import count_firsts, count_gaps, count_groups, medians
from kpi_lib.engine.last_day_counts import count_by_last_day
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.engine.month_windows import count_back, months_back
from kpi_lib.engine.observations import Observations
from kpi_lib.engine.per_partner import latest, over_partners
from kpi_lib.engine.scan import Scanner, column_of, to_array
from kpi_lib.engine.terms.by_last_day import ByLastDay
from kpi_lib.engine.terms.count_back import CountBack, MonthsBack
from kpi_lib.engine.terms.credited import Credited, Influenced
from kpi_lib.engine.terms.each_partner import Above, EachPartner, Latest

NOTHING = EQUAL  # below this in size a number is 0

Counter = Callable[[Scanner, Entities, Any], np.ndarray]
COUNTERS: Mapping[type[Term], Counter] = {  # of the parts that are counted one by one
    Median: medians,
    Latest: latest,
    MonthsBack: months_back,
}
COUNTED_TOGETHER: Mapping[type[Term], Callable[[Scanner, Entities, Any], list[np.ndarray]]] = {
    Credited: credits,
    Influenced: influence,
    ByLastDay: count_by_last_day,
    Firsts: count_firsts,
}


@dataclass
class Cube:
    """Counted parts by their key, and observations by their measure.

    `targets`: what was agreed for a KPI, entities x periods. `modelled`: what models say of KPIs.
    """

    calendar: Calendar
    entities: Entities
    scanner: Scanner
    coverage: Coverage
    arrays: dict[tuple[str, ...], np.ndarray] = field(default_factory=dict)
    targets: dict[str, np.ndarray] = field(default_factory=dict)
    observations: dict[str, Observations] = field(default_factory=dict)
    modelled: ModelFigures = field(default_factory=ModelFigures)

    @property
    def shape(self) -> tuple[int, int]:
        """Entities x periods."""
        return len(self.entities), len(self.calendar.periods)

    def count(self, parts: Iterable[Term]) -> None:
        """Count all parts that are not counted yet, those of one table in fused scans."""
        wanted = {part.key: part for part in parts if part.key not in self.arrays}  # type: ignore[attr-defined]
        self._count_additive([p for p in wanted.values() if isinstance(p, Part)])
        self._count_groups([p for p in wanted.values() if isinstance(p, GroupPart)])
        self._count_gaps([p for p in wanted.values() if isinstance(p, Gaps)])
        for kind, count_all in COUNTED_TOGETHER.items():
            members = [part for part in wanted.values() if type(part) is kind]
            arrays = count_all(self.scanner, self.entities, members) if members else []
            for part, array in zip(members, arrays, strict=True):
                self._keep(part, array)
        for part in wanted.values():
            counter = COUNTERS.get(type(part))
            if counter is not None:
                self._keep(part, counter(self.scanner, self.entities, part))

    def of(self, term: Term) -> np.ndarray:
        """Return the figures of a term, entities x periods."""
        match term:
            case TargetOf(kpi):
                return self.targets.get(kpi, np.full(self.shape, np.nan))
            case Constant(value):
                return np.full(self.shape, value)
            case Length(unit):
                return np.broadcast_to(self._length(unit), self.shape)
            case Lagged(of, lag):
                return self.lagged(self.of(of), lag)
            case Of(of, scope):
                of_scope = self.of(of)[self.entities.index_of(scope)]
                return np.broadcast_to(of_scope, self.shape)
            case ByScope(usual, others):
                return self._by_scope(self.of(usual), others)
            case Arithmetic(sign, left, right):
                return arithmetic(sign, self.of(left), self.of(right))
            case Floored(of, least):
                return np.maximum(self.of(of), least)
            case SumOfKnown(of):
                unknown = (self.of(term.all_rows) > 0) & (self.of(term.behind) == 0)
                return np.where(unknown, np.nan, self.of(of))
            case Above(left, right):
                higher, lower = self.of(left), self.of(right)
                return np.where(np.isnan(higher), np.nan, ~at_least(lower, higher))
            case EachPartner(of, given):
                return over_partners(self.of(of), self.of(given), self.entities)
            case CountBack(balance, months):
                return count_back(self.of(balance), self.of(months), self.calendar)
            case _:
                return self.arrays[term.key]  # type: ignore[attr-defined]

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
            return scopes == "company"
        return (scopes != "direct") | TABLES[table].has_direct

    def _by_scope(self, usual: np.ndarray, others: Mapping[str, Term]) -> np.ndarray:
        """Return the usual figures, others in their scopes; none where rows name no partner."""
        figures = usual.copy()
        scopes = self.entities.frame["scope"].to_numpy()
        for scope, term in others.items():
            mine = (scopes == scope)[:, None] & ~np.isnan(usual)
            figures = np.where(mine, self.of(term), figures)
        return figures

    def _length(self, unit: str) -> np.ndarray:
        days = self.calendar.days
        lengths = {"weeks": days / 7, "days": days, "blocks": np.ceil(days / 7)}
        return self.calendar.months if unit == "months" else lengths[unit]

    def _keep(self, part: Term, array: np.ndarray) -> None:
        """Keep what was counted, but for scopes of which these rows do not speak."""
        rows: Rows = part.rows  # type: ignore[attr-defined]
        for table in rows.owners:
            array[~self.applies(table)] = np.nan
            if rows.named and not self.scanner.relations.names_partners(table):
                array[:] = np.nan
        self.arrays[part.key] = array  # type: ignore[attr-defined]

    def _count_additive(self, parts: list[Part]) -> None:
        frames = self.scanner.additive(parts)
        rolled = {view: self.entities.roll_up(f, ("slot",)) for view, f in frames.items()}
        for part in parts:
            frame = rolled[part.rows.base.key]
            self._keep(part, to_array(frame, column_of(part), self.shape))

    def _count_groups(self, parts: list[GroupPart]) -> None:
        together: dict[tuple[str, ...], tuple[Groups, list[GroupPart]]] = {}
        for part in parts:
            together.setdefault(part.groups.key, (part.groups, []))[1].append(part)
        for groups, members in together.values():
            arrays = count_groups(self.scanner, self.entities, groups, members)
            for part, array in zip(members, arrays, strict=True):
                self._keep(part, array)

    def _count_gaps(self, parts: list[Gaps]) -> None:
        together: dict[tuple[str, ...], list[Gaps]] = {}
        for part in parts:
            together.setdefault(part.key[:-1], []).append(part)
        for members in together.values():
            arrays = count_gaps(self.scanner, self.entities, members[0])
            for part in members:
                self._keep(part, arrays[part.reduce])


def arithmetic(sign: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return left and right joined by a sign; a division by nothing has no value."""
    if sign == "/":
        return divide(left, right)
    return {"+": np.add, "-": np.subtract, "x": np.multiply}[sign](left, right)


def divide(
    numerator: np.ndarray, denominator: np.ndarray, *, of_either_sign: bool = False
) -> np.ndarray:
    """Return the quotient, NaN where the denominator is not above 0. The one place that divides.

    `of_either_sign`: it is a distance, which can lie below 0 too; NaN where it is 0.
    """
    size = np.abs(denominator) if of_either_sign else denominator
    above = size >= NOTHING
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=above)
