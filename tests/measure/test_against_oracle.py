"""Our engine against the independent implementation, cell by cell, on random companies."""

import polars as pl
import pytest

from kpi_lib.engine.backends import duckdb_engine, spark_engine
from tests.given_companies import WHOLE_PERIODS, awkward_company, whole_company
from tests.independent.compare import differences
from tests.independent.contract import OPTIONAL
from tests.independent.generate import call, generate
from tests.independent.generate_gaps import without_column
from tests.independent.oracle import kpi_table
from tests.independent.tables import DEFAULTS
from tests.measure.against_oracle import COMPUTED, disagreements, held_against, main

FEW, MANY, LARGE = range(1000, 1010), range(2000, 2080), (3001, 3002, 3003, 3004)
MAY_BE_ABSENT = sorted(f"{table}.{column}" for table, column in OPTIONAL | DEFAULTS.keys())
SMALL = {"partners": 7, "orders": 120}
LACKING = range(4000, 4020)


@pytest.mark.parametrize("seed", FEW[:4])
def test_every_cell_agrees_where_there_are_partners_customers_and_orders(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data", with_other_tables=False) == []


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_every_cell_agrees_where_there_are_all_tables(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data", **SMALL) == []


@pytest.mark.parametrize("seed", LACKING[:3])
def test_every_cell_agrees_where_tables_lack_rows_and_columns(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data", lacking=True, **SMALL) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_every_cell_agrees_on_many_companies(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data") == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", LACKING[3:])
def test_every_cell_agrees_on_many_companies_whose_tables_lack_rows_and_columns(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data", lacking=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", MAY_BE_ABSENT)
def test_every_cell_agrees_without_a_column_that_may_be_missing(name, tmp_path):
    tables = without_column(generate(WHOLE_PERIODS[0], whole=True, **SMALL), *name.split("."))
    assert held_against(tables, WHOLE_PERIODS[0], tmp_path / "data") == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", LARGE)
def test_every_cell_agrees_on_a_large_company_with_all_tables(seed, tmp_path):
    assert disagreements(seed, tmp_path / "data", partners=50, orders=20_000, scale=4) == []


def test_the_command_counts_what_differs(capsys):
    assert main(["--seed", "1000", "--companies", "1", "--orders", "60", "--kpis", "orders"]) == 0
    assert "1000 period" in capsys.readouterr().out


# --- engines --------------------------------------------------------------------------------------


def kpis_with_a_value(table: pl.DataFrame) -> set[str]:
    return set(table.filter(pl.col("value").is_not_null())["kpi"])


def test_the_company_that_engines_are_held_against_has_a_value_of_every_kpi():
    valued = kpis_with_a_value(whole_company(WHOLE_PERIODS[0]).table)
    assert set(COMPUTED) - valued == set(), "a KPI of your own may stand beside the agreed ones"


@pytest.mark.parametrize("seed", WHOLE_PERIODS[:1])
def test_every_cell_agrees_where_nothing_is_missing(seed):
    asked = call(seed)
    theirs = kpi_table(generate(seed, whole=True), **asked, kpis=COMPUTED)
    assert differences(whole_company(seed).table, theirs, COMPUTED) == []


@pytest.mark.parametrize("seed", WHOLE_PERIODS[:2])
def test_duckdb_gives_the_same_table_of_all_kpis(seed):
    company = whole_company(seed)
    table = company.results_of(engine=duckdb_engine).table
    assert differences(table, company.table.to_dicts()) == []


@pytest.mark.parametrize("seed", FEW[:2])
def test_duckdb_gives_the_same_table_of_what_there_is(seed):
    company = awkward_company(seed)
    table = company.results_of(engine=duckdb_engine).table
    assert differences(table, company.table.to_dicts()) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY[:20])
def test_duckdb_gives_the_same_table_of_many_companies(seed):
    company = awkward_company(seed)
    table = company.results_of(engine=duckdb_engine).table
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
    company = whole_company(WHOLE_PERIODS[0])
    table = company.results_of(engine=spark_engine).table
    assert differences(table, company.table.to_dicts()) == []
