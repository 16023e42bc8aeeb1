"""Commands that make reports: run, preview."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from kpi_lib.audience import EDITIONS, PARTNER
from kpi_lib.cli import options
from kpi_lib.cli.app import app
from kpi_lib.errors import CallError

if TYPE_CHECKING:
    from rich.progress import Progress

    from kpi_lib.batch.batch_run import Outcome
    from kpi_lib.batch.findings import Findings
    from kpi_lib.batch.jobs import ReportResult

FOR_WHOM = f"{' or '.join(EDITIONS)}."
NAMED = 3  # past figures that changed, of those a run closes with


@app.command()
def run(
    period: options.PeriodOption = None,
    as_of: options.AsOf = None,
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
    plain: Annotated[bool, typer.Option("--plain", help="Cold kernels, one process each.")] = False,
    pdf: options.Pdf = False,
    allow_faults: options.AllowFaults = False,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Make every report of a period: check, compute once, one notebook for each partner.

    Example: kpi run --period 2011-Q3 --partners Germany France --jobs 2
    """
    from kpi_lib import paths
    from kpi_lib.batch.batch_run import BatchRequest, run_batch

    options.require_project("run", params, data)
    request = BatchRequest(
        period=period,
        as_of=options.day(as_of),
        partners=options.named(partners, more),
        allow_faults=allow_faults,
        workers=jobs or os.cpu_count() or 1,
        pdf=pdf,
        plain=plain,
    )
    with options.progress() as progress:
        outcome = run_batch(
            options.settings(params, data), request, out or paths.reports(), _progress_on(progress)
        )
    _print_outcome(outcome)
    if outcome.failed:
        raise typer.Exit(options.SOME_FAILED)


@app.command()
def preview(
    partner: Annotated[str, typer.Argument(help="The id of a partner.")],
    edition: Annotated[
        str, typer.Option("--edition", help=f"{' or '.join(EDITIONS)}.")
    ] = PARTNER.name,
    period: options.PeriodOption = None,
    as_of: options.AsOf = None,
    pdf: options.Pdf = False,
    params: options.Params = None,
    data: options.Data = None,
) -> None:
    """Make one scorecard, at once, apart from the reports of a run.

    Example: kpi preview Germany --edition internal
    """
    from kpi_lib import paths
    from kpi_lib.batch.batch_run import BatchRequest, run_batch

    options.require_project("preview", params, data)
    if edition not in EDITIONS:
        raise CallError.at("--edition", f"there is no {edition!r}", f"Use {', '.join(EDITIONS)}.")
    if pdf and edition != PARTNER.name:
        raise CallError.at("--pdf", f"edition {edition} has none", "Only the partner's has a PDF.")
    request = BatchRequest(
        period=period,
        as_of=options.day(as_of),
        pdf=pdf,
        partners=(partner,),
        editions=(edition,),
        earlier=paths.reports(),
        of_run=False,
    )
    out = paths.reports() / ".preview"
    outcome = run_batch(
        options.settings(params, data), request, out, lambda count: lambda result: None
    )
    for result in outcome.results:
        if not result.done:
            typer.echo(result.error, err=True)
            raise typer.Exit(options.SOME_FAILED)
        for name in result.files:
            if not name.endswith(".ipynb"):
                typer.echo(outcome.folder / name)


def _progress_on(progress: Progress) -> Callable[[int], Callable[[ReportResult], None]]:
    """Return what starts a progress bar for a number of reports, and so what moves it on by one."""

    def begin(count: int) -> Callable[[ReportResult], None]:
        task = progress.add_task("reports", total=count)

        def step(result: ReportResult) -> None:
            if not result.done:
                progress.console.print(f"failed: {result.page.label}")
            progress.advance(task)

        return step

    return begin


def _print_outcome(outcome: Outcome) -> None:
    """Show what came of a run: how many are done, which failed and why, and where they are."""
    from rich.markup import escape
    from rich.table import Table

    from kpi_lib.data.faults import counted

    reports = [result for result in outcome.results if result.page.is_partners]
    done = sum(result.done for result in reports)
    partners = len({result.page.subject for result in reports})
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{outcome.period}: {done} of {len(reports)} reports of {partners} "
        f"{'partner' if partners == 1 else 'partners'} done "
        f"in {outcome.seconds:.0f} s"
    )
    for name, count in outcome.left_out.items():
        rows = counted(count, "row")
        console.print(f"{name}: {rows} with faults left out, as every page says")
    for line in (*outcome.warnings, *_finding_lines(outcome.findings)):
        console.print(escape(line))
    if outcome.failed:
        table = Table("page", "why", box=None)
        for result in outcome.failed:
            table.add_row(escape(result.page.label), escape(result.problems[0].found))
        console.print(table)
        console.print(f"More about each in {outcome.folder / 'failed'}; the others are complete.")
    console.print(f"Open {outcome.folder / 'index.html'}")


def _finding_lines(findings: Findings) -> list[str]:
    """Return what a run says of its figures: a line each for disputes and for past figures."""
    from kpi_lib.show.common import data_notes

    disputed = data_notes.disputed_sentence(findings.disputed, findings.of_this_period)
    restated = data_notes.restated_sentence(findings.restated)
    lines = [f"{disputed}: see reconciliation.parquet"] if disputed else []
    if restated:
        largest = "; ".join(findings.lines[:NAMED])
        lines.append(f"{restated}: {largest}" if largest else restated)
    return lines + [
        f"Could not be compared with what was published: {why}" for why in findings.not_compared
    ]
