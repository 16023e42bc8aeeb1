"""What a notebook talks to."""

import sys

import pytest

from kpi_lib import paths
from kpi_lib.errors import CallError, RunError
from kpi_lib.pages.scorecard import Scorecard
from tests import given


@pytest.fixture
def folder(tmp_path):
    return str(given.write(given.rich(), tmp_path))


def opened(folder, **asked):
    return Scorecard.open(**{"partner_id": "Germany", "period": "2011-Q3", "slice": folder} | asked)


def test_every_part_shows_in_a_notebook_and_tells_about_itself(folder):
    card = opened(folder)
    for name in ("heading", "verdict", "tiles", "table", "trends", "drivers", "peers", "actions",
                 "follow_up", "went_well", "notes", "definitions", "made"):  # fmt: skip
        data, about = getattr(card, name)()._repr_mimebundle_(include=None, exclude=None)
        assert data["text/html"].count("<img ") == about["scorecard"]["images"]
        assert about["scorecard"]["part"] == name
        assert name in data["text/plain"]


def test_the_heading_brings_the_style_sheet_for_jupyterlab(folder):
    assert "<style>" in opened(folder).heading()._repr_html_()


def test_one_trend_can_be_asked_for(folder):
    assert "Orders came to 312" in opened(folder).trend("orders").html


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({"partner_id": "France"}, "partner_id: .*'France'.*'Germany'", id="partner"),
        pytest.param({"period": "2011-Q2"}, "period: .*'2011-Q2'.*'2011-Q3'", id="period"),
        pytest.param({"as_of": "2011-08-15"}, "as_of: .*'2011-08-15'", id="day"),
        pytest.param({"edition": "internal"}, "edition: .*'internal'.*'partner'", id="edition"),
    ],
)
def test_a_slice_of_something_else_is_refused(folder, asked, found):
    with pytest.raises(RunError, match=found):
        opened(folder, **asked)


def test_an_edition_that_there_is_not_is_refused_with_those_there_are(folder):
    with pytest.raises(CallError, match="'secret' is no edition\n    Write partner or "):
        opened(folder, edition="secret")


def test_everything_that_is_wrong_is_said_at_once(folder):
    with pytest.raises(RunError) as caught:
        opened(folder, partner_id="France", period="2011-Q2", as_of="2011-06-30")
    assert len(caught.value.problems) == 3


def test_an_internal_measure_in_a_partners_slice_is_refused(tmp_path):
    raw = given.rich("internal") | {"edition": "partner"}
    with pytest.raises(RunError, match="KPI gross_margin: it is internal"):
        opened(str(given.write(raw, tmp_path)))


def test_an_insight_about_a_measure_that_the_slice_does_not_hold_is_refused(tmp_path):
    raw = given.rich()
    raw["insights"]["actions"][0] |= {"kpi": "gross_margin"}
    with pytest.raises(RunError, match="KPI gross_margin: an insight is about it"):
        opened(str(given.write(raw, tmp_path)))


def test_a_misspelt_measure_is_met_with_the_nearest_names(folder):
    with pytest.raises(RunError, match="Did you mean revenue"):
        opened(folder).trend("revenu")


def test_an_internal_measure_is_not_to_be_had_in_the_partners_edition(folder):
    with pytest.raises(RunError, match="internal ones are in edition internal"):
        opened(folder).kpi("gross_margin")


def test_the_internal_edition_has_it(tmp_path):
    folder = str(given.write(given.rich("internal"), tmp_path))
    card = opened(folder, edition="internal")
    assert card.kpi("gross_margin").value == 0.305
    assert "shared measures only" not in card.made().html
    with pytest.raises(RunError, match="kpi list"):
        card.kpi("xyz")


def test_without_a_slice_that_of_a_finished_run_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    given.write(given.rich(), tmp_path / "2011-Q3" / ".run" / "slices")
    assert opened("").given.name == "Germany"


def test_without_any_run_the_figures_are_computed(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    asked = []

    class Workspace:
        @staticmethod
        def slice_folder(*args):
            asked.append(args)
            return given.write(given.to_date(), tmp_path / "workspace")

    given.write(given.rich(), tmp_path / "2011-Q3" / ".run" / "slices")  # of another day
    monkeypatch.setitem(sys.modules, "kpi_lib.pages.workspace", Workspace)
    card = opened("", as_of="2011-08-15")
    assert asked == [("Germany", "2011-Q3", "2011-08-15", "partner")]
    assert card.given.to_date


def test_a_kpi_shows_itself_in_a_notebook_and_its_names_complete(folder):
    card = opened(folder)
    one = card["revenue"]
    assert repr(one) == "<Joint revenue: £64,322>"
    html = one._repr_html_()
    assert "<style>" in html
    assert '<h3 class="tile-name">Joint revenue</h3>' in html
    assert "Amount of completed and returned orders" in html
    assert card._ipython_key_completions_() == list(card.given.measures)
    assert repr(card) == "<Scorecard of Germany, 2011-Q3, edition partner>"


def test_compare_is_a_table_of_the_figures_and_of_what_they_are_held_against(folder):
    card = opened(folder)
    table = card.compare()
    assert list(table.index) == [measure.kpi for measure in card.given.known]
    row = card.kpi("otif_rate").row
    for column in ("value", "previous", "year_ago", "target"):
        assert table.loc["otif_rate", column] == row.figure(column)
    assert table.loc["otif_rate", "status"] == row.status
    assert table.loc["otif_rate", "peer_median"] == row.standing.median
    assert table.loc["otif_rate", "peer_percentile"] == row.standing.ahead
