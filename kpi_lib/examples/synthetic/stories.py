"""What happens to whom: stories that can be found in the data, the cause before its effect.

A story turns levers at one partner: from a month on, over some months, to a new level. Everything
else about that partner stays usual, so what a page says of it can be held against this list; the
tests compute the KPIs and do so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A lever that is moved: `to` a level, or to so many `times` what it was."""

    lever: str
    since: str
    to: float | None = None
    times: float = 1.0
    over: int = 1  # months until it is there


@dataclass(frozen=True)
class Story:
    """A partner by its place in the cast, what happened to it in words, and its turns."""

    partner: int
    title: str
    cause: str
    effect: str
    turns: tuple[Turn, ...]


STORIES: tuple[Story, ...] = (
    Story(
        1,
        "Late trucks",
        "Deliveries come late from July 2025 on",
        "it orders less from January 2026 on",
        (
            Turn("late", "2025-07", to=0.38, over=2),
            Turn("customer_mood", "2025-10", to=0.02, over=3),
            Turn("volume", "2026-01", times=0.5, over=3),
        ),
    ),
    Story(
        2,
        "Certificates run out",
        "Nobody is trained after March 2025, and certificates last a year",
        "fewer deals are won from January 2026 on",
        (
            Turn("training", "2025-04", to=0.0),
            Turn("win", "2026-01", to=0.12, over=2),
        ),
    ),
    Story(
        3,
        "Out of credit",
        "Invoices are paid ever later from April 2025 on, until the credit limit is reached",
        "orders are held back from January 2026 on",
        (
            Turn("pay_delay", "2025-04", to=80, over=6),
            Turn("volume", "2026-01", times=0.45, over=3),
        ),
    ),
    Story(
        4,
        "Nobody is brought on board",
        "New staff are no longer brought on board from April 2025 on",
        "the partner is less content from October 2025 on, and registers fewer deals in 2026",
        (
            Turn("onboarding", "2025-04", to=0.04),
            Turn("partner_mood", "2025-10", to=-0.35, over=3),
            Turn("deals", "2026-01", times=0.45, over=3),
        ),
    ),
    Story(
        5,
        "The portal is left",
        "Its people log in ever less from July 2025 on",
        "leads dry up from January 2026 on",
        (
            Turn("logins", "2025-07", times=0.2, over=3),
            Turn("leads", "2026-01", times=0.35, over=3),
        ),
    ),
    Story(
        6,
        "A competitor in its market",
        "A competitor advertises from April 2025 on: fewer know our brand",
        "new customers stay away, and the market share falls from January 2026 on",
        (
            Turn("awareness", "2025-04", to=0.24, over=3),
            Turn("acquisition", "2025-10", times=0.25, over=2),
            Turn("loss", "2025-10", times=2.0),
            Turn("volume", "2026-01", times=0.58, over=4),
        ),
    ),
    Story(
        7,
        "Costs run away",
        "The joint project takes more people and money than planned from July 2025 on",
        "the programme costs more than it earns from January 2026 on",
        (
            Turn("overrun", "2025-07", to=1.45, over=2),
            Turn("cost", "2025-10", times=4.2, over=5),
        ),
    ),
    Story(
        8,
        "The wrong goods",
        "Picking errors rise from April 2025 on",
        "goods come back from July 2025 on, and customers stay away from January 2026 on",
        (
            Turn("picking", "2025-04", to=0.15, over=2),
            Turn("returned", "2025-07", to=0.13, over=2),
            Turn("customer_mood", "2025-07", to=-0.1, over=3),
            Turn("loss", "2025-11", times=6.0),
            Turn("acquisition", "2025-11", times=0.2),
            Turn("volume", "2026-01", times=0.6, over=5),
        ),
    ),
    Story(
        9,
        "More than was agreed",
        "Joint planning and training grow from January 2025 on",
        "new customers come, and revenue passes its target from October 2025 on: worth more money",
        (
            Turn("meetings", "2025-01", times=1.8, over=3),
            Turn("training", "2025-01", times=2.2, over=3),
            Turn("acquisition", "2025-07", times=2.5, over=3),
            Turn("volume", "2025-09", times=1.75, over=8),
        ),
    ),
    Story(
        10,
        "Rules not kept",
        "Safety incidents and failed checks add up from April 2025 on",
        "its customers are less satisfied from October 2025 on, and revenue falls in 2026",
        (
            Turn("incidents", "2025-04", to=1.3, over=3),
            Turn("compliance", "2025-04", to=0.5, over=2),
            Turn("customer_mood", "2025-10", to=-0.25, over=3),
            Turn("volume", "2026-03", times=0.5, over=2),
        ),
    ),
    Story(
        11,
        "Out of sight",
        "Nobody meets this partner from July 2025 on: its account manager has left",
        "deals are no longer registered from January 2026 on, and the pipeline empties",
        (
            Turn("meetings", "2025-07", times=0.12),
            Turn("deals", "2026-01", times=0.3, over=3),
            Turn("leads", "2026-01", times=0.5, over=3),
        ),
    ),
    Story(
        12,
        "Out of stock",
        "Goods are on backorder from July 2025 on",
        "it orders elsewhere from January 2026 on: fewer orders, a smaller share of its wallet",
        (
            Turn("backorder", "2025-07", to=0.30, over=2),
            Turn("short", "2025-07", to=0.22, over=2),
            Turn("volume", "2026-01", times=0.55, over=3),
        ),
    ),
)
