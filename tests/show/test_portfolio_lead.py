"""The parts of a portfolio page: what they say, what they link, and what they say of nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest
from bs4 import BeautifulSoup

from kpi_lib.insights.portfolio_contents import portfolio_slices
from kpi_lib.pages.portfolio import Portfolio
from kpi_lib.periods import Period
from kpi_lib.publish.exporter import LARGEST_OF_RUN
from kpi_lib.show.portfolio import portfolio_lead as portfolio
from kpi_lib.show.portfolio import portfolio_sections as sections
from kpi_lib.show.portfolio import portfolio_words as words
from kpi_lib.show.portfolio.portfolio_page import PortfolioPage
from kpi_lib.show.scorecard import tiles
from kpi_lib.slices.json_form import build, deep_plain
from kpi_lib.slices.portfolio_types import Exceptions, PortfolioSlice, Reports
from tests import given_portfolio as given

PARTS = (
    *(portfolio.heading, portfolio.verdict, tiles.tiles, sections.direct, portfolio.exceptions),
    *(portfolio.movers, portfolio.concentration, sections.sales, sections.finance),
    *(sections.attribution, portfolio.health, sections.breakdown, sections.actions),
    *(sections.disputes, portfolio.everybody, sections.definitions, sections.notes),
)


def text(html: str) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for label in soup.select(".label"):
        label.decompose()
    shown = soup.get_text(" ").replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
    return " ".join(shown.split())


def _nobody() -> dict:
    return given.slices(partners="late 2030-01-01", orders="- c1 07-01 10")


@cache
def empty() -> PortfolioPage:
    return PortfolioPage.of(_nobody()["portfolio"])


def test_the_verdict_says_revenue_change_target_and_who_needs_a_talk():
    assert words.verdict(given.card()).replace("\N{NO-BREAK SPACE}", " ") == (
        "3 of 4 partners brought in €1,000 in Q3 2026, unchanged on the year, 20.0% below target. "
        "1 partner needs a talk."
    )


def test_exceptions_say_what_is_at_stake_and_link_the_internal_page():
    html = portfolio.exceptions(given.card())
    first = BeautifulSoup(html, "html.parser").select("tbody tr")[0]
    assert first.find("a")["href"] == "partners/birch/internal.html"
    assert text(str(first)) == "Birch Joint revenue €300 €900 €600 Q2 2026 (2 periods) €600"


def test_a_page_in_a_folder_links_out_of_it():
    html = portfolio.everybody(given.card("managers/Ann"))
    links = {link["href"] for link in BeautifulSoup(html, "html.parser").find_all("a")}
    assert links == {"../partners/alder/internal.html", "../partners/birch/internal.html"}


def test_a_partner_whose_report_failed_is_named_and_not_linked():
    card = given.card(reports=Reports(("alder", "cedar", "elder"), ("birch",)))
    row = BeautifulSoup(portfolio.exceptions(card), "html.parser").select("tbody tr")[0]
    assert row.find("a") is None
    assert row.find("th").text == "Birch"
    shown = text(sections.notes(card))
    assert "The reports of 1 partner failed and were not published: Birch." in shown
    assert "failed and were not published" not in text(sections.notes(given.card()))


def test_many_failures_are_counted_after_the_first():
    shown = given.many(20)
    ids = tuple(partner.partner_id for partner in shown.partners)
    card = PortfolioPage.of(replace(shown, reports=Reports(failed=ids)))
    said = text(sections.notes(card))
    assert "The reports of 20 partners failed" in said
    assert "8 more. The index of the run says why." in said


def test_partners_against_direct_business_stand_side_by_side():
    assert "Joint revenue €1,000 €1,000 €2,000" in text(sections.direct(given.card()))
    assert sections.direct(given.card("managers/Ann")) == ""
    assert sections.breakdown(given.card("branches/North")) == ""


def test_movers_are_drawn_with_their_message_and_listed_in_a_table():
    shown = text(portfolio.movers(given.card()))
    assert shown.startswith("Alder gained most (+€100), Birch lost most (-€150)")
    assert "Cedar €100 €40.00 +€60.00 +150.0%" in shown


def test_where_models_disagree_is_said_and_every_model_has_a_column():
    shown = text(sections.attribution(given.card()))
    assert shown.startswith("The models disagree most about Alder: €0 to €80.00")
    assert "First touch Last touch Linear Time decay Position based Apart" in shown


def test_who_needs_a_talk_is_named_with_the_reason():
    shown = text(portfolio.health(given.card()))
    assert "Birch ■ Needs a talk: revenue off track" in shown
    assert "No partner has a health score" in shown


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@pytest.mark.parametrize("card", [given.card, lambda: given.card("managers/Ann"), empty])
def test_every_part_has_something_to_say_and_a_text_for_each_picture(part, card):
    card = card()
    html = part(card)
    is_for_all = part in (sections.direct, sections.breakdown)
    if card.is_whole or not is_for_all:
        assert text(html)
    soup = BeautifulSoup(html, "html.parser")
    assert all(picture["alt"] for picture in soup.find_all("img"))
    assert all(figure.find_next("table") for figure in soup.find_all("figure"))


def test_names_are_escaped_wherever_they_stand():
    content = deep_plain(given.shared()[1]["portfolio"])
    renamed = _renamed(content, "Birch", '<b>"A&B"</b> $x$ $y$')
    hostile = PortfolioPage.of(build(PortfolioSlice, renamed))
    for part in PARTS:
        assert "<b>" not in part(hostile), part.__name__


def _renamed(raw, old, new):
    if isinstance(raw, dict):
        return {key: _renamed(value, old, new) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_renamed(value, old, new) for value in raw]
    return new if raw == old else raw


def test_a_thousand_partners_fit_on_a_page():
    card = PortfolioPage.of(given.many(1000))
    size = sum(len(part(card).encode()) for part in PARTS)
    assert size < LARGEST_OF_RUN * 0.8
    table = portfolio.everybody(card)
    assert len(re.findall("<tr>", table)) == 1001
    assert "Show all 1,000 partners" in table


# --- a week, and partners that have left ----------------------------------------------------------


def week(orders="alder c1 2026-09-15 600 | birch c2 2026-09-16 300 | - c9 2026-09-15 50"):
    company = given.company(
        Period.parse("2026-W38"),
        partners=given.PARTNERS,
        orders=f"{orders} | alder c1 2025-09-16 10",
    )
    shown = next(shown for whose, shown in portfolio_slices(company) if whose.is_whole)
    return PortfolioPage.of(shown)


def test_a_week_is_led_by_its_orders_and_not_by_revenue_that_nobody_looks_at_so_often():
    shown = words.verdict(week()).replace("\N{NO-BREAK SPACE}", " ")
    assert shown == "2 of 4 partners placed orders in week 38 of 2026, 2 in all, up 1 on the year."


def test_a_week_without_an_order_says_so():
    shown = words.verdict(week("- c9 2026-09-15 50")).replace("\N{NO-BREAK SPACE}", " ")
    assert shown == (
        "None of the 4 partners brought in anything in week 38 of 2026, down 1 on the year."
    )


def test_what_is_no_measure_of_a_week_stands_nowhere_on_its_page():
    folio = Portfolio(week())
    for part in ("tiles", "breakdown", "partners", "finance", "definitions", "notes", "exceptions"):
        shown = text(getattr(folio, part)().html)
        assert "revenue" not in shown.lower().replace("joint revenue", "revenue"), part
        assert "Receivables" not in shown, part
    for part, least in (("movers", "month"), ("health", "month"), ("attribution", "quarter")):
        assert text(getattr(folio, part)().html) == f"This is shown for a {least} or longer."


def test_partners_of_a_week_are_listed_by_their_orders():
    rows = BeautifulSoup(portfolio.everybody(week()), "html.parser").select("tbody tr")
    shown = [text(str(row)) for row in rows]
    assert shown[0].startswith("Alder Reseller East 1 no change")
    assert shown[-1].startswith("Elder (left on 1 March 2026) Reseller West 0")


def test_who_has_left_is_counted_in_the_head_and_marked_in_the_list():
    assert "Partners 4, 1 of whom has left" in text(portfolio.heading(given.card()))
    row = next(
        row
        for row in BeautifulSoup(portfolio.everybody(given.card()), "html.parser").select("tr")
        if "Elder" in row.text
    )
    assert "(left on 1 March 2026)" in text(str(row))
    assert [cell.select_one(".none") is not None for cell in row.select("td")[-2:]] == [True, True]


def test_without_a_target_met_or_missed_nothing_is_said_to_be_on_track():
    assert "hardly any could be held against a target" in portfolio.exceptions(week())
    judged = given.card(exceptions=Exceptions())
    assert "No measure of a partner is off track." in portfolio.exceptions(judged)


def test_a_portfolio_speaks_of_partners_and_not_to_one():
    definitions = text(sections.definitions(PortfolioPage.of(with_side("partner"))))
    assert "Moved by the partners." in definitions
    assert "you" not in definitions.split()


def with_side(side: str) -> PortfolioSlice:
    slice_ = given.shared()[1]["portfolio"]
    sided = {kpi: replace(of, accountable=side) for kpi, of in slice_.definitions.items()}
    return replace(slice_, definitions=sided)


def test_beside_the_largest_partners_a_month_is_short_enough_for_a_phone():
    run = replace(given.card().content.run, period="2026-09")
    shown = text(portfolio.concentration(given.card(run=run)))
    assert "Sept 2026" in shown and "Sept 2025" in shown
    assert "September" not in shown
