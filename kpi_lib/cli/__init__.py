"""The command `kpi`: the one door for make, operators and analysts.

Each command imports the rooms that it needs: `kpi list` and `--help` answer at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from types import TracebackType
from typing import NoReturn

from rich.console import Console

from kpi_lib.address import without_secrets
from kpi_lib.cli import allow_command as allow
from kpi_lib.cli import data_commands as data
from kpi_lib.cli import explain_command as explain
from kpi_lib.cli import kpi_commands as figures
from kpi_lib.cli import ledger_commands as ledger
from kpi_lib.cli import mail_commands as mail
from kpi_lib.cli import options
from kpi_lib.cli import project_commands as project
from kpi_lib.cli import report_commands as reports
from kpi_lib.cli import target_commands as targets
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError, ScorecardError

__all__ = ["app", "main", "script"]
COMMANDS = (
    project,
    data,
    figures,
    explain,
    targets,
    reports,
    allow,
    mail,
    ledger,
)  # in the order of `kpi --help`


def main() -> None:
    """Run the command; errors that people can mend are shown without a traceback."""
    try:
        app()
    except ScorecardError as error:
        _refuse(error)
    except ModuleNotFoundError as error:
        part = (error.name or "").partition(".")[0]
        if part in ("", "kpi_lib"):
            raise
        todo = "pip install 'partner-scorecards[notebook]' makes reports, [mail] sends them."
        _refuse(CallError.at("this environment", f"{part} is not installed", todo))


def _refuse(error: ScorecardError) -> NoReturn:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(str(error))
    sys.exit(options.NOTHING_DONE)


def _print_without_secrets(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print what nobody foresaw with its traceback, in which a driver may have put a whole URL."""
    sys.stderr.write(without_secrets("".join(traceback.format_exception(kind, error, trace))))


def script() -> NoReturn:
    """Run the command as a process of its own, which ends when the command does.

    Libraries read files in threads that may still be putting things away by then. One that asks for
    Python while Python is taken down ends the process with an abort, whatever the command's status
    was. So nothing is taken down: what was printed is written out, and the process is gone.
    """
    sys.excepthook = _print_without_secrets
    try:
        main()
        status = options.DONE
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):  # whoever reads has read enough
            stream.flush()
    os._exit(status)
