"""What was measured elsewhere: the measures of each industry, and what partners spend in all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.cast import Part
from kpi_lib.examples.synthetic.days import MONTHS, QUARTERS, STARTS, plans
from kpi_lib.examples.synthetic.fact_files import number, read_facts
from kpi_lib.examples.synthetic.writing import ids, repeated, where


class Measure(NamedTuple):
    """A measure of an industry about its level: numerator = level x denominator.

    Without a denominator it is a plain sum. `trend`: the part it moves by in a quarter.
    """

    industry: str
    name: str
    level: float
    denominator: float | None
    spread: float
    trend: float


ADOPTION = "user_adoption"  # a technology partner reports it, whatever its industry
SPEND = "category_spend"
WALLET = (0.24, 0.62)  # the share of their spending that partners have with us


def observations_table(plan: Plan) -> pl.DataFrame:
    """Return the table observations: each measure once a quarter, the spending once a year."""
    frames = [_quarterly_rows(plan, measure) for measure in _read_measures()]
    frames.append(_spending(plan))
    rows = pl.concat(frames).sort("observed_on", "partner_id", "measure")
    return rows.with_columns(ids("B", np.arange(rows.height)).alias("observation_id"))


def _read_measures() -> list[Measure]:
    """Return the measures of the industries: usual level, spread and yearly trend of each."""
    return [
        Measure(
            row["industry"],
            row["measure"],
            float(row["level"]),
            number(row["denominator"]),
            float(row["spread"]),
            float(row["trend"]),
        )
        for row in read_facts("measures")
    ]


def _tells(partner: Part, measure: Measure) -> bool:
    is_technology = partner.partner_type == "technology" and measure.name == ADOPTION
    return partner.industry == measure.industry or is_technology


def _quarterly_rows(plan: Plan, measure: Measure) -> pl.DataFrame:
    """Return one row per partner and quarter of what is observed of a measure."""
    rng = plan.company.rng(f"measure {measure.name}")
    n = plan.company.n
    tells = np.array([_tells(partner, measure) for partner in plan.company.partners])
    last = np.arange(2, MONTHS, 3)
    own = np.clip(rng.normal(1, measure.spread, n), 0.7, 1.4)
    owner, quarter = np.nonzero(plan.company.engaged[:, last] & tells[:, None])
    weight = np.sqrt(plan.company.weight[owner])
    noise = rng.normal(1, measure.spread / 3, len(owner))
    level = measure.level * own[owner] * (1 + measure.trend) ** (quarter - QUARTERS + 4) * noise
    below = np.rint((measure.denominator or 1) * weight * rng.uniform(0.9, 1.1, len(owner))) + 1
    above = level * below if measure.denominator else level * weight
    if measure.denominator and measure.level < 1:
        above = np.minimum(above, below)  # of all, at most all
    day = STARTS[last[quarter] + 1] - 1 - rng.integers(0, 9, len(owner))
    divided = np.full(len(owner), measure.denominator is not None)
    rows = _observation_rows(plan, owner, day, above, where(divided, pl.Series(below)))
    return rows.with_columns(repeated(measure.name, len(owner)).alias("measure"))


def _spending(plan: Plan) -> pl.DataFrame:
    """Return what each partner spends on such goods in a year, reported each January."""
    rng = plan.company.rng("wallets")
    n = plan.company.n
    share = rng.uniform(*WALLET, n)
    usual = plan.pace[:n, :18].max(axis=1) * 12  # the spending does not follow what we sell
    usual = np.maximum(usual, plan.pace[:n].max(axis=1) * 6)
    owner, year = np.nonzero(plan.company.active[:n, [3, 15, 27]])
    spent = usual[owner] / share[owner] * 1.02**year * rng.normal(1, 0.02, len(owner))
    day = STARTS[np.array([3, 15, 27])[year]] + rng.integers(4, 27, len(owner))
    nothing = where(np.zeros(len(owner), dtype=bool), pl.Series(np.zeros(len(owner))))
    rows = _observation_rows(plan, owner, day, spent, nothing)
    return rows.with_columns(repeated(SPEND, len(owner)).alias("measure"))


def _observation_rows(
    plan: Plan, owner: np.ndarray, day: np.ndarray, above: np.ndarray, below: pl.Series
) -> pl.DataFrame:
    """Return rows of the table observations, but for the name of the measure."""
    return pl.DataFrame(
        {
            "partner_id": plan.company.id_of(owner),
            "observed_on": plans(day),
            "numerator": pl.Series(np.rint(above)),
            "denominator": below.cast(pl.Float64),
        }
    )
