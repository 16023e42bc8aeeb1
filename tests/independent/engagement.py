"""Meetings, portals, events and programmes."""

from __future__ import annotations

from fractions import Fraction

from .funnel import mature
from .slots import Outcome, Scope, Slot, active_in, ratio, total
from .tables import Row

INTERACTIONS = (
    "meeting",
    "business_review",
    "joint_planning",
    "event",
    "training_session",
    "co_marketing",
    "feedback",
)
JOINT = ("business_review", "joint_planning", "event", "co_marketing")


def _engaged(slot: Slot, scope: Scope, kinds: tuple[str, ...]) -> list[Row]:
    return [
        row
        for row in slot.rows("engagements", scope)
        if slot.covers(row["occurred_on"]) and row["kind"] in kinds
    ]


def _attended(slot: Slot, scope: Scope, kinds: tuple[str, ...]) -> list[Row]:
    """Return the engagements of the kinds in P; where it is not recorded, they were attended."""
    return [row for row in _engaged(slot, scope, kinds) if row["attended"] is not False]


def interactions_per_week(slot: Slot, scope: Scope) -> Outcome:
    return ratio(len(_attended(slot, scope, INTERACTIONS)), Fraction(slot.days, 7), None)


def active_weeks(slot: Slot, scope: Scope) -> Outcome:
    active = {row["partner_id"] for row in slot.rows("partners", scope) if active_in(slot, row)}
    blocks = {
        (row["partner_id"], (row["occurred_on"] - slot.first).days // 7)
        for row in _attended(slot, scope, INTERACTIONS)
        if row["partner_id"] in active
    }
    number = (slot.days + 6) // 7
    return ratio(len(blocks), number * len(active), None)


def joint_activities(slot: Slot, scope: Scope) -> Outcome:
    count = len(_attended(slot, scope, JOINT))
    return total(count, count)


def portal_days(slot: Slot, scope: Scope) -> Outcome:
    rows = _engaged(slot, scope, ("portal_login", "app_session"))
    days = {(row["partner_id"], row["occurred_on"]) for row in rows}
    return total(len(days), len(days))


def _attendance(slot: Slot, scope: Scope, kinds: tuple[str, ...]) -> Outcome:
    rows = [
        row
        for row in _engaged(slot, scope, kinds)
        if row["invited"] is True and row["attended"] is not None
    ]
    return ratio(sum(row["attended"] for row in rows), len(rows), len(rows), counts=True)


def event_attendance(slot: Slot, scope: Scope) -> Outcome:
    return _attendance(slot, scope, ("event", "training_session"))


def meeting_attendance(slot: Slot, scope: Scope) -> Outcome:
    return _attendance(slot, scope, ("meeting", "business_review", "joint_planning"))


def feedback(slot: Slot, scope: Scope) -> Outcome:
    count = len(_engaged(slot, scope, ("feedback",)))
    return total(count, count)


# --- programmes -----------------------------------------------------------------------------------


def _participation(slot: Slot, scope: Scope, program: str | None) -> Outcome:
    rows = slot.rows("programs", scope)
    rows = [row for row in rows if program in (None, row["program"])]
    return mature(slot, rows, "offered_on", "joined_on")


def program_participation(slot: Slot, scope: Scope) -> Outcome:
    return _participation(slot, scope, None)


def onboarding_rate(slot: Slot, scope: Scope) -> Outcome:
    return _participation(slot, scope, "onboarding")


def early_buy_participation(slot: Slot, scope: Scope) -> Outcome:
    return _participation(slot, scope, "early_buy")


def co_marketing_participation(slot: Slot, scope: Scope) -> Outcome:
    return _participation(slot, scope, "co_marketing")


def mdf_participation(slot: Slot, scope: Scope) -> Outcome:
    return _participation(slot, scope, "mdf")


def mdf_claimed(slot: Slot, scope: Scope) -> Outcome:
    rows = [
        row
        for row in slot.rows("programs", scope)
        if row["program"] == "mdf" and slot.covers(row["joined_on"]) and row["amount"] is not None
    ]
    return total(sum(row["amount"] for row in rows), len(rows))


FORMULAS = {
    f.__name__: f
    for f in (
        interactions_per_week,
        active_weeks,
        joint_activities,
        portal_days,
        event_attendance,
        meeting_attendance,
        feedback,
        program_participation,
        onboarding_rate,
        early_buy_participation,
        co_marketing_participation,
        mdf_participation,
        mdf_claimed,
    )
}
