"""`kpi targets suggest` and `kpi explain`, as people meet them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kpi_lib.cli.explain_command import write_rows
from kpi_lib.data.dataset import load_dataset
from kpi_lib.settings import load_settings

PROJECT = Path(__file__).parents[2]
DONE, NOTHING_DONE = 0, 2
EXAMPLE = ("--params", PROJECT / "params" / "project.yml", "--period", "2011-Q3")


def test_suggested_targets_are_agreed_from_the_next_run_on(kpi, project):
    (project / "params" / "project.yml").write_text("data: ../data\ncovered_from: 2024-04-01\n")
    said = kpi("targets", "suggest", "--period", "2025-Q2")
    assert said.status == DONE, said.err
    settings = load_settings(project / "params" / "project.yml")
    loaded = load_dataset(settings, workspace=project).tables["targets"].collect()
    written = pl.read_csv(project / "params" / "targets.csv")
    assert f"params/targets.csv: {len(written)} targets of 2 partners for 2025-Q2" in said.out
    columns = ["scope", "entity", "kpi", "period", "target", "baseline"]
    agreed = loaded.select(columns).cast(dict.fromkeys(columns[-2:], pl.Float64))
    assert sorted(agreed.rows()) == sorted(written.select(columns).rows())
    assert kpi("check").out == "No faults.\n"
    compared = kpi("explain", "revenue", "--partner", "P1", "--period", "2025-Q2")
    assert "target: €106" in compared.out


@pytest.mark.parametrize(("words", "period"), [("", "2024-Q2"), ("--period 2031-Q1", "2031-Q1")])
def test_where_there_is_nothing_to_suggest_no_file_is_written(kpi, project, words, period):
    # By default for the quarter after the last whole one: the data end within it.
    said = kpi("targets", "suggest", *words.split())
    assert said.status == NOTHING_DONE
    assert f"no KPI of a profile has a figure a year before {period}" in said.err
    assert not (project / "params" / "targets.csv").exists()


def test_what_was_agreed_is_never_written_over(kpi, project):
    agreed = project / "params" / "targets.csv"
    agreed.write_text("scope,entity,kpi,period,target\nall,*,revenue,*,5\n")
    said = kpi("targets", "suggest")
    assert (said.status, "it is there already" in said.err) == (NOTHING_DONE, True)
    assert agreed.read_text().endswith("5\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--growth 5", "5 is not between 0 and 1"),
        ("--out nowhere/t.csv", "there is no folder nowhere"),
    ],
)
def test_a_call_that_cannot_be_right_writes_nothing(kpi, project, words, expected):
    said = kpi("targets", "suggest", *words.split())
    assert (said.status, expected in said.err) == (NOTHING_DONE, True), said.err


def test_explain_shows_the_first_rows_and_writes_all(kpi, project):
    words = ["explain", "revenue", "--partner", "P1", "--period", "2024-Q2"]
    said = kpi(*words, "--rows", "rows.parquet")
    assert "Rows behind it: 1; --rows FILE writes them all" in said.out
    assert "orders: 1\n" in said.out
    assert "(100.50 amount of orders) = €10" in said.out
    counted = pl.read_parquet(project / "rows.parquet")
    assert f"rows.parquet: {len(counted)} rows" in said.out
    assert set(counted["partner_id"]) == {"P1"}
    assert "No rows stand behind it." in kpi("explain", "churn_risk", *words[2:]).out
    for place, why in (("nowhere/r.csv", "cannot be written"), ("r.xlsx", "ends in .xlsx")):
        said = kpi(*words, "--rows", place)
        assert (said.status, said.out, why in said.err) == (NOTHING_DONE, "", True)


def test_the_terminal_shows_the_columns_that_the_kpi_reads(kpi, project):
    said = kpi("explain", "days_between_purchases", "--partner", "Germany", *EXAMPLE)
    (head,) = [line for line in said.out.splitlines() if line.startswith(" used_in")]
    assert {"to_numerator", "order_id", "ordered_on", "ordered_on_before"} <= set(head.split())
    assert "of them" in said.out


def test_a_spreadsheet_computes_nothing_of_a_csv(tmp_path):
    typed = ["=1+1", "+49", "-5", "@x", "\tx", "plain", None, "a=b"]
    write_rows(pl.DataFrame({"note": typed, "amount": [-1.5] * 8}), tmp_path / "rows.csv")
    written = pl.read_csv(tmp_path / "rows.csv")
    assert written["note"].to_list() == [
        "'=1+1",
        "'+49",
        "'-5",
        "'@x",
        "'\tx",
        "plain",
        None,
        "a=b",
    ]
    assert written["amount"].to_list() == [-1.5] * 8
