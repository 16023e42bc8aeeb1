"""What models say of customers: rows without a value until it is given, and the door for it."""

import polars as pl
import pytest

from kpi_lib.engine.formula import Modelled
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.compute import Options, compute
from kpi_lib.measure.page_content import definition_of
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.common.slice import Measure
from kpi_lib.show.common.wording import reason
from kpi_lib.slices.page_types import KpiRow
from kpi_lib.testing.tables_in_text import dataset_of, results_of, row_of

MODELLED = [kpi.id for kpi in catalogue().values() if isinstance(kpi.formula, Modelled)]
NOT_FITTED = "the model churn has not been fitted: it comes with `kpi run`"
ROWS = {
    "partners": "a 2020-01-01 | b 2020-01-01 region=north",
    "customers": "c1 a 2025-01-01 | c2 b 2026-08-01 | c3 - 2026-01-01",
    "orders": "a c1 2025-07-01 50 | a c1 07-01 60 | b c2 08-01 9 | - c3 07-02 5",
}


def model_figures(**kpis: list[tuple]) -> ModelFigures:
    """What a model says: scope, entity, period, numerator, denominator and n."""
    columns = ["scope", "entity", "period", "numerator", "denominator", "n"]
    rows = {kpi: pl.DataFrame(rows, columns, orient="row") for kpi, rows in kpis.items()}
    return ModelFigures(rows)


def row(table: pl.DataFrame, kpi: str, entity: str = "a") -> dict:
    found = table.filter((pl.col("kpi") == kpi) & (pl.col("entity") == entity))
    return found.row(0, named=True)


def given(modelled: ModelFigures, **rows: str) -> pl.DataFrame:
    dataset = dataset_of(**{**ROWS, **rows})
    return compute(
        dataset, Settings(), Period.parse("2026-Q3"), options=Options(modelled=modelled)
    ).table


def test_there_are_five_of_them():
    of_cltv = ["customer_lifetime_value", "lifetime_value", "lifetime_value_to_cac"]
    assert [*of_cltv, "churn_risk", "revenue_at_risk"] == MODELLED


@pytest.mark.parametrize("kpi", MODELLED)
def test_each_has_a_row_in_every_scope_and_no_value_without_its_model(kpi):
    rows = results_of(**ROWS, costs="a partner tools 07-01 5").table.filter(pl.col("kpi") == kpi)
    assert set(rows.select("scope", "entity").iter_rows()) == {
        *(("partner", "a"), ("partner", "b"), ("partner_type", "reseller"), ("region", "north")),
        *(("portfolio", "portfolio"), ("direct", "direct"), ("company", "company")),
    }
    figures = rows.drop(
        "scope", "entity", "kpi", "period", "missing", "status", "off_track_periods"
    )
    assert figures.null_count().row(0) == (len(rows),) * figures.width
    assert set(rows["status"]) == {"no_data"}


def test_it_says_that_its_model_has_not_been_fitted():
    assert row_of("churn_risk", **ROWS)["missing"] == NOT_FITTED


def test_it_says_first_which_table_is_not_there():
    assert row_of("churn_risk")["missing"] == "there is no table orders"
    missing = row_of("lifetime_value_to_cac", **ROWS)["missing"]
    assert missing == "there is no table costs"


def test_after_a_run_it_says_why_its_model_could_not_be_fitted():
    thin = "only 5 customers have ordered, and 30 are needed"
    table = given(ModelFigures(why={"cltv": thin, "churn": thin}))
    assert row(table, "churn_risk")["missing"] == thin
    assert row(table, "customer_lifetime_value", "company")["missing"] == thin


def test_a_model_that_could_be_fitted_a_year_ago_only_says_why_not_now():
    then = model_figures(churn_risk=[("partner", "a", "2025-Q3", 20.0, 50.0, 50)])
    table = given(ModelFigures(then.rows, {"churn": "all orders are of one day"}))
    assert row(table, "churn_risk")["missing"] == "all orders are of one day"
    assert row(table, "churn_risk")["year_ago"] == 0.4


def test_a_page_does_not_name_the_command():
    row = KpiRow(kpi="churn_risk", missing=NOT_FITTED)
    measure = Measure(row, definition_of(catalogue()["churn_risk"], None))
    assert reason(measure) == "the model churn has not been fitted"


def test_no_score_counts_it_while_it_has_no_value():
    agreed = "all * revenue * 100 | all * new_customers * 1 | all * orders * 1"
    of_models = " | ".join(f"all * {kpi} * 1" for kpi in MODELLED)
    without = results_of(**ROWS, targets=agreed).table
    with_them = results_of(**ROWS, targets=f"{agreed} | {of_models}").table
    for goal in ("targets_met", "health_score", "our_service_score"):
        assert row(with_them, goal) == row(without, goal)
    assert row(with_them, "churn_risk")["target"] == 1
    assert row(with_them, "churn_risk")["status"] == "no_data"


def test_what_a_model_says_becomes_a_kpi_with_its_comparisons():
    table = given(
        model_figures(
            churn_risk=[
                ("partner", "a", "2026-Q3", 10.0, 40.0, 40),
                ("partner", "a", "2026-Q2", 5.0, 50.0, 50),
                ("partner", "a", "2025-Q3", 20.0, 50.0, 50),
                ("portfolio", "portfolio", "2026-Q3", 30.0, 90.0, 90),
            ]
        ),
        targets="all * churn_risk * 0.2 | portfolio * churn_risk * 0.5",
    )
    partner = row(table, "churn_risk")
    assert (partner["value"], partner["numerator"], partner["n"]) == (0.25, 10, 40)
    assert (partner["previous"], partner["year_ago"]) == (0.1, 0.4)
    assert (partner["status"], row(table, "churn_risk", "portfolio")["status"]) == (
        "off_track",
        "on_track",
    )
    assert (round(partner["low"], 4), round(partner["high"], 4)) == (0.1419, 0.4019)
    other = row(table, "churn_risk", "b")
    assert (other["value"], other["missing"]) == (None, "the model churn says nothing of it")


def test_without_a_denominator_the_value_is_the_numerator():
    table = given(
        model_figures(lifetime_value=[("company", "company", "2026-Q3", 1234.5, None, 3)])
    )
    company = row(table, "lifetime_value", "company")
    assert (company["value"], company["denominator"], company["n"]) == (1234.5, None, 3)
    assert row(table, "customer_lifetime_value")["missing"].startswith("the model cltv has not")


def test_a_denominator_of_nothing_has_no_value():
    table = given(model_figures(churn_risk=[("partner", "a", "2026-Q3", 0.0, 0.0, 0)]))
    assert (row(table, "churn_risk")["value"], row(table, "churn_risk")["n"]) == (None, None)


def test_a_value_of_a_model_counts_in_the_scores():
    agreed = "all * churn_risk * 0.25 | all * revenue * 60"
    table = given(
        model_figures(churn_risk=[("partner", "a", "2026-Q3", 9.0, 60.0, 60)]), targets=agreed
    )
    assert row(table, "targets_met")["denominator"] == 2


def test_what_it_says_of_others_is_left_aside():
    rows = [("partner", "nobody", "2026-Q3", 1.0, 2.0, 2), ("partner", "a", "1999-Q1", 1.0, 2.0, 2)]
    table = given(model_figures(churn_risk=rows))
    assert table.filter(pl.col("kpi") == "churn_risk")["value"].null_count() == 7
