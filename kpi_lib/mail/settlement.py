"""What a person does about a ledger that cannot be trusted: say what became of the messages.

It says who decided, when and why; nothing is decided by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail import custody, marks
from kpi_lib.mail.events import SCHEMA, broken_link, connected, insert, ledger_file
from kpi_lib.mail.ledger import Ledger, State
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.outbox import Outbox
from kpi_lib.mail.send import only_sender

Became = Literal["sent", "not-sent", "ask"]
_STATES: dict[Became, State] = {"sent": "sent", "not-sent": "prepared", "ask": "unknown"}
_SETTLED = ("sent", "unknown")  # anything else may have gone out, if the ledger lost its end


@dataclass(frozen=True)
class Settled:
    """What a settlement did: what had been wrong, and how many messages now stand as was said."""

    faults: tuple[str, ...]
    messages: int = 0


def settle_ledger(reports: Path, became: Became | None, reason: str, operator: Operator) -> Settled:
    """Take the ledger that lies there for the right one from now on, or begin another one.

    `became`: what became of the messages in the outboxes, of which this ledger may not know that
    they went out. Raises CallError where nothing is to be settled, or where that was not said.
    """
    with only_sender(reports):
        faults = custody.faults(reports, operator)
        lost = any(fault.may_have_lost for fault in faults)
        _require_called_for(reports, faults, became if lost else "ask")
        if any(fault.unreadable for fault in faults):
            _put_aside(ledger_file(reports))
        found = tuple(fault.found for fault in faults)
        without_copy = replace(operator, copy=None)  # it may be the copy of another ledger
        with Ledger.look(reports, without_copy) as ledger, ledger.change():
            ledger.add_own("settled", f"{reason} (found: {'; '.join(found)})")
            count = _record_became(reports, ledger, became) if lost and became else 0
        _renew_marks(reports, operator, lost)
    return Settled(found, count)


def restore_ledger(reports: Path, reason: str, operator: Operator) -> int:
    """Write the ledger anew from its copy; return how many entries it has.

    What lay in its place is kept under another name. Raises MailError where the copy is not whole.
    """
    copy = operator.copy
    if copy is None:
        todo = "mail.ledger_copy of project.yml names one: it must have been there before."
        raise CallError.at("kpi ledger restore", "the ledger has no copy", todo)
    with only_sender(reports):
        marks.require_folder(copy)
        events = marks.read_copy(copy)
        damage = broken_link(events) if events else "it has no entry"
        if damage:
            todo = "Put another copy there, or begin anew: kpi ledger settle"
            raise MailError.at(f"copy of the ledger {copy}", damage, todo)
        file = ledger_file(reports)
        _put_aside(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        with connected(file, "rwc") as connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in SCHEMA:
                connection.execute(statement)
            for event in events:
                insert(connection, event)
            connection.execute("COMMIT")
        with Ledger.look(reports, operator) as ledger:
            ledger.add_own("restored", f"{reason} ({len(events)} entries, from {copy})")
    return len(events)


def _require_called_for(
    reports: Path, faults: Sequence[custody.Fault], became: Became | None
) -> None:
    """Raise CallError where the ledger is whole, or nobody said what became of its messages."""
    where = f"ledger {ledger_file(reports)}"
    if not faults:
        found = "it is whole and in its place, so there is nothing to settle"
        raise CallError.at(where, found, "kpi settle is for a single e-mail.")
    if became is None:
        found = f"{faults[0].found}; it may not know of e-mails that went out"
        todo = (
            "Say what became of those in the outboxes: sent (nobody gets another one), not-sent "
            "(they are approved and sent anew), or ask (each is settled with kpi settle)."
        )
        raise CallError.at(where, found, todo)


def _record_became(reports: Path, ledger: Ledger, became: Became) -> int:
    """Enter all messages, and what became of the open ones; return the number of those."""
    for folder in marks.outboxes(reports):
        outbox = Outbox.read(folder.parent)
        for w in outbox.written:
            ledger.prepare(folder.parent.name, w.partner_id, w.email, w.mark, w.sha256)
    open_ones = [entry for entry in ledger.entries() if entry.state not in _SETTLED]
    for entry in open_ones:
        note = f"settled with the ledger, whose end was not known: {became}"
        ledger.move(entry, _STATES[became], note)
    return len(open_ones)


def _renew_marks(reports: Path, operator: Operator, lost: bool) -> None:
    """Note beside outboxes and in the copy how far the ledger is now.

    `lost`: the copy may know more than the ledger, and is put aside first.
    """
    if lost and operator.copy is not None:
        marks.put_copy_aside(operator.copy)
    with Ledger.look(reports, operator) as ledger:
        ledger.keep_marks([folder.parent.name for folder in marks.outboxes(reports)])


def _put_aside(file: Path) -> None:
    """Give what lies in the ledger's place another name, with what SQLite keeps beside it."""
    journal = file.with_name(f"{file.name}-journal")
    for one in (file, journal):
        if one.exists():
            try:
                one.rename(marks.aside_of(one))
            except OSError as error:
                todo = "Give yourself the right to write in its folder."
                found = f"it cannot be put aside: {error.strerror}"
                raise MailError.at(f"ledger {one}", found, todo) from error
