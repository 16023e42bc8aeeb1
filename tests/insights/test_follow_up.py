"""What a period asked for, found again a period later."""

from __future__ import annotations

import random
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from kpi_lib.insights.follow_up import FILE, SCHEMA, actions_table, follow_up, read_earlier
from kpi_lib.insights.playbook_rules import When
from kpi_lib.measure.kpi_table import write_table
from kpi_lib.periods import Period
from kpi_lib.slices.insight_types import FollowUp, Owner
from tests.insights.made import KPIS, acted, off, row, rule, standing


def calendar(period, as_of=None):
    """Return what a run knows of its time."""
    of = Period.parse(period)
    return SimpleNamespace(
        period=of, as_of=as_of or of.end, to_date=as_of is not None and as_of != of.end
    )


Q2, Q3 = calendar("2026-Q2"), calendar("2026-Q3")


def asked(*rows, when=None, **more):
    return acted(standing(*rows), r=rule(when=when or When(status=["off_track"]), **more))


def left(folder, actions, of=Q2, currency="EUR"):
    """Write what a run leaves of these actions of partner a's internal edition."""
    place = folder / str(of.period)
    place.mkdir(parents=True, exist_ok=True)
    write_table(actions_table({("a", "internal"): actions}, of, currency), place / FILE)
    return place / FILE


def became(folder, *rows, of=Q3):
    earlier = read_earlier(folder, of, "EUR")
    rows = {r.kpi: r for r in rows}
    return follow_up(earlier.asked.get(("a", "internal"), []), rows, KPIS, of)


def test_the_table_of_actions_has_a_row_for_each_and_fixed_columns(tmp_path):
    actions = asked(off("revenue", 70.0, 100.0, minimum=90.0), off("otif_rate", 0.8, 0.9))
    table = pl.read_parquet(left(tmp_path, actions))
    assert dict(table.schema) == SCHEMA
    assert table.select("partner_id", "edition", "period", "place", "rule", "kpi").rows() == [
        ("a", "internal", "2026-Q2", 1, "r", "revenue"),
        ("a", "internal", "2026-Q2", 2, "r", "otif_rate"),
    ]
    first = table.row(0, named=True)
    assert (first["value"], first["target"], first["minimum"], first["stake"]) == (70, 100, 90, 30)
    assert (first["owner"], first["due"]) == ("us", date(2026, 10, 12))
    nobody = actions_table({("a", "partner"): []}, Q2, "EUR")
    assert (len(nobody), dict(nobody.schema)) == (0, SCHEMA)


def test_the_period_after_says_what_became_of_it(tmp_path):
    left(tmp_path, asked(off("otif_rate", 0.8, 0.9)))
    (followed,) = became(tmp_path, row("otif_rate", 0.85))
    assert followed == FollowUp(
        rule="r",
        kpi="otif_rate",
        action={"en": "Act on {name}"},
        owner=Owner("us", {"en": "us"}),
        due=date(2026, 10, 12),
        against="target",
        reference=0.9,
        then=0.8,
        now=0.85,
        moved="better",
        reached=False,
    )


@pytest.mark.parametrize(
    ("kpi", "then", "goal", "now", "moved", "reached"),
    [
        pytest.param("otif_rate", 0.8, 0.9, 0.9, "better", True, id="reached"),
        pytest.param(
            "otif_rate", 0.8, 0.9, 0.9 - 1e-12, "better", True, id="reached but for a bit"
        ),
        pytest.param("otif_rate", 0.8, 0.9, 0.7, "worse", False, id="worse"),
        pytest.param("otif_rate", 0.8, 0.9, 0.8 + 1e-11, "unchanged", False, id="unchanged"),
        pytest.param("dso_days", 50.0, 40.0, 45.0, "better", False, id="lower is better"),
        pytest.param("dso_days", 50.0, 40.0, 55.0, "worse", False, id="higher is worse"),
        pytest.param("dso_days", 50.0, 40.0, 39.0, "better", True, id="low enough"),
        pytest.param("otif_rate", 0.8, 0.9, None, None, None, id="no value now"),
    ],
)
def test_it_moved_or_not_and_reached_its_goal_or_not(
    tmp_path, kpi, then, goal, now, moved, reached
):
    left(tmp_path, asked(off(kpi, then, goal)))
    (followed,) = became(tmp_path, row(kpi, now))
    assert (followed.now, followed.moved, followed.reached) == (now, moved, reached)


def test_the_goal_is_what_the_action_was_held_against(tmp_path):
    left(tmp_path, asked(row("open_incidents", 3.0), when=When(above=0.0), kpi=["open_incidents"]))
    assert became(tmp_path, row("open_incidents", 0.0))[0].reached is True
    left(tmp_path, asked(row("revenue", 60.0, year_ago=90.0), when=When(behind_year_ago=0.1)))
    assert became(tmp_path, row("revenue", 80.0))[0].reached is False
    left(tmp_path, asked(row("otif_rate", 0.6, trend="down"), when=When(trend="worsening")))
    assert became(tmp_path, row("otif_rate", 0.7))[0].reached is None, "a trend has no goal"


def test_a_figure_that_is_reported_again_is_what_was_asked_for(tmp_path):
    left(tmp_path, asked(row("network_uptime", None, previous=0.9), when=When(missing=True)))
    (followed,) = became(tmp_path, row("network_uptime", 0.5))
    assert (followed.then, followed.moved, followed.reached) == (None, None, True)
    assert became(tmp_path, row("network_uptime", None))[0].reached is None


def test_a_kpi_that_this_edition_may_not_show_is_left_out(tmp_path):
    left(tmp_path, asked(off("gross_margin", 0.1, 0.4), off("otif_rate", 0.8, 0.9)))
    assert [followed.kpi for followed in became(tmp_path, row("otif_rate", 0.9))] == ["otif_rate"]


# --- parts of periods -----------------------------------------------------------------------------


def test_half_a_period_is_held_against_as_many_days_of_the_one_before(tmp_path):
    left(tmp_path, asked(off("revenue", 70.0, 100.0), off("otif_rate", 0.8, 0.9)))
    half = calendar("2026-Q3", date(2026, 8, 15))
    revenue, otif = became(
        tmp_path, row("revenue", 40.0, previous=30.0), row("otif_rate", 0.95), of=half
    )
    assert (revenue.then, revenue.moved, revenue.reached) == (30.0, "better", None)
    assert (otif.then, otif.moved, otif.reached) == (0.8, "better", True)


def test_what_half_a_period_asked_for_is_no_goal_of_a_whole_one(tmp_path):
    half = calendar("2026-Q2", date(2026, 5, 15))
    left(tmp_path, asked(off("revenue", 30.0, 50.0)), of=half)
    (followed,) = became(tmp_path, row("revenue", 60.0, previous=70.0))
    assert (followed.then, followed.moved, followed.reached) == (70.0, "worse", None)


# --- what there is of the period before -----------------------------------------------------------


def state(folder, of=Q3, currency="EUR"):
    earlier = read_earlier(folder, of, currency)
    assert earlier.state == "read" or not earlier.asked
    return earlier.state


def test_without_a_file_nothing_was_asked_for(tmp_path):
    assert state(tmp_path) == "none"
    assert state(None) == "none"
    assert read_earlier(tmp_path, Q3, "EUR").period == "2026-Q2"


def test_only_the_period_right_before_counts_and_of_the_same_kind(tmp_path):
    left(tmp_path, asked(off("revenue", 70.0, 100.0)), of=calendar("2026-Q1"))
    left(tmp_path, asked(off("revenue", 70.0, 100.0)), of=calendar("2026-06"))
    left(tmp_path, asked(off("revenue", 70.0, 100.0)), of=calendar("2026-Q4"))
    assert state(tmp_path) == "none"
    left(tmp_path, asked(off("revenue", 70.0, 100.0)), of=Q2)
    assert state(tmp_path) == "read"


def test_a_file_of_another_currency_or_year_end_cannot_be_read(tmp_path):
    file = left(tmp_path, asked(off("revenue", 70.0, 100.0)))
    assert state(tmp_path, currency="GBP") == "unreadable"
    pl.read_parquet(file).with_columns(as_of=date(2025, 9, 30)).write_parquet(file)
    assert state(tmp_path) == "unreadable"
    pl.read_parquet(file).with_columns(period=pl.lit("2026-Q1")).write_parquet(file)
    assert state(tmp_path) == "unreadable"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda t: t.drop("kpi"), id="a column is missing"),
        pytest.param(lambda t: t.with_columns(value=pl.lit("much")), id="a column of another type"),
        pytest.param(lambda t: t.with_columns(action=pl.lit("{")), id="texts that are cut"),
        pytest.param(lambda t: t.with_columns(action=pl.lit(None, pl.String)), id="no texts"),
        pytest.param(lambda t: t.with_columns(action=pl.lit('["Act"]')), id="a list of texts"),
        pytest.param(
            lambda t: t.with_columns(action=pl.lit('{"en": 3}')), id="a number for a text"
        ),
        pytest.param(lambda t: t.with_columns(action=pl.lit('{"en": "{x}"}')), id="a strange name"),
        pytest.param(lambda t: t.with_columns(as_of=pl.lit(None, pl.Date)), id="no day"),
        pytest.param(lambda t: t.with_columns(better=pl.lit("most")), id="no direction"),
    ],
)
def test_a_file_of_another_form_cannot_be_read_and_stops_nothing(tmp_path, change):
    file = left(tmp_path, asked(off("revenue", 70.0, 100.0)))
    change(pl.read_parquet(file)).write_parquet(file)
    assert state(tmp_path) == "unreadable"


def test_a_damaged_file_cannot_be_read_and_stops_nothing(tmp_path):
    file = left(tmp_path, asked(off("revenue", 70.0, 100.0)))
    whole, dice = file.read_bytes(), random.Random(7)
    for content in (b"", b"PAR1", whole[: len(whole) // 2], whole[:-4], b"no parquet at all"):
        file.write_bytes(content)
        assert state(tmp_path) == "unreadable"
    for _ in range(300):
        torn = bytearray(whole)
        for _ in range(dice.randrange(1, 9)):
            torn[dice.randrange(len(torn))] = dice.randrange(256)
        file.write_bytes(torn)
        assert read_earlier(tmp_path, Q3, "EUR").state in ("read", "unreadable")
    file.unlink()
    file.mkdir()
    assert state(tmp_path) == "unreadable"
