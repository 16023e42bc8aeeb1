"""What was agreed: targets of every scope, and the partners' objectives."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import QUARTERS, quarter_name
from kpi_lib.examples.synthetic.fact_files import number, read_facts
from kpi_lib.examples.synthetic.naming import person_name
from kpi_lib.examples.synthetic.writing import ids

AGREED_GROWTH = (0.94, 1.04)  # of a partner's revenue, against the year before
PORTFOLIO_GROWTH = 1.02
QUARTERS_WITH_TARGETS = range(8, QUARTERS + 1)  # 2025-Q4 to 2026-Q4, the one to come among them
FIRST_OWNER = 100  # where the names of the objectives' owners begin, so that none is a manager

# What the portfolio's revenue was a year before: from month to month of the calendar.
YEAR_BEFORE = {
    "2026": (15, 27),
    "2026-H2": (21, 27),
    "2026-Q2": (18, 21),
    "2026-Q3": (21, 24),
    "2026-Q4": (24, 27),
    "2026-09": (23, 24),
}
# The two spans of objectives: first day, last day, the quarter that was the baseline.
SPANS = (("2026-01-01", "2026-12-31", 8), ("2025-10-01", "2026-09-30", 7))

Row = tuple[object, ...]


def targets_table(plan: Plan, sales: np.ndarray) -> pl.DataFrame:
    """Return the table targets; `sales`: euros by owner and month."""
    of_nobody = _groups_without_a_partner(plan)
    standing = [
        (*(row[name] for name in ("scope", "entity", "kpi", "period")), *_figures(row), None)
        for row in read_facts("targets")
        if (row["scope"], row["entity"]) not in of_nobody
    ]
    names = ["scope", "entity", "kpi", "period", "target", "minimum", "baseline"]
    table = pl.DataFrame(
        [*standing, *_partner_targets(plan, sales), *_portfolio_targets(plan, sales)],
        schema=dict(zip(names, [pl.String] * 4 + [pl.Float64] * 3, strict=True)),
        orient="row",
    )
    return table.sort(names[:4])


def _groups_without_a_partner(plan: Plan) -> set[tuple[str, str]]:
    """Return the tiers and types of standing targets that no partner of the company has."""
    named = {(row["scope"], row["entity"]) for row in read_facts("targets")}
    there = {("tier", part.tier) for part in plan.company.partners}
    there |= {("partner_type", part.partner_type) for part in plan.company.partners}
    return {each for each in named if each[0] in ("tier", "partner_type")} - there


def _figures(row: dict[str, str]) -> tuple[float | None, float | None]:
    return number(row["target"]), number(row["minimum"])


def _partner_targets(plan: Plan, sales: np.ndarray) -> list[Row]:
    """Return revenue targets of the partners that are there and matter: of quarters, of 2026."""
    times = plan.company.rng("targets").uniform(*AGREED_GROWTH, plan.company.n)
    quarterly = sales.reshape(-1, QUARTERS, 3).sum(axis=2)
    rows: list[Row] = []
    for place in np.flatnonzero(plan.company.engaged[:, -1]).tolist():
        whose = ("partner", plan.company.ids[place], "revenue")
        before = quarterly[place, [quarter - 4 for quarter in QUARTERS_WITH_TARGETS]]
        targets = np.round(before * times[place], -2)
        year = float(targets[1:].sum())
        for quarter, base, target in zip(QUARTERS_WITH_TARGETS, before, targets, strict=True):
            if target > 0:
                minimum = float(np.round(target * 0.9, -2)) if place % 3 == 0 else None
                baseline = float(np.round(base, 2)) if place % 4 == 0 else None
                rows.append((*whose, quarter_name(quarter), float(target), minimum, baseline))
        if year > 0:
            rows.append((*whose, "2026", year, None, None))
    return rows


def _portfolio_targets(plan: Plan, sales: np.ndarray) -> list[Row]:
    """Return the portfolio's revenue targets: of a year, a half, quarters and a month."""
    monthly = sales[: plan.company.n].sum(axis=0)
    targets = {
        period: round(float(monthly[first:end].sum()) * PORTFOLIO_GROWTH, -2)
        for period, (first, end) in YEAR_BEFORE.items()
    }
    return [
        ("portfolio", "*", "revenue", period, target, None, None)
        for period, target in targets.items()
        if target > 0
    ]


def objectives_table(plan: Plan, sales: np.ndarray) -> pl.DataFrame:
    """Return the table objectives: two or three of each partner that is there, over a year.

    An objective without figures is about revenue, which is to grow by a tenth.
    """
    quarterly = sales.reshape(-1, QUARTERS, 3).sum(axis=2)
    aims = read_facts("objectives")
    rows: list[Row] = []
    for place in np.flatnonzero(plan.company.engaged[:, -1]).tolist():
        kinds = ("", plan.company.kinds[place])
        for turn, aim in enumerate(aim for aim in aims if aim["partner_type"] in kinds):
            starts_on, due_on, quarter = SPANS[(place + turn) % len(SPANS)]
            before = round(float(quarterly[place, quarter]), -2)
            baseline, target = number(aim["baseline"]), number(aim["target"])
            figures = (before, round(before * 1.1, -2)) if target is None else (baseline, target)
            owner = person_name(FIRST_OWNER + place * 3 + turn)
            objective = (aim["goal"], aim["title"], owner, aim["kpi"], starts_on, due_on)
            rows.append((plan.company.ids[place], *objective, *figures))
    names = ["partner_id", "goal", "title", "owner", "kpi", "starts_on", "due_on"]
    schema = dict.fromkeys(names, pl.String) | dict.fromkeys(["baseline", "target"], pl.Float64)
    table = pl.DataFrame(rows, schema=schema, orient="row")
    table = table.with_columns(pl.col("starts_on", "due_on").str.to_date())
    return table.with_columns(ids("F", np.arange(len(rows))).alias("objective_id"))
