"""The rows behind a figure: of the tables, or the KPIs that a goal is made of."""

from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.cli.explanation_text import in_words
from kpi_lib.errors import CallError
from kpi_lib.evidence.explain import explain
from kpi_lib.evidence.rows_behind import rows_behind
from kpi_lib.measure.compute import Options, Results, Working, compute_with_working
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of

TABLES = {
    "partners": "a 2020-01-01 manager=Ann | b 2020-01-01",
    "orders": "a c1 07-01 60 completed cost=40 | a c2 07-02 40 | b c3 07-03 10 | - c4 07-04 900",
    "customers": "c1 a 07-01 | c2 a 07-02",
    "costs": "a partner mdf 07-01 20",
    "targets": "partner a revenue * 200 | partner a orders * 1 | partner a new_customers * 2",
}


def computed(kpi: str, period: str = "2026-Q3", **tables) -> tuple[Results, Working]:
    dataset = dataset_of(**(TABLES | tables))
    return compute_with_working(
        dataset, Settings(), Period.parse(period), options=Options(only=[kpi])
    )


def rows_of(kpi: str, partner: str | None = "a", **tables) -> pl.DataFrame:
    return rows_behind(kpi, *computed(kpi, **tables), partner)


def explained(kpi: str, partner: str | None = "a", **tables) -> str:
    results, working = computed(kpi, **tables)
    return in_words(explain(kpi, results, partner, working), "EUR")


def value(results: Results, kpi: str) -> dict:
    return results.table.filter(scope="partner", entity="a", kpi=kpi).row(0, named=True)


def test_a_partners_rows_are_its_own_and_the_companys_are_all():
    assert set(rows_of("orders")["partner_id"]) == {"a"}
    assert rows_of("orders", partner=None)["partner_id"].to_list().count(None) == 1


def test_targets_met_counts_the_kpis_that_hold_and_those_that_are_on_track():
    rows = rows_of("targets_met")
    row = value(computed("targets_met")[0], "targets_met")
    assert rows["to_denominator"].sum() == len(rows) == row["denominator"]
    assert rows["to_numerator"].sum() == row["numerator"]
    assert set(rows.filter(pl.col("to_numerator").is_null())["status"]) == {"off_track"}


def test_the_attainments_behind_a_score_add_up_to_it():
    rows = rows_of("our_service_score")
    families = rows.group_by("family").agg(pl.col("attainment").mean(), pl.col("weight").first())
    weighted = (families["attainment"] * families["weight"]).sum() / families["weight"].sum()
    score = value(computed("our_service_score")[0], "our_service_score")["value"]
    assert score == pytest.approx(100 * weighted, abs=1e-9)
    assert score == pytest.approx(rows["to_numerator"].sum(), abs=1e-9)


def test_what_a_model_says_has_no_rows():
    with pytest.raises(CallError, match="filled by the model churn"):
        rows_of("churn_risk")


def test_what_lacks_a_table_has_no_rows():
    with pytest.raises(CallError, match="there is no table deliveries"):
        rows_of("otif_rate")


def test_who_never_ordered_has_no_gaps():
    assert rows_of("purchase_gap_ratio", orders="b c3 07-09 1").is_empty()


def test_a_group_counts_on_the_first_of_its_rows():
    rows = rows_of("active_customers", orders="a c1 07-01 1 | a c1 07-02 2 | a c2 07-03 4")
    assert rows.select("order_id", "to_numerator").rows() == [("0", 1), ("1", 0), ("2", 1)]


def test_rows_of_a_year_ago_stand_there_with_their_period():
    rows = rows_of(
        "customer_retention", orders="a c1 2025-07-01 1 | a c2 2025-07-02 1 | a c1 07-03 1"
    )
    shown = ("period", "order_id", "used_in", "to_numerator", "to_denominator")
    assert rows.select(shown).rows() == [
        ("2026-Q3", "2", "numerator", 0, None),
        ("2025-Q3", "0", "both", 1, 1),
        ("2025-Q3", "1", "denominator", None, 1),
    ]  # fmt: skip


def test_what_others_add_is_one_row_without_a_name():
    rows = rows_of("revenue_share")
    assert rows.select("scope", "order_id", "to_numerator", "to_denominator").rows() == [
        ("partner", "0", 60, 60),
        ("partner", "1", 40, 40),
        ("company", None, None, 910),
    ]
    assert rows["note"].to_list() == [None, None, "2 rows that are not of a, together"]
    assert rows_of("revenue_share", partner=None)["to_denominator"].to_list() == [60, 40, 10, 900]


def test_a_divisor_has_its_rows_and_adds_nothing():
    rows = rows_of(
        "market_share_growth",
        orders="a c1 07-01 25 completed market_id=m",
        market_sizes="m 07-01 07-31 100 | m 06-01 06-30 500",
        markets="m",
    )
    found = rows.select("table", "period", "to_numerator").rows()
    assert found == [
        ("orders", "2026-Q3", 25),
        ("market_sizes", "2026-Q3", 0),
        ("market_sizes", "2026-Q2", 0),
    ]


def test_the_median_is_of_a_column_and_nothing_adds_up():
    rows = rows_of("sales_cycle_median_days", deals="a 07-01 07-11 won 1 | a 07-01 07-31 won 1")
    assert rows.select("median_of", "to_numerator").rows() == [(10, None), (30, None)]


def test_months_are_counted_back_with_the_days_they_take():
    rows = rows_of("dso_countback_days", invoices="a 09-01 10-31 - 100 | a 08-01 08-31 - 40")
    months = rows.filter(table="months").select("starts_on", "issued", "to_numerator").rows()
    assert [(str(day), issued, days) for day, issued, days in months] == [
        ("2026-09-01", 100, 30),
        ("2026-08-01", 40, 31),
    ]


@pytest.mark.parametrize(("days", "gaps"), [(8, 7), (3, 2)])
def test_gaps_of_others_of_its_type_are_not_shown(days, gaps):
    own = " | ".join(f"a c1 07-{day:02} 1" for day in range(1, days + 1))
    rows = rows_of("purchase_gap_ratio", orders=f"{own} | b c3 07-09 1 | b c3 07-29 1")
    below = rows.filter(pl.col("used_in") != "numerator")
    assert len(below) == gaps
    assert set(below["ends_on"].dt.month()) == {7}
    assert below["ends_on"].max().day == days
    assert ("all partners of its type" in below["note"][0]) == (days == 3)


def test_an_objective_stands_there_with_its_progress_and_its_time():
    rows = rows_of(
        "goal_alignment",
        orders="a c1 07-01 50",
        objectives="a revenue 07-01 12-31 0 100 | a revenue 07-01 07-02 0 100",
    )
    found = rows.select("progress", "time_passed", "to_numerator", "to_denominator").rows()
    assert [(p, round(t, 3), *rest) for p, t, *rest in found] == [
        (0.5, 0.497, 1, 1),
        (0.5, 1, None, 1),
    ]
    assert rows_of(
        "goal_alignment", objectives="a revenue 07-01 07-01 0 100 ", orders=""
    ).is_empty()


def test_a_deal_that_a_partner_touched_is_known_by_its_touch():
    rows = rows_of(
        "influenced_revenue",
        deals="b 07-01 08-01 won 100 | a 07-01 08-01 won 7",
        touchpoints="0 a 2026-07-02T00:00:00 | 0 a 2026-07-03T00:00:00 | 0 b 2026-07-04T00:00:00",
    )
    assert rows.select("table", "deal_id", "partner_id", "to_numerator").rows() == [
        ("deals", "1", "a", 7),
        ("touchpoints", "0", "a", 100),
        ("touchpoints", "0", "a", 0),
    ]


@pytest.mark.parametrize(
    ("observed", "sides"),
    [
        ("a site 07-01 3 4 | a site 07-02 1 4 | a site 07-03 9", (4, 8, 2)),
        ("a site 07-01 3 | a site 07-02 1", (4, 0, 2)),
    ],
    ids=["of rows with a denominator only", "a plain sum"],
)
def test_what_was_observed_adds_up_as_its_kpi_does(observed, sides):
    settings = Settings(packs={"site": ("number", "higher")})
    dataset = dataset_of(observations=observed)
    results, working = compute_with_working(dataset, settings, Period.parse("2026-Q3"))
    rows = rows_behind("site", results, working, "a")
    assert (rows["to_numerator"].sum(), rows["to_denominator"].sum(), len(rows)) == sides


def test_own_columns_that_are_named_like_ours_get_the_name_of_their_table():
    rows = rows_of("quota_attainment", targets="partner a revenue 2026-Q3 200")
    (target,) = rows.filter(table="targets").rows(named=True)
    assert (target["targets_scope"], target["targets_period"]) == ("partner", "2026-Q3")
    assert target["to_denominator"] == 200


def test_the_formula_is_shown_with_the_figure_of_each_term():
    text = explained("roi")
    assert (
        "  ((100 amount of orders) - (20 amount of costs)) / (20 amount of costs) = 400.0%" in text
    )
    nps = explained("customer_nps", surveys="a end_customer nps 9 07-01")
    assert "((1 surveys with score >= 9) - (0 surveys with score <= 6))) / (1 surveys) = 100" in nps
    owed = explained("receivables", invoices="a 07-01 07-31 - 50")
    assert "  (50 open_amount of invoices) = €50" in owed
    assert " out of 100 attained) = " in explained("our_service_score")
    over = explained("over_limit", invoices="a 07-01 07-31 - 5", credit_limits="a 01-01 4")
    assert "  (1 partners above their latest credit_limit of credit_limits) = 1" in over
    rate = explained("on_time_rate", deliveries="a 07-05 07-04 1 1 | a 07-05 07-06 1 1")
    assert "(1 deliveries with delivered_on <= promised_on) / (2 deliveries) = 50.0%" in rate
    assert " a year ago) - 1 = " in explained(
        "revenue_growth", orders="a c 07-01 2 | a c 2025-07-01 1"
    )
    assert "/ (1 90th percentile of the gaps between order days) = 15\n" in explained(
        "purchase_gap_ratio", orders=" | ".join(f"a c 09-{d:02} 1" for d in range(9, 16))
    )


def test_what_else_is_lost_with_a_missing_table_is_shown():
    text = explained("otif_rate")
    assert "Without the table deliveries there is no delivered_tonnage, " in text
    assert " more either." in text
    without_cost = explained("gross_margin", orders="a c1 07-01 60")
    assert "Without the column orders.cost there is no margin_roi" in without_cost


def test_the_terms_of_a_formula_are_shown_with_their_figures():
    text = explained("roi")
    assert "= 80   " in text
    assert "      100   sum of amount over rows of orders" in text
    assert "      20   sum of amount over rows of costs" in text


def test_a_term_that_is_alone_is_not_shown_twice():
    assert explained("orders").count("number of rows of orders") == 1


def test_what_is_missing_is_shown_with_who_can_mend_it():
    assert "That is for whoever owns the data." in explained("otif_rate")
    nothing = "- c9 07-01 5"
    assert "That is for Ann, who answers for a." in explained("average_order_value", orders=nothing)
    assert "That is for" not in explained("churn_risk")


def test_a_partner_that_was_misspelt_gets_the_nearest():
    of, _ = computed(
        "orders",
        partners="alder 2020-01-01 | birch 2020-01-01",
        orders="alder c 07-01 1",
        customers="c alder 07-01",
        costs="alder partner mdf 07-01 1",
        targets="all * revenue * 1",
    )
    with pytest.raises(CallError, match="Did you mean alder"):
        explain("orders", of, "aldr")
    with pytest.raises(CallError, match="Ids are those"):
        explain("orders", of, "zzz")
    with pytest.raises(CallError, match="It stands for"):
        explain("active_partners", computed("active_partners")[0], "a")


def test_what_has_no_value_for_want_of_a_divisor_still_shows_the_rows_that_it_would_stand_on():
    costs = "a partner mdf 07-01 20 | - direct mdf 07-01 30"
    rows = rows_of("cac_reduction", costs=costs, customers="c9 - 07-01")
    own = rows.filter(table="costs", partner_id="a")
    assert own["amount"].to_list() == [20]
    assert own["to_numerator"].to_list() == [None], "nobody was acquired to divide them by"
