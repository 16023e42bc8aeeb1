"""What a partner gets is searched before it takes its place: nothing of others stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kpi_lib.audience import audience_of
from kpi_lib.batch.jobs import Job
from kpi_lib.errors import Problem
from kpi_lib.leaks.allowed import Allowed
from kpi_lib.leaks.known import Named, leak_check, people_in
from kpi_lib.leaks.search import Leak, LeakCheck, Search
from kpi_lib.run import Run
from kpi_lib.slices.file import read
from kpi_lib.slices.scorecard_types import ScorecardSlice

_MOST = 8  # leaks that are listed of one report


@dataclass(frozen=True)
class LeakFree:
    """The search of the partner editions of a run; made once its tables are written."""

    check: LeakCheck

    @classmethod
    def of(cls, run: Run, tables: list[str]) -> LeakFree:
        """Return the search for a run: all partners of its data, later ones too, and its tables."""
        partners = run.dataset.tables["partners"].select("partner_id", "name").collect()
        named = Named(dict(partners.iter_rows()), people_in(run.settings.folder))
        return cls(leak_check(run.settings, run.folder, tables, named))

    @property
    def let_through(self) -> tuple[Allowed, ...]:
        """What stands on pages because a person allowed it."""
        return tuple(sorted(self.check.let_through, key=lambda a: (a.partner_id, a.text)))

    def problems(self, job: Job, made: Path) -> list[Problem]:
        """Return what must not stand in the files of a report, which lie in the folder `made`."""
        if not job.page.is_partners or audience_of(job.page.edition).is_internal:
            return []
        search = self.check.of(read(ScorecardSlice, job.slice_folder), job.page.subject)
        typed = search.typed()
        reported = {_key(leak) for leak in typed}
        shown = [leak for leak in _leaks_in_files(search, job, made) if _key(leak) not in reported]
        return [_problem_of_leak(leak, job) for leak in [*typed, *shown][:_MOST]]


def _key(leak: Leak) -> tuple[str, str, str]:
    return leak.what, leak.whose, leak.text


def _leaks_in_files(search: Search, job: Job, made: Path) -> list[Leak]:
    """Return the leaks of the page, the notebook and the PDF, each once."""
    found: dict[tuple[str, str, str], Leak] = {}
    for name in (f"{job.page.file_name}.{ending}" for ending in ("html", "ipynb", "pdf")):
        file = made / name
        if not file.is_file():
            continue
        if name.endswith("pdf"):
            leaks = search.pdf(name, file.read_bytes())
        else:
            look = search.page if name.endswith("html") else search.notebook
            leaks = look(name, file.read_text(encoding="utf-8"))
        for leak in leaks:
            found.setdefault(_key(leak), leak)
    return list(found.values())


def _problem_of_leak(leak: Leak, job: Job) -> Problem:
    """Return a leak as the problem of its report, with the command that would allow it."""
    partner_id = job.page.subject
    todo = "Take it out, and run again."
    if leak.text:
        todo += f" Or, where it may stand: kpi allow {partner_id} {leak.text!r} --reason TEXT"
    return Problem(
        f"{job.page.label}, {leak.where}", f"{leak.found}, which is not for {partner_id}", todo
    )
