"""What a slice carries beside its figures: actions, good news, drivers, follow-up, the note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kpi_lib.slices.outlook_types import Outlook

Words = Mapping[str, str]  # a text by language


@dataclass(frozen=True)
class Owner:
    """Who is to do something: a role, in words, and who holds it with this partner."""

    role: str
    words: Words
    name: str | None = None


@dataclass(frozen=True)
class Reckoning:
    """How an amount at stake was reckoned: the lesser of what the gap comes to, and of `most`.

    `of`: the KPI in money that it speaks of, `most` below its `reference` of `against`; where those
    are None, `most` is what there is of it: a balance or a cost. All in the reporting currency.
    """

    amount: float
    of: str
    estimate: float
    most: float
    against: str | None = None
    reference: float | None = None


@dataclass(frozen=True, kw_only=True)
class Action:
    """What is to be done about one KPI, by whom and by when; figures in the KPI's own unit.

    `rule`: of the playbook. `side`: who answers for the KPI: us, partner or both. `against`: what
    the value is held against, `reference` its figure there, `gap` how far off the value is, 0 or
    more. `reckoning`: the money at stake, None where there is none or it is counted with another
    action. `for_partner`: the partner's own edition may show it. `action` and `next_step`: the
    playbook's words, by language, figures not yet written in.
    """

    rule: str
    kpi: str
    name: str
    unit: str
    better: str
    side: str
    value: float | None
    target: float | None
    minimum: float | None
    variance: float | None
    status: str | None
    off_track_periods: int | None
    trend: str | None
    n: float | None
    against: str
    reference: float | None
    gap: float | None
    reckoning: Reckoning | None
    priority: str
    for_partner: bool
    action: Words
    next_step: Words
    owner: Owner
    due: date

    @property
    def stake(self) -> float | None:
        """The amount at stake, in the reporting currency."""
        return self.reckoning.amount if self.reckoning else None


@dataclass(frozen=True)
class Reason:
    """Why a figure is good news: target, trend or year_ago, what that was, how far ahead it is.

    `reference`: in the KPI's unit. `ahead`: as a share of it.
    """

    reason: str
    reference: float | None
    ahead: float | None


@dataclass(frozen=True)
class GoodNews:
    """A KPI that went well, its value, and every reason to say so, the strongest first."""

    kpi: str
    value: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Effect:
    """What one part did to a change, in the unit of the KPI; the part then and now in its own."""

    part: str
    effect: float
    then: float | None
    now: float | None


@dataclass(frozen=True)
class Driver:
    """The change of a KPI since `against` (year_ago, previous), split into effects.

    `how`: by what it is split. The effects, the largest first, add up to the change.
    """

    kpi: str
    how: str
    against: str
    then: float
    now: float
    change: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """What became of an action of the period before; figures in the KPI's own unit.

    `moved`: better, worse, unchanged or None; `reached`: None where nobody can say.
    """

    rule: str
    kpi: str
    action: Words
    owner: Owner
    due: date
    against: str
    reference: float | None
    then: float | None
    now: float | None
    moved: str | None
    reached: bool | None


@dataclass(frozen=True)
class Insights:
    """All of it, of one partner and edition; an analyst's figures alone have none (None).

    `note`: the account manager's own words, as Markdown; empty where there are none.
    `earlier`: what there is of the actions of the period before: none, unreadable or read.
    `outlook`: of internal editions alone, and of a run.
    """

    has_playbook: bool
    actions: tuple[Action, ...] = ()
    went_well: tuple[GoodNews, ...] = ()
    drivers: tuple[Driver, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    earlier: str = "none"
    note: str = ""
    outlook: Outlook | None = None

    @property
    def kpis(self) -> set[str]:
        """The KPIs that anything of it is about."""
        kpis = {action.kpi for action in self.actions} | {news.kpi for news in self.went_well}
        return kpis | {driver.kpi for driver in self.drivers} | {f.kpi for f in self.follow_up}
