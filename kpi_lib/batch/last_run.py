"""What the last run of a period left of the pages that this run does not make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.errors import Problem
from kpi_lib.measure.published import read_record
from kpi_lib.show.common.language import N_

NOT_MADE, FROM_EARLIER_DATA = N_("Not made yet"), N_("Made from earlier data")


@dataclass(frozen=True)
class LastRun:
    """The reports of the last run of a period, by its record; `fingerprint`: of the data now."""

    folder: Path
    record: dict[str, Any]
    fingerprint: str

    @classmethod
    def take(cls, folder: Path, fingerprint: str) -> LastRun:
        """Read the record and take it away: until a run ends, nothing says that it is done."""
        record = read_record(folder)
        for name in ("index.html", "run.json"):
            (folder / name).unlink(missing_ok=True)
        return cls(folder, record, fingerprint)

    def with_made(self, jobs: Sequence[Job], made: Iterable[ReportResult]) -> list[ReportResult]:
        """Return a result for every job: one that was made now, or what is there of it."""
        now = {result.page: result for result in made}
        return [now.get(job.page) or self.result_of(job.page) for job in jobs]

    def result_of(self, page: Page) -> ReportResult:
        """Return the page as it stands from before, and what is to be known of its age."""
        for report in self.record.get("reports", []):
            if report.get("page") == page.place:
                return self._result_of_entry(page, report)
        return ReportResult(page, stale=NOT_MADE)

    def _result_of_entry(self, page: Page, report: dict[str, Any]) -> ReportResult:
        """Return the result that an entry of that run stands for, by the files still there."""
        files = tuple(name for name in report["files"] if (self.folder / name).is_file())
        same_data = self.record.get("data", {}).get("fingerprint") == self.fingerprint
        problems = tuple(Problem(**problem) for problem in report["problems"])
        stale = report.get("stale", "") or ("" if same_data else FROM_EARLIER_DATA)
        return ReportResult(
            page=page,
            problems=problems,
            seconds=report["seconds"],
            cpu_seconds=report["cpu_seconds"],
            bytes=report["bytes"],
            files=files,
            stale=stale if files or problems else NOT_MADE,
        )
