"""The command `kpi`: the one door for make, operators and analysts.

Each command imports the rooms that it needs: `kpi list` and `--help` answer at once.
"""

from __future__ import annotations

import sys

from rich.console import Console

from kpi_lib.cli import data, explain, figures, mail, options, project, reports, targets
from kpi_lib.cli.app import app
from kpi_lib.errors import ScorecardError

__all__ = ["app", "main"]
COMMANDS = (project, data, figures, explain, targets, reports, mail)  # in the order of `kpi --help`


def main() -> None:
    """Run the command; errors that people can mend are shown without a traceback."""
    try:
        app()
    except ScorecardError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(str(error))
        sys.exit(options.NOTHING_DONE)
