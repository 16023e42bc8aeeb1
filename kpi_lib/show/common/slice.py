"""What a page is given: of a partner its rows, shared or internal, and nothing else.

The file slice.json holds all of it. It is read with the standard library alone, so that a report's
kernel starts fast and needs no engine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Self

from kpi_lib.errors import Problem, RunError
from kpi_lib.periods import Period
from kpi_lib.show.common.insight_records import Insights
from kpi_lib.show.common.language import _

SLICE_FILE = "slice.json"
EDITIONS = ("partner", "internal")
IN_PART = "in_part"  # the status of a figure of which the data cover a part only
SMALL_N = 30  # below it a figure says how many cases it stands on
JUDGED = ("off_track", "at_risk", "on_track")  # by their targets, the worst first
HELD = (*JUDGED, "unsure")  # against a target; of the last, on too few cases to say
BUSINESS = ("revenue", "orders")
AGREED = ("target", "minimum", "variance")  # columns of what was agreed


@dataclass(frozen=True)
class Standing:
    """Where a partner stands: of how many of the others it is ahead, and what they have.

    `others`: their number, in the internal edition. The partner edition is not told it; what it is
    told is coarse: `ahead` in tenths, and the figures of a group that the partner itself is in.
    """

    ahead: float
    q1: float
    median: float
    q3: float
    others: int | None = None

    @property
    def is_coarse(self) -> bool:
        """Whether it is such as a partner may be told."""
        return self.others is None


@dataclass(frozen=True, eq=False)  # one of a slice: itself, and no other with the same figures
class Measure:
    """One KPI of this partner: its row of the KPI table, its history and what it means."""

    kpi: str
    row: Mapping[str, Any]
    definition: Mapping[str, Any]
    history: tuple[Mapping[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """Its name as people say it, in the language that is spoken."""
        return _(str(self.definition.get("name") or self.kpi))

    @property
    def unit(self) -> str:
        """One of ratio, money, days, number, points, years."""
        return str(self.definition.get("unit", "number"))

    @property
    def better(self) -> str:
        """Whether a higher or a lower value is better, or neither."""
        return str(self.definition.get("better", "neither"))

    @property
    def is_growth(self) -> bool:
        """Whether the value is itself a change, and so carries its sign."""
        return "growth" in self.kpi or "increase" in self.kpi

    @property
    def value(self) -> float | None:
        """The value, or None where it is missing."""
        return self.number("value")

    @property
    def status(self) -> str:
        """The status as the KPI table has it; in_part, where the data cover a part of the period.

        Nothing is judged by such a figure.
        """
        if not self.is_covered and self.value is not None:
            return IN_PART
        return str(self.row.get("status") or "no_target")

    @property
    def is_covered(self) -> bool:
        """Whether the data cover the period, so that the value can be held against anything."""
        return is_covered(self.row)

    @property
    def dispute(self) -> Mapping[str, Any] | None:
        """What the partner reported where that is too far from the value; None where it is not."""
        return self.row.get("dispute")

    @property
    def is_small(self) -> bool:
        """Whether the value stands on so few cases that the reader should be told how many."""
        n = self.number("n")
        # Of a sum or a count, n says no more than the value itself.
        is_share = self.number("denominator") is not None or self.unit in (
            "ratio",
            "days",
            "points",
        )
        return self.value is not None and is_share and n is not None and 0 < n < SMALL_N

    @property
    def standing(self) -> Standing | None:
        """Where the partner stands among the others, None where nothing may be said of it."""
        told = self.row.get("standing")
        return Standing(**told) if told and self.is_covered else None

    @property
    def seen(self) -> tuple[Mapping[str, Any], ...]:
        """The periods of the history that have a value, oldest first."""
        return tuple(point for point in self.history if point.get("value") is not None)

    @property
    def compared(self) -> tuple[Mapping[str, Any], ...]:
        """Those of them that the data cover, so that one can be held against another."""
        return tuple(point for point in self.seen if is_covered(point))

    @property
    def has_course(self) -> bool:
        """Whether there is something to draw: two values at least, and not nothing throughout."""
        return len(self.seen) >= 2 and any(point["value"] for point in self.seen)

    @property
    def is_bare(self) -> bool:
        """Whether there is no figure at all, of this period or an earlier one."""
        columns = ("value", "previous", "year_ago", "target")
        return all(self.number(column) is None for column in columns)

    def number(self, column: str) -> float | None:
        """Return a numeric column of the row, or None where there is none."""
        value = self.row.get(column)
        return None if value is None else float(value)


@dataclass(frozen=True)
class Stay:
    """Since when and until when a partner was there, as far as a period is concerned.

    `since`: it joined on this day of the period. `until`: it left on this day, of the period or
    before it. `is_over`: it left before the period began.
    """

    since: date | None = None
    until: date | None = None
    is_over: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it was there throughout the period."""
        return self.since is None and self.until is None

    def ends_target(self, definition: Mapping[str, Any]) -> bool:
        """Say whether a KPI of that definition has no target that holds any more."""
        return self.is_over or (self.until is not None and bool(definition.get("adds_up")))


@dataclass(frozen=True)
class PageSlice:
    """All that a page may know: of which period and day, from which data, and its own matter."""

    raw: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls.of(_raw(folder))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return the slice that a mapping describes."""
        return cls(raw)

    @property
    def currency(self) -> str:
        """The reporting currency's code."""
        return str(self.raw["currency"])

    @property
    def period(self) -> Period:
        """The period that the page is about."""
        return Period.parse(self.raw["period"], self.raw.get("year_end") or "DEC")

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return date.fromisoformat(self.raw["as_of"])

    @property
    def to_date(self) -> bool:
        """Whether the period is looked at before its end."""
        return bool(self.raw.get("to_date"))

    @property
    def data(self) -> Mapping[str, Any]:
        """What the figures were computed from."""
        return self.raw.get("data", {})

    @property
    def company(self) -> Mapping[str, Any]:
        """Whose pages these are: name, logo and colour, as far as the settings name them."""
        return self.raw.get("company") or {}

    @property
    def language(self) -> str:
        """The language of the page."""
        return str(self.raw.get("language") or "en")

    def day(self, name: str) -> date | None:
        """Return a day of the data by its name, or None."""
        text = self.data.get(name)
        return date.fromisoformat(str(text)[:10]) if text else None


@dataclass(frozen=True)
class Slice(PageSlice):
    """All that a partner's page may know; `measures`: the KPIs, in the catalogue's order."""

    measures: Mapping[str, Measure] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return the slice that a mapping describes.

        After a partner left no target holds; nor does one of what adds up for the period in which
        it left, of which only a part was its own.
        """
        meanings, history, stay = raw["definitions"], _covered(raw), cls(raw).stay
        rows = [
            _without_target(row) if stay.ends_target(meanings.get(row["kpi"], {})) else row
            for row in raw["kpis"]
        ]
        return cls(
            raw,
            {
                row["kpi"]: Measure(
                    row["kpi"],
                    row,
                    meanings.get(row["kpi"], {}),
                    tuple(history.get(row["kpi"], ())),
                )
                for row in rows
            },
        )

    @property
    def partner(self) -> Mapping[str, Any]:
        """The partner's own columns."""
        return self.raw["partner"]

    @property
    def name(self) -> str:
        """The partner's name, or its id where it has none."""
        return str(self.partner.get("name") or self.partner["partner_id"])

    @property
    def edition(self) -> str:
        """Whose page this is: partner or internal."""
        return str(self.raw["edition"])

    @property
    def is_internal(self) -> bool:
        """Whether the page never leaves the company."""
        return self.edition == "internal"

    @property
    def insights(self) -> Insights:
        """What is told beside the figures: actions, what went well, drivers, follow-up."""
        return Insights.of(self.raw.get("insights") or {})

    @property
    def profile(self) -> tuple[Measure, ...]:
        """The KPIs that lead the page, in the order of the partner's profile."""
        return tuple(self.measures[kpi] for kpi in self.raw["profile"] if kpi in self.measures)

    @property
    def known(self) -> tuple[Measure, ...]:
        """The KPIs that have a value."""
        return tuple(measure for measure in self.measures.values() if measure.value is not None)

    @property
    def restated(self) -> tuple[Mapping[str, Any], ...]:
        """The figures that differ from what was published of them, the largest change first."""
        return tuple(self.raw.get("restated", ()))

    @property
    def stay(self) -> Stay:
        """Since when and until when the partner was there."""
        joined, left, first = self.day("joined_on"), self.day("left_on"), self.period.start
        return Stay(
            since=joined if joined and first <= joined <= self.as_of else None,
            until=left if left and left <= self.as_of else None,
            is_over=left is not None and left < first,
        )

    @property
    def business(self) -> Measure | None:
        """What says how much business there was: revenue, or orders where it is not told so often.

        None where neither has a row.
        """
        return next((self.measures[kpi] for kpi in BUSINESS if kpi in self.measures), None)

    @property
    def peer_group(self) -> str | None:
        """Whom the partner is held against: the others of its type (type), all, or nobody."""
        return self.raw.get("peer_group")

    @property
    def is_idle(self) -> bool:
        """Whether the partner had no business in the period."""
        known = [self.measures[kpi] for kpi in BUSINESS if kpi in self.measures]
        seen = [m.value for m in known if m.value is not None and m.is_covered]
        return bool(seen) and not any(seen)

    def day(self, name: str) -> date | None:
        """Return a day of the partner or of the data by its name, or None."""
        text = self.partner.get(name)
        return date.fromisoformat(str(text)[:10]) if text else super().day(name)


def _without_target(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row of the KPI table as if nothing had been agreed."""
    status = "no_data" if row.get("value") is None else "no_target"
    return {**row, **dict.fromkeys(AGREED), "status": status, "off_track_periods": 0}


def is_covered(row: Mapping[str, Any]) -> bool:
    """Say whether the data cover the period of a row, or of a point of a course."""
    return "covered_from" not in row


def _covered(raw: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the courses without periods of which nothing is known: they end before the data."""
    first, year_end = raw.get("data", {}).get("first_day"), raw.get("year_end") or "DEC"
    courses: Mapping[str, Any] = raw.get("history", {})
    if not first:
        return dict(courses)
    begin = date.fromisoformat(first)
    return {
        kpi: [
            point
            for point in points
            if point["value"] is not None or Period.parse(point["period"], year_end).end >= begin
        ]
        for kpi, points in courses.items()
    }


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


def _raw(folder: Path) -> Mapping[str, Any]:
    file = folder / SLICE_FILE
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as missing:
        raise RunError(
            Problem(
                f"slice {folder.name}",
                f"there is no {SLICE_FILE} in {folder}",
                "Run `kpi run` first, or leave the parameter slice empty.",
            )
        ) from missing
    except ValueError as broken:
        raise RunError(
            Problem(
                f"slice {folder.name}",
                f"{SLICE_FILE} cannot be read: {broken}",
                "Run `kpi run` again: it writes the slices anew.",
            )
        ) from broken
