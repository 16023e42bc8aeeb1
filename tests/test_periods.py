from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_lib.errors import CallError
from kpi_lib.periods import CADENCES, MONTH_NAMES, Period, at_least_as_long, last_whole

days = st.dates(date(1999, 1, 1), date(2060, 12, 31))
cadences = st.sampled_from(CADENCES)
year_ends = st.sampled_from(MONTH_NAMES)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        pytest.param("2026", "2026-01-01", "2026-12-31", id="a year"),
        pytest.param("2026-H2", "2026-07-01", "2026-12-31", id="a half"),
        pytest.param("2026-Q3", "2026-07-01", "2026-09-30", id="a quarter"),
        pytest.param("2028-02", "2028-02-01", "2028-02-29", id="a month of a leap year"),
        pytest.param("2026-W01", "2025-12-29", "2026-01-04", id="a week that begins last year"),
        pytest.param("2026-W53", "2026-12-28", "2027-01-03", id="a week 53"),
    ],
)
def test_a_period_runs_from_its_first_to_its_last_day(text, first, last):
    period = Period.parse(text)
    assert (str(period.start), str(period.end)) == (first, last)
    assert str(period) == text


@pytest.mark.parametrize(
    "text", ["2026-Q5", "2026-H3", "2026-13", "2026-W54", "2025-W53", "26-Q1", "", "0000", "2026Q3"]
)
def test_what_is_no_period_is_refused_with_the_forms_there_are(text):
    with pytest.raises(CallError, match="is not a period") as refused:
        Period.parse(text)
    assert "2026-Q3" in str(refused.value)


def test_a_fiscal_quarter_is_named_by_the_year_it_ends_in():
    quarter = Period.parse("2026-Q1", "MAR")
    assert (quarter.start, quarter.end) == (date(2025, 4, 1), date(2025, 6, 30))
    half = Period.parse("2026-H1", "MAR")
    assert (half.start, half.end) == (date(2025, 4, 1), date(2025, 9, 30))


@given(days, year_ends)
def test_quarters_and_years_are_those_of_pandas(day, year_end):
    quarter = Period.containing(day, "quarter", year_end)
    theirs = pd.Period(day, freq=f"Q-{year_end}")
    assert str(quarter) == str(theirs).replace("Q", "-Q")
    assert quarter.start == theirs.start_time.date()
    year = Period.containing(day, "year", year_end)
    assert str(year) == str(pd.Period(day, freq=f"Y-{year_end}"))


@given(days, cadences, year_ends)
def test_periods_tile_time_and_next_undoes_previous(day, cadence, year_end):
    period = Period.containing(day, cadence, year_end)
    assert period.start <= day <= period.end
    assert period.previous().end + timedelta(days=1) == period.start
    assert period.previous().next() == period
    assert Period.parse(str(period), year_end) == period
    assert period.previous() < period
    assert period.days == (period.end - period.start).days + 1


@given(days, st.sampled_from(["month", "quarter", "half", "year"]), year_ends)
def test_a_year_ago_is_twelve_months_back(day, cadence, year_end):
    period = Period.containing(day, cadence, year_end)
    ago = period.year_ago()
    assert (ago.start.year, ago.start.month) == (period.start.year - 1, period.start.month)


def test_a_week_53_has_a_year_ago_only_where_that_year_has_one():
    assert Period.parse("2026-W53").year_ago() is None
    assert str(Period.parse("2026-W37").year_ago()) == "2025-W37"


@pytest.mark.parametrize(
    ("period", "day", "other", "corresponding"),
    [
        pytest.param("2024", "2024-06-30", "2023", "2023-06-30", id="30 June after 29 February"),
        pytest.param("2024", "2024-02-29", "2023", "2023-02-28", id="29 February in a common year"),
        pytest.param("2023", "2023-02-28", "2024", "2024-02-28", id="28 February in a leap year"),
        pytest.param("2026-Q1", "2026-02-28", "2025-Q4", "2025-11-28", id="the second month"),
        pytest.param("2026-Q4", "2026-10-31", "2026-Q3", "2026-07-31", id="the first month's last"),
        pytest.param("2026-Q3", "2026-08-31", "2026-Q2", "2026-05-31", id="31 days each"),
        pytest.param("2026-Q2", "2026-05-31", "2026-Q1", "2026-02-28", id="a shorter month"),
        pytest.param("2026-03", "2026-03-30", "2026-02", "2026-02-28", id="a month's end"),
        pytest.param("2026-W10", "2026-03-04", "2026-W09", "2026-02-25", id="a Wednesday"),
    ],
)
def test_a_day_corresponds_to_the_same_day_of_the_same_month_of_the_other_period(
    period, day, other, corresponding
):
    cut = Period.parse(other).day_like(date.fromisoformat(day), of=Period.parse(period))
    assert str(cut) == corresponding


@given(days, cadences, year_ends)
def test_a_day_corresponds_to_itself_and_never_lies_outside_the_other_period(
    day, cadence, year_end
):
    period = Period.containing(day, cadence, year_end)
    assert period.day_like(day, of=period) == day
    for other in (period.previous(), period.next(), period.back(8)):
        assert other.start <= other.day_like(day, of=period) <= other.end


def test_the_last_day_of_time_lies_in_a_year_that_ends():
    assert Period.containing(date.max, "year").end == date.max
    assert Period.containing(date.max, "quarter").end == date.max


def test_the_last_whole_quarter_has_ended_by_the_last_day():
    assert str(last_whole("quarter", date(2011, 12, 9))) == "2011-Q3"
    assert str(last_whole("quarter", date(2011, 12, 31))) == "2011-Q4"


def test_a_measure_of_the_quarter_is_not_looked_at_every_month():
    assert at_least_as_long(Period.parse("2026-H1"), "quarter")
    assert not at_least_as_long(Period.parse("2026-03"), "quarter")


def test_a_period_is_cut_at_a_day_of_its_own_only():
    period = Period.parse("2026-Q3")
    assert period.cut(None) == date(2026, 9, 30)
    assert period.cut(date(2026, 8, 1)) == date(2026, 8, 1)
    with pytest.raises(CallError, match="does not lie in 2026-Q3"):
        period.cut(date(2026, 6, 30))
