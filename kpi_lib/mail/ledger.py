"""The ledger: what became of every message, in SQLite, so that none goes out twice or is lost.

A state is changed only by whoever knew the one before (compare-and-set), and is on disk before the
next step is taken. A message that was being sent when its sender was killed says how far it came:
before its end was handed to the server it cannot have arrived, afterwards nobody knows.

Nothing is ever changed in the file: each change is one more event, and a message stands as its last
one says (events.py). How far that went is kept beside it too (marks.py).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Literal, Self, get_args

from filelock import FileLock

from kpi_lib.errors import MailError
from kpi_lib.mail import marks
from kpi_lib.mail.custody import inode_of, place_of, require_trusted
from kpi_lib.mail.events import (
    FORMER,
    SCHEMA,
    Event,
    connected,
    insert,
    ledger_file,
    read_events,
    tables_of,
)
from kpi_lib.mail.marks import Mark
from kpi_lib.mail.operator import Operator

State = Literal["prepared", "approved", "sending", "sent", "refused", "unknown"]
STATES: tuple[str, ...] = get_args(State)
Bounce = Literal["bounced", "delayed"]  # what another server said later; the state stays as it is
BOUNCES: tuple[str, ...] = get_args(Bounce)
WITHDRAWN = "withdrawn"
_OPEN = ("prepared", "approved", "refused")  # what may still be replaced by another message
_ENDS = ", ".join(f"'{state}'" for state in (*STATES, WITHDRAWN))


# What a message and each event of it have alike.
_SAME = ("period", "partner_id", "email", "revision", "mark", "sha256", "handed_over", "note")


@dataclass(frozen=True)
class Entry:
    """One message in the ledger. `revision`: how many were sent of its period before it.

    `mark`: its Message-ID, or of one written by the former release the part before the @.
    `handed_over`: whether its end was given to the server.
    """

    id: int
    period: str
    partner_id: str
    email: str
    revision: int
    mark: str
    sha256: str
    state: State
    handed_over: int = 0
    note: str = ""
    changed_at: str = ""

    @property
    def name(self) -> str:
        """What people call it by, in `kpi settle`."""
        return self.mark[:12] + (f"-{self.revision}" if self.revision else "")


class Ledger:
    """The ledger of all periods below one folder of reports."""

    def __init__(self, connection: Connection, reports: Path, operator: Operator) -> None:
        self._db, self._reports, self._operator = connection, reports, operator
        self._periods: set[str] = set()  # of which something changes now

    @classmethod
    @contextmanager
    def open(cls, reports: Path, operator: Operator | None = None) -> Iterator[Self]:
        """Lend the ledger of a folder of reports, made where there is none.

        Raises MailError where it is not the one that was written last.
        """
        operator = operator or Operator()
        require_trusted(reports, operator)
        with cls.look(reports, operator) as ledger:
            yield ledger

    @classmethod
    @contextmanager
    def look(cls, reports: Path, operator: Operator | None = None) -> Iterator[Self]:
        """Lend the ledger, whether or not it is the one that was written last."""
        file = ledger_file(reports)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            found = f"its folder cannot be made: {error.strerror}"
            raise MailError.at(f"ledger {file}", found, "Make room, or get the right.") from error
        with connected(file, "rwc") as connection:
            ledger = cls(connection, reports, operator or Operator())
            ledger._begin()
            yield ledger

    def entries(self, period: str | None = None) -> list[Entry]:
        """Return every message of a period, or of all, in the order they were first written."""
        return self._standing("period = ?", period) if period else self._standing()

    def latest(self, period: str) -> list[Entry]:
        """Return the newest message to each recipient of a period."""
        newest: dict[tuple[str, str], Entry] = {}
        for entry in self.entries(period):
            newest[entry.partner_id, entry.email] = entry
        return list(newest.values())

    def newest(self, entry: Entry) -> Entry:
        """Return how a message stands now."""
        return self._standing("message = ?", entry.id)[0]

    def find(self, name: str) -> Entry | None:
        """Return the message that people call so."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def history(self, entry: Entry) -> list[Event]:
        """Return what a message went through, the first event first."""
        return read_events(self._db, "WHERE message = ?", entry.id)

    def events(self) -> list[Event]:
        """Return all that ever happened, the first event first."""
        return read_events(self._db)

    def bounces(self, period: str) -> list[tuple[Entry, Event]]:
        """Return the messages of a period that came back or are late, with the last word of it."""
        kinds = ", ".join("?" * len(BOUNCES))
        where = f"WHERE period = ? AND state IN ({kinds})"
        last: dict[int, Event] = {}
        for event in read_events(self._db, where, period, *BOUNCES):
            known = last.get(event.message)
            if known is None or known.state != "bounced" or event.state == "bounced":
                last[event.message] = event  # a late word of a delay does not undo that it failed
        return [(entry, last[entry.id]) for entry in self.entries(period) if entry.id in last]

    def before(self, entry: Entry) -> Entry | None:
        """Return the message to the same recipient that was written before this one."""
        same = self._revisions_to(entry.period, entry.partner_id, entry.email)
        older = [e for e in same if e.revision < entry.revision]
        return older[-1] if older else None

    def last_to(self, period: str, partner_id: str, email: str) -> Entry | None:
        """Return the newest message of a period to a recipient."""
        return next(reversed(self._revisions_to(period, partner_id, email.casefold())), None)

    def prepare(self, period: str, partner_id: str, email: str, mark: str, sha256: str) -> Entry:
        """Write down a message that lies in the outbox; return how it stands.

        Of one that is the same to the byte all is kept, its approval too. Another one takes its
        place and needs approval, but never that of one that went out or may have.
        """
        with self.change():
            last = self.last_to(period, partner_id, email)
            if last is not None and last.sha256 == sha256:
                return last
            if last is not None and last.state in _OPEN:
                return self._add(_prepared(last, mark, sha256))
            revision = last.revision + 1 if last else 0
            identity = (period, partner_id, email.casefold(), revision, mark, sha256)
            return self._add(Entry(self._next(), *identity, "prepared"))

    def again(self, entry: Entry, note: str) -> Entry:
        """Write a message down once more, approved, that went out already: to send it anew."""
        with self.change():
            anew = replace(entry, id=self._next(), revision=entry.revision + 1, handed_over=0)
            return self._add(replace(anew, state="approved", note=note))

    def withdraw(self, period: str, kept: Collection[int]) -> None:
        """Forget the messages of a period that are no longer in its outbox and never went out."""
        with self.change():
            for entry in self.entries(period):
                if entry.state in ("prepared", "approved") and entry.id not in kept:
                    self._append(replace(entry, note=""), WITHDRAWN)

    def move(self, entry: Entry, to: State, note: str = "", *, handed_over: bool = False) -> Entry:
        """Change a state, if it still is the one that the caller knew; return how it stands.

        Raises LookupError where somebody else has changed it meanwhile.
        """
        with self.change():
            now = self._standing("message = ?", entry.id)
            if [_known(one) for one in now] != [_known(entry)]:
                raise LookupError(f"{entry.name} is no longer {entry.state}")
            return self._add(replace(entry, state=to, note=note, handed_over=int(handed_over)))

    def add_bounce(self, entry: Entry, kind: Bounce, note: str) -> None:
        """Write down what another server said of a message later; its state stays as it is."""
        with self.change():
            self._append(replace(entry, note=note), kind)

    def sent_as(self, message_id: str) -> Entry | None:
        """Return the newest message that went out, or may have, under a Message-ID."""
        local = message_id.partition("@")[0]
        found = self._standing("mark IN (?, ?)", message_id, local)
        return next((e for e in reversed(found) if e.state in ("sent", "unknown")), None)

    def add_own(self, what: str, note: str) -> None:
        """Write down something that happened to the ledger itself."""
        with self.change():
            self._append(Entry(0, "", "", "", 0, "", "", "prepared", note=note), what)

    @contextmanager
    def change(self) -> Iterator[None]:
        """Do what is within as one: all of it is on disk afterwards, or nothing."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # on a full disk SQLite has undone it already
                self._db.execute("ROLLBACK")
            raise
        periods, self._periods = self._periods, set()
        self.keep_marks(periods)

    def keep_marks(self, periods: Collection[str]) -> None:
        """Keep how far the ledger is, beside it: in its copy, and in the outboxes of periods.

        Under a lock, so that of two writers the later one's mark stays. The copy comes first: what
        is restored from it is never older than an outbox.
        """
        file, copy = ledger_file(self._reports), self._operator.copy
        with FileLock(file.with_name("marks.lock")):
            if copy is not None:
                marks.require_folder(copy)
                more = read_events(self._db, "WHERE seq > ?", marks.copied(copy))
                marks.keep_copy(copy, more)
            for period in filter(None, sorted(periods)):
                folder = self._reports / period / marks.OUTBOX
                if folder.is_dir():
                    marks.keep_mark(folder, self.mark)

    @property
    def mark(self) -> Mark:
        """How far the ledger is."""
        return Mark(*self._last())

    def _begin(self) -> None:
        """Make the tables where there are none, and take over what the former release left."""
        if "events" in tables_of(self._db):
            return
        with self.change():
            tables = tables_of(self._db)
            if "events" in tables:
                return  # another one was faster
            if "messages" in tables:
                for table in FORMER:
                    self._db.execute(f"ALTER TABLE {table} RENAME TO former_{table}")
            for statement in SCHEMA:
                self._db.execute(statement)
            self.add_own("made", uuid.uuid4().hex)
            if "messages" in tables:
                self._take_over()

    def _take_over(self) -> None:
        """Enter the messages of the former release, which kept states without events.

        Its tables stay, under other names.
        """
        columns = "id, period, partner_id, email, revision, mark, sha256, state, handed_over, note"
        former = f"SELECT {columns}, changed_at FROM former_messages ORDER BY id"
        entries = [Entry(*row) for row in self._db.execute(former).fetchall()]
        steps = "SELECT at, state, note FROM former_log WHERE message = ? ORDER BY rowid"
        for entry in entries:
            for at, state, note in self._db.execute(steps, (entry.id,)).fetchall()[:-1]:
                self._append(replace(entry, note=note, handed_over=0), state, at)
            self._append(entry, entry.state, entry.changed_at)
        taken_over = f"{len(entries)} messages of the former release"
        self.add_own("taken over", taken_over)
        self._operator.say(f"The ledger was taken over: {taken_over} are entered in it.")

    def _standing(self, where: str = "TRUE", *values: object) -> list[Entry]:
        """Return how messages stand: as their last event says that is a state."""
        last = f"SELECT max(seq) FROM events WHERE state IN ({_ENDS}) AND {where} GROUP BY message"
        found = read_events(self._db, f"WHERE seq IN ({last}) AND state != '{WITHDRAWN}'", *values)
        return sorted((_entry_of(event) for event in found), key=lambda entry: entry.id)

    def _revisions_to(self, period: str, partner_id: str, email: str) -> list[Entry]:
        """Return the messages of a period to one address, by revision."""
        where = "period = ? AND partner_id = ? AND email = ?"
        return sorted(
            self._standing(where, period, partner_id, email), key=lambda entry: entry.revision
        )

    def _next(self) -> int:
        """Return the number of a message that is new."""
        (last,) = self._db.execute("SELECT max(message) FROM events").fetchone()
        return int(last or 0) + 1

    def _last(self) -> tuple[int, str]:
        """Return number and hash of the last event."""
        last = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"
        seq, sealed = self._db.execute(last).fetchone() or (0, "")
        return int(seq), str(sealed)

    def _add(self, entry: Entry) -> Entry:
        """Write down that a message stands as it says; return it with the moment."""
        return replace(entry, changed_at=self._append(entry, entry.state))

    def _append(self, entry: Entry, what: str, at: str = "") -> str:
        """Add one event of a message, in a transaction of the caller; return its moment.

        `at`: when it was, if that is not now; then nobody knows any more by whom.
        """
        seq, sealed = self._last()
        who = "" if at else self._operator.who
        at = at or datetime.now(UTC).isoformat(timespec="milliseconds")
        event = replace(self._event(entry, what), seq=seq + 1, at=at, who=who)
        event = replace(event, hash=event.sealed_after(sealed))
        insert(self._db, event)
        self._periods.add(entry.period)
        return at

    def _event(self, entry: Entry, what: str) -> Event:
        """Return the event, but for its number, moment, author and hash."""
        file = ledger_file(self._reports)
        return Event(
            seq=0,
            at="",
            who="",
            host=self._operator.host,
            place=place_of(file),
            inode=inode_of(file),
            message=entry.id,
            state=what,
            **{name: getattr(entry, name) for name in _SAME},
        )


def _prepared(last: Entry, mark: str, sha256: str) -> Entry:
    return replace(last, mark=mark, sha256=sha256, state="prepared", note="", handed_over=0)


def _known(entry: Entry) -> tuple[object, ...]:
    return entry.state, entry.sha256, entry.handed_over


def _entry_of(event: Event) -> Entry:
    """Return a message as its last event leaves it."""
    state: Any = event.state  # one of STATES: others are not asked for
    same = {name: getattr(event, name) for name in _SAME}
    return Entry(id=event.message, state=state, changed_at=event.at, **same)
