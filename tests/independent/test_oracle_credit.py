"""The oracle's open amounts and what is made of them against figures worked out by hand."""

from __future__ import annotations

import pytest

from .worked import cell, company, rows

PORTFOLIO = ("portfolio", "portfolio")


def test_what_is_open_is_what_was_open_on_that_day():
    invoices = rows(
        "invoice_id",
        {"issued_on": "2025-09-01", "due_on": "2025-09-29", "paid_on": None, "amount": 100.0},
        {
            "issued_on": "2025-08-01",
            "due_on": "2025-08-30",
            "paid_on": "2025-10-01",
            "amount": 50.0,
        },
        {
            "issued_on": "2025-07-01",
            "due_on": "2025-07-31",
            "paid_on": "2025-08-10",
            "amount": 20.0,
        },
        {"issued_on": "2025-06-01", "due_on": "2025-10-01", "paid_on": None, "amount": 60.0},
    )
    payment = {"payment_id": "1", "invoice_id": "0", "received_on": "2025-09-15", "amount": 40.0}
    tables = company(invoices=invoices, payments=[payment])
    assert cell(tables, "receivables") == 170  # 60 + 50 + 60
    assert cell(tables, "receivables", "n") == 3
    assert cell(tables, "overdue_1_30") == 60
    assert cell(tables, "overdue_31_60") == 50  # 31 days
    assert cell(tables, "overdue_rate") == pytest.approx(110 / 170)
    assert cell(tables, "dso_days") == 92  # 170 x 92 / 170 issued in P
    # 170 - 100 (September, 30 days) - 50 (31 days) leaves 20 of July's 20: 31 days.
    assert cell(tables, "dso_countback_days") == 92
    assert cell(tables, "days_beyond_terms") == 10
    assert cell(tables, "on_time_payment_rate") == 0
    del tables["payments"]
    assert cell(tables, "receivables") == 210
    limits = [{"partner_id": "A", "valid_from": "2025-01-01", "credit_limit": 210.0}]
    assert cell({**tables, "credit_limits": limits}, "credit_utilisation", scope=PORTFOLIO) == 1
    assert cell({**tables, "credit_limits": limits}, "over_limit") == 0


def credit_balances() -> dict:
    """Return A, who owes 100 and holds a credit note of 150, and B, who paid 700 on 500."""
    invoices = rows(
        "invoice_id",
        {"issued_on": "2026-07-01", "due_on": "2026-07-31", "amount": 100.0},
        {"issued_on": "2026-09-20", "due_on": "2026-10-20", "amount": -150.0},
        {"issued_on": "2026-03-01", "due_on": "2026-03-31", "amount": 500.0, "partner_id": "B"},
        paid_on=None,
    )
    payment = {"payment_id": "1", "invoice_id": "2", "received_on": "2026-08-01", "amount": 700.0}
    return company(invoices=invoices, payments=[payment])


def test_a_credit_balance_is_owed_to_the_partner_and_is_overdue_nowhere():
    tables, b, asked = credit_balances(), ("partner", "B"), {"period": "2026-Q3"}
    assert cell(tables, "receivables", **asked) == -50
    assert cell(tables, "receivables", "n", **asked) == 2
    assert cell(tables, "dso_days", **asked) == 0  # also of the -50 that were issued in P
    assert cell(tables, "dso_countback_days", **asked) == 0
    assert cell(tables, "overdue_balance", **asked) == 100
    assert cell(tables, "overdue_rate", **asked) == 1
    assert cell(tables, "overdue_rate", "n", **asked) == 1  # the credit note is not counted
    assert cell(tables, "receivables", scope=b, **asked) == -200
    assert cell(tables, "overdue_rate", scope=b, **asked) is None
    assert cell(tables, "overdue_over_90", scope=b, **asked) == 0
    assert cell(tables, "overdue_over_90", "n", scope=b, **asked) == 0


def test_where_nothing_is_owed_days_outstanding_ask_what_was_issued():
    tables, asked = credit_balances(), {"period": "2026-Q3"}
    invoices = tables["invoices"]
    invoices.append({**invoices[0], "invoice_id": "3", "amount": 60.0, "paid_on": "2026-08-01"})
    assert cell(tables, "dso_days", **asked) == 0  # -50 is owed, and 10 was issued
    invoices[1]["amount"] = -100.0
    assert cell(tables, "receivables", **asked) == 0
    assert cell(tables, "dso_days", **asked) == 0  # of 60
    invoices[3]["amount"] = 0.0
    assert cell(tables, "dso_days", **asked) is None  # of nothing
