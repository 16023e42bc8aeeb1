"""What was measured elsewhere: the measures of each industry, and what partners spend in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.data.examples.synthetic.days import MONTHS, QUARTERS, STARTS, plans
from kpi_lib.data.examples.synthetic.plan import Plan
from kpi_lib.data.examples.synthetic.writing import ids, where


class Measure(NamedTuple):
    """A measure about its level: numerator = level x denominator; without one, a plain sum."""

    level: float
    denominator: float | None
    spread: float = 0.03
    trend: float = 0.004  # a quarter, towards better


INDUSTRIES: Mapping[str, Mapping[str, Measure]] = {
    "automotive": {
        "production_efficiency": Measure(0.82, 1400),
        "quality_compliance": Measure(0.96, 900, 0.01, 0.001),
        "on_time_delivery": Measure(0.91, 260, 0.02, 0.002),
    },
    "consumer_electronics": {
        "sell_through_volume": Measure(5200, None, 0.08, 0.02),
        "outlet_penetration": Measure(0.54, 320),
        "after_sales_quality": Measure(0.88, 210, 0.02),
    },
    "energy": {
        "project_completion": Measure(0.79, 24, 0.05),
        "safety_compliance": Measure(0.97, 180, 0.01, 0.001),
        "emissions_intensity": Measure(0.34, 1800, 0.03, -0.012),
    },
    "financial_services": {
        "loan_originations": Measure(1_450_000, None, 0.1, 0.015),
        "portfolio_return": Measure(0.017, 24_000_000, 0.15, 0.0),
        "client_satisfaction": Measure(0.84, 160, 0.02),
    },
    "food_and_beverage": {
        "supply_reliability": Measure(0.95, 640, 0.015, 0.001),
        "product_quality": Measure(0.97, 520, 0.01, 0.001),
        "food_safety_compliance": Measure(0.985, 140, 0.005, 0.0),
    },
    "healthcare": {
        "patient_outcomes": Measure(0.87, 310, 0.015),
        "care_standard_compliance": Measure(0.94, 120, 0.015),
        "service_efficiency": Measure(0.78, 450, 0.02),
    },
    "information_technology": {
        "deployment_success": Measure(0.92, 36, 0.03),
        "support_effectiveness": Measure(0.86, 480, 0.02),
        "user_adoption": Measure(0.63, 900, 0.03, 0.012),
    },
    "pharmaceutical": {
        "trial_success": Measure(0.61, 14, 0.08),
        "gxp_compliance": Measure(0.975, 160, 0.008, 0.0),
        "trial_cycle_days": Measure(212, 14, 0.05, -0.006),
    },
    "retail": {
        "sales_per_square_foot": Measure(92, 2400, 0.05, 0.006),
        "inventory_turnover": Measure(1.45, 410_000, 0.05, 0.006),
        "shopper_satisfaction": Measure(0.81, 380, 0.02),
    },
    "telecommunications": {
        "network_uptime": Measure(0.9985, 131_400, 0.0005, 0.0),
        "service_response_hours": Measure(5.4, 190, 0.06, -0.01),
        "subscriber_growth": Measure(0.021, 14_500, 0.2, 0.0),
    },
}
ADOPTION = "user_adoption"  # a technology partner reports it, whatever its industry
SPEND = "category_spend"
WALLET = (0.24, 0.62)  # the share of their spending that partners have with us


def observations_table(plan: Plan) -> pl.DataFrame:
    """Return the table observations: each measure once a quarter, the spending once a year."""
    n = plan.company.n
    frames = []
    for industry, measures in INDUSTRIES.items():
        for name, measure in measures.items():
            tells = [_tells(plan, place, industry, name) for place in range(n)]
            frames.append(_quarterly(plan, name, measure, np.array(tells)))
    frames.append(_spending(plan))
    rows = pl.concat(frames).sort("observed_on", "partner_id", "measure")
    return rows.select(ids("B", np.arange(rows.height)).alias("observation_id"), pl.all())


def _tells(plan: Plan, place: int, industry: str, measure: str) -> bool:
    partner = plan.company.partners[place]
    is_technology = partner.partner_type == "technology" and measure == ADOPTION
    return partner.industry == industry or is_technology


def _quarterly(plan: Plan, name: str, measure: Measure, tells: np.ndarray) -> pl.DataFrame:
    rng = plan.company.rng(f"measure {name}")
    n = plan.company.n
    last = np.arange(2, MONTHS, 3)
    own = np.clip(rng.normal(1, measure.spread, n), 0.7, 1.4)
    owner, quarter = np.nonzero(plan.company.active[:n, last] & tells[:, None])
    weight = np.array([partner.weight for partner in plan.company.partners])[owner] ** 0.5
    noise = rng.normal(1, measure.spread / 3, len(owner))
    level = measure.level * own[owner] * (1 + measure.trend) ** (quarter - QUARTERS + 4) * noise
    below = np.rint((measure.denominator or 1) * weight * rng.uniform(0.9, 1.1, len(owner))) + 1
    above = level * below if measure.denominator else level * weight
    if measure.denominator and measure.level < 1:
        above = np.minimum(above, below)  # of all, at most all
    day = STARTS[last[quarter] + 1] - 1 - rng.integers(0, 9, len(owner))
    divided = np.full(len(owner), measure.denominator is not None)
    return _rows(plan, owner, name, day, above, where(divided, pl.Series(below)))


def _spending(plan: Plan) -> pl.DataFrame:
    """Return what each partner spends on such goods in a year, told each January."""
    rng = plan.company.rng("wallets")
    n = plan.company.n
    share = rng.uniform(*WALLET, n)
    usual = plan.pace[:n, :18].max(axis=1) * 12  # the spending does not follow what we sell
    usual = np.maximum(usual, plan.pace[:n].max(axis=1) * 6)
    owner, year = np.nonzero(plan.company.active[:n][:, [3, 15, 27]])
    spent = usual[owner] / share[owner] * 1.02**year * rng.normal(1, 0.02, len(owner))
    day = STARTS[np.array([3, 15, 27])[year]] + rng.integers(4, 27, len(owner))
    nothing = where(np.zeros(len(owner), dtype=bool), pl.Series(np.zeros(len(owner))))
    return _rows(plan, owner, SPEND, day, spent, nothing)


def _rows(
    plan: Plan, owner: np.ndarray, name: str, day: np.ndarray, above: np.ndarray, below: pl.Series
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "partner_id": plan.company.ids.gather(owner.astype(np.uint32)),
            "measure": pl.Series([name] * len(owner), dtype=pl.String),
            "observed_on": plans(day),
            "numerator": pl.Series(np.rint(above)),
            "denominator": below.cast(pl.Float64),
        }
    )
