"""Audiences: each is declared once, and whatever depends on it is there for every one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kpi_lib.audience import AUDIENCES, INTERNAL, PARTNER, Audience, audience_of
from kpi_lib.batch import leak_free
from kpi_lib.batch.jobs import Job, Page
from kpi_lib.batch.leak_free import LeakFree
from kpi_lib.errors import CallError
from kpi_lib.measure.slices import build_slices
from kpi_lib.settings import Settings
from kpi_lib.show.common.edition_words import EDITION_WORDS
from kpi_lib.testing.tables_in_text import dataset_of, results_of

ROWS = {"partners": "a 2020-01-01 | quiet 2020-01-01 sharing=none", "orders": "a c1 07-01 5"}
BOARD = Audience(
    "board", "board", frozenset({"shared", "internal"}), is_internal=True, largest_page=400_000
)


def test_every_audience_has_its_words():
    assert set(EDITION_WORDS) == set(AUDIENCES)


def test_no_two_audiences_share_a_name_or_a_file():
    assert len({audience.report for audience in AUDIENCES.values()}) == len(AUDIENCES)
    assert {name: audience.name for name, audience in AUDIENCES.items()} == {
        n: n for n in AUDIENCES
    }


def test_a_page_that_leaves_the_company_shows_nothing_internal():
    assert [a for a in AUDIENCES.values() if not a.is_internal and a.may_see("internal")] == []


def test_a_further_audience_is_one_declaration(monkeypatch):
    monkeypatch.setitem(AUDIENCES, BOARD.name, BOARD)
    slices = list(build_slices(results_of(**ROWS), dataset_of(**ROWS), Settings()))
    inside = [name for name, audience in AUDIENCES.items() if audience.is_internal]
    assert [s.edition for s in slices if s.partner.partner_id == "a"] == [PARTNER.name, *inside]
    assert [s.edition for s in slices if s.partner.partner_id == "quiet"] == inside
    internal, board = (next(s for s in slices if s.edition == of.name) for of in (INTERNAL, BOARD))
    assert board.kpis == internal.kpis
    assert Page("a", BOARD.name).place == "partners/a/board"


@pytest.mark.parametrize(("is_internal", "searched"), [(True, False), (False, True)])
def test_whatever_leaves_the_company_is_searched_for_what_is_somebody_elses(
    monkeypatch, tmp_path, is_internal, searched
):
    audience = replace(BOARD, is_internal=is_internal)
    monkeypatch.setitem(AUDIENCES, BOARD.name, audience)
    (tmp_path / "slice").mkdir()
    looked_at = []
    monkeypatch.setattr(leak_free, "read", lambda _kind, folder: looked_at.append(folder))
    job = Job(Page("a", BOARD.name), tmp_path / "n.ipynb", {}, tmp_path / "slice")
    assert LeakFree(NothingFound()).problems(job, tmp_path) == []
    assert bool(looked_at) == searched


class NothingFound:
    """A search that finds nothing."""

    def of(self, _slice, _partner_id):
        return self

    def typed(self):
        return []


def test_an_edition_that_is_none_is_refused_with_those_there_are():
    with pytest.raises(CallError, match="'nobody' is no edition"):
        audience_of("nobody")
