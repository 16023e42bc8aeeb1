"""Industry packs: KPIs over what was measured elsewhere, the catalogue's and a company's own."""

import polars as pl
import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.kpis.catalogue import catalogue, catalogue_of
from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of, results_of, row_of


def row_with(observations, *, kpi="network_uptime", **rows):
    return row_of(kpi, observations=observations, **rows)


def entities(table, kpi):
    return set(table.filter(pl.col("kpi") == kpi).select("scope", "entity").iter_rows())


def test_numerators_are_summed_over_denominators():
    row = row_with("a network_uptime 07-01 90 100 | a network_uptime 08-01 1 100")
    assert (row["value"], row["numerator"], row["denominator"], row["n"]) == (0.455, 91, 200, 2)


def test_rows_without_a_denominator_are_left_out_where_one_has_one():
    row = row_with("a network_uptime 07-01 90 100 | a network_uptime 08-01 7 -")
    assert (row["value"], row["n"]) == (0.9, 1)


def test_without_any_denominator_it_is_the_plain_sum():
    row = row_with("a network_uptime 07-01 90 - | a network_uptime 08-01 7 -")
    assert (row["value"], row["denominator"], row["n"]) == (97, None, 2)


def test_a_period_without_an_observation_has_no_value_and_says_so():
    row = row_with("a network_uptime 04-01 90 100")
    assert row["value"] is None
    assert row["missing"] == "nothing of network uptime was observed"
    assert row["previous"] == 0.9


def test_it_has_a_row_where_it_was_observed_and_for_each_partner_of_its_industry():
    table = results_of(
        partners="a 2020-01-01 | b 2020-01-01 industry=telecommunications | c 2020-01-01",
        observations="a network_uptime 2025-01-01 9 10 | c network_uptime 10-01 9 10",
    ).table
    found = entities(table, "network_uptime")
    assert ("partner", "a") in found, "observed before the period"
    assert ("partner", "b") in found, "of that industry"
    assert ("partner", "c") not in found, "observed only later"
    assert ("portfolio", "portfolio") in found
    assert ("direct", "direct") not in found
    assert entities(table, "shopper_satisfaction") == set()


def test_a_companys_own_measure_is_a_kpi_like_any_other():
    settings = Settings(packs={"site_visits": ("number", "higher")})
    dataset = dataset_of(observations="a site_visits 07-01 3 -")
    results = compute(dataset, settings, Period.parse("2026-Q3"))
    row = results.table.filter((pl.col("kpi") == "site_visits") & (pl.col("entity") == "a"))
    assert row["value"].to_list() == [3]
    assert "site_visits" in {kpi.id for kpi in results.kpis}


def test_a_companys_own_measure_is_listed_after_the_packs():
    own = catalogue_of(Settings(packs={"site_visits": ("number", "higher")}))
    assert list(own) == [*catalogue(), "site_visits"]


def test_a_company_may_say_otherwise_how_a_packs_measure_is_shown():
    settings = Settings(packs={"network_uptime": ("number", "lower")})
    dataset = dataset_of(partners="a 2020-01-01 industry=telecommunications")
    results = compute(dataset, settings, Period.parse("2026-Q3"))
    own = results.catalogue["network_uptime"]
    assert (own.unit, own.better) == ("number", "lower")
    assert list(results.catalogue) == list(catalogue())
    assert entities(results.table, "network_uptime") == {("partner", "a")}, "by its industry"


def test_a_measure_with_the_name_of_a_kpi_is_refused_wherever_it_is_asked_for():
    settings = Settings(packs={"revenue": ("number", "lower"), "churn_risk": ("ratio", "lower")})
    with pytest.raises(SettingsError) as refused:
        compute(dataset_of(), settings, Period.parse("2026-Q3"))
    assert {problem.found for problem in refused.value.problems} == {
        "'revenue' is a KPI of the catalogue, of the family revenue",
        "'churn_risk' is a KPI of the catalogue, of the family customer",
    }
