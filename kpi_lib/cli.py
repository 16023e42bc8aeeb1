"""The command `kpi`: the one door for make, operators and analysts."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from kpi_lib.errors import CallError, ScorecardError
from kpi_lib.settings import Settings, load_settings

if TYPE_CHECKING:
    from rich.progress import Progress

    from kpi_lib.batch.jobs import ReportResult
    from kpi_lib.batch.run import Outcome
    from kpi_lib.data.dataset import Dataset
    from kpi_lib.kpis.registry import Kpi
    from kpi_lib.measure.compute import Results

# Each command imports the rooms that it needs: `kpi list` and `--help` answer at once.
DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2

app = typer.Typer(
    help="Partner scorecards: KPIs of every partner and period, and the pages that show them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

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
AllowFaults = Annotated[
    bool,
    typer.Option("--allow-faults", help="Leave rows with faults out; every page says so."),
]


def main() -> None:
    """Run the command; errors that people can mend are shown without a traceback."""
    try:
        app()
    except ScorecardError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(str(error))
        sys.exit(NOTHING_DONE)


@app.command()
def check(
    params: Params = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="All faults, as a list.")] = False,
) -> None:
    """Hold the data against the contract: every fault, worst first, 20 of a kind shown.

    Example: kpi check --data exports/
    """
    from kpi_lib.data.dataset import check_dataset
    from kpi_lib.data.faults import format_faults
    from kpi_lib.kpis.catalogue import better_of

    settings = _settings(params, data)
    with _workspace() as workspace:
        faults = check_dataset(settings, workspace=workspace, better=better_of(settings))
    if as_json:
        typer.echo(json.dumps([fault.as_dict() for fault in faults], ensure_ascii=False, indent=1))
    else:
        typer.echo(format_faults(faults))
    if any(fault.severity == "fault" for fault in faults):
        raise typer.Exit(NOTHING_DONE)


@app.command("compute")
def compute_command(
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    period: PeriodOption = None,
    as_of: AsOf = None,
    params: Params = None,
    data: Data = None,
    allow_faults: AllowFaults = False,
    engine: Annotated[
        str, typer.Option("--engine", help="What reads the tables: polars, duckdb or spark.")
    ] = "polars",
) -> None:
    """Compute the KPI table of all partners and write it as Parquet.

    Example: kpi compute --period 2011-Q3 --out kpis.parquet
    """
    from kpi_lib.measure.compute import compute_asked
    from kpi_lib.measure.engines import engine_of

    settings = _settings(params, data)
    with _workspace() as workspace:
        dataset = _load(settings, workspace, allow_faults)
        results = compute_asked(settings, dataset, period, _day(as_of), engine_of(engine))
    _write_table(results, out)
    rows, partners = len(results.table), len(results.partners)
    typer.echo(
        f"{out}: {rows:,} rows, {len(results.kpis)} KPIs, {partners} partners, {_told(results)}"
    )
    _say_left_out(dataset)


@app.command("list")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Every field, as a list.")] = False,
) -> None:
    """Show the catalogue of KPIs.

    Example: kpi list --json
    """
    from rich.table import Table

    from kpi_lib.kpis.catalogue import catalogue

    kpis = list(catalogue().values())
    if as_json:
        typer.echo(json.dumps([as_dict(kpi) for kpi in kpis], ensure_ascii=False, indent=1))
        return
    table = Table("id", "name", "family", "unit", "better", "for", "every", box=None)
    for kpi in kpis:
        plain = (kpi.id, kpi.name, kpi.family, kpi.unit, kpi.better, kpi.audience, kpi.cadence)
        table.add_row(*plain)
    # A list is to be searched: in a pipe it is never folded.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@app.command()
def explain(
    kpi: Annotated[str, typer.Argument(help="The id of a KPI; `kpi list` shows them.")],
    partner: Annotated[str | None, typer.Option("--partner", help="Of this partner.")] = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", help="Write the rows behind it to this CSV file.")
    ] = None,
    period: PeriodOption = None,
    as_of: AsOf = None,
    params: Params = None,
    data: Data = None,
) -> None:
    """Say what a KPI means, show the formula with its figures, and the rows behind it.

    Example: kpi explain repeat_purchase_rate --partner Germany --rows rows.csv
    """
    from kpi_lib.kpis.registry import find
    from kpi_lib.measure.compute import compute_asked
    from kpi_lib.measure.explain import explain as explain_kpi
    from kpi_lib.measure.explain import rows_behind
    from kpi_lib.show.explanation import in_words

    find(kpi)
    settings = _settings(params, data)
    with _workspace() as workspace:
        dataset = _load(settings, workspace)
        results = compute_asked(settings, dataset, period, _day(as_of), only=kpi)
        typer.echo(in_words(explain_kpi(kpi, results, partner), settings.reporting_currency))
        if rows is not None:
            behind = rows_behind(kpi, dataset, settings, results.calendar, partner)
            behind.write_csv(rows)
            typer.echo(f"{rows}: {len(behind):,} rows")


@app.command()
def run(
    period: PeriodOption = None,
    as_of: AsOf = None,
    partners: Annotated[
        list[str] | None, typer.Option("--partners", help="Only these; repeat it, or list ids.")
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="How many at once; default: one a core.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Instead of reports/; PERIOD/ is made in it.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Cold kernels, one process each (the only way yet).")
    ] = False,
    allow_faults: AllowFaults = False,
    params: Params = None,
    data: Data = None,
) -> None:
    """Make every report of a period: check, compute once, one notebook for each partner.

    Example: kpi run --period 2011-Q3 --partners Germany France --jobs 2
    """
    from kpi_lib import paths
    from kpi_lib.batch.run import Asked
    from kpi_lib.batch.run import run as run_batch

    asked = Asked(
        period=period,
        as_of=_day(as_of),
        partners=_named(partners, more),
        allow_faults=allow_faults,
        workers=jobs or os.cpu_count() or 1,
    )
    with _progress() as progress:
        outcome = run_batch(
            _settings(params, data), asked, out or paths.reports(), _announce(progress)
        )
    _say_outcome(outcome)
    if outcome.failed:
        raise typer.Exit(SOME_FAILED)


@app.command()
def preview(
    partner: Annotated[str, typer.Argument(help="The id of a partner.")],
    edition: Annotated[str, typer.Option("--edition", help="partner or internal.")] = "partner",
    period: PeriodOption = None,
    as_of: AsOf = None,
    params: Params = None,
    data: Data = None,
) -> None:
    """Make one scorecard, at once, apart from the reports of a run.

    Example: kpi preview Germany --edition internal
    """
    from kpi_lib import paths
    from kpi_lib.batch.run import Asked
    from kpi_lib.batch.run import run as run_batch
    from kpi_lib.measure.slices import EDITIONS

    if edition not in EDITIONS:
        raise CallError.at("--edition", f"there is no {edition!r}", f"Use {', '.join(EDITIONS)}.")
    asked = Asked(period=period, as_of=_day(as_of), partners=(partner,), editions=(edition,))
    place = paths.reports() / ".preview"
    outcome = run_batch(_settings(params, data), asked, place, lambda count: lambda result: None)
    for result in outcome.results:
        if not result.done:
            typer.echo(result.error, err=True)
            raise typer.Exit(SOME_FAILED)
        typer.echo(outcome.folder / result.files[0])


def as_dict(kpi: Kpi) -> dict[str, Any]:
    """Return a KPI as `kpi list --json` shows it."""
    needs = {table: sorted(columns) for table, columns in sorted(kpi.needs.items())}
    return {
        **{name: getattr(kpi, name) for name in ("id", "name", "family", "unit", "better")},
        **{name: getattr(kpi, name) for name in ("accountable", "audience", "cadence")},
        "definition": kpi.definition,
        "scopes": list(kpi.scopes),
        "tables": needs,
    }


def _settings(params: Path | None, data: str | None) -> Settings:
    from kpi_lib.kpis.profiles import check_profiles

    settings = load_settings(params, data=data)
    check_profiles(settings)
    return settings


def _load(settings: Settings, workspace: Path, allow_faults: bool = False) -> Dataset:
    from kpi_lib.data.dataset import load_dataset
    from kpi_lib.kpis.catalogue import better_of

    return load_dataset(
        settings, allow_faults=allow_faults, workspace=workspace, better=better_of(settings)
    )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        raise CallError.at("--as-of", f"{text!r} is not a day", "Write it as 2026-09-15.") from None


def _write_table(results: Results, out: Path) -> None:
    from kpi_lib.measure.table import write_table

    if out.is_dir() or not out.parent.is_dir():
        raise CallError.at(
            f"--out {out}", "cannot be written", "Name a file in a folder that is there."
        )
    write_table(results.table, out)


def _told(results: Results) -> str:
    calendar = results.calendar
    return f"{calendar.period}" + (f" up to {calendar.as_of}" if calendar.to_date else "")


def _named(partners: list[str] | None, more: list[str] | None) -> tuple[str, ...]:
    """Return the partners of `--partners A B`: the option takes one word, the rest follow it."""
    if more and not partners:
        raise CallError.at(more[0], "there is no such argument", "Partners follow --partners.")
    return tuple(dict.fromkeys([*(partners or []), *(more or [])]))


def _progress() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


def _announce(progress: Progress) -> Callable[[int], Callable[[ReportResult], None]]:
    """Return what shows a bar of the reports that are to come, and moves it with each."""

    def begin(count: int) -> Callable[[ReportResult], None]:
        task = progress.add_task("reports", total=count)

        def step(result: ReportResult) -> None:
            if not result.done:
                progress.console.print(f"failed: {result.partner_id}, {result.edition}")
            progress.advance(task)

        return step

    return begin


def _say_outcome(outcome: Outcome) -> None:
    """Show what came of a run: how many are done, which failed and why, and where they are."""
    from rich.markup import escape
    from rich.table import Table

    done = len(outcome.results) - len(outcome.failed)
    partners = len({result.partner_id for result in outcome.results})
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{outcome.period}: {done} of {len(outcome.results)} reports of {partners} "
        f"{'partner' if partners == 1 else 'partners'} done "
        f"in {outcome.seconds:.0f} s"
    )
    for name, count in outcome.left_out.items():
        console.print(f"{name}: {count:,} rows with faults left out, as every page says")
    if outcome.failed:
        table = Table("partner", "edition", "why", box=None)
        for result in outcome.failed:
            table.add_row(result.partner_id, result.edition, escape(result.problems[0].found))
        console.print(table)
        console.print(f"More about each in {outcome.folder / 'failed'}; the others are complete.")
    console.print(f"Open {outcome.folder / 'index.html'}")


def _say_left_out(dataset: Dataset) -> None:
    for table, count in dataset.left_out.items():
        typer.echo(f"{table}: {count:,} rows with faults left out")


@contextmanager
def _workspace() -> Iterator[Path]:
    """Lend a folder for staged tables, gone when the command ends."""
    with tempfile.TemporaryDirectory(prefix="kpi-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    main()
