"""What a slice carries beside its figures, with types: actions, good news, drivers, follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

Words = Mapping[str, str]  # a text by language


@dataclass(frozen=True)
class Owner:
    """Who is to do something: a role, in words, and who holds it with this partner."""

    words: Words
    name: str | None

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Owner:
        """Return the owner that a mapping describes."""
        return cls(raw["words"], raw["name"])


@dataclass(frozen=True)
class Reckoning:
    """How an amount at stake was reckoned: the lesser of what the gap comes to, and of `most`.

    `of`: the KPI in money that it speaks of, `most` below its `reference` of `against`; where those
    are None, `most` is what there is of it.
    """

    of: str
    estimate: float
    most: float
    against: str | None
    reference: float | None


@dataclass(frozen=True)
class Action:
    """What is to be done about one KPI; `raw` holds its figures as well."""

    kpi: str
    against: str
    reference: float | None
    gap: float | None
    stake: float | None
    reckoning: Reckoning | None
    action: Words
    next_step: Words
    owner: Owner
    due: date
    raw: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Action:
        """Return the action that a mapping describes."""
        same = ("kpi", "against", "reference", "gap", "stake", "action", "next_step")
        told = raw["reckoning"]
        return cls(
            **{name: raw[name] for name in same},
            reckoning=told and Reckoning(**{f.name: told[f.name] for f in fields(Reckoning)}),
            owner=Owner.of(raw["owner"]),
            due=date.fromisoformat(raw["due"]),
            raw=raw,
        )


@dataclass(frozen=True)
class Reason:
    """Why a figure is good news: target, trend or year_ago, what that was, how far ahead it is."""

    reason: str
    reference: float | None
    ahead: float | None


@dataclass(frozen=True)
class GoodNews:
    """A KPI that went well, and every reason to say so."""

    kpi: str
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> GoodNews:
        """Return the news that a mapping describes."""
        return cls(raw["kpi"], tuple(Reason(**reason) for reason in raw["reasons"]))


@dataclass(frozen=True)
class Effect:
    """What one part did to a change, in the unit of the KPI; the part then and now."""

    part: str
    effect: float
    then: float | None
    now: float | None


@dataclass(frozen=True)
class Driver:
    """The change of a KPI since `against` (year_ago, previous), split into effects."""

    kpi: str
    how: str
    against: str
    then: float
    now: float
    change: float
    effects: tuple[Effect, ...]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Driver:
        """Return the driver that a mapping describes."""
        effects = tuple(Effect(**effect) for effect in raw["effects"])
        return cls(**{name: raw[name] for name in raw if name != "effects"}, effects=effects)


@dataclass(frozen=True)
class FollowUp:
    """What became of an action of the period before.

    `moved`: better, worse, unchanged or None; `reached`: None where nobody can say.
    """

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

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> FollowUp:
        """Return what a mapping describes."""
        same = ("kpi", "action", "against", "reference", "then", "now", "moved", "reached")
        return cls(
            **{name: raw[name] for name in same},
            owner=Owner.of(raw["owner"]),
            due=date.fromisoformat(raw["due"]),
        )


@dataclass(frozen=True)
class Insights:
    """All of it; `is_told`: a run worked it out, and did not only compute the figures.

    `note`: the account manager's own words, as Markdown; empty where there are none.

    `earlier_period` and `earlier`: the period before, and what there is of it: none, unreadable or
    read.
    """

    is_told: bool
    has_playbook: bool = False
    actions: tuple[Action, ...] = ()
    went_well: tuple[GoodNews, ...] = ()
    drivers: tuple[Driver, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    earlier_period: str = ""
    earlier: str = "none"
    note: str = ""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Insights:
        """Return the insights that a mapping describes; an empty one holds none."""
        if not raw:
            return cls(is_told=False)
        return cls(
            is_told=True,
            has_playbook=raw["has_playbook"],
            actions=tuple(Action.of(action) for action in raw["actions"]),
            went_well=tuple(GoodNews.of(news) for news in raw["went_well"]),
            drivers=tuple(Driver.of(driver) for driver in raw["drivers"]),
            follow_up=tuple(FollowUp.of(asked) for asked in raw["follow_up"]),
            earlier_period=raw["earlier"]["period"],
            earlier=raw["earlier"]["state"],
            note=raw.get("note") or "",
        )

    @property
    def kpis(self) -> set[str]:
        """The KPIs that anything of it is about."""
        kpis = {action.kpi for action in self.actions} | {news.kpi for news in self.went_well}
        return kpis | {driver.kpi for driver in self.drivers} | {f.kpi for f in self.follow_up}
