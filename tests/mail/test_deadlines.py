"""A server that answers without end, or never, holds the sender no longer than its deadlines."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from pydantic import SecretStr

from kpi_lib.errors import MailError
from kpi_lib.mail import deadline
from kpi_lib.mail.deadline import Deadline
from kpi_lib.mail.password import VARIABLE
from kpi_lib.mail.send import only_sender
from kpi_lib.mail.smtp import (
    BrokenError,
    DoubtfulError,
    NotConnectedError,
    RefusedError,
    SmtpConnection,
)
from kpi_lib.settings import MailServer
from tests.mail.made import PASSWORD
from tests.mail.server import DRIPS, SENDER, Plan, running
from tests.mail.test_send import ready, sent, states

TO = "contact@p1.invalid"
STEP, MESSAGE = 1.0, 3.0  # seconds that a step and a message may take; a busy machine needs some
SLACK = 1.0  # seconds that it may take beyond a deadline
BIG = b"x" * 998 + b"\r\n"


def connection_to(server, seconds=STEP, message=MESSAGE) -> SmtpConnection:
    settings = MailServer.model_construct(
        **server.settings()["server"]
        | {"timeout_seconds": seconds, "message_seconds": message, "security": "starttls"}
        | {"port": server.port}
    )
    return SmtpConnection(settings, SecretStr(PASSWORD))


def delivered(connection, content=b"Subject: x\r\n\r\ny\r\n"):
    """Give the connection a message; return what was said and how many seconds it took."""
    handed_over = []
    begun = time.monotonic()
    try:
        connection.deliver(SENDER, TO, content, lambda: handed_over.append(1))
        error = None
    except (NotConnectedError, BrokenError, DoubtfulError, RefusedError) as raised:
        error = raised
    return error, time.monotonic() - begun, bool(handed_over)


@pytest.mark.parametrize("stage", DRIPS)
def test_a_server_that_drips_is_left_at_the_deadline_of_each_step(tmp_path, stage):
    with running(tmp_path, Plan(stage, act="drip")) as server:
        content = BIG * 20_000 if stage == "content" else b"Subject: x\r\n\r\ny\r\n"
        error, seconds, handed_over = delivered(connection_to(server), content)
    before = {"connect", "ehlo", "tls", "login"}
    kind = NotConnectedError if stage in before else BrokenError
    assert type(error) is (DoubtfulError if stage == "after_end" else kind)
    assert handed_over == (stage == "after_end")
    assert 0.7 * STEP < seconds < (MESSAGE if stage == "content" else STEP) + SLACK
    assert stage == "tls" or "was not" in str(error), "it is said which step it was"


def test_steps_that_are_each_in_time_may_not_be_more_than_the_message_has(tmp_path):
    with running(tmp_path) as server:
        connection = connection_to(server, seconds=5, message=0.0001)
        error, seconds, handed_over = delivered(connection)
    assert type(error) is NotConnectedError and not handed_over and seconds < SLACK


@pytest.mark.parametrize("stage", ["rset", "quit"])
def test_a_server_that_drips_when_the_message_is_done_changes_nothing_of_it(tmp_path, stage):
    with running(tmp_path, Plan("rcpt", act="550 no")) as server:
        connection = connection_to(server)
        if stage == "rset":
            server.plan.due = lambda at: at in ("rcpt", "rset")
            server.plan.act = "drip"
            server.plan.stage = "rset"
        else:
            server.plan.stage, server.plan.act = "quit", "drip"
        _, seconds, _ = delivered(connection)
        begun = time.monotonic()
        connection.close()
        assert seconds + time.monotonic() - begun < 2 * STEP + 2 * SLACK


def test_an_answer_without_end_is_not_kept_in_memory():
    with flood(b"220-" + b"x" * 900 + b"\r\n") as port:
        settings = MailServer(host="127.0.0.1", port=port, security="plain", timeout_seconds=20)
        begun = time.monotonic()
        with pytest.raises(NotConnectedError, match="longer than 100,000 bytes"):
            SmtpConnection(settings, None).deliver(SENDER, TO, b"x", lambda: None)
        assert time.monotonic() - begun < 10


class flood:
    """A server that says the same at full speed."""

    def __init__(self, said: bytes) -> None:
        self._said = said * 100

    def __enter__(self) -> int:
        self._listens = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._run, daemon=True).start()
        return self._listens.getsockname()[1]

    def _run(self) -> None:
        connection, _ = self._listens.accept()
        with connection:
            try:
                while True:
                    connection.sendall(self._said)
            except OSError:
                return

    def __exit__(self, *_) -> None:
        self._listens.close()


def test_a_name_that_nobody_answers_for_is_given_up_at_the_deadline(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(30))
    settings = MailServer(host="localhost", port=9, security="plain", timeout_seconds=1)
    begun = time.monotonic()
    with pytest.raises(
        NotConnectedError, match="look-up of localhost was not done after 1 seconds"
    ):
        SmtpConnection(settings, None).deliver(SENDER, TO, b"x", lambda: None)
    released.set()
    assert time.monotonic() - begun < 1 + SLACK


def test_a_name_that_cannot_be_one_is_said_in_words():
    settings = MailServer(host="a..b", port=9, timeout_seconds=1)
    with pytest.raises(NotConnectedError, match=r"a\.\.b"):
        SmtpConnection(settings, None).deliver(SENDER, TO, b"x", lambda: None)


def test_what_a_call_says_itself_is_what_is_printed():
    def gone():
        raise TimeoutError("the name server says so")

    with pytest.raises(TimeoutError, match="the name server says so"):
        Deadline(5, 5).ask("the look-up", gone)
    assert Deadline(5, 5).ask("the look-up", lambda: 7) == 7


def test_each_step_has_its_time_and_all_of_them_the_message(monkeypatch):
    moment = [100.0]
    monkeypatch.setattr(deadline.time, "monotonic", lambda: moment[0])
    time_limit = Deadline(60, 90)
    time_limit.begin_message()
    time_limit.begin("MAIL")
    moment[0] += 59
    assert time_limit.left() == 1
    time_limit.begin("RCPT")
    assert time_limit.left() == 31, "of the message"
    moment[0] += 31
    with pytest.raises(TimeoutError, match="the message was not through after 90 seconds"):
        time_limit.left()
    time_limit.begin_apart("the end")
    assert time_limit.left() == 60, "the end has its own time"
    moment[0] += 61
    with pytest.raises(TimeoutError, match="the end was not done after 60 seconds"):
        time_limit.left()


def test_a_server_that_holds_every_message_is_left_alone_and_the_lock_is_free(
    project, tmp_path, monkeypatch
):
    monkeypatch.setenv(VARIABLE, PASSWORD)
    with running(tmp_path, Plan("mail", act="drip", always=True)) as server:
        ready(project, server)
        slow = server.settings(timeout_seconds=1)["server"]
        begun = time.monotonic()
        with pytest.raises(MailError, match="broke 2 times in a row"):
            sent(project, server, server=slow, tries=1)
        assert time.monotonic() - begun < 2 * 1 + 3 * SLACK
    assert set(states(project).values()) == {"approved"}
    with only_sender(project.folder.parent, lambda: pytest.fail("the lock is held")):
        pass
