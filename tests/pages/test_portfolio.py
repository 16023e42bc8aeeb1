"""What the notebook of the portfolio talks to."""

import sys
from pathlib import Path

import pytest

from kpi_lib import paths
from kpi_lib.errors import RunError
from kpi_lib.pages.portfolio import Portfolio
from kpi_lib.slices import file
from tests import given
from tests import given_portfolio as given_here

PARTS = (
    *("heading", "verdict", "tiles", "direct", "exceptions", "movers", "concentration", "sales"),
    *("finance", "attribution", "health", "breakdown", "actions", "disputes", "partners"),
    *("definitions", "notes", "made"),
)


def write(place, folder):
    """Lay a slice down where a run does; return its folder."""
    made = folder / "_run" / place
    file.write(given_here.shared()[1][place], made)
    return str(made)


@pytest.fixture
def folder(tmp_path):
    return write("portfolio", tmp_path)


def test_every_part_shows_in_a_notebook_and_says_what_it_is(folder):
    folio = Portfolio.open("2026-Q3", slice=folder)
    for name in PARTS:
        shown, about = getattr(folio, name)()._repr_mimebundle_()
        assert shown["text/html"].count("<img ") == about["scorecard"]["images"]
        assert about["scorecard"]["part"] == name


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        ("portfolio", {}),
        ("managers/Bo-Co", {"manager": "Bo/Co"}),
        ("branches/South", {"branch": "South"}),
    ],
)
def test_the_heading_says_whose_page_it_is(place, asked, tmp_path):
    folio = Portfolio.open("2026-Q3", slice=write(place, tmp_path), **asked)
    heading = folio.heading()
    assert (heading.about["page"], heading.about["period"]) == (place, "2026-Q3")
    assert "Internal" in heading.html
    assert "<style>" in heading._repr_html_()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({"period": "2026-Q2"}, "period: .*'2026-Q2'.*'2026-Q3'", id="period"),
        pytest.param({"as_of": "2026-08-15"}, "as_of: .*'2026-08-15'", id="day"),
        pytest.param({"manager": "Ann"}, "entity: .*'Ann'.*'portfolio'", id="whose"),
        pytest.param({"manager": "Ann", "branch": "X"}, "both a manager and a branch", id="both"),
    ],
)
def test_a_slice_of_something_else_is_refused(folder, asked, found):
    with pytest.raises(RunError, match=found):
        Portfolio.open(**{"period": "2026-Q3", "slice": folder} | asked)


def test_a_partners_slice_is_none_of_a_portfolio(tmp_path):
    folder = given.write(given.rich(), tmp_path)
    with pytest.raises(RunError, match="no slice of the kind portfolio: it says 'scorecard'"):
        Portfolio.open("2011-Q3", slice=str(folder))


def test_without_a_slice_that_of_a_finished_run_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    write("portfolio", tmp_path / "2026-Q3" / ".run" / "slices")
    assert Portfolio.open("2026-Q3").given.is_whole


def test_without_any_run_the_figures_are_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    asked = []

    class Workspace:
        @staticmethod
        def portfolio_folder(*args):
            asked.append(args)
            return Path(write("managers/Ann", tmp_path / "workspace"))

    monkeypatch.setitem(sys.modules, "kpi_lib.pages.workspace", Workspace)
    assert Portfolio.open("2026-Q3", manager="Ann").given.name == "Ann"
    assert asked == [("2026-Q3", "", "Ann", "")]
