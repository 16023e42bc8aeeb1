"""Our engine against the independent implementation, cell by cell, on random companies."""

from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.facts import facts_of
from kpi_lib.measure.compute import compute
from kpi_lib.measure.engines import duckdb_engine, spark_engine
from kpi_lib.measure.relation import polars_engine
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from tests.given_companies import WHOLE, awkward_company, whole_company
from tests.independent.catalogue import CATALOGUE, PACKS
from tests.independent.compare import differences
from tests.independent.generate import call, generate, write_folder
from tests.independent.oracle import kpi_table

FEW, MANY, LARGE = range(1000, 1010), range(2000, 2080), (3001, 3002, 3003, 3004)
# What models say the oracle does not know: tests/measure/test_modelled.py.
OF_MODELS = {kpi for kpi, told in CATALOGUE.items() if told.tables[0].startswith("model_")}
COMPUTED = [kpi for kpi in (*CATALOGUE, *PACKS) if kpi not in OF_MODELS]


def computed(folder: Path, asked: dict, engine=polars_engine) -> pl.DataFrame:
    """The KPI table of a folder of tables, as `kpi compute` makes it."""
    year_end = str(asked.get("year_end", "DEC"))
    settings = Settings(data=str(folder), year_end=year_end, reporting_currency="EUR")
    dataset = load_dataset(settings, workspace=folder / "staged", kpis=facts_of(settings))
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
@pytest.mark.parametrize("seed", LARGE)
def test_every_cell_agrees_on_a_large_company_with_all_tables(seed, tmp_path):
    size = {"partners": 50, "orders": 20_000, "scale": 4}
    tables, asked = generate(seed, with_other_tables=True, **size), call(seed)
    ours = computed(written(tables, tmp_path / "data", seed), asked)
    theirs = kpi_table(tables, **asked, kpis=COMPUTED)
    assert differences(ours, theirs, COMPUTED) == []


# --- engines --------------------------------------------------------------------------------------


def kpis_with_a_value(table: pl.DataFrame) -> set[str]:
    return set(table.filter(pl.col("value").is_not_null())["kpi"])


def test_the_company_that_engines_are_held_against_has_a_value_of_every_kpi():
    assert kpis_with_a_value(whole_company(WHOLE[0]).table) == set(COMPUTED)


@pytest.mark.parametrize("seed", WHOLE[:1])
def test_every_cell_agrees_where_nothing_is_missing(seed):
    asked = call(seed)
    theirs = kpi_table(generate(seed, whole=True), **asked, kpis=COMPUTED)
    assert differences(whole_company(seed).table, theirs, COMPUTED) == []


@pytest.mark.parametrize("seed", WHOLE[:2])
def test_duckdb_gives_the_same_table_of_all_kpis(seed):
    company = whole_company(seed)
    table = company.told(engine=duckdb_engine).table
    assert differences(table, company.table.to_dicts()) == []


@pytest.mark.parametrize("seed", FEW[:2])
def test_duckdb_gives_the_same_table_of_what_there_is(seed):
    company = awkward_company(seed)
    table = company.told(engine=duckdb_engine).table
    assert differences(table, company.table.to_dicts()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY[:20])
def test_duckdb_gives_the_same_table_of_many_companies(seed):
    company = awkward_company(seed)
    table = company.told(engine=duckdb_engine).table
    assert differences(table, company.table.to_dicts()) == []


@pytest.fixture(scope="module")
def spark():
    """A small Spark of this machine; without PySpark its test fails, for who asks installs it."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    yield session
    session.stop()


@pytest.mark.spark
@pytest.mark.usefixtures("spark")
def test_spark_gives_the_same_table_of_all_kpis():
    company = whole_company(WHOLE[0])
    table = company.told(engine=spark_engine).table
    assert differences(table, company.table.to_dicts()) == []
