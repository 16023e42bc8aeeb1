"""What a page is given, as those see it who show it: of a partner its rows, and nothing else.

The types of what is given stand in `kpi_lib.slices`; here is what follows from them in words and
statuses. It needs no engine, so that a report's kernel starts fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Self

from kpi_lib.audience import Audience
from kpi_lib.errors import Problem
from kpi_lib.periods import Period
from kpi_lib.show.common.language import _
from kpi_lib.slices import file
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.page_types import (
    Company,
    DataFacts,
    Definition,
    Dispute,
    KpiPage,
    KpiRow,
    PageContent,
    Point,
    Standing,
)
from kpi_lib.slices.scorecard_types import Partner, Restated, ScorecardSlice

IN_PART = "in_part"  # the status of a figure of which the data cover a part only
SMALL_N = 30  # below it a figure says how many cases it stands on
JUDGED = ("off_track", "at_risk", "on_track")  # by their targets, the worst first
HELD = (*JUDGED, "unsure")  # against a target; of the last, on too few cases to say
BUSINESS = ("revenue", "orders")
_NO_INSIGHTS = Insights(has_playbook=False)


@dataclass(frozen=True, eq=False)  # one of a slice: itself, and no other with the same figures
class Measure:
    """One KPI of a page: its row of the KPI table, what it means, and its history."""

    row: KpiRow
    definition: Definition
    history: tuple[Point, ...] = ()

    @property
    def kpi(self) -> str:
        """The KPI's id."""
        return self.row.kpi

    @property
    def name(self) -> str:
        """Its name as people say it, in the language that is spoken."""
        return _(self.definition.name)

    @property
    def unit(self) -> str:
        """One of ratio, money, days, number, points, years."""
        return self.definition.unit

    @property
    def better(self) -> str:
        """Whether a higher or a lower value is better, or neither."""
        return self.definition.better

    @property
    def is_growth(self) -> bool:
        """Whether the value is itself a change, and so carries its sign."""
        return "growth" in self.kpi or "increase" in self.kpi

    @property
    def value(self) -> float | None:
        """The value, or None where it is missing."""
        return self.row.value

    @property
    def status(self) -> str:
        """The status as the KPI table has it; in_part, where the data cover a part of the period.

        Nothing is judged by such a figure.
        """
        if not self.is_covered and self.value is not None:
            return IN_PART
        return self.row.status or "no_target"

    @property
    def is_covered(self) -> bool:
        """Whether the data cover the period, so that the value can be held against anything."""
        return self.row.covered_from is None

    @property
    def dispute(self) -> Dispute | None:
        """What the partner reported where that is too far from the value; None where it is not."""
        return self.row.dispute

    @property
    def is_small(self) -> bool:
        """Whether the value stands on so few cases that the reader should see how many."""
        n = self.row.n
        # Of a sum or a count, n says no more than the value itself.
        is_share = self.row.denominator is not None or self.unit in (
            "ratio",
            "days",
            "points",
        )
        return self.value is not None and is_share and n is not None and 0 < n < SMALL_N

    @property
    def standing(self) -> Standing | None:
        """Where the partner stands among the others, None where nothing may be said of it."""
        return self.row.standing if self.is_covered else None

    @property
    def seen(self) -> tuple[Point, ...]:
        """The periods of the history that have a value, oldest first."""
        return tuple(point for point in self.history if point.value is not None)

    @property
    def compared(self) -> tuple[Point, ...]:
        """Those of them that the data cover, so that one can be held against another."""
        return tuple(point for point in self.seen if point.covered_from is None)

    @property
    def has_course(self) -> bool:
        """Whether there is something to draw: two values at least, and not nothing throughout."""
        return len(self.seen) >= 2 and any(point.value for point in self.seen)

    @property
    def is_bare(self) -> bool:
        """Whether there is no figure at all, of this period or an earlier one."""
        columns = ("value", "previous", "year_ago", "target")
        return all(self.number(column) is None for column in columns)

    def number(self, column: str) -> float | None:
        """Return a numeric column of the row, or None where there is none."""
        return self.row.figure(column)


@dataclass(frozen=True)
class Stay:
    """Since when and until when a partner was there, as far as a period is concerned.

    `since`: it joined on this day of the period. `until`: it left on this day, of the period or
    before it. `is_over`: it left before the period began.
    """

    since: date | None = None
    until: date | None = None
    is_over: bool = False

    @classmethod
    def of(cls, partner: Partner, first: date, as_of: date) -> Stay:
        """Return a partner's stay in the period that begins on `first` and counts to `as_of`."""
        joined, left = partner.joined_on, partner.left_on
        return cls(
            since=joined if joined and first <= joined <= as_of else None,
            until=left if left and left <= as_of else None,
            is_over=left is not None and left < first,
        )

    @property
    def is_whole(self) -> bool:
        """Whether it was there throughout the period."""
        return self.since is None and self.until is None

    def ends_target(self, definition: Definition) -> bool:
        """Say whether a KPI of that definition has no target that holds any more."""
        return self.is_over or (self.until is not None and definition.adds_up)


@dataclass(frozen=True)
class PageSlice:
    """All that a page may know: of which period and day, from which data, and its own matter."""

    content: PageContent

    @property
    def currency(self) -> str:
        """The reporting currency's code."""
        return self.content.run.currency

    @property
    def period(self) -> Period:
        """The period that the page is about."""
        return Period.parse(self.content.run.period, self.content.run.year_end)

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return self.content.run.as_of

    @property
    def to_date(self) -> bool:
        """Whether the period is looked at before its end."""
        return self.content.run.to_date

    @property
    def data(self) -> DataFacts:
        """What the figures were computed from."""
        return self.content.run.data

    @property
    def company(self) -> Company:
        """Whose pages these are: name, logo and colour, as far as the settings name them."""
        return self.content.run.company

    @property
    def language(self) -> str:
        """The language of the page."""
        return self.content.language


@dataclass(frozen=True)
class KpiSlice(PageSlice):
    """All that a page of KPIs may know; `measures`: the KPIs, in the catalogue's order."""

    content: KpiPage
    measures: Mapping[str, Measure] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Whose page it is, in words."""
        return self.content.run.period

    @property
    def audience(self) -> Audience:
        """Who reads it."""
        return self.content.audience

    @property
    def edition(self) -> str:
        """The name of its audience: partner or internal."""
        return self.content.edition

    @property
    def is_internal(self) -> bool:
        """Whether the page never leaves the company."""
        return self.audience.is_internal

    @property
    def is_of_one_partner(self) -> bool:
        """Whether it is about one partner alone."""
        return False

    @property
    def profile(self) -> tuple[Measure, ...]:
        """The KPIs that lead the page, in the order of its profile."""
        return tuple(self.measures[kpi] for kpi in self.content.profile if kpi in self.measures)

    @property
    def known(self) -> tuple[Measure, ...]:
        """The KPIs that have a value."""
        return tuple(measure for measure in self.measures.values() if measure.value is not None)

    @property
    def stay(self) -> Stay:
        """Since when and until when who it is about was there: all the time."""
        return Stay()

    @property
    def business(self) -> Measure | None:
        """What says how much business there was: revenue, or orders in a period too short for it.

        None where neither has a row.
        """
        return next((self.measures[kpi] for kpi in BUSINESS if kpi in self.measures), None)

    @property
    def is_idle(self) -> bool:
        """Whether there was no business in the period."""
        known = [self.measures[kpi] for kpi in BUSINESS if kpi in self.measures]
        seen = [m.value for m in known if m.value is not None and m.is_covered]
        return bool(seen) and not any(seen)


@dataclass(frozen=True)
class Slice(KpiSlice):
    """All that a partner's page may know."""

    content: ScorecardSlice

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls.of(file.read(ScorecardSlice, folder))

    @classmethod
    def of(cls, content: ScorecardSlice) -> Self:
        """Return the slice of a partner.

        After a partner left no target holds; nor does one of what adds up for the period in which
        it left, of which only a part was its own.
        """
        stay = cls(content).stay
        rows = [
            _without_target(row) if stay.ends_target(content.definitions[row.kpi]) else row
            for row in content.kpis
        ]
        return cls(content, measures_of(content, rows))

    @property
    def partner(self) -> Partner:
        """The partner's own columns."""
        return self.content.partner

    @property
    def name(self) -> str:
        """The partner's name, or its id where it has none."""
        return self.partner.name or self.partner.partner_id

    @property
    def is_of_one_partner(self) -> bool:
        """Whether it is about one partner alone."""
        return True

    @property
    def insights(self) -> Insights:
        """Actions, what went well, drivers, follow-up; none of it where it was not worked out."""
        return self.content.insights or _NO_INSIGHTS

    @property
    def has_insights(self) -> bool:
        """Whether a run worked them out, and did not only compute the figures."""
        return self.content.insights is not None

    @property
    def restated(self) -> tuple[Restated, ...]:
        """The figures that differ from what was published of them, the largest change first."""
        return self.content.restated

    @property
    def stay(self) -> Stay:
        """Since when and until when the partner was there."""
        return Stay.of(self.partner, self.period.start, self.as_of)

    @property
    def peer_group(self) -> str | None:
        """Whom the partner is held against: the others of its type (type), all, or nobody."""
        return self.content.peer_group


def measures_of(content: KpiPage, rows: Iterable[KpiRow]) -> dict[str, Measure]:
    """Return the measures of these rows of a page, by KPI.

    Periods of which nothing is known, for they end before the data, are no part of a history.
    """
    first, year_end = content.run.data.first_day, content.run.year_end

    def is_known(point: Point) -> bool:
        if first is None or point.value is not None:
            return True
        return Period.parse(point.period, year_end).end >= first

    return {
        row.kpi: Measure(
            row,
            content.definitions[row.kpi],
            tuple(point for point in content.history.get(row.kpi, ()) if is_known(point)),
        )
        for row in rows
    }


def _without_target(row: KpiRow) -> KpiRow:
    """Return a row of the KPI table as if nothing had been agreed."""
    status = "no_data" if row.value is None else "no_target"
    return replace(
        row, target=None, minimum=None, variance=None, status=status, off_track_periods=0
    )


def differences(asked: Mapping[str, tuple[object, object]]) -> list[Problem]:
    """Return a problem for each thing that a notebook asks for and its slice holds otherwise."""
    return [
        Problem(
            name,
            f"the notebook asks for {wanted!r}, its slice holds {held!r}",
            "Give the notebook the slice that belongs to its parameters.",
        )
        for name, (wanted, held) in asked.items()
        if wanted != held
    ]
