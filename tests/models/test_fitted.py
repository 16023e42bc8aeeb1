"""The models of a run: their KPIs at its day and beside it, and one row for each customer."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.measure.compute import Options, compute
from kpi_lib.models.fitted import CUSTOMERS, fit_models
from kpi_lib.models.model_slices import model_reports
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.slices.json_form import build, plain
from kpi_lib.slices.model_types import ModelReports
from tests.models.given_orders import START, orders_of, random_buyers, tables_of

PERIOD = Period.parse("2026-Q2")
DAYS = (PERIOD.end - START).days
COST = pl.DataFrame(
    {
        "cost_id": ["1", "2"],
        "partner_id": ["P0", "P1"],
        "channel": ["partner", "partner"],
        "category": ["marketing", "marketing"],
        "incurred_on": [PERIOD.start, PERIOD.start],
        "amount": [500.0, 500.0],
    }
)


def dataset_of(tables) -> Dataset:
    return Dataset(tables, "made for the test", False, False, {}, {}, {})


@pytest.fixture(scope="module")
def dataset():
    new = [(f"c{number:03d}", DAYS - 20) for number in range(280, 290)]
    orders = orders_of([*random_buyers(280, DAYS + 60, seed=3), *new])
    return dataset_of(tables_of(orders, costs=COST))


@pytest.fixture(scope="module")
def fitted(dataset):
    return fit_models(dataset, Settings(), Calendar.around(PERIOD))


@pytest.fixture(scope="module")
def table(dataset, fitted) -> pl.DataFrame:
    return compute(dataset, Settings(), PERIOD, options=Options(modelled=fitted.modelled)).table


def row(table: pl.DataFrame, kpi: str, scope: str = "portfolio") -> dict:
    return table.filter((pl.col("kpi") == kpi) & (pl.col("scope") == scope)).row(0, named=True)


def test_every_kpi_of_the_models_has_a_value_and_values_beside_it(table):
    for kpi in ("customer_lifetime_value", "lifetime_value", "churn_risk", "revenue_at_risk"):
        values = row(table, kpi)
        assert None not in (values["value"], values["previous"], values["year_ago"]), kpi


def test_the_value_of_all_is_the_sum_of_the_customers_and_the_mean_is_over_those_acquired(
    table, fitted, dataset
):
    total = fitted.customers["lifetime_value"].sum()
    until = pl.col("acquired_on") <= PERIOD.end
    acquired = dataset.tables["customers"].filter(until).collect().height
    assert row(table, "lifetime_value")["value"] == pytest.approx(total)
    mean = row(table, "customer_lifetime_value")
    assert (mean["denominator"], mean["n"]) == (acquired, acquired)
    assert mean["value"] == pytest.approx(total / acquired)


def test_partners_add_up_to_the_portfolio(table):
    for kpi in ("lifetime_value", "revenue_at_risk"):
        of_partners = table.filter((pl.col("kpi") == kpi) & (pl.col("scope") == "partner"))
        assert of_partners["value"].sum() == pytest.approx(row(table, kpi)["value"])


def test_the_value_over_cost_is_of_the_customers_acquired_in_the_period(table, fitted, dataset):
    over_cost = row(table, "lifetime_value_to_cac")
    until = pl.col("acquired_on").is_between(PERIOD.start, PERIOD.end)
    new = dataset.tables["customers"].filter(until).collect()
    worth = fitted.customers.join(new, on="customer_id", how="semi")["lifetime_value"].sum()
    assert over_cost["n"] == new.height
    assert over_cost["value"] == pytest.approx(worth / new.height / row(table, "cac")["value"])


def test_who_is_at_risk_is_counted_among_those_scored(table, fitted):
    chance = fitted.customers["churn_probability"].drop_nulls()
    at_risk = row(table, "churn_risk")
    assert at_risk["n"] == len(chance)
    assert at_risk["numerator"] == (chance > 0.5).sum()


def test_the_figure_a_year_ago_is_that_of_a_run_of_that_day(dataset, table):
    then = fit_models(dataset, Settings(), Calendar.around(PERIOD.year_ago()))
    again = compute(
        dataset, Settings(), PERIOD.year_ago(), options=Options(modelled=then.modelled)
    ).table
    for kpi in ("customer_lifetime_value", "churn_risk"):
        assert row(table, kpi)["year_ago"] == pytest.approx(row(again, kpi)["value"], rel=0.05)


def test_a_customer_is_one_row_with_its_value_within_reach_and_its_reasons(fitted):
    frame = fitted.customers
    assert dict(frame.schema) == CUSTOMERS
    assert frame["customer_id"].is_unique().all()
    assert (frame["lifetime_value_low"] <= frame["lifetime_value_high"]).all()
    assert frame["churn_probability"].drop_nulls().is_between(0, 1).all()
    assert (frame.filter(pl.col("churn_probability") > 0.6)["reasons"] != "").all()


def test_a_run_to_date_is_fitted_on_its_day(dataset):
    day = date(2026, 5, 15)
    fitted = fit_models(dataset, Settings(), Calendar.around(PERIOD, day))
    assert fitted.now.cut == day
    table = compute(
        dataset, Settings(), PERIOD, day, options=Options(modelled=fitted.modelled)
    ).table
    assert row(table, "lifetime_value")["value"] is not None


@pytest.mark.parametrize(
    "rows",
    [[("c000", DAYS - 5)], [(f"c{n:03d}", DAYS - n) for n in range(45)]],
    ids=["one customer", "all bought once"],
)
def test_thin_data_give_no_value_a_reason_and_a_report(rows):
    dataset = dataset_of(tables_of(orders_of(rows)))
    fitted = fit_models(dataset, Settings(), Calendar.around(PERIOD))
    table = compute(dataset, Settings(), PERIOD, options=Options(modelled=fitted.modelled)).table
    assert row(table, "lifetime_value")["value"] is None
    assert row(table, "lifetime_value")["missing"]
    assert fitted.customers.is_empty()
    reports = model_reports(fitted, Settings(), {})
    assert reports.value.why and reports.churn.why
    assert reports.value.fit is None and reports.churn.fit is None


def test_without_orders_there_is_nothing_and_no_error():
    tables = tables_of(orders_of([]))
    for left_out in ("orders", "customers"):
        given = {name: frame for name, frame in tables.items() if name != left_out}
        fitted = fit_models(dataset_of(given), Settings(), Calendar.around(PERIOD))
        assert fitted.now.why["cltv"] == "no customer has ordered yet"


def test_what_pages_are_given_is_kept_as_it_is_and_names_no_customer_of_nobody(fitted):
    reports = model_reports(fitted, Settings(), {"P0": "Partner P0"})
    text = json.dumps(reports, default=plain, allow_nan=False)
    assert build(ModelReports, json.loads(text)) == reports
    value, churn = reports.value.fit, reports.churn.fit
    assert value is not None and churn is not None
    assert {row.partner for row in value.partners} >= {"Partner P0", "P1"}
    assert churn.customers[0].stake >= churn.customers[-1].stake
    days = [point.day for point in value.course]
    assert days == sorted(days)
    assert days[-1] - days[0] < timedelta(days=300)


def test_a_partner_without_a_name_bears_its_id_and_is_no_direct_business(fitted):
    reports = model_reports(fitted, Settings(), {"P0": None, "P1": "Partner P1"})
    assert reports.value.fit is not None
    assert {row.partner for row in reports.value.fit.partners} >= {"P0", "Partner P1"}
