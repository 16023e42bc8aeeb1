"""The commands on e-mails, as people meet them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kpi_lib.mail.password import VARIABLE
from tests.mail.made import PASSWORD, PERIOD, company
from tests.mail.server import Plan, running

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2
PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return company(tmp_path_factory.mktemp("mailed") / "project", {"P1": "Alder", "P2": "Birch"})


@pytest.fixture
def mailed(made_once, tmp_path, monkeypatch):
    """A project with reports, called from its own folder."""
    import shutil
    from dataclasses import replace

    shutil.copytree(made_once.root, tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return replace(made_once, root=tmp_path / "project")


def test_outbox_approve_send_and_status(kpi, mailed, tmp_path):
    of_period = ["--period", PERIOD]
    with running(tmp_path) as server:
        mailed.settings(**server.settings())
        said = kpi("outbox", *of_period)
        assert (said.status, server.received) == (DONE, [])
        assert "2 e-mails written, 0 held back" in said.out
        assert "nothing was sent" in said.out
        assert kpi("send", *of_period).status == NOTHING_DONE
        assert "1 e-mail approved" in kpi("approve", *of_period, "--partners", "P1").out
        said = kpi("send", *of_period)
        assert said.status == SOME_FAILED and "1 sent" in said.out
        assert "P2, contact.2@p2.invalid" in said.out and "not approved" in said.out
        kpi("approve", *of_period)
        said = kpi("send", *of_period)
        assert said.status == DONE and "1 sent" in said.out and "1 sent before" in said.out
        assert kpi("send", *of_period).status == DONE, "there is nothing left to do"
        assert sorted(server.count().values()) == [1, 1]
        said = kpi("status", *of_period)
        assert said.out.count("sent") >= 2 and "partners/P1/scorecard" in said.out


def test_what_is_not_known_is_shown_and_settled(kpi, mailed, tmp_path):
    with running(tmp_path, Plan("after_end", 1)) as server:
        mailed.settings(**server.settings())
        kpi("outbox", "--period", PERIOD)
        kpi("approve", "--period", PERIOD)
        said = kpi("send", "--period", PERIOD)
        assert said.status == SOME_FAILED and "1 unknown" in said.out
        said = kpi("status", "--period", PERIOD).out
        name = said.partition("kpi settle ")[2].split()[0]
        assert kpi("settle", name, "perhaps").status == NOTHING_DONE
        assert "approved" in kpi("settle", name, "not-sent").out
        assert kpi("send", "--period", PERIOD).status == DONE
        assert sorted(server.count().values()) == [1, 1]


def test_what_is_held_back_is_told_to_the_operator(kpi, mailed):
    mailed.record(lambda output: output["reports"][0].update(state="failed"))
    said = kpi("outbox", "--period", PERIOD)
    assert said.status == SOME_FAILED and "1 e-mail written, 1 held back" in said.out
    assert "its report failed" in said.out
    index = (mailed.folder / "outbox" / "index.html").read_text()
    assert "its report failed" in index and "P2/1.html" in index
    assert not (mailed.folder / "outbox" / "P1").exists()
    output = kpi("status", "--period", PERIOD).out
    assert "P1, contact.1@p1.invalid" in output and "held back" in output
    assert "no e-mail to P1" in kpi("approve", "--period", PERIOD, "--partners", "P1").err


def test_status_says_why_of_one_partner(kpi, mailed, tmp_path):
    of_period = ["--period", PERIOD]
    assert "as the run wrote it" in kpi("status", *of_period, "--why", "P2").out
    mailed.record(lambda record: record["reports"][0].update(state="failed"))
    kpi("outbox", *of_period)
    said = kpi("status", *of_period, "--why", "P1").out
    assert "P1: its report failed" in said
    assert re.search(r"P1, contact\.1@p1\.invalid +its report failed", said)
    assert "P2" not in said
    with running(tmp_path) as server:
        mailed.settings(**server.settings())
        kpi("approve", *of_period)
        kpi("send", *of_period)
    states = re.findall(r"T\d\d:\d\d  ([a-z]+)", kpi("status", *of_period, "--why", "P2").out)
    assert states == ["prepared", "approved", "sending", "sending", "sent"]
    said = kpi("status", *of_period, "--why", "P9")
    assert said.status == NOTHING_DONE and "no such partner" in said.err


def test_a_revision_needs_its_reason(kpi, mailed):
    assert "belong together" in kpi("send", "--period", PERIOD, "--revision").err
    assert "belong together" in kpi("send", "--period", PERIOD, "--reason", "x").err


@pytest.mark.parametrize("command", ["outbox", "approve", "status"])
def test_without_reports_there_is_nothing_to_do(kpi, mailed, command):
    said = kpi(command, "--period", "2010-Q1")
    assert said.status == NOTHING_DONE and "2010-Q1" in said.err


def test_faulty_recipients_stop_all_before_anything_is_written(kpi, mailed):
    mailed.recipients(["P1,anna,Anna,en,html"])
    said = kpi("outbox", "--period", PERIOD)
    assert said.status == NOTHING_DONE and "recipients.csv line 2" in said.err
    assert not (mailed.folder / "outbox").exists()


# --- nothing goes out by itself -------------------------------------------------------------------

WATCH = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "smtplib.connect", "smtplib.send"):
        if not (event == "socket.connect" and isinstance(arguments[1], (str, bytes))):
            print("ASKED", event, arguments[1:], file=sys.stderr)
sys.addaudithook(watch)
from kpi_lib.cli import main
sys.argv = ["kpi", *sys.argv[1:]]
main()
"""


def watched(words, folder) -> str:
    """Run a command and return what it asked of the network."""
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *map(str, words)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (DONE, NOTHING_DONE), done.stderr
    return "\n".join(line for line in done.stderr.splitlines() if line.startswith("ASKED"))


@pytest.mark.slow
def test_outbox_and_approve_ask_nothing_of_the_network(mailed):
    server = {"sender": "a@sender.invalid", "server": {"host": "192.0.2.1", "username": "x"}}
    mailed.settings(**server)
    for words in (["outbox"], ["approve"], ["status"]):
        assert watched([*words, "--period", PERIOD], mailed.root) == ""
    with pytest.raises(AssertionError):
        assert watched(["send", "--period", PERIOD], mailed.root) == ""


def test_what_makes_reports_cannot_send_them():
    program = (
        "import sys, kpi_lib.batch.batch_run, kpi_lib.publish.exporter, kpi_lib.pages.scorecard; "
        "print([m for m in sys.modules if m.startswith('kpi_lib.mail') or m == 'smtplib'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout.strip() == "[]"
    senders = [
        file.relative_to(PROJECT).as_posix()
        for file in sorted((PROJECT / "kpi_lib").rglob("*.py"))
        if "smtplib" in file.read_text(encoding="utf-8")
    ]
    assert senders == ["kpi_lib/mail/smtp.py"]


def test_only_make_send_sends():
    recipes = (PROJECT / "Makefile").read_text().replace("\\\n", " ")
    callers = [line for line in recipes.splitlines() if "$(KPI) send" in line]
    assert callers == ["\t$(KPI) send $(MAIL)"]
    shipped = json.dumps((PROJECT / "params" / "recipients.csv").read_text().splitlines()[1:])
    assert shipped.count("@") == shipped.count(".invalid") == 40


def test_no_test_reaches_another_machine():
    import socket

    with pytest.raises(PermissionError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 25), timeout=1)
