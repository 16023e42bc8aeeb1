"""What the data cover: what is not known is not 0, and nothing is compared with it."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kpi_lib.engine import coverage
from kpi_lib.engine.coverage import NEVER, beyond_the_data, coverage_of, default_period
from kpi_lib.errors import CallError
from kpi_lib.evidence.explain import explain
from kpi_lib.measure import compute as measured
from kpi_lib.measure.compute import Results, compute, period_asked
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

# A flat partner whose export begins with the year: 100 a quarter, the first on 5 January.
FLAT = "a c1 01-05 100 | a c1 04-01 100 | a c1 07-01 100"
LATE = "a c1 01-15 100 | a c1 04-01 100 | a c1 07-01 100"  # of the first quarter a part only
NO_ROWS = "a 0 in it is a want of rows"
COMPARED = ("previous", "year_ago", "baseline", "trend")


def computed(
    period: str = "2026-Q3", as_of: date | None = None, covered_from: object = None, **tables: str
) -> Results:
    settings = Settings(covered_from=covered_from or {})
    return compute(dataset_of(**tables), settings, Period.parse(period), as_of)


def row(results: Results, kpi: str, scope: str = "partner", entity: str = "a") -> dict:
    return results.table.filter(kpi=kpi, scope=scope, entity=entity).row(0, named=True)


def test_before_the_data_nothing_is_known_and_so_nothing_is_compared():
    got = row(computed(orders=FLAT), "revenue")
    assert (got["value"], got["previous"]) == (100, 100)
    assert got["year_ago"] is None, "the year before is not known, and not 0"
    assert got["baseline"] == 100, "the mean of the two quarters before that are known"
    assert got["trend"] is None, "three values tell no trend"


@pytest.mark.parametrize(
    ("first", "is_known"),
    [
        pytest.param("2026-03-20", True, id="earlier"),
        pytest.param("2026-04-01", True, id="the first day"),
        pytest.param("2026-04-07", True, id="six days after it"),
        pytest.param("2026-04-08", False, id="seven days after it"),
    ],
)
def test_a_period_is_covered_from_a_day_at_most_six_days_after_its_first(first, is_known):
    orders = f"a c1 {first} 1 | a c1 04-20 100 | a c1 07-01 100"
    assert (row(computed(orders=orders), "revenue")["previous"] is not None) == is_known


def test_all_tables_of_a_kpi_have_to_be_covered_and_those_without_a_date_are_left_aside():
    costs = "a partner tools 05-01 10 | a partner tools 07-01 10"
    results = computed(orders=FLAT, costs=costs, targets="partner a revenue quarter 50")
    assert row(results, "revenue")["previous"] == 100
    assert row(results, "program_cost")["previous"] is None, "costs begin in May"
    assert row(results, "roi")["previous"] is None, "it is made of both"
    assert row(results, "quota_attainment")["previous"] == 2, "targets have no date"


@pytest.mark.parametrize(
    ("kpi", "tables"),
    [
        pytest.param(
            "order_error_rate",
            {
                "deliveries": "a 04-01 2026-05-01 1 1 error=picking "
                "| a 05-01 05-02 1 1 error=none | a 07-01 07-02 1 1 error=none"
            },
            id="deliveries from the first promise",
        ),
        pytest.param(
            "milestones_on_time",
            {
                "milestones": "partner_id=a due_on=2026-04-01 | partner_id=a due_on=2026-05-01 "
                "completed_on=2026-05-01 | partner_id=a due_on=2026-07-01"
            },
            id="milestones from the first plan",
        ),
    ],
)
def test_what_is_planned_says_from_when_on_a_table_is_covered(kpi, tables):
    assert row(computed(**tables), kpi)["previous"] == 0.5


def test_a_table_is_covered_as_it_stands_and_rows_to_come_count_too():
    later = "a 2026-10-02 2026-11-01 - 50"
    assert row(computed(invoices=later), "receivables")["value"] == 0
    assert computed(invoices=later).since["receivables"] == date(2026, 10, 2)
    assert not computed(invoices=later).covers("receivables")


def test_a_table_without_a_row_covers_nothing_unless_the_settings_say_from_when_on_it_is():
    empty = {"incidents": ""}
    tables = {name: pl.LazyFrame(schema={"incident_id": pl.String, "partner_id": pl.String,
              "severity": pl.String, "occurred_on": pl.Date}) for name in empty}  # fmt: skip
    dataset = dataset_of(orders=FLAT)
    dataset = type(dataset)(**{**vars(dataset), "tables": {**dataset.tables, **tables}})
    nothing = compute(dataset, Settings(), Period.parse("2026-Q3"))
    assert (row(nothing, "incidents")["value"], row(nothing, "incidents")["previous"]) == (0, None)
    assert nothing.since["incidents"] == NEVER
    known = Settings(covered_from={"incidents": date(2025, 1, 1)})
    assert row(compute(dataset, known, Period.parse("2026-Q3")), "incidents")["previous"] == 0


def test_the_settings_say_from_when_on_one_table_or_all_are_covered():
    stray = f"a c1 2019-07-01 7 | {FLAT}"
    assert row(computed(orders=stray), "revenue")["year_ago"] == 0, (
        "one stray row makes years of it"
    )
    whole = computed(orders=stray, covered_from=date(2026, 1, 5))
    assert row(whole, "revenue")["year_ago"] is None
    assert row(whole, "partnership_years")["year_ago"] is None, "all tables: partners too"
    of_one = computed(orders=stray, covered_from={"orders": date(2026, 1, 5)})
    assert row(of_one, "revenue")["year_ago"] is None
    assert row(of_one, "partnership_years")["year_ago"] is not None
    early = computed(orders=FLAT, covered_from={"orders": date(2025, 1, 1)})
    assert row(early, "revenue")["year_ago"] == 0, "a year without an order, and that is known"


@pytest.mark.parametrize(
    ("kpi", "base"),
    [
        pytest.param("revenue_growth", "the same period a year ago", id="growth on the year"),
        pytest.param("revenue_growth_previous", "the period before", id="growth on the period"),
        pytest.param("customer_retention", "the same period a year ago", id="retention"),
        pytest.param("gross_revenue_retention", "the same period a year ago", id="of revenue"),
        pytest.param("brand_awareness_increase", "the period before", id="a difference"),
    ],
)
def test_a_period_that_is_not_covered_is_the_base_of_nothing(kpi, base):
    surveys = "a market brand_awareness 1 05-01 | a market brand_awareness 0 07-01"
    orders = "a c1 2025-07-15 9 | a c1 05-01 100 | a c1 07-01 100"
    got = row(computed(orders=orders, surveys=surveys, covered_from=date(2026, 4, 15)), kpi)
    assert got["value"] is got["numerator"] is got["denominator"] is got["n"] is None
    assert got["missing"] == f"{base} is not covered by the data: they begin on 2026-04-15"


def test_a_base_of_nothing_is_kept_apart_from_one_that_is_not_known():
    got = row(computed(orders=FLAT, covered_from={"orders": date(2025, 1, 1)}), "revenue_growth")
    assert got["missing"] == "nothing to compare with in the same period a year ago"


def test_a_cohort_is_no_base():
    deals = "a 2025-07-15 2025-08-01 won 5 | a 2025-09-01 - open 5"
    assert row(computed(deals=deals), "cohort_win_rate")["value"] == 0.5


def test_the_period_that_is_asked_for_keeps_its_value_its_status_and_one_period_off_track():
    targets = "partner a revenue quarter 200"
    results = computed("2026-Q1", orders=LATE, targets=targets)
    got = row(results, "revenue")
    assert (got["value"], got["status"], got["off_track_periods"]) == (100, "off_track", 1)
    assert not results.covers("revenue")
    later = row(computed("2026-Q2", orders=LATE, targets=targets), "revenue")
    assert later["off_track_periods"] == 1, "the quarter before is covered in part only"
    whole = row(computed("2026-Q2", orders=FLAT, targets=targets), "revenue")
    assert whole["off_track_periods"] == 2


def test_a_trend_counts_the_covered_periods_only():
    months = " | ".join(f"a c1 2026-{month:02d}-03 {10 + month}" for month in range(2, 7))
    known = row(computed("2026-06", orders=months), "revenue")
    assert known["trend"] == "up", "five months that rise"
    part = months.replace("2026-02-03", "2026-02-10")
    assert row(computed("2026-06", orders=part), "revenue")["trend"] is None, "four are covered"


def test_earlier_scores_count_only_what_was_covered_then():
    customers = "c1 a 05-20 | c2 a 07-01"
    targets = "partner a revenue quarter 100 | partner a new_customers quarter 9"
    got = row(computed(orders=FLAT, customers=customers, targets=targets), "targets_met")
    assert got["value"] == 0.5
    assert got["previous"] == 1, "customers are known from 20 May on: the quarter before has none"
    scored = row(computed(orders=FLAT, customers=customers, targets=targets), "our_service_score")
    assert scored["previous"] == 100


def test_earlier_objectives_are_judged_by_what_was_covered_then():
    objectives = "a revenue 01-01 12-31 0 100 | a new_customers 01-01 12-31 0 100"
    customers = "c1 a 05-20 | c2 a 07-01"
    got = row(computed(orders=FLAT, customers=customers, objectives=objectives), "goal_alignment")
    assert (got["value"], got["n"], got["previous"]) == (0.5, 2, 1)


def test_a_score_is_covered_where_all_that_it_counts_is():
    targets = "partner a revenue quarter 100 | partner a new_customers quarter 9"
    late = {"orders": FLAT, "customers": "c1 a 07-20", "targets": targets}
    results = computed(**late)
    assert (results.covers("revenue"), results.covers("new_customers")) == (True, False)
    assert not results.covers("targets_met")
    assert computed(**{**late, "targets": "partner a revenue quarter 100"}).covers("targets_met")
    aimed = "a new_customers 01-01 12-31 0 100"
    assert not computed(**late, objectives=aimed).covers("goal_alignment")


def test_the_course_says_of_each_period_whether_it_is_covered_and_ends_where_the_data_begin():
    course = computed(orders=LATE).history.filter(kpi="revenue", scope="partner", entity="a")
    known = course.filter(pl.col("value").is_not_null()).select("period", "value", "covered")
    assert known.rows() == [
        ("2026-Q1", 100.0, False),
        ("2026-Q2", 100.0, True),
        ("2026-Q3", 100.0, True),
    ]
    assert course.filter(pl.col("value").is_null())["covered"].unique().to_list() == [False]


def test_to_date_the_days_of_grace_hold_too():
    orders = "a c1 2025-07-03 5 | a c1 07-01 100"
    got = row(computed(as_of=date(2026, 7, 2), orders=orders), "revenue")
    assert got["year_ago"] == 0, "2 July 2025 is within a period that is covered"


# --- the period by default, and what the data cover as a whole ------------------------------------


@pytest.fixture
def on(monkeypatch):
    """Lets it be some day."""

    def set_day(day: date) -> None:
        monkeypatch.setattr(coverage, "today", lambda: day)

    return set_day


@pytest.mark.parametrize(
    ("orders", "today", "period"),
    [
        pytest.param("a c1 09-30 5", date(2026, 11, 29), "2026-Q3", id="it ended by the data"),
        pytest.param("a c1 09-29 5", date(2026, 11, 29), "2026-Q2", id="it has not by the data"),
        pytest.param("a c1 09-30 5", date(2026, 9, 29), "2026-Q1", id="nor by today"),
        pytest.param(
            "a c1 09-30 5 | a c1 2062-08-20 5", date(2026, 11, 29), "2026-Q3", id="2062 for 2026"
        ),
        pytest.param(
            "a c1 09-30 5 | a c1 9999-12-31 5", date(2026, 11, 29), "2026-Q3", id="no end"
        ),
        pytest.param(
            "a c1 06-30 5 | a c1 2062-08-20 5", date(2026, 11, 29), "2026-Q2", id="data end before"
        ),
    ],
)
def test_the_default_is_the_last_whole_quarter_that_ended_by_the_data_and_by_today(
    on, orders, today, period
):
    on(today)
    if period == "2026-Q1":  # the row lies after today, and nothing is there before it
        orders = f"{orders} | a c1 03-31 5"
    known = coverage_of(dataset_of(orders=orders), {})
    assert str(default_period(known, "DEC")) == period


@pytest.mark.parametrize("day", ["2062-08-20", "9999-12-31", "0001-01-01"])
def test_where_no_day_is_of_use_the_period_has_to_be_named(on, day):
    on(date(2026, 11, 29))
    known = coverage_of(dataset_of(orders=f"a c1 {day} 5"), {})
    with pytest.raises(CallError, match="no row dated up to today to tell the last quarter from"):
        default_period(known, "DEC")


def test_the_data_cover_what_the_settings_say_up_to_today(on):
    on(date(2026, 11, 29))
    dataset = dataset_of(orders=f"a c1 2019-07-01 7 | {FLAT} | a c1 2062-01-01 5")
    assert coverage_of(dataset, {}).first_day == date(2019, 7, 1)
    known = coverage_of(dataset, {"orders": date(2026, 1, 1)})
    assert (known.first_day, known.last_day) == (date(2026, 1, 1), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("today", "as_of", "reason"),
    [
        pytest.param(
            date(2026, 11, 29), None, "b joins on 2027-01-10, after 2026-Q3", id="to come"
        ),
        pytest.param(date(2027, 2, 1), None, "b joined on 2027-01-10, after 2026-Q3", id="since"),
        pytest.param(
            date(2026, 11, 29),
            date(2026, 8, 1),
            "b joins on 2027-01-10, after 2026-08-01",
            id="cut",
        ),
    ],
)
def test_a_partner_to_come_is_named_by_the_day_on_which_it_joins(monkeypatch, today, as_of, reason):
    monkeypatch.setattr(measured, "today", lambda: today)
    rows = {"partners": "a 2020-01-01 | b 2027-01-10", "orders": FLAT}
    results = compute(dataset_of(**rows), Settings(), Period.parse("2026-Q3"), as_of)
    assert (results.why_not_yet("b"), results.why_not_yet("a")) == (reason, None)
    with pytest.raises(CallError, match=reason):
        explain("revenue", results, "b")


def test_a_period_before_every_partner_and_every_row_is_refused():
    dataset = dataset_of(partners="a 2020-01-01 | b 2019-05-01", orders="a c1 2018-06-01 5")

    def asked(period: str) -> Period:
        return period_asked(period, dataset, coverage_of(dataset, {}), "DEC")

    with pytest.raises(CallError, match="nothing is known of 1999-Q3: the first partner joined"):
        asked("1999-Q3")
    assert str(asked("2018-Q2")) == "2018-Q2", "orders are known of it"
    assert str(asked("2019-Q2")) == "2019-Q2", "a partner joined in it"


@pytest.mark.parametrize(
    ("period", "as_of", "expected"),
    [
        ("2026-Q3", None, []),
        ("2062-Q2", None, [f"2062-Q2 begins on 2062-04-01, after today; {NO_ROWS}"]),
        (
            "2026-Q4",
            None,
            [
                "2026-Q4 lasts until 2026-12-31, which is after today; "
                "--as-of 2026-11-29 makes a figure to date of it",
                f"2026-Q4 lies after the data, which end on 2026-09-01; {NO_ROWS}",
            ],
        ),
        (
            "2025-Q4",
            None,
            [f"2025-Q4 lies before the data, which begin on 2026-01-05; {NO_ROWS}"],
        ),
        ("2026-Q3", date(2026, 8, 1), []),
    ],
)
def test_a_time_of_which_the_data_cannot_know_is_shown(on, period, as_of, expected):
    on(date(2026, 11, 29))
    survey = "a partner nps 9 09-01"
    results = computed(period, as_of, orders=FLAT, surveys=survey)
    assert beyond_the_data(results.calendar, results.coverage) == [
        f"warning: period: {line}" for line in expected
    ]
