"""The rows behind a figure add up to it: every KPI, over generated companies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import polars as pl
import pytest

from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.formula import Formula, Median, Special
from kpi_lib.measure.behind import rows_behind
from kpi_lib.measure.compute import Results, Working, compute_with_working
from tests.given_companies import WHOLE, awkward_company, whole_company

SIDES = ("numerator", "denominator")
CLOSE = 1e-9


@dataclass(frozen=True)
class Run:
    """All figures of a company, and what they were worked out from."""

    results: Results
    working: Working


@lru_cache(maxsize=4)
def told(seed: int, *, is_whole: bool = True) -> Run:
    company = whole_company(seed) if is_whole else awkward_company(seed)
    # The files are gone; the tables stay.
    lazy = {name: frame.lazy() for name, frame in company.tables.items()}
    dataset = replace(company.dataset, tables=lazy)
    asked_for = company.settings, company.period, company.as_of
    return Run(*compute_with_working(dataset, *asked_for))


def adds_up(kpi: str, side: str) -> bool:
    """Whether rows can add up to that side of a KPI: neither a median nor a percentile."""
    formula = catalogue()[kpi].formula if kpi in catalogue() else None
    if isinstance(formula, Special):
        return side == "numerator"
    return not (isinstance(formula, Formula) and isinstance(formula.value, Median))


def asked(run: Run) -> list[dict]:
    """The rows of the KPI table that can be asked about, and have a value."""
    shown = pl.col("scope").is_in(["partner", "company", "portfolio"])
    rows = run.results.table.filter(shown, pl.col("value").is_not_null()).to_dicts()
    of_company = {row["kpi"] for row in rows if row["scope"] == "company"}
    return [r for r in rows if r["scope"] != "portfolio" or r["kpi"] not in of_company]


def misses(run: Run) -> list[str]:
    """The sides of figures to which their rows do not add up."""
    found = []
    for row in asked(run):
        partner = row["entity"] if row["scope"] == "partner" else None
        behind = rows_behind(row["kpi"], run.results, run.working, partner)
        for side in SIDES:
            added, wanted = float(behind[f"to_{side}"].sum() or 0), row[side]
            # Sums of large parts that cancel out are as exact as the parts.
            size = max(1.0, float(behind[f"to_{side}"].abs().sum() or 0))
            off = abs(added - (wanted or 0.0)) > CLOSE * size
            if adds_up(row["kpi"], side) and off:
                found.append(f"{row['kpi']} {row['scope']} {row['entity']}: {added} {wanted}")
    return found


@pytest.mark.parametrize("seed", WHOLE[:2])
def test_the_rows_behind_every_figure_add_up_to_its_numerator_and_its_denominator(seed):
    assert misses(told(seed)) == []
