"""Service: what we owe the partner, or a supplier owes us: on time, in full, without errors."""

from __future__ import annotations

from kpi_lib.kpis.fields import field
from kpi_lib.kpis.formula import Formula, Rows, rows, rows_ever
from kpi_lib.kpis.lastday import ByLastDay
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import delivered


def not_cancelled(deliveries: Rows) -> Rows:
    """Keep the deliveries whose order is not cancelled; one without an order is not."""
    with_order = deliveries.beside("orders", "order_id", "status", optional=True)
    return with_order.where(field("orders_status").or_else("completed") != "cancelled")


promised = not_cancelled(rows("deliveries", when="promised_on"))
on_time = field("delivered_on") <= field("promised_on")
in_full = field("delivered_on").is_known() & (
    field("quantity_delivered") >= field("quantity_ordered")
)


def _with_error(kind: str) -> Formula:
    """Return the share of deliveries with an error of that kind."""
    return Formula(
        delivered.where(field("error") == kind).count(), per=delivered.count(), share=True
    )


@kpi("On-time delivery", unit="ratio", cadence="week", accountable="us")
def on_time_rate() -> Formula:
    """Of the deliveries promised for the period, those delivered on or before the promised day."""
    return Formula(promised.where(on_time).count(), per=promised.count(), share=True)


@kpi("In-full delivery", unit="ratio", cadence="week", accountable="us")
def in_full_rate() -> Formula:
    """Of the deliveries promised for the period, those delivered with all that was ordered."""
    return Formula(promised.where(in_full).count(), per=promised.count(), share=True)


@kpi("On time, in full (OTIF)", unit="ratio", cadence="week", accountable="us")
def otif_rate() -> Formula:
    """Of the deliveries promised for the period, those both on time and in full."""
    both = promised.where(on_time & in_full)
    return Formula(both.count(), per=promised.count(), share=True)


@kpi("Units delivered on time", unit="ratio", cadence="month", accountable="us")
def unit_fill_rate() -> Formula:
    """Units delivered by the promised day, at most those ordered, over the units ordered."""
    units = field("quantity_delivered").or_else(0).least(field("quantity_ordered"))
    return Formula(promised.where(on_time).sum(units), per=promised.sum("quantity_ordered"))


@kpi("Orders on time and in full", unit="ratio", cadence="month", accountable="us")
def order_otif_rate() -> Formula:
    """Of the orders whose last promised day lies in the period, those kept in every delivery.

    An order is kept where all its deliveries are on time and in full; a partner's are those of its
    deliveries.

    >>> value_of("order_otif_rate", deliveries="a 07-01 07-01 5 5 order_id=1 "
    ...          "| a 07-05 07-06 5 5 order_id=1 | a 07-01 07-01 5 5 order_id=2")
    0.5
    """
    ever = rows_ever("deliveries")
    orders = ByLastDay(
        ever.beside("orders", "order_id", "status", "ordered_on", optional=True),
        by="order_id",
        day="promised_on",
        keeps=on_time & in_full,
        void=field("orders_status") == "cancelled",
        void_since="orders_ordered_on",  # before it the order, and so its end, is not known
    )
    return Formula(orders.that_keep(), per=orders, share=True)


@kpi("Days from order to delivery", unit="days", cadence="month", better="lower", accountable="us")
def delivery_days() -> Formula:
    """Mean days from order to delivery, of what was delivered in the period."""
    ordered = delivered.beside("orders", "order_id", "ordered_on")
    known = ordered.where(field("orders_ordered_on").is_known())
    return Formula(known.sum(field("delivered_on") - field("orders_ordered_on")), per=known.count())


@kpi("Order error rate", unit="ratio", cadence="week", better="lower", accountable="us")
def order_error_rate() -> Formula:
    """Of the deliveries made in the period, those with an error of any kind."""
    wrong = delivered.where(field("error") != "none")
    return Formula(wrong.count(), per=delivered.count(), share=True)


@kpi("Picking error rate", unit="ratio", cadence="month", better="lower", accountable="us")
def picking_error_rate() -> Formula:
    """Of the deliveries made in the period, those with a picking error."""
    return _with_error("picking")


@kpi("Packing error rate", unit="ratio", cadence="month", better="lower", accountable="us")
def packing_error_rate() -> Formula:
    """Of the deliveries made in the period, those with a packing error."""
    return _with_error("packing")


@kpi("Loading error rate", unit="ratio", cadence="month", better="lower", accountable="us")
def loading_error_rate() -> Formula:
    """Of the deliveries made in the period, those with a loading error."""
    return _with_error("loading")


@kpi("Backorder rate", unit="ratio", cadence="week", better="lower", accountable="us")
def backorder_rate() -> Formula:
    """Of the deliveries promised for the period that say so, those backordered."""
    told = promised.where(field("backordered").is_known())
    late = told.where(field("backordered") == 1)
    return Formula(late.count(), per=told.count(), share=True)
