"""The outbox: every message of a period as a file, to be looked through before any is approved."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

from kpi_lib.atomic import HIDDEN, swap_folder, write_whole
from kpi_lib.audience import INTERNAL
from kpi_lib.errors import CallError, MailError, RunError
from kpi_lib.leaks.known import Named, leak_check
from kpi_lib.leaks.search import LeakCheck, Person
from kpi_lib.mail.compose import Composer, HeldBackError
from kpi_lib.mail.custody import require_trusted
from kpi_lib.mail.finished_reports import Reports
from kpi_lib.mail.ledger import Ledger
from kpi_lib.mail.marks import MANIFEST, keep_mark
from kpi_lib.mail.marks import OUTBOX as FOLDER
from kpi_lib.mail.operator import Operator
from kpi_lib.mail.recipients import Recipient, Recipients, read_recipients
from kpi_lib.mail.send import only_sender
from kpi_lib.publish.outbox_page import outbox_page, preview_page
from kpi_lib.settings import Settings

_SHOWN_LEAKS = 3


@dataclass(frozen=True)
class Written:
    """A message in the outbox; `file`: where, within the outbox; `report`: what it was made of."""

    partner_id: str
    number: int
    email: str
    name: str
    language: str
    subject: str
    attached: tuple[str, ...]
    file: str
    mark: str
    sha256: str
    bytes: int
    report: str = ""


@dataclass(frozen=True)
class Held:
    """A message that was not written, or not sent, and why; never shown to the recipient."""

    partner_id: str
    email: str
    why: str


@dataclass(frozen=True)
class Outbox:
    """What lies in the outbox of a period, and what does not and why."""

    period: str
    written: tuple[Written, ...]
    held: tuple[Held, ...] = ()
    opted_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @staticmethod
    def lies_in(folder: Path) -> bool:
        """Say whether a period's folder has an outbox."""
        return (folder / FOLDER / MANIFEST).is_file()

    @classmethod
    def read(cls, folder: Path) -> Outbox:
        """Return the outbox of a period's folder; raise CallError where there is none."""
        file = folder / FOLDER / MANIFEST
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            todo = f"Write it first: kpi outbox --period {folder.name}"
            raise CallError.at(f"period {folder.name}", "there is no outbox", todo) from None
        written = [Written(**w | {"attached": tuple(w["attached"])}) for w in record["written"]]
        held = tuple(Held(**h) for h in record["held"])
        lists = {name: tuple(record[name]) for name in ("opted_out", "without")}
        return cls(record["period"], tuple(written), held, **lists)


@dataclass(frozen=True)
class Mailing:
    """All that writing and sending of a period's messages need; opening it checks all of it."""

    settings: Settings
    reports: Reports
    recipients: Recipients
    composer: Composer
    check: LeakCheck = field(repr=False)
    operator: Operator = field(default_factory=Operator)

    @classmethod
    def open(
        cls, settings: Settings, folder: Path, workspace: Path, operator: Operator | None = None
    ) -> Mailing:
        """Return the mailing of a period's folder; raise where call, settings or lists are wrong.

        `workspace`: where the data are staged to be held against what the reports rest on.
        Raises MailError too where the ledger is not the one that was written last.
        """
        operator = operator or Operator.of(settings)
        require_trusted(folder.parent, operator)
        reports = Reports.open(folder, settings, workspace)
        recipients = read_recipients(settings, reports.partners)
        composer = Composer(settings, reports)
        composer.check()
        people = [Person(r.partner_id, r.name, r.email) for r in recipients.listed]
        names = {id_: reports.name_of(id_, INTERNAL.name) for id_ in sorted(reports.partners.known)}
        tables = reports.record["tables"]
        named = Named(names, people, tuple(composer.own_words()))
        check = leak_check(settings, folder, tables, named)
        return cls(settings, reports, recipients, composer, check, operator)

    def leaks(self, content: bytes, partner_id: str) -> str | None:
        """Return in words what a message must not hold, or None."""
        given = self.reports.slice_of(partner_id).content
        found = [str(leak) for leak in self.check.leaks(content, partner_id, given)]
        if not found:
            return None
        more = f" and {len(found) - _SHOWN_LEAKS} more" if len(found) > _SHOWN_LEAKS else ""
        return f"the leak check found {'; '.join(found[:_SHOWN_LEAKS])}{more}"


def write_outbox(mailing: Mailing, done: Callable[[], None] = lambda: None) -> Outbox:
    """Write every message of the period and its index; return what was written and what not.

    The whole outbox is written beside the old one and takes its place at once. Nothing is sent.
    """
    folder = mailing.reports.folder
    fresh = folder / HIDDEN / f"outbox.{uuid.uuid4().hex}"
    try:
        fresh.mkdir(parents=True)
        outbox = _write_messages(mailing, fresh, done)
        # What a sender is sending must not be another message under the same name.
        with only_sender(folder.parent), Ledger.open(folder.parent, mailing.operator) as ledger:
            write_index(fresh, outbox, ledger)
            keep_mark(fresh, ledger.mark)
            swap_folder(fresh, folder / FOLDER, folder / HIDDEN / "aside")
            _enter(outbox, ledger)
    except OSError as error:
        raise _explained(folder, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return outbox


def message_in(folder: Path, written: Written) -> bytes | None:
    """Return the bytes of a message of the outbox, None where they are not as they were written."""
    file = folder / FOLDER / written.file
    content = file.read_bytes() if file.is_file() else b""
    return content if hashlib.sha256(content).hexdigest() == written.sha256 else None


def _write_messages(mailing: Mailing, fresh: Path, done: Callable[[], None]) -> Outbox:
    """Write the messages of a period and their manifest into `fresh`; return the outbox."""
    written: list[Written] = []
    held: list[Held] = []
    for partner_id, recipients in _recipients_by_partner(mailing.recipients):
        why = mailing.reports.why_not(partner_id)
        for recipient in recipients:
            try:
                written.append(_written(mailing, recipient, why, fresh))
            except HeldBackError as error:
                held.append(Held(partner_id, recipient.email, str(error)))
            done()
    people = mailing.recipients
    outbox = Outbox(
        mailing.reports.folder.name, tuple(written), tuple(held), people.opted_out, people.without
    )
    (fresh / MANIFEST).write_text(json.dumps(asdict(outbox), indent=1, ensure_ascii=False) + "\n")
    return outbox


def write_index(place: Path, outbox: Outbox, ledger: Ledger) -> None:
    """Write the page of an outbox: what lies in it, what does not, and what came back."""
    bounced = [
        asdict(Held(entry.partner_id, entry.email, f"{event.state}: {event.note}"))
        for entry, event in ledger.bounces(outbox.period)
    ]
    write_whole(place / "index.html", outbox_page(asdict(outbox) | {"bounced": bounced}))


def _explained(folder: Path, error: OSError) -> Exception:
    """Return an error of a full disk in words; any other as it is."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    where, found = f"outbox of {folder.name}", f"it cannot be written: {error.strerror}"
    return MailError.at(where, found, "Make room on its disk, then kpi outbox again.")


def _recipients_by_partner(recipients: Recipients) -> Iterator[tuple[str, list[Recipient]]]:
    """Yield each partner's id with its recipients, in the order of the ids."""
    by_partner: dict[str, list[Recipient]] = {}
    for recipient in recipients.listed:
        by_partner.setdefault(recipient.partner_id, []).append(recipient)
    yield from sorted(by_partner.items())


def _written(mailing: Mailing, recipient: Recipient, why: str | None, fresh: Path) -> Written:
    """Write one message and its preview; raise HeldBackError where it must not be."""
    if why:
        raise HeldBackError(why)
    content = _content_of(mailing, recipient)
    message = message_from_bytes(content, policy=SMTP)
    place = fresh / recipient.partner_id
    place.mkdir(exist_ok=True)
    (place / f"{recipient.number}.eml").write_bytes(content)
    (place / f"{recipient.number}.html").write_text(preview_page(*_shown(message)), "utf-8")
    return Written(
        partner_id=recipient.partner_id,
        number=recipient.number,
        email=recipient.email,
        name=recipient.name,
        language=recipient.language,
        subject=str(message["Subject"]),
        attached=tuple(str(part.get_filename()) for part in message.iter_attachments()),
        file=f"{recipient.partner_id}/{recipient.number}.eml",
        mark=str(message["Message-ID"]).strip("<>"),
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        report=mailing.reports.mark_of(recipient.partner_id),
    )


def _content_of(mailing: Mailing, recipient: Recipient) -> bytes:
    """Return the bytes of one message; raise HeldBackError where it cannot or must not be sent."""
    try:
        content = mailing.composer.message(recipient)
    except RunError as error:
        raise HeldBackError(f"no e-mail can be made of it: {error.problems[0].found}") from error
    leak = mailing.leaks(content, recipient.partner_id)
    if leak:
        raise HeldBackError(leak)
    return content


def _shown(message: Any) -> tuple[dict[str, str], str, str]:
    """Return a message as a browser shows it: headers, HTML with its images in it, text."""
    html = message.get_body(("html",)).get_content()
    for part in message.walk():
        name = str(part.get("Content-ID", "")).strip("<>")
        if name:
            data = base64.b64encode(part.get_content()).decode()
            html = re.sub(re.escape(f"cid:{name}"), f"data:image/png;base64,{data}", html)
    headers = {name: str(message[name]) for name in ("From", "To", "Reply-To", "Subject")}
    headers["Attached"] = ", ".join(str(p.get_filename()) for p in message.iter_attachments())
    return headers, html, message.get_body(("plain",)).get_content()


def _enter(outbox: Outbox, ledger: Ledger) -> None:
    """Write the outbox down in the ledger; what no longer lies in it needs no approval."""
    with ledger.change():
        kept = {
            ledger.prepare(outbox.period, w.partner_id, w.email, w.mark, w.sha256).id
            for w in outbox.written
        }
        ledger.withdraw(outbox.period, kept)
