"""Training, compliance, innovation, and what was measured elsewhere."""

from __future__ import annotations

from fractions import Fraction

from .funnel import count_in_p, days_between, mature
from .slots import TINY, MissingValue, Outcome, Scope, Slot, ratio, total
from .tables import Row

# --- capability -----------------------------------------------------------------------------------


def training_completion(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("training", scope)
    return mature(slot, rows, "enrolled_on", "completed_on")


def certifications(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("training", scope), "certified_on")


def certified_people(slot: Slot, scope: Scope) -> Outcome:
    people = {
        (row["partner_id"], row["person_id"])
        for row in slot.rows("training", scope)
        if row["certified_on"] is not None
        and (row["certificate_until"] is None or row["certificate_until"] >= slot.as_of)
    }
    return total(len(people), len(people))


def assessment_score(slot: Slot, scope: Scope) -> Outcome:
    scores = [
        row["score"]
        for row in slot.rows("training", scope)
        if slot.covers(row["completed_on"]) and row["score"] is not None
    ]
    return ratio(sum(scores), len(scores), len(scores))


# --- compliance -----------------------------------------------------------------------------------


def _passed(slot: Slot, scope: Scope, kind: str | None) -> Outcome:
    rows = [
        row
        for row in slot.rows("compliance_checks", scope)
        if slot.covers(row["checked_on"]) and kind in (None, row["kind"])
    ]
    return ratio(sum(row["passed"] for row in rows), len(rows), len(rows), counts=True)


def compliance_rate(slot: Slot, scope: Scope) -> Outcome:
    return _passed(slot, scope, None)


def contract_compliance(slot: Slot, scope: Scope) -> Outcome:
    return _passed(slot, scope, "contract")


def regulatory_compliance(slot: Slot, scope: Scope) -> Outcome:
    return _passed(slot, scope, "regulatory")


def incidents(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("incidents", scope), "occurred_on")


def open_incidents(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("incidents", scope)
    count = sum(row["resolved_on"] is None for row in rows)
    return total(count, count)


def incident_resolution_days(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("incidents", scope)
    rows = [row for row in rows if slot.covers(row["resolved_on"])]
    return days_between(rows, "occurred_on", "resolved_on")


# --- innovation -----------------------------------------------------------------------------------


def co_created_solutions(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("solutions", scope), "launched_on")


def time_to_market_days(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("solutions", scope)
    rows = [row for row in rows if slot.covers(row["launched_on"])]
    return days_between(rows, "concept_on", "launched_on")


def _use_by_kind(slot: Slot, scope: Scope) -> list[Fraction]:
    """Return utilised over allocated of each kind with something allocated in P."""
    rows = [row for row in slot.rows("resources", scope) if slot.covers(row["booked_on"])]
    found = []
    for kind in ("people", "budget", "technology"):
        of_kind = [row for row in rows if row["kind"] == kind]
        allocated = sum(row["allocated"] for row in of_kind)
        if allocated >= TINY:
            found.append(sum(row["utilised"] for row in of_kind) / allocated)
    return found


def resource_utilisation(slot: Slot, scope: Scope) -> Outcome:
    uses = _use_by_kind(slot, scope)
    return ratio(sum(min(use, Fraction(1)) for use in uses), len(uses), len(uses))


def resource_overrun(slot: Slot, scope: Scope) -> Outcome:
    uses = _use_by_kind(slot, scope)
    return ratio(sum(max(use - 1, Fraction(0)) for use in uses), len(uses), len(uses))


def milestones_on_time(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("milestones", scope)
    rows = [row for row in rows if slot.covers(row["due_on"])]
    in_time = sum(
        row["completed_on"] is not None and row["completed_on"] <= row["due_on"] for row in rows
    )
    return ratio(in_time, len(rows), len(rows), counts=True)


def projects_completed(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("milestones", scope)
    return count_in_p(slot, [row for row in rows if row["final"]], "completed_on")


# --- industry packs -------------------------------------------------------------------------------


def observations_of(slot: Slot, scope: Scope, measure: str) -> list[Row]:
    """Return the measure's rows in the scope up to as_of; none where they cannot be known."""
    try:
        slot.need(["observations.observed_on", "observations.measure"])
        rows = slot.rows("observations", scope)
    except MissingValue:
        return []
    return [row for row in rows if row["measure"] == measure]


def _observed(slot: Slot, scope: Scope, measure: str) -> tuple[list[Row], list[Row]]:
    """Return the measure's rows in P, and those of them with a denominator."""
    rows = observations_of(slot, scope, measure)
    rows = [row for row in rows if slot.covers(row["observed_on"])]
    return rows, [row for row in rows if row["denominator"] is not None]


def pack_formula(slot: Slot, scope: Scope, measure: str) -> Outcome:
    """Return the measure's numerators per denominators, or their plain sum."""
    rows, divided = _observed(slot, scope, measure)
    if not rows:
        raise MissingValue(f"nothing of {measure} was observed")
    if not divided:
        return total(sum(row["numerator"] for row in rows), len(rows))
    over = sum(row["denominator"] for row in divided)
    return ratio(sum(row["numerator"] for row in divided), over, len(divided))


def pack_adds_up(slot: Slot, scope: Scope, measure: str) -> bool:
    """Whether the measure is a plain sum in P."""
    rows, divided = _observed(slot, scope, measure)
    return bool(rows) and not divided


FORMULAS = {
    f.__name__: f
    for f in (
        training_completion,
        certifications,
        certified_people,
        assessment_score,
        compliance_rate,
        contract_compliance,
        regulatory_compliance,
        incidents,
        open_incidents,
        incident_resolution_days,
        co_created_solutions,
        time_to_market_days,
        resource_utilisation,
        resource_overrun,
        milestones_on_time,
        projects_completed,
    )
}
