"""The whole batch of a period: check, compute once, slice, and make every report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from filelock import AcquireReturnProxy, FileLock, Timeout

from kpi_lib import paths
from kpi_lib.audience import EDITIONS, PARTNER
from kpi_lib.batch.atomic import HIDDEN, remove_file, remove_folder, require_apart, swap_folder
from kpi_lib.batch.findings import Findings, findings_of
from kpi_lib.batch.input_hashes import keep_inputs
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.leak_free import LeakFree
from kpi_lib.batch.model_cache import Models
from kpi_lib.batch.parameters import require_declared
from kpi_lib.batch.published import keep, published_in, read_record, restated
from kpi_lib.batch.run_index import Run, write_run
from kpi_lib.batch.run_pages import (
    SKIPPED,
    Basis,
    require_notebooks,
    tell_of_reports,
    write_pages,
)
from kpi_lib.batch.runner import run_reports
from kpi_lib.batch.unchanged import remember, unchanged
from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.data.tally import tally
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import beyond_the_data
from kpi_lib.errors import Problem, RunError
from kpi_lib.insights.editions import actions_asked, insights_of
from kpi_lib.insights.follow_up import FILE as ACTIONS
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results, compute, period_asked
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.measure.portfolio_rows import GROUPS
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import Beside, build_slices, write_slices
from kpi_lib.publish.pdf import require_engine
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.show.common.language import N_, require_languages, speaking

NOTEBOOK = "partner_scorecard.ipynb"
PARAMETERS = ("partner_id", "period", "as_of", "edition", "slice")  # what it is given
TABLES = {  # that a run leaves beside the reports, by what they are
    N_("KPI table"): "kpis.parquet",
    N_("Actions"): ACTIONS,
    N_("Figures that partners reported"): "reconciliation.parquet",
    N_("Past figures that changed"): "restatements.parquet",
    N_("Customers, scored"): "customers.parquet",
    N_("Revenue to come"): "forecast.parquet",
}
NOT_MADE, FROM_EARLIER_DATA = N_("Not made yet"), N_("Made from earlier data")


@dataclass(frozen=True)
class Asked:
    """What a run was asked for; empty: the last whole quarter, all partners, both editions.

    `earlier`: where the reports of earlier periods are; None: where these go. `pdf`: each partner
    edition is made as a PDF too. `of_run`: whether the pages of the run itself are made too,
    whichever partners are named.
    """

    period: str | None = None
    as_of: date | None = None
    partners: tuple[str, ...] = ()
    editions: tuple[str, ...] = EDITIONS
    allow_faults: bool = False
    workers: int = 1
    earlier: Path | None = None
    of_run: bool = True
    pdf: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a run: its folder, and one result for each report that it made or tried."""

    folder: Path
    period: str
    results: tuple[ReportResult, ...]
    left_out: dict[str, int]
    seconds: float
    findings: Findings = field(default_factory=Findings)
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[ReportResult, ...]:
        """The reports that were not made."""
        return tuple(result for result in self.results if not result.done)


Announce = Callable[[int], Callable[[ReportResult], None]]


def run(settings: Settings, asked: Asked, out: Path, announce: Announce) -> Outcome:
    """Make the reports of a period in `out`/PERIOD.

    Nothing is written before settings, data and call are found right. `announce` is told how many
    reports there will be, and returns what is called with each.
    """
    if asked.pdf:
        require_engine()
    began, clock = datetime.now(UTC), time.monotonic()
    require_languages(settings)
    playbook = read_playbook(settings)
    earlier_reports = asked.earlier or out
    with tempfile.TemporaryDirectory(prefix="kpi-") as workspace, speaking(settings.language):
        dataset = load_dataset(
            settings,
            allow_faults=asked.allow_faults,
            workspace=Path(workspace),
            kpis=facts_of(settings),
        )
        period = period_asked(settings, dataset, asked.period)
        calendar = Calendar.around(period, asked.as_of)
        folder = out.resolve() / str(period)
        models = Models.of(dataset, settings, calendar, folder / HIDDEN)
        results = compute(dataset, settings, period, asked.as_of, modelled=models.modelled)
        insights = models.with_outlook(insights_of(results, settings, playbook, earlier_reports))
        # Unknown partners and a notebook that does not fit are refused before anything is written.
        wanted = list(build_slices(results, dataset, settings, asked.partners or None))
        require_declared(paths.notebook(NOTEBOOK), [dict.fromkeys(PARAMETERS, "")])
        require_notebooks()
        with _alone(folder):
            require_apart(folder / HIDDEN, results.partners["partner_id"])
            compared, findings = _held(settings, dataset, results, earlier_reports)
            keep(published_in(folder), folder)
            earlier = Earlier.take(folder, wanted[0].run.data.fingerprint or "" if wanted else "")
            hidden = folder / HIDDEN
            basis = Basis(results, dataset, settings, compared, insights, models, playbook, hidden)
            with dataset.unchanged():
                jobs = _write_slices(basis, folder, asked.of_run)
                keep_inputs(dataset, settings, calendar, folder)
            chosen = {Page(s.partner.partner_id, s.edition) for s in wanted}
            chosen = {page for page in chosen if page.edition in asked.editions}
            mine = [j for j in jobs if j.page in chosen or not j.page.is_partners]
            same = unchanged(_may_skip(mine), folder, hidden)
            mine = [job for job in mine if job.page.place not in same]
            mine = [
                replace(job, pdf=asked.pdf and job.page.edition == PARTNER.name) for job in mine
            ]
            leak_free = LeakFree.of(settings, dataset, folder, list(TABLES.values()))
            made = run_reports(
                mine,
                out=folder,
                workers=asked.workers,
                progress=announce(len(mine)),
                before_pages=partial(tell_of_reports, mine, folder),
                search=leak_free.problems,
            )
            remember(_may_skip(mine), made, hidden)
            told = Run(
                started_at=began.isoformat(timespec="seconds"),
                seconds=time.monotonic() - clock,
                version=version(),
                workers=asked.workers,
                inputs=dataset.fingerprints,
                allow_faults=asked.allow_faults,
                others=TABLES,
                findings=findings,
                joining_later=tuple(sorted(results.to_come)),
                allowed=leak_free.let_through,
            )
            write_run(folder, told, jobs, _with_earlier(jobs, made, earlier))
            warnings = [str(line) for line in tally(dataset.check, "warning")]
            warnings += beyond_the_data(calendar, results.coverage)
    left_out = dict(dataset.left_out)
    seconds = time.monotonic() - clock
    return Outcome(folder, folder.name, tuple(made), left_out, seconds, findings, tuple(warnings))


def _may_skip(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs whose pages are left as they are where nothing of them changed."""
    return [job for job in jobs if job.page.place in SKIPPED]


def _alone(folder: Path) -> AcquireReturnProxy:
    """Hold a period's folder until the block ends; another run in it is an error, not a wait."""
    hidden = folder / HIDDEN
    hidden.mkdir(parents=True, exist_ok=True)
    try:
        return FileLock(hidden / "lock").acquire(timeout=0)
    except Timeout:
        raise RunError(
            Problem(
                f"reports of {folder.name}", "another run is making them", "Wait until it is done."
            )
        ) from None


def _held(
    settings: Settings, dataset: Dataset, results: Results, published: Path
) -> tuple[Compared, Findings]:
    """Hold the figures against what partners reported and what runs in `published` published."""
    changed = restated(results, settings, dataset, published)
    compared = Compared(reconcile(results, dataset, settings), changed.figures)
    return compared, findings_of(compared, results, settings, changed.not_compared)


def _write_slices(basis: Basis, folder: Path, of_run: bool) -> list[Job]:
    """Write the tables and every slice; return a job for each slice.

    All slices are written even where few reports are wanted, so that they agree with the table.
    """
    results, dataset, settings = basis.results, basis.dataset, basis.settings
    compared, insights = basis.compared, basis.insights
    asked = actions_asked(insights, results, settings)
    basis.models.keep(basis.hidden)
    figures = (results.table, asked, compared.reconciliation, compared.restatements)
    tables = (*figures, basis.models.customers, basis.models.forecast)
    for table, name in zip(tables, TABLES.values(), strict=True):
        write_table(table, folder / name)
    slices, fresh = paths.slices(folder), folder / HIDDEN / "slices.new"
    remove_folder(fresh, folder / HIDDEN / "aside")
    fresh.mkdir(parents=True)
    # Even where the project lies inside Python's own folders, no notebook reads past its slice.
    data = settings.data.path if settings.data else None
    shut = (folder.resolve(), *([data] if data else []))
    written = write_slices(results, dataset, settings, fresh, Beside(compared, insights))
    pages = write_pages(basis, fresh, slices, shut) if of_run else []
    swap_folder(fresh, slices, folder / HIDDEN / "aside")
    names = dict(results.partners.select("partner_id", "name").iter_rows())
    jobs = [_job(slices / p.relative_to(fresh), results, names, shut) for p in written]
    _remove_strangers(folder, {job.page.subject for job in jobs})
    if of_run:
        _remove_old_pages(folder, {job.page.place for job in pages})
    return [*pages, *jobs]


def _job(place: Path, results: Results, names: dict[str, str], shut: tuple[Path, ...]) -> Job:
    partner_id, edition = place.parent.name, place.name
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
        slice_folder=place,
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


def _with_earlier(
    jobs: Sequence[Job], made: Iterable[ReportResult], earlier: Earlier
) -> list[ReportResult]:
    """Return a result for every job: of this run, or what an earlier one left of it."""
    now = {result.page: result for result in made}
    return [now.get(job.page) or earlier.of(job.page) for job in jobs]


@dataclass(frozen=True)
class Earlier:
    """What the last run of a period left, as its run.json told it."""

    folder: Path
    told: dict[str, Any]
    fingerprint: str

    @classmethod
    def take(cls, folder: Path, fingerprint: str) -> Earlier:
        """Read the record and take it away: until a run ends, nothing says that it is done."""
        told = read_record(folder)
        for name in ("index.html", "run.json"):
            (folder / name).unlink(missing_ok=True)
        return cls(folder, told, fingerprint)

    def of(self, page: Page) -> ReportResult:
        """Return the page as it stands from before, and what is to be known of its age."""
        for told in self.told.get("reports", []):
            if told.get("page") == page.place:
                return self._as_it_stands(page, told)
        return ReportResult(page, stale=NOT_MADE)

    def _as_it_stands(self, page: Page, told: dict[str, Any]) -> ReportResult:
        files = tuple(name for name in told["files"] if (self.folder / name).is_file())
        same_data = self.told.get("data", {}).get("fingerprint") == self.fingerprint
        problems = tuple(Problem(**problem) for problem in told["problems"])
        stale = told.get("stale", "") or ("" if same_data else FROM_EARLIER_DATA)
        return ReportResult(
            page=page,
            problems=problems,
            seconds=told["seconds"],
            cpu_seconds=told["cpu_seconds"],
            bytes=told["bytes"],
            files=files,
            stale=stale if files or problems else NOT_MADE,
        )
