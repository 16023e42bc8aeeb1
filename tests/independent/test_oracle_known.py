"""What is not known is not 0: periods that the data do not cover, columns that are not there."""

from __future__ import annotations

from datetime import date

import pytest

from .oracle import kpi_table
from .worked import aim, cell, company, order, rows, shop

D = date.fromisoformat
COMPANY = ("company", "company")
BY_THE_ROWS = {"covered_from": None}
MONTHS = [f"2026-{month:02d}" for month in range(1, 10)]


def monthly(first: str) -> dict:
    """Return a company that exports from that day on: 1,000 a month, as before and after."""
    days = [first, *(f"{month}-20" for month in MONTHS[1:])]
    return shop(*[order(day, 1000.0) for day in days])


def test_a_history_that_starts_this_year_says_nothing_of_the_last():
    tables, asked = monthly("2026-01-05"), {"period": "2026-Q3", **BY_THE_ROWS}
    assert cell(tables, "revenue", **asked) == 3000
    assert cell(tables, "revenue", "previous", **asked) == 3000
    assert cell(tables, "revenue", "year_ago", **asked) is None
    assert cell(tables, "revenue", "baseline", **asked) == 3000  # of Q2 and Q1: half of four
    assert cell(tables, "revenue", "trend", **asked) is None  # three values
    assert cell(tables, "revenue_growth", **asked) is None
    assert "not covered" in cell(tables, "revenue_growth", "missing", **asked)
    assert cell(tables, "revenue_growth_previous", **asked) == 0
    assert cell(tables, "revenue", "trend", period="2026-09", **BY_THE_ROWS) == "flat"
    assert cell(tables, "customer_retention", **asked) is None


@pytest.mark.parametrize(
    ("first", "before"),
    [("2026-01-01", 3000), ("2026-01-07", 3000), ("2026-01-08", None)],
    ids=["its first day", "6 days after", "7 days after"],
)
def test_a_table_may_begin_six_days_after_the_period(first, before):
    asked = {"period": "2026-Q2", **BY_THE_ROWS}
    assert cell(monthly(first), "revenue", "previous", **asked) == before


@pytest.mark.parametrize(
    ("covered_from", "before"),
    [
        (D("2025-10-07"), 0),
        (D("2025-10-08"), None),
        ({"orders": D("2025-10-07")}, 0),
        ({"orders": D("2026-05-01"), "deals": D("2020-01-01")}, None),
        ({"deals": D("2020-01-01")}, None),  # orders: from their first row
    ],
)
def test_the_settings_say_from_when_a_table_is_known(covered_from, before):
    asked = {"period": "2026-Q1", "covered_from": covered_from}
    assert cell(monthly("2026-01-05"), "revenue", "previous", **asked) == before
    assert cell(monthly("2026-01-05"), "revenue", **asked) == 3000


def test_rows_of_a_later_day_say_from_when_a_table_is_known_and_no_rows_say_nothing():
    later = {**shop(order("2026-08-01", 5.0)), "incidents": []}
    asked = {"period": "2026-Q2", **BY_THE_ROWS}
    assert cell(later, "revenue", **asked) == 0  # P itself keeps its value
    assert cell(later, "revenue", "previous", **asked) is None
    assert cell(later, "incidents", **asked) == 0
    assert cell(later, "incidents", "previous", **asked) is None
    said = {"period": "2026-Q2", "covered_from": {"incidents": D("2026-01-01")}}
    assert cell(later, "incidents", "previous", **said) == 0


def test_deliveries_are_known_from_their_first_promise_and_milestones_from_the_first_due():
    delivery = {"order_id": "x", "promised_on": "2026-01-03", "delivered_on": "2026-02-01"}
    due = {"due_on": "2025-12-01", "completed_on": "2026-01-15", "final": True, "project": "x"}
    tables = company(
        deliveries=rows("delivery_id", delivery, quantity_ordered=1.0, weight_tonnes=2.0),
        milestones=rows("milestone_id", due),
    )
    asked = {"period": "2026-Q2", **BY_THE_ROWS}
    assert cell(tables, "delivered_tonnage", "previous", **asked) == 2
    assert cell(tables, "projects_completed", "previous", **asked) == 1
    tables["deliveries"][0]["promised_on"] = "2026-01-08"
    tables["milestones"][0]["due_on"] = "2026-01-08"
    assert cell(tables, "delivered_tonnage", "previous", **asked) is None
    assert cell(tables, "projects_completed", "previous", **asked) is None


def test_a_kpi_of_two_tables_is_known_from_the_later_one():
    cost = {"incurred_on": "2026-02-01", "channel": "partner", "category": "mdf", "amount": 500.0}
    tables = {**monthly("2026-01-05"), "costs": rows("cost_id", cost)}
    asked = {"period": "2026-Q2", **BY_THE_ROWS}
    assert cell(tables, "program_cost", **asked) == 0
    assert cell(tables, "roi", period="2026-Q1", **BY_THE_ROWS) == 5  # (3000 - 500) / 500
    assert cell(tables, "roi", "previous", **asked) is None
    assert cell(tables, "revenue", "previous", **asked) == 3000


def test_a_period_that_is_not_covered_ends_the_row_of_bad_ones():
    targets = [aim("revenue", 5000.0)]
    asked = {"period": "2026-Q3", **BY_THE_ROWS}
    known = {"covered_from": D("2025-07-01"), "period": "2026-Q3"}
    tables = {**monthly("2026-01-05"), "targets": targets}
    assert cell(tables, "revenue", "off_track_periods", **asked) == 3
    assert cell(tables, "revenue", "off_track_periods", **known) == 5  # 0 in Q3 and Q4 of 2025
    late = {"covered_from": D("2026-08-01"), "period": "2026-Q3"}
    assert cell(tables, "revenue", "off_track_periods", **late) == 1  # P itself is one
    assert cell(tables, "revenue", "status", **late) == "off_track"


def test_a_baseline_that_was_agreed_needs_no_history():
    targets = [aim("revenue", 5000.0, baseline=2500.0)]
    tables = {**monthly("2026-01-05"), "targets": targets}
    assert cell(tables, "revenue", "baseline", period="2026-Q1", **BY_THE_ROWS) == 2500
    del tables["targets"]
    assert cell(tables, "revenue", "baseline", period="2026-Q2") == 750
    assert cell(tables, "revenue", "baseline", period="2026-Q2", **BY_THE_ROWS) is None


def test_a_cohort_is_no_base():
    deals = rows(
        "deal_id",
        {"opened_on": "2025-02-20", "closed_on": "2026-02-01", "outcome": "won"},
        {"opened_on": "2025-03-20", "closed_on": None, "outcome": "open"},
    )
    tables = company(deals=deals)
    assert cell(tables, "cohort_win_rate", period="2026-Q1", **BY_THE_ROWS) == 0.5
    assert cell(tables, "cohort_win_rate", "year_ago", period="2027-Q1", **BY_THE_ROWS) == 0.5


def test_a_score_of_another_period_counts_only_what_is_covered_there():
    saved = {"realised_on": "2026-05-01", "category": "operations", "amount": 10.0}
    tables = {**monthly("2026-01-05"), "savings": rows("saving_id", saved)}
    tables["targets"] = [aim("revenue", 3000.0), aim("cost_savings", 10.0)]
    asked = {"period": "2026-Q2", **BY_THE_ROWS}
    assert cell(tables, "targets_met", **asked) == 1
    assert cell(tables, "targets_met", "previous", **asked) == 1  # savings are not covered
    known = {"period": "2026-Q2", "covered_from": D("2020-01-01")}
    assert cell(tables, "targets_met", "previous", **known) == 0.5  # nothing was saved
    # P itself counts what it has, covered or not.
    assert cell(tables, "targets_met", period="2026-Q1", **BY_THE_ROWS) == 0.5


# --- columns that are not there -------------------------------------------------------------------

DELIVERY = {
    "order_id": "x",
    "promised_on": "2026-01-09",
    "delivered_on": "2026-01-09",
    "quantity_ordered": 1.0,
    "quantity_delivered": 1.0,
    "error": None,
    "backordered": False,
}
DEAL = {"opened_on": "2026-01-05", "closed_on": "2026-02-01", "outcome": "won", "amount": 7.0}
MEETING = {"occurred_on": "2026-01-05", "kind": "meeting", "attended": None, "invited": True}
ENROLMENT = {
    "person_id": "1",
    "course": "x",
    "enrolled_on": "2025-11-01",
    "certified_on": "2026-01-05",
    "certificate_until": "2026-01-06",
}
WHOLE = {
    "orders": [{**order("2026-01-05", 100.0, status="cancelled"), "order_id": "x"}],
    "deliveries": rows("delivery_id", DELIVERY),
    "deals": rows("deal_id", DEAL, {**DEAL, "outcome": "lost"}),
    "engagements": rows("engagement_id", MEETING),
    "invoices": rows(
        "invoice_id",
        {"issued_on": "2026-01-05", "due_on": "2026-01-09", "paid_on": None, "amount": 9.0},
    ),
    "training": rows("enrolment_id", ENROLMENT),
    "observations": rows(
        "observation_id",
        {"measure": "on_time_delivery", "observed_on": "2026-01-05", "numerator": 3.0},
        denominator=4.0,
    ),
}


def without(column: str) -> dict:
    """Return the company without one of its columns."""
    table, _, name = column.partition(".")
    lesser = [{c: v for c, v in row.items() if c != name} for row in WHOLE[table]]
    return company(**{**WHOLE, table: lesser})


@pytest.mark.parametrize(
    ("column", "gone", "kept"),
    [
        ("deliveries.error", "order_error_rate picking_error_rate loading_error_rate", "otif_rate"),
        ("deliveries.delivered_on", "on_time_rate order_error_rate delivery_days", ""),
        ("orders.customer_id", "active_customers customer_retention", "revenue orders"),
        ("invoices.paid_on", "receivables overdue_balance dso_countback_days", ""),
        ("engagements.attended", "interactions_per_week joint_activities", "feedback portal_days"),
        ("engagements.invited", "meeting_attendance", "interactions_per_week"),
        ("deals.amount", "pipeline_value sourced_revenue average_deal_size", "win_rate deals_won"),
        ("deals.outcome", "win_rate pipeline_value", ""),
        ("deals.opened_on", "win_rate sales_cycle_days", ""),
        ("orders.amount", "revenue average_order_value", "orders active_customers"),
    ],
)
def test_a_column_that_nobody_recorded_takes_away_what_needs_it(column, gone, kept):
    asked = {"period": "2026-Q1"}
    for kpi in gone.split():
        assert cell(without(column), kpi, **asked) is None, kpi
        assert cell(without(column), kpi, "missing", **asked), kpi
    for kpi in kept.split():
        assert cell(without(column), kpi, **asked) == cell(company(**WHOLE), kpi, **asked), kpi


def test_a_null_has_its_default_where_the_column_is_there():
    asked = {"period": "2026-Q1"}
    assert cell(company(**WHOLE), "order_error_rate", **asked) == 0
    assert cell(company(**WHOLE), "receivables", **asked) == 9
    assert cell(company(**WHOLE), "interactions_per_week", "numerator", **asked) == 1


def test_four_columns_say_something_by_not_being_there():
    asked = {"period": "2026-Q1"}
    assert cell(without("orders.status"), "revenue", **asked) == 100  # all are completed
    assert cell(company(**WHOLE), "certified_people", **asked) == 0
    assert cell(without("training.certificate_until"), "certified_people", **asked) == 1
    assert cell(company(**WHOLE), "on_time_delivery", **asked) == 0.75
    assert cell(without("observations.denominator"), "on_time_delivery", **asked) == 3
    assert cell(company(), "active_partners", scope=("portfolio", "portfolio"), **asked) == 2


def test_deals_that_name_nobody_tell_of_the_company_alone():
    touch = {"touchpoint_id": "1", "deal_id": "0", "occurred_at": "2026-01-06T10:00:00"}
    tables = company(**WHOLE, touchpoints=[touch])
    asked = {"period": "2026-Q1"}
    assert cell(tables, "linear_revenue", scope=COMPANY, **asked) == 7
    assert cell(tables, "involved_win_rate", scope=COMPANY, **asked) == 0.5
    assert cell(tables, "involved_win_rate", scope=("direct", "direct"), **asked) is None
    assert cell(tables, "linear_revenue", **asked) is None
    assert cell(tables, "attach_rate", scope=COMPANY, **asked) is None  # whose the touch was


# --- to date --------------------------------------------------------------------------------------


def daily(first: str, last: str) -> list[dict[str, object]]:
    """Return orders of 1 a day."""
    days = range(D(first).toordinal(), D(last).toordinal() + 1)
    return [order(date.fromordinal(day).isoformat(), 1.0) for day in days]


@pytest.mark.parametrize(
    ("period", "as_of", "previous", "year_ago"),
    [
        pytest.param("2024", "2024-06-30", 181, 181, id="a leap year to 30 June"),
        pytest.param("2024", "2024-02-29", 59, 59, id="to 29 February: to the 28th"),
        pytest.param("2025", "2025-02-28", 59, 59, id="to 28 February: to the 28th of 29"),
        pytest.param("2024-Q2", "2024-05-31", 60, 61, id="January to the end of February"),
        pytest.param("2024-03", "2024-03-30", 29, 30, id="30 March: the whole of February"),
        pytest.param("2024-03", "2024-03-15", 15, 15, id="15 March: 15 February"),
        pytest.param("2024-H1", "2024-02-29", 60, 59, id="29 February: 29 August"),
        pytest.param("2024-W20", "2024-05-15", 3, 3, id="the Wednesday of a week"),
        pytest.param("2024-Q1", "2024-02-29", 60, 59, id="29 November"),
    ],
)
def test_to_date_is_cut_at_the_same_day_of_the_month(period, as_of, previous, year_ago):
    tables = shop(*daily("2022-12-01", "2025-06-30"))
    asked = {"period": period, "as_of": D(as_of)}
    assert cell(tables, "orders", "previous", **asked) == previous
    assert cell(tables, "orders", "year_ago", **asked) == year_ago


def test_a_half_to_date_follows_the_companys_year_end():
    tables = shop(*daily("2022-12-01", "2025-06-30"))
    # With the year's end in August, 2025-H1 is September 2024 to February 2025.
    asked = {"period": "2025-H1", "as_of": D("2024-10-31"), "year_end": "AUG"}
    assert cell(tables, "revenue", **asked) == 61
    assert cell(tables, "revenue", "previous", **asked) == 31 + 30  # 1 March to 30 April
    assert cell(tables, "revenue", "year_ago", **asked) == 61


def test_a_growth_compares_with_the_day_that_the_run_is_cut_at():
    tables = shop(*daily("2022-12-01", "2025-06-30"))
    asked = {"period": "2024", "as_of": D("2024-02-29")}
    assert cell(tables, "revenue_growth", "numerator", **asked) == 60
    assert cell(tables, "revenue_growth", "denominator", **asked) == 59


def test_any_other_day_is_an_error():
    for day in ("2025-10-01", "2025-06-30"):
        with pytest.raises(ValueError, match="not a day of"):
            kpi_table(shop(), "2025-Q3", as_of=D(day))
