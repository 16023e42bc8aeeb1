"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import read_source
from kpi_lib.settings import Settings

PASSWORD = "Canary/pass:word@7"  # with all that a URL has to write otherwise
IN_URL = "Canary%2Fpass%3Aword%407"
USER, DATABASE = "analyst", "sales"
KINDS = {"id": "text", "text": "text", "date": "date", "timestamp": "timestamp",
         "number": "numeric", "count": "bigint", "flag": "boolean"}  # fmt: skip


def programs() -> Path | None:
    """Return the folder of the newest server that is installed; None where none is."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    on_path = shutil.which("pg_ctl")
    return places[-1] if places else Path(on_path).parent if on_path else None


@dataclass(frozen=True)
class Server:
    """A server that runs; `folder`: where its socket is."""

    folder: Path

    @property
    def url(self) -> str:
        """The address with the password in it, as a company writes it down."""
        return f"postgresql+psycopg://{USER}:{IN_URL}@/{DATABASE}?host={self.folder}"

    def connect(self, database: str = DATABASE) -> psycopg.Connection:
        """Open a connection, each of whose statements counts at once."""
        done = {"host": str(self.folder), "user": USER, "password": PASSWORD, "dbname": database}
        return psycopg.connect(**done, autocommit=True)

    def load(self, data: Path, workspace: Path) -> None:
        """Write a folder of tables into the database, in the types of the contract."""
        read = read_source(Settings().with_data(str(data)), workspace)
        with self.connect() as db:
            for name, table in read.tables.items():
                rows = table.typed.drop("#row").collect()
                kinds = {c: KINDS[TABLES[name].columns[c].kind] for c in rows.columns}
                columns = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
                db.execute(f"create table {name} ({columns})")
                with db.cursor().copy(f"copy {name} from stdin with (format csv)") as copy:
                    copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))


@contextmanager
def running() -> Iterator[Server]:
    """Run a server that wants a password; root runs it as somebody else, as it must."""
    bin_ = programs()
    assert bin_ is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _nobody() if os.geteuid() == 0 else None
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        if user is not None:
            for place in (folder, secret):
                os.chown(place, user.pw_uid, user.pw_gid)
        data = folder / "data"
        how = ("-A", "scram-sha-256", "--pwfile", secret, "-U", USER, "-E", "UTF8", "-N")
        _run(user, folder, bin_ / "initdb", "-D", data, *how)
        quiet = f"-k {folder} -h '' -F -c log_statement=none"
        control = (bin_ / "pg_ctl", "-D", data, "-w")
        _run(user, folder, *control, "-l", folder / "log", "-o", quiet, "start")
        try:
            server = Server(folder)
            with server.connect("postgres") as db:
                db.execute(f"create database {DATABASE}")
            yield server
        finally:
            _run(user, folder, *control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nobody() -> pwd.struct_passwd:
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run(user: pwd.struct_passwd | None, folder: Path, *command: object) -> None:
    rights = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, text=True, check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **rights,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
