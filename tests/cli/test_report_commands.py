"""The commands that make reports, as people meet them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.data.good import write_good

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 2


def test_run_closes_with_disputes_and_past_figures_that_changed(kpi, project, monkeypatch):
    from kpi_lib.batch import batch_run as module

    monkeypatch.setattr(module, "run_reports", lambda jobs, **more: [])
    (project / "params" / "project.yml").write_text("data: ../data\ncovered_from: 2024-04-01\n")
    (project / "data" / "partner_reported.csv").write_text(
        "partner_id,kpi,period,value,reported_on\nP1,revenue,2024-Q2,120,2024-06-30\n"
    )
    words = ["run", "--period", "2024-Q2", "--out", "out"]
    said = kpi(*words)
    assert "1 figure in dispute: see reconciliation.parquet" in said.out
    assert "differ from what was published" not in said.out
    orders = project / "data" / "orders.csv"
    orders.write_text(orders.read_text().replace("100.50", "90"))
    said = kpi(*words).out.replace("\N{NO-BREAK SPACE}", " ")
    assert "past figures differ from what was published: Q2 2024, " in said
    (project / "out" / "2024-Q2" / "run.json").write_text("{")
    said = kpi(*words)
    assert "Could not be compared with what was published" not in said.out, "it was kept"
    (project / "out" / "2024-Q2" / "kpis.parquet").write_bytes(b"")
    sentence = "Could not be compared with what was published: 2024-Q2: its kpis.parquet is not as"
    assert sentence in kpi(*words).out


def test_a_run_may_stand_in_a_folder_of_any_name(kpi, tmp_path, monkeypatch):
    from kpi_lib.batch import batch_run as module

    monkeypatch.setattr(module, "run_reports", lambda jobs, **more: [])
    write_good(tmp_path / "p[1]*")
    monkeypatch.chdir(tmp_path / "p[1]*")
    words = ["run", "--period", "2024-Q2", "--out", "out?[2]"]
    assert kpi(*words).status == DONE
    orders = Path("data/orders.csv")
    orders.write_text(orders.read_text().replace("100.50", "90"))
    assert "past figures differ from what was published" in kpi(*words).out, "what was is found"


def test_no_edition_of_that_name_can_be_previewed(kpi):
    assert "there is no 'board'" in kpi("preview", "Germany", "--edition", "board").err


def test_other_data_than_the_example_are_reported_in_euros_and_the_example_in_pounds(
    kpi, project, tmp_path_factory
):
    (project / "params" / "project.yml").unlink()
    said = kpi("explain", "revenue", "--data", "data", "--period", "2024-Q2")
    assert "The company, 2024-Q2: €150" in said.out
    assert "£2,394,730" in kpi("explain", "revenue", "--period", "2011-Q3").out


def test_run_makes_the_reports_of_the_partners_that_are_named(kpi, project):
    words = ["--period", "2024-Q2", "--partners", "P1", "--jobs", "1", "--out", "out"]
    said = kpi("run", *words)
    assert (said.status, "2 of 2 reports of 1 partner done" in said.out) == (DONE, True), said
    quality = (project / "out" / "2024-Q2" / "data_quality.html").read_text()
    assert "because 22 tables and" in quality
    page = (project / "out" / "2024-Q2" / "partners" / "P1" / "scorecard.html").read_text()
    assert "Alder" in page
    assert "Birch" not in page


@pytest.mark.parametrize("asked", [(), ("--plain",)])
def test_plain_gives_each_report_a_process_of_its_own(kpi, project, monkeypatch, asked):
    from kpi_lib.batch import batch_run as module

    seen = []
    monkeypatch.setattr(
        module, "run_reports", lambda jobs, *, staff, **more: seen.append(staff.plain) or []
    )
    assert kpi("run", "--period", "2024-Q2", "--out", "out", *asked).status == DONE
    assert seen == [bool(asked)]


def test_run_ends_with_1_and_a_table_where_a_partner_failed(kpi, project, monkeypatch):
    from kpi_lib.batch import batch_run as module
    from kpi_lib.batch.jobs import ReportResult
    from kpi_lib.errors import Problem

    def failing(jobs, *, hooks, **_):
        results = [ReportResult(j.page, (Problem("x", "it broke"),)) for j in jobs]
        for result in results:
            hooks.progress(result)
        return results

    monkeypatch.setattr(module, "run_reports", failing)
    said = kpi("run", "--period", "2024-Q2", "--out", "out")
    assert said.status == SOME_FAILED
    assert "P2" in said.out
    assert "it broke" in said.out
    assert "0 of 4 reports" in said.out
    said = kpi("preview", "P1", "--period", "2024-Q2")
    assert (said.status, "it broke" in said.err) == (SOME_FAILED, True)


def test_preview_makes_one_page_apart_from_the_reports(kpi, project):
    said = kpi("preview", "P2", "--edition", "internal", "--period", "2024-Q2")
    assert said.status == DONE
    assert "Birch" in Path(said.out.strip()).read_text()
