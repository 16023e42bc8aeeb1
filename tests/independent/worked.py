"""Small companies, written out by hand."""

from __future__ import annotations

from datetime import date

from .oracle import kpi_table

LONG_AGO = date(2000, 1, 1)


def partner(partner_id: str, joined_on: str = "2020-01-01", **more: object) -> dict[str, object]:
    return {
        "partner_id": partner_id,
        "name": partner_id,
        "partner_type": "reseller",
        "joined_on": joined_on,
        **more,
    }


def order(on: str, amount: float, who: str | None = "A", **more: object) -> dict[str, object]:
    order_id = f"{on} {amount} {who} {sorted(more.items())}"
    row = {"order_id": order_id, "customer_id": "c", "partner_id": who, "ordered_on": on}
    return {**row, "amount": amount, **more}


def cell(
    tables: dict[str, list[dict[str, object]]],
    kpi: str,
    column: str = "value",
    scope: tuple[str, str] = ("partner", "A"),
    period: str = "2025-Q3",
    **settings: object,
) -> object:
    """Return one cell; unless `covered_from` says otherwise, all tables know of everything."""
    settings.setdefault("covered_from", LONG_AGO)
    rows = kpi_table(tables, period, kpis=[kpi], **settings)
    found = [row[column] for row in rows if (row["scope"], row["entity"]) == scope]
    assert len(found) == 1
    return found[0]


def shop(*orders: dict[str, object], **tables: list[dict[str, object]]) -> dict:
    return {"partners": [partner("A"), partner("B")], "orders": list(orders), **tables}


def rows(key: str, *given: dict[str, object], **common: object) -> list[dict[str, object]]:
    """Return the rows, each with an id of its own and what they have in common."""
    base = {"partner_id": "A", **common}
    return [{key: str(number), **base, **row} for number, row in enumerate(given)]


def company(**tables: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    return {"partners": [partner("A"), partner("B")], **tables}


def aim(kpi: str, target: float, **more: object) -> dict[str, object]:
    """Return a target of A for each quarter."""
    row = {"scope": "partner", "entity": "A", "kpi": kpi, "period": "quarter", "target": target}
    return {**row, **more}
