"""Something goes wrong at a random moment: no message twice, none lost, and nothing said falsely.

40 runs in `make test-all`, 300 in `make torture`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace

import pytest

from kpi_lib.mail.desk import Desk
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.office import Revision, approve, send
from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.settlement import settle_ledger
from tests.mail.made import PASSWORD, PERIOD
from tests.mail.server import DOUBTFUL, SENDER, Plan, running
from tests.mail.test_send import Quick

RUNS = int(os.environ.get("TORTURE_RUNS", "40"))
CUT = ("connect", "mail", "rcpt", "data", "in_data", "after_end", "kept_then_gone", "after_250")
ANSWERED = ("mail", "rcpt", "data", "after_end")
# Where the line was cut while the message was on it, its end may be on it too.
END_MAY_BE_OUT = (*DOUBTFUL, "in_data", "after_250")

pytestmark = pytest.mark.slow


def case(number: int) -> tuple[str, str, int, float]:
    """Return what goes wrong: how, at which stage, at whose turn, after how many seconds."""
    dice = random.Random(number)
    kind = dice.choice(["hang up", "kill", "kill at a moment", "4xx", "5xx"])
    stages = ANSWERED if kind in ("4xx", "5xx") else CUT
    stage = "connect" if kind == "kill at a moment" else dice.choice(stages)
    turn = 1 if stage == "connect" else dice.randint(1, 4)
    return kind, stage, turn, dice.uniform(0.0, 0.25)


@pytest.fixture(scope="session")
def approved(made_once, tmp_path_factory):
    """The company with an outbox that is approved; whom it is from is in it, no server is."""
    root = tmp_path_factory.mktemp("approved") / "project"
    shutil.copytree(made_once.root, root)
    project = replace(made_once, root=root)
    project.outbox(sender=SENDER)
    approve(project.folder)
    return project


@pytest.mark.parametrize("number", range(RUNS))
def test_whatever_happens_nobody_gets_two_and_nobody_is_forgotten(
    approved, tmp_path, monkeypatch, number
):
    project = copied(approved, tmp_path)
    monkeypatch.setenv(VARIABLE, PASSWORD)
    kind, stage, turn, moment = case(number)
    answer = {"4xx": "451 later", "5xx": "550 no"}.get(kind, "hang up")
    with running(tmp_path, Plan(stage, turn, answer)) as server:
        room = project.room(**server.settings())
        if kind.startswith("kill"):
            killed(project, server, moment if kind == "kill at a moment" else None)
        else:
            sent_by(room)
        as_it_stands(project, server)
        server.plan.stage = ""
        sent_by(room)
        found = as_it_stands(project, server)
    assert set(found) <= {"sent", "refused", "unknown"}
    assert found["refused"] <= (kind == "5xx")
    assert found["unknown"] <= 1
    if found["unknown"]:
        assert kind == "kill at a moment" or stage in END_MAY_BE_OUT, "it was known"
    if kind == "hang up" and stage in DOUBTFUL:
        assert found["unknown"] == 1, "nobody can know that it was sent"
    if kind == "hang up" and stage == "after_250":
        assert found["sent"] == 4, "the server had said so"


def copied(approved, folder):
    """Return a copy of the company, whose ledger a person says is the right one."""
    shutil.copytree(approved.root, folder / "project")
    project = replace(approved, root=folder / "project")
    settle_ledger(project.folder.parent, None, "the tests work on a copy", Desk())
    return project


def sent_by(room) -> None:
    send(room, Revision(), begin=lambda n: lambda e: None, clock=Quick().clock)


def as_it_stands(project, server) -> Counter:
    """Hold the ledger against what arrived; return how many messages are in each state."""
    with Ledger.open(project.folder.parent) as ledger:
        entries = ledger.latest(PERIOD)
    arrived = server.count()
    assert len(entries) == 4 and max(arrived.values(), default=0) <= 1
    for entry in entries:
        if entry.state == "sent":
            assert arrived[entry.email] == 1
        elif entry.state in ("approved", "refused", "prepared"):
            assert arrived[entry.email] == 0
        elif entry.state == "unknown":
            assert "end" in entry.note
    return Counter(entry.state for entry in entries)


def killed(project, server, moment: float | None) -> None:
    """Run the command, and kill it at the stage of the plan, or a moment after it connected."""
    words = ["send", "--period", PERIOD, "--params", project.root / "params" / "project.yml"]
    words += ["--out", project.folder.parent]
    command = [sys.executable, "-m", "kpi_lib.cli", *map(str, words)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet) as sender:

        def kill() -> None:
            sender.send_signal(signal.SIGKILL)

        server.plan.act = kill if moment is None else threading.Timer(moment, kill).start
        sender.wait(900)  # a busy machine takes its time to start a command
