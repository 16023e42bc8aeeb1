"""The slice of a portfolio page: a roll-up's figures, and the partners that it may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from kpi_lib.slices.insight_types import Owner, Words
from kpi_lib.slices.outlook_types import FadingMethod, Outlook
from kpi_lib.slices.page_types import KpiPage, Point

Scope = Literal["portfolio", "manager", "branch"]
Stance = Literal["talk", "invest", "keep", "unknown"]


@dataclass(frozen=True)
class Figure:
    """A KPI's value and its value a year ago, in the KPI's unit; None where there is none."""

    value: float | None = None
    year_ago: float | None = None


@dataclass(frozen=True, kw_only=True)
class PartnerFigures:
    """What a page says of one partner: money in the reporting currency, rates 0 to 1.

    `health_score`: 0 to 100. `judged`: how many measures are on track, at risk or off track,
    `off_track`: how many are off, `longest`: for how many periods the one that is so for longest.
    """

    revenue: float | None = None
    revenue_year_ago: float | None = None
    revenue_target: float | None = None
    revenue_status: str | None = None
    revenue_off_track_periods: int | None = None
    orders: float | None = None
    orders_year_ago: float | None = None
    gross_margin: float | None = None
    otif_rate: float | None = None
    health_score: float | None = None
    health_score_year_ago: float | None = None
    judged: int = 0
    off_track: int = 0
    longest: int = 0

    def business(self, kpi: str) -> Figure:
        """Return how much business it was, by the KPI that says so: revenue or orders."""
        if kpi == "revenue":
            return Figure(self.revenue, self.revenue_year_ago)
        return Figure(self.orders, self.orders_year_ago)


@dataclass(frozen=True, kw_only=True)
class PortfolioPartner:
    """One partner that the page may name, its figures, and what it calls for.

    `name`: its id where it has none. `has_left`: by the day of the figures. `why`: score,
    off_track, fell or growing; None where nothing is called for.
    """

    partner_id: str
    name: str
    partner_type: str | None = None
    region: str | None = None
    manager: str | None = None
    left_on: date | None = None
    has_left: bool = False
    figures: PartnerFigures
    stance: Stance = "unknown"
    why: str | None = None


@dataclass(frozen=True)
class StanceRules:
    """By which partners call for a talk or for more investment.

    `talk_score`: a health below it; `invest_score`: one of it or more. `periods`: in a row with
    revenue off track. `fall`: of revenue on the year, 0 to 1, where there is no score.
    """

    talk_score: float
    invest_score: float
    periods: int
    fall: float


@dataclass(frozen=True)
class Business:
    """How many partners bring in more than they return, and their revenue together."""

    partners: int
    revenue: float


@dataclass(frozen=True, kw_only=True)
class OffTrack:
    """A measure of a partner that is off track: its figures in the KPI's unit.

    `gap`: how far the value is off its target. `since`: the first of the periods that it has been
    off track. `is_known_before`: the data cover the period before that one. `stake`: money, None
    where there is none or where it is counted with another measure; `stake_of`: the KPI it is of.
    """

    partner_id: str
    partner: str
    kpi: str
    name: str
    unit: str
    value: float
    target: float
    gap: float
    off_track_periods: int
    since: str
    is_known_before: bool
    stake: float | None
    stake_of: str | None


@dataclass(frozen=True)
class Exceptions:
    """The first few measures that are off track; how many there are, and of how many partners."""

    rows: tuple[OffTrack, ...] = ()
    count: int = 0
    partners: int = 0


@dataclass(frozen=True)
class Mover:
    """A partner's revenue, that of a year ago and the change, in the reporting currency."""

    partner_id: str
    name: str
    revenue: float
    revenue_year_ago: float
    moved: float


@dataclass(frozen=True)
class Movers:
    """The largest gains and losses of revenue on the year, the largest first."""

    gains: tuple[Mover, ...] = ()
    losses: tuple[Mover, ...] = ()


@dataclass(frozen=True)
class TopShare:
    """The share of revenue (0 to 1) of so many largest partners, now and a year ago."""

    partners: int
    now: float
    then: float | None


@dataclass(frozen=True)
class Concentration:
    """How much of the revenue the largest partners bring.

    `index`: Herfindahl-Hirschman, the sum of the squared shares, 0 to 1. `curve`: the share of the
    largest, of the two largest, and so on.
    """

    top: tuple[TopShare, ...]
    index: float
    index_year_ago: float | None
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Credited:
    """The revenue that each model credits (KPI: amount) to a partner; of None direct business.

    `apart`: the most that a model credits less the least.
    """

    partner_id: str | None
    name: str | None
    credit: Mapping[str, float]
    apart: float


@dataclass(frozen=True)
class Attribution:
    """What the models credit to whom; `further`: how many partners are not listed."""

    models: tuple[str, ...]
    rows: tuple[Credited, ...] = ()
    further: int = 0


@dataclass(frozen=True)
class RollUp:
    """The figures of one type of partner or of one region, by KPI."""

    entity: str
    kpis: Mapping[str, Figure]


@dataclass(frozen=True)
class Whole:
    """Direct business or the company beside the partners: figures by KPI, history of revenue."""

    kpis: Mapping[str, Figure] = field(default_factory=dict)
    revenue: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Unit:
    """A KPI's name, and the unit that it is written in."""

    name: str
    unit: str


@dataclass(frozen=True)
class OwnerActions:
    """How many actions a role (in words by language) or a person has, and with how many partners.

    `due`: the first day on which one of them is due.
    """

    words: Words
    name: str | None
    count: int
    partners: int
    due: date


@dataclass(frozen=True, kw_only=True)
class PartnerAction:
    """An action on one KPI of a partner; `stake`: in the reporting currency."""

    partner_id: str
    partner: str
    kpi: str
    name: str
    stake: float | None
    due: date
    action: Words
    owner: Owner


@dataclass(frozen=True)
class Actions:
    """How many actions there are, who has them, and the first few, the most at stake first."""

    count: int = 0
    owners: tuple[OwnerActions, ...] = ()
    further_owners: int = 0
    first: tuple[PartnerAction, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DisputedFigure:
    """A figure of a partner that it reports otherwise, in the KPI's unit, and who clears it up."""

    partner_id: str
    partner: str
    name: str
    unit: str
    ours: float | None
    reported: float | None
    owner: str | None


@dataclass(frozen=True)
class Disputes:
    """The first few figures in dispute, the largest gap first, and how many there are."""

    rows: tuple[DisputedFigure, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class RestatedCount:
    """How many published figures have changed, and of how many partners."""

    figures: int = 0
    partners: int = 0


@dataclass(frozen=True, kw_only=True)
class PartnerOutlook:
    """What is expected of one partner in the next period, in the reporting currency.

    `low80` and `high80`: the ends of the 80% band. `target_chance`: to reach the year's target,
    `fading_chance`: to sell less than half of its own season; None where not known. `stake`: what
    is expected, weighed with the probability to fade.
    """

    partner_id: str
    partner: str
    value: float
    low80: float
    high80: float
    target_chance: float | None
    fading_chance: float | None
    reasons: tuple[str, ...]
    stake: float


@dataclass(frozen=True)
class PortfolioOutlook:
    """What is expected of the partners, the most at stake first, and of all together (or None)."""

    whole: Outlook | None
    partners: tuple[PartnerOutlook, ...]
    fading: FadingMethod


@dataclass(frozen=True)
class Reports:
    """The ids of partners whose internal page is there, and of those whose reports failed."""

    there: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PortfolioSlice(KpiPage):
    """All that a portfolio page may know; the KPIs are those of its roll-up.

    `page`: its place in the period's folder. `sections`: the KPIs of each, in order. `beside` and
    `by`, by scope: of the page of all partners alone. `breakdown`: the KPIs of `by`. `units`: of
    these and of the models of attribution. `partners`: the one with most business first.
    `concentration`: None where there is no revenue. `outlook`: None where no run was made.
    """

    KIND: ClassVar[str] = "portfolio"
    VERSION: ClassVar[int] = 2

    page: str
    scope: Scope
    entity: str
    rules: StanceRules
    sections: Mapping[str, tuple[str, ...]]
    beside: Mapping[str, Whole]
    partners: tuple[PortfolioPartner, ...]
    bringing_in_talk: Business
    exceptions: Exceptions
    movers: Movers
    concentration: Concentration | None
    attribution: Attribution
    by: Mapping[str, tuple[RollUp, ...]]
    breakdown: tuple[str, ...]
    units: Mapping[str, Unit]
    actions: Actions
    disputes: Disputes
    restated: RestatedCount
    outlook: PortfolioOutlook | None = None
    reports: Reports = field(default_factory=Reports)
