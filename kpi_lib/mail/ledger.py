"""The ledger: what became of every message, in SQLite, so that none goes out twice or is lost.

A state is changed only by whoever knew the one before (compare-and-set), and is on disk before the
next step is taken. A message that was being sent when its sender was killed says how far it came:
before its end was handed to the server it cannot have arrived, afterwards nobody knows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self, get_args

State = Literal["prepared", "approved", "sending", "sent", "refused", "unknown"]
STATES: tuple[str, ...] = get_args(State)
FOLDER, FILE = ".mail", "ledger.sqlite"  # beside the periods: it outlives their folders
_OPEN = ("prepared", "approved", "refused")  # what may still be replaced by another message
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    period TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    email TEXT NOT NULL,
    revision INTEGER NOT NULL,
    mark TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN {STATES}),
    handed_over INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    changed_at TEXT NOT NULL,
    UNIQUE (period, partner_id, email, revision)
);
CREATE TABLE IF NOT EXISTS log (
    at TEXT NOT NULL,
    message INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Entry:
    """One message in the ledger. `revision`: how many were sent of its period before it.

    `mark`: the part of its Message-ID that comes from its content. `handed_over`: whether its end
    was given to the server.
    """

    id: int
    period: str
    partner_id: str
    email: str
    revision: int
    mark: str
    sha256: str
    state: State
    handed_over: int
    note: str
    changed_at: str

    @property
    def name(self) -> str:
        """What people call it by, in `kpi settle`."""
        return self.mark[:12] + (f"-{self.revision}" if self.revision else "")


_COLUMNS = ", ".join(field.name for field in fields(Entry))


class Ledger:
    """The ledger of all periods below one folder of reports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    @contextmanager
    def open(cls, reports: Path) -> Iterator[Self]:
        """Lend the ledger of a folder of reports, made where there is none."""
        folder = reports / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(folder / FILE, timeout=60, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            yield cls(connection)
        finally:
            connection.close()

    def entries(self, period: str | None = None) -> list[Entry]:
        """Return every message of a period, or of all, in the order they were first written."""
        where = "WHERE period = ?" if period else ""
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM messages {where} ORDER BY id", (period,) if period else ()
        )
        return [Entry(*row) for row in rows]

    def latest(self, period: str) -> list[Entry]:
        """Return the newest message to each recipient of a period."""
        newest: dict[tuple[str, str], Entry] = {}
        for entry in self.entries(period):
            newest[entry.partner_id, entry.email] = entry
        return list(newest.values())

    def newest(self, entry: Entry) -> Entry:
        """Return how a message stands now."""
        return next(e for e in self.entries(entry.period) if e.id == entry.id)

    def find(self, name: str) -> Entry | None:
        """Return the message that people call so."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def history(self, entry: Entry) -> list[tuple[str, str, str]]:
        """Return when a message came to which state and what was said, the first one first."""
        rows = self._db.execute(
            "SELECT at, state, note FROM log WHERE message = ? ORDER BY rowid", (entry.id,)
        )
        return [(at, state, note) for at, state, note in rows]

    def before(self, entry: Entry) -> Entry | None:
        """Return the message to the same recipient that was written before this one."""
        same = (e for e in self.entries(entry.period) if e.partner_id == entry.partner_id)
        older = [e for e in same if e.email == entry.email and e.revision < entry.revision]
        return older[-1] if older else None

    def prepare(self, period: str, partner_id: str, email: str, mark: str, sha256: str) -> Entry:
        """Write down a message that lies in the outbox; return how it stands.

        Of one that is the same to the byte all is kept, its approval too. Another one takes its
        place and needs approval, but never that of one that went out or may have.
        """
        email = email.casefold()
        with self._change():
            last = self._last(period, partner_id, email)
            if last is None or (last.sha256 != sha256 and last.state not in _OPEN):
                revision = last.revision + 1 if last else 0
                return self._insert(
                    period, partner_id, email, revision, mark, sha256, "prepared", ""
                )
            if last.sha256 != sha256:
                self._db.execute(
                    "UPDATE messages SET mark = ?, sha256 = ?, state = 'prepared', note = '', "
                    "handed_over = 0, changed_at = ? WHERE id = ?",
                    (mark, sha256, _now(), last.id),
                )
                return self._logged(last.id)
            return last

    def again(self, entry: Entry, note: str) -> Entry:
        """Write a message down once more, approved, that went out already: to send it anew."""
        with self._change():
            return self._insert(
                *(entry.period, entry.partner_id, entry.email, entry.revision + 1),
                *(entry.mark, entry.sha256, "approved", note),
            )

    def withdraw(self, period: str, kept: Collection[int]) -> None:
        """Forget the messages of a period that are no longer in its outbox and never went out."""
        with self._change():
            for entry in self.entries(period):
                if entry.state in ("prepared", "approved") and entry.id not in kept:
                    self._log(entry.id, entry.sha256, "withdrawn", "")
                    self._db.execute("DELETE FROM messages WHERE id = ?", (entry.id,))

    def move(self, entry: Entry, to: State, note: str = "", *, handed_over: bool = False) -> Entry:
        """Change a state, if it still is the one that the caller knew; return how it stands.

        Raises LookupError where somebody else has changed it meanwhile.
        """
        with self._change():
            changed = self._db.execute(
                "UPDATE messages SET state = ?, note = ?, handed_over = ?, changed_at = ? "
                "WHERE id = ? AND state = ? AND sha256 = ? AND handed_over = ?",
                (
                    *(to, note, int(handed_over), _now()),
                    *(entry.id, entry.state, entry.sha256, entry.handed_over),
                ),
            ).rowcount
            if not changed:
                raise LookupError(f"{entry.name} is no longer {entry.state}")
            return self._logged(entry.id)

    def _insert(self, *told: object) -> Entry:
        columns = "period, partner_id, email, revision, mark, sha256, state, note, changed_at"
        cursor = self._db.execute(
            f"INSERT INTO messages ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*told, _now())
        )
        assert cursor.lastrowid is not None  # one row was inserted
        return self._logged(cursor.lastrowid)

    def _last(self, period: str, partner_id: str, email: str) -> Entry | None:
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE period = ? AND partner_id = ? AND email = ? "
            "ORDER BY revision DESC LIMIT 1",
            (period, partner_id, email),
        ).fetchone()
        return Entry(*row) if row else None

    def _logged(self, id_: int) -> Entry:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM messages WHERE id = ?", (id_,)).fetchone()
        entry = Entry(*row)
        self._log(entry.id, entry.sha256, entry.state, entry.note)
        return entry

    def _log(self, id_: int, sha256: str, state: str, note: str) -> None:
        self._db.execute(
            "INSERT INTO log VALUES (?, ?, ?, ?, ?)", (_now(), id_, sha256, state, note)
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Do what is within as one: all of it is on disk afterwards, or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
