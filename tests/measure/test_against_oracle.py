"""Our engine against the independent implementation, cell by cell, on random companies."""

from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.catalogue import better_of
from kpi_lib.measure.compute import compute
from kpi_lib.measure.engines import duckdb_engine, spark_engine
from kpi_lib.measure.relation import polars_engine
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from tests.independent.catalogue import CATALOGUE, PACKS
from tests.independent.compare import differences
from tests.independent.generate import call, generate, write_folder
from tests.independent.oracle import kpi_table

FEW, MANY = range(1000, 1010), range(2000, 2080)
# What models say the oracle does not know: tests/measure/test_modelled.py.
OF_MODELS = {kpi for kpi, told in CATALOGUE.items() if told.tables[0].startswith("model_")}
COMPUTED = [kpi for kpi in (*CATALOGUE, *PACKS) if kpi not in OF_MODELS]


def computed(folder: Path, asked: dict, engine=polars_engine) -> pl.DataFrame:
    """The KPI table of a folder of tables, as `kpi compute` makes it."""
    year_end = str(asked.get("year_end", "DEC"))
    settings = Settings(data=str(folder), year_end=year_end, reporting_currency="EUR")
    dataset = load_dataset(settings, workspace=folder / "staged", better=better_of(settings))
    period = Period.parse(str(asked["period"]), year_end)
    return compute(dataset, settings, period, asked.get("as_of"), engine).table


def written(tables: dict, folder: Path, seed: int) -> Path:
    """The tables as a folder of CSV or of Parquet files, by turns."""
    write_folder(tables, folder, "csv" if seed % 2 else "parquet")
    return folder


def disagreements(seed: int, folder: Path, *, all_tables: bool) -> list[str]:
    tables, asked = generate(seed, with_other_tables=all_tables), call(seed)
    ours = computed(written(tables, folder / "data", seed), asked)
    return differences(ours, kpi_table(tables, **asked, kpis=COMPUTED), COMPUTED)


@pytest.mark.parametrize("seed", FEW)
def test_every_cell_agrees_where_there_are_partners_customers_and_orders(seed, tmp_path):
    assert disagreements(seed, tmp_path, all_tables=False) == []


@pytest.mark.parametrize("seed", FEW[:4])
def test_every_cell_agrees_where_there_are_all_tables(seed, tmp_path):
    assert disagreements(seed, tmp_path, all_tables=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_every_cell_agrees_on_many_companies(seed, tmp_path):
    assert disagreements(seed, tmp_path, all_tables=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3001, 3002])
def test_every_cell_agrees_on_a_large_company(seed, tmp_path):
    tables, asked = generate(seed, partners=50, orders=20_000), call(seed)
    ours = computed(written(tables, tmp_path / "data", seed), asked)
    theirs = kpi_table(tables, **asked, kpis=COMPUTED)
    assert differences(ours, theirs, COMPUTED) == []


@pytest.mark.parametrize("seed", FEW[:3])
def test_duckdb_gives_the_same_table(seed, tmp_path):
    asked = call(seed)
    folder = written(generate(seed, with_other_tables=True), tmp_path / "data", seed)
    ours = computed(folder, asked)
    assert differences(computed(folder, asked, duckdb_engine), ours.to_dicts()) == []


@pytest.mark.spark
def test_spark_gives_the_same_table(tmp_path):
    # Without PySpark this fails and does not skip: who asks for these tests installs its lock.
    seed = FEW[0]
    asked, folder = call(seed), written(generate(seed), tmp_path / "data", seed)
    ours = computed(folder, asked)
    assert differences(computed(folder, asked, spark_engine), ours.to_dicts()) == []
