"""Relationship KPIs that stand on partners and orders."""

from __future__ import annotations

from fractions import Fraction

from .revenue import fulfilled
from .slots import Outcome, Scope, Slot, ratio, total


def partnership_years(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in slot.rows("partners", scope) if row["joined_on"] <= slot.as_of]
    days = sum(((row["left_on"] or slot.as_of) - row["joined_on"]).days for row in rows)
    return ratio(days / Fraction("365.25"), len(rows), len(rows))


def active_partners(slot: Slot, scope: Scope) -> Outcome:
    # A left_on after as_of reads as null, so any that is left is on or before it.
    count = sum(
        row["joined_on"] <= slot.as_of and row["left_on"] is None
        for row in slot.rows("partners", scope)
    )
    return total(count, count)


def new_partners(slot: Slot, scope: Scope) -> Outcome:
    count = sum(slot.covers(row["joined_on"]) for row in slot.rows("partners", scope))
    return total(count, count)


def partner_churn_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = [
        row
        for row in slot.rows("partners", scope)
        if row["joined_on"] < slot.first
        and (row["left_on"] is None or row["left_on"] >= slot.first)
    ]
    left = sum(slot.covers(row["left_on"]) for row in rows)
    return ratio(left, len(rows), len(rows), counts=True)


def digital_order_share(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in fulfilled(slot, scope) if row["channel"] is not None]
    digital = sum(row["channel"] in ("portal", "app", "edi") for row in rows)
    return ratio(digital, len(rows), len(rows), counts=True)


FORMULAS = {
    f.__name__: f
    for f in (
        partnership_years,
        active_partners,
        new_partners,
        partner_churn_rate,
        digital_order_share,
    )
}
