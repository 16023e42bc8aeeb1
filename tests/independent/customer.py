"""Customer KPIs that stand on customers and orders."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import pairwise

from .revenue import fulfilled, fulfilled_ever, orders, sales
from .slots import TINY, MissingValue, Outcome, Scope, Slot, on_base, ratio, total
from .tables import Row


def new_customers(slot: Slot, scope: Scope) -> Outcome:
    count = sum(slot.covers(row["acquired_on"]) for row in slot.rows("customers", scope))
    return total(count, count)


def _customers(rows: list[Row]) -> set[object]:
    return {row["customer_id"] for row in rows if row["customer_id"] is not None}


def active_customers(slot: Slot, scope: Scope) -> Outcome:
    count = len(_customers(fulfilled(slot, scope)))
    return total(count, count)


def customer_retention(slot: Slot, scope: Scope) -> Outcome:
    before = _customers(fulfilled(slot.year_ago().as_base("orders"), scope))
    back = before & _customers(fulfilled(slot, scope))
    return on_base(len(back), len(before), len(before), counts=True)


def sales_by_customer(slot: Slot, scope: Scope) -> dict[object, Fraction]:
    """Return what each customer that is no guest bought in P, in the scope."""
    bought: dict[object, Fraction] = {}
    for row in sales(slot, scope):
        if row["customer_id"] is not None:
            bought[row["customer_id"]] = bought.get(row["customer_id"], Fraction(0)) + row["amount"]
    return bought


def _kept(slot: Slot, scope: Scope) -> tuple[dict[object, Fraction], dict[object, Fraction]]:
    base = slot.year_ago().as_base("orders")
    before = {
        customer: amount
        for customer, amount in sales_by_customer(base, scope).items()
        if amount >= TINY
    }
    now = sales_by_customer(slot, scope)
    return before, {customer: now.get(customer, Fraction(0)) for customer in before}


def revenue_retention(slot: Slot, scope: Scope) -> Outcome:
    before, now = _kept(slot, scope)
    return on_base(sum(now.values()), sum(before.values()), len(before))


def gross_revenue_retention(slot: Slot, scope: Scope) -> Outcome:
    before, now = _kept(slot, scope)
    kept = sum(min(max(now[customer], Fraction(0)), before[customer]) for customer in before)
    return on_base(kept, sum(before.values()), len(before))


def repeat_purchase_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = fulfilled(slot, scope)
    customers = _customers(rows)
    repeat = [c for c in customers if sum(row["customer_id"] == c for row in rows) >= 2]
    return ratio(len(repeat), len(customers), len(customers), counts=True)


def orders_per_month(slot: Slot, scope: Scope) -> Outcome:
    return ratio(orders(slot, scope).value, slot.months, None)


def orders_per_project(slot: Slot, scope: Scope) -> Outcome:
    rows = fulfilled(slot, scope)
    projects = [row["project_id"] for row in rows if row["project_id"] is not None]
    return ratio(len(projects), len(set(projects)), len(set(projects)))


def gaps(days: set[date]) -> list[tuple[date, int]]:
    """Return each gap between consecutive days: its later day and its length."""
    ordered = sorted(days)
    return [(b, (b - a).days) for a, b in pairwise(ordered)]


def days_between_purchases(slot: Slot, scope: Scope) -> Outcome:
    days: dict[object, set[date]] = {}
    for row in fulfilled_ever(slot, scope):
        if row["customer_id"] is not None:
            days.setdefault(row["customer_id"], set()).add(row["ordered_on"])
    found = [
        length
        for its_days in days.values()
        for later, length in gaps(its_days)
        if slot.covers(later)
    ]
    return ratio(sum(found), len(found), len(found))


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    """Return the quantile, linear between the two nearest values."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = int(place)
    if below == len(ordered) - 1:
        return Fraction(ordered[below])
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def purchase_gap_ratio(slot: Slot, scope: Scope) -> Outcome:
    days = _days_with_an_order(slot, scope)
    if not days:
        raise MissingValue("there is no fulfilled order yet")
    usual = [length for _, length in gaps(days)]
    if len(usual) < 5:
        usual = _gaps_of_the_type(slot, slot.run.partners[scope.entity]["partner_type"])
    if len(usual) < 5:
        raise MissingValue("fewer than 5 gaps, also in its type")
    return ratio((slot.as_of - max(days)).days, quantile(usual, Fraction(9, 10)), None)


def _days_with_an_order(slot: Slot, scope: Scope) -> set[date]:
    return {row["ordered_on"] for row in fulfilled_ever(slot, scope)}


def _gaps_of_the_type(slot: Slot, partner_type: object) -> list[int]:
    """Return the gaps of every partner of a type, each partner's own days apart."""
    names = [name for name, row in slot.run.partners.items() if row["partner_type"] == partner_type]
    return [
        length
        for name in names
        for _, length in gaps(_days_with_an_order(slot, Scope("partner", str(name))))
    ]


FORMULAS = {
    f.__name__: f
    for f in (
        new_customers,
        active_customers,
        customer_retention,
        revenue_retention,
        gross_revenue_retention,
        repeat_purchase_rate,
        orders_per_month,
        orders_per_project,
        days_between_purchases,
        purchase_gap_ratio,
    )
}
