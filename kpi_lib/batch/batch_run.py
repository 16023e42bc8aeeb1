"""The whole batch of a period: check, compute once, slice, and make every report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from kpi_lib import paths
from kpi_lib.atomic import HIDDEN, require_apart
from kpi_lib.audience import EDITIONS, PARTNER
from kpi_lib.batch.findings import Findings, findings_of
from kpi_lib.batch.input_hashes import keep_inputs
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.last_run import LastRun
from kpi_lib.batch.leak_free import LeakFree
from kpi_lib.batch.parameters import require_declared
from kpi_lib.batch.run_index import RunRecord, write_record
from kpi_lib.batch.run_pages import SKIPPED, add_reports, require_notebooks
from kpi_lib.batch.run_slices import NOTEBOOK, TABLES, write_run_slices
from kpi_lib.batch.runner import Hooks, Staff, run_reports
from kpi_lib.batch.unchanged import remember, unchanged_pages
from kpi_lib.data.tally import tally
from kpi_lib.engine.coverage import beyond_the_data
from kpi_lib.errors import Problem, RunError
from kpi_lib.measure.published import keep, published_in
from kpi_lib.measure.slices import build_slices
from kpi_lib.publish.pdf import require_engine
from kpi_lib.release import version
from kpi_lib.run import Run, RunRequest, open_run
from kpi_lib.settings import Settings
from kpi_lib.show.common.language import require_languages, speaking
from kpi_lib.slices.scorecard_types import ScorecardSlice

PARAMETERS = ("partner_id", "period", "as_of", "edition", "slice")  # of the partner's notebook


@dataclass(frozen=True)
class BatchRequest:
    """Which reports are wanted; empty: of the last whole quarter, all partners, both editions.

    `earlier`: where the reports of earlier periods are; None: where these go. `pdf`: each partner
    edition is made as a PDF too. `of_run`: whether the pages of the run itself are made too,
    whichever partners are named. `plain`: each report has a worker process of its own.
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
    plain: bool = False

    @property
    def figures(self) -> RunRequest:
        """Which figures the reports need."""
        return RunRequest(self.period, self.as_of, self.allow_faults)


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


@dataclass(frozen=True)
class Start:
    """When a run began: a moment for people, and a clock that nobody sets."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """The seconds since."""
        return time.monotonic() - self.clock


def run_batch(settings: Settings, request: BatchRequest, out: Path, announce: Announce) -> Outcome:
    """Make the reports of a period in `out`/PERIOD.

    Nothing is written before settings, data and call are found right. `announce` is given how many
    reports there will be, and returns what is called with each.
    """
    start = Start()
    if request.pdf:
        require_engine()
    require_languages(settings)
    opened = open_run(settings, request.figures, out, request.earlier or out)
    with opened as run, speaking(settings.language):
        wanted = _wanted_slices(run, request)
        with _only_run_in(run.folder):
            findings = _findings(run)
            last = _take_over(run, wanted)
            jobs = _write_slices(run, request.of_run)
            mine = _jobs_to_make(run, jobs, wanted, request)
            leak_free = LeakFree.of(run, list(TABLES.values()))
            made = _make(mine, run, request, announce, leak_free)
            record = _record(run, request, start, findings, leak_free)
            write_record(run.folder, record, jobs, last.with_made(jobs, made))
            return _outcome(run, made, findings, start)


def _wanted_slices(run: Run, request: BatchRequest) -> list[ScorecardSlice]:
    """Return the slices of the partners that are wanted, once all that can be refused is computed.

    Unknown partners, notes and a notebook that does not fit stop a run before it writes anything.
    """
    run.work_out("playbook", "insights")
    wanted = list(build_slices(run.results, run.dataset, run.settings, request.partners or None))
    require_declared(paths.notebook(NOTEBOOK), [dict.fromkeys(PARAMETERS, "")])
    require_notebooks()
    return wanted


@contextmanager
def _only_run_in(folder: Path) -> Iterator[None]:
    """Lock a period's folder until the block ends; another run in it is an error, not a wait."""
    hidden = folder / HIDDEN
    hidden.mkdir(parents=True, exist_ok=True)
    try:
        held = FileLock(hidden / "lock").acquire(timeout=0)
    except Timeout:
        raise RunError(
            Problem(
                f"reports of {folder.name}", "another run is making them", "Wait until it is done."
            )
        ) from None
    with held:
        yield


def _findings(run: Run) -> Findings:
    """Return what there is to say of the figures, before what was published is replaced."""
    require_apart(run.hidden, run.results.partners["partner_id"])
    return findings_of(run)


def _take_over(run: Run, wanted: Sequence[ScorecardSlice]) -> LastRun:
    """Keep what was published of the period until now, and take its last run's record away."""
    keep(published_in(run.folder), run.folder)
    return LastRun.take(run.folder, wanted[0].run.data.fingerprint or "" if wanted else "")


def _write_slices(run: Run, of_run: bool) -> list[Job]:
    """Write tables, slices and what they rest on, all of the same data; return a job a slice."""
    with run.dataset.raise_if_changed():
        jobs = write_run_slices(run, of_run)
        keep_inputs(run, run.folder)
    return jobs


def _jobs_to_make(
    run: Run, jobs: Sequence[Job], wanted: Sequence[ScorecardSlice], request: BatchRequest
) -> list[Job]:
    """Return the jobs of the wanted partners and editions, and of the run's pages that changed."""
    chosen = {Page(s.partner.partner_id, s.edition) for s in wanted}
    chosen = {page for page in chosen if page.edition in request.editions}
    mine = [job for job in jobs if job.page in chosen or not job.page.is_partners]
    same = unchanged_pages(_may_skip(mine), run.folder, run.hidden)
    mine = [job for job in mine if job.page.place not in same]
    return [replace(job, pdf=request.pdf and job.page.edition == PARTNER.name) for job in mine]


def _may_skip(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs whose pages are left as they are where nothing of them changed."""
    return [job for job in jobs if job.page.place in SKIPPED]


def _make(
    jobs: Sequence[Job], run: Run, request: BatchRequest, announce: Announce, leak_free: LeakFree
) -> list[ReportResult]:
    """Make the reports; return what came of each."""
    made = run_reports(
        jobs,
        out=run.folder,
        staff=Staff(request.workers, plain=request.plain),
        hooks=Hooks(
            progress=announce(len(jobs)),
            before_pages=partial(add_reports, jobs, run.folder),
            search=leak_free.problems,
        ),
    )
    remember(_may_skip(jobs), made, run.hidden)
    return made


def _record(
    run: Run, request: BatchRequest, start: Start, findings: Findings, leak_free: LeakFree
) -> RunRecord:
    """Return what a run says of itself, but for its reports."""
    return RunRecord(
        started_at=start.at.isoformat(timespec="seconds"),
        seconds=start.seconds,
        version=version(),
        workers=request.workers,
        inputs=run.dataset.fingerprints,
        allow_faults=request.allow_faults,
        others=TABLES,
        findings=findings,
        joining_later=tuple(sorted(run.results.to_come)),
        allowed=leak_free.let_through,
    )


def _outcome(run: Run, made: Sequence[ReportResult], findings: Findings, start: Start) -> Outcome:
    """Return what came of a run, with what is odd in its data."""
    warnings = [str(line) for line in tally(run.dataset.check, "warning")]
    warnings += beyond_the_data(run.calendar, run.results.coverage)
    return Outcome(
        folder=run.folder,
        period=run.folder.name,
        results=tuple(made),
        left_out=dict(run.dataset.left_out),
        seconds=start.seconds,
        findings=findings,
        warnings=tuple(warnings),
    )
