"""The company's own targets, as whatever spreadsheet they are kept in writes them."""

from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset, look_over
from kpi_lib.errors import ScorecardError
from kpi_lib.settings import load_settings
from tests.data.folders import KPIS, write_tables

HEADER = "scope,entity,kpi,period,target,minimum,baseline"
ROW = "partner,P1,revenue,2026-Q3,2000.5,1000,"


@pytest.fixture
def own(tmp_path):
    """Return a function that reads own targets of some content beside a sound folder."""
    write_tables(tmp_path / "data")
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "project.yml").write_text("data: ../data\n")

    def read(content: str | bytes) -> list[tuple[object, ...]]:
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "params" / "targets.csv").write_bytes(raw)
        dataset = load_dataset(settings(), workspace=tmp_path / "w", kpis=KPIS)
        frame = dataset.tables["targets"].collect().sort("period")
        frame = frame.cast(dict.fromkeys(("target", "minimum", "baseline"), pl.Float64))
        return frame.select("period", "target", "minimum", "baseline").rows()

    def said(content: str | bytes) -> list[str]:
        raw = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "params" / "targets.csv").write_bytes(raw)
        try:
            return [str(f) for f in look_over(settings(), tmp_path / "w", KPIS).faults()]
        except ScorecardError as error:
            return [str(error)]

    def settings():
        return load_settings(tmp_path / "params" / "project.yml")

    read.said = said
    return read


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_fields_are_separated_and_lines_end_as_the_spreadsheet_does_it(own, mark, end):
    text = "\n".join([HEADER, ROW]).replace(",", mark).replace("\n", end)
    assert own(text) == [("2026-Q3", 2000.5, 1000, None)]
    assert own(f"sep={mark}{end}{text}") == [("2026-Q3", 2000.5, 1000, None)]


def test_between_semicolons_decimals_may_stand_after_a_comma(own):
    rows = (
        "all;*;revenue;2026-01;2000,5;0,93;-1,25",
        "all;*;revenue;2026-02;1.234,50;0.93;12",
        "all;*;revenue;2026-03;1.234.567,5;0.123;0",
    )
    assert own("\n".join([HEADER.replace(",", ";"), *rows])) == [
        ("2026-01", 2000.5, 0.93, -1.25),
        ("2026-02", 1234.5, 0.93, 12),
        ("2026-03", 1234567.5, 0.123, 0),
    ]


def test_a_point_that_may_stand_for_thousands_is_asked_about_and_never_guessed(own):
    rows = ["all;*;revenue;2026-01;25.000;;", "all;*;revenue;2026-02;1.234.567;;"]
    assert own.said("\n".join([HEADER.replace(",", ";"), *rows])) == [
        "params/targets.csv row 1 column target: 25.000 may be 25000 or 25,000; write one of them",
        "params/targets.csv row 2 column target: 1.234.567 has thousands signs; write 1234567",
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(f"{HEADER}\nall,*,revenue,2026,M\xfcller,,\n".encode("latin-1"),
                     "Save it as CSV UTF-8", id="latin-1"),
        pytest.param(f"{HEADER}\n{ROW}\n".encode("utf-16"), "Save it as CSV UTF-8", id="UTF-16"),
        pytest.param("partner,goal\nP1,5\n", "Its columns are baseline, entity", id="other names"),
        pytest.param(f"Targets\n\n{HEADER}\n{ROW}\n", "Delete the lines above it.", id="a title"),
        pytest.param(f"{HEADER}\nall,*,revenue,2026,5\n", "5 fields, where the header has 7",
                     id="ragged"),
        pytest.param("", "is empty", id="nothing"),
    ],
)  # fmt: skip
def test_what_is_said_of_the_file_can_be_done_to_it(own, content, expected):
    said = "\n".join(own.said(content))
    assert expected in said
    assert "mapping" not in said, "no mapping reads a file of params/"


def test_of_a_file_that_waits_to_be_filled_in_nothing_is_said(own):
    assert own.said(f"{HEADER}\n") == []
    assert own(f"{HEADER}\n") == []
