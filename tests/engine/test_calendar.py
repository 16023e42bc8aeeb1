from datetime import date
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.engine.calendar import Calendar, date_of, day_number
from kpi_lib.errors import CallError
from kpi_lib.periods import Period


def around(text, as_of=None, year_end="DEC"):
    return Calendar.around(Period.parse(text, year_end), as_of)


def test_a_whole_quarter_reaches_back_for_trend_growth_and_the_year_before():
    calendar = around("2026-Q3")
    assert str(calendar.periods[calendar.now]) == "2026-Q3"
    assert str(calendar.periods[calendar.recent[0]]) == "2024-Q4"
    assert len(calendar.recent) == 8
    assert [str(calendar.periods[i]) for i in calendar.year_before] == [
        "2025-Q3",
        "2025-Q4",
        "2026-Q1",
        "2026-Q2",
    ]
    # Growth a year before the oldest period of the trend can be computed too.
    assert "2023-Q4" in [str(period) for period in calendar.periods]
    assert not calendar.to_date
    assert calendar.elapsed[calendar.now] == 1


def test_to_date_cuts_every_period_on_the_corresponding_day():
    calendar = around("2026-03", date(2026, 3, 30))
    lasts = dict(zip(map(str, calendar.periods), calendar.last_days, strict=True))
    assert lasts["2026-03"] == date(2026, 3, 30)
    assert lasts["2026-01"] == date(2026, 1, 30)
    assert lasts["2026-02"] == date(2026, 2, 28), "February ends before its 30th day"
    assert calendar.to_date
    assert calendar.elapsed[calendar.now] == pytest.approx(30 / 31)


def test_a_half_year_of_a_leap_year_is_held_against_a_half_year():
    calendar = around("2024", date(2024, 6, 30))
    lasts = dict(zip(map(str, calendar.periods), calendar.last_days, strict=True))
    assert lasts["2023"] == date(2023, 6, 30), "the 182nd day of 2023 is 1 July"
    assert lasts["2022"] == date(2022, 6, 30), "and so a comparison's comparison"


def test_the_last_day_of_the_period_is_not_to_date():
    calendar = around("2026-02", date(2026, 2, 28))
    lasts = dict(zip(map(str, calendar.periods), calendar.last_days, strict=True))
    assert not calendar.to_date
    assert lasts["2026-01"] == date(2026, 1, 31)


def test_a_day_outside_the_period_is_refused():
    with pytest.raises(CallError, match="does not lie in 2026-Q3"):
        around("2026-Q3", date(2026, 10, 1))


def test_week_53_has_no_year_ago():
    calendar = around("2026-W53")
    assert calendar.year_ago[calendar.now] == -1
    assert len(calendar.year_before) == 52


def test_months_of_a_week_and_of_a_part_are_its_days():
    assert around("2026-Q3").months[0] == 3
    assert around("2026-W10").months[0] == pytest.approx(7 / 30.4375)
    cut = around("2026-Q3", date(2026, 7, 10))
    assert cut.months[cut.now] == pytest.approx(10 / 30.4375)


def test_each_day_lies_in_the_period_that_counts_it():
    calendar = around("2026-Q3", date(2026, 7, 2))
    days = calendar.days_frame().filter(pl.col("slot") == calendar.now)["day"].to_list()
    assert [date_of(day) for day in days] == [date(2026, 7, 1), date(2026, 7, 2)]


def test_a_mature_day_lies_that_many_days_before_the_period():
    calendar = around("2026-Q3")
    days = calendar.days_frame(shift=90).filter(pl.col("slot") == calendar.now)["day"]
    assert date_of(days.min()) == date(2026, 4, 2)
    assert date_of(days.max()) == date(2026, 7, 2)


def test_days_of_the_year_ago_belong_to_this_years_period():
    calendar = around("2026-Q3", date(2026, 7, 2))
    days = calendar.days_frame(of_year_ago=True).filter(pl.col("slot") == calendar.now)
    assert [date_of(day) for day in days["day"]] == [date(2025, 7, 1), date(2025, 7, 2)]
    assert set(days["period_as_of"]) == {day_number(date(2026, 7, 2))}


@given(
    st.dates(date(2001, 1, 1), date(2040, 12, 31)), st.sampled_from(["week", "month", "quarter"])
)
def test_periods_of_the_calendar_are_dense_and_never_overlap(day, cadence):
    calendar = Calendar.around(Period.containing(day, cadence))
    days = calendar.days_frame()["day"]
    assert days.is_unique().all()
    recent = [calendar.periods[i] for i in calendar.recent]
    assert all(a.next() == b for a, b in pairwise(recent))


@pytest.mark.parametrize(
    ("period", "as_of", "first", "days"),
    [
        pytest.param("2026-Q3", None, date(2025, 10, 1), 365, id="a whole quarter"),
        pytest.param("2024-Q1", None, date(2023, 4, 1), 366, id="29 February among them"),
        pytest.param("2025-Q1", date(2025, 2, 28), date(2024, 3, 1), 365, id="a last of February"),
        pytest.param(
            "2024-Q1", date(2024, 2, 29), date(2023, 3, 1), 366, id="29 February the last"
        ),
        pytest.param("2024-Q1", date(2024, 2, 28), date(2023, 3, 1), 365, id="the day before it"),
    ],
)
def test_twelve_months_end_on_the_last_day_that_counts_and_no_day_comes_twice(
    period, as_of, first, days
):
    calendar = around(period, as_of)
    here = calendar.trailing_year_frame().filter(pl.col("slot") == calendar.now)["day"]
    assert (date_of(here.min()), len(here)) == (first, days)
    assert date_of(here.max()) == calendar.as_of
