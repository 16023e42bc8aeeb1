from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from kpi_lib.data import masks
from kpi_lib.data.faults import Fault, format_faults, worst_first
from tests.data.folders import faults_in, said_of, write_tables

CUSTOMERS = "customer_id partner_id acquired_on\nC1 P1 2024-01-01"
DEALS = "deal_id partner_id opened_on outcome amount"
TARGETS = "scope entity kpi period target minimum"


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param(
            {"orders": "order_id ordered_on amount status\n1 2024-01-01 5 returned\n"
             "2 2024-01-01 0 returned\n3 2024-01-01 -1 completed"},
            [
                "f orders row 1 column amount: above 0 on a return: 5",
                "w orders row 3 column amount: below 0 on a completed order; a return has the "
                "status returned: -1",
            ],
            id="a return adds no revenue, and an order takes none away",
        ),
        pytest.param(
            {"orders": "order_id ordered_on amount status cost quantity\n"
             "1 2024-01-01 -5 returned 1 2\n2 2024-01-01 -5 returned -1 0"},
            [
                "f orders row 1 column cost: above 0 on a return: 1",
                "f orders row 1 column quantity: above 0 on a return: 2",
            ],
            id="nor cost nor quantity",
        ),
        pytest.param(
            {"deals": f"{DEALS} closed_on\nD1 P1 2024-01-01 open 5 2024-02-01\n"
             "D2 P1 2024-01-01 won 5 -\nD3 P1 2024-01-01 lost 5 2024-02-01\n"
             "D4 P1 2024-01-01 open 5 -"},
            [
                "f deals row 2 column closed_on: no day for a deal that is won or lost",
            ],
            id="a deal that is won or lost was closed on a day, and an open one may be meant to be",
        ),
        pytest.param(
            {"deals": f"{DEALS} closed_on\nD1 P1 2024-01-01 open - -\n"
             "D2 P1 2024-01-01 won - 2024-02-01"},
            [],
            id="what a deal is worth need not be known",
        ),
        pytest.param(
            {"fx_rates": "currency valid_from rate\nUSD 2024-01-01 0.9\nUSD 2024-01-02 0\n"
             "GBP 2024-01-02 -1.2"},
            [
                "f fx_rates row 2 column rate: a rate of 0 or below: 0",
                "f fx_rates row 3 column rate: a rate of 0 or below: -1.2",
            ],
            id="a rate is above 0",
        ),
        pytest.param(
            {"orders": "order_id ordered_on amount\n1 1899-12-31 5\n2 1900-01-01 5\n"
             "3 2199-12-31 5\n4 2200-01-01 5\n5 9999-12-31 5\n6 0026-02-01 5",
             "touchpoints": "touchpoint_id deal_id occurred_at\n1 D1 9999-12-31T00:00:00",
             "training": "enrolment_id partner_id person_id course enrolled_on certificate_until\n"
             "1 P1 A x 2024-01-01 9999-12-31"},
            [
                "f orders row 1 column ordered_on: not within 1900 to 2199: 1899-12-31",
                "f orders row 4 column ordered_on: not within 1900 to 2199: 2200-01-01",
                "f orders row 5 column ordered_on: not within 1900 to 2199: 9999-12-31",
                "f orders row 6 column ordered_on: not within 1900 to 2199: 0026-02-01",
                "f touchpoints row 1 column occurred_at: not within 1900 to 2199: "
                "9999-12-31T00:00:00",
                "f training row 1 column certificate_until: not within 1900 to 2199: 9999-12-31",
                "w orders row 3 column ordered_on: after today: 2199-12-31",
            ],
            id="a day lies between 1900 and 2199, and no row begins after today",
        ),
        pytest.param(
            {"orders": "order_id ordered_on amount", "customers": CUSTOMERS},
            ["f orders: has no row; export it again, or leave the table out"],
            id="a table has a row",
        ),
        pytest.param(
            {"deals": f"{DEALS}\nD1 P1 2024-01-01 won 5"},
            [],
            id="without the column closed_on nothing is said of it",
        ),
        pytest.param(
            {"surveys": "response_id partner_id respondent instrument score responded_on\n"
             "1 P1 partner nps 10 2024-01-01\n2 P1 partner nps 11 2024-01-01\n"
             "3 P1 partner csat 0 2024-01-01\n4 P1 partner csat 4.5 2024-01-01\n"
             "5 - market brand_awareness 1 2024-01-01\n6 - market brand_awareness 2 2024-01-01"},
            [
                "f surveys row 6 column score: not 0 or 1 of brand_awareness: 2",
                "f surveys row 2 column score: not within 0 to 10 of nps: 11",
                "f surveys row 3 column score: not within 1 to 5 of csat: 0",
            ],
            id="each instrument has its scores",
        ),
        pytest.param(
            {"training": "enrolment_id partner_id person_id course enrolled_on score\n"
             "1 P1 A x 2024-01-01 100\n2 P1 A x 2024-01-01 101\n3 P1 A x 2024-01-01 -"},
            ["f training row 2 column score: not within 0 to 100: 101"],
            id="an assessment has at most 100 points",
        ),
        pytest.param(
            {"costs": "cost_id partner_id channel category incurred_on amount\n"
             "1 P1 direct mdf 2024-01-01 5\n2 - direct mdf 2024-01-01 5\n"
             "3 - partner mdf 2024-01-01 5"},
            ["f costs row 1 column partner_id: a partner on a cost of channel direct: P1"],
            id="a direct cost has no partner",
        ),
        pytest.param(
            {"markets": "market_id name kind\nM1 Iberia geography",
             "market_sizes": "market_id starts_on ends_on size\n"
             "M1 2024-01-01 2024-03-31 5\nM1 2024-03-01 2024-03-31 5\nM1 2024-04-02 2024-04-30 5\n"
             "M1 2024-05-01 2024-06-30 5\nM1 2025-01-01 2025-12-31 5\nM2 2024-01-01 2024-01-31 5\n"
             "M1 2025-02-01 2025-02-28 5"},
            [
                "f market_sizes row 6 column market_id: no such market: M2",
                "f market_sizes row 4 column ends_on: 2024-06-30 is not the last day of a month, "
                "quarter or year from 2024-05-01",
                "f market_sizes row 3 column starts_on: 2024-04-02 is not the first day of a "
                "month, quarter or year",
                "f market_sizes row 2 column starts_on: overlaps the span of M1 that ends on "
                "2024-03-31",
                "f market_sizes row 7 column starts_on: overlaps the span of M1 that ends on "
                "2025-12-31",
            ],
            id="a market is measured by month, quarter or year, once",
        ),
        pytest.param(
            {"orders": "order_id ordered_on amount currency\n1 2024-01-01 5 USD\n"
             "2 2024-01-02 5 USD\n3 2024-01-02 5 EUR\n4 2024-01-02 5 -\n5 2024-01-02 5 CHF",
             "fx_rates": "currency valid_from rate\nUSD 2024-01-02 0.9"},
            [
                "f orders row 5 column currency: no rate for CHF on 2024-01-02 in fx_rates",
                "f orders row 1 column currency: no rate for USD on 2024-01-01 in fx_rates",
            ],
            id="every foreign amount has a rate on its day",
        ),
        pytest.param(
            {"orders": "order_id customer_id market_id ordered_on amount\n1 C9 M9 2024-01-01 5",
             "customers": CUSTOMERS},
            ["f orders row 1 column customer_id: no such customer: C9"],
            id="an id into a missing table is no fault",
        ),
        pytest.param(
            {"programs": "partner_id program offered_on\nP1 mdf 2024-01-01\nP1 mdf 2024-01-01\n"
             "P1 mdf 2024-01-02\nP2 mdf 2024-01-01"},
            [
                "f programs row 1 column partner_id, program, offered_on: key P1, mdf, 2024-01-01 "
                "stands 2 times",
                "f programs row 2 column partner_id, program, offered_on: key P1, mdf, 2024-01-01 "
                "stands 2 times",
            ],
            id="a key of several columns is unique as a whole",
        ),
        pytest.param(
            {"orders": "order_id ordered_on amount\n1 2024-01-01 5",
             "deliveries": "delivery_id order_id promised_on delivered_on quantity_ordered\n"
             "1 1 2024-01-02 2023-12-31 5\n2 9 2024-01-02 - 5\n3 1 2024-01-01 2024-01-01 5"},
            [
                "f deliveries row 2 column order_id: no such order: 9",
                "w deliveries row 1 column delivered_on: before the order: 2023-12-31",
            ],
            id="delivered before ordered is odd",
        ),
        pytest.param(
            {"invoices": "invoice_id issued_on due_on paid_on amount\n"
             "1 2024-01-10 2024-01-09 2024-01-08 5\n2 2024-01-10 2024-01-10 - 5"},
            [
                "w invoices row 1 column due_on: before issued_on: 2024-01-09",
                "w invoices row 1 column paid_on: before issued_on: 2024-01-08",
            ],
            id="paid before issued is odd",
        ),
        pytest.param(
            {"touchpoints": "touchpoint_id deal_id partner_id occurred_at\n"
             "1 D1 P1 2024-01-01T10:00:00\n2 D1 P1 2024-01-01T10:00:00Z"},
            [
                "f touchpoints row 2 column occurred_at: 2024-01-01T10:00:00Z has a time zone; "
                "times are local, without one",
            ],
            id="a moment has no zone",
        ),
    ],
)  # fmt: skip
def test_what_the_contract_forbids_is_named_with_its_row(tmp_path, tables, expected):
    assert said_of(write_tables(tmp_path / "data", **tables)) == expected


def test_a_row_after_its_partner_left_is_odd(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        orders="order_id partner_id ordered_on amount\n1 P1 2024-06-30 5\n2 P1 2024-07-01 5",
        touchpoints="touchpoint_id deal_id partner_id occurred_at\n1 D1 P1 2024-06-30~23:59:59",
    )
    (folder / "partners.csv").write_text(
        "partner_id,name,partner_type,joined_on,left_on\n"
        "P1,Alder,reseller,2024-01-01,2024-06-30\nP2,Birch,service,2024-01-02,2024-01-01\n"
    )
    assert said_of(folder) == [
        "w partners row 2 column left_on: before joined_on: 2024-01-01",
        "w orders row 2 column ordered_on: after the partner left: 2024-07-01",
    ]


def test_a_company_may_have_another_currency_and_another_year_end(tmp_path):
    orders = "order_id ordered_on amount currency\n1 2024-01-01 5 USD"
    folder = write_tables(
        tmp_path / "data",
        orders=orders,
        targets=f"{TARGETS}\nall * revenue 2026-Q4 5 -",
    )
    assert said_of(folder, reporting_currency="USD", year_end="MAR") == []


def test_all_of_a_thousand_faults_are_listed_and_twenty_of_a_kind_are_shown(tmp_path):
    rows = "\n".join(f"{n} 2024-01-01 {n}x" for n in range(1, 1001))
    folder = write_tables(tmp_path / "data", orders=f"order_id ordered_on amount\n{rows}")
    faults = faults_in(folder)
    assert [fault.row for fault in faults] == list(range(1, 1001))
    assert faults[4].as_dict() == {
        "table": "orders",
        "row": 5,
        "column": "amount",
        "fault": "5x is not a number",
        "value": "5x",
        "severity": "fault",
    }
    lines = format_faults(faults).splitlines()
    assert lines[:2] == [
        "orders row 1 column amount: 1x is not a number",
        "orders row 2 column amount: 2x is not a number",
    ]
    assert lines[20:] == [
        "... and 980 more of orders.amount: not a number",
        "",
        "1,000 faults",
        "      1,000  orders.amount: not a number",
    ]


def test_faults_come_before_warnings_and_whole_columns_before_rows(tmp_path):
    odd = Fault("orders", 1, "a", "odd", severity="warning", kind="odd")
    row = Fault("orders", 1, "a", "x", kind="x")
    ragged = Fault("partners", 3, "", "ragged", kind="ragged")
    other = Fault("params/targets.csv", 1, "a", "y", kind="y")
    assert worst_first([odd, other, row, ragged]) == [ragged, row, other, odd]
    assert str(ragged) == "partners row 3: ragged"
    text = format_faults([odd, ragged])
    assert "warning: orders row 1 column a: odd" in text
    assert "1 fault, 1 warning" in text
    assert "orders.a: odd (warning)" in text
    assert format_faults([]) == "No faults."


def test_native_types_are_held_against_the_same_contract(tmp_path):
    folder = write_tables(tmp_path / "data")
    pl.DataFrame(
        {
            "order_id": [1, 2, 3],
            "partner_id": ["P1", "", None],
            "ordered_on": [date(2024, 1, 1)] * 3,
            "amount": [1.1, float("nan"), 3.0],
            "status": ["returned", "completed", "Done"],
        }
    ).write_parquet(folder / "orders.parquet")
    assert said_of(folder) == [
        "f orders row 2 column amount: NaN is not a number",
        "f orders row 2 column partner_id: is an empty text, which is neither an id nor null",
        "f orders row 3 column status: Done is not one of completed, cancelled, returned",
        "f orders row 1 column amount: above 0 on a return: 1.1",
    ]


def test_ids_into_a_very_large_table_are_held_against_it_too(tmp_path, monkeypatch):
    monkeypatch.setattr(masks, "LARGE", 1)
    folder = write_tables(
        tmp_path / "data",
        orders="order_id ordered_on amount\n1 2024-01-01 5\n2 2024-01-01 5",
        deliveries="delivery_id order_id promised_on delivered_on quantity_ordered\n"
        "1 1 2024-01-02 2023-12-31 5\n2 9 2024-01-02 - 5\n3 2 2024-01-01 2024-01-01 5",
    )
    assert said_of(folder) == [
        "f deliveries row 2 column order_id: no such order: 9",
        "w deliveries row 1 column delivered_on: before the order: 2023-12-31",
    ]


def test_a_table_without_its_key_column_is_reported_once(tmp_path):
    folder = write_tables(tmp_path / "data", customers="customer partner_id\nC1 P1")
    assert said_of(folder) == [
        "f customers column customer_id: the column is missing; is it 'customer'?",
        "w customers column acquired_on: the column is missing",
    ]


def test_a_column_without_which_the_rest_has_values_is_missing_as_a_warning(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        deals="deal_id partner_id opened_on closed_on outcome\nD1 P1 2024-01-01 2024-02-01 won",
        invoices="invoice_id partner_id issued_on amount\n1 P1 2024-01-01 5",
        surveys="response_id partner_id\n1 P1",
    )
    assert said_of(folder) == [
        "w invoices column due_on: the column is missing",
        "w surveys column instrument: the column is missing",
        "w surveys column responded_on: the column is missing",
        "w surveys column respondent: the column is missing",
        "w surveys column score: the column is missing",
    ]


def test_ids_that_are_no_folders_of_their_own_everywhere_are_warned_of(tmp_path):
    folder = write_tables(
        tmp_path / "data",
        partners="partner_id name partner_type joined_on\n"
        "P1 Alder reseller 2024-01-01\np1 Birch reseller 2024-01-01\nNUL Cedar reseller 2024-01-01",
    )
    assert said_of(folder) == [
        "w partners row 2 column partner_id: p1 differs only in case or blanks from P1, and is "
        "read as another",
        "w partners row 3 column partner_id: NUL is no folder's name on Windows",
    ]


def test_without_a_column_of_the_partners_or_of_the_rates_nothing_can_be_computed(tmp_path):
    folder = write_tables(tmp_path / "data", fx_rates="currency valid_from\nUSD 2024-01-01")
    assert said_of(folder) == ["f fx_rates column rate: the column is missing"]


OTHERWISE = "the column is missing; if {!r} is it, name it so: it is not read"


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"orders": "order_id ordered_on amount Status\n1 2024-01-01 5 cancelled"},
         ["w orders column status: " + OTHERWISE.format("Status")]),
        ({"orders": "order_id ordered_on amount order_status\n1 2024-01-01 5 cancelled"},
         ["w orders column status: " + OTHERWISE.format("order_status")]),
        ({"orders": "order_id ordered_on amount Currency\n1 2024-01-01 5 USD"},
         ["w orders column currency: " + OTHERWISE.format("Currency")]),
        ({"orders": "order_id ordered_on amount Customer~ID cost_centre\n1 2024-01-01 5 C1 7"},
         ["w orders column customer_id: " + OTHERWISE.format("Customer ID")]),
        ({"orders": "order_id ordered_on amount customer_name\n1 2024-01-01 5 Ann"}, []),
        ({"observations": "observation_id partner_id measure observed_on numerator Denominator\n"
          "1 P1 units 2024-01-01 5 10"},
         ["w observations column denominator: " + OTHERWISE.format("Denominator")]),
    ],
)  # fmt: skip
def test_an_optional_column_under_another_name_is_reported_as_the_figures_would_be_others(
    tmp_path, tables, expected
):
    assert said_of(write_tables(tmp_path / "data", **tables)) == expected


def test_a_partner_that_must_get_nothing_is_reported_where_its_column_is_not_read(tmp_path):
    folder = write_tables(tmp_path / "data")
    head = "partner_id,name,partner_type,joined_on,Sharing,rating"
    row = "P1,A,reseller,2020-01-01,none,5"
    (folder / "partners.csv").write_text(f"{head}\n{row}\n")
    assert said_of(folder) == ["w partners column sharing: " + OTHERWISE.format("Sharing")]


def test_an_empty_text_for_a_currency_is_reported_as_what_it_is(tmp_path):
    folder = write_tables(tmp_path / "data")
    rows = {"order_id": ["1", "2"], "ordered_on": [date(2024, 1, 1)] * 2, "amount": [5.0, 5.0]}
    pl.DataFrame({**rows, "currency": ["", None]}).write_parquet(folder / "orders.parquet")
    assert said_of(folder) == [
        "f orders row 1 column currency: is an empty text, which is neither a currency nor null"
    ]
