"""What customers, partners and the market answered."""

from __future__ import annotations

import math
from dataclasses import replace

from .slots import Outcome, Scope, Slot, ratio, total
from .tables import Row


def _answers(slot: Slot, scope: Scope, respondent: str, instrument: str) -> list[Row]:
    return [
        row
        for row in slot.rows("surveys", scope)
        if slot.covers(row["responded_on"])
        and row["respondent"] == respondent
        and row["instrument"] == instrument
    ]


def _nps(slot: Slot, scope: Scope, respondent: str) -> Outcome:
    rows = _answers(slot, scope, respondent, "nps")
    promoters = sum(row["score"] >= 9 for row in rows)
    detractors = sum(row["score"] <= 6 for row in rows)
    found = ratio(100 * (promoters - detractors), len(rows), len(rows))
    return replace(found, spread=_adjusted_wald(promoters, detractors, len(rows)))


def _adjusted_wald(promoters: int, detractors: int, n: int) -> tuple[float, float]:
    """Return low and high of a net promoter score: three answers more, a quarter of each side's."""
    m = n + 3
    a, d = (promoters + 0.75) / m, (detractors + 0.75) / m
    half = 196 * math.sqrt((a + d - (a - d) ** 2) / m)
    return max(100 * (a - d) - half, -100.0), min(100 * (a - d) + half, 100.0)


def _csat(slot: Slot, scope: Scope, respondent: str) -> Outcome:
    rows = _answers(slot, scope, respondent, "csat")
    return ratio(sum(row["score"] >= 4 for row in rows), len(rows), len(rows), counts=True)


def customer_nps(slot: Slot, scope: Scope) -> Outcome:
    return _nps(slot, scope, "end_customer")


def customer_csat(slot: Slot, scope: Scope) -> Outcome:
    return _csat(slot, scope, "end_customer")


def partner_nps(slot: Slot, scope: Scope) -> Outcome:
    return _nps(slot, scope, "partner")


def partner_csat(slot: Slot, scope: Scope) -> Outcome:
    return _csat(slot, scope, "partner")


def brand_awareness(slot: Slot, scope: Scope) -> Outcome:
    rows = _answers(slot, scope, "market", "brand_awareness")
    return ratio(sum(row["score"] for row in rows), len(rows), len(rows), counts=True)


def brand_awareness_increase(slot: Slot, scope: Scope) -> Outcome:
    base = slot.previous().as_base("surveys")
    change = brand_awareness(slot, scope).value - brand_awareness(base, scope).value
    return total(100 * change, None)


FORMULAS = {
    f.__name__: f
    for f in (
        customer_nps,
        customer_csat,
        partner_nps,
        partner_csat,
        brand_awareness,
        brand_awareness_increase,
    )
}
