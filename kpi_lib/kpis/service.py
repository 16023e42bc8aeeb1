"""Service: what we owe the partner, or a supplier owes us: on time, in full, without errors."""

from __future__ import annotations

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Formula, Rows, rows, rows_ever
from kpi_lib.engine.kpi import SHARE
from kpi_lib.engine.terms.by_last_day import ByLastDay
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import delivered


def beside_cancelled(deliveries: Rows, *columns: str) -> Rows:
    """Return the deliveries with columns of their order where that is cancelled: they are few."""
    cancelled = field("status") == "cancelled"
    return deliveries.beside("orders", "order_id", *columns, optional=True, only=cancelled)


def not_cancelled(deliveries: Rows) -> Rows:
    """Keep the deliveries whose order is not cancelled; one without an order is not."""
    of_cancelled = beside_cancelled(deliveries, "status")
    return of_cancelled.where(field("orders_status").is_known().negated())


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
    """Of the deliveries promised for the period, those delivered on or before the promised day.

    Held against the first promise: a date that was moved is not kept. What is not delivered yet
    counts as late. Deliveries of cancelled orders are left out, here and in the other KPIs of what
    was promised.
    """
    return Formula(promised.where(on_time).count(), per=promised.count(), share=True)


@kpi("In-full delivery", unit="ratio", cadence="week", accountable="us")
def in_full_rate() -> Formula:
    """Of the deliveries promised for the period, those delivered with all that was ordered.

    Late but whole is in full. What is not delivered yet is not.
    """
    return Formula(promised.where(in_full).count(), per=promised.count(), share=True)


@kpi("On time, in full (OTIF)", unit="ratio", cadence="week", accountable="us")
def otif_rate() -> Formula:
    """Of the deliveries promised for the period, those both on time and in full.

    One delivery, one vote. The stricter reading is by order (`order_otif_rate`), the milder by unit
    (`unit_fill_rate`): one missing screw fails a delivery and its order, and hardly shows in the
    units. Agree with the partner which of the three you talk about.
    """
    both = promised.where(on_time & in_full)
    return Formula(both.count(), per=promised.count(), share=True)


@kpi("Units delivered on time", unit="ratio", cadence="month", accountable="us", within=SHARE)
def unit_fill_rate() -> Formula:
    """Units delivered by the promised day, at most those ordered, over the units ordered.

    By unit: large deliveries weigh more, and half of an order in time counts as half. Higher than
    `otif_rate` as a rule.
    """
    units = field("quantity_delivered").or_else(0).least(field("quantity_ordered"))
    return Formula(promised.where(on_time).sum(units), per=promised.sum("quantity_ordered"))


@kpi("Orders on time and in full", unit="ratio", cadence="month", accountable="us")
def order_otif_rate() -> Formula:
    """Of the orders whose last promised day lies in the period, those kept in every delivery.

    An order is kept where all its deliveries are on time and in full; a partner's are those of its
    deliveries.

    By order: of an order in three deliveries one late fails all. It counts in the period of its
    last promised day, so not quite the deliveries of `otif_rate`.

    >>> value_of("order_otif_rate", deliveries="a 07-01 07-01 5 5 order_id=1 "
    ...          "| a 07-05 07-06 5 5 order_id=1 | a 07-01 07-01 5 5 order_id=2")
    0.5
    """
    orders = ByLastDay(
        beside_cancelled(rows_ever("deliveries"), "ordered_on"),
        by="order_id",
        day="promised_on",
        keeps=on_time & in_full,
        void_since="orders_ordered_on",  # before it the order, and so its end, is not known
    )
    return Formula(orders.that_keep(), per=orders, share=True)


@kpi("Days from order to delivery", unit="days", cadence="month", better="lower", accountable="us")
def delivery_days() -> Formula:
    """Mean days from order to delivery, of the deliveries made in the period.

    Calendar days. Of what was delivered: what is still waiting is not in it, so it looks best when
    the worst is yet to come.
    """
    ordered = delivered.beside("orders", "order_id", "ordered_on")
    known = ordered.where(field("orders_ordered_on").is_known())
    return Formula(known.sum(field("delivered_on") - field("orders_ordered_on")), per=known.count())


@kpi("Order error rate", unit="ratio", cadence="week", better="lower", accountable="us")
def order_error_rate() -> Formula:
    """Of the deliveries made in the period, those with an error of any kind.

    By delivery, which has one kind of error at most. Beside picking, packing and loading there are
    damage and documents, so the three rates of those add up to less.
    """
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
    """Of the deliveries promised for the period that say so, those backordered.

    Deliveries without the flag are left out: where few carry it, look at n.
    """
    known = promised.where(field("backordered").is_known())
    late = known.where(field("backordered") == 1)
    return Formula(late.count(), per=known.count(), share=True)
