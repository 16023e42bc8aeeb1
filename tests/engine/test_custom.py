"""A KPI of one's own: as the page in docs/ says, tried as a new user would."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.cli.explanation_text import in_words
from kpi_lib.evidence.explain import explain
from kpi_lib.evidence.rows_behind import rows_behind
from kpi_lib.kpis import registry
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.profiles import profile_of
from kpi_lib.measure.compute import compute, compute_with_working
from kpi_lib.measure.slices import build_slices
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.slices.file import as_text
from kpi_lib.testing.tables_in_text import dataset_of, results_of, row_of

PAGE = Path(__file__).parents[2] / "docs" / "add-a-kpi.md"
ROWS = {
    "partners": "a 2020-01-01 | b 2020-01-01",
    "orders": "a c1 07-01 10 | a c1 09-30 40 | a c1 10-01 99 | a c1 07-05 70 cancelled | "
    "b c1 06-30 8 | - c9 2020-01-01 1",
}


@pytest.fixture
def largest_order():
    """The example of the page, word for word, registered while a test runs."""
    code = next(
        c for c in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S) if "largest" in c
    )
    words = (
        "from kpi_lib.engine.formula import *",
        "from kpi_lib.kpis.registry import kpi",
        "import pandas as pd",
    )
    space: dict = {"__name__": "kpi_lib.kpis.revenue"}
    # The registered function looks `largest` up when it is called, so it is defined first.
    declaration, function = code.split("\n\n\n")
    exec("\n".join((*words, function, declaration)), space)
    yield
    del registry.REGISTRY["largest_order"]


@pytest.mark.usefixtures("largest_order")
def test_a_pandas_function_is_a_kpi_like_any_other():
    row = row_of("largest_order", **ROWS)
    assert (row["value"], row["n"], row["denominator"]) == (40, 2, None)
    assert row_of("largest_order", scope="company", **ROWS)["value"] == 40
    nobody = row_of("largest_order", entity="b", **ROWS)
    assert nobody["value"] is None
    assert nobody["missing"] == "its function gives none"
    assert nobody["previous"] == 8


@pytest.mark.usefixtures("largest_order")
def test_it_appears_in_list_explain_table_profile_and_page_without_another_touch():
    assert catalogue()["largest_order"].family == "revenue"
    results, dataset = results_of(**ROWS), dataset_of(**ROWS)
    assert "largest_order" in results.table["kpi"].to_list()
    assert "Amount of the largest fulfilled order" in in_words(
        explain("largest_order", results, "a"), "EUR"
    )
    settings = Settings(profiles={"reseller": ("largest_order",)})
    assert profile_of(settings.profiles, "a", "reseller") == ("largest_order",)
    internal = next(
        s for s in build_slices(results, dataset, settings, ["a"]) if s.edition == "internal"
    )
    assert internal.profile == ("largest_order",)
    assert internal.definitions["largest_order"].name == "Largest order"
    partner = next(
        s for s in build_slices(results, dataset, settings, ["a"]) if s.edition == "partner"
    )
    assert "largest_order" not in as_text(partner), "it is internal"


@pytest.mark.usefixtures("largest_order")
def test_its_rows_are_those_that_the_function_is_given_and_add_nothing_up():
    run = compute_with_working(dataset_of(**ROWS), Settings(), Period.parse("2026-Q3"))
    rows = rows_behind("largest_order", *run, "a")
    assert rows["amount"].to_list() == [10, 70, 40]
    assert rows["to_numerator"].null_count() == 3
    text = in_words(explain("largest_order", run[0], "a", run[1]), "EUR")
    assert "(40 numerator that largest makes of the rows of orders) = €40" in text


@pytest.mark.usefixtures("largest_order")
def test_a_missing_column_takes_it_away():
    dataset = dataset_of(partners="a 2020-01-01")
    assert "orders" not in dataset.tables
    assert row_of("largest_order", partners="a 2020-01-01")["missing"] == "there is no table orders"


@pytest.mark.usefixtures("largest_order")
def test_rows_that_name_no_partner_are_the_companys():
    dataset = dataset_of(**ROWS)
    orders = dataset.tables["orders"].drop("partner_id")
    nameless = replace(dataset, tables={**dataset.tables, "orders": orders})
    table = compute(nameless, Settings(), Period.parse("2026-Q3")).table
    found = table.filter(pl.col("kpi") == "largest_order")
    values = dict(found.select("scope", "value").iter_rows())
    assert values["company"] == 40
    assert values["portfolio"] is None
