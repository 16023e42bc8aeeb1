"""What a missing table or column takes away: the KPIs that need it, and nothing else.

Which KPIs need which table is read in the independent catalogue; which need which column is written
out here.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import load_dataset
from kpi_lib.engine.formula import Modelled
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import compute
from kpi_lib.measure.reconciliation import reconcile
from kpi_lib.measure.slices import build_slices
from kpi_lib.models.fitted import fit_models
from kpi_lib.quality.frames import measure_quality
from kpi_lib.settings import Settings
from tests.given_companies import WHOLE_PERIODS, Company, whole_company
from tests.independent.catalogue import CATALOGUE, PACKS
from tests.independent.compare import differences
from tests.independent.generate import generate, write_folder

SEED = WHOLE_PERIODS[0]
OURS = {name: kpi for name, kpi in catalogue().items() if not isinstance(kpi.formula, Modelled)}
TABLES_OF = {name: set(CATALOGUE[name].tables) for name in OURS if name in CATALOGUE}
TABLES_OF |= {name: {"observations"} for name in PACKS}

GOALS = {name for name, kpi in OURS.items() if kpi.family == "goals"}  # are made of all others
CREDIT = {name for name, kpi in OURS.items() if kpi.family == "credit"}
NOT_OF_CANCELLED = {"on_time_rate", "in_full_rate", "otif_rate", "unit_fill_rate"}
NOT_OF_CANCELLED |= {"order_otif_rate", "backorder_rate"}
# Tables that a KPI can do without, and that change it where they are there.
CHANGED_WITHOUT = {"orders": NOT_OF_CANCELLED, "payments": CREDIT}
BESIDE_TARGETS = ("baseline", "target", "minimum", "variance", "status", "off_track_periods")

DECIDED_BY_CLOSED_ON = {
    *("average_deal_size", "pipeline_value", "deals_won", "sourced_revenue", "win_rate"),
    *("cohort_win_rate", "sales_cycle_days", "sales_cycle_median_days", "involved_win_rate"),
    *("involved_cycle_days", "attach_rate", "influenced_revenue", "first_touch_revenue"),
    *("last_touch_revenue", "linear_revenue", "time_decay_revenue", "position_based_revenue"),
}
OF_MARKETS = {"new_markets", "new_market_penetration", "new_market_revenue"}
PARTICIPATION = {"program_participation", "onboarding_rate", "early_buy_participation"}
PARTICIPATION |= {"co_marketing_participation", "mdf_participation"}
ERRORS = {f"{kind}_error_rate" for kind in ("order", "picking", "packing", "loading")}
IN_FULL = {"in_full_rate", "otif_rate", "unit_fill_rate", "order_otif_rate"}
OF_PAYMENTS = CREDIT - {"days_beyond_terms", "on_time_payment_rate"}
OVERDUE = {kpi for kpi in CREDIT if kpi.startswith("overdue")}
ATTRIBUTED = {f"{model}_revenue" for model in ("first_touch", "last_touch", "linear")}
ATTRIBUTED |= {"time_decay_revenue", "position_based_revenue", "influenced_revenue"}
INVOLVED = {"involved_win_rate", "involved_cycle_days", "attach_rate"}
OF_AMOUNTS = {
    *("revenue", "revenue_growth", "revenue_growth_previous", "revenue_share", "gross_margin"),
    *("average_order_value", "wallet_share", "quota_attainment", "roi", "margin_roi"),
    *("revenue_retention", "gross_revenue_retention", "market_share", "market_share_growth"),
    "new_market_revenue",
}
ATTENDED = {"interactions_per_week", "active_weeks", "joint_activities"}
ATTENDANCE = {"event_attendance", "meeting_attendance"}
KPIS_OF = {
    "orders.ordered_on": {kpi for kpi, tables in TABLES_OF.items() if "orders" in tables}
    | NOT_OF_CANCELLED,  # nobody can say which orders there are
    "orders.amount": OF_AMOUNTS,
    "orders.customer_id": {
        *("active_customers", "customer_retention", "revenue_retention", "repeat_purchase_rate"),
        *("gross_revenue_retention", "days_between_purchases", "market_penetration"),
    },
    "deliveries.order_id": {*NOT_OF_CANCELLED, "delivery_days"},
    "deliveries.promised_on": NOT_OF_CANCELLED,
    "deliveries.delivered_on": {
        *("delivered_tonnage", "tonnage_growth", "on_time_rate", "delivery_days"),
        *(*ERRORS, *IN_FULL),
    },
    "deliveries.quantity_ordered": IN_FULL,
    "deliveries.error": ERRORS,
    "invoices.due_on": {*OVERDUE, "days_beyond_terms", "on_time_payment_rate"},
    "invoices.paid_on": CREDIT,
    "invoices.amount": CREDIT - {"on_time_payment_rate"},
    **{f"payments.{name}": OF_PAYMENTS for name in ("invoice_id", "received_on", "amount")},
    "deals.amount": {"average_deal_size", "pipeline_value", "sourced_revenue", *ATTRIBUTED},
    "deals.outcome": DECIDED_BY_CLOSED_ON,
    **{f"touchpoints.{name}": ATTRIBUTED | INVOLVED for name in ("deal_id", "occurred_at")},
    "engagements.attended": ATTENDED | ATTENDANCE,
    "engagements.invited": ATTENDANCE,
    "training.person_id": {"certified_people"},
    "objectives.due_on": {"goal_alignment"},
    "orders.cost": {"gross_margin", "margin_roi"},
    "orders.quantity": {"sales_volume"},
    "orders.channel": {"digital_order_share"},
    "orders.market_id": {
        *("market_share", "market_share_growth", "market_penetration"),
        *OF_MARKETS,
    },
    "orders.project_id": {"orders_per_project"},
    "deliveries.quantity_delivered": {
        *("in_full_rate", "otif_rate", "unit_fill_rate", "order_otif_rate")
    },
    "deliveries.weight_tonnes": {"delivered_tonnage", "tonnage_growth"},
    "deliveries.backordered": {"backorder_rate"},
    "leads.qualified_on": {"qualified_leads", "lead_qualification_rate"},
    "leads.opportunity_on": {"lead_to_opportunity_days"},
    "leads.converted_on": {"lead_conversion_rate"},
    "deals.registered_on": {"deal_registrations"},
    "deals.closed_on": DECIDED_BY_CLOSED_ON,
    "programs.joined_on": {*PARTICIPATION, "mdf_claimed"},
    "programs.amount": {"mdf_claimed"},
    "training.completed_on": {"training_completion", "assessment_score"},
    "training.certified_on": {"certifications", "certified_people"},
    "training.score": {"assessment_score"},
    "solutions.launched_on": {"co_created_solutions", "time_to_market_days"},
    "milestones.completed_on": {"milestones_on_time", "projects_completed"},
    "milestones.final": {"projects_completed"},
    "markets.target": OF_MARKETS,
    "markets.accounts": {"market_penetration"},
    "incidents.resolved_on": {"open_incidents", "incident_resolution_days"},
    # What nothing is made of.
    **{key: set() for key in ("customers.market_id", "customers.segment", "touchpoints.kind")},
    **{key: set() for key in ("surveys.topic", "surveys.order_id", "surveys.comment")},
    **{key: set() for key in ("deals.lead_id", "deals.customer_id", "objectives.title")},
}
FIRST_DAYS = {"deliveries.promised_on", "milestones.due_on"}
# Counted for each partner first, or of deals of partners: the company's too must know whose.
NAMED = {"wallet_share", "credit_utilisation", "over_limit", "attach_rate"}
NAMED |= {"active_weeks", "portal_days", "certified_people"}


def without_tables(company: Company, names: set[str]) -> pl.DataFrame:
    return company.results_of({n: f for n, f in company.tables.items() if n not in names}).table


def without_columns(company: Company, names: set[str]) -> pl.DataFrame:
    of_table: dict[str, list[str]] = {}
    for name in names:
        table, _, column = name.partition(".")
        of_table.setdefault(table, []).append(column)
    fewer = {table: company.tables[table].drop(columns) for table, columns in of_table.items()}
    return company.results_of(company.with_tables(**fewer)).table


def assert_gone(table: pl.DataFrame, kpis: set[str], reasons: set[str]) -> None:
    """No KPI of these has a value, and each says for which of these reasons."""
    rows = table.filter(pl.col("kpi").is_in(kpis))
    assert rows["value"].is_null().all()
    assert set(rows["kpi"]) | set(PACKS) >= kpis, "a missing KPI has a row too"
    said = {reason for text in rows["missing"].unique() for reason in text.split("; ")}
    unsaid = {text for text in said if not any(reason in text for reason in reasons)}
    assert unsaid == set()


def assert_unchanged(
    table: pl.DataFrame, company: Company, but: set[str], columns: tuple[str, ...] = ()
) -> None:
    """All KPIs but these have the same rows, all cells but these columns'."""
    others = [name for name in OURS if name not in but]
    assert len(others) > 20
    nothing = [pl.lit(None).alias(column) for column in columns]
    left, right = table.with_columns(nothing), company.table.with_columns(nothing)
    assert differences(left, right.to_dicts(), others) == []


def take_tables_away(names: set[str]) -> None:
    company = whole_company(SEED)
    table = without_tables(company, names)
    gone = {kpi for kpi, tables in TABLES_OF.items() if tables & names}
    assert_gone(table, gone, {f"there is no table {name}" for name in names})
    touched = gone | GOALS | {kpi for name in names for kpi in CHANGED_WITHOUT.get(name, ())}
    columns = BESIDE_TARGETS if "targets" in names else ()
    assert_unchanged(table, company, touched, columns)


def take_columns_away(names: set[str]) -> None:
    company = whole_company(SEED)
    table = without_columns(company, names)
    gone = {kpi for name in names for kpi in KPIS_OF[name]}
    assert_gone(table, gone, names)
    # Without the day that says since when a table is covered, earlier periods may be held against.
    undated = {day.partition(".")[0] for day in names & FIRST_DAYS}
    held = {kpi for kpi, tables in TABLES_OF.items() if tables & undated}
    assert_unchanged(table, company, gone | GOALS | held)


REMOVABLE = sorted(set(whole_company(SEED).tables) - {"partners", "fx_rates", "partner_reported"})
HALF = set(random.Random(3).sample(REMOVABLE, len(REMOVABLE) // 2))


def test_every_table_is_needed_by_some_kpi():
    assert {table for tables in TABLES_OF.values() for table in tables} | {"payments"} == {
        *REMOVABLE,
        "partners",
    }


@pytest.mark.parametrize("names", [HALF, set(REMOVABLE) - HALF], ids=["one half", "the other"])
def test_without_half_of_the_tables_the_rest_is_as_before(names):
    take_tables_away(names)


@pytest.mark.slow
@pytest.mark.parametrize("name", REMOVABLE)
def test_a_table_takes_away_the_kpis_that_need_it_and_no_other(name):
    take_tables_away({name})


HALF_OF_COLUMNS = set(random.Random(5).sample(sorted(KPIS_OF), len(KPIS_OF) // 2))


@pytest.mark.parametrize(
    "names", [HALF_OF_COLUMNS, set(KPIS_OF) - HALF_OF_COLUMNS], ids=["one half", "the other"]
)
def test_without_half_of_the_columns_the_rest_is_as_before(names):
    take_columns_away(names)


def test_only_four_columns_and_what_a_partner_shares_say_something_by_not_being_there():
    said = {f"{t}.{c.name}" for t in TABLES for c in TABLES[t].columns.values() if c.absence_says}
    assert said == {
        *("orders.status", "partners.left_on", "partners.sharing", "training.certificate_until"),
        "observations.denominator",
    }
    assert not said & set(KPIS_OF)


@pytest.mark.slow
@pytest.mark.parametrize("name", KPIS_OF)
def test_a_column_takes_away_the_kpis_that_need_it_and_no_other(name):
    take_columns_away({name})


WITH_DIRECT = ("customers", "orders", "deliveries", "invoices", "leads", "deals", "touchpoints")
WITH_DIRECT += ("surveys", "costs", "solutions")


def take_partner_ids_away(names: set[str]) -> None:
    """Rows that do not say whose they are tell of the company alone."""
    company = whole_company(SEED)
    table = without_columns(company, {f"{name}.partner_id" for name in names})
    # The order of a delivery is only looked up.
    counted = {
        kpi: tables if kpi != "delivery_days" else {"deliveries"}
        for kpi, tables in TABLES_OF.items()
    }
    silent = {kpi for kpi, tables in counted.items() if tables & names}
    wide = pl.col("scope") == "company"
    reasons = {".partner_id", "are all a partner's"}
    assert_gone(table.filter(~wide | pl.col("kpi").is_in(NAMED)), silent, reasons)
    assert_unchanged(table.filter(~wide), _only(company, ~wide), silent | GOALS, ("benchmark",))
    assert_unchanged(table.filter(wide), _only(company, wide), NAMED | GOALS, ("benchmark",))


def _only(company: Company, which: pl.Expr) -> Company:
    """Return the company with these rows of its table."""
    fewer = replace(company)
    fewer.__dict__["table"] = company.table.filter(which)
    return fewer


@pytest.mark.parametrize(
    "names", [set(WITH_DIRECT), {"engagements", "training"}], ids=["of anybody", "of partners"]
)
def test_rows_that_name_no_partner_tell_of_the_company_alone(names):
    take_partner_ids_away(names)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_DIRECT)
def test_rows_of_one_table_that_name_no_partner_tell_of_the_company_alone(name):
    take_partner_ids_away({name})


# --- from the source on ---------------------------------------------------------------------------

NEEDED_WHOLE = ("partners", "fx_rates")
DAY_IN_KEY = {"partners", "markets", "targets", "programs"}
NEVER_NULL = {
    table: [
        name
        for name, column in spec.columns.items()
        if name not in (*spec.key, "partner_id") and not column.optional
    ]
    for table, spec in TABLES.items()
    if table not in NEEDED_WHOLE
}


def computed_without(columns: dict[str, list[str]], folder: Path) -> pl.DataFrame:
    """Return the KPI table of a company's files without these columns, by table."""
    rows = generate(SEED, with_other_tables=True, whole=True)
    fewer = {
        table: [{n: v for n, v in row.items() if n not in columns.get(table, ())} for row in lines]
        for table, lines in rows.items()
    }
    write_folder(fewer, folder / "data")
    settings = Settings(data=str(folder / "data"), reporting_currency="EUR")
    dataset = load_dataset(settings, workspace=folder / "staged", kpis=facts_of(settings))
    results = compute(dataset, settings, whole_company(SEED).period)
    measure_quality(results, dataset)
    reconcile(results, dataset, settings.tolerances)
    fit_models(dataset, settings, results.calendar)
    assert list(build_slices(results, dataset, settings))
    return results.table


def test_a_company_whose_tables_have_no_day_is_told_what_is_missing(tmp_path):
    days = {t: [n for n in names if n == TABLES[t].day] for t, names in NEVER_NULL.items()}
    table = computed_without(days, tmp_path)
    assert set(table.filter(pl.col("value").is_not_null())["kpi"]) <= {
        *(kpi for kpi, tables in TABLES_OF.items() if tables <= DAY_IN_KEY),
        *("order_error_rate", "picking_error_rate", "packing_error_rate", "loading_error_rate"),
        *("delivered_tonnage", "tonnage_growth", "projects_completed"),
    }
    assert "there is no column orders.ordered_on" in set(table.filter(kpi="revenue")["missing"])


def test_a_company_with_keys_and_days_alone_is_told_what_is_missing(tmp_path):
    rest = {t: [n for n in names if n != TABLES[t].day] for t, names in NEVER_NULL.items()}
    table = computed_without(rest, tmp_path)
    assert "revenue" not in set(table.filter(pl.col("value").is_not_null())["kpi"])
    assert "orders" in set(table.filter(pl.col("value").is_not_null())["kpi"])


@pytest.mark.slow
@pytest.mark.parametrize("name", [f"{t}.{n}" for t, names in NEVER_NULL.items() for n in names])
def test_no_column_but_a_key_stops_what_does_not_need_it(name, tmp_path):
    table, _, column = name.partition(".")
    figures = computed_without({table: [column]}, tmp_path)
    lost = {
        kpi.id for kpi in OURS.values() if column in kpi.needs_given(TABLES).get(table, frozenset())
    }
    assert_gone(figures, lost, {name})
    assert set(figures.filter(pl.col("value").is_not_null())["kpi"]) >= {
        kpi for kpi in OURS if kpi not in lost | GOALS
    } - {"pipeline_value"}
