"""What is said of each partner to each audience, from data on; and nothing of others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from kpi_lib import paths
from kpi_lib.audience import AUDIENCES
from kpi_lib.insights.editions import actions_asked, insights_of, project_insights
from kpi_lib.insights.playbook_rules import When
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.settings import Settings, load_settings
from kpi_lib.slices.insight_types import Insights
from kpi_lib.slices.json_form import build, plain
from kpi_lib.testing.tables_in_text import results_of
from tests.insights.made import playbook, rule, shipped

CURRENCY = Settings().reporting_currency
ROWS = {
    "partners": "north 2020-01-01 manager=Nora | south 2020-01-01 manager=Sam | "
    "quiet 2020-01-01 sharing=none | gone 2020-01-01 left_on=2026-08-31",
    "orders": "north c1 2025-07-01 911.11 completed cost=100 | north c1 07-01 511.11 completed "
    "cost=500 | south c2 2025-07-02 822.22 | south c2 07-02 422.22 | quiet c3 2025-07-03 733.33 | "
    "gone c4 2025-07-03 644.44 | - c5 07-05 355.55",
    "targets": "partner north revenue 2026-Q3 800 | partner south revenue 2026-Q3 400",
}
BOOK = playbook(
    short=rule(kpi=["revenue"]),
    falling=rule(kpi=["revenue"], when=When(behind_year_ago=0.1)),
    margin=rule(kpi=["gross_margin"], when=When(below=0.5), edition="internal", cases=0),
)


def insights(book=BOOK, settings=None, **rows):
    return insights_of(results_of(**ROWS | rows), settings or Settings(), book)


def test_each_partner_has_insights_in_the_editions_that_it_has():
    assert set(insights()) == {
        *((partner, edition) for partner in ("north", "south", "gone")
          for edition in AUDIENCES),
        *(("quiet", edition) for edition in AUDIENCES if edition != "partner"),
    }  # fmt: skip


def test_a_file_can_hold_it_and_gives_it_back():
    north = insights()["north", "internal"]
    assert build(Insights, json.loads(json.dumps(north, default=plain, allow_nan=False))) == north


def test_every_figure_of_an_action_is_one_of_the_kpi_table():
    table = results_of(**ROWS).table.filter(scope="partner", entity="north")
    rows = table.rows_by_key("kpi", named=True, unique=True)
    for action in insights()["north", "internal"].actions:
        for column in ("value", "target", "minimum", "variance", "off_track_periods", "trend", "n"):
            assert getattr(action, column) == rows[action.kpi][column]


def test_another_figure_makes_another_action():
    (action,) = insights()["north", "partner"].actions
    assert (action.rule, action.value, action.gap) == (
        "short",
        pytest.approx(511.11),
        pytest.approx(288.89),
    )
    more = ROWS["orders"].replace("07-01 511.11", "07-01 611.11")
    (action,) = insights(orders=more)["north", "partner"].actions
    assert (action.value, action.stake) == (pytest.approx(611.11), pytest.approx(188.89))
    enough = ROWS["orders"].replace("07-01 511.11", "07-01 801")
    (action,) = insights(orders=enough)["north", "partner"].actions
    assert (action.rule, action.against) == ("falling", "year_ago")
    plenty = ROWS["orders"].replace("07-01 511.11", "07-01 901")
    assert insights(orders=plenty)["north", "partner"].actions == ()


def test_the_partners_edition_holds_nothing_internal_and_nothing_of_anybody_else():
    of = insights()
    assert {a.kpi for a in of["north", "internal"].actions} == {"revenue", "gross_margin"}
    text = json.dumps(of["north", "partner"], default=plain)
    for foreign in ("south", "Sam", "quiet", "gone", "822", "422", "733", "644", "355"):
        assert foreign not in text
    internal = [kpi for kpi in catalogue().values() if kpi.audience == "internal"]
    assert not any(f'"{kpi.id}"' in text or kpi.name in text for kpi in internal)
    assert "Margin" not in text


def test_with_the_shipped_playbook_nothing_leaks_either():
    of = insights_of(results_of(**ROWS), Settings(), shipped())
    assert any(value.actions for value in of.values())
    internal = {kpi.id for kpi in catalogue().values() if kpi.audience == "internal"}
    for (_, edition), value in of.items():
        named = {one.kpi for one in (*value.actions, *value.went_well, *value.drivers)}
        assert edition == "internal" or not named & internal


def test_a_partner_that_left_is_asked_for_nothing():
    assert insights()["gone", "internal"].actions == ()


def test_an_analysts_notebook_rests_on_the_projects_own_playbook_and_reports(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "reports", lambda: tmp_path)
    (tmp_path / "2026-Q2").mkdir()
    (tmp_path / "2026-Q2" / "actions.parquet").write_text("no table")
    settings = load_settings(Path(__file__).parents[2] / "params" / "project.yml")
    of = project_insights(results_of(**ROWS), settings)["north", "partner"]
    assert of.actions[0].rule == "revenue_behind_target"
    assert of.earlier == "unreadable"


def test_without_a_playbook_there_are_no_actions_but_all_the_rest():
    north = insights(book=None)["north", "partner"]
    assert (north.has_playbook, north.actions) == (False, ())
    assert north.drivers[0].kpi == "revenue"


def test_the_weights_of_the_settings_decide_between_families():
    rows = {
        "targets": "partner north orders 2026-Q3 9 | partner north active_customers 2026-Q3 9",
    }
    both = playbook(r=rule())
    first = insights(both, **rows)["north", "partner"].actions[0].kpi
    heavy = insights(both, Settings(weights={"customer": 3.0}), **rows)
    assert (first, heavy["north", "partner"].actions[0].kpi) == ("orders", "active_customers")


def test_a_later_run_finds_what_this_one_asked_for(tmp_path):
    before = results_of(**ROWS)
    asked = actions_asked(
        insights_of(before, Settings(), BOOK), before, Settings().reporting_currency
    )
    assert set(asked["partner_id"]) == {"north", "quiet", "south"}
    (tmp_path / "2026-Q3").mkdir()
    asked.write_parquet(tmp_path / "2026-Q3" / "actions.parquet")
    later = ROWS["orders"] + " | north c1 10-05 900 | south c2 10-06 99"
    now = results_of(period="2026-Q4", **ROWS | {"orders": later})
    of = insights_of(now, Settings(), BOOK, tmp_path)
    (north,) = of["north", "partner"].follow_up
    assert (north.then, north.now, north.reference) == (
        pytest.approx(511.11),
        900.0,
        800.0,
    )
    assert (north.moved, north.reached) == ("better", True)
    (south,) = of["south", "partner"].follow_up
    assert (south.moved, south.reached) == ("worse", False)
    assert of["north", "partner"].earlier == "read"
    internal = [asked.kpi for asked in of["north", "internal"].follow_up]
    assert internal == ["revenue", "gross_margin"]


def test_the_order_of_the_table_changes_nothing():
    results = results_of(**ROWS)
    turned = replace(results, table=results.table.reverse())
    assert insights_of(turned, Settings(), shipped()) == insights_of(results, Settings(), shipped())


def test_an_edition_of_an_earlier_table_never_shows_a_partner_what_was_internal(tmp_path):
    before = results_of(**ROWS)
    asked = actions_asked(
        insights_of(before, Settings(), BOOK), before, Settings().reporting_currency
    )
    (tmp_path / "2026-Q3").mkdir()
    forged = asked.with_columns(edition=pl.lit("partner"))
    forged.write_parquet(tmp_path / "2026-Q3" / "actions.parquet")
    now = results_of(period="2026-Q4", **ROWS)
    for (_, edition), value in insights_of(now, Settings(), BOOK, tmp_path).items():
        kpis = {became.kpi for became in value.follow_up}
        assert edition == "internal" or "gross_margin" not in kpis


def test_no_measure_needs_attention_and_went_well_at_once():
    owed = playbook(slow=rule(kpi=["dso_days"], when=When(behind_year_ago=0.1), cases=0))
    invoices = (
        "north 2025-07-01 2025-07-31 2025-07-05 100 | north 2025-07-02 2025-10-31 2025-10-05 100"
        " | north 07-01 07-31 07-05 50 | north 07-02 10-31 - 150"
    )
    of = insights(owed, invoices=invoices, targets="all * dso_days * 80 | all * receivables * 1")
    north = of["north", "internal"]
    asked = {action.kpi for action in north.actions}
    assert asked == {"dso_days"}, "69 days are within the target of 80, and 46 were a year ago"
    assert not asked & {news.kpi for news in north.went_well}


@pytest.mark.parametrize("day", ["2026-06-30", "2026-08-31"])
def test_a_partner_that_has_left_is_praised_for_nothing_that_its_leaving_did(day):
    rows = {
        "partners": f"gone 2020-01-01 {day} | there 2020-01-01",
        "orders": "there c1 07-01 5",
        "invoices": "there 07-01 07-31 07-05 3",
        "targets": "all * overdue_balance * 5",
    }
    everyone = insights(**rows)
    assert everyone["gone", "partner"].went_well == ()
    assert everyone["gone", "partner"].actions == ()
    assert everyone["there", "partner"].went_well != ()


# Eleven resellers; of the three round each quartile none has what their mean rounds to.
AMOUNTS = (500, 1000, 1130, 1330, 3000, 3390, 3990, 8000, 9040, 10640, 20000)
AMONG = {
    "partners": " | ".join(f"p{i} 2020-01-01" for i in range(len(AMOUNTS))),
    "orders": " | ".join(f"p{i} c{i} 07-01 {amount}" for i, amount in enumerate(AMOUNTS)),
    "targets": "partner p10 revenue 2026-Q3 1",
}


@pytest.mark.parametrize(
    ("edition", "reference", "gap"),
    [
        pytest.param("internal", (3390 + 3990) / 2, 3190.0, id="exactly, of ten others"),
        pytest.param("partner", 3500.0, 3000.0, id="as it may be shown"),
    ],
)
def test_an_action_holds_a_partner_against_the_median_that_its_edition_may_tell(
    edition, reference, gap
):
    book = playbook(behind=rule(kpi=["revenue"], when=When(behind_peers=0.25), cases=0))
    (action,) = insights(book, **AMONG)["p0", edition].actions
    assert (action.against, action.reference) == ("peer_median", reference)
    assert action.gap == pytest.approx(gap)
