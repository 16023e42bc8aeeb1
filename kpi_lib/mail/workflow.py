"""What people do with an outbox: approve messages, send them, settle what is not known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kpi_lib.errors import CallError, MailError
from kpi_lib.mail.compose import NOBODY
from kpi_lib.mail.ledger import Entry, Ledger
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.outbox import Held, Mailing, Outbox, Written, message_in
from kpi_lib.mail.password import password_of
from kpi_lib.mail.send import Clock, Ready, Sender, only_sender, recover
from kpi_lib.mail.smtp import SmtpConnection, require_safe
from kpi_lib.settings import MailServer, Settings

NOT_APPROVED = "not approved"


@dataclass(frozen=True)
class Approved:
    """What an approval did: the messages that may go out now, those that had been sent already."""

    entries: tuple[Entry, ...]
    sent_before: tuple[Entry, ...] = ()


@dataclass
class Sending:
    """What came of sending: the messages by their state now, and what was held back and why."""

    entries: list[Entry] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    recovered: list[Entry] = field(default_factory=list)
    sent_before: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all that was approved is sent, and nothing waits for a person."""
        return not self.held and all(entry.state == "sent" for entry in self.entries)

    def hold_back(self, written: Written, why: str) -> None:
        """Note that a message is not sent, and why."""
        self.held.append(Held(written.partner_id, written.email, why))


@dataclass(frozen=True)
class Revision:
    """That some recipients are to get a second e-mail of the period, and why."""

    reason: str = ""

    @property
    def is_wanted(self) -> bool:
        """Whether it was asked for."""
        return bool(self.reason)


def approve(
    folder: Path, partners: Sequence[str] = (), operator: Operator | None = None
) -> Approved:
    """Approve the messages in the outbox of a period's folder, all or those of named partners.

    The approval is of the bytes that lie there now. What was sent already is only approved to be
    sent again where its partner is named. Raises CallError before anything is approved.
    """
    outbox = Outbox.read(folder)
    _require_known(outbox, partners)
    wanted = [w for w in outbox.written if not partners or w.partner_id in partners]
    for written in wanted:
        if message_in(folder, written) is None:
            found = f"{written.file} is not as `kpi outbox` wrote it"
            raise CallError.at(f"outbox of {folder.name}", found, "Write it again: kpi outbox")
    with Ledger.open(folder.parent, operator) as ledger, ledger.change():
        entries = _by_recipient(ledger, folder.name)
        now, before = [], []
        for written in wanted:
            entry = entries.get((written.partner_id, written.email.casefold()))
            if entry is None or entry.sha256 != written.sha256:
                found = f"{written.file} is not in the ledger"
                raise CallError.at(f"outbox of {folder.name}", found, "Write it again: kpi outbox")
            if entry.state in ("prepared", "refused"):
                now.append(ledger.move(entry, "approved"))
            elif entry.state == "sent" and partners:
                now.append(ledger.again(entry, "approved to be sent again"))
            elif entry.state == "approved":
                now.append(entry)
            else:
                before.append(entry)
    return Approved(tuple(now), tuple(before))


def send(
    mailing: Mailing,
    revision: Revision,
    *,
    begin: Callable[[int], Callable[[Entry], None]],
    waits: Callable[[], None] = lambda: None,
    clock: Clock | None = None,
) -> Sending:
    """Send what is approved of a period, once; return what came of it.

    Everything is looked at again first: the report, its data, the recipients, the bytes, the leak
    check. Raises MailError where the settings or the server do not allow to send at all.
    """
    settings, folder = mailing.settings, mailing.reports.folder
    server = server_of(settings)
    connection = SmtpConnection(server, password_of(server))
    outbox = Outbox.read(folder)
    with only_sender(folder.parent, waits), Ledger.open(folder.parent, mailing.operator) as ledger:
        sending = Sending(recovered=recover(ledger))
        ready = list(_ready(mailing, outbox, ledger, revision, sending))
        sender = Sender(ledger, connection, settings.mail, mailing.composer.sender.addr_spec)
        sender.clock = clock or sender.clock
        announce = begin(len(ready))

        def done(entry: Entry) -> None:
            sending.entries.append(entry)
            announce(entry)

        if ready:
            sender.send(ready, done)
    return sending


def settle(reports: Path, name: str, *, was_sent: bool, operator: Operator | None = None) -> Entry:
    """Write down what a person found out about a message of which it was not known.

    One that was not sent stays approved: the next `kpi send` sends it.
    """
    with Ledger.open(reports, operator) as ledger:
        entry = ledger.find(name)
        if entry is None:
            raise CallError.at(name, "there is no such message", "kpi status shows their names.")
        if entry.state != "unknown":
            found = f"it is {entry.state}, so there is nothing to settle"
            raise CallError.at(name, found)
        note = "settled: it was sent" if was_sent else "settled: it was not sent"
        return ledger.move(entry, "sent" if was_sent else "approved", note)


def server_of(settings: Settings) -> MailServer:
    """Return the mail server; raise MailError where the settings name none, or no sender."""
    where = settings.line_of("mail")
    if settings.mail.server is None or settings.mail.sender in (None, NOBODY):
        lacking = "mail.server" if settings.mail.server is None else "mail.sender"
        todo = "See docs/mail.md. Without it `kpi outbox` still writes the e-mails to look at."
        raise MailError.at(where, f"{lacking} is not set, so nothing can be sent", todo)
    require_safe(settings.mail.server)
    return settings.mail.server


def _ready(
    mailing: Mailing, outbox: Outbox, ledger: Ledger, revision: Revision, sending: Sending
) -> Iterator[Ready]:
    """Yield what may go out; write down in `sending` what is held back."""
    entries = _by_recipient(ledger, outbox.period)
    for written in outbox.written:
        entry = entries.get((written.partner_id, written.email.casefold()))
        if entry is not None and entry.state == "sent" and entry.sha256 == written.sha256:
            sending.sent_before += 1
            continue
        content = message_in(mailing.reports.folder, written)
        if content is None or entry is None or entry.sha256 != written.sha256:
            sending.hold_back(written, "it is not as it was written: kpi outbox makes it again")
            continue
        why = (
            _why_not_approved(entry)
            or _why_not_to_them(mailing, written)
            or _why_not_again(entry, ledger, revision)
            or _why_not_of_the_report(mailing, written, content)
        )
        if why:
            sending.hold_back(written, why)
        else:
            yield Ready(entry, written.email, content)
    sending.held += outbox.held


def _why_not_approved(entry: Entry) -> str | None:
    """Return why a message may not go out as its entry stands, or None where it may."""
    if entry.state == "unknown":
        return f"it is not known whether it arrived: kpi settle {entry.name} sent (or not-sent)"
    if entry.state == "refused":
        return f"the server refused it: {entry.note}"
    return None if entry.state == "approved" else NOT_APPROVED


def _why_not_to_them(mailing: Mailing, written: Written) -> str | None:
    """Return why its recipient gets no message, or None where it does."""
    if mailing.recipients.find(written.partner_id, written.email) is None:
        return "it is no recipient any more"
    return None


def _why_not_of_the_report(mailing: Mailing, written: Written, content: bytes) -> str | None:
    """Return why the report, or what the message holds of it, is not to be sent; else None."""
    why = mailing.reports.why_not(written.partner_id)
    if why is None and written.report != mailing.reports.mark_of(written.partner_id):
        return "its report was made anew since: kpi outbox writes it again"
    return why or mailing.leaks(content, written.partner_id)


def _why_not_again(entry: Entry, ledger: Ledger, revision: Revision) -> str | None:
    """Return why a second e-mail of the same period is not sent, or None where it may."""
    before = ledger.before(entry)
    if before is None:
        return None
    if before.state in ("unknown", "sending"):
        return f"it is not known whether the one before arrived: kpi settle {before.name} ..."
    if not revision.is_wanted:
        return "one of this period was sent before: --revision --reason TEXT sends another"
    return None


def _by_recipient(ledger: Ledger, period: str) -> dict[tuple[str, str], Entry]:
    return {(entry.partner_id, entry.email): entry for entry in ledger.latest(period)}


def _require_known(outbox: Outbox, partners: Collection[str]) -> None:
    """Raise CallError where the outbox has no message to one of these partners."""
    known = {written.partner_id for written in outbox.written}
    unknown = [partner for partner in partners if partner not in known]
    if unknown:
        found = f"it has no e-mail to {', '.join(unknown)}"
        raise CallError.at(f"outbox of {outbox.period}", found, "kpi outbox says why.")
