"""The tables beyond partners, customers, orders, targets and rates, as awkward as those."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from .catalogue import CATALOGUE, PACKS
from .maker import Maker, Rows, around

ENGAGEMENTS = [
    "portal_login",
    "app_session",
    "meeting",
    "business_review",
    "joint_planning",
    "event",
    "training_session",
    "co_marketing",
    "feedback",
    "support",
]
PROGRAMS = ["mdf", "onboarding", "early_buy", "co_marketing", "loyalty", "certification"]
COSTS = [
    "partner_management",
    "mdf",
    "enablement",
    "tools",
    "marketing",
    "acquisition",
    "commission",
    "rebate",
    "operations",
]
TOPICS = ["service", "support", "availability", "product", "onboarding", "overall", None]
# These repeat in the data, so that a measure has rows in several periods.
MEASURES = ["category_spend", "on_time_delivery", "sales_per_square_foot", "inventory_turnover"]
MEASURES += ["deployment_success", "user_adoption", "production_efficiency"]


def other_tables(maker: Maker) -> None:
    """Add every other table of the contract."""
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
        _engagements,
        _programs,
        _training,
        _costs,
        _savings,
        _solutions,
        _milestones,
        _resources,
        _checks,
        _incidents,
        _objectives,
        _reported,
        _observations,
    ):
        make(maker)


def _cents(maker: Maker, low: float, high: float) -> float:
    return round(maker.rng.uniform(low, high), 2)


def _flag(maker: Maker) -> object:
    return maker.one_of(True, True, False, None)


def _a_partner(maker: Maker) -> str:
    return maker.rng.choice(maker.partner_ids)


def _markets(maker: Maker) -> None:
    rows = [
        {
            "market_id": f"m{n}",
            "name": maker.one_of("Österreich", "A, B", "<u>x</u>"),
            "kind": maker.one_of("geography", "vertical"),
            "target": _flag(maker),
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
            size = maker.one_of(0.0, _cents(maker, 2000, 9000), _cents(maker, 2000, 9000))
            rows.append({"market_id": market, "starts_on": period.first, "size": size})
            rows[-1]["ends_on"] = period.last
            period = period.back(1)
    maker.put("market_sizes", rows)


def _deliveries(maker: Maker) -> None:
    rows = []
    for number, order in enumerate(maker.rng.choices(maker.tables["orders"], k=180)):
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
                "weight_tonnes": maker.one_of(None, _cents(maker, 0, 9), _cents(maker, 0, 9)),
                "error": maker.one_of("none", "none", None, "picking", "packing", "loading")
                if maker.maybe(0.9)
                else maker.one_of("damage", "documents"),
                "backordered": _flag(maker),
            }
        )
    maker.put("deliveries", rows, absent=0.06)


def _invoices(maker: Maker) -> None:
    rows = []
    for number in range(200):
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
    for number in range(70):
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
            limit = maker.one_of(0.0, 500.0, _cents(maker, 100, 4000))
            row = {"partner_id": partner, "valid_from": day, "credit_limit": limit}
            rows[partner, day] = row
    maker.put("credit_limits", list(rows.values()))


def _leads(maker: Maker) -> None:
    rows = []
    for number in range(160):
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
    for number in range(180):
        opened = maker.day()
        closed = maker.later(opened, 160)
        outcome = "open" if closed is None else maker.one_of("won", "won", "lost")
        rows.append(
            {
                "deal_id": f"D{number:03d}",
                "partner_id": maker.partner(0.25),
                "lead_id": maker.one_of(None, f"{maker.rng.randrange(160):03d}"),
                "customer_id": maker.one_of(None, maker.rng.choice(maker.customer_ids)),
                "registered_on": maker.later(opened - timedelta(days=5), 40, never=0.5),
                "opened_on": opened,
                "closed_on": closed,
                "outcome": outcome,
                "amount": maker.money(2000),
                "currency": maker.currency(),
            }
        )
    maker.put("deals", rows, absent=0.05)


def _touchpoints(maker: Maker) -> None:
    rows = []
    deals = maker.tables["deals"]
    for number in range(330):
        # Few deals get most of the touchpoints, so that paths of several exist; some get none.
        deal = deals[int(len(deals) * 0.8 * maker.rng.random() ** 2)]
        closed = deal.get("closed_on")
        day = maker.later(deal["opened_on"] - timedelta(days=20), 150, never=0)
        if closed is not None and maker.maybe(0.4):
            day = closed + timedelta(days=maker.one_of(0, 0, -1, 1))
        at = maker.one_of(time(0, 0), time(23, 59, 59), time(12, 30), time(9, 15))
        rows.append(
            {
                "touchpoint_id": f"T{(number * 37) % 331:03d}",
                "deal_id": deal["deal_id"],
                "partner_id": maker.partner(0.3),
                "occurred_at": datetime.combine(day, at),
                "kind": maker.one_of("webinar", "<a>", None),
            }
        )
    maker.put("touchpoints", rows)


def _surveys(maker: Maker) -> None:
    rows = []
    for number in range(320):
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


def _engagements(maker: Maker) -> None:
    rows = [
        {
            "engagement_id": f"{number}",
            "partner_id": _a_partner(maker),
            "kind": maker.one_of(*ENGAGEMENTS),
            "occurred_on": maker.day(),
            "invited": _flag(maker),
            "attended": _flag(maker),
        }
        for number in range(400)
    ]
    maker.put("engagements", rows)


def _programs(maker: Maker) -> None:
    rows = {}
    for _ in range(160):
        partner, program, offered = _a_partner(maker), maker.one_of(*PROGRAMS), maker.day()
        rows[partner, program, offered] = {
            "partner_id": partner,
            "program": program,
            "offered_on": offered,
            "joined_on": maker.one_of(
                maker.later(offered, 130), offered + timedelta(days=90), None
            ),
            "amount": maker.one_of(None, maker.money(900)),
        }
    maker.put("programs", list(rows.values()), absent=0.06)


def _training(maker: Maker) -> None:
    rows = []
    for number in range(140):
        enrolled = maker.day()
        completed = maker.one_of(maker.later(enrolled, 130), enrolled + timedelta(days=90))
        certified = maker.later(completed, 10, never=0.4) if completed else None
        until = certified + timedelta(days=maker.one_of(30, 200, 365)) if certified else None
        rows.append(
            {
                "enrolment_id": f"{number:03d}",
                "partner_id": _a_partner(maker),
                "person_id": maker.one_of("01", "1", "ann", "bo", "Zoë"),
                "course": maker.one_of("basics", "<b>adv</b>"),
                "enrolled_on": enrolled,
                "completed_on": completed,
                "certified_on": certified,
                "certificate_until": maker.one_of(until, until, None),
                "score": maker.one_of(None, float(maker.rng.randint(0, 100))),
            }
        )
    maker.put("training", rows, absent=0.06)


def _costs(maker: Maker) -> None:
    rows = []
    for number in range(170):
        channel = maker.one_of("partner", "partner", "direct")
        rows.append(
            {
                "cost_id": f"{number}",
                "partner_id": maker.partner(0.2) if channel == "partner" else None,
                "channel": channel,
                "category": maker.one_of(*COSTS),
                "incurred_on": maker.day(),
                "amount": maker.money(400),
                "currency": maker.currency(),
            }
        )
    maker.put("costs", rows)


def _savings(maker: Maker) -> None:
    categories = ("marketing", "co_development", "procurement", "operations", "support")
    rows = [
        {
            "saving_id": f"{number}",
            "partner_id": _a_partner(maker),
            "category": maker.one_of(*categories),
            "realised_on": maker.day(),
            "amount": maker.money(),
            "currency": maker.currency(),
        }
        for number in range(90)
    ]
    maker.put("savings", rows)


def _solutions(maker: Maker) -> None:
    rows = []
    for number in range(60):
        concept = maker.day()
        rows.append(
            {
                "solution_id": f"{number}",
                "partner_id": maker.partner(0.25),
                "name": maker.one_of("<script>", "Lösung, neu"),
                "concept_on": concept,
                "launched_on": maker.later(concept, 300),
            }
        )
    maker.put("solutions", rows)


def _milestones(maker: Maker) -> None:
    rows = []
    for number in range(120):
        due = maker.later(maker.day(), 200, never=0)
        completed = maker.one_of(due, maker.later(due - timedelta(days=30), 50))
        rows.append(
            {
                "milestone_id": f"{number}",
                "partner_id": _a_partner(maker),
                "project": maker.one_of("P1", "p<2>"),
                "due_on": due,
                "completed_on": completed,
                "final": _flag(maker),
            }
        )
    maker.put("milestones", rows)


def _resources(maker: Maker) -> None:
    rows = []
    for number in range(120):
        allocated = maker.one_of(0.0, _cents(maker, 1, 50), _cents(maker, 1, 50))
        rows.append(
            {
                "resource_id": f"{number}",
                "partner_id": _a_partner(maker),
                "project": maker.one_of("P1", "p<2>"),
                "kind": maker.one_of("people", "budget", "technology"),
                "booked_on": maker.day(),
                "allocated": allocated,
                "utilised": maker.one_of(allocated, round(allocated * 1.4, 2), 5.0, 0.0),
            }
        )
    maker.put("resources", rows)


def _checks(maker: Maker) -> None:
    kinds = ("contract", "regulatory", "safety", "quality", "data_protection")
    rows = [
        {
            "check_id": f"{number}",
            "partner_id": _a_partner(maker),
            "kind": maker.one_of(*kinds),
            "checked_on": maker.day(),
            "passed": maker.maybe(0.7),
        }
        for number in range(170)
    ]
    maker.put("compliance_checks", rows)


def _incidents(maker: Maker) -> None:
    rows = []
    for number in range(80):
        occurred = maker.day()
        rows.append(
            {
                "incident_id": f"{number}",
                "partner_id": _a_partner(maker),
                "severity": maker.one_of("low", "medium", "high"),
                "occurred_on": occurred,
                "resolved_on": maker.later(occurred, 90),
            }
        )
    maker.put("incidents", rows)


def _objectives(maker: Maker) -> None:
    goals = ("revenue_growth", "market_expansion", "efficiency", "customer_success", "innovation")
    aims = [
        name
        for name, kpi in CATALOGUE.items()
        if kpi.better != "neither" and (not kpi.scopes or "partner" in kpi.scopes)
    ]
    common = ("revenue", "orders", "active_customers", "partnership_years", "incidents")
    rows = []
    for number in range(90):
        starts = maker.one_of(maker.day(), maker.period.first, maker.period.last)
        due = starts + timedelta(days=maker.one_of(0, 30, 200, 400))
        baseline = maker.one_of(0.0, 1.0, _cents(maker, 0, 600))
        rows.append(
            {
                "objective_id": f"{number}",
                "partner_id": _a_partner(maker),
                "goal": maker.one_of(*goals),
                "title": maker.one_of("<h1>Grow</h1>", None),
                "owner": maker.one_of("Ana", None),
                "kpi": maker.one_of(*common) if maker.maybe(0.6) else maker.one_of(*aims),
                "starts_on": starts,
                "due_on": due,
                "baseline": baseline,
                "target": maker.one_of(baseline, baseline + 5, baseline - 3, baseline * 2 + 0.5),
            }
        )
    maker.put("objectives", rows)


def _reported(maker: Maker) -> None:
    keys = {
        (_a_partner(maker), maker.one_of("revenue", "orders", "leads"), maker.period.label)
        for _ in range(12)
    }
    rows = [
        {
            "partner_id": partner,
            "kpi": kpi,
            "period": period,
            "value": _cents(maker, 0, 900),
            "reported_on": maker.day(),
            "owner": maker.one_of("Bo", None),
        }
        for partner, kpi, period in sorted(keys)
    ]
    maker.put("partner_reported", rows)


def _observations(maker: Maker) -> None:
    measures = [m for m in MEASURES if m == "category_spend" or m in PACKS]
    rows = []
    for number in range(260):
        measure = maker.one_of(*measures)
        day: date = maker.day()
        top = _cents(maker, 0, 3000 if measure == "category_spend" else 50)
        below = maker.one_of(None, 0.0, _cents(maker, 20, 90), _cents(maker, 20, 90))
        if measure == "sales_per_square_foot":  # a plain sum for most, so that some targets pace
            below = None if maker.maybe(0.97) else 10.0
        rows.append(
            {
                "observation_id": f"{(number * 7) % 1000:03d}",
                "partner_id": _a_partner(maker),
                "measure": measure,
                "observed_on": day,
                "numerator": top,
                "denominator": below,
            }
        )
    maker.put("observations", rows)
