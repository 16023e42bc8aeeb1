"""The analyst's desk: computed once, kept while nothing changes, and helpful about names."""

from __future__ import annotations

import os

import pytest

from kpi_lib import desk, paths
from kpi_lib.errors import CallError
from kpi_lib.show.slice import Slice
from tests.data.broken import write_good


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A small project of an analyst, from whose folder JupyterLab was started."""
    write_good(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "reports", lambda: tmp_path / "reports")
    return tmp_path


@pytest.fixture
def computed(monkeypatch):
    """What was computed, call by call."""
    calls = []
    compute = desk._compute
    monkeypatch.setattr(desk, "_compute", lambda *args: (calls.append(args[1:3]), compute(*args)))
    return calls


def opened(partner="P1", period="2024-Q2", as_of="", edition="partner") -> Slice:
    return Slice.read(desk.slice_folder(partner, period, as_of, edition))


def test_the_first_call_computes_and_the_next_partner_is_there_at_once(project, computed):
    first, second = opened(), opened("P2", edition="internal")
    assert (first.partner["partner_id"], second.partner["partner_id"]) == ("P1", "P2")
    assert first.raw["period"] == "2024-Q2"
    assert first.insights.is_told
    assert computed == [("2024-Q2", "")]


@pytest.mark.parametrize("changed", ["data/orders.csv", "params/project.yml"])
def test_changed_data_or_settings_compute_anew(project, computed, changed):
    opened()
    file = project / changed
    file.write_text(file.read_text() + "\n")
    opened()
    assert len(computed) == 2


def test_changed_code_computes_anew(project, computed, monkeypatch, tmp_path):
    opened()
    package = tmp_path / "package"
    package.mkdir()
    monkeypatch.setattr(paths, "package", lambda: package)
    (package / "new.py").write_text("")
    opened()
    assert len(computed) == 2


def test_only_the_last_few_computations_are_kept(project, computed, monkeypatch):
    monkeypatch.setattr(desk, "KEPT", 2)
    for number, period in enumerate(("2024-Q1", "2024-Q2", "2024-05")):
        opened(period=period)
        for place in (project / "reports" / ".desk").iterdir():
            if place.is_dir():
                before = place.stat().st_mtime - 10
                os.utime(place, (before, before))
        assert len(computed) == number + 1
    places = [p for p in (project / "reports" / ".desk").iterdir() if p.is_dir()]
    assert len(places) == 2
    opened(period="2024-05")
    assert len(computed) == 3, "the newest is still there"


def test_a_computation_that_fails_leaves_nothing(project):
    orders = project / "data" / "orders.csv"
    orders.write_text("amount\n1\n")
    with pytest.raises(Exception, match="orders"):
        opened()
    assert [p.name for p in (project / "reports" / ".desk").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("partner", "edition", "said"),
    [
        ("P11", "partner", "Did you mean P1"),
        ("zzzzzz", "partner", "There are P1, P2"),
        ("P1", "board", "P1 has no board edition"),
    ],
)
def test_wrong_names_get_the_nearest_right_ones(project, partner, edition, said):
    with pytest.raises(CallError, match=said):
        opened(partner, edition=edition)


def test_the_example_opens_without_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "reports", lambda: tmp_path / "reports")
    told = opened("Germany", period="").raw
    assert (told["period"], told["currency"]) == ("2011-Q3", "GBP")
    assert told["data"]["is_example"]
