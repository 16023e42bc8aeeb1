"""The application that the commands of the other modules belong to."""

from __future__ import annotations

from typing import Annotated

import typer

from kpi_lib.release import version

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    """Print the version and end the command, where it is asked for."""
    if wanted:
        typer.echo(f"kpi {version()}")
        raise typer.Exit


@app.callback()
def kpi(
    wanted: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the release."),
    ] = False,
) -> None:
    """Partner scorecards: KPIs of every partner and period, and the pages that show them."""
