"""The parts of a page: what they show, and what they never show."""

import base64
import re

import pytest

from kpi_lib.show.common import charts, pictures, theme
from kpi_lib.show.scorecard import action_sections as actions
from kpi_lib.show.scorecard import sections as parts
from kpi_lib.show.scorecard import tables, tiles
from tests import given

EVERY = ["rich", "tiny", "new", "hostile", "to_date", "no_targets_no_peers"]


def card(name="rich", *args):
    return given.card_of(getattr(given, name)(*args))


def page(of):
    made = [parts.heading(of), parts.verdict(of), tiles.tiles(of), tables.kpi_table_html(of)]
    made += [parts.trends(of), tables.peers(of), parts.notes(of), parts.definitions(of)]
    made += [actions.drivers(of), actions.actions(of), actions.follow_up(of), actions.went_well(of)]
    return "".join([*made, parts.made(of, ["checked"])])


@pytest.mark.parametrize("name", EVERY)
def test_every_image_has_an_alternative_text_and_carries_its_own_data(name):
    images = re.findall(r"<img [^>]*>", page(card(name)))
    assert all(re.search(r'alt="[^"]+', image) for image in images)
    assert all('src="data:image/svg+xml;base64,' in image for image in images)


def test_markup_in_names_and_texts_is_shown_and_does_nothing():
    html = page(card("hostile"))
    assert "<script" not in html
    assert "<b>gold" not in html
    assert "<i>Orders" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html


@pytest.mark.parametrize("name", ["tiny", "new"])
def test_a_partner_without_business_gets_words_and_no_empty_chart(name):
    html = page(card(name))
    assert "nan" not in re.sub(r"base64,[^\"]*", "", html).lower()
    assert "None" not in html
    if name == "new":
        assert "there is no course to draw" in html.replace("\N{NO-BREAK SPACE}", " ")
        assert 'class="chart"' not in html


def test_a_partner_without_a_single_figure_gets_words_everywhere():
    html = page(
        given.card_of(given.with_values(given.rich(targets=False), {}, "there is no table orders"))
    )
    assert "There are no figures for this partner" in html
    assert "<table" not in html


def test_a_partner_without_any_measure_gets_words():
    raw = given.rich() | {"kpis": [], "profile": [], "history": {}, "definitions": {}}
    assert "There are no figures for this partner" in tiles.tiles(given.card_of(raw))


def test_the_tiles_are_six_to_eight_with_values_first():
    assert len(tiles.leading_measures(card())) == 8
    assert [m.kpi for m in tiles.leading_measures(card("tiny"))][-1] == "partnership_years"
    missing = given.card_of(given.with_values(given.rich(), {"revenue": [1.0] * 8}, "no orders"))
    lead = tiles.leading_measures(missing)
    assert len(lead) == 6
    assert [m.value is None for m in lead] == [False] + [True] * 5


def test_a_tile_that_has_no_value_says_why():
    raw = given.with_values(given.rich(), {"revenue": [1.0] * 8}, "no orders in the period")
    html = tiles.tiles(given.card_of(raw))
    assert "Not available" in html
    assert "no orders in the period" in html


def test_a_status_is_said_in_a_word_a_shape_and_a_colour():
    html = tiles.tiles(card())
    assert re.search(r'status-off_track"><span aria-hidden="true">■</span> Off track', html)
    assert "◆</span> At risk" in html
    assert "●</span> On track" in html


def test_without_targets_no_tile_shouts_about_it():
    html = tiles.tiles(card("no_targets_no_peers"))
    assert "No targets are agreed" in html
    assert 'class="status' not in html


def test_few_cases_are_said_on_the_tile():
    raw = given.rich()
    raw["profile"] = ["customer_nps"]
    assert "from 17 cases only" in tiles.tiles(given.card_of(raw))


def contrast(one, other):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        lin = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [theme.INK, theme.MUTED, theme.ON_TRACK, theme.AT_RISK])
@pytest.mark.parametrize("ground", ["#ffffff", theme.WASH])
def test_every_text_can_be_read(colour, ground):
    assert contrast(colour, ground) >= 4.5


def test_the_table_leaves_out_columns_that_nobody_fills():
    html = tables.kpi_table_html(card("no_targets_no_peers"))
    assert "kpis-target" not in html
    assert "kpis-peers" not in html
    assert "kpis-year_ago" in html
    assert "kpis-target" in tables.kpi_table_html(card())


def test_internal_pages_show_direct_business_beside_the_partner():
    html = tables.kpi_table_html(card("rich", "internal"))
    assert "Direct business" in html
    assert "£391" in html
    assert "Direct business" not in tables.kpi_table_html(card())


def test_a_scope_without_figures_is_no_column():
    raw = given.rich("internal")
    raw["beside"]["direct"] = {}
    html = tables.kpi_table_html(given.card_of(raw))
    assert "Direct business" not in html.split("<tbody")[-2]
    assert "All partners" in html


def test_a_trend_of_one_value_is_said_in_words():
    new = card("new")
    html = parts.trend(new.measures["revenue"], new).replace("\N{NO-BREAK SPACE}", " ")
    assert "a value in one period only, £1,002 in Q3 2011" in html
    assert "has no value yet" in parts.trend(new.measures["partner_nps"], new)


def test_a_trend_of_nothing_is_said_in_words():
    raw = given.tiny()
    for point in raw["history"]["orders"]:
        point["value"] = 0
    idle = given.card_of(raw)
    assert "Orders: 0 in each of 8 quarters" in parts.trend(idle.measures["orders"], idle)


def test_the_trends_tell_different_stories():
    html = parts.trends(card())
    assert re.findall(r"<caption>([^<]*)<", html) == [
        "Joint revenue",
        "Active customers",
        "On time, in full (OTIF)",
    ]


def test_amounts_are_bars_that_start_at_nothing_and_rates_are_lines():
    rich = card()
    bars = charts.trend(rich.measures["revenue"], rich)
    assert [round(p.get_height()) for p in bars.patches] == [
        41200, 38110, 44950, 52311, 61040, 47115, 55870, 64322,
    ]  # fmt: skip
    assert bars.get_ylim()[0] == 0
    line = charts.trend(rich.measures["otif_rate"], rich)
    assert not line.patches
    assert [label.get_text() for label in line.get_xticklabels()][-1] == "Q3\n2011"
    assert line.texts[0].get_text() == "91.2%"
    assert [text.get_text() for text in line.texts][-1] == "Target"


def test_a_gap_at_the_end_has_no_label():
    raw = given.rich()
    raw["history"]["otif_rate"][-1]["value"] = None
    gap = given.card_of(raw)
    axes = charts.trend(gap.measures["otif_rate"], gap)
    assert [text.get_text() for text in axes.texts] == ["Target"]


def test_the_same_chart_is_the_same_bytes():
    rich = card()
    pictures_made = [
        charts.picture(charts.trend(rich.measures["revenue"], rich), "alt") for _ in range(2)
    ]
    assert pictures_made[0] == pictures_made[1]


def svg(html):
    return base64.b64decode(re.search(r'base64,([^"]*)', html)[1]).decode()


def test_a_sparkline_leaves_a_gap_where_there_is_no_value():
    drawn = svg(pictures.sparkline([1.0, 2.0, None, 3.0, None, 1.0, 2.0, 2.0], "alt"))
    assert drawn.count("<polyline") == 2
    assert drawn.count("<circle") == 2  # the lonely third, and the last
    assert "<circle" in svg(pictures.sparkline([2.0, 2.0], "alt"))
    assert svg(pictures.sparkline([1.0, 2.0, None], "alt")).count("<circle") == 0


def test_a_band_has_room_for_a_partner_outside_it():
    drawn = svg(pictures.peer_band(10, 20, 30, 50, "alt"))
    assert 'cx="211' in drawn
    assert "<rect" in svg(pictures.peer_band(5, 5, 5, 5, "alt"))


def test_the_head_bears_the_companys_mark():
    raw = given.rich("internal")
    raw["company"] = {"name": "Acme <Ltd>", "logo": "data:image/png;base64,AA==", "colour": "#123"}
    raw["partner"] |= {"manager": "Jo", "partner_type": "strategic_alliance"}
    html = parts.heading(given.card_of(raw))
    assert 'alt="Acme &lt;Ltd&gt;"' in html
    assert "border-top: 4px solid #123" in html
    assert "Account manager" in html
    assert "Strategic alliance" in html
    assert "Internal: not for the partner" in html


def test_a_measure_without_value_but_with_a_target_stays_in_the_table():
    raw = given.rich()
    raw["kpis"][0] |= {"value": None, "status": "no_data", "missing": "no orders"}
    raw["data"]["first_day"] = None
    html = tables.kpi_table_html(given.card_of(raw))
    assert "no orders" in html
    assert "£60,000" in html
    assert "Data cover" not in parts.heading(given.card_of(raw))


def test_a_tile_draws_its_value_beside_its_target_where_both_are_lengths():
    drawn = re.findall(r'<img class="bullet" alt="([^"]*)"', tiles.tiles(card()))
    assert "91.2% beside the target of 95.0%" in drawn
    with_target = [m for m in tiles.leading_measures(card()) if m.number("target") is not None]
    assert len(drawn) == len(with_target)
    raw = given.rich()
    for row in raw["kpis"]:
        row |= {"value": -1.0}
    assert "bullet" not in tiles.tiles(given.card_of(raw))
