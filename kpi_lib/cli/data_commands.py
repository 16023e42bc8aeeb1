"""Commands on the data: check, example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.paths import shown

example = typer.Typer(
    help="Data to try things out with, made to order.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(example, name="example")


@app.command()
def check(
    params: options.Params = None,
    data: options.Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="All faults, as a list.")] = False,
) -> None:
    """Hold the data against the contract: every fault, worst first, 20 of a kind shown.

    Example: kpi check --data exports/
    """
    from kpi_lib.data.dataset import look_over
    from kpi_lib.data.faults import format_faults
    from kpi_lib.kpis.kpi_ends import facts_of
    from kpi_lib.kpis.profiles import profiles_of_nobody
    from kpi_lib.mail.recipients import unknown_partners

    settings = options.settings(params, data)
    with options.workspace() as workspace:
        found = look_over(settings, workspace, facts_of(settings))
        faults = found.faults()
        if data is None:  # recipients and profiles are those of the settings' own data
            faults += unknown_partners(settings, found.partners)
            faults += profiles_of_nobody(settings, found.partners)
    if as_json:
        typer.echo(json.dumps([fault.as_dict() for fault in faults], ensure_ascii=False, indent=1))
    else:
        typer.echo(format_faults(faults))
    if any(fault.severity == "fault" for fault in faults):
        raise typer.Exit(options.NOTHING_DONE)


@example.command()
def synthetic(
    out: Annotated[Path, typer.Option("--out", help="The folder to write, new or empty.")],
    partners: Annotated[int, typer.Option("--partners", help="How many partners.")] = 24,
    orders: Annotated[int, typer.Option("--orders", help="How many orders, of 3 years.")] = 20_000,
    seed: Annotated[
        int, typer.Option("--seed", help="The same numbers give the same company, to the byte.")
    ] = 20260930,
) -> None:
    """Write an invented company that has every table of the contract, and stories to find.

    Example: kpi example synthetic --partners 24 --orders 20000 --out data/showcase
    """
    from kpi_lib.examples.synthetic import write_company

    folder = write_company(out, partners=partners, orders=orders, seed=seed)
    typer.echo(f"{shown(folder)}: {partners:,} partners, {orders:,} orders, seed {seed}")
