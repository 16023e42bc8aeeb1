"""The example's KPI table against the same figures by another way, every partner and quarter."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.examples import online_retail
from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.settings import Settings, load_settings
from tests.independent import example_figures

PROJECT = Path(__file__).parents[1]
QUARTERS = ["2009-Q4", *(f"{year}-Q{quarter}" for year in (2010, 2011) for quarter in (1, 2, 3, 4))]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    file = tmp_path_factory.mktemp("params") / "project.yml"
    file.write_text("reporting_currency: GBP\n")
    return load_settings(file)


@pytest.fixture(scope="module")
def dataset(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    workspace = tmp_path_factory.mktemp("workspace")
    return load_dataset(settings, data=str(online_retail.SHIPPED), workspace=workspace)


@pytest.fixture(scope="module")
def expected() -> example_figures.Figures:
    """Return the figures from the source's lines, or from the shipped orders without it."""
    source = os.environ.get("ONLINE_RETAIL_SOURCE")
    invoices = (
        example_figures.invoices_of_source(PROJECT / source)
        if source
        else example_figures.invoices_as_shipped()
    )
    return example_figures.figures(invoices)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_partner_has_the_figures_of_the_other_way(quarter, settings, dataset, expected):
    table = compute(dataset, settings, Period.parse(quarter)).table
    values = {
        (row["entity"], row["kpi"], quarter): row["value"]
        for row in table.iter_rows(named=True)
        if row["scope"] == "partner" and row["kpi"] in example_figures.KPIS
    }
    wanted = {key: value for key, value in expected.items() if key[2] == quarter}
    assert set(values) == set(wanted)
    assert {key: value for key, value in values.items() if not same(value, wanted[key])} == {}


def same(value: float | None, wanted: float | None) -> bool:
    """Return whether two figures agree, missing where missing; revenue is far within a penny."""
    if value is None or wanted is None:
        return value is wanted
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
