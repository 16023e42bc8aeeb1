"""What few companies have and the contract allows: rows and tables at the edges of the words."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from .aims import within
from .contract import OPTIONAL
from .maker import Maker, Rows

DUST = 5e-10  # below 1e-9 in size, so that it counts as 0
HAIR = 1e-10  # so near that two values stay equal


def make_awkward(maker: Maker, seed: int) -> None:
    """Change the tables in some of these ways; the dice are its own, the data before stay."""
    rng = random.Random(f"awkward {seed}")
    for change in CHANGES:
        if rng.random() < 0.3:
            change(maker, rng)


def _some(maker: Maker, rng: random.Random, table: str, share: int) -> Rows:
    """Return some rows of a table, which the caller may change."""
    rows = maker.tables.get(table, [])
    return rng.sample(rows, len(rows) // share)


def _dust(maker: Maker, rng: random.Random) -> None:
    """Amounts that count as 0, and amounts that differ by a hair."""
    for table, column in (("invoices", "amount"), ("resources", "allocated"), ("orders", "amount")):
        for row in _some(maker, rng, table, 12):
            if row.get("status") != "returned":
                row[column] = rng.choice([DUST, -DUST, row[column] + HAIR])


def _hairs(maker: Maker, rng: random.Random) -> None:
    """Targets, minimums and limits a hair beside round figures."""
    for row in _some(maker, rng, "targets", 6):
        if row.get("minimum") is None:
            row["target"] = within(str(row["kpi"]), row["target"] + rng.choice([HAIR, -HAIR]))
    for row in _some(maker, rng, "credit_limits", 3):
        row["credit_limit"] += rng.choice([HAIR, -HAIR])


def _large(maker: Maker, rng: random.Random) -> None:
    """Millions beside cents."""
    for table in ("orders", "invoices", "deals", "costs", "observations"):
        column = "numerator" if table == "observations" else "amount"
        for row in _some(maker, rng, table, 20):
            if row.get(column) is not None:
                row[column] = round(row[column] * 76_543, 2)


def _below_zero(maker: Maker, rng: random.Random) -> None:
    """Credits where one expects amounts."""
    for table in ("orders", "deals", "costs", "savings", "invoices"):
        for row in _some(maker, rng, table, rng.choice([2, 9])):
            if row.get("amount") is not None:
                row["amount"] = -abs(row["amount"])
    for row in _some(maker, rng, "observations", 4):
        row["numerator"] = -row["numerator"]
        if row.get("denominator"):
            row["denominator"] = -row["denominator"]


def _between_scores(maker: Maker, rng: random.Random) -> None:
    """Scores between the whole ones, at the borders of promoters and detractors."""
    borders = {"nps": (6.0, 6.5, 8.9999, 9.0, 0.0, 10.0), "csat": (3.9999, 4.0, 1.0, 5.0)}
    for row in _some(maker, rng, "surveys", 2):
        if row["instrument"] in borders:
            row["score"] = rng.choice(borders[row["instrument"]])


def _paid_in_parts(maker: Maker, rng: random.Random) -> None:
    """Part payments that leave nothing open, too much, or come before the invoice."""
    amounts = {row["invoice_id"]: row for row in maker.tables.get("invoices", [])}
    for row in _some(maker, rng, "payments", 2):
        invoice = amounts.get(row["invoice_id"])
        if invoice is not None:
            row["amount"] = round(abs(invoice["amount"]) * rng.choice([1, 1, 1.5]), 2)
            row["received_on"] = invoice["issued_on"] + timedelta(days=rng.randrange(-5, 40))


def _leap_days(maker: Maker, rng: random.Random) -> None:
    """Rows on and around 29 February, of every table that has a day of its own."""
    leap = date(2024 if maker.first >= date(2022, 1, 1) else 2020, 2, 29)
    if not maker.first < leap < maker.last:
        return
    for table, column in (("orders", "ordered_on"), ("engagements", "occurred_on")):
        for row in _some(maker, rng, table, 4):
            row[column] = leap + timedelta(days=rng.randrange(-1, 2))


def _last_moments(maker: Maker, rng: random.Random) -> None:
    """Touchpoints of one moment, and those of the last moment of a day."""
    last = time(23, 59, 59, 999_999)
    closed = {row["deal_id"]: row.get("closed_on") for row in maker.tables.get("deals", [])}
    for row in _some(maker, rng, "touchpoints", 2):
        day = closed.get(row["deal_id"]) or row["occurred_at"].date()
        row["occurred_at"] = datetime.combine(day, rng.choice([last, time(0, 0), time(9, 15)]))


def _long_ago(maker: Maker, rng: random.Random) -> None:
    """Touchpoints of years before the deal was closed."""
    for row in _some(maker, rng, "touchpoints", 3):
        row["occurred_at"] -= timedelta(days=rng.choice([900, 4000]))


def _nothing_but_nulls(maker: Maker, rng: random.Random) -> None:
    """A column that is there and says nothing."""
    for name, rows in maker.tables.items():
        columns = sorted({column for row in rows for column in row})
        optional = [c for c in columns if (name, c) in OPTIONAL and c != "closed_on"]
        if optional and rng.random() < 0.3:
            column = rng.choice(optional)
            for row in rows:
                row[column] = None


def _floor_at_target(maker: Maker, rng: random.Random) -> None:
    """Minimums that are the target itself, and targets of 0."""
    for row in _some(maker, rng, "targets", 5):
        row["target"] = rng.choice([0.0, row["target"]])
        if "minimum" in row:
            row["minimum"] = row["target"]


def _spend_of_one_day(maker: Maker, rng: random.Random) -> None:
    """Several observations of what a partner spends, on one day, by ids that sort as text."""
    day = maker.period.first + timedelta(days=rng.randrange(-600, 5))
    for row in _some(maker, rng, "observations", 3):
        row["measure"], row["observed_on"] = "category_spend", day


def _objectives_of_packs(maker: Maker, rng: random.Random) -> None:
    """Objectives that name a measure of an industry."""
    for row in _some(maker, rng, "objectives", 4):
        row["kpi"] = rng.choice(["inventory_turnover", "user_adoption", "on_time_delivery"])
        for column in ("baseline", "target"):
            row[column] = within(row["kpi"], row[column])


def _one_type(maker: Maker, rng: random.Random) -> None:
    """All partners deliver to us: who answers for the service changes places."""
    kind = rng.choice(["supplier", "service"])
    for row in maker.tables["partners"]:
        row["partner_type"] = kind


def _same_day(maker: Maker, rng: random.Random) -> None:
    """Everything of a table happens on one day, the first or the last of the period."""
    day = rng.choice([maker.period.first, maker.period.last])
    for table, column in (("orders", "ordered_on"), ("surveys", "responded_on")):
        for row in _some(maker, rng, table, 2):
            row[column] = day


CHANGES: tuple[Callable[[Maker, random.Random], None], ...] = (
    _large,
    _below_zero,
    _dust,
    _hairs,
    _between_scores,
    _paid_in_parts,
    _leap_days,
    _last_moments,
    _long_ago,
    _floor_at_target,
    _spend_of_one_day,
    _objectives_of_packs,
    _one_type,
    _same_day,
    _nothing_but_nulls,
)
