"""Commands on the e-mails: outbox, approve, send, status, settle; of the ledger: ledger.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError

if TYPE_CHECKING:
    from kpi_lib.mail.events import Event
    from kpi_lib.mail.ledger import Entry
    from kpi_lib.mail.operator import Operator
    from kpi_lib.mail.outbox import Held, Mailing
    from kpi_lib.mail.workflow import Sending
    from kpi_lib.settings import Settings

Out = Annotated[
    Path | None,
    typer.Option("--out", help="The reports, where they are not in reports/."),
]
Partners = Annotated[
    list[str] | None, typer.Option("--partners", help="Only these; repeat it, or list ids.")
]
More = Annotated[list[str] | None, typer.Argument(hidden=True)]
As = Annotated[
    str, typer.Option("--as", help="Who you are, where several people share an account.")
]


@app.command()
def outbox(
    period: options.PeriodOption = None,
    out: Out = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Write the e-mails of a period to files, to look through them. Nothing is sent.

    Example: kpi outbox --period 2011-Q3
    """
    from kpi_lib.mail.outbox import write_outbox

    options.require_project("outbox", out, params, data)
    mailing = _mailing(period, out, params, data)
    with options.progress() as bar:
        task = bar.add_task("e-mails", total=len(mailing.recipients.listed))
        outcome = write_outbox(mailing, lambda: bar.advance(task))
    console = _console()
    console.print(
        f"{outcome.period}: {_count(len(outcome.written))} written, {len(outcome.held)} held back"
    )
    if outcome.without:
        console.print(f"Partners without a recipient: {', '.join(outcome.without)}")
    if outcome.opted_out:
        console.print(f"Asked for no more e-mails: {', '.join(outcome.opted_out)}")
    _print_held(outcome.held)
    console.print(f"Open {mailing.reports.folder / 'outbox' / 'index.html'}; nothing was sent.")
    if outcome.held:
        raise typer.Exit(options.SOME_FAILED)


@app.command()
def approve(
    period: options.PeriodOption = None,
    partners: Partners = None,
    more: More = None,
    name: As = "",
    out: Out = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Approve e-mails of the outbox, as they lie there now: all, or those of named partners.

    The ledger keeps who approved them, when, and on which machine.

    Example: kpi approve --period 2011-Q3 --partners Germany France
    """
    from kpi_lib.mail.workflow import approve as approve_messages

    options.require_project("approve", out, params, data)
    settings = options.settings(params, data)
    folder = _folder(settings, period, out)
    console = _console()
    approval = approve_messages(folder, options.named(partners, more), operator_of(settings, name))
    console.print(f"{folder.name}: {_count(len(approval.entries))} approved")
    for entry in approval.sent_before:
        console.print(f"{entry.partner_id}, {entry.email}: {entry.state} already, left as it is")


@app.command()
def send(
    period: options.PeriodOption = None,
    revision: Annotated[
        bool, typer.Option("--revision", help="Send a second one where one was sent before.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why there is a second one.")] = "",
    out: Out = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Send the e-mails that are approved, each once.

    Example: kpi send --period 2011-Q3
    """
    from kpi_lib.mail.workflow import Revision, server_of
    from kpi_lib.mail.workflow import send as send_messages

    options.require_project("send", out, params, data)
    if revision != bool(reason.strip()):
        found = "--revision and --reason TEXT belong together"
        raise CallError.at("kpi send", found, "Say why there is a second e-mail.")
    server_of(options.settings(params, data))
    mailing = _mailing(period, out, params, data)
    with options.progress() as bar:
        sending = send_messages(
            mailing,
            Revision(reason.strip()),
            begin=_progress_on(bar),
            waits=lambda: _print_waiting(bar),
        )
    _print_sending(sending, mailing.reports.folder.name)
    if not sending.entries and not sending.sent_before and not sending.recovered:
        todo = "Look through it and approve what may go out: kpi approve"
        raise CallError.at(f"outbox of {mailing.reports.folder.name}", "nothing is approved", todo)
    if not sending.is_complete:
        raise typer.Exit(options.SOME_FAILED)


@app.command()
def settle(
    message: Annotated[str, typer.Argument(help="Its name, as `kpi status` shows it.")],
    became: Annotated[str, typer.Argument(help="sent or not-sent.")],
    name: As = "",
    out: Out = None,
    params: options.Params = None,
) -> None:
    """Say what became of an e-mail of which it is not known whether it arrived.

    Example: kpi settle 0a1b2c3d4e5f sent
    """
    from kpi_lib import paths
    from kpi_lib.mail.workflow import settle as settle_message

    options.require_project("settle", out, params)
    if became not in ("sent", "not-sent"):
        raise CallError.at(f"kpi settle {message}", f"{became!r} is no end", "sent or not-sent")
    reports = (out or paths.reports()).resolve()
    at = operator_of(options.settings(params, None), name)
    entry = settle_message(reports, message, was_sent=became == "sent", operator=at)
    _console().print(f"{entry.partner_id}, {entry.email}: {entry.state}")


@app.command()
def status(
    period: options.PeriodOption = None,
    why: Annotated[
        str | None, typer.Option("--why", help="A partner: all that is known of its reports.")
    ] = None,
    out: Out = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Show the state of each report of a period, and of its e-mails; of one partner also why.

    Example: kpi status --period 2011-Q3 --why Germany
    """
    from kpi_lib.mail.outbox import Outbox
    from kpi_lib.measure.published import read_record

    options.require_project("status", out, params, data)
    settings = options.settings(params, data)
    folder = _folder(settings, period, out)
    record = read_record(folder)
    if not record:
        todo = f"Make them: kpi run --period {folder.name}"
        raise CallError.at(f"period {folder.name}", "there are no reports of it", todo)
    reports = [report for report in record["reports"] if why in (None, report["partner_id"])]
    if not reports:
        todo = f"Those of the run: kpi status --period {folder.name}"
        raise CallError.at(str(why), f"there is no such partner in {folder.name}", todo)
    console = _console()
    _print_reports(console, reports)
    held = Outbox.read(folder).held if Outbox.lies_in(folder) else ()
    _print_held(one for one in held if why in (None, one.partner_id))
    _print_mail(settings, folder, why)


def _print_mail(settings: Settings, folder: Path, partner_id: str | None) -> None:
    """Show what became of the e-mails of a period, of one partner all of it."""
    from kpi_lib.mail.custody import faults
    from kpi_lib.mail.events import SETTLE, ledger_file
    from kpi_lib.mail.ledger import Ledger

    console, at = _console(), operator_of(settings)
    found = faults(folder.parent, at)
    for fault in found:
        console.print(f"The ledger: {fault.found}. {SETTLE}", markup=False)
    if any(fault.unreadable for fault in found) or not ledger_file(folder.parent).exists():
        if partner_id is not None:
            _print_history(console, settings, folder, partner_id, [])
        return
    with Ledger.look(folder.parent, at) as ledger:
        entries = [e for e in ledger.latest(folder.name) if partner_id in (None, e.partner_id)]
        _print_entries(console, entries)
        _print_bounces(console, ledger.bounces(folder.name), partner_id)
        if partner_id is not None:
            histories = [(entry, ledger.history(entry)) for entry in entries]
            _print_history(console, settings, folder, partner_id, histories)
    _print_unknown(console, entries)


def _print_bounces(
    console: Console, bounces: Iterable[tuple[Entry, Event]], partner_id: str | None
) -> None:
    """Print one line per e-mail that came back or is late; of one partner where one is named."""
    from rich.table import Table

    table = Table("came back", "what", "since", "what was said", box=None)
    for entry, event in bounces:
        if partner_id in (None, entry.partner_id):
            to = f"{entry.partner_id}, {entry.email}"
            table.add_row(*_escaped(to, event.state, event.at[:16], event.note))
    if table.row_count:
        console.print(table)


def _print_reports(console: Console, reports: Iterable[dict[str, Any]]) -> None:
    """Print one line per report: its state, and why."""
    from rich.table import Table

    table = Table("report", "state", "why", box=None)
    for report in reports:
        why = report["stale"] or "; ".join(problem["found"] for problem in report["problems"])
        table.add_row(*_escaped(report["page"], report["state"], why))
    console.print(table)


def _print_entries(console: Console, entries: Iterable[Entry]) -> None:
    """Print one line per message of the ledger: its state, since when, and why."""
    from rich.table import Table

    table = Table("e-mail", "to", "state", "since", "what was said", box=None)
    for e in entries:
        cells = (e.name, f"{e.partner_id}, {e.email}", e.state, e.changed_at[:16], e.note)
        table.add_row(*_escaped(*cells))
    if table.row_count:
        console.print(table)


def _print_history(
    console: Console,
    settings: Settings,
    folder: Path,
    partner_id: str,
    histories: Iterable[tuple[Entry, list[Event]]],
) -> None:
    """Print why a partner's report would be made again, and what its e-mails went through."""
    from kpi_lib.mail.finished_reports import Reports

    with options.workspace() as workspace:
        reports = Reports.open(folder, settings, workspace)
    whys = reports.whys(partner_id) or ["its report is as the run wrote it, from these data"]
    for line in whys:
        console.print(f"{partner_id}: {line}", markup=False)
    for entry, history in histories:
        for event in history:
            by = f"  by {event.who} on {event.host}" if event.who else ""
            change = f"{entry.name}  {event.at[:16]}  {event.state}{by}"
            console.print(f"{change}{': ' if event.note else ''}{event.note}", markup=False)


def _mailing(
    period: str | None, out: Path | None, params: Path | None, data: str | None
) -> Mailing:
    """Return what writing and sending need, all of it checked."""
    from kpi_lib.mail.outbox import Mailing

    settings = options.settings(params, data)
    folder = _folder(settings, period, out)
    with options.workspace() as workspace:
        return Mailing.open(settings, folder, workspace, operator_of(settings))


def operator_of(settings: Settings, name: str = "") -> Operator:
    """Return where the person at this command works on the ledger."""
    from kpi_lib.mail.operator import Operator

    return Operator.of(settings, name, lambda text: _console().print(text, markup=False))


def _folder(settings: Settings, period: str | None, out: Path | None) -> Path:
    """Return the folder of the period; the last whole quarter of the data where none is named."""
    from kpi_lib import paths
    from kpi_lib.periods import Period

    reports = (out or paths.reports()).resolve()
    if period is not None:
        return reports / str(Period.parse(period, settings.year_end))
    from kpi_lib.run import RunRequest, open_run

    with open_run(settings, RunRequest(allow_faults=True)) as run:
        return reports / str(run.period)


def _progress_on(bar: Any) -> Callable[[int], Callable[[Entry], None]]:
    """Return what starts a progress bar for a number of e-mails, and so what moves it on by one."""

    def begin(count: int) -> Callable[[Entry], None]:
        task = bar.add_task("e-mails", total=count)

        def step(entry: Entry) -> None:
            if entry.state != "sent":
                bar.console.print(f"{entry.partner_id}: {entry.state}", markup=False)
            bar.advance(task)

        return step

    return begin


def _print_waiting(bar: Any) -> None:
    bar.console.print("Another sender is at work; waiting until it is done.")


def _print_sending(sending: Sending, period: str) -> None:
    """Print what came of sending: how many, and a table of all that is not sent."""
    from rich.table import Table

    console = _console()
    states = [entry.state for entry in sending.entries]
    counts = {state: states.count(state) for state in ("sent", "refused", "unknown")}
    counts["put off"] = states.count("approved")
    counts["held back"] = len(sending.held)
    counts["sent before"] = sending.sent_before
    console.print(f"{period}: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    for entry in sending.recovered:
        console.print(f"{entry.partner_id}, {entry.email}: {entry.state}, {entry.note}")
    failed = [entry for entry in sending.entries if entry.state != "sent"]
    if failed:
        table = Table("to", "state", "why", box=None)
        for e in failed:
            state = "put off" if e.state == "approved" else e.state
            table.add_row(*_escaped(f"{e.partner_id}, {e.email}", state, e.note))
        console.print(table)
    _print_held(sending.held)
    _print_unknown(console, [*sending.entries, *sending.recovered])


def _print_held(held: Iterable[Held]) -> None:
    """Print whose e-mails are held back, and why; nothing where none is."""
    from rich.table import Table

    rows = list(held)
    if rows:
        table = Table("held back", "why", box=None)
        for row in rows:
            table.add_row(*_escaped(f"{row.partner_id}, {row.email}", row.why))
        _console().print(table)


def _print_unknown(console: Console, entries: Iterable[Entry]) -> None:
    """Print what to do about each message of which nobody knows whether it arrived."""
    for entry in entries:
        if entry.state == "unknown":
            console.print(
                f"It is not known whether {entry.email} got its e-mail: ask, then "
                f"kpi settle {entry.name} sent (or not-sent)"
            )


def _escaped(*cells: str) -> list[str]:
    """Return the texts with what rich would take for markup escaped."""
    from rich.markup import escape

    return [escape(cell) for cell in cells]


def _count(messages: int) -> str:
    return f"{messages} e-mail" if messages == 1 else f"{messages} e-mails"


def _console() -> Console:
    return Console(highlight=False, soft_wrap=True)
