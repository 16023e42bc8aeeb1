"""KPIs made of other KPIs, their targets and their statuses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from .catalogue import CATALOGUE
from .comparing import below, same
from .revenue import revenue
from .slots import MissingValue, Outcome, Scope, Slot, ratio, total
from .tables import Row

if TYPE_CHECKING:
    from .comparisons import Book

SWAPPED_TYPES = ("supplier", "service")
SWAPPED = {"us": "partner", "partner": "us", "both": "both"}


def quota_attainment(book: Book, slot: Slot, scope: Scope) -> Outcome:
    row = book.targets.row("revenue", scope, slot.period)
    if row is None:
        raise MissingValue("there is no target of revenue")
    return ratio(revenue(slot, scope).value, row["target"], None)


def _on_course(book: Book, slot: Slot, objective: Row) -> bool | None:
    """Whether the objective's progress is at least the share of its time; none without a value."""
    kpi = str(objective["kpi"])
    partner = Scope("partner", str(objective["partner_id"]))
    if kpi not in _own(book, slot, partner):
        return None
    value = book.value(kpi, partner, slot.period)
    if value is None:
        return None
    baseline, target = objective["baseline"], objective["target"]
    if same(target, baseline):
        better = book.definition(kpi).better
        return not below(value, target) if better == "higher" else not below(target, value)
    time = (objective["due_on"] - objective["starts_on"]).days
    gone = (slot.as_of - objective["starts_on"]).days
    share = Fraction(1) if time == 0 else min(Fraction(gone, time), Fraction(1))
    return not below((value - baseline) / (target - baseline), share)


def goal_alignment(book: Book, slot: Slot, scope: Scope) -> Outcome:
    running = [row for row in slot.rows("objectives", scope) if row["due_on"] >= slot.first]
    judged = [_on_course(book, slot, row) for row in running]
    judged = [on_course for on_course in judged if on_course is not None]
    return ratio(sum(judged), len(judged), len(judged), counts=True)


def _is_goal(kpi: str) -> bool:
    return kpi in CATALOGUE and CATALOGUE[kpi].family == "goals"


def _own(book: Book, slot: Slot, scope: Scope) -> list[str]:
    return [kpi for kpi in book.kpis_with_a_row(scope, slot) if not _is_goal(kpi)]


def targets_met(book: Book, slot: Slot, scope: Scope) -> Outcome:
    statuses = [book.status(kpi, scope, slot.period) for kpi in _own(book, slot, scope)]
    judged = [s for s in statuses if s in ("on_track", "at_risk", "off_track")]
    return ratio(judged.count("on_track"), len(judged), len(judged))


def attainment(book: Book, kpi: str, scope: Scope, slot: Slot) -> Fraction | None:
    """Return how far the value has come from the floor to the target, 0 to 1."""
    row = book.targets.row(kpi, scope, slot.period)
    value = book.value(kpi, scope, slot.period)
    better = book.definition(kpi).better
    if row is None or value is None or better == "neither":
        return None
    worse = -1 if better == "higher" else 1
    target, floor = row["target"], row["minimum"]
    if floor is None:
        floor = target + worse * abs(target) / 2
    pace = book.pace(kpi, scope, slot)
    target, floor = target * pace, floor * pace
    if same(target, floor):
        reached = below(target, value) if better == "higher" else below(value, target)
        return Fraction(reached or same(value, target))
    return min(max((value - floor) / (target - floor), Fraction(0)), Fraction(1))


def _accountable(book: Book, kpi: str, scope: Scope) -> str:
    kpi_line = book.definition(kpi)
    if scope.kind == "partner" and kpi_line.family == "service":
        its_type = book.run.partners[scope.entity]["partner_type"]
        if its_type in SWAPPED_TYPES:
            return SWAPPED[kpi_line.accountable]
    return kpi_line.accountable


def _score(
    book: Book, slot: Slot, scope: Scope, counts: Callable[[str], bool], least: int
) -> Outcome:
    families: dict[str, list[Fraction]] = {}
    for kpi in _own(book, slot, scope):
        reached = attainment(book, kpi, scope, slot) if counts(kpi) else None
        if reached is not None:
            families.setdefault(book.definition(kpi).family, []).append(reached)
    if len(families) < least:
        raise MissingValue("too few families have a target and a value")
    weights = {f: Fraction(str(slot.run.asked.weights.get(f, 1))) for f in families}
    weighted = sum(weights[f] * sum(got) / len(got) for f, got in families.items())
    mean = ratio(weighted, sum(weights.values()), None)
    return total(100 * mean.value, None)


def health_score(book: Book, slot: Slot, scope: Scope) -> Outcome:
    def counts(kpi: str) -> bool:
        return _accountable(book, kpi, scope) in ("partner", "both")

    return _score(book, slot, scope, counts, 3)


def our_service_score(book: Book, slot: Slot, scope: Scope) -> Outcome:
    def counts(kpi: str) -> bool:
        shared = book.definition(kpi).audience == "shared"
        return shared and _accountable(book, kpi, scope) in ("us", "both")

    return _score(book, slot, scope, counts, 1)


FORMULAS = {
    f.__name__: f
    for f in (quota_attainment, goal_alignment, targets_met, health_score, our_service_score)
}
