"""What the notebook of data quality talks to."""

import sys

import pytest

from kpi_lib import paths
from kpi_lib.errors import RunError
from kpi_lib.pages.data_quality import DataQuality
from tests import given
from tests import given_quality as given_here


@pytest.fixture
def folder(tmp_path):
    return str(given_here.write(given_here.poor(), tmp_path))


def test_every_part_shows_in_a_notebook_and_tells_about_itself(folder):
    data = DataQuality.open("2011-Q3", slice=folder)
    for name in ("heading", "verdict", "owners", "tables", "late", "faults", "gaps", "silent",
                 "unmeasured", "notes", "made"):  # fmt: skip
        shown, about = getattr(data, name)()._repr_mimebundle_()
        assert shown["text/html"].count("<img ") == about["scorecard"]["images"]
        assert about["scorecard"]["part"] == name


def test_the_heading_says_whose_page_it_is(folder):
    heading = DataQuality.open("2011-Q3", slice=folder).heading()
    assert heading.about["page"] == "data_quality"
    assert heading.about["period"] == "2011-Q3"
    assert "Internal" in heading.html
    assert "<style>" in heading._repr_html_()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({"period": "2011-Q2"}, "period: .*'2011-Q2'.*'2011-Q3'", id="period"),
        pytest.param({"as_of": "2011-08-15"}, "as_of: .*'2011-08-15'", id="day"),
    ],
)
def test_a_slice_of_something_else_is_refused(folder, asked, found):
    with pytest.raises(RunError, match=found):
        DataQuality.open(**{"period": "2011-Q3", "slice": folder} | asked)


def test_a_partners_slice_is_none_of_data_quality(tmp_path):
    folder = given.write(given.rich(), tmp_path)
    with pytest.raises(RunError, match="no slice of the kind data_quality: it says 'scorecard'"):
        DataQuality.open("2011-Q3", slice=str(folder))


def test_without_a_slice_that_of_a_finished_run_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    given_here.write(given_here.whole(), tmp_path / "2011-Q3" / ".run" / "slices")
    assert DataQuality.open("2011-Q3").given.content.partners == 40


def test_without_any_run_the_data_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    asked = []

    class Workspace:
        @staticmethod
        def page_folder(*args):
            asked.append(args)
            content = given_here.to_date(given_here.whole())
            return given_here.write(content, tmp_path / "workspace")

    given_here.write(given_here.whole(), tmp_path / "2011-Q3" / ".run" / "slices")  # another day's
    monkeypatch.setitem(sys.modules, "kpi_lib.pages.workspace", Workspace)
    assert DataQuality.open("2011-Q3", as_of="2011-08-15").given.to_date
    assert asked == [("quality", "data_quality", "2011-Q3", "2011-08-15")]
