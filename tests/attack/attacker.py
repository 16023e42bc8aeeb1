"""An attacker who knows how the figures are made, and every partner's page but one.

Written apart from `kpi_lib.measure`: what a group is shown is worked out here a second time, and
the one figure that is wanted is moved until something that the other pages tell would be different.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from kpi_lib.engine.kpi import Kpi
from tests.attack.pages import KPIS, Band, Run

FINE = 50  # steps of what would give a figure away


@dataclass(frozen=True)
class Group:
    """What a run tells one group of partners by one KPI.

    `values`: of all its members, by partner_id. `bands`: what each page tells, by partner_id.
    """

    kpi: Kpi
    values: Mapping[str, float]
    bands: Mapping[str, Band]

    @property
    def shown(self) -> tuple[float, float, float]:
        """The three figures, the same on every page."""
        (figures,) = {band.figures for band in self.bands.values()}
        return figures

    def nearest(self) -> Iterator[tuple[float, dict[str, float]]]:
        """Yield each of the three figures with the partners that it is the mean of."""
        ordered = sorted(self.values.items(), key=lambda item: item[1])
        for figure, place in zip(self.shown, places(len(ordered)), strict=True):
            yield figure, dict(ordered[place - 1 : place + 2])

    def printed(self, value: float) -> float:
        """Return the unit of the last digit that a page prints of a figure of that size."""
        size, unit = abs(value), self.kpi.unit
        if unit == "money":
            return 1.0 if size >= 100 else 0.01
        if unit == "number":
            is_whole = all(v == round(v) for v in self.values.values()) or size >= 1000
            return 1.0 if is_whole else 0.1 if size >= 10 else 0.01
        return {"ratio": 0.001}.get(unit, 0.1)

    def seen_without(self, wanted: str) -> Callable[[float], list[float]]:
        """Return what all pages but one tell, given the figure of that one."""
        names = [name for name in self.values if name != wanted]
        others = np.array([self.values[name] for name in names])
        pages = [names.index(reader) for reader in self.bands if reader != wanted]
        return lambda value: self.tell(np.append(others, value), pages)

    def tell(self, values: np.ndarray, pages: Sequence[int]) -> list[float]:
        """Return the three figures that these values make, and the tenths of these pages."""
        own, sign = values[pages, None], 1 if self.kpi.better == "higher" else -1
        beaten = (sign * own > sign * values).sum(axis=1) + ((own == values).sum(axis=1) - 1) / 2
        tenths = np.clip(np.floor(10 * beaten / (len(values) - 1) + 0.5 + 1e-9), 1, 9)
        return [*figures_of(values, self.kpi.unit), *tenths]


@dataclass(frozen=True)
class Recovered:
    """One partner's figure that an attack found, and how."""

    partner: str
    kpi: str
    value: float
    how: str


def places(count: int) -> list[int]:
    """Return the places in the order of a group that lie nearest its quartiles."""
    return [round((count - 1) * quarter / 4) for quarter in (1, 2, 3)]


def figures_of(values: np.ndarray, unit: str) -> list[float]:
    """Return the three figures that a group of these values is shown."""
    ordered = sorted(float(value) for value in values)
    return [rounded(math.fsum(ordered[p - 1 : p + 2]) / 3, unit) for p in places(len(ordered))]


def rounded(mean: float, unit: str) -> float:
    """Return a mean to two digits; a ratio to a hundredth, days and points to whole ones."""
    coarsest = {"ratio": 2, "days": 0, "points": 0}.get(unit)
    if coarsest is None or abs(mean) >= 10 ** (2 - coarsest):
        return float(f"{mean:.1e}")
    return round(mean, coarsest) + 0.0


def groups_of(run: Run) -> list[Group]:
    """Return what a run's pages tell, for each KPI and each group of partners."""
    of_kpi: dict[tuple[str, frozenset[str]], dict[str, Band]] = {}
    groups = {reader: frozenset(_group(run, reader)) for reader in {who for who, _ in run.bands}}
    for (reader, kpi), band in run.bands.items():
        of_kpi.setdefault((kpi, groups[reader]), {})[reader] = band
    rows = run.results.table.filter(pl.col("scope") == "partner", pl.col("value").is_not_null())
    # The last bits of a sum are nobody's figure.
    values = {
        (who, kpi): float(f"{value:.9e}")
        for who, kpi, value in rows.select("entity", "kpi", "value").iter_rows()
    }
    return [
        Group(
            KPIS[kpi],
            {who: values[who, kpi] for who in sorted(group) if (who, kpi) in values},
            bands,
        )
        for (kpi, group), bands in of_kpi.items()
    ]


def _group(run: Run, reader: str) -> list[str]:
    """Return whom a partner is held against, itself among them: its type, or all if it is small."""
    calendar = run.results.calendar
    there = run.results.partners.filter(
        pl.col("left_on").is_null() | (pl.col("left_on") >= int(calendar.starts[calendar.now]))
    )
    types = dict(there.select("partner_id", "partner_type").iter_rows())
    of_type = [partner for partner, kind in types.items() if kind == types[reader]]
    return of_type if len(of_type) >= 10 else list(types)


def shown_as_one_partners(groups: Sequence[Group]) -> Iterator[Recovered]:
    """Yield the figures that a page shows as they are: in full, or rounded as the page rounds."""
    for one in groups:
        for reader, figure in [(who, f) for who, b in one.bands.items() for f in b.figures]:
            others = {who: value for who, value in one.values.items() if who != reader}
            in_full = [w for w, v in others.items() if abs(v - figure) < one.printed(v) / 2]
            alike = [
                w
                for w, v in others.items()
                if math.isclose(rounded(v, one.kpi.unit), figure, abs_tol=1e-12)
            ]
            for found in (in_full, alike):
                if len(found) == 1:
                    yield Recovered(found[0], one.kpi.id, others[found[0]], f"shown to {reader}")


def left_by_two_others(groups: Sequence[Group]) -> Iterator[Recovered]:
    """Yield the figures that are three times what is shown, less what the two others have.

    One that three partners or more have is no single one's.
    """
    for one in groups:
        for figure, nearest in one.nearest():
            for who, value in nearest.items():
                left = 3 * figure - sum(v for other, v in nearest.items() if other != who)
                half = one.printed(value) / 2
                alike = sum(abs(other - value) < half for other in one.values.values())
                if abs(left - value) < half and alike < 3:
                    yield Recovered(who, one.kpi.id, value, "three times a mean, less two")


def pinned_down(*runs: Sequence[Group]) -> Iterator[Recovered]:
    """Yield the figures of the last run that all other pages leave too narrow a range for.

    What an earlier run showed counts as well where the figure was the same.
    """
    for kpi, who in sorted({(one.kpi.id, who) for one in runs[-1] for who in one.values}):
        now = next(one for one in runs[-1] if one.kpi.id == kpi and who in one.values)
        value = now.values[who]
        narrow = max(now.printed(value), abs(value) / 100)
        same = [t for run in runs for t in run if t.kpi.id == kpi and t.values.get(who) == value]
        seen = [(given := one.seen_without(who), given(value)) for one in same]
        left = _range_left(value, narrow, lambda x, seen=seen: all(g(x) == s for g, s in seen))
        if left < narrow * (1 - 1e-9):
            yield Recovered(who, kpi, value, f"within {left:.3g}")


def _range_left(value: float, narrow: float, is_possible: Callable[[float], bool]) -> float:
    """Return how far a figure can be moved down and up, each way as far as would be narrow."""
    step, left = narrow / FINE, 0
    for way in (-step, step):
        left += next((n for n in range(FINE) if not is_possible(value + (n + 1) * way)), FINE)
    return left * step


def worked_out_from_others(groups: Sequence[Group]) -> Iterator[tuple[str, str, str]]:
    """Yield the KPIs of one page whose figures are those of two others, joined by arithmetic."""
    for a, b, c in itertools.permutations(groups, 3):
        there = [who for who in a.values if who in b.values and who in c.values]
        if a.bands.keys() & b.bands.keys() & c.bands.keys() and len(there) > 5:
            x, y, z = (np.array([one.values[who] for who in there]) for one in (a, b, c))
            with np.errstate(all="ignore"):
                if any(_is_multiple(z, made) for made in (x + y, x - y, x * y, x / y)):
                    yield a.kpi.id, b.kpi.id, c.kpi.id


def _is_multiple(figures: np.ndarray, made: np.ndarray) -> bool:
    """Say whether all figures are the same multiple of what was made, and there is one."""
    share = figures / made
    return bool(np.all(np.isfinite(share)) and np.ptp(share) <= 1e-9 * abs(share[0]))
