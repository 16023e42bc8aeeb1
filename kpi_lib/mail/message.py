"""One e-mail as bytes. The same inputs give the same bytes: no clock, no dice.

The date is not among them: the sender writes it above what was approved, when it sends.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy

from kpi_lib.errors import Problem, RunError
from kpi_lib.mail.addresses import domain_of
from kpi_lib.publish.digest_exporter import Digest

LONGEST_LINE = 998  # octets, by RFC 5322
LONGEST_FILE_NAME = 60
LONGEST_SUBJECT = 150
UNSUBSCRIBE = "List-Unsubscribe"


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a message; `kind`: its media type."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Envelope:
    """What the headers say: whom it is from and to, who reads answers, how to get no more."""

    sender: Address
    to: Address
    reply_to: Address
    unsubscribe: str
    subject: str
    unsubscribe_url: str | None = None  # where one click asks for no more of these


class _Carried(EmailPolicy):
    """How headers are written. Addresses of the web stay as they are, however long.

    Python writes a long word in an encoding that only people's names may have.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as it goes out."""
        if name != UNSUBSCRIBE:
            return super().fold_binary(name, value)
        return f"{name}: {str(value).replace(', ', f',{self.linesep} ')}{self.linesep}".encode()


def message_of(envelope: Envelope, digest: Digest, attached: tuple[Attachment, ...] = ()) -> bytes:
    """Return the message; raise RunError where it is not what mail servers carry."""
    message = EmailMessage(policy=_Carried(linesep="\r\n"))
    for name, value in _headers(envelope).items():
        message[name] = value
    message.set_content(digest.text, cte="quoted-printable")
    message.add_alternative(digest.html, subtype="html", cte="quoted-printable")
    _add_images(message, digest.images)
    for attachment in attached:
        _attach(message, attachment)
    _set_boundaries(message, "0")
    mark = hashlib.sha256(message.as_bytes()).hexdigest()[:32]
    _set_boundaries(message, mark)
    message["Message-ID"] = f"<{mark}@{domain_of(envelope.sender.addr_spec)}>"
    content = message.as_bytes()
    _require_carried(content, digest)
    return content


def file_name(*words: str, ending: str) -> str:
    """Return a file name that people can read and no system stumbles over.

    >>> file_name("Söhne / Co.", "scorecard", "2011-Q3", ending="html")
    'Söhne Co. scorecard 2011-Q3.html'
    """
    parts = [_plain(word)[:LONGEST_FILE_NAME].rstrip().lstrip(" .") for word in words]
    return f"{' '.join(filter(None, parts))}.{ending}"


def subject_of(text: str) -> str:
    """Return a text as one line that a list of e-mails shows."""
    line = " ".join(_visible(text).split())
    if len(line) <= LONGEST_SUBJECT:
        return line
    return line[: LONGEST_SUBJECT - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _headers(envelope: Envelope) -> dict[str, object]:
    """Return the headers of a message, by name."""
    headers: dict[str, object] = {
        "From": envelope.sender,
        "To": envelope.to,
        "Reply-To": envelope.reply_to,
        "Subject": envelope.subject,
        "Auto-Submitted": "auto-generated",
        UNSUBSCRIBE: f"<mailto:{envelope.unsubscribe}?subject=unsubscribe>",
    }
    if envelope.unsubscribe_url is not None:  # RFC 8058
        headers[UNSUBSCRIBE] = f"<{envelope.unsubscribe_url}>, {headers[UNSUBSCRIBE]}"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _add_images(message: EmailMessage, images: Mapping[str, bytes]) -> None:
    """Put the images beside the HTML that shows them, each under its Content-ID."""
    body = message.get_body(("html",))
    assert isinstance(body, MIMEPart)  # message_of() added it
    for name, content in images.items():
        form = {"maintype": "image", "subtype": "png", "disposition": "inline"}
        body.add_related(content, cid=f"<{name}>", filename=f"{name}.png", **form)  # type: ignore[arg-type]


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    """Add a file to a message; a text as such, in base64."""
    maintype, _, subtype = attachment.kind.partition("/")
    if maintype == "text":
        text = attachment.content.decode("utf-8")
        message.add_attachment(text, subtype=subtype, filename=attachment.name, cte="base64")
    else:
        form = {"maintype": maintype, "subtype": subtype, "filename": attachment.name}
        message.add_attachment(attachment.content, **form)  # type: ignore[arg-type]


def _set_boundaries(message: EmailMessage, mark: str) -> None:
    """Name the seams between the parts; `=_` occurs in no encoded content."""
    for number, part in enumerate(_multiparts(message)):
        part.set_boundary(f"=_{mark}_{number}")


def _multiparts(message: EmailMessage) -> Iterator[EmailMessage]:
    yield from (part for part in message.walk() if part.is_multipart())


def _require_carried(content: bytes, digest: Digest) -> None:
    """Raise RunError where a line is too long, or the images shown are not those carried."""
    problems = []
    longest = max(len(line) for line in content.split(b"\r\n"))
    if longest > LONGEST_LINE:
        problems.append(Problem("e-mail", f"a line has {longest:,} octets, {LONGEST_LINE} may"))
    shown = sorted(re.findall(r'src="cid:([^"]+)"', digest.html))
    if shown != sorted(digest.images):
        mismatch = f"it shows the images {shown} and carries {sorted(digest.images)}"
        problems.append(Problem("e-mail", mismatch))
    if problems:
        raise RunError(problems)


def _visible(text: str) -> str:
    """Return a text without what turns text around or cannot be seen."""
    return "".join(
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
    )


def _plain(text: str) -> str:
    kept = "".join(c if c.isalnum() or c in " .-_()&," else " " for c in _visible(text))
    return " ".join(kept.split())
