"""What a run writes before its reports are made: its tables, and a slice for each of its pages."""

from __future__ import annotations

from pathlib import Path

from kpi_lib import paths
from kpi_lib.atomic import HIDDEN, remove_file, remove_folder, swap_folder
from kpi_lib.batch.jobs import Job, Page
from kpi_lib.batch.run_pages import write_pages
from kpi_lib.insights.editions import actions_asked
from kpi_lib.insights.follow_up import FILE as ACTIONS
from kpi_lib.measure.compute import Results
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.measure.portfolio_rows import GROUPS
from kpi_lib.measure.slices import Beside, build_slices, write_slices
from kpi_lib.run import Run
from kpi_lib.show.common.language import N_

NOTEBOOK = "partner_scorecard.ipynb"
TABLES = {  # that a run leaves beside the reports, by what they are
    N_("KPI table"): "kpis.parquet",
    N_("Actions"): ACTIONS,
    N_("Figures that partners reported"): "reconciliation.parquet",
    N_("Past figures that changed"): "restatements.parquet",
    N_("Customers, scored"): "customers.parquet",
    N_("Revenue to come"): "forecast.parquet",
}


def write_run_slices(run: Run, of_run: bool) -> list[Job]:
    """Write the tables and every slice; return a job for each slice.

    All slices are written even where few reports are wanted, so that they agree with the table.
    `of_run`: whether the pages of the run itself are among them.
    """
    folder, aside = run.folder, run.hidden / "aside"
    run.models.keep(run.hidden)
    _write_tables(run)
    slices, fresh = paths.slices(folder), run.hidden / "slices.new"
    remove_folder(fresh, aside)
    fresh.mkdir(parents=True)
    shut = _shut(run)
    written = _write_slices(run, fresh)
    pages = write_pages(run, fresh, slices, shut) if of_run else []
    swap_folder(fresh, slices, aside)
    names = dict(run.results.partners.select("partner_id", "name").iter_rows())
    jobs = [_job_of(slices / p.relative_to(fresh), run.results, names, shut) for p in written]
    _remove_strangers(folder, {job.page.subject for job in jobs})
    if of_run:
        _remove_old_pages(folder, {job.page.place for job in pages})
    return [*pages, *jobs]


def _write_tables(run: Run) -> None:
    """Write the tables of `TABLES` into the period's folder."""
    compared, models = run.comparisons, run.models
    actions = actions_asked(run.insights, run.results, run.settings.reporting_currency)
    figures = (run.results.table, actions, compared.reconciliation, compared.restatements)
    for table, name in zip(
        (*figures, models.customers, models.forecast), TABLES.values(), strict=True
    ):
        write_table(table, run.folder / name)


def _write_slices(run: Run, folder: Path) -> list[Path]:
    beside = Beside(run.comparisons, run.insights)
    return write_slices(build_slices(run.results, run.dataset, run.settings, beside=beside), folder)


def _shut(run: Run) -> tuple[Path, ...]:
    """Return what no notebook may read but its slice, even inside Python's own folders."""
    data = run.settings.data.path if run.settings.data else None
    return (run.folder, *([data] if data else []))


def _job_of(
    slice_folder: Path, results: Results, names: dict[str, str], shut: tuple[Path, ...]
) -> Job:
    """Return the job that makes the report of one slice folder (PARTNER/EDITION)."""
    partner_id, edition = slice_folder.parent.name, slice_folder.name
    calendar = results.calendar
    parameters = {
        "partner_id": partner_id,
        "period": str(calendar.period),
        "as_of": str(calendar.as_of) if calendar.to_date else "",
        "edition": edition,
    }
    return Job(
        page=Page(partner_id, edition),
        notebook=paths.notebook(NOTEBOOK),
        parameters=parameters,
        slice_folder=slice_folder,
        name=names[partner_id],
        shut=shut,
    )


def _remove_strangers(folder: Path, partners: set[str]) -> None:
    """Take away reports of partners who are not in this period's data, from an earlier run."""
    for group in ("partners", "failed"):
        for place in (folder / group).glob("*"):
            is_partners = not place.name.startswith("_")  # the others are of the run itself
            if place.is_dir() and is_partners and place.name not in partners:
                remove_folder(place, folder / HIDDEN / "aside")


def _remove_old_pages(folder: Path, places: set[str]) -> None:
    """Take away the pages of managers and branches who answer for no partner any more."""
    for group in GROUPS.values():
        for page in (folder / group).glob("*.html"):
            if f"{group}/{page.stem}" not in places:
                remove_file(page)
