"""Many reports: one failure never stops the rest, and what is published is whole."""

import json

import pytest

from kpi_lib.atomic import write_whole
from kpi_lib.batch import runner
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.run_index import RunRecord, run_record, without_folders, write_record
from kpi_lib.errors import Problem, RunError
from tests import given


class FakeWorker:
    """Makes a page without a kernel; partners named in `failing` fail in the internal edition."""

    failing: tuple = ()

    def __init__(self, log, *, plain):
        self.log = log

    def make(self, job, staging, cell_seconds):
        for end in ("html", "ipynb"):
            write_whole(staging / f"{job.page.file_name}.{end}", job.page.label)
        problems = ()
        if job.page.subject in self.failing and job.page.edition == "internal":
            write_whole(staging / "internal.partial.ipynb", "partial")
            problems = (
                Problem(job.page.label, "no such file /somewhere/reports/x.csv", "Look there."),
            )
        return ReportResult(job.page, problems, 1.0, 0.5, 10)

    def stop(self):
        pass


@pytest.fixture
def batch(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "Worker", FakeWorker)
    monkeypatch.setattr(runner, "prepare", lambda: False)
    notebook = tmp_path / "card.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "outputs": [],
            "execution_count": None, "source": 'partner_id = ""\nslice = ""'}  # fmt: skip
    notebook.write_text(json.dumps({"cells": [cell]}))
    jobs = []
    for name in ("rich", "tiny", "hostile"):
        for edition in ("partner", "internal"):
            raw = getattr(given, name)() | {"edition": edition}
            folder = given.write(raw, tmp_path / "slices")
            partner_id = raw["partner"]["partner_id"]
            asked = {"partner_id": partner_id}
            jobs.append(Job(Page(partner_id, edition), notebook, asked, folder))
    return jobs, tmp_path / "2011-Q3"


def run(batch, failing=(), **hooks):
    FakeWorker.failing = failing
    jobs, out = batch
    return runner.run_reports(jobs, out=out, staff=runner.Staff(2), hooks=runner.Hooks(**hooks))


def test_a_partners_reports_take_their_place_together(batch):
    seen = []
    results = run(batch, progress=seen.append)
    assert all(result.done for result in results)
    assert len(seen) == 6
    assert results[0].files == (
        "partners/Germany/scorecard.html",
        "partners/Germany/scorecard.ipynb",
    )
    out = batch[1]
    assert {f.name for f in (out / "partners/Germany").iterdir()} == {
        "scorecard.html", "scorecard.ipynb", "internal.html", "internal.ipynb",
    }  # fmt: skip
    assert not (out / "failed").exists()
    assert not (out / ".run/staging").exists()


def test_the_pages_of_the_run_are_made_when_all_reports_have_their_place(batch):
    jobs, out = batch
    seen = []

    def look():
        seen.append(sorted(place.name for place in (out / "partners").iterdir()))

    run(batch, before_pages=look)
    assert seen == [sorted({job.page.subject for job in jobs})]


def test_one_failure_leaves_the_others_and_takes_the_old_report_away(batch):
    run(batch)
    results = run(batch, failing=("Germany",))
    out = batch[1]
    assert [r.done for r in results] == [True, False, True, True, True, True]
    assert not (out / "partners/Germany").exists()
    assert (out / "partners/Lithuania/scorecard.html").exists()
    kept = {f.name for f in (out / "failed/Germany").iterdir()}
    assert {"error.txt", "internal.partial.ipynb"} <= kept
    assert not [name for name in kept if name.endswith(".html")]
    assert "no such file" in (out / "failed/Germany/error.txt").read_text()


def test_a_partner_that_succeeds_again_loses_its_failure(batch):
    run(batch, failing=("Germany",))
    run(batch)
    assert not (batch[1] / "failed/Germany").exists()
    assert (batch[1] / "partners/Germany/scorecard.html").exists()


def test_a_parameter_that_the_notebook_does_not_know_stops_everything(batch):
    jobs, out = batch
    bad = Job(Page("A", "partner"), jobs[0].notebook, {"partner": "A"}, jobs[0].slice_folder)
    with pytest.raises(RunError, match="no parameter partner"):
        runner.run_reports([*jobs, bad], out=out)
    assert not out.exists()


def test_the_index_shows_every_report_with_its_state(batch):
    results = run(batch, failing=("Lithuania",))
    jobs, out = batch
    write_record(out, RunRecord("2026-10-01T06:00:00+00:00", 12.3, "0.1.0"), jobs, results)
    html = (out / "index.html").read_text()
    assert "6 reports of 3 partners; 1 partner failed." in html
    assert 'href="partners/Germany/scorecard.html"' in html
    assert 'href="failed/Lithuania/error.txt"' in html
    assert html.index("Lithuania") < html.index(">Germany")  # what needs a person comes first
    assert "<script" not in html
    assert "/somewhere" not in html


def test_the_record_says_what_was_run_and_names_no_place_of_this_machine(batch):
    results = run(batch, failing=("Lithuania",))
    jobs, out = batch
    write_record(
        out,
        RunRecord("2026-10-01T06:00:00+00:00", 12.3, "0.1.0", 2, {"orders": "ab"}),
        jobs,
        results,
    )
    text = (out / "run.json").read_text()
    record = json.loads(text)
    assert record["state"] == "some failed"
    assert record["failed"] == ["Lithuania"]
    assert record["period"] == "2011-Q3"
    assert record["inputs"] == {"orders": "ab"}
    assert len(record["reports"][0]["files"]["partners/Germany/scorecard.html"]) == 64
    assert record["reports"][3]["problems"][0]["found"] == "no such file x.csv"
    assert str(out.parent) not in text


def test_a_run_without_partners_is_recorded_too(tmp_path):
    write_record(tmp_path, RunRecord("2026-10-01T06:00:00+00:00", 0.1, "0.1.0"), [], [])
    assert json.loads((tmp_path / "run.json").read_text())["partners"] == 0
    assert "No partners" in (tmp_path / "index.html").read_text()


def test_a_record_needs_no_revenue(tmp_path):
    raw = given.rich()
    raw["kpis"] = raw["kpis"][1:]
    job = Job(Page("Germany", "partner"), tmp_path, {}, given.write(raw, tmp_path))
    results = [ReportResult(Page("Germany", "partner"))]
    write_record(tmp_path, RunRecord("2026-10-01T06:00:00+00:00", 0.1, "0.1.0"), [job], results)
    assert "Orders" in (tmp_path / "index.html").read_text(), "they say how much business there was"
    assert run_record(tmp_path, RunRecord("", 0, ""), [], given.card_of(raw))["state"] == "done"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it asked for /tmp/a/kpis.parquet", "it asked for kpis.parquet"),
        (r"C:\Users\ann\x.csv is missing", "x.csv is missing"),
        ("and/or 1/2", "and/or 1/2"),
        ("'/a/b'", "'b'"),
    ],
)
def test_a_path_keeps_its_last_part(text, shown):
    assert without_folders(text) == shown


def test_the_index_tells_of_the_run_and_not_of_the_partner_that_comes_first(tmp_path):
    raw = given.rich()
    raw["partner"]["left_on"] = "2011-06-30"
    raw["data"] |= {"left_out": {"orders": 3}}
    job = Job(Page("Germany", "partner"), tmp_path, {}, given.write(raw, tmp_path))
    results = [ReportResult(Page("Germany", "partner"))]
    write_record(tmp_path, RunRecord("2026-10-01T06:00:00+00:00", 0.1, "0.1.0"), [job], results)
    index = (tmp_path / "index.html").read_text()
    assert "The partnership with" not in index
    assert "3 rows of orders were left out because of faults." in index
