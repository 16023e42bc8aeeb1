"""When tables have rows, and what is late, missing or thin beside their own habit."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.quality.regularity import STANDING, count_rows, months_of, tables_of
from kpi_lib.testing.tables_in_text import dataset_of
from tests.independent.generate import generate

END = date(2026, 9, 30)


def orders(*days: date, partner: str = "a") -> str:
    return " | ".join(f"{partner} c1 {day} 10" for day in days)


def every(step: int, last: date, times: int) -> list[date]:
    """Days at a step, the last of them `last`."""
    return sorted(last - timedelta(days=step * n) for n in range(times))


def spread(month: date, rows: int) -> list[date]:
    """That many rows on different days of a month, or again on the first days."""
    return [month + timedelta(days=n % 27) for n in range(rows)]


def table(name: str = "orders", as_of: date = END, **rows: str) -> dict:
    frame = tables_of(count_rows(dataset_of(**rows), as_of))
    return frame.row(by_predicate=pl.col("table") == name, named=True)


def states(name: str = "orders", as_of: date = END, **rows: str) -> dict[str, str]:
    frame = months_of(count_rows(dataset_of(**rows), as_of)).filter(pl.col("table") == name)
    return {str(month)[:7]: state for month, state in frame.select("month", "state").rows()}


@pytest.mark.parametrize(
    ("step", "days_behind", "state"),
    [
        pytest.param(1, 7, "current", id="a week behind is nothing, however daily a table is"),
        pytest.param(1, 8, "late", id="more than a week is"),
        pytest.param(10, 20, "current", id="twice the usual pause may pass"),
        pytest.param(10, 21, "late", id="longer than that it is late"),
    ],
)
def test_a_table_is_late_by_its_own_pauses(step, days_behind, state):
    days = every(step, END - timedelta(days=days_behind), 30)
    row = table(orders=orders(*days))
    assert (row["state"], row["days_behind"], row["usual_pause_days"]) == (state, days_behind, step)


def test_the_usual_pause_is_the_one_that_19_of_20_do_not_exceed():
    days = [*every(1, date(2026, 6, 1), 20), date(2026, 6, 1) + timedelta(days=30)]
    assert table(orders=orders(*days))["usual_pause_days"] == 1, "one holiday in twenty pauses"
    days += [days[-1] + timedelta(days=25), days[-1] + timedelta(days=50)]
    assert table(orders=orders(*days))["usual_pause_days"] == 25, "three in twenty-two are a habit"


@pytest.mark.parametrize(
    ("name", "rows", "state"),
    [
        pytest.param("orders", {"orders": orders(*every(1, END, 5))}, "short", id="few days"),
        pytest.param("markets", {"markets": "m1"}, "undated", id="no date"),
        pytest.param("partners", {}, "standing", id="holds until it changes"),
        pytest.param(
            "orders", {"orders": orders(date(2026, 10, 1))}, "empty", id="only later rows"
        ),
    ],
)
def test_where_there_is_no_habit_nothing_is_called_late(name, rows, state):
    row = table(name, **rows)
    assert (row["state"], row["usual_pause_days"]) == (state, None)


def test_rows_after_the_day_of_the_figures_do_not_count():
    days = [*every(1, END, 10), END + timedelta(days=1)]
    row = table(orders=orders(*days))
    assert (row["rows"], row["last_day"], row["days_behind"]) == (10, END, 0)


def test_partners_are_counted_where_rows_name_them():
    both = f"{orders(END)} | {orders(END, END, partner='b')} | {orders(END, partner='-')}"
    people = "a 2020-01-01 | b 2020-01-01"
    dataset = dataset_of(partners=people, orders=both, payments="1 09-01 5")
    counts = count_rows(dataset, END)
    partners = dict(tables_of(counts).select("table", "partners").rows())
    assert partners == {"partners": 2, "orders": 2, "payments": None}
    (month,) = months_of(counts).filter(pl.col("table") == "orders").rows(named=True)
    assert (month["rows"], month["partners"]) == (4, 2)


def test_a_month_within_a_long_pause_is_missing_and_one_of_a_quiet_table_is_not():
    daily = [*every(1, date(2026, 4, 30), 40), *every(1, END, 40)]
    months = states(orders=orders(*daily))
    missing = [month for month, state in months.items() if state == "missing"]
    assert missing == ["2026-05", "2026-06", "2026-07"]
    quarterly = states(orders=orders(*every(91, END, 9)))
    assert set(quarterly.values()) == {"rows", "none"}


def test_after_the_last_row_of_a_late_table_its_months_are_missing():
    months = states(orders=orders(*every(1, date(2026, 7, 20), 40)))
    assert months == {
        "2026-06": "rows",
        "2026-07": "rows",
        "2026-08": "missing",
        "2026-09": "missing",
    }


@pytest.mark.parametrize(
    ("usual", "last", "state"),
    [
        pytest.param(20, 4, "thin", id="less than a quarter of the six before"),
        pytest.param(20, 5, "rows", id="a quarter is not less"),
        pytest.param(7, 1, "rows", id="of small numbers nothing is said"),
    ],
)
def test_a_month_is_thin_beside_the_six_before_it(usual, last, state):
    six = [day for month in range(3, 9) for day in spread(date(2026, month, 1), usual)]
    days = [*six, *spread(date(2026, 9, 1), last)]
    assert states(orders=orders(*days))["2026-09"] == state
    assert states(orders=orders(*days[usual:]))["2026-09"] == "rows", "five months are no half-year"


def test_a_month_that_is_not_over_is_never_thin():
    six = [day for month in range(3, 9) for day in spread(date(2026, month, 1), 20)]
    days = [*six, date(2026, 9, 1)]
    assert states(orders=orders(*days), as_of=date(2026, 9, 3))["2026-09"] == "rows"
    assert states(orders=orders(*days), as_of=date(2026, 9, 30))["2026-09"] == "thin"


def test_every_table_is_dated_by_its_main_date_or_by_its_plan():
    for name, spec in TABLES.items():
        assert spec.day == (spec.main_date or spec.day), name
    assert (TABLES["deliveries"].day, TABLES["milestones"].day) == ("promised_on", "due_on")
    assert {name for name, spec in TABLES.items() if spec.day is None} == {"markets", "targets"}
    assert set(STANDING) <= set(TABLES)


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_the_counts_are_those_of_counting_row_by_row(seed, tmp_path):
    from kpi_lib.data.dataset import load_dataset
    from kpi_lib.settings import Settings
    from tests.independent.generate import span, write_folder

    raw = generate(seed, with_other_tables=True)
    write_folder(raw, tmp_path / "data")
    settings = Settings(data=str(tmp_path / "data"))
    as_of = span(seed)[1] - timedelta(days=200)
    counts = count_rows(load_dataset(settings, workspace=tmp_path / "w"), as_of)
    for name, rows in raw.items():
        column = TABLES[name].day
        known = [r for r in rows if column is None or str(r[column])[:10] <= str(as_of)]
        mine = counts.days.filter(pl.col("table") == name)
        assert mine["rows"].sum() == len(known), name
        if column is not None:
            days = Counter(str(r[column])[:10] for r in known)
            assert {str(day): n for _, day, n in mine.rows()} == days, name
        owned = counts.owned.filter(pl.col("table") == name)
        owners = Counter(r["partner_id"] for r in known if r.get("partner_id") is not None)
        assert dict(owned.group_by("partner_id").agg(pl.col("rows").sum()).rows()) == owners, name
