"""The rows behind a figure add up to it: every KPI, over generated companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl
import pytest

from kpi_lib.engine.formula import Formula, Median, Modelled
from kpi_lib.engine.terms.purchase_gap import PurchaseGap
from kpi_lib.evidence.explain import Explanation, explain
from kpi_lib.evidence.rows_behind import rows_behind
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.compute import Results, Working, compute_with_working
from tests.given_companies import WHOLE_PERIODS, Company, awkward_company, whole_company

SIDES = ("numerator", "denominator")
CLOSE = 1e-9
PARTNERS = 3  # of each company: enough for every shape of a formula


@dataclass(frozen=True)
class Run:
    """All figures of a company, and what they were worked out from."""

    results: Results
    working: Working


def run_of(company: Company) -> Run:
    # The files are gone; the tables stay.
    lazy = {name: frame.lazy() for name, frame in company.tables.items()}
    dataset = replace(company.dataset, tables=lazy)
    asked_for = company.settings, company.period, company.as_of
    return Run(*compute_with_working(dataset, *asked_for))


def company_of(kind: Callable[[int], Company], seed: int):
    is_first = (kind, seed) == (whole_company, WHOLE_PERIODS[0])
    marks = () if is_first else (pytest.mark.slow,)
    return pytest.param((kind, seed), marks=marks, id=f"{kind.__name__} {seed}")


class Asked(NamedTuple):
    """A figure, the rows behind it, and what explains it."""

    row: dict
    counted: pl.DataFrame
    explanation: Explanation


COMPANIES = [
    *(company_of(whole_company, seed) for seed in WHOLE_PERIODS[:3]),
    *(company_of(awkward_company, seed) for seed in range(6)),
]


@pytest.fixture(scope="module", params=COMPANIES)
def explained(request) -> list[Asked]:
    """Each figure that can be asked about and has a value, with the rows behind it."""
    kind, seed = request.param
    run = run_of(kind(seed))
    own = pl.col("scope") == "partner"
    some = pl.col("entity").is_in(run.results.partners["partner_id"][:PARTNERS].to_list())
    shown = pl.col("scope").is_in(["company", "portfolio"]) | (own & some)
    rows = run.results.table.filter(shown, pl.col("value").is_not_null()).to_dicts()
    of_company = {row["kpi"] for row in rows if row["scope"] == "company"}
    asked = [r for r in rows if r["scope"] != "portfolio" or r["kpi"] not in of_company]
    partners = [row["entity"] if row["scope"] == "partner" else None for row in asked]
    return [
        Asked(
            row,
            rows_behind(row["kpi"], run.results, run.working, partner),
            explain(row["kpi"], run.results, partner, run.working),
        )
        for row, partner in zip(asked, partners, strict=True)
    ]


def adds_up(kpi: str, side: str) -> bool:
    """Whether rows can add up to that side of a KPI: neither a median nor a percentile."""
    formula = catalogue()[kpi].formula
    if not isinstance(formula, Formula):
        return True
    if isinstance(formula.value, PurchaseGap):
        return side == "numerator"
    return not isinstance(formula.value, Median)


def misses(row: dict, counted: pl.DataFrame) -> list[str]:
    """The sides of a figure to which its rows do not add up."""
    found = []
    for side in SIDES:
        adds = counted[f"to_{side}"].fill_null(0)
        # What large parts leave when they cancel out is as exact as the parts.
        size = max(1.0, adds.abs().sum())
        if adds_up(row["kpi"], side) and abs(adds.sum() - (row[side] or 0.0)) > CLOSE * size:
            found.append(f"{row['kpi']} of {row['entity']}: {side} {row[side]}, not {adds.sum()}")
    return found


def test_the_rows_behind_every_figure_add_up_to_its_numerator_and_its_denominator(explained):
    assert [miss for row, counted, _ in explained for miss in misses(row, counted)] == []


def test_a_partners_rows_are_never_those_of_another(explained):
    strangers = [
        (row["kpi"], row["entity"])
        for row, counted, _ in explained
        if row["scope"] == "partner" and "partner_id" in counted.columns
        if set(counted["partner_id"].drop_nulls()) - {row["entity"]}
    ]
    assert strangers == []


def reckoned(explanation: Explanation) -> float:
    """What the formula comes to, as a person would reckon it from what is printed."""
    if explanation.settled is not None:
        return 0.0
    parts = [part if isinstance(part, str) else f"({part[1]!r})" for part in explanation.equation]
    return eval(" ".join(parts).replace(" x ", " * "))


def test_the_formula_with_its_figures_comes_to_the_value(explained):
    wrong = [
        (row["kpi"], row["entity"], explanation.equation, row["value"])
        for row, _, explanation in explained
        if reckoned(explanation) != pytest.approx(row["value"], rel=1e-9, abs=1e-9)
    ]
    assert wrong == []


@pytest.mark.parametrize("explained", COMPANIES[:1], indirect=True)
def test_every_kpi_is_walked_but_those_that_models_fill(explained):
    filled = {name for name, kpi in catalogue().items() if isinstance(kpi.formula, Modelled)}
    assert {row["kpi"] for row, *_ in explained} == set(catalogue()) - filled
