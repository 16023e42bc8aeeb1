"""Makes many pages, several at once, and gives each its place when it is whole.

A partner's pages take their place together. One page's failure, its kernel's death, or its
worker's, fails that partner, or that page of the run, and nothing else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue

from kpi_lib.atomic import (
    put_file,
    remove_file,
    remove_folder,
    swap_folder,
    write_whole,
)
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.parameters import require_declared
from kpi_lib.batch.pool import CELL_SECONDS, Worker
from kpi_lib.batch.warm_up import prepare
from kpi_lib.errors import Problem

Progress = Callable[[ReportResult], None]
Search = Callable[[Job, Path], Sequence[Problem]]


@dataclass(frozen=True)
class Staff:
    """The workers that make pages: how many, and how.

    `cell_seconds`: how long a cell may take. `plain`: each page has a worker process of its own,
    which ends with it.
    """

    workers: int = 1
    cell_seconds: int = CELL_SECONDS
    plain: bool = False


@dataclass(frozen=True)
class Hooks:
    """What is called while pages are made.

    `progress`: with each result as it comes. `before_pages`: once all partners' reports have their
    place, before the pages of the run, which may show them, are made. `search`: looks through the
    files of a page, and returns why they may not take their place.
    """

    progress: Progress = lambda result: None
    before_pages: Callable[[], None] = lambda: None
    search: Search = lambda job, made: ()


def run_reports(
    jobs: Sequence[Job], *, out: Path, staff: Staff = Staff(), hooks: Hooks = Hooks()
) -> list[ReportResult]:
    """Make every page below `out`, the period's folder; return what came of each, in order.

    Raises RunError, before anything runs, where a notebook does not declare a parameter that it
    would be given.
    """
    for notebook in dict.fromkeys(job.notebook for job in jobs):
        require_declared(
            notebook, [{**job.parameters, "slice": ""} for job in jobs if job.notebook == notebook]
        )
    prepare()
    batch = _Batch(out, staff, hooks)
    shutil.rmtree(batch.staging, ignore_errors=True)
    units: dict[str, list[Job]] = {}
    for job in jobs:
        units.setdefault(job.page.unit, []).append(job)
    results = batch.run(units)
    shutil.rmtree(batch.staging, ignore_errors=True)
    return [results[job.page] for job in jobs]


@dataclass
class _Batch:
    """One run: its folder, how it makes a page, and its workers that have nothing to do."""

    out: Path
    staff: Staff
    hooks: Hooks
    idle: SimpleQueue[Worker] = field(default_factory=SimpleQueue)

    @property
    def staging(self) -> Path:
        """Where pages lie until they are whole."""
        return self.out / ".run" / "staging"

    def run(self, units: dict[str, list[Job]]) -> dict[Page, ReportResult]:
        """Make all pages, each worker one at a time: those of partners, then those of the run."""
        partners = {u: jobs for u, jobs in units.items() if jobs[0].page.is_partners}
        workers = max(1, self.staff.workers)
        pool = [self._worker(number) for number in range(workers)]
        for worker in pool:
            self.idle.put(worker)
        try:
            with ThreadPoolExecutor(workers) as threads:
                made = self._make(partners, threads)
                self.hooks.before_pages()
                made += self._make({u: units[u] for u in units if u not in partners}, threads)
        finally:
            for worker in pool:
                worker.stop()
        return {result.page: result for result in made}

    def _worker(self, number: int) -> Worker:
        return Worker(self.out / ".run" / f"worker-{number}.log", plain=self.staff.plain)

    def _make(self, units: dict[str, list[Job]], threads: ThreadPoolExecutor) -> list[ReportResult]:
        """Make these pages; what belongs together is settled together."""
        waiting = {unit: len(jobs) for unit, jobs in units.items()}
        made: dict[str, list[ReportResult]] = {unit: [] for unit in units}
        jobs = [job for together in units.values() for job in together]
        for future in as_completed([threads.submit(self._make_one, job) for job in jobs]):
            result = future.result()
            unit = result.page.unit
            made[unit].append(result)
            waiting[unit] -= 1
            if not waiting[unit]:
                made[unit] = self._settle(made[unit])
            self.hooks.progress(result)
        return [result for results in made.values() for result in results]

    def _make_one(self, job: Job) -> ReportResult:
        """Make one report with the next idle worker; return it with any leaks found in it."""
        worker, made = self.idle.get(), self.staging / job.page.unit
        try:
            result = worker.make(job, made, self.staff.cell_seconds)
        finally:
            self.idle.put(worker)
        if not result.done:
            return result
        return replace(result, problems=tuple(self.hooks.search(job, made)))

    def _settle(self, results: list[ReportResult]) -> list[ReportResult]:
        """Give whole pages their place, or lay down why there are none."""
        page = results[0].page
        made, failed, aside = self.staging / page.unit, self.out / page.failed, self._aside
        if all(result.done for result in results):
            remove_folder(failed, aside)
            self._publish(page, made)
            return [replace(result, files=self._published(result.page)) for result in results]
        self._withdraw(page)
        _keep_failure(made, results)
        swap_folder(made, failed, aside)
        return results

    def _publish(self, page: Page, made: Path) -> None:
        """Put a partner's folder, or a page of the run, where people find it."""
        if page.is_partners:
            swap_folder(made, self.out / page.unit, self._aside)
        else:
            put_file(made / f"{page.file_name}.html", self.out / f"{page.place}.html")

    def _published(self, page: Page) -> tuple[str, ...]:
        return tuple(name for name in page.files if (self.out / name).is_file())

    def _withdraw(self, page: Page) -> None:
        """Take the old page away: beside a failed run it would be taken for a new one."""
        if page.is_partners:
            remove_folder(self.out / page.unit, self._aside)
        else:
            remove_file(self.out / f"{page.place}.html")

    @property
    def _aside(self) -> Path:
        return self.out / ".run" / "aside"


def _keep_failure(folder: Path, results: Iterable[ReportResult]) -> None:
    """Leave the error and the partial notebook; a page, even a whole one, is not published."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in (*folder.glob("*.html"), *folder.glob("*.pdf")):
        page.unlink()
    errors = [f"{r.page.label}\n{r.error}\n" for r in results if not r.done]
    write_whole(folder / "error.txt", "\n".join(errors))
