"""Passwords planted in addresses of data, in every form that drivers take, to be searched for.

`open_planted` lets such an address be opened: a dialect that takes every part of it, and reads a
SQLite file.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

WORD, TOKEN, USER, UNQUOTED = "Canary-Word-1", "canary.token/2", "canaryuser3", "P@ss/W0rd"
TOKEN_IN_URL, KEY_IN_URL = "canary.token%2F2", "%2Fkeys%2Fcanary-4.pem"
SECRETS = (WORD, TOKEN, TOKEN_IN_URL, USER, UNQUOTED, "W0rd", "/keys/canary-4.pem")
PLANTED = {
    "password": f"postgresql+psycopg2://ann:{WORD}@db.example/sales",
    "password twice": f"postgresql://ann:{WORD}@db.example/sales?password={WORD}",
    "token in the query": f"databricks://db.example/sales?access_token={TOKEN_IN_URL}",
    "key": f"postgresql://ann@db.example/sales?sslkey={KEY_IN_URL}&sslpassword={WORD}",
    "ODBC": "mssql+pyodbc:///?odbc_connect=DRIVER%3DODBC+18%3BSERVER%3Ddb.example%3BUID%3Dann"
    f"%3BPWD%3D{WORD}",
    "ODBC in braces": f"mssql+pyodbc:///?odbc_connect=SERVER%3Ddb.example%3BPWD%3D%7B{WORD}%7D",
    "user alone": f"https://{USER}@db.example/sales",
    "not encoded": "postgresql://ann:P@ss/W0rd@db.example/sales",
    "port": f"postgresql://ann:{WORD}/sales",
    "SQLite": f"sqlite+pysqlcipher://:{WORD}@/sales.db",
    "DuckDB": f"duckdb:///md:sales?motherduck_token={WORD}",
    "no URL": f"Driver=x;Server=db.example;Uid=ann;Pwd={WORD}",
    "no URL either": f"ann:{WORD}@db.example/sales",
}


class _Planted(SQLiteDialect_pysqlite):
    """Opens a SQLite file, whatever else the address says."""

    supports_statement_cache = True
    file = ""

    def create_connect_args(self, url: sa.URL) -> tuple[list[str], dict[str, str]]:
        return [self.file], {}


def open_planted(file: Path) -> str:
    """Return an address with every kind of secret in it, by which a SQLite file is read."""
    registry.register("postgresql.planted", __name__, "_Planted")
    _Planted.file = str(file)
    return (
        f"postgresql+planted://ann:{WORD}@db.example/sales?password={WORD}"
        f"&sslkey={KEY_IN_URL}&token={TOKEN_IN_URL}"
        f"&odbc_connect=SERVER%3Ddb.example%3BPWD%3D{WORD}"
    )
