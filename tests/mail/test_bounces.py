"""What other servers say later: bounces and delays, of files that anybody may have written."""

from __future__ import annotations

import mailbox
import os
import random

import pytest

from kpi_lib.errors import CallError
from kpi_lib.mail.bounce_messages import LARGEST, messages_in, returned_in
from kpi_lib.mail.bounces import add_bounces
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.operator import Operator
from tests.mail.made import PERIOD

ID = "0a1b2c3d@sender.invalid"
TO = "contact.1@p1.invalid"


def report(message_id=ID, to=TO, action="failed", status="5.1.1", said="550 no such user") -> bytes:
    """Return a delivery status as RFC 3464 has it."""
    lines = [
        "From: MAILER-DAEMON@mx.example",
        "Subject: Undelivered Mail",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Your message could not be delivered.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example",
        "",
        f"Final-Recipient: rfc822; {to}",
        f"Action: {action}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: <{message_id}>",
        f"To: {to}",
        "",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


PLAIN = f"""From: Mail Delivery Subsystem <postmaster@mx.example>
Return-Path: <>
Subject: failure notice

Hi. This is the program at mx.example. I could not deliver your message.

<{TO}>: 550 5.1.1 mailbox unavailable

--- Below this line is a copy of the message.

Message-ID: <{ID}>
To: {TO}
"""


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            report(), [("bounced", f"{TO}: smtp; 550 no such user")], id="it failed for good"
        ),
        pytest.param(
            report(action="delayed", status="4.4.1", said="421 try later"),
            [("delayed", f"{TO}: smtp; 421 try later")],
            id="it is late",
        ),
        pytest.param(report(action="delivered", status="2.0.0"), [], id="it arrived"),
        pytest.param(
            report(action="Failed", status="4.4.7", said="expired"),
            [("bounced", f"{TO}: smtp; expired")],
            id="given up after days",
        ),
        pytest.param(
            PLAIN.encode(),
            [("bounced", f"<{TO}>: 550 5.1.1 mailbox unavailable")],
            id="in plain words",
        ),
        pytest.param(
            PLAIN.replace("550 5.1.1", "451 4.2.2").encode(),
            [("delayed", f"<{TO}>: 451 4.2.2 mailbox unavailable")],
            id="late, in plain words",
        ),
        pytest.param(
            PLAIN.replace("postmaster@mx", "anna@p1").replace("Mail Delivery Subsystem", "")
            .replace("Return-Path: <>", "X: y").encode(),
            [],
            id="a person who quotes a number is no server",
        ),
        pytest.param(b"", [], id="an empty file"),
        pytest.param(b"From: a@b.invalid\n\nHello", [], id="another e-mail"),
    ],
)  # fmt: skip
def test_what_a_server_says_is_read(content, expected):
    found = returned_in(content)
    assert [(one.kind, one.said) for one in found] == expected
    assert all(ID in one.message_ids for one in found)


def test_a_report_on_several_recipients_says_it_of_each():
    more = b"\r\n\r\nFinal-Recipient: rfc822; other@p1.invalid\r\nAction: delayed\r\n"
    content = report().replace(b"such user\r\n", b"such user" + more)
    assert [one.kind for one in returned_in(content)] == ["bounced", "delayed"]


@pytest.fixture
def sent_to(mailed):
    """The company after all got their e-mail, and the Message-ID of each recipient's."""
    with Ledger.open(mailed.folder.parent) as ledger:
        return mailed, {entry.partner_id: entry for entry in ledger.latest(PERIOD)}


def added(project, place):
    found = add_bounces(project.folder.parent, place, Operator())
    return [(e.partner_id, kind) for e, kind, _ in found.added], found


def maildir(folder, contents):
    box = mailbox.Maildir(folder / "maildir")
    for content in contents:
        box.add(content)
    return folder / "maildir"


def mbox(folder, contents):
    box = mailbox.mbox(folder / "box")
    for content in contents:
        box.add(content)
    box.close()
    return folder / "box"


def folder_of(folder, contents):
    (folder / "files").mkdir()
    for number, content in enumerate(contents):
        (folder / "files" / f"{number}.eml").write_bytes(content)
    return folder / "files"


@pytest.mark.parametrize("kept", [maildir, mbox, folder_of])
def test_bounces_of_a_mailbox_are_entered_once_and_shown(sent_to, tmp_path, kept):
    project, entries = sent_to
    es, p4 = entries["ES"], entries["P4"]
    said = [
        report(es.mark, es.email),
        report(p4.mark, p4.email, action="delayed", said="<script>421\x1b[31m"),
        report("somebody@else.invalid"),
        b"Subject: hello\n\nFrom here on it is text\n",
    ]
    place = kept(tmp_path, said)
    bounced, found = added(project, place)
    assert sorted(bounced) == [("ES", "bounced"), ("P4", "delayed")]
    assert (found.known, found.others, found.unread) == (0, 1, [])
    bounced, found = added(project, place)
    assert (bounced, found.known) == ([], 2), "read again, nothing is entered twice"
    with Ledger.open(project.folder.parent) as ledger:
        states = {entry.partner_id: entry.state for entry in ledger.latest(PERIOD)}
        back = {entry.partner_id: event.state for entry, event in ledger.bounces(PERIOD)}
    assert set(states.values()) == {"sent"} and back == {"ES": "bounced", "P4": "delayed"}
    page = (project.folder / "outbox" / "index.html").read_text()
    assert "Came back" in page and "550 no such user" in page
    assert "<script>421" not in page and "\x1b" not in page


def test_a_word_of_a_delay_that_is_read_late_does_not_undo_that_it_failed(sent_to, tmp_path):
    project, entries = sent_to
    one = entries["P1"]
    late = report(one.mark, one.email, action="delayed")
    added(project, folder_of(tmp_path, [report(one.mark, one.email), late]))
    with Ledger.open(project.folder.parent) as ledger:
        assert [event.state for _, event in ledger.bounces(PERIOD)] == ["bounced"]


def test_hostile_files_stop_nothing_and_are_named(sent_to, tmp_path):
    project, entries = sent_to
    good = report(entries["P1"].mark, entries["P1"].email)
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3000)
    )
    dice = random.Random(1)
    hostile = [deep, dice.randbytes(50_000), b"\x00" * 1000, b"x" * (LARGEST + 10), good]
    hostile += [bytes(b ^ (dice.random() < 0.02) * 0xFF for b in good) for _ in range(50)]
    place = folder_of(tmp_path, hostile)
    (place / "link.eml").symlink_to("/etc/hostname")
    os.mkfifo(place / "pipe.eml")
    bounced, found = added(project, place)
    assert ("P1", "bounced") in bounced
    assert [why for where, why in found.unread if where.endswith("0.eml")]
    assert all("pipe" not in where and "link" not in where for where, _ in messages_in(place))


def test_an_mbox_is_read_a_message_at_a_time_however_large(tmp_path):
    line = b"x" * 997 + b"\n"
    with (tmp_path / "box").open("wb") as box:
        for _ in range(3):
            box.write(b"From a@b.invalid Mon Nov 30 00:00:00 2026\nSubject: x\n\n" + line * 3000)
            box.write(b"\n")
    sizes = [len(content) for _, content in messages_in(tmp_path / "box")]
    assert len(sizes) == 3 and max(sizes) <= LARGEST + 1000


def test_a_mailbox_that_is_not_there_is_said(project, tmp_path):
    with pytest.raises(CallError, match="no such folder or file"):
        add_bounces(project.folder.parent, tmp_path / "nowhere", Operator())
