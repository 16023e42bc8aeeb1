"""Revenue KPIs that stand on orders."""

from __future__ import annotations

from .slots import COMPANY, Outcome, Scope, Slot, on_base, ratio, total
from .tables import Row


def sales(slot: Slot, scope: Scope) -> list[Row]:
    """Return the orders of P with status completed or returned."""
    return [
        row
        for row in slot.rows("orders", scope)
        if row["status"] in ("completed", "returned") and slot.covers(row["ordered_on"])
    ]


def fulfilled_ever(slot: Slot, scope: Scope) -> list[Row]:
    """Return the completed orders on or before as_of."""
    rows = slot.rows("orders", scope)
    return [row for row in rows if row["status"] == "completed"]


def fulfilled(slot: Slot, scope: Scope) -> list[Row]:
    """Return the completed orders of P."""
    rows = fulfilled_ever(slot, scope)
    return [row for row in rows if slot.covers(row["ordered_on"])]


def revenue(slot: Slot, scope: Scope) -> Outcome:
    rows = sales(slot, scope)
    return total(sum(row["amount"] for row in rows), len(rows))


def growth(now: Outcome, base: Outcome) -> Outcome:
    """Return what there is now over the base, less 1."""
    return on_base(now.value, base.value, base.n, minus=1)


def revenue_growth(slot: Slot, scope: Scope) -> Outcome:
    return growth(revenue(slot, scope), revenue(slot.year_ago().as_base("orders"), scope))


def revenue_growth_previous(slot: Slot, scope: Scope) -> Outcome:
    return growth(revenue(slot, scope), revenue(slot.previous().as_base("orders"), scope))


def revenue_share(slot: Slot, scope: Scope) -> Outcome:
    whole = revenue(slot, COMPANY)
    return ratio(revenue(slot, scope).value, whole.value, whole.n)


def gross_margin(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in sales(slot, scope) if row["cost"] is not None]
    margin = sum(row["amount"] - row["cost"] for row in rows)
    return ratio(margin, sum(row["amount"] for row in rows), len(rows))


def orders(slot: Slot, scope: Scope) -> Outcome:
    count = len(fulfilled(slot, scope))
    return total(count, count)


def order_growth(slot: Slot, scope: Scope) -> Outcome:
    return growth(orders(slot, scope), orders(slot.year_ago().as_base("orders"), scope))


def sales_volume(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in fulfilled(slot, scope) if row["quantity"] is not None]
    return total(sum(row["quantity"] for row in rows), len(rows))


def average_order_value(slot: Slot, scope: Scope) -> Outcome:
    rows = fulfilled(slot, scope)
    return ratio(sum(row["amount"] for row in rows), len(rows), len(rows))


FORMULAS = {
    f.__name__: f
    for f in (
        revenue,
        revenue_growth,
        revenue_growth_previous,
        revenue_share,
        gross_margin,
        orders,
        order_growth,
        sales_volume,
        average_order_value,
    )
}
