"""What partners do, learn, cost and save, as awkward as the orders."""

from __future__ import annotations

from datetime import date, timedelta

from .aims import within
from .catalogue import CATALOGUE, PACKS
from .maker import Maker

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
GOALS = ("revenue_growth", "market_expansion", "efficiency", "customer_success", "innovation")
COMMON_AIMS = ("revenue", "orders", "active_customers", "partnership_years", "incidents")
AIMS = [
    name
    for name, kpi in CATALOGUE.items()
    if kpi.better != "neither" and (not kpi.scopes or "partner" in kpi.scopes)
]
# These repeat in the data, so that a measure has rows in several periods.
MEASURES = ["category_spend", "on_time_delivery", "sales_per_square_foot", "inventory_turnover"]
MEASURES += ["deployment_success", "user_adoption", "production_efficiency"]


def partnership_tables(maker: Maker) -> None:
    """Add the tables of what happens between us and a partner."""
    for make in (
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


def _engagements(maker: Maker) -> None:
    rows = [
        {
            "engagement_id": f"{number}",
            "partner_id": maker.a_partner(),
            "kind": maker.one_of(*ENGAGEMENTS),
            "occurred_on": maker.day(),
            "invited": maker.flag(),
            "attended": maker.flag(),
        }
        for number in range(maker.many(400))
    ]
    maker.put("engagements", rows)


def _programs(maker: Maker) -> None:
    rows = {}
    for _ in range(maker.many(160)):
        partner, program, offered = maker.a_partner(), maker.one_of(*PROGRAMS), maker.day()
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
    for number in range(maker.many(140)):
        enrolled = maker.day()
        completed = maker.one_of(maker.later(enrolled, 130), enrolled + timedelta(days=90))
        certified = maker.later(completed, 10, never=0.4) if completed else None
        until = certified + timedelta(days=maker.one_of(30, 200, 365)) if certified else None
        rows.append(
            {
                "enrolment_id": f"{number:03d}",
                "partner_id": maker.a_partner(),
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
    for number in range(maker.many(170)):
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
            "partner_id": maker.a_partner(),
            "category": maker.one_of(*categories),
            "realised_on": maker.day(),
            "amount": maker.money(),
            "currency": maker.currency(),
        }
        for number in range(maker.many(90))
    ]
    maker.put("savings", rows)


def _solutions(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(60)):
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
    for number in range(maker.many(120)):
        due = maker.later(maker.day(), 200, never=0)
        completed = maker.one_of(due, maker.later(due - timedelta(days=30), 50))
        rows.append(
            {
                "milestone_id": f"{number}",
                "partner_id": maker.a_partner(),
                "project": maker.one_of("P1", "p<2>"),
                "due_on": due,
                "completed_on": completed,
                "final": maker.flag(),
            }
        )
    maker.put("milestones", rows)


def _resources(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(120)):
        allocated = maker.one_of(0.0, maker.cents(1, 50), maker.cents(1, 50))
        rows.append(
            {
                "resource_id": f"{number}",
                "partner_id": maker.a_partner(),
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
            "partner_id": maker.a_partner(),
            "kind": maker.one_of(*kinds),
            "checked_on": maker.day(),
            "passed": maker.maybe(0.7),
        }
        for number in range(maker.many(170))
    ]
    maker.put("compliance_checks", rows)


def _incidents(maker: Maker) -> None:
    rows = []
    for number in range(maker.many(80)):
        occurred = maker.day()
        rows.append(
            {
                "incident_id": f"{number}",
                "partner_id": maker.a_partner(),
                "severity": maker.one_of("low", "medium", "high"),
                "occurred_on": occurred,
                "resolved_on": maker.later(occurred, 90),
            }
        )
    maker.put("incidents", rows)


def _objectives(maker: Maker) -> None:
    maker.put("objectives", [_objective(maker, number) for number in range(maker.many(90))])


def _objective(maker: Maker, number: int) -> dict[str, object]:
    starts = maker.one_of(maker.day(), maker.period.first, maker.period.last)
    baseline = maker.one_of(0.0, 1.0, maker.cents(0, 600))
    kpi = str(maker.one_of(*COMMON_AIMS) if maker.maybe(0.6) else maker.one_of(*AIMS))
    target = maker.one_of(baseline, baseline + 5, baseline - 3, baseline * 2 + 0.5)
    return {
        "objective_id": f"{number}",
        "partner_id": maker.a_partner(),
        "goal": maker.one_of(*GOALS),
        "title": maker.one_of("<h1>Grow</h1>", None),
        "owner": maker.one_of("Ana", None),
        "kpi": kpi,
        "starts_on": starts,
        "due_on": starts + timedelta(days=maker.one_of(0, 30, 200, 400)),
        "baseline": within(kpi, baseline),
        "target": within(kpi, target),
    }


def _reported(maker: Maker) -> None:
    keys = {
        (maker.a_partner(), maker.one_of("revenue", "orders", "leads"), maker.period.label)
        for _ in range(maker.many(12))
    }
    rows = [
        {
            "partner_id": partner,
            "kpi": kpi,
            "period": period,
            "value": maker.cents(0, 900),
            "reported_on": maker.day(),
            "owner": maker.one_of("Bo", None),
        }
        for partner, kpi, period in sorted(keys)
    ]
    maker.put("partner_reported", rows)


def _observations(maker: Maker) -> None:
    measures = ["category_spend", *PACKS] if maker.whole else MEASURES
    rows = []
    for number in range(maker.many(1000 if maker.whole else 260)):
        measure = maker.one_of(*measures)
        day: date = maker.day()
        top = maker.cents(0, 3000 if measure == "category_spend" else 50)
        below = maker.one_of(None, 0.0, maker.cents(20, 90), maker.cents(20, 90))
        if measure == "sales_per_square_foot":  # a plain sum for most, so that some targets pace
            below = None if maker.maybe(0.97) else 10.0
        rows.append(
            {
                "observation_id": f"{(number * 7) % maker.many(1000):03d}",
                "partner_id": maker.a_partner(),
                "measure": measure,
                "observed_on": day,
                "numerator": top,
                "denominator": below,
            }
        )
    maker.put("observations", rows)
