"""The command that says how a figure came about: definition, formula, comparisons, rows."""

from __future__ import annotations

import sys
from collections.abc import Collection
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

    from kpi_lib.measure.compute import Results, Working

FIRST_ROWS = 8  # of each table: what a terminal shows
WIDEST = 8  # columns beside what the rows add
ENDINGS = CSV, PARQUET = ".csv", ".parquet"
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
    from kpi_lib.cli.explanation_text import in_words
    from kpi_lib.evidence.explain import explain as explain_kpi
    from kpi_lib.kpis.catalogue import catalogue_of
    from kpi_lib.kpis.registry import find
    from kpi_lib.measure.reconciliation import reconcile, reported_of
    from kpi_lib.run import RunRequest, open_run

    settings = options.settings(params, data)
    find(kpi, catalogue_of(settings))
    if rows is not None:
        check_path(rows)
    with open_run(settings, RunRequest(period, options.day(as_of))) as run:
        results, working = run.working_of(kpi)
        explained = explain_kpi(kpi, results, partner, working)
        reported = None
        if explained.scope == "partner":
            reconciled = reconcile(results, run.dataset, settings.tolerances)
            reported = reported_of(explained.entity, explained.row, reconciled)
        typer.echo(in_words(explained, settings.reporting_currency, reported))
        with run.dataset.raise_if_changed():
            counted = _rows_behind(kpi, results, working, partner, required=rows is not None)
    _print_rows(counted, {column for needed in explained.kpi.needs.values() for column in needed})
    if rows is not None:
        write_rows(counted, rows)
        typer.echo(f"{rows}: {len(counted):,} rows")


def _rows_behind(
    kpi: str, results: Results, working: Working, partner: str | None, *, required: bool
) -> pl.DataFrame:
    """Return the rows behind a KPI; where there can be none, none, unless they are `required`."""
    import polars as pl

    from kpi_lib.evidence.rows_behind import rows_behind

    try:
        return rows_behind(kpi, results, working, partner)
    except CallError:
        if required:
            raise
        return pl.DataFrame()


def _print_rows(counted: pl.DataFrame, read: Collection[str]) -> None:
    """Print the first rows of each table, with the columns that say something."""
    if counted.is_empty():
        typer.echo("No rows stand behind it.")
        return
    tables = counted.partition_by("table", maintain_order=True)
    typer.echo(f"\nRows behind it: {len(counted):,}; --rows FILE writes them all")
    for frame in tables:
        shown = f", the first {FIRST_ROWS} of them" if len(frame) > FIRST_ROWS else ""
        typer.echo(f"\n{frame['table'][0]}: {len(frame):,}{shown}")
        _print_table(frame.head(FIRST_ROWS), read)


def _print_table(frame: pl.DataFrame, read: Collection[str]) -> None:
    """Print the rows behind a figure, those columns first that were read for it."""
    from rich.table import Table

    shown = _columns(frame, read)
    table = Table(*shown, box=None)
    for row in frame.select(shown).rows():
        table.add_row(*(Text("" if value is None else _cell(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _columns(frame: pl.DataFrame, read: Collection[str]) -> list[str]:
    """Return the columns that say something: what the rows add, then those that the KPI reads."""
    from kpi_lib.data.contract import TABLES
    from kpi_lib.evidence.rows_behind import OURS

    filled = [name for name in frame.columns if frame[name].null_count() < len(frame)]
    ours = [name for name in OURS[1:] if name in filled]
    own = [name for name in filled if name not in OURS]
    spec = TABLES.get(frame["table"][0])
    plain = set() if spec is None else set(spec.columns) - {*read, *spec.key}
    chosen = [*(n for n in own if n not in plain), *(n for n in own if n in plain)][:WIDEST]
    return [*ours, *(name for name in own if name in chosen)]


def _cell(value: object) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def check_path(path: Path) -> None:
    """Raise CallError where rows cannot be written to a file of that name."""
    if path.is_dir() or not path.parent.is_dir():
        raise CallError.at(f"--rows {path}", "cannot be written", "Name a file in a folder.")
    if path.suffix not in ENDINGS:
        found = f"ends in {path.suffix or 'nothing'}"
        raise CallError.at(f"--rows {path}", found, f"Name a file in {' or '.join(ENDINGS)}.")


def write_rows(counted: pl.DataFrame, path: Path) -> None:
    """Write rows as CSV or Parquet, by the file's ending.

    In a CSV a text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    import polars as pl

    if path.suffix == PARQUET:
        counted.write_parquet(path)
        return
    text = pl.selectors.string()
    safe = pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text)
    counted.with_columns(safe.name.keep()).write_csv(path)
