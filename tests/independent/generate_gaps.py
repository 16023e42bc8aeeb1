"""What companies do not know, owe or have: late beginnings, nulls, credits, zeros, few answers."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta

from .catalogue import PACKS
from .contract import COLUMNS, KEY, OPTIONAL
from .coverage import FIRST_DATE
from .maker import Maker, Rows
from .tables import DEFAULTS

BEGIN = sorted({*FIRST_DATE} - {"partners", "touchpoints", "partner_reported"})
PART_OF_THE_KEY = ("credit_limits", "programs", "market_sizes")
POINTED_AT = {
    "partners",
    "fx_rates",
    "orders",
    "customers",
    "invoices",
    "leads",
    "deals",
    "markets",
}


def make_gaps(maker: Maker, seed: int) -> None:
    """Take away, in some of these ways; the dice are its own, what was there before stays."""
    rng = random.Random(f"gaps {seed}")
    for change in CHANGES:
        if rng.random() < 0.35:
            change(maker, rng)


def _begin_late(maker: Maker, rng: random.Random) -> None:
    """Tables whose first row lies on a period's first day, a few days later, or in its middle."""
    there = [name for name in BEGIN if maker.tables.get(name)]
    for name in rng.sample(there, rng.randrange(1, len(there) + 1)):
        period = maker.period.back(rng.randrange(10))
        if rng.random() < 0.3:
            period = maker.period.year_ago() or period
        first = period.first + timedelta(days=rng.choice([0, 5, 6, 6, 7, 7, 8, 20]))
        if maker.first < first < maker.last:
            maker.tables[name] = _from(name, maker.tables[name], first, rng)


def _from(name: str, rows: Rows, first: date, rng: random.Random) -> Rows:
    """Return the rows of a table none of which is earlier; where the key allows, one that day."""
    column = FIRST_DATE[name]
    if name in PART_OF_THE_KEY:
        return [row for row in rows if row[column] >= first] or rows
    early = [row for row in rows if row[column] < first]
    for row in early:
        row[column] = first + timedelta(days=rng.randrange(120))
    rng.choice(early or rows)[column] = first
    return rows


def _unknown_amounts(maker: Maker, rng: random.Random) -> None:
    """Deals of a partner without an amount, and all that are open."""
    partner = rng.choice(maker.partner_ids)
    for row in maker.tables.get("deals", []):
        if "amount" not in row:
            return
        if row.get("partner_id") == partner or (rng.random() < 0.5 and row["outcome"] == "open"):
            row["amount"] = None


def _credit_balances(maker: Maker, rng: random.Random) -> None:
    """Partners who are owed more than they owe: credit notes, and payments of too much."""
    some = rng.sample(maker.partner_ids, 3)
    owed = [row for row in maker.tables.get("invoices", []) if row.get("partner_id") in some]
    for row in owed:
        row["amount"] = rng.choice([-1, -1, 1]) * abs(row["amount"])
        if "paid_on" in row and rng.random() < 0.6:
            row["paid_on"] = None
    amounts = {row["invoice_id"]: row["amount"] for row in owed}
    for row in maker.tables.get("payments", []):
        if row["invoice_id"] in amounts:
            row["amount"] = round(amounts[row["invoice_id"]] * rng.choice([1, 1.5, 3]), 2)


def _nothing_above_zero(maker: Maker, rng: random.Random) -> None:
    """What others are divided by is 0, or below."""
    credit = rng.choice([0.0, -40.0])
    for table, column in (("costs", "amount"), ("orders", "amount"), ("invoices", "amount")):
        partner = rng.choice(maker.partner_ids)
        for row in maker.tables.get(table, []):
            if row.get("partner_id") == partner or (
                table == "costs" and row["channel"] == "direct"
            ):
                row[column] = credit
    for table, column in (("credit_limits", "credit_limit"), ("market_sizes", "size")):
        for row in maker.tables.get(table, []):
            row[column] = rng.choice([0.0, row[column]])
    for row in maker.tables.get("observations", []):
        if row["measure"] == "category_spend":
            row["numerator"] = rng.choice([credit, row["numerator"]])


def _few_answers(maker: Maker, rng: random.Random) -> None:
    """One to four answers of most partners in P, all of one kind for some."""
    left = {partner: rng.choice([1, 2, 3, 4, 99]) for partner in maker.partner_ids}
    score = rng.choice([3.0, 8.0, 9.0, None])
    kept = []
    for row in maker.tables.get("surveys", []):
        partner = row.get("partner_id")
        if maker.period.first <= row["responded_on"] <= maker.period.last and partner in left:
            left[partner] -= 1
            if left[partner] < 0:
                continue
            if score is not None and row["instrument"] == "nps":
                row["score"] = score
        kept.append(row)
    if "surveys" in maker.tables:
        maker.tables["surveys"] = kept


def _sums_and_ratios(maker: Maker, rng: random.Random) -> None:
    """Measures with a denominator on every row, on none, of some partners, or from P on."""
    ways = {measure: rng.choice(["all", "none", "some", "since", "as it is"]) for measure in PACKS}
    some = set(rng.sample(maker.partner_ids, len(maker.partner_ids) // 2))
    for row in maker.tables.get("observations", []):
        divided = {
            "all": True,
            "none": False,
            "some": row["partner_id"] in some,
            "since": row["observed_on"] >= maker.period.first,
        }.get(ways.get(str(row["measure"]), "as it is"))
        if divided is not None and "denominator" in row:
            row["denominator"] = (row["denominator"] or 25.0) if divided else None


def without_rows(tables: dict[str, Rows], seed: int) -> dict[str, Rows]:
    """Return the tables, some of them there and empty: a fault, which a run may allow."""
    rng = random.Random(f"no rows {seed}")
    names = sorted({*tables} - POINTED_AT)
    empty = rng.sample(names, min(len(names), rng.choice([1, 2, 6])))
    return {name: [] if name in empty else rows for name, rows in tables.items()}


def without_required_columns(tables: dict[str, Rows], seed: int) -> dict[str, Rows]:
    """Return the tables, some without a column that no row may lack, which is in no key."""
    rng = random.Random(f"required {seed}")
    for table in sorted({*tables} - {"partners", "fx_rates", "targets"}):
        may_lack = OPTIONAL | DEFAULTS.keys()
        must = [c for c in COLUMNS[table] if c not in KEY[table] and (table, c) not in may_lack]
        if must and rng.random() < 0.2:
            tables = without_column(tables, table, rng.choice(must))
    return tables


def without_column(tables: dict[str, Rows], table: str, column: str) -> dict[str, Rows]:
    """Return the tables without one column."""
    rows = [{c: v for c, v in row.items() if c != column} for row in tables[table]]
    return {**tables, table: rows}


CHANGES: tuple[Callable[[Maker, random.Random], None], ...] = (
    _begin_late,
    _unknown_amounts,
    _credit_balances,
    _nothing_above_zero,
    _few_answers,
    _sums_and_ratios,
)
