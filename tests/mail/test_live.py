"""A live database, from the run to the last e-mail, while orders come in all the time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kpi_lib.mail.password import VARIABLE
from tests import postgresql
from tests.mail.made import PASSWORD, host
from tests.mail.server import running as mail_running
from tests.watched import processes_watched

PERIOD, PARTNERS, ORDERS = "2026-Q3", 50, 4000
CANARIES = (postgresql.PASSWORD, postgresql.IN_URL, PASSWORD)
KPI = (sys.executable, "-m", "kpi_lib.cli")
pytestmark = [pytest.mark.slow]
needs_postgresql = pytest.mark.skipif(
    postgresql.programs() is None, reason="this machine has no PostgreSQL server"
)


@pytest.mark.skipif("CI" not in os.environ, reason="only CI must have what the others skip without")
def test_the_machine_that_decides_has_the_database():
    assert postgresql.programs() is not None


@dataclass
class Company:
    """A company whose data lie in a live database: its commands, and all that they said."""

    root: Path
    database: postgresql.Server
    said: list[str] = field(default_factory=list)

    def kpi(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Call a command as people do, and keep what it said."""
        where = {"cwd": self.root, "env": os.environ | {VARIABLE: PASSWORD, "COLUMNS": "200"}}
        done = subprocess.run(
            [*KPI, command, "--period", PERIOD, *words],
            capture_output=True, text=True, check=False, timeout=1800, **where,
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        return done

    def held(self, done: subprocess.CompletedProcess[str]) -> dict[str, str]:
        """Return who was held back by a command, and why."""
        rows = re.findall(r"^ *(P\d{4}), \S+ +(.*?) *$", done.stdout, re.MULTILINE)
        return dict(rows)

    def settle(self, statement: str, *values: object) -> None:
        """Change the data as another program would."""
        with self.database.connect() as db:
            assert db.execute(statement, values).rowcount == 1


@contextmanager
def orders_coming_in(database: postgresql.Server) -> Iterator[list[int]]:
    """Let orders come in, of all partners and none, after the period's end; count them."""
    done, count = threading.Event(), [0]

    def insert() -> None:
        with database.connect() as db:
            while not done.wait(0.01):
                count[0] += 1
                partner_id = None if count[0] % 5 == 0 else f"P{count[0] % PARTNERS + 1:04}"
                db.execute(
                    "insert into orders (order_id, partner_id, ordered_on, amount, status)"
                    " values (%s, %s, date '2026-10-01' + %s, %s, 'completed')",
                    (f"LIVE{count[0]}", partner_id, count[0] % 60, count[0]),
                )

    thread = threading.Thread(target=insert)
    thread.start()
    try:
        yield count
    finally:
        done.set()
        thread.join()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    root = tmp_path_factory.mktemp("live")
    made = [*KPI, "example", "synthetic", "--partners", str(PARTNERS), "--orders", str(ORDERS)]
    subprocess.run([*made, "--seed", "3", "--out", str(root / "made")], check=True)
    with postgresql.running() as database:
        database.load(root / "made", root / "workspace")
        with database.connect() as db:
            db.execute("update partners set sharing = 'full'")  # each of the 50 gets an e-mail
        (root / "params").mkdir()
        rows = [f"P{n:04},contact@{host(f'P{n:04}')}.invalid,,en,html" for n in range(1, 51)]
        text = "\n".join(["partner_id,email,name,language,attach", *rows]) + "\n"
        (root / "params" / "recipients.csv").write_text(text, encoding="utf-8")
        yield Company(root, database)


@needs_postgresql
def test_only_those_are_held_back_whose_own_past_has_changed(company, tmp_path):
    with mail_running(tmp_path) as server, processes_watched(CANARIES) as watched:
        settings = {"data": company.database.url, "mail": server.settings()}
        (company.root / "params" / "project.yml").write_text(json.dumps(settings))
        with orders_coming_in(company.database) as count:
            assert company.kpi("run", "--jobs", "2").returncode == 0, company.said
            company.settle(
                "insert into orders (order_id, partner_id, ordered_on, amount, status)"
                " values ('LATE', 'P0007', '2026-09-12', 10, 'completed')"
            )
            company.settle(
                "update invoices set amount = amount + 1 where invoice_id ="
                " (select max(invoice_id) from invoices"
                "  where partner_id = 'P0008' and issued_on < '2026-09-30')"
            )
            outbox = company.kpi("outbox")
            older = "its report is older than its own data:"
            changed = {
                "P0007": f"{older} orders (1 row new)",
                "P0008": f"{older} invoices (1 row changed)",
            }
            assert (company.held(outbox), outbox.returncode) == (changed, 1), outbox
            assert company.kpi("approve").returncode == 0
            company.settle(
                "delete from surveys where response_id ="
                " (select min(response_id) from surveys where partner_id = 'P0009')"
            )
            done = company.kpi("send")
            changed["P0009"] = f"{older} surveys (1 row gone)"
            assert company.held(done) == changed, done
        assert len(server.received) == PARTNERS - 3
        assert set(server.count().values()) == {1}
        assert count[0] > 100, "orders came in all the while"
    assert watched["kernels"] and not watched["shown"] and not watched["given"]


@needs_postgresql
def test_nothing_of_the_password_is_in_what_was_left_or_said(company):
    files = [file for file in (company.root / "reports").rglob("*") if file.is_file()]
    assert {".html", ".ipynb", ".json", ".eml"} <= {file.suffix for file in files}
    found = [
        file.name
        for file in files
        if any(canary.encode() in file.read_bytes() for canary in CANARIES)
    ]
    assert found == []
    assert not [c for c in CANARIES for said in company.said if c in said]
    record = json.loads((company.root / "reports" / PERIOD / "run.json").read_text())
    assert record["data"]["source"] == "PostgreSQL database sales"
