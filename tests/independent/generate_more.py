"""Markets, deliveries, invoices, leads, deals and surveys, as awkward as the orders."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta

from .generate_partnership import partnership_tables
from .maker import Maker, Rows, around

TOPICS = ["service", "support", "availability", "product", "onboarding", "overall", None]


def other_tables(maker: Maker) -> None:
    """Add every table but partners, customers, orders, targets and rates."""
    for make in (
        _markets,
        _market_sizes,
        _deliveries,
        _invoices,
        _payments,
        _credit_limits,
        _leads,
        _deals,
        _touchpoints,
        _surveys,
    ):
        make(maker)
    partnership_tables(maker)


def _markets(maker: Maker) -> None:
    rows = [
        {
            "market_id": f"m{n}",
            "name": maker.one_of("Österreich", "A, B", "<u>x</u>"),
            "kind": maker.one_of("geography", "vertical"),
            "target": maker.flag(),
            "accounts": maker.one_of(None, 0, 7, 30),
        }
        for n in (1, 2, 3, 4)
    ]
    maker.put("markets", rows)


def _market_sizes(maker: Maker) -> None:
    rows: Rows = []
    for market in ("m1", "m2", "m3", "m4"):
        kind = maker.one_of("month", "quarter", "year")
        period = around(maker.last, kind, maker.one_of("DEC", maker.period.year_end))
        while period.last >= maker.first:
            size = maker.one_of(0.0, maker.cents(2000, 9000), maker.cents(2000, 9000))
            rows.append({"market_id": market, "starts_on": period.first, "size": size})
            rows[-1]["ends_on"] = period.last
            period = period.back(1)
    maker.put("market_sizes", rows)


def _deliveries(maker: Maker) -> None:
    rows = []
    for number, order in enumerate(maker.rng.choices(maker.tables["orders"], k=maker.many(180))):
        # Some promises lie long after, some deliveries before their order: a warning, no fault.
        promised = maker.later(order["ordered_on"] - timedelta(days=2), 40, never=0)
        delivered = maker.later(promised - timedelta(days=6), 12)
        ordered = float(maker.rng.randrange(1, 30))
        done = ordered if maker.maybe(0.6) else maker.one_of(0.0, ordered - 0.5, ordered + 2, None)
        partner = order.get("partner_id")
        rows.append(
            {
                "delivery_id": f"{number:04d}",
                "order_id": order["order_id"],
                "partner_id": partner if maker.maybe(0.9) else maker.partner(),
                "promised_on": promised,
                "delivered_on": delivered,
                "quantity_ordered": ordered,
                "quantity_delivered": done,
                "weight_tonnes": maker.one_of(None, maker.cents(0, 9), maker.cents(0, 9)),
                "error": maker.one_of("none", "none", None, "picking", "packing", "loading")
                if maker.maybe(0.9)
                else maker.one_of("damage", "documents"),
                "backordered": maker.flag(),
            }
        )
    maker.put("deliveries", rows, absent=0.06)


def _invoices(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(200)):
        issued = maker.day()
        due = issued + timedelta(days=maker.one_of(0, 14, 30, 60))
        amount = -maker.money(100) if maker.maybe(0.06) else maker.money(800)
        rows.append(
            {
                "invoice_id": f"I{number:04d}",
                "partner_id": maker.partner(),
                "issued_on": issued,
                "due_on": due,
                "paid_on": maker.one_of(due, maker.later(issued, 150, never=0.25)),
                "amount": amount,
                "currency": maker.currency(),
            }
        )
    maker.put("invoices", rows, absent=0.06)


def _payments(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(70)):
        invoice = maker.rng.choice(maker.tables["invoices"])
        rows.append(
            {
                "payment_id": f"{number}",
                "invoice_id": invoice["invoice_id"],
                "received_on": maker.later(invoice["issued_on"], 120, never=0),
                "amount": round(abs(invoice["amount"]) * maker.one_of(0.25, 0.5, 0.1), 2),
            }
        )
    maker.put("payments", rows)


def _credit_limits(maker: Maker) -> None:
    rows = {}
    for partner in maker.partner_ids:
        for _ in range(maker.one_of(0, 1, 1, 3)):
            day = maker.one_of(maker.first, maker.day(), maker.period.last)
            limit = maker.one_of(0.0, 500.0, maker.cents(100, 4000))
            row = {"partner_id": partner, "valid_from": day, "credit_limit": limit}
            rows[partner, day] = row
    maker.put("credit_limits", list(rows.values()))


def _leads(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(160)):
        created = maker.day()
        rows.append(
            {
                "lead_id": f"{number:03d}",
                "partner_id": maker.partner(),
                "created_on": created,
                "qualified_on": maker.one_of(
                    maker.later(created, 120), created + timedelta(days=90)
                ),
                "opportunity_on": maker.later(created, 150, never=0.4),
                "converted_on": maker.later(created, 200, never=0.4),
            }
        )
    maker.put("leads", rows, absent=0.06)


def _deals(maker: Maker) -> None:
    rows = []
    dice = random.Random(f"deals {maker.seed}")
    for number in range(maker.many(180)):
        opened = maker.day()
        closed = maker.later(opened, 160)
        outcome = "open" if closed is None else maker.one_of("won", "won", "lost")
        rows.append(
            {
                "deal_id": f"D{number:03d}",
                "partner_id": maker.partner(0.25),
                "lead_id": maker.one_of(None, f"{maker.rng.randrange(maker.many(160)):03d}"),
                "customer_id": maker.one_of(None, maker.rng.choice(maker.customer_ids)),
                "registered_on": maker.later(opened - timedelta(days=5), 40, never=0.5),
                "opened_on": opened,
                "closed_on": closed,
                "outcome": outcome,
                "amount": maker.money(2000),
                "currency": maker.currency(),
            }
        )
        if outcome == "open" and dice.random() < 0.6:  # the close that is expected
            rows[-1]["closed_on"] = opened + timedelta(days=dice.randrange(400))
        if dice.random() < 0.12:
            rows[-1]["amount"] = None
    maker.put("deals", rows, absent=0.05)


def _touchpoints(maker: Maker) -> None:
    rows = []
    deals = maker.tables["deals"]
    for number in range(maker.many(330)):
        # Few deals get most of the touchpoints, so that paths of several exist; some get none.
        deal = deals[int(len(deals) * 0.8 * maker.rng.random() ** 2)]
        closed = deal.get("closed_on")
        day = maker.later(deal["opened_on"] - timedelta(days=20), 150, never=0)
        if closed is not None and maker.maybe(0.4):
            day = closed + timedelta(days=maker.one_of(0, 0, -1, 1))
        at = maker.one_of(time(0, 0), time(23, 59, 59), time(12, 30), time(9, 15))
        rows.append(
            {
                "touchpoint_id": f"T{(number * 37) % maker.many(331):03d}",
                "deal_id": deal["deal_id"],
                "partner_id": maker.partner(0.3),
                "occurred_at": datetime.combine(day, at),
                "kind": maker.one_of("webinar", "<a>", None),
            }
        )
    maker.put("touchpoints", rows)


def _surveys(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(320)):
        instrument = maker.one_of("nps", "csat", "brand_awareness")
        score = {"nps": (0, 10), "csat": (1, 5), "brand_awareness": (0, 1)}[instrument]
        who = maker.one_of("partner", "end_customer", "end_customer", "market")
        rows.append(
            {
                "response_id": f"{number:04d}",
                "partner_id": maker.partner(),
                "respondent": "market" if instrument == "brand_awareness" else who,
                "instrument": instrument,
                "score": float(maker.rng.randint(*score)),
                "responded_on": maker.day(),
                "topic": maker.one_of(*TOPICS),
                "order_id": maker.one_of(None, maker.tables["orders"][number % 50]["order_id"]),
                "comment": maker.one_of(
                    "<img src=x onerror=alert(1)>", 'said "no"\nthen, yes', None
                ),
            }
        )
    maker.put("surveys", rows)
