"""The command that lets a text stand which the search for leaks found."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import typer

from kpi_lib.cli import options
from kpi_lib.cli.app import app


@app.command()
def allow(
    partner: Annotated[str, typer.Argument(help="Whose page it stands on; * for everybody's.")],
    text: Annotated[str, typer.Argument(help="The text, as the message has it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it may stand there.")],
    period: Annotated[str, typer.Option("--period", help="Of which period, such as 2026-Q3.")],
    params: options.Params = None,
) -> None:
    """Let a name or figure of another partner stand in what a partner gets of a period.

    Example: kpi allow P1 "Cedar Trading" --period 2026-Q3 --reason "Both agreed to be named"
    """
    from kpi_lib.leaks.allowed import EVERY, Allowed, allow
    from kpi_lib.paths import shown
    from kpi_lib.periods import Period

    options.require_project("allow", None, params, None)
    settings = options.settings(params, None)
    of = str(Period.parse(period, settings.year_end))
    at = datetime.now(UTC).isoformat(timespec="seconds")
    file = allow(settings.folder, Allowed(partner, of, text, reason, getpass.getuser(), at))
    whose = "every partner" if partner == EVERY else partner
    typer.echo(f"{shown(file)}: {text!r} may stand in what {whose} gets of {of}")
    typer.echo("It counts from the next kpi run, kpi outbox and kpi send on.")
