"""A ledger that is gone, damaged, copied or put back from the morning: nobody gets two e-mails."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail import custody
from kpi_lib.mail.events import broken_link
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.settlement import settle_ledger
from kpi_lib.mail.workflow import approve, settle
from tests.mail.lost import ME, WHY, all_again, file_of, refused
from tests.mail.made import PERIOD
from tests.mail.test_send import ready, sent, states

pytestmark = [pytest.mark.usefixtures("password"), pytest.mark.slow]


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
    settled = settle_ledger(other.folder.parent, None, "moved to a larger disk", ME)
    assert settled.messages == 0, "it knows all that was sent"
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
    assert custody.faults(project.folder.parent, Operator()) == []
    ready(project, server)
    assert custody.faults(project.folder.parent, Operator()) == []
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
        settled = [event for event in ledger.events() if event.state == "settled"]
    assert settled[0].note.startswith(WHY) and settled[0].who.startswith("Anna Kay (")


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
