"""Commands on what is known of the e-mails: ledger, mail audit, bounces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from kpi_lib import paths
from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.cli.mail_commands import As, Out, operator_of
from kpi_lib.errors import CallError

if TYPE_CHECKING:
    from kpi_lib.mail.operator import Operator

ledger = typer.Typer(
    no_args_is_help=True, help="The ledger of what was sent: check, settle, restore."
)
mail = typer.Typer(no_args_is_help=True, help="What was sent: audit.")
app.add_typer(ledger, name="ledger")
app.add_typer(mail, name="mail")

CSV, JSON = ".csv", ".json"
Reason = Annotated[str, typer.Option("--reason", help="Why; the ledger keeps it.")]


@ledger.command()
def check(out: Out = None, params: options.Params = None) -> None:
    """Say whether the ledger is whole, in its place, and not older than it was.

    Example: kpi ledger check
    """
    from kpi_lib.mail.custody import require_trusted
    from kpi_lib.mail.events import ledger_file
    from kpi_lib.mail.ledger import Ledger

    reports, at = _at("ledger check", out, params)
    require_trusted(reports, at)
    if not ledger_file(reports).exists():
        typer.echo("There is no ledger yet: nothing was ever written to an outbox.")
        return
    with Ledger.look(reports, at) as whole_ledger:
        typer.echo(f"The ledger is whole: {whole_ledger.mark.entries} entries.")


@ledger.command(name="settle")
def settle_ledger(
    became: Annotated[
        str | None,
        typer.Argument(help="Of the e-mails that may have gone out: sent, not-sent or ask."),
    ] = None,
    reason: Reason = "",
    name: As = "",
    out: Out = None,
    params: options.Params = None,
) -> None:
    """Take the ledger that lies there for the right one, or begin another one where it is lost.

    Where it may not know all that went out, say what became of the e-mails in the outboxes: sent
    (nobody gets another one), not-sent (they are approved and sent anew), or ask (each one is
    settled with kpi settle). The ledger keeps who decided that, and why.

    Example: kpi ledger settle sent --reason "the disk was restored from Monday"
    """
    from kpi_lib.mail.settlement import Became
    from kpi_lib.mail.settlement import settle_ledger as settle

    reports, at = _at("ledger settle", out, params, name)
    _require_reason("kpi ledger settle", reason)
    if became is not None and became not in get_args(Became):
        found = f"{became!r} is no end"
        raise CallError.at("kpi ledger settle", found, "sent, not-sent or ask")
    settled = settle(reports, cast("Became | None", became), " ".join(reason.split()), at)
    for fault in settled.faults:
        typer.echo(f"Settled: {fault}")
    if settled.messages:
        typer.echo(f"E-mails that are {became} now: {settled.messages}")


@ledger.command()
def restore(
    reason: Reason = "", name: As = "", out: Out = None, params: options.Params = None
) -> None:
    """Write the ledger anew from its copy, the second place that the settings name.

    Example: kpi ledger restore --reason "the disk is gone"
    """
    from kpi_lib.mail.settlement import restore_ledger

    reports, at = _at("ledger restore", out, params, name)
    _require_reason("kpi ledger restore", reason)
    count = restore_ledger(reports, " ".join(reason.split()), at)
    typer.echo(f"The ledger has its {count} entries again.")


@mail.command()
def audit(
    period: options.PeriodOption = None,
    place: Annotated[
        Path | None, typer.Option("--out", help="A .csv or .json file; default: shown as CSV.")
    ] = None,
    reports: Annotated[
        Path | None, typer.Option("--reports", help="The reports, where not in reports/.")
    ] = None,
    params: options.Params = None,
) -> None:
    """Write who was sent what: when, approved by whom, with its hash and Message-ID.

    Example: kpi mail audit --period 2011-Q3 --out audit.csv
    """
    from kpi_lib.mail.audit import accounts, as_csv, as_json
    from kpi_lib.mail.ledger import Ledger
    from kpi_lib.periods import Period

    if place is not None and (place.suffix not in (CSV, JSON) or not place.parent.is_dir()):
        todo = f"Name a file in a folder, with the ending {CSV} or {JSON}."
        raise CallError.at(f"--out {place}", "cannot be written", todo)
    folder, at = _at("mail audit", reports, params)
    year_end = options.settings(params, None).year_end
    named = str(Period.parse(period, year_end)) if period else None
    with Ledger.open(folder, at) as ledger:
        found = accounts(ledger, named)
    text = as_json(found) if place is not None and place.suffix == JSON else as_csv(found)
    if place is None:
        typer.echo(text, nl=False)
    else:
        place.write_text(text, encoding="utf-8")
        typer.echo(f"{place}: {len(found)} e-mails")


@app.command()
def bounces(
    place: Annotated[
        Path, typer.Argument(help="A Maildir, an mbox file, or a folder of .eml files.")
    ],
    name: As = "",
    out: Out = None,
    params: options.Params = None,
) -> None:
    """Read what came back, and enter it at the e-mails that did not arrive.

    Example: kpi bounces ~/Maildir
    """
    from kpi_lib.mail.bounces import add_bounces

    reports, at = _at("bounces", out, params, name)
    found = add_bounces(reports, place, at)
    for entry, kind, said in found.added:
        typer.echo(f"{entry.period} {entry.partner_id}, {entry.email}: {kind}, {said}")
    for where, why in found.unread:
        typer.echo(f"{where}: not read, {why}")
    counts = f"{len(found.added)} entered, {found.known} known before, {found.others} of others"
    typer.echo(f"{counts}, {len(found.unread)} not read")
    if found.unread:
        raise typer.Exit(options.SOME_FAILED)


def _at(
    command: str, out: Path | None, params: Path | None, name: str = ""
) -> tuple[Path, Operator]:
    """Return the folder of reports that a command is about, and where its person works."""
    options.require_project(command, out, params)
    reports = (out or paths.reports()).resolve()
    return reports, operator_of(options.settings(params, None), name)


def _require_reason(command: str, reason: str) -> None:
    if not reason.strip():
        raise CallError.at(command, "it needs a reason", "Say why: --reason TEXT")
