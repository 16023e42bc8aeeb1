"""Runs many reports, several at once, and gives each partner's folder its place when it is whole.

One report's failure, its kernel's death, or its worker's, fails that partner and nobody else.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from kpi_lib.batch.jobs import NAMES, Job, ReportResult
from kpi_lib.batch.parameters import require_declared
from kpi_lib.batch.place import remove_folder, swap_folder, write_whole
from kpi_lib.batch.pool import CELL_SECONDS, Worker
from kpi_lib.batch.prepare import prepare

Progress = Callable[[ReportResult], None]


def run_reports(
    jobs: Sequence[Job],
    *,
    out: Path,
    workers: int = 1,
    progress: Progress = lambda result: None,
    cell_seconds: int = CELL_SECONDS,
) -> list[ReportResult]:
    """Make every report below `out`, the period's folder; return what came of each, in order.

    `progress` is called with each result as it comes. Raises RunError, before anything runs, where
    a notebook does not declare a parameter that it would be given.
    """
    for notebook in dict.fromkeys(job.notebook for job in jobs):
        require_declared(
            notebook, [{**job.parameters, "slice": ""} for job in jobs if job.notebook == notebook]
        )
    prepare()
    staging = out / ".run" / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    by_partner: dict[str, list[Job]] = {}
    for job in jobs:
        by_partner.setdefault(job.partner_id, []).append(job)
    batch = _Batch(out, staging, cell_seconds, progress)
    results = batch.run(by_partner, max(1, workers))
    shutil.rmtree(staging, ignore_errors=True)
    return [results[job.partner_id, job.edition] for job in jobs]


class _Batch:
    """One run: its folders, its workers, and the results so far."""

    def __init__(self, out: Path, staging: Path, cell_seconds: int, progress: Progress) -> None:
        self.out, self.staging = out, staging
        self.cell_seconds, self.progress = cell_seconds, progress
        self.idle: SimpleQueue[Worker] = SimpleQueue()

    def run(
        self, by_partner: dict[str, list[Job]], workers: int
    ) -> dict[tuple[str, str], ReportResult]:
        """Make all reports; each worker makes one at a time."""
        pool = [Worker(self.out / ".run" / f"worker-{n}.log") for n in range(workers)]
        for worker in pool:
            self.idle.put(worker)
        waiting = {partner: len(jobs) for partner, jobs in by_partner.items()}
        made: dict[str, list[ReportResult]] = {partner: [] for partner in by_partner}
        try:
            with ThreadPoolExecutor(workers) as threads:
                jobs = [job for partner in by_partner.values() for job in partner]
                for future in as_completed([threads.submit(self._one, job) for job in jobs]):
                    result = future.result()
                    made[result.partner_id].append(result)
                    waiting[result.partner_id] -= 1
                    if not waiting[result.partner_id]:
                        made[result.partner_id] = self._settle(made[result.partner_id])
                    self.progress(result)
        finally:
            for worker in pool:
                worker.stop()
        return {(r.partner_id, r.edition): r for results in made.values() for r in results}

    def _one(self, job: Job) -> ReportResult:
        worker = self.idle.get()
        try:
            return worker.make(job, self.staging / job.partner_id, self.cell_seconds)
        finally:
            self.idle.put(worker)

    def _settle(self, results: list[ReportResult]) -> list[ReportResult]:
        """Give a partner's whole reports their place, or lay down why there are none."""
        partner_id = results[0].partner_id
        made, aside = self.staging / partner_id, self.out / ".run" / "aside"
        place, failed = self.out / "partners" / partner_id, self.out / "failed" / partner_id
        if all(result.done for result in results):
            remove_folder(failed, aside)
            swap_folder(made, place, aside)
            return [replace(result, files=_files(self.out, place, result)) for result in results]
        # An old report beside a failed run would be taken for a new one.
        remove_folder(place, aside)
        _keep_failure(made, results)
        swap_folder(made, failed, aside)
        return results


def _keep_failure(folder: Path, results: Iterable[ReportResult]) -> None:
    """Leave the error and the partial notebook; a page, even a whole one, is not published."""
    folder.mkdir(parents=True, exist_ok=True)
    for page in folder.glob("*.html"):
        page.unlink()
    told = [f"{r.partner_id}, edition {r.edition}\n{r.error}\n" for r in results if not r.done]
    write_whole(folder / "error.txt", "\n".join(told))


def _files(out: Path, place: Path, result: ReportResult) -> tuple[str, ...]:
    name = NAMES.get(result.edition, result.edition)
    return tuple((place / f"{name}.{end}").relative_to(out).as_posix() for end in ("html", "ipynb"))
