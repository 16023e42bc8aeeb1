"""What is open of invoices: credit notes and payments too many are no debt that is overdue."""

from __future__ import annotations

import pytest

from kpi_lib.cli.explanation_text import in_words
from kpi_lib.evidence.explain import explain
from kpi_lib.measure.compute import compute_with_working
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of, row_of, value_of

# a owes 100, overdue, and holds a credit note of 150: we owe it 50.
WITH_CREDIT_NOTE = "a 07-01 07-31 - 100 | a 09-20 10-20 - -150"
OVERPAID = {"invoices": "a 03-01 03-31 - 500", "payments": "0 08-01 700"}  # by 200


def test_a_credit_note_is_in_receivables_and_overdue_nowhere():
    owed = row_of("receivables", invoices=WITH_CREDIT_NOTE)
    assert (owed["value"], owed["n"]) == (-50, 2)
    late = row_of("overdue_balance", invoices=WITH_CREDIT_NOTE)
    assert (late["value"], late["n"]) == (100, 1)
    rate = row_of("overdue_rate", invoices=WITH_CREDIT_NOTE)
    assert (rate["value"], rate["denominator"], rate["n"]) == (1, 100, 1)


def test_what_was_paid_too_much_is_overdue_nowhere():
    assert value_of("receivables", **OVERPAID) == -200
    assert value_of("overdue_over_90", **OVERPAID) == 0
    assert row_of("overdue_balance", **OVERPAID)["n"] == 0
    assert value_of("overdue_rate", **OVERPAID) is None, "nothing is open above 0"


def test_part_payments_are_taken_off_their_own_invoice_and_no_other():
    tables = {"invoices": "a 07-01 08-31 - 100 | a 07-01 09-29 - 100", "payments": "0 08-01 130"}
    assert value_of("receivables", **tables) == 70
    assert value_of("overdue_1_30", **tables) == 100, "30 too many for the first pay nothing else"
    assert value_of("overdue_balance", **tables) == 100


def test_a_payment_counts_from_the_day_it_came():
    tables = {"invoices": "a 04-01 06-30 - 100", "payments": "0 07-15 40 | 0 10-01 60"}
    row = row_of("receivables", **tables)
    assert (row["value"], row["previous"], row["n"]) == (60, 100, 1)


def test_payments_of_a_paid_invoice_are_of_no_account():
    tables = {"invoices": "a 04-01 06-30 09-01 100", "payments": "0 07-15 40"}
    row = row_of("receivables", **tables)
    assert (row["value"], row["previous"], row["n"]) == (0, 100, 0)


def test_receivables_below_0_are_0_days_whatever_was_invoiced():
    assert value_of("dso_days", invoices=WITH_CREDIT_NOTE) == 0, "-50 was invoiced in the quarter"
    assert value_of("dso_countback_days", invoices=WITH_CREDIT_NOTE) == 0
    settled = "a 07-01 07-31 - 100 | a 07-02 07-31 08-01 900 | a 05-01 10-20 - -150"
    row = row_of("dso_days", invoices=settled)
    assert (row["value"], row["numerator"], row["denominator"]) == (0, 0, 1000)


def test_without_an_invoice_above_0_there_is_no_dso():
    row = row_of("dso_days", invoices="a 06-01 06-30 - 100 | a 07-01 07-31 - -20")
    assert (row["value"], row["numerator"], row["denominator"]) == (None, None, None)
    assert row["missing"] == "nothing to measure it by in this period"


@pytest.mark.parametrize(
    ("kpi", "rows"),
    [
        pytest.param("gross_margin", {"orders": "a c 07-01 5 completed cost=3 | "
                     "a c 07-02 -9 returned cost=-4"}, id="returns outweigh sales"),
        pytest.param("roi", {"orders": "a c 07-01 5", "costs": "a partner mdf 07-01 -10"},
                     id="a cost that came back"),
        pytest.param("cac_reduction", {
            "costs": "a partner mdf 07-01 10 | - direct marketing 07-01 -10",
            "customers": "c1 a 07-01 | c2 - 07-01"}, id="a base below 0"),
    ],
)  # fmt: skip
def test_nothing_is_divided_by_what_is_not_above_0(kpi, rows):
    assert value_of(kpi, **rows) is None


def test_why_receivables_below_0_are_0_days_is_explained_without_dividing():
    dataset = dataset_of(**OVERPAID)
    results, working = compute_with_working(dataset, Settings(), Period.parse("2026-Q3"))
    explained = explain("dso_days", results, "a", working)
    assert (explained.settled, explained.equation) == (("open_amount of invoices", -200.0), ())
    assert "It is 0 since this lies below 0: -200 open_amount of invoices." in in_words(
        explained, "EUR"
    )
