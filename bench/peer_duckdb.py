"""A peer of the benchmark: SQL by hand on DuckDB (see kpis.sql)."""

from __future__ import annotations

from pathlib import Path

import duckdb

SQL = Path(__file__).with_name("kpis.sql")


def run(data: Path, out: Path) -> None:
    """Write one row per scope, entity and quarter, one column per KPI."""
    connection = duckdb.connect()
    for statement in connection.extract_statements(SQL.read_text()):
        connection.execute(statement, {"data": str(data)} if statement.named_parameters else None)
    connection.execute(f"COPY wide TO '{out}' (FORMAT parquet)")
