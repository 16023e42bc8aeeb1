"""Whether the ledger that lies there is the one that was written last, whole and in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kpi_lib.errors import MailError, Problem
from kpi_lib.mail.events import (
    SETTLE,
    DamagedError,
    Event,
    connected,
    fault_of,
    ledger_file,
    read_events,
    tables_of,
)
from kpi_lib.mail.marks import Witness, outboxes, witnesses
from kpi_lib.mail.operator import Operator


@dataclass(frozen=True)
class Fault:
    """Why the ledger cannot be trusted as it is.

    `may_have_lost`: messages may have gone out that it does not know of. `unreadable`: it cannot be
    added to, so a person who settles it begins another one.
    """

    found: str
    may_have_lost: bool = True
    unreadable: bool = False


def require_trusted(reports: Path, operator: Operator) -> None:
    """Raise MailError where the ledger is gone, damaged, older than it was, or a copy."""
    found = faults(reports, operator)
    if found:
        where = f"ledger {ledger_file(reports)}"
        todo = f"Nothing is written, approved or sent on it. Put the right one back, or: {SETTLE}"
        raise MailError([Problem(where, fault.found, todo) for fault in found])


def faults(reports: Path, operator: Operator) -> list[Fault]:
    """Return all that is wrong with the ledger; where there is none and none is missed: nothing."""
    seen = witnesses(reports, operator.copy)  # before the ledger, which somebody may be adding to
    file = ledger_file(reports)
    if not file.exists():
        return list(_missing_ledger(reports, seen))
    if not file.is_file():
        return [Fault("it is no file", unreadable=True)]
    try:
        with connected(file) as connection:
            tables = tables_of(connection)
            if "events" not in tables:
                return list(_before_events(reports, seen, tables))
            damage = fault_of(connection)
            if damage:
                return [Fault(f"it is damaged: {damage}", unreadable=True)]
            events = read_events(connection)
    except DamagedError as error:
        return [Fault(error.problems[0].found, unreadable=True)]
    return [*_written_elsewhere(events, file, operator), *_older_than_witnesses(events, seen)]


def _missing_ledger(reports: Path, seen: Sequence[Witness]) -> Iterator[Fault]:
    """Yield a fault where the ledger is missing, by whatever was entered in it."""
    known = [f"{witness.where}{_how_far(witness)}" for witness in seen]
    known += [f"the outbox of {folder.parent.name}" for folder in outboxes(reports)]
    if known:
        found = f"it is gone, and there is {known[0]}, which was entered in it"
        yield Fault(found, unreadable=True)


def _before_events(reports: Path, seen: Sequence[Witness], tables: set[str]) -> Iterator[Fault]:
    """Yield what is wrong with a file without events: empty, or of the former release."""
    if "messages" not in tables:
        yield from _missing_ledger(reports, seen)
    for witness in seen if "messages" in tables else ():
        yield Fault(f"it is of the former release, older than {witness.where}{_how_far(witness)}")


def _written_elsewhere(events: Sequence[Event], file: Path, operator: Operator) -> Iterator[Fault]:
    """Yield a fault where the ledger was written last on another machine or in another place."""
    last, place = events[-1] if events else None, place_of(file)
    if last is None or (last.host, last.place, last.inode) == (
        operator.host,
        place,
        inode_of(file),
    ):
        return
    if last.host != operator.host:
        there = f"the machine {last.host}, and this is {operator.host}"
    elif last.place != place:
        there = f"{last.place}, and this is another place"
    else:
        there = "this place too, and into another file: this one is a copy or was put back"
    found = f"its last entry was written on {there}. Only one of several copies may send"
    yield Fault(found, may_have_lost=False)


def _older_than_witnesses(events: Sequence[Event], seen: Sequence[Witness]) -> Iterator[Fault]:
    """Yield for each witness what it knows and the ledger does not."""
    for witness in seen:
        mark = witness.mark
        if mark is None:
            yield Fault(f"{witness.where} cannot be read, which knows how far it was")
        elif mark.entries > len(events):
            entries = f"{len(events)} of {mark.entries} entries"
            yield Fault(f"it is older than {witness.where}: {entries}")
        elif mark.entries and events[mark.entries - 1].hash != mark.last:
            yield Fault(f"its entry {mark.entries} is another than {witness.where} knows")


def _how_far(witness: Witness) -> str:
    return f" with {witness.mark.entries} entries" if witness.mark else ""


def place_of(file: Path) -> str:
    """Return where the ledger lies, as its events say it."""
    return file.resolve().as_posix()


def inode_of(file: Path) -> str:
    """Return which file it is: another one of the same name has another."""
    return str(file.stat().st_ino)
