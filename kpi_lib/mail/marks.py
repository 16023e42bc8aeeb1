"""How far the ledger had come: kept beside it, so that one that is gone or older is recognised.

In the outbox of each period a small file; in a second place, where the settings name one, all
events, a line each.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

from kpi_lib.atomic import write_whole
from kpi_lib.errors import MailError
from kpi_lib.mail.events import Event

OUTBOX, MANIFEST, MARK = "outbox", "outbox.json", "ledger.json"
_MOST_OF_A_LINE = 1_000_000  # bytes at a file's end that surely hold its last event


@dataclass(frozen=True)
class Mark:
    """What the ledger was: how many entries it had, and the hash of the last."""

    entries: int
    last: str


@dataclass(frozen=True)
class Witness:
    """A place that knows how far the ledger was: None where it cannot be read."""

    where: str
    mark: Mark | None


def outboxes(reports: Path) -> list[Path]:
    """Return the outboxes of all periods."""
    return sorted(file.parent for file in reports.glob(f"*/{OUTBOX}/{MANIFEST}"))


def witnesses(reports: Path, copy: Path | None) -> list[Witness]:
    """Return all that know of the ledger, but for outboxes of the release that kept no mark."""
    found = [
        Witness(f"the outbox of {folder.parent.name}", _read_mark(folder / MARK))
        for folder in outboxes(reports)
        if (folder / MARK).exists()
    ]
    if copy is not None:
        require_folder(copy)
        if copy.exists():
            last = _last_of(copy)
            mark = Mark(last.seq, last.hash) if last else None
            found.append(Witness(f"its copy {copy}", mark))
    return found


def keep_mark(folder: Path, mark: Mark) -> None:
    """Write into an outbox how far the ledger is; raise MailError where that cannot be done."""
    with _writing_explained(folder / MARK):
        write_whole(folder / MARK, json.dumps(asdict(mark)) + "\n")


def keep_copy(copy: Path, events: Sequence[Event]) -> None:
    """Add events to the copy; what was half written when a machine stopped is taken off first."""
    with _writing_explained(copy), copy.open("a+b") as stream:
        stream.truncate(_whole_length(copy))
        for event in events:
            stream.write(json.dumps(astuple(event), ensure_ascii=False).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def copied(copy: Path) -> int:
    """Return how many events the copy has."""
    last = _last_of(copy) if copy.exists() else None
    return last.seq if last else 0


def read_copy(copy: Path) -> list[Event]:
    """Return all events of a copy; raise MailError where it is none."""
    try:
        whole = copy.read_bytes()[: _whole_length(copy)]
        return [_parse_event(line) for line in whole.splitlines()]
    except (OSError, ValueError) as error:
        raise MailError.at(f"copy of the ledger {copy}", f"it cannot be read: {error}") from error


def put_copy_aside(copy: Path) -> None:
    """Give a copy another name: of a ledger that is none any more."""
    if copy.exists():
        with _writing_explained(copy):
            copy.rename(aside_of(copy))


def aside_of(file: Path) -> Path:
    """Return a new name beside a file, for what must not be lost."""
    return file.with_name(f"{file.stem}.aside-{uuid.uuid4().hex[:8]}{file.suffix}")


def require_folder(copy: Path) -> None:
    """Raise MailError where the second place is not there, as a disk that is not mounted."""
    if copy.exists() and not copy.is_file():
        todo = "Name a file; mail.ledger_copy of project.yml does."
        raise MailError.at(f"copy of the ledger {copy}", "it is no file", todo)
    if not copy.parent.is_dir():
        todo = "Mount its disk, or make the folder; mail.ledger_copy of project.yml names it."
        raise MailError.at(f"copy of the ledger {copy}", "there is no such folder", todo)


def _read_mark(file: Path) -> Mark | None:
    """Return the mark in a file; None where there is none that can be read."""
    if not file.is_file():
        return None  # a pipe would be read for ever
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        return Mark(int(record["entries"]), str(record["last"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _last_of(copy: Path) -> Event | None:
    """Return the last whole event of a copy, None where it has none."""
    try:
        with copy.open("rb") as stream:
            stream.seek(max(0, _whole_length(copy) - _MOST_OF_A_LINE))
            lines = stream.read(_MOST_OF_A_LINE).rpartition(b"\n")[0].splitlines()
        return _parse_event(lines[-1]) if lines else None
    except (OSError, ValueError):
        return None


def _whole_length(copy: Path) -> int:
    """Return how many bytes of a copy are whole lines."""
    size = copy.stat().st_size
    with copy.open("rb") as stream:
        start = max(0, size - _MOST_OF_A_LINE)
        stream.seek(start)
        end = stream.read().rfind(b"\n")
    return start + end + 1


def _parse_event(line: bytes) -> Event:
    """Return the event in a line of the copy; raise ValueError where it is none."""
    values = json.loads(line)
    if not isinstance(values, list) or len(values) != len(fields(Event)):
        raise ValueError("a line of it is no entry")
    return Event(*values)


@contextmanager
def _writing_explained(file: Path) -> Iterator[None]:
    """Raise MailError, which says what to do, where writing fails."""
    try:
        yield
    except OSError as error:
        found = f"how far the ledger is cannot be written there: {error.strerror or error}"
        todo = "Make room, or give yourself the right to write it; then do the same again."
        raise MailError.at(str(file), found, todo) from error
