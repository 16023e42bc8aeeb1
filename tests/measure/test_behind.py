"""The rows behind a figure: of the tables, or the KPIs that a goal is made of."""

from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.errors import CallError
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.behind import Asked, rows_of
from kpi_lib.measure.compute import compute_with_working
from kpi_lib.measure.explain import explain
from kpi_lib.measure.worked import dataset_of
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.explanation import in_words

TABLES = {
    "partners": "a 2020-01-01 manager=Ann | b 2020-01-01",
    "orders": "a c1 07-01 60 completed cost=40 | a c2 07-02 40 | b c3 07-03 10 | - c4 07-04 900",
    "customers": "c1 a 07-01 | c2 a 07-02",
    "costs": "a partner mdf 07-01 20",
    "targets": "partner a revenue * 200 | partner a orders * 1 | partner a new_customers * 2",
}


def asked(kpi: str, partner: str | None = "a", **tables) -> Asked:
    dataset = dataset_of(**(TABLES | tables))
    settings = Settings()
    results, working = compute_with_working(dataset, settings, Period.parse("2026-Q3"), only=[kpi])
    return Asked(catalogue()[kpi], results, working, dataset, settings, partner)


def explained(kpi: str, partner: str | None = "a", **tables) -> str:
    of = asked(kpi, partner, **tables)
    return in_words(explain(kpi, of.results, partner, of.working), "EUR")


def value(of: Asked, kpi: str) -> dict:
    return of.results.table.filter(scope="partner", entity="a", kpi=kpi).row(0, named=True)


def test_a_partners_rows_are_its_own_and_the_companys_are_all():
    assert set(rows_of(asked("orders"))["partner_id"]) == {"a"}
    assert rows_of(asked("orders", partner=None))["partner_id"].to_list().count(None) == 1


def test_targets_met_counts_the_kpis_that_hold_and_those_that_are_on_track():
    of = asked("targets_met")
    rows = rows_of(of)
    row = value(of, "targets_met")
    assert len(rows) == row["denominator"]
    assert rows["used_in"].str.contains("numerator").sum() == row["numerator"]
    assert set(rows.filter(pl.col("used_in") == "denominator")["status"]) == {"off_track"}


def test_the_attainments_behind_a_score_add_up_to_it():
    of = asked("our_service_score")
    rows = rows_of(of)
    families = rows.group_by("family").agg(pl.col("attainment").mean(), pl.col("weight").first())
    weighted = (families["attainment"] * families["weight"]).sum() / families["weight"].sum()
    assert value(of, "our_service_score")["value"] == pytest.approx(100 * weighted, abs=1e-9)


def test_what_a_model_says_has_no_rows():
    with pytest.raises(CallError, match="not made of rows"):
        rows_of(asked("churn_risk"))


def test_the_terms_of_a_formula_are_told_with_their_figures():
    told = explained("roi")
    assert "= 80   " in told
    assert "      100   sum of amount over rows of orders" in told
    assert "      20   sum of amount over rows of costs" in told


def test_a_term_that_is_alone_is_not_told_twice():
    assert explained("orders").count("number of rows of orders") == 1


def test_what_is_missing_is_told_with_who_can_mend_it():
    assert "That is for whoever owns the data." in explained("otif_rate")
    nothing = "- c9 07-01 5"
    assert "That is for Ann, who answers for a." in explained("average_order_value", orders=nothing)
    assert "That is for" not in explained("churn_risk")


def test_a_partner_that_was_misspelt_gets_the_nearest():
    of = asked(
        "orders",
        partners="alder 2020-01-01 | birch 2020-01-01",
        orders="alder c 07-01 1",
        customers="c alder 07-01",
        costs="alder partner mdf 07-01 1",
        targets="all * revenue * 1",
    )
    with pytest.raises(CallError, match="Did you mean alder"):
        explain("orders", of.results, "aldr")
    with pytest.raises(CallError, match="Ids are those"):
        explain("orders", of.results, "zzz")
    with pytest.raises(CallError, match="It stands for"):
        explain("active_partners", asked("active_partners").results, "a")
