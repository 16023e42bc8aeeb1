"""Who gets a scorecard: `recipients.csv`, checked as a whole before anything is written."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kpi_lib import paths
from kpi_lib.data.csv_file import own_form
from kpi_lib.data.csv_text import SAVE_AS
from kpi_lib.data.faults import REFERENCE, Fault
from kpi_lib.data.hints import printable
from kpi_lib.data.names import nearest_of
from kpi_lib.errors import MailError, Problem, SourceError
from kpi_lib.mail.addresses import RESERVED, address_of, domain_of, fault_of_name
from kpi_lib.regular import is_there
from kpi_lib.settings import MailSettings, Settings
from kpi_lib.show.common.language import languages

RECIPIENTS_FILE, OPTED_OUT = "recipients.csv", "opted_out.csv"
COLUMNS = ("partner_id", "email", "name", "language", "attach")
ATTACH = ("html", "pdf", "none")
ALL, EVERY = "all", "*"  # keys of the domains that every partner may use
NO_PARTNER = "no such partner"


@dataclass(frozen=True)
class Recipient:
    """One person of one partner; `number`: its place among those of the partner, from 1."""

    partner_id: str
    number: int
    email: str
    name: str
    language: str
    attach: str


@dataclass(frozen=True)
class Recipients:
    """All recipients by their partner, and whoever gets nothing: why is in the names.

    `opted_out`: addresses that asked for no more. `without`: partners with nobody to write to.
    """

    listed: tuple[Recipient, ...]
    opted_out: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def of(self, partner_id: str) -> tuple[Recipient, ...]:
        """Return the recipients of one partner."""
        return tuple(r for r in self.listed if r.partner_id == partner_id)

    def find(self, partner_id: str, email: str) -> Recipient | None:
        """Return the recipient with that address of that partner, if there still is one."""
        return next((r for r in self.of(partner_id) if same(r.email, email)), None)


@dataclass(frozen=True)
class Partners:
    """The partners of a run: all ids, those that nothing is shared with, those that join later."""

    known: frozenset[str]
    silent: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


def same(one: str, other: str) -> bool:
    """Say whether two addresses reach the same person; upper and lower case do not count."""
    return one.casefold() == other.casefold()


def read_recipients(settings: Settings, partners: Partners) -> Recipients:
    """Return who gets a scorecard; raise MailError with every fault of the two files.

    Who is named for a partner that joins after the period gets none yet.
    """
    file = settings.folder / RECIPIENTS_FILE
    problems: list[Problem] = []
    found: list[tuple[int, Recipient]] = []
    for line, row in _rows(file, COLUMNS):
        where = f"{paths.shown(file)} line {line}"
        faults = list(_faults(row, settings.mail, partners))
        problems += [Problem(where, fault, todo) for fault, todo in faults]
        if not faults:
            found.append((line, _recipient_of(row, [r for _, r in found])))
    problems += _repeated_addresses(found, settings.mail, file)
    opted_out = _opted_out(settings.folder / OPTED_OUT, problems)
    if problems:
        raise MailError(problems)
    meant = [r for _, r in found if r.partner_id not in partners.later]
    left = tuple(r for r in meant if r.email.casefold() not in opted_out)
    gone = tuple(sorted({r.email for r in meant} - {r.email for r in left}))
    shared_with = partners.known - partners.silent
    return Recipients(left, gone, tuple(sorted(shared_with - {r.partner_id for r in left})))


def unknown_partners(settings: Settings, known: Collection[str]) -> list[Fault]:
    """Return a fault for each recipient of a partner that there is not, as `kpi check` tells it.

    What else is wrong with the file is reported before an e-mail is written.
    """
    file = settings.folder / RECIPIENTS_FILE
    if not is_there(file):
        return []
    faults = []
    for line, row in _rows(file, COLUMNS):
        partner_id = row["partner_id"]
        if partner_id not in known:
            near = nearest_of(partner_id, sorted(known))
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            found = f"{NO_PARTNER}: {printable(partner_id)}{hint}"
            place = (paths.shown(file), line - 1, "partner_id", found, partner_id)
            faults.append(Fault(*place, kind=NO_PARTNER, rank=REFERENCE))
    return faults


def _rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row of a CSV file with its line; raise MailError where it is none of ours."""
    where = paths.shown(file)
    if not is_there(file):
        todo = f"Write it beside project.yml, with the columns {', '.join(columns)}."
        raise MailError.at(where, "there is no such file", todo)
    try:
        form = own_form(file, columns)
        with file.open(encoding=form.codec, newline="") as stream:
            above = sum(1 for _ in islice(stream, form.header_line - 1))
            reader = csv.DictReader(stream, delimiter=form.delimiter, strict=True)
            if tuple(reader.fieldnames or ()) != tuple(columns):
                found = f"its columns are {', '.join(reader.fieldnames or ()) or 'none'}"
                raise MailError.at(where, found, f"They must be {', '.join(columns)}.")
            for row in reader:
                line = above + reader.line_num
                if None in row or None in row.values():
                    found = f"it has not {len(columns)} values"
                    raise MailError.at(f"{where} line {line}", found, "Mend the row.")
                yield line, {name: value.strip(" ") for name, value in row.items()}
    except SourceError as error:
        raise MailError(error.problems) from error
    except (UnicodeDecodeError, csv.Error) as error:
        found = f"is no CSV file in UTF-8: {error}"
        raise MailError.at(where, found, f"{SAVE_AS}.") from error


def _faults(
    row: dict[str, str], mail: MailSettings, partners: Partners
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with one row, and what to do about it."""
    partner_id, language, attach = (row[name] for name in ("partner_id", "language", "attach"))
    if partner_id not in partners.known | partners.later:
        near = nearest_of(partner_id, sorted(partners.known | partners.later))
        todo = f"Did you mean {' or '.join(near)}? " if near else ""
        yield (
            f"the run has no partner {partner_id!r}",
            f"{todo}Ids are those of the table partners.",
        )
    if partner_id in partners.silent:
        yield f"nothing is shared with {partner_id} (sharing: none)", "Take the line out."
    try:
        yield from _domain_faults(partner_id, address_of(row["email"]), mail, partners)
    except ValueError as error:
        yield f"{row['email']!r} is no address: {error}", "Write it as name@domain."
    fault = fault_of_name(row["name"])
    if fault:
        yield f"the name cannot stand in an e-mail: {fault}", "Write it anew."
    if language not in languages():
        yield f"language is {language!r}", f"There are: {', '.join(languages())}."
    if attach not in ATTACH:
        yield f"attach is {attach!r}", f"Write one of {', '.join(ATTACH)}."


def _domain_faults(
    partner_id: str, email: str, mail: MailSettings, partners: Partners
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an address; a partner may be called `all`, which then is no key."""
    keys = (
        (EVERY, partner_id) if ALL in partners.known | partners.later else (EVERY, ALL, partner_id)
    )
    allowed = {domain.lower() for key in keys for domain in mail.domains.get(key, ())}
    domain = domain_of(email)
    ascii_allowed = allowed | {domain_of(address_of(f"x@{d}")) for d in allowed if "." in d}
    if domain not in ascii_allowed and not f".{domain}".endswith(RESERVED):
        todo = f"Add it to mail.domains of project.yml, under {partner_id} or {keys[-2]!r}."
        yield f"{domain} is no domain that {partner_id} is written to at", todo


def _recipient_of(row: dict[str, str], before: list[Recipient]) -> Recipient:
    """Return a row of recipients.csv, numbered within its partner."""
    number = 1 + sum(r.partner_id == row["partner_id"] for r in before)
    values = row | {"email": address_of(row["email"])}
    return Recipient(**values, number=number)


def _repeated_addresses(
    found: list[tuple[int, Recipient]], mail: MailSettings, file: Path
) -> Iterator[Problem]:
    """Yield a problem for each address that stands twice, but where the settings say so."""
    shared = {address.casefold() for address in mail.shared}
    first: dict[str, tuple[int, Recipient]] = {}
    for line, recipient in found:
        email = recipient.email.casefold()
        before, other = first.setdefault(email, (line, recipient))
        if before == line:
            continue
        where = f"{paths.shown(file)} line {line}"
        if other.partner_id == recipient.partner_id:
            yield Problem(where, f"{recipient.email} stands twice, first on line {before}")
        elif email not in shared:
            repeated = (
                f"{recipient.email} is a recipient of {other.partner_id} too, on line {before}"
            )
            yield Problem(
                where, repeated, "If that is meant, add it to mail.shared of project.yml."
            )


def _opted_out(file: Path, problems: list[Problem]) -> Collection[str]:
    """Return the addresses that asked for no more e-mails; without the file nobody did."""
    if not is_there(file):
        return frozenset()
    addresses = set()
    for line, row in _rows(file, ("email",)):
        try:
            addresses.add(address_of(row["email"]).casefold())
        except ValueError as error:
            where = f"{paths.shown(file)} line {line}"
            problems.append(Problem(where, f"{row['email']!r} is no address: {error}"))
    return addresses
