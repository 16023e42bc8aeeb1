"""What a target of a KPI can be, held against what its values are."""

from __future__ import annotations

import math

import polars as pl
import pytest

from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.kpi_ends import facts_of, facts_of_kpi, hard_ends, usual_ends
from kpi_lib.settings import Settings
from tests.given_companies import WHOLE_PERIODS, awkward_company, whole_company

KPIS = catalogue()


@pytest.mark.parametrize("seed", WHOLE_PERIODS[:1])
def test_no_value_of_any_company_lies_outside_what_its_kpi_can_be(seed):
    for company in (whole_company(seed), awkward_company(seed)):
        values = company.table.filter(pl.col("value").is_not_null())
        for kpi, value in values.select("kpi", "value").iter_rows():
            ends = hard_ends(KPIS[kpi])
            assert ends.least - 1e-9 <= value <= ends.most + 1e-9, kpi


@pytest.mark.parametrize(
    ("kpi", "least", "most"),
    [
        ("otif_rate", 0, 1),
        ("customer_retention", 0, 1),
        ("overdue_rate", 0, 1),
        ("partner_nps", -100, 100),
        ("health_score", 0, 100),
        ("revenue", -math.inf, math.inf),
        ("revenue_growth", -math.inf, math.inf),
        ("gross_margin", -math.inf, math.inf),
        ("days_beyond_terms", -math.inf, math.inf),
    ],
)
def test_a_share_is_within_0_and_1_a_score_within_its_scale_and_a_growth_within_nothing(
    kpi, least, most
):
    assert hard_ends(KPIS[kpi]) == (least, most)


@pytest.mark.parametrize(
    ("kpi", "least", "most"),
    [
        ("gross_margin", -math.inf, 1),
        ("revenue_growth", -math.inf, 2),
        ("roi", -math.inf, math.inf),
        ("quota_attainment", -math.inf, 2),
        ("orders", 0, math.inf),
        ("dso_days", 0, math.inf),
        ("days_beyond_terms", -math.inf, math.inf),
        ("network_uptime", -math.inf, 1),
    ],
)
def test_a_percentage_that_is_written_as_one_is_hardly_meant(kpi, least, most):
    assert usual_ends(KPIS[kpi]) == (least, most)


def test_what_adds_up_is_a_sum_of_the_period_and_nothing_else():
    sums = {kpi for kpi, facts in facts_of(Settings()).items() if facts.adds_up}
    assert {"revenue", "orders", "new_customers", "certifications"} <= sums
    others = {"quota_attainment", "pipeline_value", "sales_cycle_median_days", "receivables"}
    assert not sums & (others | {"revenue_share", "certified_people", "orders_per_month"})


def test_every_kpi_of_the_catalogue_and_of_the_settings_has_its_facts():
    facts = facts_of(Settings(packs={"meals": ("number", "higher")}))
    assert set(facts) == {*KPIS, "meals"}
    assert facts["otif_rate"] == facts_of_kpi(KPIS["otif_rate"])
    assert facts["active_partners"].scopes[0] != "partner"
