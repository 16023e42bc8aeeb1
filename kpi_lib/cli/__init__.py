"""The command `kpi`: the one door for make, operators and analysts.

Each command imports the rooms that it needs: `kpi list` and `--help` answer at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

from rich.console import Console

from kpi_lib.cli import data, explain, figures, ledger, mail, options, project, reports, targets
from kpi_lib.cli.app import app
from kpi_lib.errors import ScorecardError

__all__ = ["app", "main", "script"]
COMMANDS = (
    project,
    data,
    figures,
    explain,
    targets,
    reports,
    mail,
    ledger,
)  # in the order of `kpi --help`


def main() -> None:
    """Run the command; errors that people can mend are shown without a traceback."""
    try:
        app()
    except ScorecardError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(str(error))
        sys.exit(options.NOTHING_DONE)


def script() -> NoReturn:
    """Run the command as a process of its own, which ends when the command does.

    Libraries read files in threads that may still be putting things away by then. One that asks for
    Python while Python is taken down ends the process with an abort, whatever the command's status
    was. So nothing is taken down: what was printed is written out, and the process is gone.
    """
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
