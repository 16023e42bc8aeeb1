"""The commands on projects, and what the others say where there is none."""

from __future__ import annotations

import pytest

from kpi_lib import paths
from kpi_lib.release import version
from kpi_lib.starter import shipped
from kpi_lib.starter.wheel import Wheel

DONE, NOTHING_DONE = 0, 2
REPORTS = [
    ["run"], ["run", "--period", "2011-Q3"], ["preview", "Germany"], ["outbox"], ["approve"],
    ["send"], ["status"], ["settle", "0a1b2c3d4e5f", "sent"], ["targets", "suggest"],
]  # fmt: skip


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """An empty folder, from which the command is called."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def wheel(monkeypatch):
    made = Wheel("partner_scorecards-0.2.0-py3-none-any.whl", b"as it was built")
    monkeypatch.setattr(shipped, "wheel_of_the_library", lambda: made)


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_a_folder_that_is_no_project_is_told_at_once_and_what_to_type(kpi, nowhere, words):
    said = kpi(*words)
    assert said.status == NOTHING_DONE
    assert f"there is no params/project.yml in {nowhere}" in said.err
    assert "kpi new FOLDER" in said.err
    assert list(nowhere.iterdir()) == []


def test_data_that_are_named_are_read_from_anywhere(kpi, project, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(paths, "_found", lambda start: None)
    said = kpi("targets", "suggest", "--data", project / "data", "--out", tmp_path / "t.csv")
    assert "there is no params/project.yml" not in said.err


def test_a_project_is_laid_out_and_then_upgraded_from_any_folder_of_it(
    kpi, nowhere, wheel, monkeypatch
):
    said = kpi("new", "acme")
    assert said.status == DONE
    assert "Next: cd acme && make demo" in said.out
    monkeypatch.chdir(nowhere / "acme" / "notebooks")
    (nowhere / "acme" / "Makefile").write_text("all:\n")
    said = kpi("upgrade")
    assert said.status == DONE
    assert said.out.splitlines() == [
        f"from {version()} to {version()}",
        "left as you changed it: Makefile",
        "What is new in those: kpi new in another folder, and compare.",
    ]


def test_exports_follow_from(kpi, nowhere, wheel):
    for name in ("partners.csv", "orders.csv"):
        (nowhere / name).touch()
    said = kpi("new", "acme", "--from", "partners.csv", "orders.csv")
    assert said.status == DONE
    assert "make check-data" in said.out
    assert len(list((nowhere / "acme" / "data").iterdir())) == 2
    said = kpi("new", "other", "orders.csv")
    assert said.status == NOTHING_DONE
    assert "orders.csv: there is no such argument" in said.err


def test_an_upgrade_outside_a_project_is_told_what_is_missing(kpi, nowhere):
    assert "kpi new FOLDER" in kpi("upgrade").err


def test_the_release_is_printed(kpi):
    assert kpi("--version").out == f"kpi {version()}\n"
