"""The whole batch: what a run leaves, what it does not touch, and what it says of the rest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from kpi_lib.audience import EDITIONS
from kpi_lib.batch import batch_run as module
from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.batch.jobs import ReportResult
from kpi_lib.batch.run_pages import NOTEBOOKS
from kpi_lib.errors import CallError, Problem, RunError, SettingsError
from kpi_lib.settings import load_settings
from kpi_lib.slices.file import read
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.portfolio_types import PortfolioSlice
from kpi_lib.slices.quality_types import QualitySlice
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests.data.broken import write_good

ASKED = BatchRequest(period="2024-Q2")


@pytest.fixture
def project(tmp_path):
    write_good(tmp_path)
    return tmp_path


@pytest.fixture
def made(monkeypatch):
    """Reports by a stand-in for the notebooks: a file each, or a failure where it is asked for."""
    failing: set[str] = set()

    def stand_in(jobs, *, out: Path, hooks, **more) -> list[ReportResult]:
        results = []
        for job in jobs:
            if job.page.subject in failing:
                results.append(ReportResult(job.page, (Problem("cell 3", "it broke"),)))
            else:
                page = out / f"{job.page.place}.html"
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(job.name)
                name = page.relative_to(out).as_posix()
                results.append(ReportResult(job.page, files=(name,)))
            hooks.progress(results[-1])
        hooks.before_pages()
        return results

    monkeypatch.setattr(module, "run_reports", stand_in)
    return failing


def run_in(project: Path, asked: BatchRequest = ASKED):
    settings = load_settings(project / "params" / "project.yml")
    return run_batch(settings, asked, project / "reports", lambda count: lambda result: None)


def states(project: Path) -> dict[str, str]:
    record = json.loads((project / "reports" / "2024-Q2" / "run.json").read_text())
    return {
        f"{r['partner_id']} {r['edition']}" if r["partner_id"] else r["page"]: r["stale"]
        or r["state"]
        for r in record["reports"]
    }


@pytest.mark.usefixtures("made")
def test_a_run_leaves_the_table_the_reports_their_index_and_a_record(project):
    outcome = run_in(project)
    assert outcome.failed == ()
    folder = project / "reports" / "2024-Q2"
    for name in ("index.html", "run.json", "kpis.parquet", "actions.parquet",
                 "partners/P1/scorecard.html"):  # fmt: skip
        assert (folder / name).is_file()
    assert set(states(project).values()) == {"done"}
    record = json.loads((folder / "run.json").read_text())
    assert set(record["inputs"]) == {"partners", "customers", "orders"}
    assert str(project) not in json.dumps(record)
    assert pl.read_parquet(folder / "kpis.parquet")["period"].unique().to_list() == ["2024-Q2"]
    assert {p.name for p in (folder / ".run" / "slices").iterdir()} == {"P1", "P2", "_run"}


@pytest.mark.usefixtures("made")
def test_a_run_leaves_the_quality_of_its_data_as_data_and_as_a_page(project):
    run_in(project, replace(ASKED, partners=("P1",)))
    folder = project / "reports" / "2024-Q2"
    assert (folder / "data_quality.html").is_file()
    gaps = pl.read_parquet(folder / ".run" / "quality" / "gaps.parquet")
    assert "deliveries" in gaps.filter(pl.col("kind") == "table")["table"].to_list()
    quality = read(QualitySlice, folder / ".run/slices/_run/data_quality")
    assert quality.partners == 2, "of all partners, though one was asked for"
    assert [row.table for row in quality.tables] == ["partners", "customers", "orders"]


def test_a_preview_makes_no_page_of_the_run(project, made, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "run_reports", lambda jobs, **_: seen.extend(jobs) or [])
    run_in(project, replace(ASKED, of_run=False))
    assert {job.page.is_partners for job in seen} == {True}
    assert not (project / "reports" / "2024-Q2" / ".run" / "slices" / "_run").exists()


def test_a_page_of_the_run_that_fails_is_named_and_its_failure_stays_until_it_is_made(
    project, made
):
    made.add("data_quality")
    outcome = run_in(project)
    assert [result.page.label for result in outcome.failed] == ["data_quality"]
    assert states(project)["P2 partner"] == "done"
    failed = project / "reports" / "2024-Q2" / "failed" / "_data_quality"
    failed.mkdir(parents=True)
    run_in(project)
    assert failed.exists(), "it is no stranger's"


def test_a_partner_that_fails_is_reported_and_stops_nobody(project, made):
    made.add("P1")
    outcome = run_in(project)
    failed = [(result.page.subject, result.page.edition) for result in outcome.failed]
    assert failed == [("P1", edition) for edition in EDITIONS]
    assert states(project)["P2 partner"] == "done"
    assert "it broke" in (project / "reports" / "2024-Q2" / "index.html").read_text()


@pytest.mark.usefixtures("made")
def test_a_run_for_some_says_of_the_others_that_they_are_not_made_yet(project):
    run_in(project, replace(ASKED, partners=("P2",)))
    assert states(project) == {
        **{Path(name).stem: "done" for name in NOTEBOOKS},
        **{f"P1 {edition}": "Not made yet" for edition in EDITIONS},
        **{f"P2 {edition}": "done" for edition in EDITIONS},
    }
    run_in(project, replace(ASKED, partners=("P1",), editions=("internal",)))
    assert states(project)["P2 partner"] == "done"
    assert states(project)["P1 partner"] == "Not made yet"


@pytest.mark.usefixtures("made")
def test_a_report_of_earlier_data_is_called_that(project):
    run_in(project)
    orders = project / "data" / "orders.csv"
    orders.write_text(orders.read_text() + "4,007,P1,2024-05-04,1\n")
    run_in(project, replace(ASKED, partners=("P1",)))
    assert states(project)["P1 partner"] == "done"
    assert states(project)["P2 partner"] == "Made from earlier data"
    assert "Made from earlier data" in (project / "reports/2024-Q2/index.html").read_text()


@pytest.mark.usefixtures("made")
def test_a_partner_that_left_the_data_leaves_the_reports(project):
    run_in(project)
    partners = project / "data" / "partners.csv"
    partners.write_text("\n".join(partners.read_text().splitlines()[:2]) + "\n")
    orders = project / "data" / "orders.csv"
    orders.write_text(orders.read_text().replace("3,,P2,", "3,,P1,"))
    run_in(project)
    assert not (project / "reports" / "2024-Q2" / "partners" / "P2").exists()


def test_a_run_that_is_killed_leaves_nothing_that_says_it_is_done(project, made, monkeypatch):
    run_in(project)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_reports", killed)
    with pytest.raises(KeyboardInterrupt):
        run_in(project)
    for name in ("index.html", "run.json"):
        assert not (project / "reports" / "2024-Q2" / name).exists()


@pytest.mark.usefixtures("made")
def test_two_runs_of_one_period_do_not_meet(project):
    run_in(project)
    with (
        FileLock(project / "reports" / "2024-Q2" / ".run" / "lock"),
        pytest.raises(RunError, match="another run is making them"),
    ):
        run_in(project)


def test_the_jobs_of_a_run_to_date_say_so(project, made, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "run_reports", lambda jobs, **_: seen.extend(jobs) or [])
    from datetime import date

    run_in(project, replace(ASKED, as_of=date(2024, 5, 2)))
    assert {job.parameters["as_of"] for job in seen} == {"2024-05-02"}
    assert all(project / "data" in job.shut for job in seen)
    assert not seen[0].page.is_partners, "the pages of the run among them"


@pytest.mark.usefixtures("made")
def test_managers_have_pages_and_one_without_partners_loses_its_own(project):
    partners = project / "data" / "partners.csv"
    head, *rows = partners.read_text().splitlines()
    for name in ("Ann/Bo", "Cleo"):
        lines = [f"{head},manager", *(f"{row},{name}" for row in rows)]
        partners.write_text("\n".join(lines) + "\n")
        run_in(project)
    folder = project / "reports" / "2024-Q2"
    assert [page.name for page in (folder / "managers").iterdir()] == ["Cleo.html"]
    assert states(project)["managers/Cleo"] == "done"
    assert (folder / "portfolio.html").is_file()
    slice_ = read(PortfolioSlice, folder / ".run/slices/_run/managers/Cleo")
    assert (slice_.scope, slice_.entity) == ("manager", "Cleo")


PLAYBOOK = """\
owners: {us: {en: Us}}
rules:
  few_orders:
    kpi: orders
    when: {below: 5}
    action: {en: Call}
    next_step: {en: "Only {value} of {limit}."}
    owner: us
    due_days: 10
"""


def insights_in(reports: Path, period: str, partner: str) -> Insights:
    place = reports / period / ".run" / "slices" / partner / "partner"
    insights = read(ScorecardSlice, place).insights
    assert insights is not None
    return insights


@pytest.mark.usefixtures("made")
def test_a_run_asks_and_the_next_period_finds_what_it_asked_for(project):
    (project / "params" / "playbook.yml").write_text(PLAYBOOK)
    with (project / "params" / "project.yml").open("a") as settings:
        settings.write("covered_from: 2024-04-01\n")
    run_in(project)
    actions = pl.read_parquet(project / "reports" / "2024-Q2" / "actions.parquet")
    assert actions.select("partner_id", "edition", "kpi", "value").rows() == [
        ("P1", "partner", "orders", 1.0),
        ("P1", "internal", "orders", 1.0),
        ("P2", "partner", "orders", 1.0),
        ("P2", "internal", "orders", 1.0),
    ]
    assert insights_in(project / "reports", "2024-Q2", "P1").actions[0].due == date(2024, 7, 10)
    run_in(project, BatchRequest(period="2024-Q3"))
    (became,) = insights_in(project / "reports", "2024-Q3", "P1").follow_up
    assert (became.then, became.now, became.moved) == (1.0, 0.0, "worse")
    (project / "reports" / "2024-Q2" / "actions.parquet").write_bytes(b"PAR1 and no more")
    run_in(project, BatchRequest(period="2024-Q3"))
    assert insights_in(project / "reports", "2024-Q3", "P1").earlier == "unreadable"


@pytest.mark.usefixtures("made")
def test_the_reports_of_earlier_periods_may_lie_elsewhere(project):
    (project / "params" / "playbook.yml").write_text(PLAYBOOK)
    run_in(project)
    settings = load_settings(project / "params" / "project.yml")
    elsewhere = replace(ASKED, period="2024-Q3", earlier=project / "reports")
    run_batch(settings, elsewhere, project / "preview", lambda count: lambda result: None)
    assert insights_in(project / "preview", "2024-Q3", "P1").earlier == "read"


@pytest.mark.usefixtures("made")
def test_without_a_playbook_nobody_is_asked_for_anything(project):
    run_in(project)
    assert len(pl.read_parquet(project / "reports" / "2024-Q2" / "actions.parquet")) == 0
    assert insights_in(project / "reports", "2024-Q2", "P1").has_playbook is False


@pytest.mark.usefixtures("made")
def test_a_playbook_that_is_wrong_is_refused_before_anything_is_written(project):
    wrong = PLAYBOOK.replace("orders", "orderz").replace("owner: us", "owner: them")
    (project / "params" / "playbook.yml").write_text(wrong)
    with pytest.raises(SettingsError) as error:
        run_in(project)
    assert [p.where.rpartition(" ")[2] for p in error.value.problems] == ["4", "8"]
    assert not (project / "reports").exists()


def test_pages_of_the_models_are_left_alone_until_something_changes(project, monkeypatch):
    tried = []

    def refuse(jobs, **_):
        tried.extend(job.page.label for job in jobs)
        return [ReportResult(job.page) for job in jobs]

    monkeypatch.setattr("kpi_lib.batch.batch_run.run_reports", refuse)
    run_in(project)
    folder = project / "reports" / "2024-Q2"
    for page in ("cltv", "churn"):
        (folder / f"{page}.html").write_text("a page")
    tried.clear()
    run_in(project)
    assert {"cltv", "churn"} & set(tried) == set()
    assert "data_quality" in tried
    assert pl.read_parquet(folder / "customers.parquet").is_empty(), "three orders tell nothing"


@pytest.mark.usefixtures("made")
def test_a_partner_that_joins_after_the_period_has_no_page_and_is_written_down(project):
    partners = project / "data" / "partners.csv"
    partners.write_text(partners.read_text() + "P3,Cedar,reseller,2024-08-01\n")
    run_in(project)
    record = json.loads((project / "reports" / "2024-Q2" / "run.json").read_text())
    assert record["joining_later"] == ["P3"]
    assert "P3 partner" not in states(project)
    with pytest.raises(CallError, match="P3 joined on 2024-08-01, after 2024-Q2"):
        run_in(project, replace(ASKED, partners=("P1", "P3")))
