"""Engines that a run's tables can be read with: Polars, DuckDB, Spark.

The declarations of KPIs are the same for all of them; `relation` says what an engine is given.
"""

from __future__ import annotations

import duckdb
import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.engine.relation import Engine, EngineFrame, polars_engine
from kpi_lib.errors import CallError


def duckdb_engine(name: str, frame: pl.LazyFrame) -> EngineFrame:
    """Return the table as Narwhals sees it on DuckDB, in its default connection."""
    return nw.from_native(duckdb.from_arrow(frame.collect().to_arrow()))


def spark_engine(name: str, frame: pl.LazyFrame) -> EngineFrame:
    """Return the table as Narwhals sees it on PySpark, in the active session or a local one."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise CallError.at(
            "--engine spark", "PySpark is not installed", "Install requirements-spark.lock."
        ) from None
    session = SparkSession.builder.getOrCreate()
    table: EngineFrame = nw.from_native(session.createDataFrame(frame.collect().to_arrow()))
    return table


ENGINES: dict[str, Engine] = {
    "polars": polars_engine,
    "duckdb": duckdb_engine,
    "spark": spark_engine,
}


def engine_of(name: str) -> Engine:
    """Return the engine of that name."""
    if name not in ENGINES:
        raise CallError.at("--engine", f"there is no engine {name!r}", f"Use {', '.join(ENGINES)}.")
    return ENGINES[name]
