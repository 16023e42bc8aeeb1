"""The command that says how a figure came about: definition, formula, comparisons, rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError

if TYPE_CHECKING:
    import polars as pl

    from kpi_lib.kpis.registry import Kpi
    from kpi_lib.measure.behind import Asked

FIRST_ROWS, FIRST_COLUMNS = 8, 4  # what a terminal shows of the rows
FORMULA = r"^[=+\-@\t\r]"  # how a text begins that a spreadsheet would compute


@app.command()
def explain(
    kpi: Annotated[str, typer.Argument(help="The id of a KPI; `kpi list` shows them.")],
    partner: Annotated[str | None, typer.Option("--partner", help="Of this partner.")] = None,
    rows: Annotated[
        Path | None,
        typer.Option("--rows", help="Write all the rows behind it to this file, .csv or .parquet."),
    ] = None,
    period: options.PeriodOption = None,
    as_of: options.AsOf = None,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Say what a KPI means, show the formula with its figures, and the rows behind it.

    Example: kpi explain repeat_purchase_rate --partner Germany --rows rows.csv
    """
    from kpi_lib.kpis.catalogue import catalogue_of
    from kpi_lib.kpis.registry import find
    from kpi_lib.measure.behind import Asked
    from kpi_lib.measure.compute import compute_with_working, period_asked
    from kpi_lib.measure.explain import explain as explain_kpi
    from kpi_lib.measure.reconcile import reconcile, reported_of
    from kpi_lib.show.explanation import in_words

    settings = options.settings(params, data)
    find(kpi, catalogue_of(settings))
    with options.workspace() as workspace:
        dataset = options.load(settings, workspace)
        wanted, day = period_asked(settings, dataset, period), options.day(as_of)
        results, working = compute_with_working(dataset, settings, wanted, day, only=[kpi])
        explained = explain_kpi(kpi, results, partner, working)
        reported = reported_of(explained.row, reconcile(results, dataset, settings))
        typer.echo(in_words(explained, settings.reporting_currency, reported))
        asked = Asked(explained.kpi, results, working, dataset, settings, partner)
        behind = _rows_behind(asked, required=rows is not None)
        _print_rows(behind, explained.kpi)
        if rows is not None:
            write_rows(behind, rows)
            typer.echo(f"{rows}: {len(behind):,} rows")


def _rows_behind(asked: Asked, required: bool) -> pl.DataFrame:
    """Return the rows behind a KPI; where there can be none, none, unless they are `required`."""
    import polars as pl

    from kpi_lib.measure.behind import rows_of

    try:
        return rows_of(asked)
    except CallError:
        if required:
            raise
        return pl.DataFrame()


def _print_rows(behind: pl.DataFrame, kpi: Kpi) -> None:
    """Print the first rows, only the columns that the KPI reads; --rows writes them all."""
    from rich.table import Table

    from kpi_lib.kpis.goals import FAMILY

    if behind.is_empty():
        typer.echo("No rows stand behind it.")
        return
    read = {column for columns in kpi.needs.values() for column in columns}
    own = [name for name in behind.columns if name != "partner_id"]
    places = {name: place for place, name in enumerate(own)}
    # Of a goal, which is made of KPIs, every column says something.
    shown = [n for n in own if kpi.family == FAMILY or places[n] < FIRST_COLUMNS or n in read]
    first = f"the first {FIRST_ROWS} of " if len(behind) > FIRST_ROWS else ""
    more = "; --rows FILE writes them all" if first else ""
    table = Table(*shown, box=None, title_justify="left")
    for row in behind.select(shown).head(FIRST_ROWS).rows():
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    typer.echo(f"\nRows behind it: {first}{len(behind):,}{more}")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def write_rows(behind: pl.DataFrame, place: Path) -> None:
    """Write rows as CSV or Parquet, by the file's ending.

    In a CSV a text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    import polars as pl

    if place.is_dir() or not place.parent.is_dir():
        raise CallError.at(f"--rows {place}", "cannot be written", "Name a file in a folder.")
    if place.suffix == ".parquet":
        behind.write_parquet(place)
        return
    text = pl.selectors.string()
    safe = pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text)
    behind.with_columns(safe.name.keep()).write_csv(place)
