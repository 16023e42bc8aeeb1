"""The application that the commands of the other modules belong to."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Partner scorecards: KPIs of every partner and period, and the pages that show them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
