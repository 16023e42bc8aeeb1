"""The analyst's workspace: computed once, kept while nothing changes, and helpful about names."""

from __future__ import annotations

import os
import time
import warnings

import pytest
from IPython import display
from rich import console

from kpi_lib import paths
from kpi_lib.data import dataset
from kpi_lib.errors import CallError
from kpi_lib.pages import workspace
from kpi_lib.pages.data_quality import DataQuality
from kpi_lib.pages.model_report import ModelReport
from kpi_lib.pages.portfolio import Portfolio
from kpi_lib.settings import Settings, load_settings
from kpi_lib.show.common.slice import Slice
from kpi_lib.slices.file import FILE
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
    """What was computed, call by call: of which kind, of which period, up to which day."""
    calls = []
    compute = workspace._compute

    def noted(kind, key, kept):
        calls.append((kind, key.period, key.as_of))
        compute(kind, key, kept)

    monkeypatch.setattr(workspace, "_compute", noted)
    return calls


def opened(partner="P1", period="2024-Q2", as_of="", edition="partner") -> Slice:
    return Slice.read(workspace.slice_folder(partner, period, as_of, edition))


def test_the_first_call_computes_and_the_next_partner_is_there_at_once(project, computed):
    first, second = opened(), opened("P2", edition="internal")
    assert (first.partner.partner_id, second.partner.partner_id) == ("P1", "P2")
    assert str(first.period) == "2024-Q2"
    assert first.has_insights
    assert computed == [("figures", "2024-Q2", "")]


PAGES = {
    "portfolio": lambda: Portfolio.open("2024-Q2"),
    "quality": lambda: DataQuality.open("2024-Q2"),
    "cltv": lambda: ModelReport.open("cltv", "2024-Q2"),
    "churn": lambda: ModelReport.open("churn", "2024-Q2"),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_notebook_that_is_opened_again_computes_nothing_again(project, computed, page):
    first, second = PAGES[page](), PAGES[page]()
    assert first.heading().html == second.heading().html
    assert len(computed) == 1


def test_what_is_computed_together_is_computed_once(project, computed):
    opened()
    for page in PAGES.values():
        page()
    assert [kind for kind, _, _ in computed] == ["figures", "quality", "models"]


def test_notebooks_of_one_kernel_read_the_data_once_until_they_are_edited(project, monkeypatch):
    read = []

    def noted(settings, **how):
        read.append(how["allow_faults"])
        return dataset.load_dataset(settings, **how)

    monkeypatch.setattr("kpi_lib.run.load_dataset", noted)
    opened()
    PAGES["cltv"]()
    assert len(workspace.rows_of_partner("orders", "P1", "2024-Q2", "")) == 1
    assert read == [False]
    orders = project / "data" / "orders.csv"
    lines = orders.read_text().splitlines()
    orders.write_text("\n".join([*lines, f"99{lines[1][1:]}"]) + "\n")
    assert len(workspace.rows_of_partner("orders", "P1", "2024-Q2", "")) == 2
    assert read == [False, False]


def test_the_partners_of_a_manager_are_opened_by_the_managers_name(project, computed):
    partners = project / "data" / "partners.csv"
    head, alder, birch = partners.read_text().splitlines()
    partners.write_text(f"{head},manager\n{alder},Ann/Bo\n{birch},Cy\n")
    folio = Portfolio.open("2024-Q2", manager="Ann/Bo")
    assert [partner.partner_id for partner in folio.given.partners] == ["P1"]
    with pytest.raises(CallError, match=r"has 'Dee'\s+There are Ann/Bo, Cy\."):
        Portfolio.open("2024-Q2", manager="Dee")
    with pytest.raises(CallError, match="There are none"):
        Portfolio.open("2024-Q2", branch="North")


def test_an_analysts_notebook_sees_data_with_faults_without_them(project):
    orders = project / "data" / "orders.csv"
    orders.write_text(f"{orders.read_text()}4,,P1,soon,1\n")
    content = DataQuality.open("2024-Q2", "2024-05-20").given.content
    assert content.run.data.left_out == {"orders": 1}
    assert [line.kind for line in content.findings] == ["not a date"]


def test_rows_that_change_in_a_database_on_a_server_are_computed_anew(project, monkeypatch):
    server = Settings(data="postgresql://ann@db.example/sales")
    rows = {"partners": "1", "orders": "2"}
    monkeypatch.setattr(dataset, "fingerprints_of", lambda settings, workspace: rows)
    first = workspace._key_of_computation(server, "2024-Q2", "")
    assert workspace._key_of_computation(server, "2024-Q2", "") == first
    rows["orders"] = "3"
    assert workspace._key_of_computation(server, "2024-Q2", "") != first


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
    monkeypatch.setattr(workspace, "KEPT", 2)
    for number, period in enumerate(("2024-Q1", "2024-Q2", "2024-05")):
        opened(period=period)
        for place in (project / "reports" / ".workspace").iterdir():
            if place.is_dir():
                before = place.stat().st_mtime - 10
                os.utime(place, (before, before))
        assert len(computed) == number + 1
    places = [p for p in (project / "reports" / ".workspace").iterdir() if p.is_dir()]
    assert len(places) == 2
    DataQuality.open("2024-Q1")
    assert all(place.is_dir() for place in places), "a kind does not push out another"
    opened(period="2024-05")
    assert len(computed) == 4, "the newest is still there"


def test_a_computation_that_fails_leaves_nothing(project):
    orders = project / "data" / "orders.csv"
    orders.write_text("amount\n1\n")
    with pytest.raises(Exception, match="orders"):
        opened()
    assert [p.name for p in (project / "reports" / ".workspace").iterdir()] == ["lock"]


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
    germany = opened("Germany", period="")
    assert (str(germany.period), germany.currency) == ("2011-Q3", "GBP")
    assert germany.data.is_example


def test_a_notebook_is_told_the_steps_without_a_warning(project, monkeypatch):
    shown = []
    monkeypatch.setattr(console, "_is_jupyter", lambda: True)
    monkeypatch.setattr(display, "display", lambda data, **_: shown.append(data["text/plain"]))
    monkeypatch.setattr(display, "clear_output", lambda wait: shown.append(""))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened()
    assert [text for text in shown if text] == [
        "Checking the data ...",
        "Computing the figures ...",
        "Comparing and explaining them ...",
    ]
    assert shown[-1] == "", "none of it stays"


def left_by_a_run(project):
    """Leave what a run of the period left: the slices of its pages, below its reports."""
    left = paths.slices(project / "reports" / "2024-Q2")
    left.parent.mkdir(parents=True)
    workspace._compute("figures", workspace._Key.of(load_settings(), "2024-Q2", ""), left)


def test_what_a_run_left_is_shown_and_nothing_computed(project, computed):
    left_by_a_run(project)
    computed.clear()
    assert opened().partner.partner_id == "P1"
    assert Portfolio.open("2024-Q2").given.period.end.month == 6
    assert computed == []


def test_what_an_earlier_release_left_in_another_form_is_computed_anew(project, computed):
    left = paths.slices(project / "reports" / "2024-Q2") / "P1" / "partner"
    left.mkdir(parents=True)
    (left / FILE).write_text('{"kind": "page", "version": 2, "content": {"period": "2024-Q2"}}')
    os.utime(left / FILE, (0, 0))  # older than the code
    assert opened().partner.partner_id == "P1"
    assert computed


@pytest.mark.parametrize("changed", ["data/orders.csv", "params/project.yml"])
def test_what_a_run_left_is_computed_anew_when_data_or_settings_have_changed_since(
    project, computed, changed
):
    left_by_a_run(project)
    computed.clear()
    later = time.time_ns() + 10**9
    os.utime(project / changed, ns=(later, later))
    opened()
    assert computed == [("figures", "2024-Q2", "")]


def test_what_a_run_left_of_another_day_is_not_shown_for_this_one(project, computed):
    left_by_a_run(project)
    computed.clear()
    assert opened(as_of="2024-06-15").to_date
    assert computed == [("figures", "2024-Q2", "2024-06-15")]
