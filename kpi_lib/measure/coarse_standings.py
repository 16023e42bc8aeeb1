"""Where each partner stands, as its own edition may show it: coarse, and never another's figure.

The exact columns `peer_*` of the KPI table stay inside (measure/peers.py). What is shown instead is
made here, and nowhere else: docs/decisions/0010-what-a-partner-is-shown-of-others.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from kpi_lib.engine.equality import at_least, same
from kpi_lib.engine.formula import Formula
from kpi_lib.engine.kpi import Kpi
from kpi_lib.measure.coarse import FEWEST, Sample
from kpi_lib.measure.disclosure import Ranges, are_wide, gives_nobody_away, ranges_of

if TYPE_CHECKING:
    from kpi_lib.engine.calendar import Calendar
    from kpi_lib.measure.compute import Results

OF_ITS_TYPE, OF_ALL = "type", "all"  # whom a partner is held against
OF_ANY_SIZE = ("ratio", "days")  # units in which a small partner can be held against a large one
SCHEMA = {
    **dict.fromkeys(("entity", "kpi"), pl.String()),
    **dict.fromkeys(("ahead", "q1", "median", "q3"), pl.Float64()),
}


@dataclass(frozen=True)
class CoarseStandings:
    """What the partner editions of a run may say of the others.

    `groups`: by partner_id whom it is held against (type, all); one that is held against nobody is
    not in it. `frame`: one row per partner (entity) and KPI that is compared: the share of the
    others that it is `ahead` of, in tenths (0.1: or less, 0.9: or more), and of the group, itself
    among them, q1, median and q3 in the KPI's unit, each the mean of the three nearest, rounded.
    """

    groups: Mapping[str, str]
    frame: pl.DataFrame


def coarse_standings(results: Results) -> CoarseStandings:
    """Return what each partner may be shown; nothing before the period is over.

    Until then one day's figures less those of the day before could be a single order. Nor is
    anything shown of a KPI for which the data cover the period in part only.
    """
    if results.calendar.to_date:
        return CoarseStandings({}, pl.DataFrame(schema=SCHEMA))
    figures, ranges = _Figures.of(results), dict[str, Ranges]()
    kpis = {k.id: k for k in results.kpis if _may_be_compared(k) and results.covers(k.id)}
    held, frames = dict[str, str](), [pl.DataFrame(schema=SCHEMA)]
    for group in figures.groups[-1]:
        held |= {figures.names[reader]: group.kind for reader in group.readers}
        order = dict.fromkeys((*results.leading.get(group.of_type, ()), *kpis))
        wanted = [kpis[kpi] for kpi in order if kpi in kpis]
        frames += [
            _coarse_frame(*found, group, figures)
            for found in _compared(wanted, group, figures, ranges)
        ]
    return CoarseStandings(held, pl.concat(frames))


def _may_be_compared(kpi: Kpi) -> bool:
    """Say whether partners may be held against each other by a KPI; years pass by themselves."""
    return kpi.audience == "shared" and kpi.better != "neither" and kpi.unit != "years"


@dataclass(frozen=True)
class _Group:
    """Partners that are held against each other, by number; `readers`: whose pages show it."""

    kind: str
    of_type: str
    members: np.ndarray
    readers: np.ndarray


@dataclass(frozen=True)
class _Figures:
    """The partners' figures, by KPI, in the last 8 periods, the last of them the run's own.

    `groups`: who is held against whom in each period. `values`: partners x periods. `per`: what a
    whole number of each partner is divided by in the run's own period, else NaN.
    """

    names: list[str]
    groups: list[list[_Group]]
    values: Mapping[str, np.ndarray]
    per: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, results: Results) -> _Figures:
        """Return the figures of a run."""
        recent, partners = results.calendar.recent, results.partners
        groups = [_groups(partners, results.calendar, slot) for slot in recent]
        names = partners["partner_id"].to_list()
        return cls(names, groups, _values(results), _divisors(results))

    def sample(self, group: _Group, kpi: Kpi, period: int) -> Sample | None:
        """Return the values of a group in a period, None where nothing of them may be shown."""
        if group.kind == OF_ALL and kpi.unit not in OF_ANY_SIZE:
            return None
        sample = Sample.of(self.values[kpi.id][:, period], group.members, kpi.unit)
        return sample if len(sample) >= FEWEST and gives_nobody_away(sample) else None

    def leave_enough(self, ranges: Ranges, sample: Sample, kpi: Kpi) -> bool:
        """Say whether ranges leave enough possible of every member of a sample.

        Whole numbers per the same one, as the weeks of the period, lie a step of it apart; those
        per various numbers, up to n, a step of about n x n: a share of five is easily guessed.
        """
        per = self.per[kpi.id][sample.members]
        if np.isnan(per).any():
            return are_wide(ranges, sample, 0.0)
        return are_wide(ranges, sample, 1 / (per[0] if np.ptp(per) == 0 else per.max() ** 2))


def _compared(
    wanted: Iterable[Kpi], group: _Group, figures: _Figures, ranges: dict[str, Ranges]
) -> Iterator[tuple[Sample, Kpi]]:
    """Yield the KPIs that a group is compared by, with its values, and enter what they tell.

    Two that tell of one another would together tell more than each by itself. So none is compared
    that is made of parts of others only (an order's value times the orders is the revenue), and
    none of a family where another is never less, or never more (on time, and on time in full).
    """
    parts, chosen = set[object](), list[Kpi]()
    for kpi in wanted:
        own = _parts(kpi)
        if (own and own <= parts) or any(_are_nested(kpi, k, group, figures) for k in chosen):
            continue
        sample = figures.sample(group, kpi, -1)
        if sample is not None and _enter(sample, kpi, figures, ranges):
            chosen.append(kpi)
            parts |= own
            yield sample, kpi


def _are_nested(kpi: Kpi, other: Kpi, group: _Group, figures: _Figures) -> bool:
    """Say whether one of two KPIs of a family is never above the other, in a group."""
    if (kpi.family, kpi.unit) != (other.family, other.unit):
        return False
    left, right = (figures.values[k.id][group.members, -1] for k in (kpi, other))
    there = ~np.isnan(left) & ~np.isnan(right)
    return bool(np.all(at_least(left, right)[there]) or np.all(at_least(right, left)[there]))


def _enter(sample: Sample, kpi: Kpi, figures: _Figures, ranges: dict[str, Ranges]) -> bool:
    """Enter what a sample tells beside what other groups' do, unless it would be too much."""
    size = len(figures.names)
    now = ranges_of(sample, kpi.better, size).known_too(ranges.get(kpi.id, Ranges.open(size)))
    if not figures.leave_enough(now, sample, kpi):
        return False
    with_earlier = now
    for earlier in _given_away_before(sample, kpi, figures):
        with_earlier = with_earlier.known_too(earlier)
    if not figures.leave_enough(with_earlier, sample, kpi):
        return False
    ranges[kpi.id] = now
    return True


def _given_away_before(sample: Sample, kpi: Kpi, figures: _Figures) -> Iterator[Ranges]:
    """Yield what earlier periods may have given away of figures that have not moved since then."""
    values, still = figures.values[kpi.id], np.zeros(len(figures.names), dtype=bool)
    for period, groups in enumerate(figures.groups[:-1]):
        then_and_now = values[sample.members][:, [period, -1]].T
        still[sample.members] = same(*then_and_now)
        for group in groups:
            earlier = figures.sample(group, kpi, period) if still[group.members].any() else None
            if earlier is not None:
                ranges = ranges_of(earlier, kpi.better, len(values))
                if figures.leave_enough(ranges, earlier, kpi):
                    yield ranges.only(still)


def _coarse_frame(sample: Sample, kpi: Kpi, group: _Group, figures: _Figures) -> pl.DataFrame:
    """Return one row per reader of the group: tenths ahead, and three coarse figures."""
    reads = np.isin(sample.members, group.readers)
    tenths = sample.tenths(sample.ahead(kpi.better))[reads]
    q1, median, q3 = (figure.shown for figure in sample.figures)
    names = [figures.names[member] for member in sample.members[reads]]
    columns = {"entity": names, "kpi": kpi.id, "ahead": tenths / 10}
    return pl.DataFrame(columns | {"q1": q1, "median": median, "q3": q3}, schema=SCHEMA)


def _parts(kpi: Kpi) -> frozenset[object]:
    """Return what a KPI is counted from; of others than formulas nothing is known."""
    if not isinstance(kpi.formula, Formula):
        return frozenset()
    terms = (kpi.formula.value, kpi.formula.per)
    return frozenset(part.key for term in terms if term is not None for part in term.parts)


def _groups(partners: pl.DataFrame, calendar: Calendar, slot: int) -> list[_Group]:
    """Return who is held against whom in a period: by type, and all where some types are small."""
    left = pl.col("left_on") if "left_on" in partners.columns else pl.lit(None)
    first, last = int(calendar.starts[slot]), int(calendar.lasts[slot])
    is_active = (pl.col("joined_on") <= last) & ~(left < first).fill_null(False)
    active = partners.select(is_active).to_series().to_numpy()
    types = partners["partner_type"].fill_null("").to_numpy()
    kinds, sizes = np.unique(types[active], return_counts=True)
    large = [kind for kind, size in zip(kinds, sizes, strict=True) if kind and size >= FEWEST]
    members = {str(kind): np.flatnonzero(active & (types == kind)) for kind in large}
    groups = [_Group(OF_ITS_TYPE, kind, of_type, of_type) for kind, of_type in members.items()]
    readers = np.flatnonzero(active & ~np.isin(types, large))
    if len(readers) and active.sum() >= FEWEST:
        groups.append(_Group(OF_ALL, "", np.flatnonzero(active), readers))
    return groups


def _values(results: Results) -> dict[str, np.ndarray]:
    """Return by KPI the values, partners x periods (the last 8), NaN where there is none."""
    recent = [str(results.calendar.periods[slot]) for slot in results.calendar.recent]
    places = {period: place for place, period in enumerate(recent)}
    place = pl.col("period").replace_strict(places, return_dtype=pl.Int64)
    found = {}
    for kpi, rows in _by_kpi(results.history.with_columns(place=place), results):
        values = np.full((len(results.partners), len(recent)), np.nan)
        values[rows["number"], rows["place"]] = rows["value"].to_numpy()
        found[kpi] = values
    return found


def _divisors(results: Results) -> dict[str, np.ndarray]:
    """Return by KPI what each partner's numerator is divided by, NaN where that is no whole one."""
    above, below = pl.col("numerator"), pl.col("denominator")
    per = pl.when(above == above.round()).then(below).fill_null(np.nan)
    found = {}
    for kpi, rows in _by_kpi(results.table.with_columns(per=per), results):
        found[kpi] = np.full(len(results.partners), np.nan)
        found[kpi][rows["number"]] = rows["per"].to_numpy()
    return found


def _by_kpi(frame: pl.DataFrame, results: Results) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the partners' rows of each KPI, with each one's number: its place in `partners`."""
    numbers = results.partners.select(entity="partner_id").with_row_index("number")
    rows = frame.filter(pl.col("scope") == "partner").join(numbers, on="entity")
    for (kpi,), of_kpi in rows.partition_by("kpi", as_dict=True).items():
        yield str(kpi), of_kpi
