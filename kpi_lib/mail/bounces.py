"""Bounces, held against the ledger: which of our messages did not arrive after all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kpi_lib.mail import marks
from kpi_lib.mail.bounce_messages import Returned, messages_in, returned_in
from kpi_lib.mail.ledger import Bounce, Entry, Ledger
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.outbox import Outbox, write_index


@dataclass
class Found:
    """What a mailbox says of our messages; `unread`: where, and why it could not be read."""

    added: list[tuple[Entry, Bounce, str]] = field(default_factory=list)
    known: int = 0
    others: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)


def add_bounces(reports: Path, place: Path, operator: Operator) -> Found:
    """Enter in the ledger what the messages of a mailbox say of ours; return what was found.

    What was entered before is not entered again, so that a mailbox can be read as it grows.
    """
    found = Found()
    with Ledger.open(reports, operator) as ledger:
        for where, content in messages_in(place):
            try:
                returned = returned_in(content)
            except (ValueError, LookupError) as error:  # LookupError: an encoding of that name
                found.unread.append((where, str(error)))
                continue
            for one in returned:
                _record_bounce(ledger, one, found)
        for period in sorted({entry.period for entry, _, _ in found.added}):
            _show(reports / period, ledger)
    return found


def _record_bounce(ledger: Ledger, returned: Returned, found: Found) -> None:
    """Enter a bounce in the ledger, and what was done with it in `found`."""
    entries = filter(None, map(ledger.sent_as, returned.message_ids))
    entry = next(entries, None)
    if entry is None:
        found.others += 1
    elif any((e.state, e.note) == (returned.kind, returned.said) for e in ledger.history(entry)):
        found.known += 1
    else:
        ledger.add_bounce(entry, returned.kind, returned.said)
        found.added.append((entry, returned.kind, returned.said))


def _show(folder: Path, ledger: Ledger) -> None:
    """Show on the page of an outbox what came back, if it is still there."""
    if Outbox.lies_in(folder):
        write_index(folder / marks.OUTBOX, Outbox.read(folder), ledger)
