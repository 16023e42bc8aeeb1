"""The attacker finds what is given away: so what it does not find is not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.attack.attacker import (
    Group,
    figures_of,
    left_by_two_others,
    pinned_down,
    shown_as_one_partners,
    worked_out_from_others,
)
from tests.attack.pages import KPIS, Band

SPREAD = (500, 1000, 1130, 1330, 3000, 3390, 3990, 8000, 9040, 10640, 20000)


def shown_to(values, kpi="revenue", figures=None):
    """What a group of partners is shown where nothing is left out."""
    held = {f"P{i}": float(value) for i, value in enumerate(values)}
    bare = Group(KPIS[kpi], held, {})
    made = bare.tell(np.array(list(held.values())), range(len(held)))
    shown = tuple(figures or made[:3])
    return Group(
        KPIS[kpi], held, {w: Band(shown, int(t)) for w, t in zip(held, made[3:], strict=True)}
    )


def test_it_finds_nothing_where_three_are_round_each_figure_and_none_has_it():
    assert not list(shown_as_one_partners([shown_to(SPREAD)]))
    assert not list(left_by_two_others([shown_to(SPREAD)]))
    assert not list(pinned_down([shown_to(SPREAD)]))


def test_it_finds_the_quartiles_of_five_others():
    exact = shown_to([10, 20, 30, 40, 50], figures=(20, 30, 40))
    assert {found.value for found in shown_as_one_partners([exact])} == {20, 30, 40}


@pytest.mark.parametrize("rounded", [1200, 1180])
def test_it_finds_one_partner_who_has_a_figure_in_full_or_rounded(rounded):
    values = [*SPREAD[:2], rounded, *SPREAD[3:]]
    assert {found.value for found in shown_as_one_partners([shown_to(values)])} == {rounded}


def test_it_finds_a_count_by_three_times_the_mean_less_two():
    counts = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    found = list(left_by_two_others([shown_to(counts, "certifications")]))
    assert {(one.partner, one.value) for one in found} >= {("P1", 2), ("P2", 3), ("P3", 4)}


def test_it_finds_one_who_stands_between_two_that_are_nearly_alike():
    shares = [0.1, 0.2, 0.3, 0.41, 0.5003, 0.5004, 0.5005, 0.61, 0.7, 0.8, 0.9]
    assert "P5" in {found.partner for found in pinned_down([shown_to(shares, "otif_rate")])}


def test_it_finds_a_figure_that_did_not_move_by_what_two_periods_tell_of_it():
    before = shown_to((500, 1100, 1130, 1519, *SPREAD[4:]))
    assert not list(pinned_down([before]))
    found = list(pinned_down([before], [shown_to(SPREAD)]))
    assert [(one.partner, one.value) for one in found] == [("P2", 1130)]


def test_it_finds_a_measure_that_two_others_make():
    leads, qualified = [10, 20, 30, 40, 50, 60], [1, 4, 9, 8, 25, 6]
    rates = [q / n for q, n in zip(qualified, leads, strict=True)]
    pages = [
        shown_to(leads, "leads", (1, 2, 3)),
        shown_to(qualified, "qualified_leads", (1, 2, 3)),
        shown_to(rates, "lead_qualification_rate", (1, 2, 3)),
    ]
    names = {frozenset(found) for found in worked_out_from_others(pages)}
    assert names == {frozenset(("leads", "qualified_leads", "lead_qualification_rate"))}


def test_what_is_shown_is_the_mean_of_three_in_two_digits():
    assert figures_of(np.array(SPREAD), "money") == [1200, 3500, 9200]
