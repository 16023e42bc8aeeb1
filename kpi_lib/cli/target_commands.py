"""The commands on targets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError

targets = typer.Typer(
    help="What is agreed for each KPI.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(targets, name="targets")


@targets.command()
def suggest(
    growth: Annotated[
        float, typer.Option("--growth", help="How much better than a year ago: 0.05 is 5 %.")
    ] = 0.05,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The CSV file to write; default: targets.csv by the settings."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option("--period", help="For which period; default: the one after the last whole."),
    ] = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Suggest targets from last year's figures, to be edited; no file is written over.

    Example: kpi targets suggest --growth 0.05 --period 2026-Q4
    """
    from kpi_lib.atomic import write_whole
    from kpi_lib.measure.suggested_targets import suggest_targets
    from kpi_lib.paths import shown
    from kpi_lib.regular import is_there
    from kpi_lib.run import RunRequest, open_run

    options.require_project("targets suggest", out, params, data)
    if not 0 <= growth <= 1:
        todo = "Write a share of last year's figure, such as 0.05."
        raise CallError.at("--growth", f"{growth:g} is not between 0 and 1", todo)
    settings = options.settings(params, data)
    place = out or settings.folder / "targets.csv"
    if is_there(place) and len(place.read_bytes().splitlines()) > 1:  # else it is a header alone
        todo = "Name another file with --out, and copy from it what you want to keep."
        raise CallError.at(shown(place), "it is there already, and may hold what was agreed", todo)
    if not place.parent.is_dir():
        raise CallError.at("--out", f"there is no folder {place.parent}", "Make it first.")
    with open_run(settings, RunRequest(period)) as run:
        wanted = run.period if period else run.period.next()
        suggested = suggest_targets(run.results_in(wanted), settings, growth)
    if suggested.is_empty():
        found = f"no KPI of a profile has a figure a year before {wanted} and no target"
        raise CallError.at("targets", found, "Name another period with --period.")
    write_whole(place, suggested.write_csv())
    partners = suggested["entity"].n_unique()
    typer.echo(f"{shown(place)}: {len(suggested):,} targets of {partners} partners for {wanted}")
    for kpi, count in suggested.group_by("kpi", maintain_order=True).len().sort("kpi").iter_rows():
        typer.echo(f"  {kpi}: {count}")
    typer.echo("Edit it: what is in it counts as agreed from the next run on.")
