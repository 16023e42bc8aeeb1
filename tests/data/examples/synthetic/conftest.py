from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.examples.synthetic import write_company
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import Results, compute
from kpi_lib.periods import Period
from tests.data.folders import settings_for

History = Callable[[str, str], dict[str, float]]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the usual company: 24 partners, 20,000 orders."""
    return write_company(tmp_path_factory.mktemp("synthetic") / "company")


def computed(folder: Path, workspace: Path) -> Results:
    """Return the KPIs of a company in its last whole quarter."""
    settings = settings_for(folder)
    dataset = load_dataset(settings, workspace=workspace, kpis=facts_of(settings))
    return compute(dataset, settings, Period.parse("2026-Q3"))


def histories_of(results: Results) -> History:
    """Return what gives the values of a partner's KPI over the last 8 quarters, by quarter."""

    def history(partner: str, kpi: str) -> dict[str, float]:
        own = (pl.col("scope") == "partner") & (pl.col("entity") == partner)
        rows = results.history.filter(own & (pl.col("kpi") == kpi)).sort("period")
        return dict(rows.select("period", "value").iter_rows())

    return history


@pytest.fixture(scope="session")
def results(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return the KPIs of the usual company."""
    return computed(company, tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="session")
def values(results: Results) -> History:
    """Return the histories of the usual company."""
    return histories_of(results)


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Return the histories of a larger company of another seed."""
    folder = tmp_path_factory.mktemp("larger")
    company = write_company(folder / "company", partners=100, orders=200_000, seed=7)
    return histories_of(computed(company, folder / "workspace"))


@pytest.fixture(scope="session")
def table(company: Path):
    """Return what reads a table of the company."""
    return lambda name: pl.read_parquet(company / f"{name}.parquet")
