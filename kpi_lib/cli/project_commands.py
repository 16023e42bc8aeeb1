"""Commands on a company's own project: new, upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpi_lib.cli.app import app
from kpi_lib.errors import CallError
from kpi_lib.paths import shown

if TYPE_CHECKING:
    from kpi_lib.starter import Upgraded


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="The folder to make, new or empty.")],
    exports: Annotated[
        list[Path] | None,
        typer.Option("--from", help="Files to copy into data/ and to read; repeat it, or list."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(hidden=True)] = None,
) -> None:
    """Lay out a company's own project, apart from the library and with all that it needs.

    Example: kpi new acme --from exports/partners.csv exports/orders.csv
    """
    from kpi_lib.starter import lay_out

    if more and not exports:
        raise CallError.at(str(more[0]), "there is no such argument", "Files follow --from.")
    files = [*(exports or []), *(more or [])]
    lay_out(folder, files)
    typer.echo(f"{shown(folder.resolve())}: notebooks, params, tests and all that they need")
    first = "make check-data" if files else "make demo"
    typer.echo(f"Next: cd {folder} && {first}")


@app.command()
def upgrade() -> None:
    """Bring the project to the release of the library that runs; what you changed stays.

    Example: kpi upgrade
    """
    from kpi_lib import paths
    from kpi_lib.starter import upgrade as upgrade_project

    paths.require_project("kpi upgrade")
    _print_upgrade(upgrade_project(paths.project()))


def _print_upgrade(upgraded: Upgraded) -> None:
    """Print which files of a project an upgrade replaced, added, removed or left alone."""
    typer.echo(f"from {upgraded.before} to {upgraded.now}")
    changes = {
        "replaced": upgraded.replaced,
        "new": upgraded.added,
        "no longer there": upgraded.removed,
    }
    for what, files in changes.items():
        for file in files:
            typer.echo(f"{what}: {file}")
    for file in upgraded.edited:
        typer.echo(f"left as you changed it: {file}")
    if upgraded.edited:
        typer.echo("What is new in those: kpi new in another folder, and compare.")
