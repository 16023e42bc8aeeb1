"""Sending: what is approved, once, and what became of each message in the ledger."""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from filelock import FileLock, Timeout

from kpi_lib.errors import MailError
from kpi_lib.mail.events import MAIL_FOLDER
from kpi_lib.mail.ledger import Entry, Ledger
from kpi_lib.mail.smtp import (
    BrokenError,
    DoubtfulError,
    NotConnectedError,
    PutOffError,
    RefusedError,
    SmtpConnection,
)
from kpi_lib.settings import MailSettings

LOCK = "sender.lock"
LONGEST_WAIT = 300.0  # seconds between two tries


@dataclass(frozen=True)
class Ready:
    """A message that may go out: its entry, and its bytes as they were approved."""

    entry: Entry
    to: str
    content: bytes


@dataclass(frozen=True)
class Clock:
    """What a sender knows of time and chance; a test gives it another."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass
class Sender:
    """Sends messages over one connection, at a limited rate; what is put off is tried again."""

    ledger: Ledger
    connection: SmtpConnection
    mail: MailSettings
    sender: str
    clock: Clock = field(default_factory=Clock)
    _last: float | None = None
    _down: int = 0  # how often in a row there was no connection
    _broken: int = 0  # how many messages in a row broke it

    def send(self, ready: Iterable[Ready], done: Callable[[Entry], None]) -> None:
        """Send all; call `done` with what became of each.

        Raises MailError where nothing can be sent at all: what was not sent stays approved.
        """
        waiting = [(0.0, number, 1, one) for number, one in enumerate(ready)]
        heapq.heapify(waiting)
        try:
            while waiting:
                due, number, tries, one = heapq.heappop(waiting)
                self._wait_until(due)
                entry = self._send_one(one)
                if entry.state == "approved" and tries < self.mail.tries:
                    one = replace(one, entry=entry)
                    heapq.heappush(waiting, (self._seconds_to_wait(tries), number, tries + 1, one))
                else:
                    done(entry)
                self._require_a_server()
        finally:
            self.connection.close()

    def _send_one(self, one: Ready) -> Entry:
        """Send one message; return how it stands in the ledger."""
        self._keep_the_rate()
        state = [self.ledger.move(one.entry, "sending")]

        def hand_over() -> None:
            state[0] = self.ledger.move(state[0], "sending", handed_over=True)

        try:
            answer = self.connection.deliver(self.sender, one.to, dated(one.content), hand_over)
        except NotConnectedError as error:
            self.ledger.move(state[0], "approved", f"no connection: {error}")
            return self._without_a_line(one, str(error))
        except (PutOffError, RefusedError, DoubtfulError) as error:
            return self._record_failure(state[0], error)
        except MailError as error:  # nothing can be sent, or not this message's end
            now = self.ledger.newest(state[0])
            self.ledger.move(now, "approved", error.problems[0].found)
            raise
        self._down = self._broken = 0
        return self.ledger.move(state[0], "sent", answer)

    def _record_failure(
        self, entry: Entry, error: PutOffError | RefusedError | DoubtfulError
    ) -> Entry:
        """Write down why a message did not arrive, or that nobody knows; return its new state."""
        self._down = 0
        broke = isinstance(error, BrokenError | DoubtfulError)
        self._broken = self._broken + 1 if broke else 0
        if isinstance(error, RefusedError):
            return self.ledger.move(entry, "refused", str(error))
        if isinstance(error, DoubtfulError):
            return self.ledger.move(entry, "unknown", f"no answer after its end: {error}")
        return self.ledger.move(entry, "approved", f"put off: {error}")

    def _require_a_server(self) -> None:
        """Give up where more messages in a row broke the connection than one of them has tries.

        So it is no single message's fault: each further one would wait for every deadline again,
        or become one more of which nobody knows whether it arrived.
        """
        if self._broken > self.mail.tries:
            found = f"the connection broke {self._broken} times in a row"
            todo = "What was not sent stays approved: ask who runs the server, then send again."
            raise MailError.at("mail server", found, todo)

    def _without_a_line(self, one: Ready, why: str) -> Entry:
        """Wait for the server, and try the same message again; give up for all of them."""
        self._down += 1
        if self._down >= self.mail.tries:
            found = f"there is no connection after {self._down} tries: {why}"
            raise MailError.at(
                "mail server", found, "What was not sent stays approved: send again."
            )
        self._wait_until(self._seconds_to_wait(self._down))
        return self._send_one(replace(one, entry=self.ledger.newest(one.entry)))

    def _seconds_to_wait(self, tries: int) -> float:
        """Return in how many seconds to try again: twice as long each time, and not all at once."""
        wait = min(LONGEST_WAIT, 2.0**tries) * (0.5 + self.clock.chance())
        return self.clock.now() + wait

    def _keep_the_rate(self) -> None:
        """Wait until the next message may go out by `per_minute`."""
        if self._last is not None:
            self._wait_until(self._last + 60.0 / self.mail.per_minute)
        self._last = self.clock.now()

    def _wait_until(self, moment: float) -> None:
        """Sleep until a moment of the clock, in seconds."""
        left = moment - self.clock.now()
        if left > 0:
            self.clock.sleep(left)


def dated(content: bytes) -> bytes:
    """Return a message with the moment of its sending above it: all that no approval covers."""
    return f"Date: {format_datetime(datetime.now(UTC))}\r\n".encode() + content


def recover(ledger: Ledger) -> list[Entry]:
    """Say of every message whose sender was killed what is known of it; return those.

    Only for whoever holds the lock: nobody else is sending. Before a message's end was handed over
    the server could not take it; afterwards nobody knows, and a person decides.
    """
    found = []
    for entry in ledger.entries():
        if entry.state == "sending" and entry.handed_over:
            note = "the sender was stopped after its end was handed over"
            found.append(ledger.move(entry, "unknown", note))
        elif entry.state == "sending":
            note = "the sender was stopped before its end was handed over: it was not sent"
            found.append(ledger.move(entry, "approved", note))
    return found


@contextmanager
def only_sender(reports: Path, waits: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of the one sender at work; `waits` is called where another holds it."""
    folder = reports / MAIL_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        held = lock.acquire(blocking=False)
    except Timeout:
        waits()
        held = lock.acquire()
    with held:
        yield
