"""The commands on the ledger, the account of what was sent, and bounces, as people meet them."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import pytest

from kpi_lib.mail.events import ledger_file
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.password import VARIABLE
from tests.mail.made import PASSWORD, PERIOD, company
from tests.mail.server import running
from tests.mail.test_bounces import report

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2
OF = ("--period", PERIOD)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return company(tmp_path_factory.mktemp("ledger") / "project", {"P1": "Alder", "P2": "Birch"})


@pytest.fixture
def server(tmp_path):
    with running(tmp_path) as one:
        yield one


@pytest.fixture
def mailed(made_once, tmp_path, monkeypatch, kpi, server):
    """A project, called from its own folder, whose partners got their e-mails."""
    shutil.copytree(made_once.root, tmp_path / "project")
    project = replace(made_once, root=tmp_path / "project")
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv(VARIABLE, PASSWORD)
    assert kpi("ledger", "check").out.startswith("There is no ledger yet")
    (tmp_path / "disk").mkdir()
    copy = {"ledger_copy": str(tmp_path / "disk" / "ledger.jsonl")}
    project.settings(**server.settings(), **copy)
    for words in (["outbox"], ["approve", "--as", "Anna Kay"], ["send"]):
        assert kpi(*words, *OF).status == DONE
    return project


def test_a_ledger_that_is_whole_says_so(kpi, mailed):
    said = kpi("ledger", "check")
    assert said.status == DONE and "whole: 11 entries" in said.out
    said = kpi("ledger", "settle", "--reason", "to be sure")
    assert said.status == NOTHING_DONE and "nothing to settle" in said.err


def test_a_ledger_that_is_gone_stops_the_commands_and_a_person_settles_it(kpi, mailed, server):
    ledger_file(mailed.folder.parent).unlink()
    shutil.rmtree(mailed.root.parent / "disk")
    mailed.settings(**server.settings())
    for command in ("outbox", "approve", "send"):
        said = kpi(command, *OF)
        assert said.status == NOTHING_DONE and "it is gone" in said.err
        assert "kpi ledger settle" in said.err and "Traceback" not in said.err
    assert "The ledger: it is gone" in kpi("status", *OF).out
    assert "it is gone" in kpi("ledger", "check").err
    assert "needs a reason" in kpi("ledger", "settle", "sent").err
    assert "is no end" in kpi("ledger", "settle", "perhaps", "--reason", "x").err
    assert "not-sent" in kpi("ledger", "settle", "--reason", "x").err
    said = kpi("ledger", "settle", "sent", "--reason", "the disk broke", "--as", "Ben Lee")
    assert said.status == DONE and "sent now: 2" in said.out
    for command in ("outbox", "approve", "send"):
        assert kpi(command, *OF).status == DONE
    assert sorted(server.count().values()) == [1, 1]


def test_a_ledger_is_restored_from_its_copy(kpi, mailed, server):
    ledger_file(mailed.folder.parent).write_bytes(b"broken")
    assert "damaged" in kpi("send", *OF).err
    said = kpi("ledger", "restore", "--reason", "the file was broken")
    assert said.status == DONE and "11 entries again" in said.out
    said = kpi("send", *OF)
    assert said.status == DONE and "2 sent before" in said.out
    assert sorted(server.count().values()) == [1, 1]


def test_the_account_of_what_was_sent_is_written_to_a_file(kpi, mailed, tmp_path):
    shown = list(csv.DictReader(kpi("mail", "audit", *OF).out.splitlines()))
    assert [row["state"] for row in shown] == ["sent", "sent"]
    assert all(row["approved_by"].startswith("Anna Kay (") for row in shown)
    for name in ("audit.csv", "audit.json"):
        assert kpi("mail", "audit", "--out", tmp_path / name).status == DONE
    exported = json.loads((tmp_path / "audit.json").read_text())
    assert [one["email"] for one in exported] == [row["email"] for row in shown]
    assert (tmp_path / "audit.csv").read_text().splitlines()[0].startswith("period,partner_id")
    said = kpi("mail", "audit", "--out", tmp_path / "audit.pdf")
    assert said.status == NOTHING_DONE and ".csv or .json" in said.err


def test_status_says_who_approved_and_what_came_back(kpi, mailed, tmp_path):
    with Ledger.open(mailed.folder.parent) as ledger:
        one = next(e for e in ledger.latest(PERIOD) if e.partner_id == "P1")
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "1.eml").write_bytes(report(one.mark, one.email))
    said = kpi("bounces", tmp_path / "back")
    assert said.status == DONE and "1 entered, 0 known before, 0 of others" in said.out
    (tmp_path / "back" / "2.eml").write_bytes(b"Content-Type: message/x\n" * 100)
    said = kpi("bounces", tmp_path / "back")
    assert said.status == SOME_FAILED and "2.eml: not read" in said.out
    assert "bounced" in kpi("status", *OF).out
    said = kpi("status", *OF, "--why", "P1").out
    assert "approved  by Anna Kay (" in said and "550 no such user" in said
    assert "bounced" not in kpi("status", *OF, "--why", "P2").out
