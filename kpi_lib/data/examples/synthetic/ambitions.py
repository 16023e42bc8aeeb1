"""What was agreed: targets of every scope, objectives, and what partners report themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.data.examples.synthetic import chance
from kpi_lib.data.examples.synthetic.cast import TIERS
from kpi_lib.data.examples.synthetic.days import QUARTERS, STARTS, plans, quarter_name
from kpi_lib.data.examples.synthetic.names import person_name
from kpi_lib.data.examples.synthetic.plan import Plan
from kpi_lib.data.examples.synthetic.writing import ids, words


class Goal(NamedTuple):
    """A target of everybody, and beyond which minimum it is off track."""

    kpi: str
    target: float
    minimum: float | None = None
    period: str = "*"


EVERYBODY: tuple[Goal, ...] = (
    Goal("revenue_growth", 0.02, -0.08),
    Goal("gross_margin", 0.22, 0.17),
    Goal("digital_order_share", 0.5, 0.38),
    Goal("customer_retention", 0.6, 0.45),
    Goal("repeat_purchase_rate", 0.5, 0.35),
    Goal("on_time_rate", 0.9, 0.82),
    Goal("in_full_rate", 0.93, 0.87),
    Goal("otif_rate", 0.85, 0.75),
    Goal("otif_rate", 0.86, 0.76, "2026-Q3"),
    Goal("order_error_rate", 0.04, 0.07),
    Goal("picking_error_rate", 0.02, 0.05),
    Goal("backorder_rate", 0.06, 0.12),
    Goal("delivery_days", 7, 10),
    Goal("dso_days", 45, 60),
    Goal("overdue_rate", 0.15, 0.35),
    Goal("on_time_payment_rate", 0.6, 0.4),
    Goal("days_beyond_terms", 3, 12),
    Goal("credit_utilisation", 0.8, 1.0),
    Goal("partner_nps", 30, 0),
    Goal("partner_csat", 0.75, 0.6),
    Goal("customer_nps", 35, 10),
    Goal("customer_csat", 0.78, 0.65),
    Goal("lead_qualification_rate", 0.48, 0.38),
    Goal("lead_conversion_rate", 0.1, 0.05),
    Goal("win_rate", 0.3, 0.22),
    Goal("sales_cycle_days", 60, 80),
    Goal("training_completion", 0.75, 0.55),
    Goal("assessment_score", 74, 65),
    Goal("compliance_rate", 0.93, 0.8),
    Goal("incidents", 1, 2),
    Goal("open_incidents", 0, 1),
    Goal("meeting_attendance", 0.82, 0.65),
    Goal("program_participation", 0.65, 0.5),
    Goal("onboarding_rate", 0.8, 0.6),
    Goal("margin_roi", 1.2, 0.2),
    Goal("wallet_share", 0.3, 0.2),
    Goal("milestones_on_time", 0.8, 0.6),
    Goal("resource_overrun", 0.05, 0.2),
)
BY_TYPE: dict[str, tuple[Goal, ...]] = {
    "reseller": (Goal("win_rate", 0.32, 0.24), Goal("deal_registrations", 18, 10)),
    "referral": (Goal("leads", 45, 30), Goal("lead_to_opportunity_days", 30, 40)),
    "technology": (Goal("co_created_solutions", 1, 0), Goal("user_adoption", 0.6, 0.5)),
    "strategic_alliance": (Goal("joint_activities", 5, 3), Goal("co_created_solutions", 1, 0)),
    "joint_venture": (Goal("gross_margin", 0.25, 0.2), Goal("projects_completed", 1)),
    "distribution": (Goal("average_order_value", 800, 650), Goal("gross_margin", 0.18, 0.14)),
    "contractor": (Goal("days_between_purchases", 6, 12), Goal("delivered_tonnage", 40, 20)),
    "supplier": (Goal("otif_rate", 0.88, 0.8), Goal("compliance_rate", 0.95, 0.85)),
    "service": (Goal("customer_csat", 0.8, 0.7), Goal("certified_people", 5, 3)),
}
BY_TIER: dict[str, tuple[Goal, ...]] = {
    tier: (Goal("interactions_per_week", often, often / 2), Goal("certified_people", people))
    for tier, often, people in zip(TIERS, (1.6, 1.4, 1.2, 0.8), (6, 5, 3, 1), strict=True)
}
PORTFOLIO: tuple[Goal, ...] = (
    Goal("gross_margin", 0.24, 0.2),
    Goal("margin_roi", 1.5, 0.8),
    Goal("partner_churn_rate", 0.03, 0.06),
    Goal("partner_nps", 30, 15),
    Goal("win_rate", 0.3, 0.25),
)
AGREED_GROWTH = (0.98, 1.07)  # revenue against the year before
QUARTERS_WITH_TARGETS = range(8, QUARTERS + 1)  # the quarter to come among them


def targets_table(plan: Plan, sales: np.ndarray) -> pl.DataFrame:
    """Return the table targets; `sales`: euros by owner and month."""
    rows = [("all", "*", goal) for goal in EVERYBODY]
    rows += [("partner_type", kind, goal) for kind, goals in BY_TYPE.items() for goal in goals]
    rows += [("tier", tier, goal) for tier, goals in BY_TIER.items() for goal in goals]
    rows += [("portfolio", "*", goal) for goal in PORTFOLIO]
    standing = [(*row[:2], g.kpi, g.period, g.target, g.minimum, None) for *row, g in rows]
    names = ["scope", "entity", "kpi", "period", "target", "minimum", "baseline"]
    table = pl.DataFrame(
        [*standing, *_of_partners(plan, sales), *_of_portfolio(plan, sales)],
        schema=dict(zip(names, [pl.String] * 4 + [pl.Float64] * 3, strict=True)),
        orient="row",
    )
    return table.sort(names[:4])


def _of_partners(plan: Plan, sales: np.ndarray) -> list[tuple[object, ...]]:
    """Return each partner's revenue targets: of quarters, and of the year."""
    asked = plan.company.rng("targets").uniform(*AGREED_GROWTH, plan.company.n)
    quarterly = sales.reshape(-1, QUARTERS, 3).sum(axis=2)
    rows: list[tuple[object, ...]] = []
    for place, partner in enumerate(plan.company.partners):
        if partner.left_on or partner.weight < 0.1:
            continue
        year = 0.0
        for quarter in QUARTERS_WITH_TARGETS:
            before = float(quarterly[place, quarter - 4])
            target = round(before * float(asked[place]), -2)
            if target > 0:
                minimum = round(target * 0.9, -2) if place % 3 == 0 else None
                baseline = round(before, 2) if place % 4 == 0 else None
                name = (plan.company.ids[place], "revenue", quarter_name(quarter))
                rows.append(("partner", *name, target, minimum, baseline))
                year += target if quarter > 8 else 0
        if year > 0:
            rows.append(("partner", plan.company.ids[place], "revenue", "2026", year, None, None))
    return rows


def _of_portfolio(plan: Plan, sales: np.ndarray) -> list[tuple[object, ...]]:
    """Return the portfolio's revenue targets: of a year, a half, quarters and a month."""
    monthly = sales[: plan.company.n].sum(axis=0)
    spans = {"2026": (15, 27), "2026-H2": (21, 27), "2026-Q3": (21, 24), "2026-09": (23, 24)}
    spans |= {"2026-Q2": (18, 21), "2026-Q4": (24, 27)}
    return [
        ("portfolio", "*", "revenue", name, round(float(monthly[a:b].sum()) * 1.03, -3), None, None)
        for name, (a, b) in spans.items()
        if monthly[a:b].sum() > 1000
    ]


class Aim(NamedTuple):
    """An objective of a partner type: a KPI that is to move from a baseline to a target.

    Without figures, it is revenue, which is to grow by a tenth.
    """

    goal: str
    kpi: str
    title: str
    baseline: float = 0.0
    target: float = 0.0


AIMS: dict[str, tuple[Aim, ...]] = {
    "growth": (Aim("revenue_growth", "revenue", "A tenth more revenue a quarter"),),
    "reseller": (Aim("customer_success", "win_rate", "Win more registered deals", 0.28, 0.36),),
    "referral": (Aim("efficiency", "sales_cycle_days", "Close referred deals sooner", 48, 38),),
    "technology": (
        Aim("innovation", "co_created_solutions", "A joint solution every quarter", 0, 1),
        Aim("customer_success", "partner_nps", "Partners who would recommend us", 25, 45),
    ),
    "strategic_alliance": (
        Aim("market_expansion", "brand_awareness", "Be known in the partner's market", 0.42, 0.52),
        Aim("innovation", "time_to_market_days", "From idea to launch in half a year", 220, 180),
    ),
    "joint_venture": (
        Aim("innovation", "projects_completed", "Two projects a quarter", 0, 2),
        Aim("efficiency", "operational_savings", "Save on shared operations", 500, 2500),
    ),
    "distribution": (
        Aim("market_expansion", "new_market_penetration", "Enter every new market", 0.25, 1.0),
    ),
    "contractor": (Aim("customer_success", "partner_nps", "Be spoken well of", 25, 40),),
    "supplier": (Aim("efficiency", "operational_savings", "Cheaper logistics", 500, 3000),),
    "service": (Aim("customer_success", "partner_nps", "Answer within the day", 25, 40),),
}


def objectives_table(plan: Plan, sales: np.ndarray) -> pl.DataFrame:
    """Return the table objectives: two or three of each partner, over half a year or a year."""
    quarterly = sales.reshape(-1, QUARTERS, 3).sum(axis=2)
    rows: list[tuple[object, ...]] = []
    for place, partner in enumerate(plan.company.partners):
        if partner.weight < 0.1 or not plan.company.active[place, -1]:
            continue
        for turn, aim in enumerate((*AIMS["growth"], *AIMS[partner.partner_type])):
            span = (place + turn) % 2
            before = float(quarterly[place, 8 - 2 * span])
            baseline = aim.baseline if aim.target else round(before, -2)
            target = aim.target if aim.target else round(before * 1.1, -2)
            owner = person_name(100 + place * 3 + turn)
            told = (plan.company.ids[place], aim.goal, aim.title, owner, aim.kpi)
            rows.append((*told, *_span(span), float(baseline), float(target)))
    names = ["partner_id", "goal", "title", "owner", "kpi", "starts_on", "due_on"]
    schema = dict.fromkeys(names, pl.String) | dict.fromkeys(["baseline", "target"], pl.Float64)
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.select(
        ids("F", np.arange(len(rows))).alias("objective_id"), pl.all()
    ).with_columns(pl.col("starts_on", "due_on").str.to_date())


def _span(span: int) -> tuple[str, str]:
    """Return first and last day of an objective: the year 2026, or a year from July 2025."""
    return (("2026-01-01", "2026-12-31"), ("2025-10-01", "2026-09-30"))[span]


class Discrepancy(NamedTuple):
    """A partner, by its place in the cast, that reports so many times what we have."""

    partner: int
    kpi: str
    quarters: tuple[int, ...]
    times: float


DISCREPANCIES = (
    Discrepancy(3, "revenue", (8, 9, 10, 11), 1.06),
    Discrepancy(11, "sourced_revenue", (9, 10, 11), 1.12),
    Discrepancy(17, "orders", (10, 11), 1.04),
    Discrepancy(21, "leads", (11,), 1.5),
)
REPORTS = 0.7  # of the partners
REPORTED_QUARTERS = range(8, QUARTERS)


def partner_reported_table(plan: Plan, own: dict[str, np.ndarray]) -> pl.DataFrame:
    """Return the table partner_reported; `own`: our figures by KPI, of owners and months."""
    rng = plan.company.rng("partner reported")
    n = plan.company.n
    reports = chance.chosen(rng, np.full(n, REPORTS))
    reports[[d.partner - 1 for d in DISCREPANCIES if d.partner <= n]] = True
    reports &= np.array([partner.weight > 0.1 for partner in plan.company.partners])
    active = plan.company.active[:n].reshape(n, QUARTERS, 3).any(axis=2)
    frames = []
    for kpi, monthly in own.items():
        value = monthly[:n].reshape(n, QUARTERS, 3).sum(axis=2).astype(float)
        for discrepancy in DISCREPANCIES:
            if discrepancy.kpi == kpi and discrepancy.partner <= n:
                cells = (discrepancy.partner - 1, list(discrepancy.quarters))
                value[cells] = _misreported(value[cells], kpi, discrepancy.times)
        place, quarter = np.nonzero(active & reports[:, None])
        told = np.isin(quarter, REPORTED_QUARTERS)
        frames.append(_reported(plan, rng, kpi, value, place[told], quarter[told]))
    return pl.concat(frames).sort("partner_id", "kpi", "period")


def _misreported(value: np.ndarray, kpi: str, times: float) -> np.ndarray:
    return value * times if "revenue" in kpi else np.ceil(value * times)


def _reported(
    plan: Plan,
    rng: chance.Rng,
    kpi: str,
    value: np.ndarray,
    place: np.ndarray,
    quarter: np.ndarray,
) -> pl.DataFrame:
    """Return the reports of one KPI, of the last quarter on its last day."""
    later = rng.integers(0, 15, len(place))
    day = np.minimum(STARTS[quarter * 3 + 3] - 1 + later, plan.company.last_days[place])
    names = [quarter_name(number) for number in range(QUARTERS)]
    owners = [person_name(300 + number) for number in range(plan.company.n)]
    return pl.DataFrame(
        {
            "partner_id": plan.company.ids.gather(place.astype(np.uint32)),
            "kpi": pl.Series([kpi] * len(place), dtype=pl.String),
            "period": words(names, quarter),
            "value": pl.Series(np.round(value[place, quarter], 2)).cast(pl.Decimal(18, 2)),
            "reported_on": plans(day),
            "owner": words(owners, place),
        }
    )
