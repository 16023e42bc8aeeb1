"""One moment of a database: a transaction in which every table reads as it was when it began.

Other people go on writing meanwhile. Where each table is read in a transaction of its own, a
payment may be there whose invoice is not.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa

# The level at which a transaction reads one moment, and keeps nobody from writing.
LEVELS = {
    "postgresql": "REPEATABLE READ", "cockroachdb": "SERIALIZABLE", "oracle": "SERIALIZABLE",
    "mysql": "REPEATABLE READ", "mariadb": "REPEATABLE READ",
}  # fmt: skip
# SQL Server's own level has to be allowed for a database; its others make writers wait.
SNAPSHOT = "SNAPSHOT"
_IS_ALLOWED = "select snapshot_isolation_state from sys.databases where name = db_name()"


class Moment:
    """A connection in one transaction, until it is closed.

    `is_common`: whether all tables are read as they were at one time. `is_guarded`: whether the
    database keeps what is read as it was, whatever becomes of its file.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._dialect = engine.dialect.name
        self.is_common, self.is_guarded = True, False
        level = self._level(engine)
        self.connection = engine.connect()
        if self._dialect == "sqlite":
            self._begin_sqlite()
        elif level is not None:
            read_only = {"postgresql_readonly": True} if self._dialect == "postgresql" else {}
            self.connection = self.connection.execution_options(isolation_level=level, **read_only)
        else:
            self.is_common = False

    def step(self) -> AbstractContextManager[object]:
        """Return what one table is read within, so that its fault leaves the others readable.

        After an error PostgreSQL answers nothing more, unless it goes back to a savepoint.
        """
        return self.connection.begin_nested() if self._dialect == "postgresql" else nullcontext()

    def close(self) -> None:
        """End the transaction and the connection."""
        self.connection.close()

    def _level(self, engine: sa.Engine) -> str | None:
        """Return the level to read at; None where the database's usual one has to do."""
        if self._dialect != "mssql":
            return LEVELS.get(self._dialect)
        with engine.connect() as connection:
            is_allowed = connection.exec_driver_sql(_IS_ALLOWED).scalar() == 1
        return SNAPSHOT if is_allowed else None

    def _begin_sqlite(self) -> None:
        """Begin it here: Python's driver begins none for what only reads."""
        run = self.connection.exec_driver_sql
        run("pragma query_only = on")
        # With a journal of that kind a writer may tidy up in the file while it is read.
        self.is_guarded = run("pragma journal_mode").scalar() == "wal"
        run("begin")
