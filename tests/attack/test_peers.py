"""Nobody learns another partner's figure from the partner pages, however many of them are read."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from kpi_lib.examples.synthetic import write_company
from kpi_lib.measure.peers import COLUMNS as EXACT
from kpi_lib.slices.file import as_text
from tests.attack.attacker import (
    Group,
    figures_of,
    groups_of,
    left_by_two_others,
    pinned_down,
    shown_as_one_partners,
    worked_out_from_others,
)
from tests.attack.pages import Run, run_of

QUARTERS = ("2026-Q2", "2026-Q3")
SIZES = [
    pytest.param((24, 5_000), id="24 partners: too few of any type, so all are one group"),
    pytest.param(
        (40, 40_000), id="40 partners: a large type, and small ones", marks=pytest.mark.slow
    ),
    pytest.param((200, 200_000), id="200 partners: every type is large", marks=pytest.mark.slow),
]


@dataclass(frozen=True)
class Attacked:
    """Two runs, of successive quarters, and what each of them tells."""

    runs: list[Run]
    groups: list[list[Group]]


@pytest.fixture(scope="module", params=SIZES)
def attacked(request, tmp_path_factory) -> Attacked:
    partners, orders = request.param
    place: Path = tmp_path_factory.mktemp("attacked")
    data = write_company(place / "company", partners=partners, orders=orders)
    runs = [run_of(data, quarter, place / quarter) for quarter in QUARTERS]
    return Attacked(runs, [groups_of(run) for run in runs])


def test_there_is_something_to_attack_and_it_is_made_as_it_is_said_to_be(attacked):
    for group in itertools.chain(*attacked.groups):
        values = np.array(list(group.values.values()))
        assert list(group.shown) == figures_of(values, group.kpi.unit)
        for reader, band in group.bands.items():
            own = list(group.values).index(reader)
            assert group.tell(values, [own])[-1] == band.tenths
    assert sum(len(run.bands) for run in attacked.runs) > len(attacked.runs[0].slices)


def test_a_group_has_ten_members_and_all_its_pages_tell_the_same(attacked):
    for group in itertools.chain(*attacked.groups):
        assert len(group.values) >= 10
        assert len({band.figures for band in group.bands.values()}) == 1


def test_partners_of_small_types_are_compared_in_shares_and_days_only(attacked):
    for group in itertools.chain(*attacked.groups):
        types = dict(attacked.runs[0].results.partners.select("partner_id", "partner_type").rows())
        if len({types[partner] for partner in group.values}) > 1:
            assert group.kpi.unit in ("ratio", "days")


def test_no_page_shows_the_figure_of_one_other_partner(attacked):
    assert [list(shown_as_one_partners(groups)) for groups in attacked.groups] == [[], []]


def test_two_of_the_three_behind_a_figure_do_not_learn_the_third(attacked):
    assert [list(left_by_two_others(groups)) for groups in attacked.groups] == [[], []]


def test_all_pages_but_one_leave_the_figure_of_that_one_open(attacked):
    assert [list(pinned_down(groups)) for groups in attacked.groups] == [[], []]


def test_so_do_the_pages_of_two_quarters(attacked):
    assert list(pinned_down(*attacked.groups)) == []


def test_no_measure_of_a_page_can_be_worked_out_from_two_others(attacked):
    assert [list(worked_out_from_others(groups)) for groups in attacked.groups] == [[], []]


def test_what_a_partner_is_given_has_no_exact_figure_of_the_others(attacked):
    for run in attacked.runs:
        for slice_ in run.slices.values():
            content = json.loads(as_text(slice_))["content"]
            assert not {column for row in content["kpis"] for column in row} & set(EXACT)
            assert {name for row in content["kpis"] for name in row.get("standing") or ()} <= {
                *("ahead", "q1", "median", "q3")
            }
