"""A ledger that is gone, damaged, copied or put back from the morning: nobody gets two e-mails."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail import custody
from kpi_lib.mail.desk import Desk
from kpi_lib.mail.events import broken_link, ledger_file
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.office import Revision, approve, send, settle
from kpi_lib.mail.outbox import write_outbox
from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.settlement import restore_ledger, settle_ledger
from tests.mail.made import PASSWORD, PERIOD
from tests.mail.server import running
from tests.mail.test_send import ready, sent, states

ME = Desk("Anna Kay")
WHY = "the disk was restored from Monday"


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv(VARIABLE, PASSWORD)


@pytest.fixture
def server(tmp_path):
    with running(tmp_path) as one:
        yield one


@pytest.fixture
def mailed(project, server):
    """The company after all four partners got their e-mail."""
    ready(project, server)
    assert sent(project, server).is_complete
    return project


def file_of(project):
    return ledger_file(project.folder.parent)


def refused(project, server) -> set[str]:
    """Hold that nothing can be done; return what was found."""
    reports, before = project.folder.parent, len(server.received)
    found = set()
    for do in (
        lambda: project.outbox(**server.settings()),
        lambda: approve(project.folder),
        lambda: sent(project, server),
        lambda: settle(reports, "0a1b2c", was_sent=True),
    ):
        with pytest.raises(MailError) as error:
            do()
        assert all("kpi ledger" in problem.todo for problem in error.value.problems)
        found |= {problem.found for problem in error.value.problems}
    assert len(server.received) == before, "nobody got anything"
    return found


def all_again(project, server) -> None:
    """Do all that an operator does of a period."""
    project.outbox(**server.settings())
    approve(project.folder)
    sent(project, server)


# --- gone, put back, copied -----------------------------------------------------------------------


def test_a_ledger_that_is_gone_is_missed_by_the_outbox(mailed, server):
    file_of(mailed).unlink()
    (found,) = refused(mailed, server)
    assert "it is gone" in found and f"the outbox of {PERIOD}" in found
    assert not file_of(mailed).exists(), "nor is one made in its place"


def test_an_empty_file_is_no_ledger(mailed, server):
    file_of(mailed).write_bytes(b"")
    assert "it is gone" in refused(mailed, server).pop()


def test_a_ledger_from_the_morning_is_older_than_the_outbox(project, server, tmp_path):
    ready(project, server)
    shutil.copy2(file_of(project), tmp_path / "morning.sqlite")
    sent(project, server)
    shutil.copyfile(tmp_path / "morning.sqlite", file_of(project))  # in its place: the same inode
    (found,) = refused(project, server)
    assert f"older than the outbox of {PERIOD}" in found and "entries" in found


def test_a_ledger_from_the_morning_that_was_added_to_since_is_another_one(
    project, server, tmp_path
):
    ready(project, server)
    shutil.copy2(file_of(project), tmp_path / "morning.sqlite")
    sent(project, server)
    shutil.copyfile(tmp_path / "morning.sqlite", file_of(project))
    with Ledger.look(project.folder.parent) as ledger:
        for number in range(40):
            ledger.add_own("note", str(number))
    assert "is another than the outbox" in " ".join(refused(project, server))


def test_a_copy_of_all_reports_sends_nothing_until_a_person_says_which_one_may(
    mailed, server, tmp_path
):
    other = replace(mailed, root=tmp_path / "other")
    shutil.copytree(mailed.root, other.root)
    (found,) = {f for f in refused(other, server) if "another place" in f}
    assert mailed.root.as_posix() in found
    told = settle_ledger(other.folder.parent, None, "moved to a larger disk", ME)
    assert told.messages == 0, "it knows all that was sent"
    all_again(other, server)
    assert set(server.count().values()) == {1} and set(states(other).values()) == {"sent"}


def test_another_machine_with_the_same_folder_is_another_place(mailed, server, monkeypatch):
    monkeypatch.setattr("platform.node", lambda: "another.example")
    (found,) = refused(mailed, server)
    assert "this is another.example" in found


def test_a_file_put_back_under_its_name_is_another_file(mailed, server, tmp_path):
    file = file_of(mailed)
    shutil.copy2(file, tmp_path / "copy")
    (tmp_path / "copy").replace(file)
    with closing(sqlite3.connect(file)) as db:
        (inode,) = db.execute("SELECT inode FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    if inode == str(file.stat().st_ino):
        pytest.skip("the system gave it the same inode: nothing tells it from the one before")
    assert "a copy or was put back" in refused(mailed, server).pop()


def test_a_mark_that_cannot_be_read_is_not_taken_for_none(mailed, server):
    (mailed.folder / "outbox" / "ledger.json").write_text('{"entries": "many"}')
    assert "cannot be read" in refused(mailed, server).pop()


def test_the_first_outbox_of_a_company_needs_nobodys_word(project, server):
    assert custody.faults(project.folder.parent, Desk()) == []
    ready(project, server)
    assert custody.faults(project.folder.parent, Desk()) == []
    with pytest.raises(CallError, match="nothing to settle"):
        settle_ledger(project.folder.parent, "sent", WHY, ME)


# --- what a person decides ------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["gone", "morning", "damaged"])
def test_what_a_person_says_was_sent_is_sent_to_nobody_again(project, server, tmp_path, lost):
    ready(project, server)
    shutil.copy2(file_of(project), tmp_path / "morning.sqlite")
    sent(project, server)
    lose(project, lost, tmp_path)
    reports = project.folder.parent
    with pytest.raises(CallError, match="may not know of e-mails that went out"):
        settle_ledger(reports, None, WHY, ME)
    assert settle_ledger(reports, "sent", WHY, ME).messages == 4
    all_again(project, server)
    assert set(server.count().values()) == {1}
    with Ledger.open(reports) as ledger:
        told = [event for event in ledger.events() if event.state == "settled"]
    assert told[0].note.startswith(WHY) and told[0].who.startswith("Anna Kay (")


def lose(project, how, folder) -> None:
    file = file_of(project)
    if how == "gone":
        file.unlink()
    elif how == "morning":
        shutil.copyfile(folder / "morning.sqlite", file)
    else:
        file.write_bytes(b"x" * 5000)


def test_what_a_person_must_ask_about_is_settled_one_by_one(mailed, server):
    reports = mailed.folder.parent
    file_of(mailed).unlink()
    settle_ledger(reports, "ask", WHY, ME)
    all_again(mailed, server)
    assert set(states(mailed).values()) == {"unknown"} and set(server.count().values()) == {1}
    with Ledger.open(reports) as ledger:
        first, *others = ledger.latest(PERIOD)
    settle(reports, first.name, was_sent=False)
    for entry in others:
        settle(reports, entry.name, was_sent=True)
    sent(mailed, server)
    assert sorted(server.count().values()) == [1, 1, 1, 2], "the one that did not arrive"


def test_what_a_person_says_was_not_sent_is_approved_anew(project, server, tmp_path):
    ready(project, server)
    file_of(project).unlink()
    settle_ledger(project.folder.parent, "not-sent", WHY, ME)
    assert set(states(project).values()) == {"prepared"}
    assert sent(project, server).entries == [] and server.received == []
    approve(project.folder)
    assert sent(project, server).is_complete and set(server.count().values()) == {1}


def test_a_damaged_ledger_is_kept_under_another_name(mailed):
    file_of(mailed).write_bytes(b"what is left of it")
    settle_ledger(mailed.folder.parent, "sent", WHY, ME)
    (aside,) = file_of(mailed).parent.glob("ledger.aside-*")
    assert aside.read_bytes() == b"what is left of it"


# --- damage ---------------------------------------------------------------------------------------


def rows_changed(statement):
    def change(file):
        with closing(sqlite3.connect(file)) as db, db:
            assert db.execute(statement).rowcount

    return change


SENT = "WHERE state = 'sent' AND email LIKE '%p1%'"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(rows_changed(f"DELETE FROM events {SENT}"), "is missing", id="taken out"),
        pytest.param(
            rows_changed(f"UPDATE events SET state = 'approved' {SENT}"),
            "not as it was written",
            id="changed",
        ),
        pytest.param(
            rows_changed("UPDATE events SET who = 'somebody else' WHERE state = 'approved'"),
            "not as it was written",
            id="another approved it",
        ),
        pytest.param(
            rows_changed(
                "INSERT INTO events SELECT 1 + max(seq), at, who, host, place, inode, message, "
                "period, partner_id, email, revision, mark, sha256, 'prepared', 0, '', hash "
                "FROM events"
            ),
            "not as it was written",
            id="added",
        ),
        pytest.param(
            rows_changed("DELETE FROM events WHERE seq > 9"), "is older than", id="cut off"
        ),
        pytest.param(rows_changed("DELETE FROM events"), "is older than", id="emptied"),
        pytest.param(
            lambda file: (
                rows_changed("UPDATE events SET seq = -seq WHERE seq IN (6, 7)")(file)
                or rows_changed("UPDATE events SET seq = 13 + seq WHERE seq < 0")(file)
            ),
            "not as it was written",
            id="in another order",
        ),
        pytest.param(lambda file: file.write_bytes(b"<html>"), "damaged", id="another file"),
        pytest.param(
            lambda file: os.truncate(file, file.stat().st_size // 2), "damaged", id="cut in half"
        ),
        pytest.param(lambda file: file.unlink() or os.mkfifo(file), "no file", id="a pipe"),
        pytest.param(lambda file: file.unlink() or file.mkdir(), "no file", id="a folder"),
    ],
)
def test_whatever_was_done_to_the_ledger_is_found(mailed, server, change, found):
    change(file_of(mailed))
    assert found in " ".join(refused(mailed, server))


def test_no_byte_of_the_ledger_can_change_and_let_a_message_go_out_twice(mailed, server):
    """Each byte of the rows is turned; what is not found changes nothing of what is known."""
    file, whole = file_of(mailed), file_of(mailed).read_bytes()
    with Ledger.open(mailed.folder.parent) as ledger:
        known = ledger.entries()
    found = 0
    for place in range(0, len(whole), 61):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            with Ledger.open(mailed.folder.parent) as ledger:
                assert ledger.entries() == known
        except MailError as error:
            assert "ledger" in str(error)
            found += 1
        journal = file.with_name(f"{file.name}-journal")
        journal.unlink(missing_ok=True)
    assert found > 100


def test_the_chain_is_whole_as_it_is_written(mailed):
    with Ledger.open(mailed.folder.parent) as ledger:
        events = ledger.events()
    assert broken_link(events) is None and len(events) == 1 + 4 * 5
    for number in range(len(events)):
        assert broken_link(events[:number] + events[number + 1 :]) or number == len(events) - 1


# --- the second place -----------------------------------------------------------------------------


@pytest.fixture
def copied(project, server, tmp_path):
    """The company after all got their e-mail, with a copy of the ledger on another disk."""
    (tmp_path / "disk").mkdir()
    mail = server.settings() | {"ledger_copy": str(tmp_path / "disk" / "ledger.jsonl")}
    room = project.room(**mail)
    write_outbox(room)
    approve(project.folder, desk=room.desk)
    send(room, Revision(), begin=lambda n: lambda e: None)
    return project, room.desk, mail


def test_the_copy_knows_what_no_outbox_knows_any_more(copied, server):
    project, desk, mail = copied
    shutil.rmtree(project.folder / "outbox")
    file_of(project).unlink()
    with pytest.raises(MailError, match=r"it is gone, and there is its copy .* with 21 entries"):
        project.room(**mail)
    assert restore_ledger(project.folder.parent, WHY, desk) == 21
    room = project.room(**mail)
    write_outbox(room)
    approve(project.folder, desk=desk)
    told = send(room, Revision(), begin=lambda n: lambda e: None)
    assert told.sent_before == 4 and set(server.count().values()) == {1}


def test_a_copy_with_half_a_line_at_its_end_goes_on_where_it_was(copied):
    project, desk, _ = copied
    copy = desk.copy
    copy.write_bytes(copy.read_bytes() + b'[22, "2026-')
    with Ledger.open(project.folder.parent, desk) as ledger:
        ledger.add_own("note", "after the power came back")
    lines = [json.loads(line) for line in copy.read_text().splitlines()]
    assert [line[0] for line in lines] == list(range(1, 23))


def test_a_copy_is_found_to_be_changed_before_anything_is_restored_from_it(copied):
    project, desk, _ = copied
    desk.copy.write_text(desk.copy.read_text().replace('"sent"', '"approved"', 1))
    before = file_of(project).read_bytes()
    with pytest.raises(MailError, match="not as it was written"):
        restore_ledger(project.folder.parent, WHY, desk)
    assert file_of(project).read_bytes() == before


def test_a_disk_that_is_not_mounted_stops_all_before_anything_is_sent(copied, server):
    project, desk, mail = copied
    shutil.rmtree(desk.copy.parent)
    with pytest.raises(MailError, match="there is no such folder"):
        project.room(**mail)
    with pytest.raises(MailError, match="there is no such folder"):
        approve(project.folder, desk=desk)


def test_without_a_copy_there_is_nothing_to_restore_from(project):
    with pytest.raises(CallError, match="the ledger has no copy"):
        restore_ledger(project.folder.parent, WHY, ME)


# --- full disks -----------------------------------------------------------------------------------


@pytest.fixture
def full(monkeypatch):
    """Return what fills the ledger's disk: no file of SQLite gets a page more than it has."""
    real = sqlite3.connect

    def fill():
        def connect(*told, **more):
            connection = real(*told, **more)
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
            told = (e.id, e.period, e.partner_id, e.email, e.revision, e.mark.partition("@")[0])
            told += (e.sha256, e.state, e.handed_over, e.note, e.changed_at)
            db.execute(f"INSERT INTO messages VALUES ({', '.join('?' * 11)})", told)
            for event in history:
                row = (event.at, e.id, event.sha256, event.state, event.note)
                db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", row)


def test_a_ledger_of_the_former_release_is_taken_over_in_words(mailed, server):
    with Ledger.open(mailed.folder.parent) as ledger:
        before = [[(e.at, e.state, e.note) for e in ledger.history(x)] for x in ledger.entries()]
    former(mailed)
    said = []
    with Ledger.open(mailed.folder.parent, Desk(say=said.append)) as ledger:
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
    user = Desk().who
    assert by == {"P1": (f"Anna Kay ({user})", ME.host), "ES": (user, ME.host)}


def test_the_account_is_the_systems_and_not_a_variables(monkeypatch):
    monkeypatch.setenv("LOGNAME", "somebody.else")
    monkeypatch.setenv("USER", "somebody.else")
    assert "somebody.else" not in Desk().who


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
