"""What the commands share: their options, and how settings and data are opened."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpi_lib import paths
from kpi_lib.address import Address
from kpi_lib.errors import CallError
from kpi_lib.secret import OF_DATA, others_may_read
from kpi_lib.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from kpi_lib.data.dataset import Dataset

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2

Params = Annotated[
    Path | None,
    typer.Option("--params", help="The settings; default params/project.yml.", metavar="FILE"),
]
Data = Annotated[
    str | None,
    typer.Option("--data", help="A folder, a database file or a URL, instead of the settings'."),
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        help="2026, 2026-H1, 2026-Q3, 2026-09 or 2026-W37; default: the last whole quarter.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="A day of the period: only what happened up to it counts."),
]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Each partner edition as a PDF too: a CPU second each.")
]
AllowFaults = Annotated[
    bool,
    typer.Option("--allow-faults", help="Leave rows with faults out; every page says so."),
]


def require_project(command: str, *named: object) -> None:
    """Raise CallError where a command on reports is called outside any project.

    `named`: the options that say what it is about; one of them is enough.
    """
    if not any(named):
        paths.require_project(f"kpi {command}")


def settings(params: Path | None, data: str | None) -> Settings:
    """Return the settings of a command, once all KPIs and tables that they name are known."""
    from kpi_lib.kpis.profiles import check_names

    settings = load_settings(params, data=data)
    check_names(settings)
    _warn_of_secrets(settings.file if settings.file_holds_secret else None, data)
    return settings


def _warn_of_secrets(file: Path | None, data: str | None) -> None:
    """Say where a password stands that others on this machine may read: in a file, or the call."""
    warnings = []
    if data is not None and Address(data).holds_secret:
        warnings.append(
            "--data: meanwhile its password stands in the list of this machine's processes"
        )
    if file is not None and others_may_read(file):
        warnings.append(f"{paths.shown(file)}: others may read the password in it; chmod 600")
    for line in warnings:
        todo = f"Or take it out of the URL, and set {OF_DATA} or {OF_DATA}_FILE."
        typer.echo(f"warning: {line}\n    {todo}", err=True)


def day(text: str | None) -> date | None:
    """Return the day that `--as-of` names."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        raise CallError.at("--as-of", f"{text!r} is not a day", "Write it as 2026-09-15.") from None


def say_what_was_found(dataset: Dataset) -> None:
    """Say of each table how many rows with faults were left out, and what is odd in it."""
    from kpi_lib.data.faults import counted
    from kpi_lib.data.tally import tally

    for table, count in dataset.left_out.items():
        typer.echo(f"{table}: {counted(count, 'row')} with faults left out")
    for line in tally(dataset.check, "warning"):
        typer.echo(line)


@contextmanager
def workspace() -> Iterator[Path]:
    """Lend a folder for staged tables, gone when the command ends."""
    with tempfile.TemporaryDirectory(prefix="kpi-") as folder:
        yield Path(folder)


def named(partners: list[str] | None, more: list[str] | None) -> tuple[str, ...]:
    """Return the partners of `--partners A B`: the option takes one word, the rest follow it."""
    if more and not partners:
        raise CallError.at(more[0], "there is no such argument", "Partners follow --partners.")
    return tuple(dict.fromkeys([*(partners or []), *(more or [])]))


def progress() -> Progress:
    """Return a bar with what is done and the time that is left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))
