"""Who was sent what: every message of the ledger in one row, for whoever must account for it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields

from kpi_lib.mail.events import Event
from kpi_lib.mail.ledger import BOUNCES, Entry, Ledger

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Account:
    """One message. Moments are UTC; empty where it did not come to that.

    `reason`: why it was sent again. `answer`: the server's word, or what is known instead.
    `settled_by`: who said what became of it, where nobody knew. `came_back`: what another server
    said of it later.
    """

    period: str
    partner_id: str
    email: str
    revision: int
    state: str
    message_id: str
    sha256: str
    prepared_at: str
    approved_at: str
    approved_by: str
    approved_on: str
    reason: str
    sent_at: str
    sent_by: str
    sent_from: str
    answer: str
    settled_at: str
    settled_by: str
    came_back_at: str
    came_back: str


def accounts(ledger: Ledger, period: str | None = None) -> list[Account]:
    """Return an account of every message of a period, or of all, in the order they were written."""
    by_message: dict[int, list[Event]] = {}
    for event in ledger.events():
        by_message.setdefault(event.message, []).append(event)
    return [_account_of(entry, by_message[entry.id]) for entry in ledger.entries(period)]


def approval_of(events: Sequence[Event]) -> Event | None:
    """Return the approval that a message went out with, or would.

    A message is approved too that a try put off, or that a person found not to have arrived: that
    is the same approval.
    """
    return _last_after(events, ("approved",), ("", "prepared", "refused"))


def as_csv(sent: Sequence[Account]) -> str:
    """Return accounts as CSV; no cell is taken for a formula by a spreadsheet."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [field.name for field in fields(Account)], lineterminator="\n")
    writer.writeheader()
    for one in sent:
        writer.writerow({name: _cell(value) for name, value in asdict(one).items()})
    return stream.getvalue()


def as_json(sent: Sequence[Account]) -> str:
    """Return accounts as JSON: a list with an object for each message."""
    return json.dumps([asdict(one) for one in sent], indent=1, ensure_ascii=False) + "\n"


def _account_of(entry: Entry, events: Sequence[Event]) -> Account:
    """Return what is on record of one message: prepared, approved, sent, settled, come back."""
    approval, prepared = approval_of(events), _last(events, "prepared")
    sent = _last(events, "sent", "unknown") if entry.state in ("sent", "unknown") else None
    back, settled = _last(events, *BOUNCES), _last_after(events, ("sent", "approved"), ("unknown",))
    return Account(
        period=entry.period,
        partner_id=entry.partner_id,
        email=entry.email,
        revision=entry.revision,
        state=entry.state,
        message_id=f"<{entry.mark}>" if "@" in entry.mark else entry.mark,
        sha256=entry.sha256,
        prepared_at=prepared.at if prepared else "",
        approved_at=approval.at if approval else "",
        approved_by=approval.who if approval else "",
        approved_on=approval.host if approval else "",
        reason=approval.note if approval else "",
        sent_at=sent.at if sent else "",
        sent_by=sent.who if sent else "",
        sent_from=sent.host if sent else "",
        answer=entry.note,
        settled_at=settled.at if settled else "",
        settled_by=settled.who if settled else "",
        came_back_at=back.at if back else "",
        came_back=f"{back.state}: {back.note}" if back else "",
    )


def _last(events: Sequence[Event], *states: str) -> Event | None:
    return next((event for event in reversed(events) if event.state in states), None)


def _last_after(
    events: Sequence[Event], states: Collection[str], before: Collection[str]
) -> Event | None:
    """Return the last event that led to one of the states from one of those before it."""
    states_before = ["", *(event.state for event in events)]
    pairs = zip(states_before, events, strict=False)
    found = [event for was, event in pairs if event.state in states and was in before]
    return found[-1] if found else None


def _cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value
