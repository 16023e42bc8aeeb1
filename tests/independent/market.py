"""Markets: our share of them, and which are new."""

from __future__ import annotations

from fractions import Fraction

from .revenue import fulfilled, fulfilled_ever, sales
from .slots import Outcome, Scope, Slot, ratio, total


def market_share(slot: Slot, scope: Scope) -> Outcome:
    spans = [
        row
        for row in slot.existing("market_sizes")
        if row["starts_on"] >= slot.first and row["ends_on"] <= min(slot.period.last, slot.as_of)
    ]
    sold = sum(
        (
            order["amount"]
            for order in sales(slot, scope)
            for row in spans
            if order["market_id"] == row["market_id"]
            and row["starts_on"] <= order["ordered_on"] <= row["ends_on"]
        ),
        Fraction(0),
    )
    return ratio(sold, sum(row["size"] for row in spans), len(spans))


def market_share_growth(slot: Slot, scope: Scope) -> Outcome:
    base = slot.previous().as_base("orders", "market_sizes")
    change = market_share(slot, scope).value - market_share(base, scope).value
    return total(100 * change, None)


def _target_markets(slot: Slot) -> set[object]:
    return {row["market_id"] for row in slot.existing("markets") if row["target"]}


def new_markets(slot: Slot, scope: Scope) -> Outcome:
    rows = fulfilled_ever(slot, scope)
    count = 0
    for market in _target_markets(slot):
        days = [row["ordered_on"] for row in rows if row["market_id"] == market]
        count += bool(days) and slot.covers(min(days))
    return total(count, count)


def new_market_penetration(slot: Slot, scope: Scope) -> Outcome:
    markets = _target_markets(slot)
    entered = {row["market_id"] for row in fulfilled_ever(slot, scope)} & markets
    return ratio(len(entered), len(markets), len(markets), counts=True)


def new_market_revenue(slot: Slot, scope: Scope) -> Outcome:
    markets = _target_markets(slot)
    rows = [row for row in sales(slot, scope) if row["market_id"] in markets]
    return total(sum(row["amount"] for row in rows), len(rows))


def market_penetration(slot: Slot, scope: Scope) -> Outcome:
    accounts = {
        row["market_id"]: row["accounts"]
        for row in slot.existing("markets")
        if row["accounts"] is not None
    }
    pairs = {
        (row["customer_id"], row["market_id"])
        for row in fulfilled(slot, scope)
        if row["customer_id"] is not None and row["market_id"] in accounts
    }
    return ratio(len(pairs), sum(accounts.values()), len(accounts))


FORMULAS = {
    f.__name__: f
    for f in (
        market_share,
        market_share_growth,
        new_markets,
        new_market_penetration,
        new_market_revenue,
        market_penetration,
    )
}
