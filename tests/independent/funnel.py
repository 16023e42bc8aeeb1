"""Leads, deals, and who gets the credit for a won deal."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from .slots import COMPANY, MissingValue, Outcome, Scope, Slot, day_of, ratio, total
from .tables import Row


def count_in_p(slot: Slot, rows: list[Row], column: str) -> Outcome:
    """Return how many of the rows have that date in P."""
    count = sum(slot.covers(row[column]) for row in rows)
    return total(count, count)


def mature(slot: Slot, rows: list[Row], start: str, done: str) -> Outcome:
    """Return, of the rows that have become old enough in P, those that did it in time."""
    grace = timedelta(days=slot.run.asked.maturity_days)
    judged = [row for row in rows if slot.covers(row[start] + grace)]
    in_time = [row for row in judged if row[done] is not None and row[done] <= row[start] + grace]
    return ratio(len(in_time), len(judged), len(judged), counts=True)


def days_between(rows: list[Row], start: str, end: str) -> Outcome:
    """Return the mean of the days from one date to the other."""
    return ratio(sum((row[end] - row[start]).days for row in rows), len(rows), len(rows))


# --- leads ----------------------------------------------------------------------------------------


def leads(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("leads", scope), "created_on")


def qualified_leads(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("leads", scope), "qualified_on")


def lead_qualification_rate(slot: Slot, scope: Scope) -> Outcome:
    return mature(slot, slot.rows("leads", scope), "created_on", "qualified_on")


def lead_conversion_rate(slot: Slot, scope: Scope) -> Outcome:
    return mature(slot, slot.rows("leads", scope), "created_on", "converted_on")


def lead_to_opportunity_days(slot: Slot, scope: Scope) -> Outcome:
    rows = slot.rows("leads", scope)
    rows = [row for row in rows if slot.covers(row["opportunity_on"])]
    return days_between(rows, "created_on", "opportunity_on")


# --- deals ----------------------------------------------------------------------------------------


def closed(slot: Slot, scope: Scope) -> list[Row]:
    """Return the deals closed in P, won or lost."""
    rows = slot.rows("deals", scope)
    return [row for row in rows if slot.covers(row["closed_on"]) and row["outcome"] != "open"]


def won(slot: Slot, scope: Scope) -> list[Row]:
    """Return the deals won in P."""
    return [row for row in closed(slot, scope) if row["outcome"] == "won"]


def _with_amount(rows: list[Row]) -> list[Row]:
    """Return the deals whose amount is known: the others are in no sum of amounts."""
    return [row for row in rows if row["amount"] is not None]


def _amount(rows: list[Row]) -> Outcome:
    known = _with_amount(rows)
    return total(sum(row["amount"] for row in known), len(known))


def average_deal_size(slot: Slot, scope: Scope) -> Outcome:
    amount = _amount(won(slot, scope))
    return ratio(amount.value, amount.n, amount.n)


def deal_registrations(slot: Slot, scope: Scope) -> Outcome:
    return count_in_p(slot, slot.rows("deals", scope), "registered_on")


def pipeline_value(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in slot.rows("deals", scope) if row["outcome"] == "open"]
    if rows and not _with_amount(rows):
        raise MissingValue("no open deal has an amount")
    return _amount(rows)


def deals_won(slot: Slot, scope: Scope) -> Outcome:
    rows = won(slot, scope)
    return total(len(rows), len(rows))


def sourced_revenue(slot: Slot, scope: Scope) -> Outcome:
    return _amount(won(slot, scope))


def win_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = closed(slot, scope)
    return ratio(len(won(slot, scope)), len(rows), len(rows), counts=True)


def cohort_win_rate(slot: Slot, scope: Scope) -> Outcome:
    year_ago = slot.year_ago()
    rows = slot.rows("deals", scope)
    cohort = [row for row in rows if year_ago.covers(row["opened_on"])]
    wins = sum(row["outcome"] == "won" for row in cohort)
    return ratio(wins, len(cohort), len(cohort), counts=True)


def sales_cycle_days(slot: Slot, scope: Scope) -> Outcome:
    return days_between(won(slot, scope), "opened_on", "closed_on")


def sales_cycle_median_days(slot: Slot, scope: Scope) -> Outcome:
    days = sorted((row["closed_on"] - row["opened_on"]).days for row in won(slot, scope))
    if not days:
        raise MissingValue("there is no won deal to take a median of")
    middle = [days[(len(days) - 1) // 2], days[len(days) // 2]]
    return total(Fraction(sum(middle), 2), len(days))


# --- a partner involved ---------------------------------------------------------------------------


def touchpoints_of(slot: Slot, deal: Row) -> list[Row]:
    """Return the deal's touchpoints up to the end of closed_on, in their order."""
    path = [
        row
        for row in slot.existing("touchpoints")
        if row["deal_id"] == deal["deal_id"] and day_of(row["occurred_at"]) <= deal["closed_on"]
    ]
    return sorted(path, key=lambda row: (row["occurred_at"], row["touchpoint_id"]))


def involved(slot: Slot, deal: Row) -> bool:
    """Whether any partner sourced or touched the deal."""
    touched = any(row["partner_id"] is not None for row in touchpoints_of(slot, deal))
    return deal["partner_id"] is not None or touched


def _closed_by_involvement(slot: Slot, scope: Scope) -> list[Row]:
    rows = closed(slot, COMPANY)
    if scope.kind == "company":
        return rows
    _require_partners(slot, scope)
    return [row for row in rows if involved(slot, row) == (scope.kind == "portfolio")]


def _require_partners(slot: Slot, scope: Scope) -> None:
    """Raise where a column partner_id that the scope stands on is absent."""
    slot.rows("deals", scope)
    slot.rows("touchpoints", scope)


def involved_win_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = _closed_by_involvement(slot, scope)
    wins = sum(row["outcome"] == "won" for row in rows)
    return ratio(wins, len(rows), len(rows), counts=True)


def involved_cycle_days(slot: Slot, scope: Scope) -> Outcome:
    rows = [row for row in _closed_by_involvement(slot, scope) if row["outcome"] == "won"]
    return days_between(rows, "opened_on", "closed_on")


def attach_rate(slot: Slot, scope: Scope) -> Outcome:
    rows = won(slot, scope)
    count = sum(involved(slot, row) for row in rows)
    return ratio(count, len(rows), len(rows), counts=True)


def influenced_revenue(slot: Slot, scope: Scope) -> Outcome:
    _require_partners(slot, scope)
    rows = [
        deal
        for deal in won(slot, COMPANY)
        if slot.belongs(deal["partner_id"], scope)
        or any(slot.belongs(row["partner_id"], scope) for row in touchpoints_of(slot, deal))
    ]
    return _amount(rows)


# --- attribution ----------------------------------------------------------------------------------


def shares(model: str, deal: Row, path: list[Row], half_life_days: float) -> list[Fraction]:
    """Return the part of the credit that each touchpoint of the path gets."""
    count = len(path)
    if model == "first_touch":
        weights = [Fraction(n == 0) for n in range(count)]
    elif model == "last_touch":
        weights = [Fraction(n == count - 1) for n in range(count)]
    elif model == "linear":
        weights = [Fraction(1)] * count
    elif model == "time_decay":
        ages = [(deal["closed_on"] - day_of(row["occurred_at"])).days for row in path]
        # Scaled to add up to 1, so that only the differences of the ages matter.
        weights = [Fraction(2 ** ((min(ages) - age) / half_life_days)) for age in ages]
    elif count <= 2:
        weights = [Fraction(1)] * count
    else:
        between = Fraction(2, 10) / (count - 2)
        weights = [Fraction(4, 10), *[between] * (count - 2), Fraction(4, 10)]
    return [weight / sum(weights) for weight in weights]


def attributed(model: str, slot: Slot, scope: Scope) -> Outcome:
    """Return the amounts of won deals that the model credits to the scope."""
    if scope.kind != "company":
        _require_partners(slot, scope)
    credit = Fraction(0)
    for deal in _with_amount(won(slot, COMPANY)):
        path = touchpoints_of(slot, deal)
        if not path:
            credit += deal["amount"] * slot.belongs(deal["partner_id"], scope)
        parts = shares(model, deal, path, slot.run.asked.half_life_days) if path else []
        for row, part in zip(path, parts, strict=True):
            credit += deal["amount"] * part * slot.belongs(row["partner_id"], scope)
    return total(credit, None)


def first_touch_revenue(slot: Slot, scope: Scope) -> Outcome:
    return attributed("first_touch", slot, scope)


def last_touch_revenue(slot: Slot, scope: Scope) -> Outcome:
    return attributed("last_touch", slot, scope)


def linear_revenue(slot: Slot, scope: Scope) -> Outcome:
    return attributed("linear", slot, scope)


def time_decay_revenue(slot: Slot, scope: Scope) -> Outcome:
    return attributed("time_decay", slot, scope)


def position_based_revenue(slot: Slot, scope: Scope) -> Outcome:
    return attributed("position_based", slot, scope)


FORMULAS = {
    f.__name__: f
    for f in (
        leads,
        qualified_leads,
        lead_qualification_rate,
        lead_conversion_rate,
        lead_to_opportunity_days,
        average_deal_size,
        deal_registrations,
        pipeline_value,
        deals_won,
        sourced_revenue,
        win_rate,
        cohort_win_rate,
        sales_cycle_days,
        sales_cycle_median_days,
        involved_win_rate,
        involved_cycle_days,
        attach_rate,
        influenced_revenue,
        first_touch_revenue,
        last_touch_revenue,
        linear_revenue,
        time_decay_revenue,
        position_based_revenue,
    )
}
