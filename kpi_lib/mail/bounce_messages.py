"""What other servers say of a message later: bounces and delays, as files of a mailbox hold them.

Anybody can put such a file into a mailbox, so nothing of it is trusted: it is read up to a size,
not below some parts in parts, and what it says is kept as one line of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from itertools import chain
from pathlib import Path
from typing import IO

from kpi_lib.errors import CallError
from kpi_lib.mail.ledger import Bounce

LARGEST = 2_000_000  # bytes of a message that are read; what a server says stands at its top
_MOST_PARTS = 60
_LONGEST_WORD = 200
_MAILDIR = ("cur", "new")
_PARTS = re.compile(rb"multipart/|message/", re.IGNORECASE)
_ID = re.compile(r"(?im)^[>\s]*message-id:\s*<([^<>\s@]{1,200}@[^<>\s@]{1,255})>")
_STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_REPLY = re.compile(r"(?m)(?:^|[\s(\"':>])([45])\d\d[ -]")
_DAEMON = re.compile(r"mailer-daemon|postmaster|mail delivery", re.IGNORECASE)
_ACTIONS: dict[str, Bounce] = {"failed": "bounced", "delayed": "delayed"}


@dataclass(frozen=True)
class Returned:
    """What one server says of one message; `said`: its reason, in one line, for the operator.

    `message_ids`: all that it may mean, the likeliest first.
    """

    kind: Bounce
    message_ids: tuple[str, ...]
    said: str


def messages_in(place: Path) -> Iterator[tuple[str, bytes]]:
    """Yield where each message of a Maildir, an mbox file or a folder of .eml files is, and it.

    Raises CallError where there is no such place. What is no regular file is passed over.
    """
    if place.is_dir():
        yield from _read_messages(place)
    elif place.is_file():
        with place.open("rb") as stream:
            if stream.read(5) == b"From ":
                stream.seek(0)
                yield from _read_mbox(place, stream)
            else:
                stream.seek(0)
                yield str(place), stream.read(LARGEST)
    else:
        todo = "Name a Maildir, an mbox file, a folder of .eml files, or one of these."
        raise CallError.at(f"kpi bounces {place}", "there is no such folder or file", todo)


def returned_in(content: bytes) -> list[Returned]:
    """Return what a message says of others: of each recipient; nothing where it is no such report.

    Raises ValueError where it cannot be read.
    """
    if len(_PARTS.findall(content)) > _MOST_PARTS:
        raise ValueError(f"it has more than {_MOST_PARTS} parts")
    message = message_from_bytes(content)
    ids = tuple(dict.fromkeys(_ids_of(message)))
    blocks = [block for part in _status_parts(message) for block in part]
    found = [returned for returned in (_returned(block, ids) for block in blocks) if returned]
    if blocks or found:
        return found
    return list(_bounces_without_status(message, ids))


def _read_messages(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each message in a Maildir, or else in a folder of .eml files."""
    maildir = [folder / name for name in _MAILDIR if (folder / name).is_dir()]
    files = chain.from_iterable(f.iterdir() for f in maildir) if maildir else folder.glob("*.eml")
    for file in sorted(files):
        if file.is_file() and not file.is_symlink():
            with file.open("rb") as stream:
                yield str(file), stream.read(LARGEST)


def _read_mbox(place: Path, stream: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of each message of an mbox file, never holding more than one."""
    number, lines, size, blank = 0, list[bytes](), 0, True
    while line := stream.readline(LARGEST):
        if blank and line.startswith(b"From "):
            if number:
                yield f"{place}, message {number}", b"".join(lines)
            number, lines, size = number + 1, [], 0
        elif size < LARGEST:
            lines.append(line)
            size += len(line)
        blank = not line.strip()
    yield f"{place}, message {number}", b"".join(lines)


def _status_parts(message: Message) -> Iterator[list[Message]]:
    """Yield the blocks of each delivery status (RFC 3464): the first one is of the message."""
    for part in message.walk():
        blocks = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
            yield [block for block in blocks if isinstance(block, Message)]


def _returned(block: Message, ids: tuple[str, ...]) -> Returned | None:
    """Return what a block says of one recipient, None where that is nothing new or it says none."""
    kind = _ACTIONS.get(_field(block, "Action").lower())
    if kind is None:
        return None
    to = _field(block, "Original-Recipient") or _field(block, "Final-Recipient")
    said = _field(block, "Diagnostic-Code") or _field(block, "Status")
    return Returned(kind, ids, _line(f"{to.partition(';')[2].strip() or to}: {said}"))


def _bounces_without_status(message: Message, ids: tuple[str, ...]) -> Iterator[Returned]:
    """Yield what a server says that writes no delivery status: from its name and its numbers."""
    who = f"{_field(message, 'From')} {_field(message, 'Return-Path')}"
    if not ids or not (_DAEMON.search(who) or "<>" in who):
        return
    text = _text_of(message)
    found = _STATUS.search(text) or _REPLY.search(text)
    if found and found[1] in "45":
        start = text.rfind("\n", 0, found.start(1)) + 1
        kind: Bounce = "bounced" if found[1] == "5" else "delayed"
        yield Returned(kind, ids, _line(text[start:].partition("\n")[0]))


def _ids_of(message: Message) -> Iterator[str]:
    """Yield the Message-IDs that a report names: of what is attached, in its text, in its head."""
    parts = list(message.walk())
    for part in parts[1:]:
        yield from _ID.findall(f"Message-ID: {_field(part, 'Message-ID')}")
    yield from _ID.findall(_text_of(message))
    for name in ("In-Reply-To", "References", "X-Failed-Message-Id"):
        yield from re.findall(r"<([^<>\s]{1,400})>", _field(message, name))


def _text_of(message: Message) -> str:
    """Return the text of all parts that are text, without those of what is sent back."""
    texts = []
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            texts.append(payload.decode("utf-8", "replace") if isinstance(payload, bytes) else "")
    return "\n".join(texts)[:LARGEST]


def _field(message: Message, name: str) -> str:
    """Return a header as one line, empty where there is none."""
    return _line(str(message.get(name, "")), LARGEST)


def _line(text: str, longest: int = _LONGEST_WORD) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())[:longest]
