"""What partners report of themselves: mostly what we have too, and some figures that differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import QUARTERS, STARTS, plans, quarter_name
from kpi_lib.examples.synthetic.naming import person_name
from kpi_lib.examples.synthetic.writing import money, repeated, words

REPORTS = 0.7  # of the partners
FIRST_QUARTER = 8  # 2025-Q4
FIRST_OWNER = 300  # where the names of who answers for the figures begin
COUNTED = ("orders", "leads", "deals_won", "new_customers")


class Discrepancy(NamedTuple):
    """A partner, by its place in the cast from 1, that reports so many times what we have."""

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


def partner_reported_table(plan: Plan, own: Mapping[str, np.ndarray]) -> pl.DataFrame:
    """Return the table partner_reported; `own`: our figures by KPI, of owners and months."""
    rng = plan.company.rng("partner reported")
    n = plan.company.n
    reports = chance.chosen(rng, np.full(n, REPORTS))
    reports[[case.partner - 1 for case in DISCREPANCIES if case.partner <= n]] = True
    there = plan.company.engaged.reshape(n, QUARTERS, 3).any(axis=2) & reports[:, None]
    there[:, :FIRST_QUARTER] = False
    frames = []
    for kpi, monthly in own.items():
        value = monthly[:n].reshape(n, QUARTERS, 3).sum(axis=2).astype(float)
        frames.append(_reported(plan, rng, kpi, _with_differences(value, kpi), there))
    return pl.concat(frames).sort("partner_id", "kpi", "period")


def _with_differences(value: np.ndarray, kpi: str) -> np.ndarray:
    """Return the figures (owners x months) with those in place that differ from ours."""
    reported = value.copy()
    for case in DISCREPANCIES:
        if case.kpi == kpi and case.partner <= len(value):
            cells = (case.partner - 1, list(case.quarters))
            reported[cells] = value[cells] * case.times
    return np.ceil(reported) if kpi in COUNTED else reported


def _reported(
    plan: Plan, rng: chance.Rng, kpi: str, value: np.ndarray, there: np.ndarray
) -> pl.DataFrame:
    """Return the reports of one KPI, up to two weeks after the quarter, of the last on its end."""
    place, quarter = np.nonzero(there)
    day = STARTS[quarter * 3 + 3] - 1 + rng.integers(0, 15, len(place))
    names = [quarter_name(number) for number in range(QUARTERS)]
    owners = [person_name(FIRST_OWNER + number) for number in range(plan.company.n)]
    return pl.DataFrame(
        {
            "partner_id": plan.company.id_of(place),
            "kpi": repeated(kpi, len(place)),
            "period": words(names, quarter),
            "value": money(value[place, quarter]),
            "reported_on": plans(np.minimum(day, plan.company.last_days[place])),
            "owner": words(owners, place),
        }
    )
