"""Invoices: what is open, what is overdue, how fast it is paid."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from .comparing import below
from .slots import TINY, MissingValue, Outcome, Scope, Slot, ratio, total
from .tables import Row


def _open(slot: Slot, scope: Scope) -> list[tuple[Row, Fraction]]:
    """Return the invoices not paid by as_of, each with what is still open of it."""
    rows = slot.rows("invoices", scope)
    payments = slot.existing("payments") if "payments" in slot.run.data.rows else []
    found = []
    for row in rows:
        if row["paid_on"] is None:
            paid = sum(p["amount"] for p in payments if p["invoice_id"] == row["invoice_id"])
            found.append((row, row["amount"] - paid))
    return found


def receivables(slot: Slot, scope: Scope) -> Outcome:
    rows = _open(slot, scope)
    return total(sum(amount for _, amount in rows), len(rows))


def _issued(slot: Slot, scope: Scope) -> list[Row]:
    return [row for row in slot.rows("invoices", scope) if slot.covers(row["issued_on"])]


def dso_days(slot: Slot, scope: Scope) -> Outcome:
    rows = _issued(slot, scope)
    issued = Fraction(sum(row["amount"] for row in rows))
    owed = receivables(slot, scope).value
    if owed <= -TINY:  # we owe the partner: nothing is outstanding, whatever was issued
        return Outcome(Fraction(0), issued, len(rows))
    return ratio(owed * slot.days, issued, len(rows))


def dso_countback_days(slot: Slot, scope: Scope) -> Outcome:
    left = receivables(slot, scope).value
    days = Fraction(0)
    last = slot.as_of
    for _ in range(24):
        if left < TINY:
            return total(days, None)
        first = date(last.year, last.month, 1)
        length = (last - first).days + 1
        issued = sum(
            row["amount"]
            for row in slot.rows("invoices", scope)
            if first <= row["issued_on"] <= last
        )
        if issued >= left:
            return total(days + length * left / issued, None)
        left -= issued
        days += length
        last = first - timedelta(days=1)
    raise MissingValue("24 months of invoices do not use the receivables up")


def _owed(slot: Slot, scope: Scope) -> list[tuple[int, Fraction]]:
    """Return what is open above 0, without credit notes and what was paid too much.

    Each amount comes with the days that have passed since due_on.
    """
    return [
        ((slot.as_of - row["due_on"]).days, amount)
        for row, amount in _open(slot, scope)
        if amount >= TINY
    ]


def _overdue(slot: Slot, scope: Scope, least: int, most: int | None) -> Outcome:
    found = [
        amount
        for days, amount in _owed(slot, scope)
        if days >= least and (most is None or days <= most)
    ]
    return total(sum(found), len(found))


def overdue_balance(slot: Slot, scope: Scope) -> Outcome:
    return _overdue(slot, scope, 1, None)


def overdue_rate(slot: Slot, scope: Scope) -> Outcome:
    owed = [amount for _, amount in _owed(slot, scope)]
    return ratio(overdue_balance(slot, scope).value, sum(owed), len(owed))


def overdue_1_30(slot: Slot, scope: Scope) -> Outcome:
    return _overdue(slot, scope, 1, 30)


def overdue_31_60(slot: Slot, scope: Scope) -> Outcome:
    return _overdue(slot, scope, 31, 60)


def overdue_61_90(slot: Slot, scope: Scope) -> Outcome:
    return _overdue(slot, scope, 61, 90)


def overdue_over_90(slot: Slot, scope: Scope) -> Outcome:
    return _overdue(slot, scope, 91, None)


def days_beyond_terms(slot: Slot, scope: Scope) -> Outcome:
    rows = [
        row
        for row in slot.rows("invoices", scope)
        if slot.covers(row["paid_on"]) and row["amount"] > 0
    ]
    weighted = sum(row["amount"] * (row["paid_on"] - row["due_on"]).days for row in rows)
    return ratio(weighted, sum(row["amount"] for row in rows), len(rows))


def on_time_payment_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in slot.rows("invoices", scope) if slot.covers(row["due_on"])]
    paid = sum(row["paid_on"] is not None and row["paid_on"] <= row["due_on"] for row in rows)
    return ratio(paid, len(rows), len(rows), counts=True)


def _limits(slot: Slot, scope: Scope) -> dict[object, Fraction]:
    """Return each partner's limit at as_of."""
    latest: dict[object, Row] = {}
    for row in slot.rows("credit_limits", scope):
        best = latest.get(row["partner_id"])
        if best is None or row["valid_from"] > best["valid_from"]:
            latest[row["partner_id"]] = row
    return {partner_id: row["credit_limit"] for partner_id, row in latest.items()}


def _owed_by(slot: Slot, partner_id: object) -> Fraction:
    return receivables(slot, Scope("partner", str(partner_id))).value


def credit_utilisation(slot: Slot, scope: Scope) -> Outcome:
    limits = _limits(slot, scope)
    owed = sum(_owed_by(slot, partner_id) for partner_id in limits)
    return ratio(owed, sum(limits.values()), len(limits))


def over_limit(slot: Slot, scope: Scope) -> Outcome:
    limits = _limits(slot, scope)
    count = sum(below(limit, _owed_by(slot, partner_id)) for partner_id, limit in limits.items())
    return total(count, count)


FORMULAS = {
    f.__name__: f
    for f in (
        receivables,
        dso_days,
        dso_countback_days,
        overdue_balance,
        overdue_rate,
        overdue_1_30,
        overdue_31_60,
        overdue_61_90,
        overdue_over_90,
        days_beyond_terms,
        on_time_payment_rate,
        credit_utilisation,
        over_limit,
    )
}
