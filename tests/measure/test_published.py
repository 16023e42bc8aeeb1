"""Two periods, and what a later run says of what an earlier one published."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.batch import batch_run as module
from kpi_lib.batch.batch_run import BatchRequest, run_batch
from kpi_lib.batch.jobs import ReportResult
from kpi_lib.errors import Problem
from kpi_lib.measure.compute import compute
from kpi_lib.settings import load_settings
from kpi_lib.slices.file import read
from kpi_lib.slices.page_types import Dispute
from kpi_lib.slices.scorecard_types import ScorecardSlice

PARTNERS = """partner_id,name,partner_type,joined_on
P1,Alder,reseller,2023-01-01
P2,Birch,distribution,2023-01-01
"""
ORDERS = """order_id,customer_id,partner_id,ordered_on,amount
1,C1,P1,2024-05-01,100
2,C2,P2,2024-05-02,70
3,C1,P1,2024-08-01,40
4,C2,P2,2024-08-02,30
"""
Q2, Q3 = BatchRequest(period="2024-Q2"), BatchRequest(period="2024-Q3")
WHO = ["scope", "entity", "kpi"]


class Project:
    """A project of two partners, its runs, and what they leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("params", "data"):
            (folder / name).mkdir()
        self.settings("data: ../data\n")
        self.table("partners", PARTNERS)
        self.table("orders", ORDERS)

    def settings(self, text: str) -> None:
        (self.folder / "params" / "project.yml").write_text(text)

    def table(self, name: str, text: str) -> None:
        (self.folder / "data" / f"{name}.csv").write_text(text)

    def change(self, old: str, new: str) -> None:
        """Change the orders."""
        orders = self.folder / "data" / "orders.csv"
        assert old in orders.read_text()
        orders.write_text(orders.read_text().replace(old, new))

    def run(self, asked: BatchRequest):
        settings = load_settings(self.folder / "params" / "project.yml")
        return run_batch(
            settings, asked, self.folder / "reports", lambda count: lambda result: None
        )

    def file(self, name: str, asked: BatchRequest = Q3) -> Path:
        return self.folder / "reports" / str(asked.period) / name

    def record(self, asked: BatchRequest = Q3) -> dict:
        return json.loads(self.file("run.json", asked).read_text())

    def restatements(self, asked: BatchRequest = Q3) -> pl.DataFrame:
        return pl.read_parquet(self.file("restatements.parquet", asked))

    def slice(self, partner: str, edition: str, asked: BatchRequest = Q3) -> ScorecardSlice:
        return read(ScorecardSlice, self.file(f".run/slices/{partner}/{edition}", asked))


COMPUTED: dict = {}


def remembered(dataset, settings, period, as_of, options):
    """The figures of a run; the tests' runs are of few data, and computing is what takes time."""
    data = tuple(sorted(dataset.fingerprints.items()))
    key = (data, settings.reporting_currency, settings.year_end, period, as_of)
    if key not in COMPUTED:
        COMPUTED[key] = compute(dataset, settings, period, as_of, options)
    return COMPUTED[key]


@pytest.fixture
def failing():
    """Partners whose reports fail."""
    return set()


@pytest.fixture
def project(tmp_path, monkeypatch, failing):
    """The project, with a stand-in for the notebooks."""

    def stand_in(jobs, *, out: Path, hooks, **more) -> list[ReportResult]:
        results = []
        for job in jobs:
            result = ReportResult(job.page)
            if job.page.subject in failing:
                result = replace(result, problems=(Problem("cell 3", "it broke"),))
            else:
                page = out / f"{job.page.place}.html"
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(job.name)
                result = replace(result, files=(page.relative_to(out).as_posix(),))
            results.append(result)
        hooks.before_pages()
        return results

    monkeypatch.setattr(module, "run_reports", stand_in)
    monkeypatch.setattr("kpi_lib.run.compute", remembered)
    return Project(tmp_path)


def differing(before: pl.DataFrame, after: pl.DataFrame) -> set[tuple]:
    """Who and which KPI has another value in two KPI tables, seen the plain way."""
    both = before.select(*WHO, was="value").join(after.select(*WHO, now="value"), on=WHO)
    pairs = {row[:3]: row[3:] for row in both.rows()}
    return {key for key, (was, now) in pairs.items() if was != now and was != pytest.approx(now)}


def test_exactly_the_figures_that_a_changed_order_moves_are_restated(project):
    project.run(Q2)
    before = pl.read_parquet(project.file("kpis.parquet", Q2))
    project.change("2024-05-01,100", "2024-05-01,90")
    outcome = project.run(Q3)
    restated = project.restatements()
    project.run(Q2)
    moved = differing(before, pl.read_parquet(project.file("kpis.parquet", Q2)))
    assert set(restated.select(WHO).rows()) == moved
    assert restated["period"].unique().to_list() == ["2024-Q2"]
    revenue = restated.filter(kpi="revenue", scope="partner")
    assert revenue.select("entity", "published", "now", "difference").rows() == [
        ("P1", 100.0, 90.0, -10.0)
    ]
    again = project.restatements(Q2)
    assert set(again.select(WHO).rows()) == moved, "the same period again"
    assert outcome.findings.restated == len(restated) == project.record()["restatements"]["figures"]


def test_a_run_of_unchanged_data_restates_nothing(project):
    for asked in (Q2, Q3, Q2, Q3):
        assert project.run(asked).findings.restated == 0
        assert len(project.restatements(asked)) == 0
        assert project.record(asked)["restatements"] == {
            "figures": 0,
            "largest": [],
            "not_compared": [],
        }


def test_each_partner_is_told_of_its_own_figures_and_of_shared_ones_only(project):
    project.table(
        "orders",
        "order_id,customer_id,partner_id,ordered_on,amount,cost\n"
        "1,C1,P1,2024-05-01,100,60\n2,C2,P2,2024-05-02,70,50\n3,C1,P1,2024-08-01,40,20\n",
    )
    project.run(Q2)
    project.change("2024-05-01,100,", "2024-05-01,90,")
    project.run(Q3)
    mine = project.slice("P1", "partner").restated
    shown = {row.kpi: (row.period, row.published, row.now) for row in mine}
    assert shown["revenue"] == ("2024-Q2", 100.0, 90.0)
    assert "gross_margin" not in shown
    assert "gross_margin" in {row.kpi for row in project.slice("P1", "internal").restated}
    theirs = {row.kpi for row in project.slice("P2", "internal").restated}
    assert theirs == {"revenue_share"}, "its share of the company moved, which is internal"
    assert project.slice("P2", "partner").restated == ()


def test_the_index_and_the_record_name_the_largest_changes_and_the_file_holds_all(project):
    project.run(Q2)
    project.change("2024-05-01,100", "2024-05-01,90")
    outcome = project.run(Q3)
    page = project.file("index.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "Q2 2024, Joint revenue of Alder: was €100, is €90.00" in page
    assert f"{outcome.findings.restated} past figures differ from what was published" in page
    assert "restatements.parquet" in page
    assert "Past figures that changed</h2>" not in project.file("index.html", Q2).read_text()
    largest = project.record()["restatements"]["largest"]
    assert (
        largest
        == project.restatements()
        .filter(pl.col("scope").is_in(["partner", "portfolio", "company"]))
        .head(6)
        .to_dicts()
    )


def test_a_partner_that_left_the_data_is_shown_as_gone(project):
    project.run(Q2)
    project.table("partners", PARTNERS.replace("P2,Birch,distribution,2023-01-01\n", ""))
    project.table("orders", "".join(ORDERS.splitlines(keepends=True)[i] for i in (0, 1, 3)))
    project.run(Q3)
    gone = project.restatements().filter(scope="partner", entity="P2", kpi="revenue")
    assert gone.select("published", "now", "difference").rows() == [(70.0, None, None)]
    page = project.file("index.html").read_text().replace("\N{NO-BREAK SPACE}", " ")
    assert "Joint revenue of P2: was €70.00, has no value" in page


def test_a_partner_whose_page_was_not_made_again_is_still_told_what_it_was_sent(project):
    project.run(Q2)
    project.change("2024-05-01,100", "2024-05-01,90")
    project.change("2024-05-02,70", "2024-05-02,60")
    project.run(replace(Q2, partners=("P1",)))
    project.run(Q2)
    restated = project.restatements(Q2).filter(scope="partner", kpi="revenue")
    assert restated.select("entity", "published", "now").rows() == [("P2", 70.0, 60.0)]


def test_a_partner_whose_report_failed_is_told_once_it_is_made(project, failing):
    project.run(Q2)
    project.change("2024-05-02,70", "2024-05-02,60")
    failing.add("P2")
    project.run(Q2)
    failing.clear()
    project.run(replace(Q2, partners=("P2",)))
    restated = [row.kpi for row in project.slice("P2", "partner", Q2).restated]
    assert restated.count("revenue") == 1
    project.run(replace(Q2, partners=("P2",)))
    assert project.slice("P2", "partner", Q2).restated == ()


def test_a_run_that_is_stopped_does_not_hide_what_was_published(project, monkeypatch):
    project.run(Q2)
    project.change("2024-05-01,100", "2024-05-01,90")
    working = module.run_reports

    def stopped(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run_reports", stopped)
    with pytest.raises(KeyboardInterrupt):
        project.run(Q2)
    monkeypatch.setattr(module, "run_reports", working)
    project.run(Q2)
    assert ("P1", 100.0, 90.0) in project.restatements(Q2).filter(kpi="revenue").select(
        "entity", "published", "now"
    ).rows()


def test_a_run_to_date_is_held_against_one_of_the_same_day_only(project):
    early, late = (replace(Q2, as_of=date(2024, 5, day)) for day in (10, 20))
    project.run(early)
    project.change("2024-05-01,100", "2024-05-01,90")
    assert project.run(late).findings.restated == 0
    assert project.run(Q2).findings.restated == 0
    project.run(late)
    project.change("2024-05-01,90", "2024-05-01,80")
    assert project.run(late).findings.restated > 0


def test_a_period_that_was_published_to_date_says_nothing_of_the_whole(project):
    project.run(replace(Q2, as_of=date(2024, 5, 10)))
    project.change("2024-05-01,100", "2024-05-01,90")
    outcome = project.run(Q3)
    assert (outcome.findings.restated, outcome.findings.not_compared) == (0, ())


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        pytest.param("reporting_currency: GBP",
                     "2024-Q2: it was published in EUR, and this run is in GBP", id="currency"),
        pytest.param("year_end: JUN",
                     "2024-Q2: it was published with years that end in DEC, and this run's end in "
                     "JUN", id="year"),
    ],
)  # fmt: skip
def test_figures_that_mean_something_else_are_not_compared_and_it_is_said(project, settings, why):
    project.run(Q2)
    project.settings(f"data: ../data\n{settings}\n")
    project.change("2024-05-01,100", "2024-05-01,90")
    findings = project.run(BatchRequest(period="2024-Q3" if "EUR" in why else "2024-Q2")).findings
    assert (findings.restated, findings.not_compared) == (0, (why,))


def test_another_source_of_the_data_is_not_compared(project):
    project.run(Q2)
    (project.folder / "data").rename(project.folder / "other")
    project.settings("data: ../other\n")
    assert project.run(Q3).findings.not_compared == (
        "2024-Q2: it was published from folder data, and this run reads folder other",
    )


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-50])


def old_version(file: Path) -> None:
    record = json.loads(file.read_text())
    del record["year_end"], record["tables"]
    file.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("name", "damage", "why"),
    [
        pytest.param("kpis.parquet", truncate, "its kpis.parquet is not as its last run wrote it",
                     id="half a table"),
        pytest.param("run.json", truncate,
                     "its last run has not ended, or its record is damaged", id="half a record"),
        pytest.param("run.json", Path.unlink,
                     "its last run has not ended, or its record is damaged", id="no record"),
        pytest.param("run.json", lambda file: file.write_text("[]"),
                     "its last run has not ended, or its record is damaged", id="no record at all"),
        pytest.param("run.json", old_version,
                     "its run.json does not say all that a comparison needs", id="an old record"),
    ],
)  # fmt: skip
def test_damaged_files_of_earlier_runs_are_named_and_stop_nothing(project, name, damage, why):
    project.run(Q2)
    damage(project.file(name, Q2))
    outcome = project.run(Q3)
    assert outcome.failed == ()
    assert outcome.findings.not_compared == (f"2024-Q2: {why}",)
    assert why in project.file("index.html").read_text()
    again = project.run(Q2)
    assert (again.failed, again.findings.not_compared) == ((), (f"2024-Q2: {why}",))
    assert project.run(Q2).findings.not_compared == ()


def test_what_was_kept_may_be_damaged_too(project):
    project.run(Q2)
    project.run(Q2)
    truncate(project.file(".run/published.parquet", Q2))
    assert project.run(Q2).findings.not_compared == (
        "2024-Q2: what was kept of its earlier runs is damaged",
    )
    assert project.run(Q2).findings.not_compared == ()


def test_a_missing_table_of_an_earlier_run_is_nothing_that_was_published(project):
    project.run(Q2)
    project.file("kpis.parquet", Q2).unlink()
    assert project.run(Q3).findings.not_compared == ()


def test_a_preview_is_held_against_the_reports_and_not_against_itself(project, tmp_path):
    project.run(Q2)
    project.change("2024-05-01,100", "2024-05-01,90")
    preview = replace(Q2, partners=("P1",), earlier=tmp_path / "reports")
    settings = load_settings(tmp_path / "params" / "project.yml")
    for _ in range(2):
        outcome = run_batch(
            settings, preview, tmp_path / "preview", lambda count: lambda result: None
        )
        assert outcome.findings.restated > 0


REPORTED = """partner_id,kpi,period,value,reported_on,owner
P1,revenue,2024-Q2,105,2024-07-01,Bo
P1,revenue,2024-Q3,45,2024-09-30,Bo
P2,revenue,2024-Q3,30.1,2024-09-30,
"""


def test_a_run_tells_the_figures_in_dispute_and_marks_them_in_the_slices(project):
    project.table("partner_reported", REPORTED)
    project.change("2024-05-01,100", "2024-04-01,100")
    outcome = project.run(Q3)
    assert (outcome.findings.disputed, outcome.findings.of_this_period) == (2, 1)
    reconciled = pl.read_parquet(project.file("reconciliation.parquet"))
    assert reconciled.select("partner_id", "period", "status", "since").rows() == [
        ("P1", "2024-Q2", "disputed", "2024-Q2"),
        ("P1", "2024-Q3", "disputed", "2024-Q2"),
        ("P2", "2024-Q3", "agreed", None),
    ]
    assert project.record()["disputes"] == {"figures": 2, "of_this_period": 1}
    assert "2 figures in dispute, 1 of earlier periods" in project.file("index.html").read_text()
    disputes = [row.dispute for row in project.slice("P1", "partner").kpis]
    assert [dispute for dispute in disputes if dispute] == [
        Dispute(reported=45.0, difference=5.0, tolerance=0.01, owner="Bo", since="2024-Q2")
    ]
    assert not any(row.dispute for row in project.slice("P2", "internal").kpis)


def test_a_run_without_reported_figures_leaves_an_empty_table_of_the_same_columns(project):
    project.run(Q2)
    empty = pl.read_parquet(project.file("reconciliation.parquet", Q2))
    project.table("partner_reported", REPORTED)
    project.run(Q2)
    filled = pl.read_parquet(project.file("reconciliation.parquet", Q2))
    assert (len(empty), empty.schema) == (0, filled.schema)
    assert len(pl.read_parquet_schema(project.file("kpis.parquet", Q2))) == 26
