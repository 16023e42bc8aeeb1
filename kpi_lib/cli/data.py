"""Commands on the data: check."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from kpi_lib.cli import options
from kpi_lib.cli.app import app


@app.command()
def check(
    params: options.Params = None,
    data: options.Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="All faults, as a list.")] = False,
) -> None:
    """Hold the data against the contract: every fault, worst first, 20 of a kind shown.

    Example: kpi check --data exports/
    """
    from kpi_lib.data.dataset import check_dataset
    from kpi_lib.data.faults import format_faults
    from kpi_lib.kpis.catalogue import better_of

    settings = options.settings(params, data)
    with options.workspace() as workspace:
        faults = check_dataset(settings, workspace=workspace, better=better_of(settings))
    if as_json:
        typer.echo(json.dumps([fault.as_dict() for fault in faults], ensure_ascii=False, indent=1))
    else:
        typer.echo(format_faults(faults))
    if any(fault.severity == "fault" for fault in faults):
        raise typer.Exit(options.NOTHING_DONE)
