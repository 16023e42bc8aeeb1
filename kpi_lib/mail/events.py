"""The ledger's file: events that are only ever added, each sealed with the one before.

An event's hash covers all that it says and the hash before it. Whoever changes, removes or moves a
row breaks the chain from there on; whoever cuts its end off is found by the marks (marks.py).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from kpi_lib.errors import MailError

MAIL_FOLDER, LEDGER_FILE = ".mail", "ledger.sqlite"  # beside the periods: it outlives their folders
SETTLE = "`kpi ledger check` says more, `kpi ledger settle` begins anew where it cannot be mended."
_SECONDS = 60  # how long one writer waits for another


@dataclass(frozen=True)
class Event:
    """One thing that happened to one message, or to the ledger itself: then `message` is 0.

    `who`, `host`, `place`, `inode`: by whom it was written, on which machine, and in which file.
    """

    seq: int
    at: str
    who: str
    host: str
    place: str
    inode: str
    message: int
    period: str
    partner_id: str
    email: str
    revision: int
    mark: str
    sha256: str
    state: str
    handed_over: int
    note: str
    hash: str = ""

    def sealed_after(self, before: str) -> str:
        """Return the hash of this event behind one with the hash `before`."""
        payload = json.dumps([before, *astuple(self)[:-1]], ensure_ascii=False)
        return hashlib.sha256(payload.encode("utf-8", "surrogatepass")).hexdigest()


FORMER = ("messages", "log")  # the tables of the former release
_FORMER = (
    "period, partner_id, email, revision, mark, sha256, state, handed_over, note, at AS changed_at"
)
COLUMNS = ", ".join(field.name for field in fields(Event))
_TYPES = {"int": "INTEGER", "str": "TEXT"}
SCHEMA = (
    "CREATE TABLE events ("
    + ", ".join(f"{field.name} {_TYPES[str(field.type)]} NOT NULL" for field in fields(Event))
    + ", PRIMARY KEY (seq))",
    "CREATE INDEX events_of_a_message ON events (message)",
    "CREATE INDEX events_of_a_recipient ON events (period, partner_id, email)",
    # The former release would begin anew, and send, where it finds no table of its own: it finds
    # the messages, and cannot write.
    f"CREATE VIEW messages AS SELECT message AS id, {_FORMER}, at AS changed_at FROM events "
    "WHERE seq IN (SELECT max(seq) FROM events WHERE message > 0 GROUP BY message)",
    "CREATE VIEW log AS SELECT at, message, sha256, state, note FROM events",
)


def ledger_file(reports: Path) -> Path:
    """Return where the ledger of a folder of reports lies."""
    return reports / MAIL_FOLDER / LEDGER_FILE


@contextmanager
def connected(file: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    """Lend a connection; what SQLite cannot do within is an error with its next step.

    `mode`: rwc makes the file where there is none.
    """
    with explained(file):
        uri = f"{file.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, _SECONDS, isolation_level=None, uri=True)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            connection.close()


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """Turn an error of SQLite into one that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise _ledger_error(file, error) from error


def _ledger_error(file: Path, error: sqlite3.Error) -> MailError:
    """Return an error of SQLite as one that says what to do about the ledger."""
    message, where = str(error), f"ledger {file}"
    if "full" in message or "disk I/O" in message:
        todo = "Make room on its disk; what was on its way then is reported by the next `kpi send`."
        return MailError.at(where, f"it cannot be written: {message}", todo)
    if "readonly" in message or "unable to open" in message:
        todo = "Give yourself the right to write it, and its folder."
        return MailError.at(where, f"it cannot be opened: {message}", todo)
    if "locked" in message:
        todo = "Another command writes in it: wait for that one, then try again."
        return MailError.at(where, f"it is in use for longer than {_SECONDS} seconds", todo)
    return DamagedError.at(where, f"it is damaged: {message}", SETTLE)


class DamagedError(MailError):
    """The ledger's file holds something else than what was written to it."""


def tables_of(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the tables and views of a ledger's file."""
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def read_events(connection: sqlite3.Connection, where: str = "", *values: object) -> list[Event]:
    """Return the events in the order in which they were written: all, or of a condition."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM events {where} ORDER BY seq", values)
    return [Event(*row) for row in rows]


def insert(connection: sqlite3.Connection, event: Event) -> None:
    """Add an event to a ledger's file, in a transaction of the caller."""
    values = astuple(event)
    connection.execute(f"INSERT INTO events VALUES ({', '.join('?' * len(values))})", values)


def fault_of(connection: sqlite3.Connection) -> str | None:
    """Return what is not as it was written in a ledger's file, or None."""
    (finding,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if finding != "ok":
        return f"SQLite finds: {' '.join(str(finding).split())}"
    return broken_link(read_events(connection))


def broken_link(events: Iterable[Event]) -> str | None:
    """Return where the chain of events is broken, or None."""
    before = ""
    for number, event in enumerate(events, 1):
        if event.seq != number:
            return f"entry {number} is missing"
        if event.hash != event.sealed_after(before):
            return f"entry {number} is not as it was written, or not in its place"
        before = event.hash
    return None
