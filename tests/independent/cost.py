"""What partners cost and save, and the share of their spending that we get."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from fractions import Fraction

from .customer import new_customers
from .revenue import revenue, sales
from .slots import DIRECT, TINY, MissingValue, Outcome, Scope, Slot, ratio, total
from .tables import Row


def _partner_costs(slot: Slot, scope: Scope) -> list[Row]:
    """Return the costs of channel partner in P; the portfolio's include those of no partner."""
    rows = slot.rows("costs", scope)
    if scope.kind == "portfolio":
        rows = slot.existing("costs")
    return [row for row in rows if row["channel"] == "partner" and slot.covers(row["incurred_on"])]


def program_cost(slot: Slot, scope: Scope) -> Outcome:
    rows = _partner_costs(slot, scope)
    return total(sum(row["amount"] for row in rows), len(rows))


def roi(slot: Slot, scope: Scope) -> Outcome:
    cost = program_cost(slot, scope)
    return ratio(revenue(slot, scope).value - cost.value, cost.value, cost.n)


def margin_roi(slot: Slot, scope: Scope) -> Outcome:
    cost = program_cost(slot, scope)
    sold = [row for row in sales(slot, scope) if row["cost"] is not None]
    margin = sum(row["amount"] - row["cost"] for row in sold)
    return ratio(margin - cost.value, cost.value, cost.n)


def _savings(slot: Slot, scope: Scope, categories: tuple[str, ...]) -> Outcome:
    rows = [
        row
        for row in slot.rows("savings", scope)
        if slot.covers(row["realised_on"]) and (not categories or row["category"] in categories)
    ]
    return total(sum(row["amount"] for row in rows), len(rows))


def cost_savings(slot: Slot, scope: Scope) -> Outcome:
    return _savings(slot, scope, ())


def operational_savings(slot: Slot, scope: Scope) -> Outcome:
    return _savings(slot, scope, ("operations", "support"))


def cac(slot: Slot, scope: Scope) -> Outcome:
    if scope.kind == "direct":
        rows = [row for row in slot.rows("costs", scope) if row["channel"] == "direct"]
    elif scope.kind == "company":
        rows = slot.rows("costs", scope)
    else:
        rows = _partner_costs(slot, scope)
    spent = sum(
        row["amount"]
        for row in rows
        if slot.covers(row["incurred_on"]) and row["category"] != "operations"
    )
    won = new_customers(slot, scope)
    return ratio(spent, won.value, won.n)


def cac_reduction(slot: Slot, scope: Scope) -> Outcome:
    own, direct = cac(slot, scope).value, cac(slot, DIRECT).value
    if direct < TINY:
        raise MissingValue("a customer costs nothing in direct business")
    return total(1 - own / direct, None)


def twelve_months_ending(day: date) -> date:
    """Return the first day of the twelve months that end on that day."""
    after = day + timedelta(days=1)
    if after.day > calendar.monthrange(after.year - 1, after.month)[1]:
        return date(after.year - 1, 3, 1)  # that year has no 29 February
    return after.replace(year=after.year - 1)


def wallet_share(slot: Slot, scope: Scope) -> Outcome:
    latest: dict[object, Row] = {}
    for row in slot.rows("observations", scope):
        age = (slot.as_of - row["observed_on"]).days
        if row["measure"] != "category_spend" or not 0 <= age <= 548:
            continue
        best = latest.get(row["partner_id"])
        when = (row["observed_on"], row["observation_id"])
        if best is None or when > (best["observed_on"], best["observation_id"]):
            latest[row["partner_id"]] = row
    first = twelve_months_ending(slot.as_of)
    sold = sum(
        (
            row["amount"]
            for row in slot.existing("orders")
            if row["partner_id"] in latest
            and row["status"] in ("completed", "returned")
            and first <= row["ordered_on"] <= slot.as_of
        ),
        Fraction(0),
    )
    spending = sum(row["numerator"] for row in latest.values())
    return ratio(sold, spending, len(latest))


FORMULAS = {
    f.__name__: f
    for f in (
        program_cost,
        roi,
        margin_roi,
        cost_savings,
        operational_savings,
        cac,
        cac_reduction,
        wallet_share,
    )
}
