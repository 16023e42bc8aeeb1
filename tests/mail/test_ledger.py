"""The ledger: its copy, full disks, the former release, and who wrote what."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.outbox import write_outbox
from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.settlement import restore_ledger
from kpi_lib.mail.workflow import Revision, approve, send, settle
from tests.mail.lost import ME, WHY, all_again, file_of, refused
from tests.mail.made import PASSWORD, PERIOD
from tests.mail.test_send import ready, sent

pytestmark = pytest.mark.usefixtures("password")


# --- the second place -----------------------------------------------------------------------------


@pytest.fixture
def copied(project, server, tmp_path):
    """The company after all got their e-mail, with a copy of the ledger on another disk."""
    (tmp_path / "disk").mkdir()
    mail = server.settings() | {"ledger_copy": str(tmp_path / "disk" / "ledger.jsonl")}
    mailing = project.mailing(**mail)
    write_outbox(mailing)
    approve(project.folder, operator=mailing.operator)
    send(mailing, Revision(), begin=lambda n: lambda e: None)
    return project, mailing.operator, mail


def test_the_copy_knows_what_no_outbox_knows_any_more(copied, server):
    project, operator, mail = copied
    shutil.rmtree(project.folder / "outbox")
    file_of(project).unlink()
    with pytest.raises(MailError, match=r"it is gone, and there is its copy .* with 21 entries"):
        project.mailing(**mail)
    assert restore_ledger(project.folder.parent, WHY, operator) == 21
    mailing = project.mailing(**mail)
    write_outbox(mailing)
    approve(project.folder, operator=operator)
    sending = send(mailing, Revision(), begin=lambda n: lambda e: None)
    assert sending.sent_before == 4 and set(server.count().values()) == {1}


def test_a_copy_with_half_a_line_at_its_end_goes_on_where_it_was(copied):
    project, operator, _ = copied
    copy = operator.copy
    copy.write_bytes(copy.read_bytes() + b'[22, "2026-')
    with Ledger.open(project.folder.parent, operator) as ledger:
        ledger.add_own("note", "after the power came back")
    lines = [json.loads(line) for line in copy.read_text().splitlines()]
    assert [line[0] for line in lines] == list(range(1, 23))


def test_a_copy_is_found_to_be_changed_before_anything_is_restored_from_it(copied):
    project, operator, _ = copied
    operator.copy.write_text(operator.copy.read_text().replace('"sent"', '"approved"', 1))
    before = file_of(project).read_bytes()
    with pytest.raises(MailError, match="not as it was written"):
        restore_ledger(project.folder.parent, WHY, operator)
    assert file_of(project).read_bytes() == before


def test_a_disk_that_is_not_mounted_stops_all_before_anything_is_sent(copied, server):
    project, operator, mail = copied
    shutil.rmtree(operator.copy.parent)
    with pytest.raises(MailError, match="there is no such folder"):
        project.mailing(**mail)
    with pytest.raises(MailError, match="there is no such folder"):
        approve(project.folder, operator=operator)


def test_a_second_place_or_a_mark_that_is_no_file_is_not_waited_for(copied):
    project, operator, mail = copied
    for file, found in (
        (operator.copy, "it is no file"),
        (project.folder / "outbox" / "ledger.json", "cannot be read"),
    ):
        whole = file.read_bytes()
        file.unlink()
        os.mkfifo(file)
        with pytest.raises(MailError, match=found):
            project.mailing(**mail)
        file.unlink()
        file.write_bytes(whole)
    project.mailing(**mail)


def test_without_a_copy_there_is_nothing_to_restore_from(project):
    with pytest.raises(CallError, match="the ledger has no copy"):
        restore_ledger(project.folder.parent, WHY, ME)


# --- full disks -----------------------------------------------------------------------------------


@pytest.fixture
def full(monkeypatch):
    """Return what fills the ledger's disk: no file of SQLite gets a page more than it has."""
    real = sqlite3.connect

    def fill():
        def connect(*arguments, **more):
            connection = real(*arguments, **more)
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages}")
            return connection

        monkeypatch.setattr(sqlite3, "connect", connect)
        return lambda: monkeypatch.setattr(sqlite3, "connect", real)

    return fill


def test_a_full_disk_is_said_in_words_and_nobody_gets_two(project, server, full):
    ready(project, server)
    make_room = full()
    with pytest.raises(MailError) as error:
        for _ in range(9):  # some events still fit into the last page
            sent(project, server)
            with Ledger.open(project.folder.parent) as ledger:
                ledger.add_own("note", "x" * 900)
    (problem,) = error.value.problems
    assert "cannot be written: database or disk is full" in problem.found
    assert "Make room" in problem.todo
    make_room()
    sent(project, server)
    with Ledger.open(project.folder.parent) as ledger:
        for entry in ledger.latest(PERIOD):
            if entry.state == "unknown":
                settle(project.folder.parent, entry.name, was_sent=True)
    sent(project, server)
    assert max(server.count().values()) == 1


def test_a_mark_that_cannot_be_written_stops_before_a_message_has_its_end(
    project, server, monkeypatch
):
    ready(project, server)

    def no_room(file, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kpi_lib.mail.marks.write_whole", no_room)
    with pytest.raises(MailError, match="No space left"):
        sent(project, server)
    assert server.received == []
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, PASSWORD)
    assert sent(project, server).is_complete and set(server.count().values()) == {1}


def test_a_full_disk_while_the_outbox_is_written_is_said_in_words(project, monkeypatch):
    def no_room(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", no_room)
    with pytest.raises(MailError, match="cannot be written: No space left"):
        project.outbox()
    assert not (project.folder / "outbox").exists()


def test_a_ledger_that_another_command_holds_is_said_in_words(mailed, monkeypatch):
    monkeypatch.setattr("kpi_lib.mail.events._SECONDS", 0)
    with closing(sqlite3.connect(file_of(mailed), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(MailError, match="in use"), Ledger.look(mailed.folder.parent) as ledger:
            ledger.add_own("note", "x")


# --- the former release ---------------------------------------------------------------------------

FORMER = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, period TEXT NOT NULL, partner_id TEXT NOT NULL, email TEXT NOT NULL,
    revision INTEGER NOT NULL, mark TEXT NOT NULL, sha256 TEXT NOT NULL, state TEXT NOT NULL,
    handed_over INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', changed_at TEXT NOT NULL,
    UNIQUE (period, partner_id, email, revision));
CREATE TABLE log (at TEXT NOT NULL, message INTEGER NOT NULL, sha256 TEXT NOT NULL,
    state TEXT NOT NULL, note TEXT NOT NULL);
"""


def former(project) -> None:
    """Write the ledger, as it stands, as the former release would have; no outbox has a mark."""
    with Ledger.open(project.folder.parent) as ledger:
        entries = [(entry, ledger.history(entry)) for entry in ledger.entries()]
    file_of(project).unlink()
    (project.folder / "outbox" / "ledger.json").unlink()
    with closing(sqlite3.connect(file_of(project))) as db, db:
        db.executescript(FORMER)
        for e, history in entries:
            values = (e.id, e.period, e.partner_id, e.email, e.revision, e.mark.partition("@")[0])
            values += (e.sha256, e.state, e.handed_over, e.note, e.changed_at)
            db.execute(f"INSERT INTO messages VALUES ({', '.join('?' * 11)})", values)
            for event in history:
                row = (event.at, e.id, event.sha256, event.state, event.note)
                db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", row)


def test_a_ledger_of_the_former_release_is_taken_over_in_words(mailed, server):
    with Ledger.open(mailed.folder.parent) as ledger:
        before = [[(e.at, e.state, e.note) for e in ledger.history(x)] for x in ledger.entries()]
    former(mailed)
    said = []
    with Ledger.open(mailed.folder.parent, Operator(say=said.append)) as ledger:
        after = [[(e.at, e.state, e.note) for e in ledger.history(x)] for x in ledger.entries()]
        authors = {event.who for event in ledger.events() if event.message}
    assert after == before and authors == {""}, "nobody knows who approved them"
    assert said == [
        "The ledger was taken over: 4 messages of the former release are entered in it."
    ]
    all_again(mailed, server)
    assert set(server.count().values()) == {1}


def test_the_former_release_cannot_send_on_a_ledger_that_was_taken_over(mailed):
    former(mailed)
    with Ledger.open(mailed.folder.parent):
        pass
    with closing(sqlite3.connect(file_of(mailed))) as db:
        db.executescript(FORMER.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
        assert db.execute("SELECT count(*) FROM messages WHERE state = 'sent'").fetchone() == (4,)
        with pytest.raises(sqlite3.OperationalError, match="view"):
            db.execute("UPDATE messages SET state = 'sending'")


def test_a_ledger_that_began_with_this_release_stops_the_former_one_too(mailed):
    with closing(sqlite3.connect(file_of(mailed))) as db:
        db.executescript(FORMER.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))
        with pytest.raises(sqlite3.OperationalError, match="view"):
            db.execute("UPDATE messages SET state = 'sending'")


def test_a_ledger_of_the_former_release_put_back_later_is_older_than_the_outbox(
    mailed, server, tmp_path
):
    with_mark = (mailed.folder / "outbox" / "ledger.json").read_bytes()
    former(mailed)
    (mailed.folder / "outbox" / "ledger.json").write_bytes(with_mark)
    assert "of the former release, older than" in refused(mailed, server).pop()


# --- who ------------------------------------------------------------------------------------------


def test_an_approval_says_who_gave_it_when_and_where(project, server):
    project.outbox(**server.settings())
    approve(project.folder, ["P1"], ME)
    approve(project.folder, ["ES"])
    with Ledger.open(project.folder.parent) as ledger:
        by = {
            event.partner_id: (event.who, event.host)
            for event in ledger.events()
            if event.state == "approved"
        }
    user = Operator().who
    assert by == {"P1": (f"Anna Kay ({user})", ME.host), "ES": (user, ME.host)}


def test_the_account_is_the_systems_and_not_a_variables(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody.else")
    monkeypatch.setenv("USER", "somebody.else")
    assert "somebody.else" not in Operator().who


def test_of_two_writers_at_once_each_entry_has_its_place(project):
    """Two processes write in the same ledger: the chain stays whole and the mark the later one."""
    project.outbox()
    program = (
        "import sys; from pathlib import Path; from kpi_lib.mail.ledger import Ledger\n"
        "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
        "    for number in range(30): ledger.add_own('note', str(number))\n"
    )
    command = [sys.executable, "-c", program, str(project.folder.parent)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    with Ledger.open(project.folder.parent) as ledger:
        assert ledger.mark.entries == 1 + 4 + 60
