"""The slice of one partner's scorecard, in one edition: all that its page may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.page_types import KpiPage


@dataclass(frozen=True, kw_only=True)
class Partner:
    """A row of the table partners: codes as the contract has them, None where nothing is said."""

    partner_id: str
    name: str | None = None
    partner_type: str
    tier: str | None = None
    segment: str | None = None
    region: str | None = None
    industry: str | None = None
    branch: str | None = None
    manager: str | None = None
    joined_on: date | None = None
    left_on: date | None = None


@dataclass(frozen=True)
class Restated:
    """A figure of the partner that is not what was published of it, in the KPI's unit.

    `published_at`: the day of the first page that showed it. None: there was, or is, no figure.
    """

    kpi: str
    period: str
    published: float | None
    now: float | None
    published_at: date


@dataclass(frozen=True)
class Reported:
    """A figure that the partner reported, beside ours of the same period, in the KPI's unit.

    `relative`: reported less ours, over ours. `status`: agreed, disputed, no_figure, not_compared.
    `since`: the period since which the two are apart. `why`: why they cannot be compared.
    """

    kpi: str
    period: str
    ours: float | None
    reported: float | None
    relative: float | None
    status: str
    since: str | None
    owner: str | None
    why: str | None


@dataclass(frozen=True)
class Comment:
    """What somebody said in a survey; `of_topic` counts all comments of its topic."""

    topic: str | None
    respondent: str | None
    instrument: str | None
    score: float | None
    responded_on: date
    comment: str
    of_topic: int


@dataclass(frozen=True, kw_only=True)
class ScorecardSlice(KpiPage):
    """All that the page of one partner and edition may know, its figures in the KPIs' units.

    `peer_group`: whom the partner is held against: the others of its type (type), all, or nobody.
    `restated`: the largest change first. `insights`: None where only the figures were computed.
    `beside`, `comments` and `reported`: of internal editions alone; `beside` by scope and KPI.
    """

    KIND: ClassVar[str] = "scorecard"
    VERSION: ClassVar[int] = 2

    partner: Partner
    peer_group: str | None = None
    restated: tuple[Restated, ...] = ()
    insights: Insights | None = None
    beside: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    comments: tuple[Comment, ...] = ()
    reported: tuple[Reported, ...] = ()
