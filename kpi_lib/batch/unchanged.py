"""Which pages need not be made again: what they are given and what makes them is as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from kpi_lib.batch.jobs import Job, ReportResult
from kpi_lib.models.model_cache import code_of, fingerprint
from kpi_lib.slices.file import FILE

RECORD = "unchanged.json"


def page_key(job: Job) -> str:
    """Return what a page is made from: its slice, its notebook, its parameters and the code."""
    made_of = fingerprint([job.slice_folder / FILE, job.notebook]) + fingerprint(code_of())
    parameters = json.dumps(dict(job.parameters), sort_keys=True)
    return hashlib.sha256(f"{made_of} {parameters}".encode()).hexdigest()


def unchanged_pages(jobs: Iterable[Job], folder: Path, hidden: Path) -> set[str]:
    """Return the places of the pages that stand in `folder` as they would be made now."""
    known = _read_record(hidden)
    return {
        job.page.place
        for job in jobs
        if known.get(job.page.place) == page_key(job)
        and all((folder / file).is_file() for file in job.page.files)
    }


def remember(jobs: Iterable[Job], made: Iterable[ReportResult], hidden: Path) -> None:
    """Write down what the pages that were made were made from, and forget those that failed."""
    known, by_page = _read_record(hidden), {result.page: result for result in made}
    for job in jobs:
        if job.page in by_page:
            known[job.page.place] = page_key(job) if by_page[job.page].done else ""
    (hidden / RECORD).write_text(json.dumps(known, sort_keys=True), encoding="utf-8")


def _read_record(hidden: Path) -> dict[str, str]:
    """Return the record of a hidden folder; empty where there is none that can be read."""
    try:
        record = json.loads((hidden / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
