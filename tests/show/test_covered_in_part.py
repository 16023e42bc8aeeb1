"""A period that the data cover in part is marked, and nothing on a page stands on it."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl
import pytest
from bs4 import BeautifulSoup

from kpi_lib.insights.editions import insights_of
from kpi_lib.insights.playbook_rules import When
from kpi_lib.insights.portfolio_contents import Company, portfolio_slices
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import Results, compute
from kpi_lib.measure.slices import Beside, build_slices
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.common import charts, data_notes, wording
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.portfolio import portfolio_lead as portfolio_page
from kpi_lib.show.portfolio import portfolio_sections, portfolio_words
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.show.scorecard import digest_parts as digest
from kpi_lib.show.scorecard import mutual_service, tables, tiles
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import verdict as summary
from kpi_lib.testing.tables_in_text import dataset_of
from tests.insights.made import playbook, rule

# Orders begin on 15 January 2026, deliveries on 1 February: the first quarter is known in part.
OTHERS = "bcdefgh"
ROWS = {
    "partners": " | ".join(f"{p} 2020-01-01 manager=Jo" for p in f"a{OTHERS}"),
    "orders": "a c1 01-15 100 | a c1 04-01 200 | a c1 07-01 300 | "
    + " | ".join(f"{p} c{p} 02-01 {n}0 | {p} c{p} 07-02 {n}9" for n, p in enumerate(OTHERS, 1)),
    "deliveries": "a 02-01 02-02 1 1 | a 04-01 04-02 1 1 | a 07-01 07-03 1 1",
    "targets": "partner a revenue quarter 500 | portfolio * revenue quarter 9000"
    " | partner a orders quarter 1 | partner a feedback quarter 1",
}
OF_A = (pl.col("scope") == "partner") & (pl.col("entity") == "a")
BOOK = playbook(
    short=rule(kpi=["revenue"]),
    few=rule(kpi=["orders"], when=When(below=50), cases=0),
    behind=rule(kpi=["average_order_value"], when=When(behind_peers=0.9), cases=0),
)


@cache
def run(period: str) -> tuple[Results, Company]:
    dataset, settings = dataset_of(**ROWS), Settings(reporting_currency="EUR")
    results = compute(dataset, settings, Period.parse(period))
    insights = insights_of(results, settings, BOOK)
    beside = Beside(Compared.with_nothing(), insights)
    return results, Company.of(results, dataset, settings, BOOK, beside)


def page(period: str, partner: str = "a", edition: str = "internal") -> Slice:
    results, company = run(period)
    made = build_slices(
        *(results, company.dataset, company.settings, [partner]),
        company.beside,
    )
    return Slice.of(next(slice_ for slice_ in made if slice_.edition == edition))


def portfolio(period: str) -> PortfolioPage:
    company = run(period)[1]
    slice_ = next(slice_ for whose, slice_ in portfolio_slices(company) if whose.is_whole)
    return PortfolioPage.of(slice_)


def text(html: str) -> str:
    plain = BeautifulSoup(html, "html.parser").get_text(" ").replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(plain.split())


# --- the period that is asked for -----------------------------------------------------------------


def test_no_action_no_good_news_and_no_driver_stands_on_a_part_of_a_period():
    whole = page("2026-Q3").insights
    assert {action.kpi for action in whole.actions} >= {"revenue", "orders"}
    part = page("2026-Q1").insights
    assert part.actions == part.went_well == part.drivers == ()


@pytest.mark.parametrize("edition", ["partner", "internal"])
def test_it_has_a_mark_instead_of_a_status_a_variance_and_a_place_among_peers(edition):
    card = page("2026-Q1", edition=edition)
    revenue = card.measures["revenue"]
    assert revenue.row.status == "off_track", "in the table it keeps its status"
    tile = tiles.tile(revenue, card)
    assert tile.status == "in_part"
    assert text(tile.note) == "covered in part, from 15 January 2026"
    assert (tile.target, tile.bullet, tile.change, tile.trend) == ("Target €500", None, None, None)
    assert "covered in part, from 15 January 2026" in text(tiles.tiles(card))
    row = run("2026-Q1")[0].table.row(by_predicate=OF_A & (pl.col("kpi") == "revenue"), named=True)
    assert row["peer_percentile"] == 1, "in the table it keeps its place"
    with_standing = {kpi for kpi, m in card.measures.items() if m.standing is not None}
    known = {"partnership_years"} if edition == "internal" else set()  # too few for a partner's own
    assert with_standing == known, "since when they are partners is known"


def test_the_verdict_says_it_and_calls_the_period_neither_good_nor_difficult():
    card = page("2026-Q1")
    assert summary.mood(card) is None
    assert summary.worst_of(card) is None
    assert text(summary.sentence(card)) == (
        "Joint revenue came to €100 in Q1 2026 (covered in part, from 15 January 2026)."
    )


def test_a_partner_without_an_order_in_the_part_that_is_known_did_not_order_nothing():
    results, company = run("2026-Q1")
    late = compute(
        dataset_of(**{**ROWS, "partners": f"{ROWS['partners']} | z 2020-01-01"}),
        company.settings,
        results.calendar.period,
    )
    made = build_slices(late, company.dataset, company.settings, ["z"])
    assert "placed no orders" not in summary.sentence(Slice.of(next(made)))


def test_what_each_side_owes_counts_nothing_that_is_known_in_part():
    card = page("2026-Q1")
    shown = text(mutual_service.mutual_service(card))
    assert "on track" not in shown.lower()


def test_the_table_and_the_mail_name_it_beside_the_measure():
    card = page("2026-Q1", edition="partner")
    marked = "Joint revenue (covered in part, from 15 January 2026)"
    assert marked in text(tables.kpi_table_html(card))
    assert marked in text(digest.rows(card).html)


def test_of_measures_whose_data_begin_later_still_the_notes_say_since_when():
    notes = [
        note.replace("\N{NO-BREAK SPACE}", " ") for note in data_notes.data_notes(page("2026-Q1"))
    ]
    assert "Q1 2026 is covered in part only: the data begin on 15 January 2026." in notes
    later = next(note for note in notes if note.startswith("Q1 2026 is covered in part only of"))
    assert later.endswith("their data begin on 1 February 2026.")


def test_a_portfolio_judges_no_partner_by_it():
    card = portfolio("2026-Q1")
    assert card.content.exceptions.rows == ()
    assert {partner.stance for partner in card.partners} == {"unknown"}
    assert text(portfolio_words.verdict(card)) == (
        "8 partners brought in €380 in Q1 2026, covered in part, from 15 January 2026."
    )
    assert portfolio("2026-Q3").content.exceptions.rows


# --- the first period of a course -----------------------------------------------------------------


def test_a_bar_of_a_part_is_hatched_and_a_point_of_a_part_is_hollow():
    card = page("2026-Q3")
    bars = charts.trend(card.measures["revenue"], card).patches
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False, False]
    lines = charts.trend(card.measures["otif_rate"], card).lines
    hollow = [line for line in lines if line.get_markerfacecolor() == "white"]
    assert [list(line.get_xdata()) for line in hollow] == [[0]]


def test_the_table_beside_a_chart_and_its_words_mark_it_and_no_rank_counts_it():
    card = page("2026-Q3")
    shown = text(parts.trend(card.measures["revenue"], card))
    assert "Q1 2026 (covered in part, from 15 January 2026) €100" in shown
    alt = text(wording.chart_alt(card.measures["revenue"], card, "Bar chart"))
    assert "Q1 2026 (covered in part, from 15 January 2026) to Q3 2026: from €100 to €300" in alt
    assert "lowest €200 in Q2 2026" in alt


def test_a_sparkline_begins_with_the_first_period_that_is_covered():
    card = page("2026-Q3")
    sparkline = str(tiles.tile(card.measures["revenue"], card).sparkline)
    assert "From €200 in Q2" in sparkline


def test_before_the_data_there_is_no_period_in_a_course():
    course = page("2026-Q3").measures["revenue"].history
    assert [point.period for point in course] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert [point.covered_from for point in course] == [date(2026, 1, 15), None, None]


# --- a company that exports from January on -------------------------------------------------------


def test_a_flat_partner_is_not_called_rising_for_want_of_an_earlier_year():
    months = " | ".join(f"a c1 2026-{month:02d}-05 1000" for month in range(1, 10))
    dataset, settings = dataset_of(orders=months), Settings()
    results = compute(dataset, settings, Period.parse("2026-Q3"))
    beside = Beside(Compared.with_nothing(), insights_of(results, settings, BOOK))
    card = Slice.of(next(build_slices(results, dataset, settings, beside=beside)))
    said = " ".join([summary.sentence(card), text(tiles.tiles(card)), text(parts.trends(card))])
    assert "on the year" not in said
    assert "Rising" not in said
    assert card.insights.went_well == ()


def test_who_brought_nothing_did_not_bring_anything_in():
    rows = {"partners": "a 2020-01-01 | b 2020-01-01 | c 2020-01-01"}
    orders = "a c1 2025-07-01 5 | b c2 2025-07-01 9 | a c1 07-01 10 | c c3 07-01 0"
    dataset, settings = dataset_of(**rows, orders=orders), Settings(reporting_currency="EUR")
    results = compute(dataset, settings, Period.parse("2026-Q3"))
    company = Company.of(results, dataset, settings, None, Beside.nothing())
    card = PortfolioPage.of(next(slice_ for whose, slice_ in portfolio_slices(company)))
    assert portfolio_words.verdict(card).startswith("1 of 3 partners brought in €10.00 in")


# --- what begins after the period -----------------------------------------------------------------


def test_of_a_time_before_a_table_begins_no_page_says_0():
    results, _company = run("2025-Q4")
    row = results.table.row(by_predicate=OF_A & (pl.col("kpi") == "revenue"), named=True)
    assert (row["value"], row["n"]) == (0, 0), "a sum over no rows, in the table"
    for edition in ("partner", "internal"):
        card = page("2025-Q4", edition=edition)
        revenue = card.measures["revenue"]
        assert (revenue.value, revenue.row.target) == (None, 500)
        assert revenue.row.missing == "the period is not covered by the data"
        shown = (parts.verdict(card), tiles.tiles(card), parts.trends(card))
        said = text(" ".join(map(str, shown)))
        assert "€0" not in said
        assert "placed no orders" not in said
    assert text(portfolio_words.verdict(portfolio("2025-Q4"))) == (
        "What the partners brought in is not known: the period is not covered by the data."
    )


def test_a_portfolio_of_such_a_time_denies_neither_targets_nor_direct_business():
    card = portfolio("2025-Q4")
    assert "hardly any could be held against a target" in text(portfolio_page.exceptions(card))
    shown = text(portfolio_sections.direct(card))
    assert "There are no figures of partners and of direct business to set side by side." in shown


def test_targets_that_nothing_could_be_held_against_are_not_called_missing():
    for period in ("2025-Q4", "2026-Q1"):
        assert "No targets are agreed" not in text(tiles.tiles(page(period))), period
