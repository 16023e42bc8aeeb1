"""The outlook of a run: forecasts, the year's target, who may fade; and what pages say of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import numpy as np
import polars as pl
import pytest

from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.insights.portfolio_outlook import portfolio_outlook
from kpi_lib.models.fading import fading_of
from kpi_lib.models.forecast import Rhythm
from kpi_lib.models.history import History
from kpi_lib.models.model_cache import Models
from kpi_lib.models.outlook import FORECAST, outlook_of, year_of
from kpi_lib.models.sales import last_known, sales_of
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.show.common.language import speaking
from kpi_lib.show.common.slice import Slice
from kpi_lib.show.models import outlook_chart
from kpi_lib.show.models import outlook_sections as outlook
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.json_form import build, deep_plain, plain
from kpi_lib.slices.outlook_types import FadingMethod, Outlooks
from tests import given, given_portfolio
from tests.models.given_orders import tables_of

START, END = date(2023, 1, 1), date(2026, 9, 30)
PERIOD = Period.parse("2026-Q3")
PARTNERS = 20
FADED = ("P00", "P01", "P02")


def monthly(fade_from: dict[int, date], seed: int = 0) -> pl.DataFrame:
    """Orders of 20 partners, one a month; some sell a tenth from a day on."""
    chance, rows = np.random.default_rng(seed), []
    for partner in range(PARTNERS):
        for month in range(45):
            day = date(2023 + month // 12, month % 12 + 1, 26)
            share = 0.1 if day >= fade_from.get(partner, date.max) else 1.0
            amount = share * (1000 + 50 * partner) * float(chance.uniform(0.8, 1.2))
            rows.append((f"P{partner:02}", day, amount))
    return pl.DataFrame(
        {
            "order_id": [str(n) for n in range(len(rows))],
            "customer_id": [f"c{row[0]}" for row in rows],
            "partner_id": [row[0] for row in rows],
            "ordered_on": [row[1] for row in rows],
            "amount": [row[2] for row in rows],
            "status": ["completed"] * len(rows),
        },
        schema_overrides={"ordered_on": pl.Date()},
    )


def targets(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    names = ("scope", "entity", "period", "target")
    columns = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    return pl.DataFrame(columns | {"kpi": ["revenue"] * len(rows)})


def dataset_of(orders: pl.DataFrame, **more: pl.DataFrame) -> Dataset:
    return Dataset(tables_of(orders, **more), "made for the test", False, False, {}, {}, {})


@pytest.fixture(scope="module")
def found():
    # One after the other, so that earlier cuts have some that faded and many that did not.
    fades = {n: date(2024 + (3 + n) // 4, 3 * ((3 + n) % 4) + 1, 1) for n in range(10)}
    agreed = targets(("partner", "P15", "2026", 1.0), ("partner", "P16", "2026", 1e9))
    dataset = dataset_of(monthly(fades), targets=agreed)
    calendar = Calendar.around(PERIOD)
    history = History.of(dataset.tables)
    return outlook_of(dataset, Settings(reporting_currency="EUR"), calendar, history)


def test_every_partner_and_all_of_them_have_a_row_for_each_of_four_periods(found):
    assert found.forecast.schema == pl.Schema(FORECAST)
    by_partner = found.forecast.group_by("partner_id", maintain_order=True).agg(pl.col("period"))
    assert by_partner.height == PARTNERS + 1
    assert by_partner["partner_id"][0] is None
    ahead = ["2026-Q4", "2027-Q1", "2027-Q2", "2027-Q3"]
    assert all(periods == ahead for periods in by_partner["period"].to_list())


def test_sales_are_the_same_to_the_last_digit_in_whatever_order_their_rows_lie():
    day = pl.col("ordered_on").dt.month_start()
    orders = pl.concat([monthly({}, seed) for seed in range(20)]).with_columns(ordered_on=day)
    first, *others = (
        sales_of(
            {"orders": orders.sample(fraction=1, shuffle=True, seed=seed).lazy()}, PERIOD, START
        )
        for seed in range(4)
    )
    assert all(other.by_partner.equals(first.by_partner) for other in others)


def test_sales_are_those_of_the_kpi_revenue_in_whole_periods():
    orders = monthly({})
    late = orders.head(1).with_columns(ordered_on=pl.lit(date(2026, 9, 30)))
    odd = pl.concat(
        [
            late.with_columns(order_id=pl.lit("back"), amount=-400.0, status=pl.lit("returned")),
            late.with_columns(order_id=pl.lit("gone"), amount=9e9, status=pl.lit("cancelled")),
            late.with_columns(order_id=pl.lit("own"), amount=9e9, partner_id=pl.lit(None)),
        ],
        how="diagonal_relaxed",
    )
    tables = {"orders": pl.concat([orders, odd]).lazy()}
    sales = sales_of(tables, PERIOD, START)
    assert sales.rhythm == Rhythm(3, 12)
    assert sales.by_partner.shape == (45, PARTNERS)
    own = orders.filter((pl.col("partner_id") == "P00") & (pl.col("ordered_on") > date(2026, 7, 1)))
    assert sales.in_periods()["P00"].iloc[-1] == pytest.approx(own["amount"].sum() - 400.0)
    assert sales.since(date(2026, 7, 1), "P00") == pytest.approx(own["amount"].sum() - 400.0)


@pytest.mark.parametrize(
    ("first", "begins"), [(date(2023, 1, 1), "2023-01"), (date(2023, 1, 2), "2023-04")]
)
def test_a_first_period_that_the_data_cover_in_part_is_left_out(first, begins):
    sales = sales_of(tables_of(monthly({})), PERIOD, first)
    assert str(sales.by_partner.index[0])[:7] == begins


def test_only_periods_that_had_ended_and_are_covered_count():
    assert str(last_known(PERIOD, PERIOD.end, END)) == "2026-Q3"
    assert str(last_known(PERIOD, PERIOD.end, date(2026, 9, 25))) == "2026-Q3", "a quiet week"
    assert str(last_known(PERIOD, PERIOD.end, date(2026, 9, 10))) == "2026-Q2"
    assert str(last_known(PERIOD, PERIOD.end - timedelta(days=1), END)) == "2026-Q2"
    assert str(last_known(PERIOD, PERIOD.end, date(2026, 2, 1))) == "2025-Q4"


def test_weeks_are_counted_in_weeks():
    period = Period.parse("2026-W37")
    sales = sales_of(tables_of(monthly({})), period, START)
    assert sales.rhythm == Rhythm(1, 52)
    assert sales.by_partner.index[-1].date() == period.start


def test_the_chance_to_reach_a_years_target_counts_what_was_reached(found):
    of = found.outlooks.partners
    low, high = of["P15"].target, of["P16"].target
    assert (low.year, low.target) == ("2026", 1.0)
    assert low.so_far == pytest.approx(9 * 1750, rel=0.1)
    assert low.chance == pytest.approx(1.0)
    assert high.chance == pytest.approx(0.0, abs=1e-9)
    assert of["P17"].target is None
    assert str(year_of(Period.parse("2026-Q4"))) == "2027"


def test_who_just_fell_is_likelier_to_fade_than_who_holds_and_it_is_said_why(found):
    chances = {name: one.fading.chance for name, one in found.outlooks.partners.items()}
    fallen = [chances[f"P{n:02}"] for n in (5, 6, 7)]
    holding = [chances[f"P{n:02}"] for n in range(12, PARTNERS)]
    assert min(fallen) > max(holding)
    assert "against_season" in found.outlooks.partners["P07"].fading.reasons
    assert all(0 < chance < 1 for chance in chances.values())


def test_no_feature_of_fading_comes_from_after_its_cut():
    orders = monthly({3: date(2025, 4, 1)})
    changed = orders.with_columns(
        amount=pl.when(pl.col("ordered_on") > date(2026, 6, 30)).then(1e7).otherwise("amount")
    )
    known = Period.parse("2026-Q2")
    found = []
    for one in (orders, changed):
        tables = tables_of(one)
        found.append(fading_of(sales_of(tables, known, START), History.of(tables)).partners)
    assert found[0].equals(found[1])


@pytest.mark.parametrize("partners", [0, 1, 5])
def test_few_partners_give_no_fading_and_say_so(partners):
    orders = monthly({}).filter(pl.col("partner_id") < f"P{partners:02}")
    dataset = dataset_of(orders)
    history = History.of(dataset.tables)
    found = outlook_of(dataset, Settings(), Calendar.around(PERIOD), history)
    assert found.outlooks.fading.why == "too few partners have two years of sales to learn from"
    text = json.dumps(found.outlooks, default=plain, allow_nan=False)
    assert build(Outlooks, json.loads(text)) == found.outlooks


def test_a_partner_that_left_is_expected_to_sell_nothing_and_is_not_named():
    orders = monthly({})
    tables = tables_of(orders)
    left = tables["partners"].with_columns(
        left_on=pl.when(pl.col("partner_id") == "P04").then(date(2026, 8, 1))
    )
    dataset = Dataset(tables | {"partners": left}, "made", False, False, {}, {}, {})
    found = outlook_of(dataset, Settings(), Calendar.around(PERIOD), History.of(tables))
    assert "P04" not in found.outlooks.partners
    assert "P04" not in found.forecast["partner_id"].to_list()


def models_with(found) -> Models:
    empty = pl.DataFrame()
    return Models("key", {}, empty, {}, found.forecast, found.outlooks)


def test_only_the_internal_edition_is_given_the_outlook(found):
    nothing = Insights(has_playbook=False)
    insights = {("P15", "partner"): nothing, ("P15", "internal"): nothing}
    given_to = models_with(found).with_outlook(insights)
    assert given_to["P15", "partner"].outlook is None
    assert given_to["P15", "internal"].outlook.target.year == "2026"
    new = models_with(found).with_outlook({("P99", "internal"): nothing})["P99", "internal"]
    card = Slice.of(replace(given.content(given.rich()), insights=new))
    assert "it has left, or has not sold" in text(outlook.of_partner(card))


def card(found, partner_id: str, **changed) -> Slice:
    raw = given.rich() | {"currency": "EUR", "edition": "internal"}
    raw["insights"] = {
        **raw.get("insights", {}),
        "outlook": deep_plain(replace(found.outlooks.partners[partner_id], **changed)),
    }
    return given.card_of(raw)


def text(html: str) -> str:
    words = unescape(re.sub(r"<[^>]*>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", words)


def test_a_partners_internal_page_tells_forecast_target_fading_and_how_it_was_tested(found):
    said = text(outlook.of_partner(card(found, "P15")))
    for words in (
        "is expected in Q4 2026, most likely between",
        "are agreed for 2026",
        "The probability to reach the rest is > 99%",
        "less than half of its own season",
        "came within the 80% band",
    ):
        assert words in said
    assert not re.search(r"\b(None|nan|NaN)\b", said)


def test_the_page_says_where_the_model_lost_and_where_there_is_nothing(found):
    assert "loses to the rule of thumb" in text(outlook.of_partner(card(found, "P15", way="rule")))
    why = "sales do not reach back a year"
    assert f"There is no outlook: {why}." in text(outlook.of_partner(card(found, "P15", why=why)))
    raw = given.rich() | {"insights": {}}
    assert "comes with a run" in text(outlook.of_partner(given.card_of(raw)))
    with speaking("de"):
        assert "Es gibt keinen Ausblick" in text(outlook.of_partner(card(found, "P15", why=why)))


def test_a_portfolio_lists_the_partners_with_most_at_stake_first_and_its_own_only(found):
    names = {f"P{n:02}": f"Partner <{n}>" for n in range(5, PARTNERS)}
    given_to = portfolio_outlook(found.outlooks, names, is_whole=False)
    assert given_to.whole is None
    stakes = [row.stake for row in given_to.partners]
    assert stakes == sorted(stakes, reverse=True)
    assert {row.partner_id for row in given_to.partners} == set(names)
    page = given_portfolio.card(outlook=given_to)
    html = outlook.of_portfolio(page)
    first = given_to.partners[0].partner.replace("<", "&lt;").replace(">", "&gt;")
    assert first in html
    assert "Partner <" not in html
    assert "5 further ones." in text(html)
    whole = portfolio_outlook(found.outlooks, names, is_whole=True)
    page = given_portfolio.card(outlook=whole)
    assert "is expected in Q4 2026" in text(outlook.of_portfolio(page))


def test_where_nobody_is_known_to_fade_the_largest_stand_first_and_nothing_is_at_stake(found):
    partners = {who: replace(one, fading=None) for who, one in found.outlooks.partners.items()}
    whole = replace(found.outlooks.whole, why="no partner has sold yet")
    outlooks = Outlooks(partners, whole, FadingMethod(why="too few partners"))
    given_to = portfolio_outlook(outlooks, {who: who for who in partners}, is_whole=True)
    expected = [row.value for row in given_to.partners]
    assert expected == sorted(expected, reverse=True)
    page = given_portfolio.card(outlook=given_to)
    said = text(outlook.of_portfolio(page))
    assert "There is no outlook of all partners together: no partner has sold yet." in said
    assert "What is expected of each partner" in said
    assert "at stake" not in said


def test_the_chart_draws_what_was_what_is_expected_and_both_bands(found):
    one = found.outlooks.partners["P15"]
    names = [row.period for row in (*one.course, *one.ahead)]
    axes = outlook_chart.ahead(one.course, one.ahead, names, "EUR")
    assert [bar.get_height() for bar in axes.patches] == [row.value for row in one.course]
    assert axes.lines[0].get_ydata().tolist() == [row.value for row in one.ahead]
    drawn = [set(band.get_paths()[0].vertices[:, 1].round(3)) for band in axes.collections]
    for ends, band in zip(drawn, ("95", "80"), strict=True):
        expected = {
            round(getattr(row, f"{end}{band}"), 3) for row in one.ahead for end in ("low", "high")
        }
        assert expected <= ends
    assert [tick.get_text() for tick in axes.get_xticklabels()] == names


@pytest.mark.parametrize(
    ("chance", "said"),
    [(0.004, "< 1%"), (0.12, "12%"), (0.997, "> 99%"), (None, ""), (1.0, "> 99%")],
)
def test_a_probability_is_never_told_as_certainty(chance, said):
    assert outlook._chance(chance).replace("\N{NO-BREAK SPACE}", " ") == said
