"""Deliveries: on time, in full, without errors."""

from __future__ import annotations

from .revenue import growth
from .slots import Outcome, Scope, Slot, ratio, total
from .tables import Row


def delivered_in_p(slot: Slot, scope: Scope) -> list[Row]:
    """Return the deliveries that arrived in P."""
    rows = slot.rows("deliveries", scope)
    return [row for row in rows if slot.covers(row["delivered_on"])]


def delivered_tonnage(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in delivered_in_p(slot, scope) if row["weight_tonnes"] is not None]
    return total(sum(row["weight_tonnes"] for row in rows), len(rows))


def tonnage_growth(slot: Slot, scope: Scope) -> Outcome:
    base = slot.year_ago().as_base("deliveries")
    return growth(delivered_tonnage(slot, scope), delivered_tonnage(base, scope))


def _orders(slot: Slot) -> dict[object, Row]:
    if "orders" not in slot.run.data.rows:
        return {}
    return {row["order_id"]: row for row in slot.existing("orders")}


def _not_cancelled(slot: Slot, rows: list[Row]) -> list[Row]:
    orders = _orders(slot)
    return [
        row
        for row in rows
        if row["order_id"] not in orders or orders[row["order_id"]]["status"] != "cancelled"
    ]


def _promised(slot: Slot, scope: Scope) -> list[Row]:
    rows = slot.rows("deliveries", scope)
    return _not_cancelled(slot, [row for row in rows if slot.covers(row["promised_on"])])


def _on_time(row: Row) -> bool:
    return row["delivered_on"] is not None and row["delivered_on"] <= row["promised_on"]


def _in_full(row: Row) -> bool:
    return (
        row["delivered_on"] is not None
        and row["quantity_delivered"] is not None
        and row["quantity_delivered"] >= row["quantity_ordered"]
    )


def _share(part: list[Row], rows: list[Row]) -> Outcome:
    return ratio(len(part), len(rows), len(rows), counts=True)


def on_time_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = _promised(slot, scope)
    return _share([row for row in rows if _on_time(row)], rows)


def in_full_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = _promised(slot, scope)
    return _share([row for row in rows if _in_full(row)], rows)


def otif_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = _promised(slot, scope)
    return _share([row for row in rows if _on_time(row) and _in_full(row)], rows)


def unit_fill_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = _promised(slot, scope)
    in_time = sum(
        min(row["quantity_delivered"], row["quantity_ordered"])
        for row in rows
        if _on_time(row) and row["quantity_delivered"] is not None
    )
    return ratio(in_time, sum(row["quantity_ordered"] for row in rows), len(rows))


def order_otif_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("deliveries", scope)
    by_order: dict[object, list[Row]] = {}
    for row in _not_cancelled(slot, rows):
        by_order.setdefault(row["order_id"], []).append(row)
    due = [
        its_rows
        for its_rows in by_order.values()
        if slot.covers(max(row["promised_on"] for row in its_rows))
    ]
    good = [
        its_rows for its_rows in due if all(_on_time(row) and _in_full(row) for row in its_rows)
    ]
    return ratio(len(good), len(due), len(due), counts=True)


def delivery_days(slot: Slot, scope: Scope) -> Outcome:
    orders = _orders(slot)
    days = [
        (row["delivered_on"] - orders[row["order_id"]]["ordered_on"]).days
        for row in delivered_in_p(slot, scope)
        if row["order_id"] in orders
    ]
    return ratio(sum(days), len(days), len(days))


def _errors(slot: Slot, scope: Scope, kinds: tuple[str, ...]) -> Outcome:
    rows = delivered_in_p(slot, scope)
    return _share([row for row in rows if row["error"] in kinds], rows)


def order_error_rate(slot: Slot, scope: Scope) -> Outcome:
    return _errors(slot, scope, ("picking", "packing", "loading", "damage", "documents"))


def picking_error_rate(slot: Slot, scope: Scope) -> Outcome:
    return _errors(slot, scope, ("picking",))


def packing_error_rate(slot: Slot, scope: Scope) -> Outcome:
    return _errors(slot, scope, ("packing",))


def loading_error_rate(slot: Slot, scope: Scope) -> Outcome:
    return _errors(slot, scope, ("loading",))


def backorder_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in _promised(slot, scope) if row["backordered"] is not None]
    return _share([row for row in rows if row["backordered"]], rows)


FORMULAS = {
    f.__name__: f
    for f in (
        delivered_tonnage,
        tonnage_growth,
        on_time_rate,
        in_full_rate,
        otif_rate,
        unit_fill_rate,
        order_otif_rate,
        delivery_days,
        order_error_rate,
        picking_error_rate,
        packing_error_rate,
        loading_error_rate,
        backorder_rate,
    )
}
