"""Rates of what has had its time: each row is judged once, in one period, however late it comes."""

from __future__ import annotations

from kpi_lib.engine.fields import MATURITY, field
from kpi_lib.engine.formula import Formula, Rows


def matured_by(mature: Rows, event: str) -> Formula:
    """Return the share of mature rows whose `event` came within the days of maturity."""
    in_time = field(event) <= field(mature.when or "") + field(MATURITY)
    return Formula(mature.where(in_time).count(), per=mature.count(), share=True)
