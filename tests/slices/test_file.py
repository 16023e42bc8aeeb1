"""A slice is written and read in one place, by its types; what is not one is refused whole."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from kpi_lib.audience import AUDIENCES, EDITIONS
from kpi_lib.errors import RunError
from kpi_lib.slices.file import FILE, read, run_of, write
from kpi_lib.slices.json_form import FormError, build
from kpi_lib.slices.page_types import KpiRow, Point
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests import given


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_slice_that_is_written_is_read_back_as_it_was(tmp_path, edition):
    slice_ = given.content(given.rich(edition))
    write(slice_, tmp_path)
    assert read(ScorecardSlice, tmp_path) == slice_
    assert run_of(tmp_path) == slice_.run


def changed(folder, **changes):
    """Write Germany's slice with a changed envelope: kind, version or content."""
    write(given.content(given.rich()), folder)
    whole = json.loads((folder / FILE).read_text())
    (folder / FILE).write_text(json.dumps(whole | changes))
    return whole


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"version": 1}, "is of version 1, this release reads 2"),
        ({"version": 3}, "is of version 3, this release reads 2"),
        ({"kind": "portfolio"}, "is no slice of the kind scorecard: it says 'portfolio'"),
    ],
)
def test_a_slice_of_another_version_or_kind_says_what_to_do(tmp_path, changes, found):
    changed(tmp_path, **changes)
    with pytest.raises(RunError) as refused:
        read(ScorecardSlice, tmp_path)
    (problem,) = refused.value.problems
    assert problem.where == f"slice {tmp_path.name}"
    assert found in problem.found
    assert problem.todo == "Run `kpi run` again: it writes the slices anew."


def test_all_that_is_wrong_with_a_slice_is_said_at_once_with_its_place(tmp_path):
    content = changed(tmp_path)["content"]
    content["run"]["as_of"] = "yesterday"
    content["kpis"][0]["value"] = "much"
    content["kpis"][1]["colour"] = "red"
    del content["edition"]
    changed(tmp_path, content=content)
    with pytest.raises(RunError) as refused:
        read(ScorecardSlice, tmp_path)
    places = {problem.where.partition(", ")[2] for problem in refused.value.problems}
    assert places == {"run.as_of", "kpis.0.value", "kpis.1.colour", "edition"}


def test_a_field_that_holds_its_default_is_not_written_and_is_there_again(tmp_path):
    slice_ = replace(given.content(given.rich()), peer_group=None)
    write(slice_, tmp_path)
    assert "peer_group" not in json.loads((tmp_path / FILE).read_text())["content"]
    assert read(ScorecardSlice, tmp_path).peer_group is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"period": "2026-Q1", "value": True, "n": None}, "value: a number was expected, not True"),
        ({"period": 7, "value": 1.0, "n": None}, "period: a text was expected, not 7"),
        ({"period": "2026-Q1", "value": 1.0}, "n: it is missing"),
        ([], "a mapping was expected, not []"),
    ],
)
def test_each_type_refuses_what_is_of_another(value, found):
    with pytest.raises(FormError) as refused:
        build(Point, value)
    assert found in str(refused.value)


def test_a_figure_of_a_row_goes_by_the_name_of_its_column():
    row = KpiRow(kpi="orders", value=5, covered_from=date(2026, 1, 15))
    assert (row.figure("value"), row.figure("target")) == (5.0, None)


def test_of_what_is_declared_internal_only_audiences_inside_the_company_see_anything():
    seen = {name for name, audience in AUDIENCES.items() if audience.may_see("internal")}
    assert seen == {name for name, audience in AUDIENCES.items() if audience.is_internal}
    assert all(audience.may_see("shared") for audience in AUDIENCES.values())


def test_who_shares_nothing_has_no_edition_that_leaves_the_company():
    made = [name for name, audience in AUDIENCES.items() if audience.is_given("none")]
    assert made == [name for name, audience in AUDIENCES.items() if audience.is_internal]
    assert [name for name, audience in AUDIENCES.items() if audience.is_given("full")] == [
        *AUDIENCES
    ]
