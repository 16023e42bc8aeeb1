"""The trade with goods, month by month, so that ten million orders need the memory of a month's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kpi_lib.examples.synthetic.billing import bill, invoices_table, payments_table
from kpi_lib.examples.synthetic.blueprint import RATE_DIGITS, Plan
from kpi_lib.examples.synthetic.customers import (
    Base,
    acquired,
    customers_table,
    draw_customers,
)
from kpi_lib.examples.synthetic.days import MONTHS, QUARTERS
from kpi_lib.examples.synthetic.deliveries import deliveries_table
from kpi_lib.examples.synthetic.markets import MARKETS, market_sizes_table, markets_table
from kpi_lib.examples.synthetic.orders import (
    CANCELLED,
    COMPLETED,
    Month,
    draw_month,
    orders_table,
)
from kpi_lib.examples.synthetic.writing import TableFile, write_table

GROWING = ("orders", "deliveries", "invoices", "payments")
EXACT = 100 * RATE_DIGITS  # an amount in cents times a rate: a millionth of a euro


@dataclass(frozen=True)
class Tally:
    """What the trade came to, for whoever reports it, and the customers it was with.

    `sales` are millionths of a euro by owner and month, whole and so exact; `orders` those that are
    completed; `new_customers` by owner and month; `first_order` the number of an owner's first
    order of a month, -1 where there is none.
    """

    base: Base
    sales: np.ndarray
    orders: np.ndarray
    new_customers: np.ndarray
    first_order: np.ndarray


def write_trade(plan: Plan, folder: Path) -> Tally:
    """Write customers, markets, orders, deliveries, invoices and payments; return their tally."""
    base = draw_customers(plan)
    shape = (plan.company.n + 1, MONTHS)
    sales, orders = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    first_order = np.full(shape, -1)
    by_market = np.zeros((len(MARKETS), QUARTERS))
    tables = {name: TableFile(folder, name) for name in GROWING}
    for number in range(MONTHS):
        month = draw_month(plan, base, number)
        _write_month(plan, month, tables)
        euros = _euros(plan, month)
        np.add.at(sales[:, number], month.owner, euros)
        np.add.at(orders[:, number], month.owner[month.status == COMPLETED], 1)
        np.add.at(by_market[:, number // 3], month.market, euros / EXACT)
        owner, place = np.unique(month.owner, return_index=True)
        first_order[owner, number] = month.order[place]
    for table in tables.values():
        table.close()
    write_table(folder, "customers", customers_table(plan, base))
    in_market = np.bincount(base.market, minlength=len(MARKETS))
    write_table(folder, "markets", markets_table(in_market))
    write_table(folder, "market_sizes", market_sizes_table(plan, by_market))
    return Tally(base, sales, orders, acquired(plan, base), first_order)


def _write_month(plan: Plan, month: Month, tables: dict[str, TableFile]) -> None:
    """Add a month's orders, deliveries, invoices and payments to their files."""
    tables["orders"].add(orders_table(plan, month))
    tables["deliveries"].add(deliveries_table(plan, month, tables["deliveries"].rows))
    invoices, first = bill(plan, month), tables["invoices"].rows
    tables["invoices"].add(invoices_table(plan, invoices, first))
    number = tables["payments"].rows
    tables["payments"].add(payments_table(plan, month.number, invoices, first, number))


def _euros(plan: Plan, month: Month) -> np.ndarray:
    """Return what counts of each order as revenue, in millionths of a euro."""
    euros = month.amount * plan.rate[month.owner, month.number].astype(np.int64)
    return np.where(month.status == CANCELLED, 0, euros)
