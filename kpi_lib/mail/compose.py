"""What a recipient gets: the digest of its partner's report, in its language, and around it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from functools import cached_property
from urllib.parse import quote

from nbformat import NotebookNode
from nbformat.v4 import new_output

from kpi_lib.errors import MailError
from kpi_lib.mail.addresses import RESERVED, address_of, address_of_setting, fault_of_name
from kpi_lib.mail.finished_reports import Reports
from kpi_lib.mail.message import Attachment, Envelope, file_name, message_of, subject_of
from kpi_lib.mail.recipients import Recipient
from kpi_lib.publish.digest_exporter import TAG, Around, DigestExporter
from kpi_lib.publish.exporter import about
from kpi_lib.settings import Settings
from kpi_lib.show.common import period_words
from kpi_lib.show.common.language import _, speaking
from kpi_lib.show.common.numbers import format_day
from kpi_lib.show.common.part import ABOUT
from kpi_lib.show.common.slice import Slice

NOBODY = f"scorecards@partner-scorecards{RESERVED}"  # until the settings name a sender
ADDRESS = "{email}"  # in mail.unsubscribe_url
KINDS = {"html": "text/html", "pdf": "application/pdf"}


class HeldBackError(Exception):
    """A message that is not written, and why, in words for the operator."""


@dataclass(frozen=True)
class Composer:
    """Writes messages from the reports of a period; made once for many."""

    settings: Settings
    reports: Reports
    _exporter: DigestExporter = field(default_factory=DigestExporter)

    def message(self, recipient: Recipient) -> bytes:
        """Return the message of a recipient; raise HeldBackError where there may be none."""
        card = self.reports.slice_of(recipient.partner_id)
        with speaking(recipient.language):
            attached = self._attachments(recipient, card)
            notebook = in_language(
                self.reports.notebook_of(recipient.partner_id), card, recipient.language
            )
            around = Around(_attached_line(attached), self._footer_lines(recipient, card))
            digest = self._exporter.digest(notebook, around)
            return message_of(self._envelope(recipient, card), digest, attached)

    @cached_property
    def sender(self) -> Address:
        """Whom the messages are from; raise MailError where the settings have it wrong."""
        mail = self.settings.mail
        name = mail.sender_name or self.settings.company.name or ""
        fault = fault_of_name(name)
        if fault:
            raise MailError.at("settings, mail.sender_name", fault, "Mend project.yml.")
        return Address(name, addr_spec=address_of_setting(mail.sender or NOBODY, "mail.sender"))

    @cached_property
    def unsubscribe(self) -> str:
        """Where readers ask for no more of these."""
        mail = self.settings.mail
        address = mail.unsubscribe or mail.reply_to or self.sender.addr_spec
        return address_of_setting(address, "mail.unsubscribe")

    @cached_property
    def managers(self) -> dict[str, Address]:
        """The addresses of the account managers, by their names."""
        return {
            name: Address(name, addr_spec=address_of_setting(address, f"mail.managers.{name}"))
            for name, address in self.settings.mail.managers.items()
        }

    def own_words(self) -> Iterator[str]:
        """Yield what every message may say of its sender and of whom it names."""
        mail = self.settings.mail
        yield from filter(None, (mail.sender_name, mail.reply_to))
        yield from (self.sender.addr_spec, self.unsubscribe)
        for manager in self.managers.values():
            yield from (manager.display_name, manager.addr_spec)

    def check(self) -> None:
        """Raise MailError where the settings hold an address that is none."""
        assert self.sender and self.unsubscribe and self.managers is not None
        address_of_setting(self.settings.mail.reply_to or NOBODY, "mail.reply_to")

    def _reply_to(self, card: Slice) -> Address:
        """Return whom an answer reaches: the partner's manager, or reply_to, or else the sender."""
        manager = self.managers.get(str(card.partner.manager))
        reply_to = self.settings.mail.reply_to
        by_us = self.sender.display_name
        other = Address(by_us, addr_spec=address_of(reply_to)) if reply_to else None
        return manager or other or self.sender

    def _envelope(self, recipient: Recipient, card: Slice) -> Envelope:
        """Return sender, recipient, subject and the rest of a message's headers."""
        period = period_words.period_title(card)
        return Envelope(
            sender=self.sender,
            to=Address(recipient.name, addr_spec=recipient.email),
            reply_to=self._reply_to(card),
            unsubscribe=self.unsubscribe,
            unsubscribe_url=self._unsubscribe_url(recipient),
            subject=subject_of(_("Scorecard {period}: {name}", period=period, name=card.name)),
        )

    def _unsubscribe_url(self, recipient: Recipient) -> str | None:
        """Return where one click of this recipient asks for no more of these."""
        url = self.settings.mail.unsubscribe_url
        return url and url.replace(ADDRESS, quote(recipient.email, safe=""))

    def _attachments(self, recipient: Recipient, card: Slice) -> tuple[Attachment, ...]:
        """Return the scorecard as a file; raise HeldBackError where the run made none."""
        if recipient.attach not in KINDS:
            return ()
        page = self.reports.page(recipient.partner_id, recipient.attach)
        if not self.reports.wrote(recipient.partner_id, recipient.attach):
            raise HeldBackError(
                f"{recipient.name or recipient.email} wants the scorecard as "
                f"{recipient.attach.upper()}, and the run made no {page.name}: kpi run --pdf does"
            )
        name = file_name(card.name, _("scorecard"), str(card.period), ending=recipient.attach)
        return (Attachment(name, KINDS[recipient.attach], page.read_bytes()),)

    def _footer_lines(self, recipient: Recipient, card: Slice) -> tuple[str, ...]:
        """Return the two lines below a message: as of when, and why one gets it."""
        company = self.settings.company.name
        why = _("You get this e-mail because you are named as a contact of {name}.", name=card.name)
        if company:
            why = _(
                "You get this e-mail from {company} because you are named as a contact of {name}.",
                **{"company": company, "name": card.name},
            )
        reads = self._reply_to(card)
        answers = _("Answers reach {who}.", who=reads.display_name or reads.addr_spec)
        stop = _("To get no more of these, write to {address}.", address=self.unsubscribe)
        as_of = _("Figures as of {day}.", day=format_day(card.as_of))
        return (f"{as_of} {answers}", f"{why} {stop}")


def in_language(notebook: NotebookNode, card: Slice, language: str) -> NotebookNode:
    """Return the notebook with the parts of an e-mail written in that language.

    Where the page speaks it already, they are as they were executed.
    """
    if str(about(notebook).get("lang", card.language)) == language:
        return notebook
    from kpi_lib.pages.scorecard import (
        Scorecard,  # with charts and tables: only for another language
    )

    scorecard = Scorecard(Slice.of(replace(card.content, language=language)))
    translated = copy.deepcopy(notebook)
    for cell in translated.cells:
        if TAG not in cell.metadata.get("tags", ()):
            continue
        for number, output in enumerate(cell.outputs):
            part = output.get("metadata", {}).get(ABOUT, {}).get("part")
            if part:
                faces, about_it = getattr(scorecard, part)()._repr_mimebundle_()
                about_it[ABOUT]["lang"] = language
                cell.outputs[number] = new_output("display_data", data=faces, metadata=about_it)
    return translated


def _attached_line(attached: tuple[Attachment, ...]) -> str:
    return _("The full scorecard is attached: {file}", file=attached[0].name) if attached else ""
