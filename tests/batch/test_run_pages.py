"""Pages of the run itself: made, refused, withheld and reported as those of a partner are."""

from __future__ import annotations

import json
from dataclasses import replace

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kpi_lib import paths
from kpi_lib.atomic import write_whole
from kpi_lib.batch import report as reports
from kpi_lib.batch import run_pages as pages
from kpi_lib.batch import runner
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.report import make_report
from kpi_lib.batch.run_index import RunRecord, write_record
from kpi_lib.errors import Problem, RunError
from kpi_lib.publish.exporter import LARGEST_OF_RUN
from kpi_lib.slices import file
from kpi_lib.slices.portfolio_types import PortfolioSlice, Reports
from tests import given, given_portfolio, given_quality

NOTEBOOK = paths.package().parent / "notebooks" / "data_quality.ipynb"
QUALITY = Page("data_quality")
ASKED = {"period": "2011-Q3", "as_of": ""}


@pytest.mark.parametrize(
    ("page", "files", "failed", "label"),
    [
        pytest.param(
            Page("Germany", "partner"),
            tuple(f"partners/Germany/scorecard.{end}" for end in ("html", "ipynb", "pdf")),
            "failed/Germany",
            "Germany, scorecard",
            id="a partner's",
        ),
        pytest.param(
            QUALITY,
            ("data_quality.html",),
            "failed/_data_quality",
            "data_quality",
            id="one of the run",
        ),
        pytest.param(
            Page("Ann", group="managers"),
            ("managers/Ann.html",),
            "failed/_managers/Ann",
            "managers/Ann",
            id="one of several",
        ),
    ],
)
def test_what_a_page_is_says_where_it_stands(page, files, failed, label):
    assert (page.files, page.failed, page.label) == (files, failed, label)


def test_a_partner_may_bear_the_name_of_a_page_of_the_run():
    named = Page("data_quality", "partner")
    assert named.unit != QUALITY.unit
    assert named.failed != QUALITY.failed


# --- many pages, without a kernel -----------------------------------------------------------------


class FakeWorker:
    """Makes a page without a kernel; the subjects in `failing` fail."""

    failing: tuple = ()

    def __init__(self, log, *, plain):
        self.log = log

    def make(self, job, staging, cell_seconds):
        for end in ("html", "ipynb"):
            write_whole(staging / f"{job.page.file_name}.{end}", job.page.label)
        broken = job.page.subject in self.failing
        problems = (Problem(job.page.label, "it broke at /somewhere/x.csv"),) if broken else ()
        return ReportResult(job.page, problems, 1.0, 0.5, 10)

    def stop(self):
        pass


@pytest.fixture
def batch(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "Worker", FakeWorker)
    monkeypatch.setattr(runner, "prepare", lambda: False)
    slices = tmp_path / "2011-Q3" / ".run" / "slices"
    cell = new_code_cell('period = ""\nas_of = ""\nslice = ""', metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "any.ipynb")
    of_run = Job(
        QUALITY, tmp_path / "any.ipynb", ASKED, given_quality.write(given_quality.whole(), slices)
    )
    card = given.rich()
    partners = Job(
        Page("Germany", "partner"), tmp_path / "any.ipynb", ASKED, given.write(card, slices)
    )
    return [of_run, partners], tmp_path / "2011-Q3"


def run(batch, failing=()):
    FakeWorker.failing = failing
    jobs, out = batch
    results = runner.run_reports(jobs, out=out, staff=runner.Staff(2))
    write_record(out, RunRecord("2026-10-01T06:00:00+00:00", 12.3, "0.1.0"), jobs, results)
    return results


def index(out):
    soup = BeautifulSoup((out / "index.html").read_text(), "html.parser")
    return soup, {link["href"] for link in soup.find_all("a")}


def test_a_page_of_the_run_takes_its_place_and_the_index_links_it(batch):
    results = run(batch)
    out = batch[1]
    assert results[0].files == ("data_quality.html",)
    assert (out / "data_quality.html").read_text() == "data_quality"
    assert not (out / "data_quality.ipynb").exists()
    soup, links = index(out)
    assert "data_quality.html" in links
    assert "1 report of 1 partner: all done." in soup.text
    record = json.loads((out / "run.json").read_text())
    assert (record["state"], record["partners"], record["failed"]) == ("done", 1, [])
    assert [(r["page"], r["partner_id"], r["edition"]) for r in record["reports"]] == [
        ("data_quality", None, None),
        ("partners/Germany/scorecard", "Germany", "partner"),
    ]


def test_one_that_fails_is_withheld_and_stops_nobody(batch):
    run(batch)
    results = run(batch, failing=("data_quality",))
    out = batch[1]
    assert [result.done for result in results] == [False, True]
    assert not (out / "data_quality.html").exists(), "the earlier one would be taken for this run's"
    assert (out / "partners" / "Germany" / "scorecard.html").exists()
    failed = out / "failed" / "_data_quality"
    assert "it broke at" in (failed / "error.txt").read_text()
    assert not list(failed.glob("*.html"))
    soup, links = index(out)
    assert "failed/_data_quality/error.txt" in links
    assert "data_quality.html" not in links
    assert "1 page of the whole run failed" in soup.text
    assert "/somewhere" not in soup.text
    record = json.loads((out / "run.json").read_text())
    assert (record["state"], record["failed"]) == ("some failed", ["data_quality"])


def test_one_that_succeeds_again_loses_its_failure(batch):
    run(batch, failing=("data_quality",))
    run(batch)
    assert not (batch[1] / "failed" / "_data_quality").exists()
    assert (batch[1] / "data_quality.html").exists()


def test_a_partner_that_fails_leaves_the_pages_of_the_run(batch):
    run(batch, failing=("Germany",))
    assert (batch[1] / "data_quality.html").exists()
    assert not (batch[1] / "partners" / "Germany").exists()


# --- whose page it is -----------------------------------------------------------------------------


def notebook_saying(**about) -> nbformat.NotebookNode:
    """A notebook whose heading says this of itself."""
    parts = [about | {"part": "heading"}, {"part": "made"}]
    outputs = [
        new_output(
            "execute_result", {"text/html": ""}, metadata={"scorecard": p}, execution_count=1
        )
        for p in parts
    ]
    return new_notebook(cells=[new_code_cell("x", execution_count=1, outputs=outputs)])


OF_RUN = Job(QUALITY, NOTEBOOK, ASKED, paths.package())
OF_PARTNER = Job(Page("A", "partner"), NOTEBOOK, ASKED, paths.package())


@pytest.mark.parametrize(
    ("job", "about", "found"),
    [
        pytest.param(OF_RUN, {"period": "2011-Q3"}, "page None, not 'data_quality'", id="unsaid"),
        pytest.param(
            OF_RUN,
            {"page": "portfolio", "period": "2011-Q3"},
            "page 'portfolio', not 'data_quality'",
            id="another page",
        ),
        pytest.param(
            OF_RUN,
            {"page": "data_quality", "period": "2011-Q2"},
            "period '2011-Q2', not '2011-Q3'",
            id="another period",
        ),
        pytest.param(
            OF_RUN,
            {"page": "data_quality", "period": "2011-Q3", "partner_id": "A"},
            "partner_id 'A', not None",
            id="a partner's figures on the run's page",
        ),
        pytest.param(
            OF_PARTNER,
            {"partner_id": "A", "edition": "partner", "period": "2011-Q3", "page": "data_quality"},
            "page 'data_quality', not None",
            id="the run's figures on a partner's page",
        ),
    ],
)
def test_a_page_of_something_else_is_refused(job, about, found):
    with pytest.raises(RunError, match=f"the page is of {found}"):
        reports._require_whole(job, notebook_saying(**about), "")


def test_the_page_that_was_asked_for_is_not():
    whole = {"page": "data_quality", "period": "2011-Q3"}
    assert reports._require_whole(OF_RUN, notebook_saying(**whole), "") is None


# --- the page itself ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["whole", "poor"])
def test_the_page_is_made_whole_from_its_slice_alone(name, tmp_path, exporter):
    slice_folder = given_quality.write(getattr(given_quality, name)(), tmp_path / "slices")
    result = make_report(Job(QUALITY, NOTEBOOK, ASKED, slice_folder), tmp_path / "made", exporter)
    assert result.error == ""
    page = (tmp_path / "made" / "data_quality.html").read_text()
    assert result.bytes == len(page.encode()) < LARGEST_OF_RUN
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all(["script", "link", "iframe"])
    assert [heading.text for heading in soup.find_all("h1")] == [
        "Data quality Q3\N{NO-BREAK SPACE}2011"
    ]
    titles = [heading.text for heading in soup.find_all("h2")]
    assert titles[0] == "Who answers for what"
    assert titles[-1] == "How this was made"
    assert all(picture.get("alt") for picture in soup.find_all("img"))


def test_a_slice_of_which_half_is_missing_fails_the_page(tmp_path, exporter):
    slice_folder = given_quality.write(given_quality.whole(), tmp_path / "slices")
    whole = json.loads((slice_folder / file.FILE).read_text(encoding="utf-8"))
    del whole["content"]["kpis"], whole["content"]["partners"]
    (slice_folder / file.FILE).write_text(json.dumps(whole), encoding="utf-8")
    result = make_report(Job(QUALITY, NOTEBOOK, ASKED, slice_folder), tmp_path / "made", exporter)
    assert "kpis: it is missing" in result.error
    assert not list((tmp_path / "made").glob("*.html"))
    assert (tmp_path / "made" / "data_quality.partial.ipynb").exists()


def test_the_notebook_declares_what_it_is_given(tmp_path, monkeypatch):
    pages.require_notebooks()
    cell = new_code_cell('period = ""\nslice = ""', metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "data_quality.ipynb")
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    with pytest.raises(RunError, match="no parameter as_of"):
        pages.require_notebooks()


def test_a_project_with_notebooks_of_its_own_need_not_have_them_all(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path)
    assert paths.notebook("data_quality.ipynb") == NOTEBOOK
    (tmp_path / "data_quality.ipynb").write_text("{}")
    assert paths.notebook("data_quality.ipynb") == tmp_path / "data_quality.ipynb"


# --- portfolios -----------------------------------------------------------------------------------

FOLIO = paths.package().parent / "notebooks" / "portfolio.ipynb"


@pytest.mark.parametrize(
    ("page", "whose", "first"),
    [
        pytest.param(Page("portfolio"), {}, "Partners against direct business", id="all partners"),
        pytest.param(
            Page("Bo-Co", group="managers"), {"manager": "Bo/Co"}, "Exceptions", id="a manager's"
        ),
        pytest.param(
            Page("North", group="branches"), {"branch": "North"}, "Exceptions", id="a branch's"
        ),
    ],
)
def test_a_portfolio_page_is_made_whole_and_a_part_begins_with_exceptions(
    page, whose, first, tmp_path, exporter
):
    folder = tmp_path / "slice"
    file.write(given_portfolio.shared()[1][page.place], folder)
    asked = {"period": "2026-Q3", "as_of": "", "manager": "", "branch": ""} | whose
    result = make_report(Job(page, FOLIO, asked, folder), tmp_path / "made", exporter)
    assert result.error == ""
    html = (tmp_path / "made" / f"{page.file_name}.html").read_text()
    assert len(html.encode()) < LARGEST_OF_RUN
    soup = BeautifulSoup(html, "html.parser")
    titles = [heading.text for heading in soup.find_all("h2")]
    assert titles[:2] == ["At a glance", first]
    assert titles[-1] == "How this was made"
    assert all(picture.get("alt") for picture in soup.find_all("img"))
    up = "../" if page.group else ""
    links = {link["href"] for link in soup.find_all("a")}
    mine = {p.partner_id for p in given_portfolio.shared()[1][page.place].partners}
    assert links == {f"{up}partners/{partner}/internal.html" for partner in mine}


def test_a_portfolio_knows_whose_reports_stand_and_whose_failed(tmp_path):
    place = tmp_path / "slices" / "portfolio"
    slice_ = replace(given_portfolio.shared()[1]["portfolio"], reports=Reports())
    file.write(slice_, place)
    write_whole(tmp_path / "partners" / "alder" / "internal.html", "x")
    write_whole(tmp_path / "partners" / "cedar" / "scorecard.html", "only the partner's")
    write_whole(tmp_path / "failed" / "birch" / "error.txt", "x")
    jobs = [Job(Page("portfolio"), FOLIO, ASKED, place), Job(QUALITY, NOTEBOOK, ASKED, tmp_path)]
    pages.add_reports(jobs, tmp_path)
    written = file.read(PortfolioSlice, place)
    assert written.reports == Reports(there=("alder",), failed=("birch",))
    assert written.partners == slice_.partners, "the rest is as it was"


def test_the_index_names_managers_and_branches_after_what_is_about_all(tmp_path):
    slices = tmp_path / "2011-Q3" / ".run" / "slices"
    card = given.write(given.rich(), slices)
    listed = [
        *(Page("Ann", group="managers"), Page("North", group="branches"), Page("portfolio")),
        Page("Germany", "partner"),
    ]
    jobs = [Job(page, FOLIO, ASKED, card) for page in listed]
    results = [ReportResult(page, files=page.files[:1]) for page in listed]
    write_run_with(jobs, results, tmp_path / "2011-Q3")
    soup, links = index(tmp_path / "2011-Q3")
    names = [row.th.text for row in soup.select("table.index")[0].select("tbody tr")]
    assert names == ["Portfolio", "Branch North", "Account manager Ann"]
    assert {"portfolio.html", "managers/Ann.html", "branches/North.html"} <= links


def write_run_with(jobs, results, out):
    for result in results:
        for name in result.files:
            write_whole(out / name, "a page")
    write_record(out, RunRecord("2026-10-01T06:00:00+00:00", 12.3, "0.1.0"), jobs, results)
