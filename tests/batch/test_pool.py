"""A worker's death fails its job, and the next job gets a new worker."""

import io
import json
import sys
from pathlib import Path

import pytest

from kpi_lib.batch import pool
from kpi_lib.batch import worker as served
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.batch.pool import Worker

JOB = Job(Page("A", "partner"), Path("card.ipynb"), {"period": "2011-Q3"}, Path("slice"))
ANSWERS = """
import json, sys
for line in sys.stdin:
    job = json.loads(json.loads(line)["job"])
    if job["page"]["subject"] == "dies":
        print("out of memory", file=sys.stderr)
        raise SystemExit(9)
    if job["page"]["subject"] == "hangs":
        import time
        time.sleep(60)
    print(json.dumps({"page": job["page"], "problems": [], "files": []}), flush=True)
"""


@pytest.fixture
def worker(tmp_path):
    made = Worker(tmp_path / "run" / "worker.log", (sys.executable, "-c", ANSWERS))
    yield made
    made.stop()


def job(partner_id):
    return Job(Page(partner_id, "partner"), Path("card.ipynb"), {}, Path("slice"))


def test_a_dead_worker_fails_its_job_and_no_other(worker, tmp_path):
    assert worker.make(job("A"), tmp_path, 10).done
    died = worker.make(job("dies"), tmp_path, 10)
    assert not died.done
    assert "ended with status 9: out of memory" in died.error
    assert worker.make(job("B"), tmp_path, 10).done


def test_a_plain_worker_serves_each_job_with_a_process_of_its_own(tmp_path):
    plain = Worker(tmp_path / "worker.log", (sys.executable, "-c", ANSWERS), plain=True)
    for partner_id in ("A", "B"):
        assert plain.make(job(partner_id), tmp_path, 10).done
        assert plain._process is None, "it has ended"


def test_a_worker_that_hangs_is_stopped(worker, tmp_path):
    hung = worker.make(job("hangs"), tmp_path, 0.05)
    assert "its worker process ended with status -9" in hung.error


def test_a_worker_that_died_between_two_jobs_is_replaced(worker, tmp_path):
    worker.make(job("A"), tmp_path, 10)
    worker._process.kill()
    worker._process.wait()
    assert worker.make(job("B"), tmp_path, 10).done


def test_a_pipe_that_broke_counts_as_a_death(worker, tmp_path, monkeypatch):
    worker.make(job("A"), tmp_path, 10)
    process = worker._process
    process.kill()
    process.wait()
    monkeypatch.setattr(worker, "_running_process", lambda: process)
    assert not worker.make(job("B"), tmp_path, 10).done


def test_jobs_and_results_survive_the_way():
    assert Job.from_text(JOB.to_text()) == JOB
    assert JOB.page.file_name == "scorecard"
    result = ReportResult(Page("A", "partner"), files=("a.html",))
    assert ReportResult.from_text(result.to_text()) == result


def test_a_worker_answers_each_job_with_a_line(monkeypatch, tmp_path):
    from kpi_lib.batch import report as reports

    monkeypatch.setattr(reports, "make_report", lambda job, *rest: ReportResult(job.page))
    asked = json.dumps({"job": JOB.to_text(), "staging": str(tmp_path), "cell_seconds": 1})
    answers = io.StringIO()
    served.serve(io.StringIO(asked + "\n" + asked + "\n"), answers)
    assert [json.loads(line)["page"]["subject"] for line in answers.getvalue().splitlines()] == [
        "A",
        "A",
    ]


def test_a_worker_that_does_not_end_by_itself_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "_ENDS_WITHIN", 0.1)
    stubborn = Worker(
        tmp_path / "worker.log", (sys.executable, "-c", "import time; time.sleep(60)")
    )
    process = stubborn._running_process()
    stubborn.stop()
    assert process.returncode == -9
    stubborn.stop()


def test_a_worker_keeps_its_answers_apart_from_what_libraries_print(monkeypatch):
    done = []
    monkeypatch.setattr(served.os, "dup", lambda stream: done.append(("dup", stream)) or 1)
    monkeypatch.setattr(served.os, "fdopen", lambda *args, **more: "answers")
    monkeypatch.setattr(served.os, "dup2", lambda *args: done.append(("dup2", *args)))
    monkeypatch.setattr(served, "serve", lambda jobs, answers: done.append(answers))
    served.main()
    assert done == [("dup", 1), ("dup2", 2, 1), "answers"]
