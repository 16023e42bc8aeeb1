"""Reports made once for all tests that look at them: a kernel costs seconds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from kpi_lib import paths
from kpi_lib.batch.jobs import Job, Page, ReportResult
from tests import given


def job_of(raw, folder, notebook=None):
    """Return the job that makes the scorecard of a slice."""
    asked = {"partner_id": raw["partner"]["partner_id"], "edition": raw["edition"]}
    asked |= {"period": raw["period"], "as_of": raw["as_of"]}
    notebook = notebook or paths.package().parent / "notebooks" / "partner_scorecard.ipynb"
    name = raw["partner"]["name"]
    return Job(Page(asked["partner_id"], raw["edition"]), notebook, asked, folder, name)


def edited(folder: Path, *sources: str, goes_on: bool = False, bare: bool = False) -> Path:
    """Return a copy of the notebook with further cells after its heading, as somebody may edit it.

    `goes_on`: their errors do not stop the notebook. `bare`: only the parameters and these cells.
    """
    original = paths.package().parent / "notebooks" / "partner_scorecard.ipynb"
    notebook = nbformat.read(original, as_version=4)
    tags = {"tags": ["raises-exception"]} if goes_on else {}
    cells = [new_code_cell(source, metadata=tags) for source in sources]
    if bare:
        notebook.cells = [c for c in notebook.cells if c.id == "parameters"] + cells
    else:
        place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "heading") + 1
        notebook.cells[place:place] = cells
    file = folder / "edited.ipynb"
    nbformat.write(notebook, file)
    return file


@dataclass
class Made:
    """A report that was made in this process, so that coverage sees it."""

    result: ReportResult
    folder: Path

    @property
    def page(self) -> str:
        return (self.folder / "scorecard.html").read_text(encoding="utf-8")

    @property
    def notebook(self):
        return nbformat.read(self.folder / "scorecard.ipynb", as_version=4)


@pytest.fixture(scope="session")
def exporter():
    """One exporter for all: its first page costs ten times the next."""
    from kpi_lib.publish.exporter import ScorecardExporter

    return ScorecardExporter()


@pytest.fixture(scope="session")
def made(tmp_path_factory, exporter):
    """The report of the partner with the hostile name, which has all that others have."""
    from kpi_lib.batch.report import make_report

    folder = tmp_path_factory.mktemp("made")
    raw = given.hostile()
    job = job_of(raw, given.write(raw, folder / "slices"))
    return Made(make_report(job, folder / "staging", exporter), folder / "staging")
