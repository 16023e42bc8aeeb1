"""Commands on the figures: compute, list."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError

if TYPE_CHECKING:
    from kpi_lib.engine.calendar import Calendar
    from kpi_lib.engine.kpi import Kpi
    from kpi_lib.measure.compute import Results


@app.command("compute")
def compute_command(
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    period: options.PeriodOption = None,
    as_of: options.AsOf = None,
    params: options.Params = None,
    data: options.Data = None,
    allow_faults: options.AllowFaults = False,
    engine: Annotated[
        str, typer.Option("--engine", help="What reads the tables: polars, duckdb or spark.")
    ] = "polars",
) -> None:
    """Compute the KPI table of all partners and write it as Parquet.

    Example: kpi compute --period 2011-Q3 --out kpis.parquet
    """
    from kpi_lib.engine.backends import engine_of
    from kpi_lib.engine.coverage import beyond_the_data
    from kpi_lib.run import RunRequest, open_run

    request = RunRequest(period, options.day(as_of), allow_faults, engine_of(engine))
    with open_run(options.settings(params, data), request) as run:
        results = run.results
        _write_table(results, out)
        rows, partners = f"{len(results.table):,} rows", f"{len(results.partners)} partners"
        when = _when(results.calendar)
        typer.echo(f"{out}: {rows}, {len(results.kpis)} KPIs, {partners}, {when}")
        options.say_what_was_found(run.dataset)
        for line in beyond_the_data(results.calendar, results.coverage):
            typer.echo(line)


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Every field, as a list.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A page to read: what each means, and its pitfalls.")
    ] = False,
    params: options.Params = None,
) -> None:
    """Show the catalogue of KPIs, your own measures of the settings among them.

    Example: kpi list --json
    """
    from kpi_lib.kpis.catalogue import catalogue_of

    if as_json and markdown:
        raise CallError.at("kpi list", "--json and --markdown are two forms", "Ask for one.")
    kpis = list(catalogue_of(options.settings(params, None)).values())
    if as_json:
        typer.echo(json.dumps([as_dict(kpi) for kpi in kpis], ensure_ascii=False, indent=1))
    elif markdown:
        from kpi_lib.cli.handbook import handbook

        typer.echo(handbook(kpis), nl=False)
    else:
        _print_table(kpis)


def _print_table(kpis: list[Kpi]) -> None:
    """Print one line per KPI; in a pipe no line is folded."""
    from rich.table import Table

    table = Table("id", "name", "family", "unit", "better", "for", "every", box=None)
    for kpi in kpis:
        plain = (kpi.id, kpi.name, kpi.family, kpi.unit, kpi.better, kpi.audience, kpi.cadence)
        table.add_row(*plain)
    # A list is to be searched: in a pipe it is never folded.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def as_dict(kpi: Kpi) -> dict[str, Any]:
    """Return a KPI as `kpi list --json` shows it."""
    needs = {table: sorted(columns) for table, columns in sorted(kpi.needs.items())}
    return {
        **{name: getattr(kpi, name) for name in ("id", "name", "family", "unit", "better")},
        **{name: getattr(kpi, name) for name in ("accountable", "audience", "cadence")},
        "definition": kpi.definition,
        "notes": list(kpi.notes),
        "scopes": list(kpi.scopes),
        "tables": needs,
    }


def _write_table(results: Results, out: Path) -> None:
    """Write the KPI table to a file; raise CallError where it cannot be written there."""
    from kpi_lib.measure.kpi_table import write_table

    if out.is_dir() or not out.parent.is_dir():
        raise CallError.at(
            f"--out {out}", "cannot be written", "Name a file in a folder that is there."
        )
    write_table(results.table, out)


def _when(calendar: Calendar) -> str:
    """Return the period in words, and up to which day where it is cut."""
    return f"{calendar.period}" + (f" up to {calendar.as_of}" if calendar.to_date else "")
