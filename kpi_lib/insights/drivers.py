"""What moved the figures of a partner: their changes on the year, split into those of their parts.

All parts are KPIs of the partner's rows; where one is missing, nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kpi_lib.insights.splits import ITSELF, Customers, Factor, Product, Split, Sum
from kpi_lib.slices.insight_types import Driver, Effect
from kpi_lib.slices.page_types import KpiRow

MOST = 3
NOTABLE = 0.01  # of what it was: what moved less needs no reason
LEADING = "revenue"

_customers = Factor("customers", ("active_customers",))
_frequency = Factor("orders_per_customer", ("orders",), ("active_customers",))
_orders = Factor("orders", ("orders",))
_order_value = Factor("order_value", ("average_order_value",))
_revenue = Factor("revenue", ("revenue",))
_cost = Factor("partnership_cost", ("program_cost",), divides=True)

# Of each KPI, and each way to split it, the first that has all its figures counts.
SPLITS: tuple[Split, ...] = (
    # Orders that were fulfilled; returns are what is left over.
    Product("revenue", (_customers, _frequency, _order_value), rest="returns"),
    Product("revenue", (_orders, _order_value), rest="returns"),
    Customers(),
    Product("orders", (_customers, _frequency)),
    Product("sales_volume", (_orders, Factor("units_per_order", (ITSELF,), ("orders",)))),
    Product(
        "quota_attainment",
        (_revenue, Factor("quota", ("revenue",), (ITSELF,), divides=True)),
    ),
    Product(
        "revenue_share",
        (_revenue, Factor("company_revenue", ("revenue",), (ITSELF,), divides=True)),
    ),
    Product(
        "sourced_revenue",
        (Factor("deals_won", ("deals_won",)), Factor("deal_size", ("average_deal_size",))),
    ),
    Product(
        "win_rate",
        (
            Factor("deals_won", ("deals_won",)),
            Factor("deals_closed", ("deals_won",), (ITSELF,), divides=True),
        ),
    ),
    Product("roi", (_revenue, _cost), less=1.0),
    Product(
        "margin_roi",
        (_revenue, Factor("margin_on_revenue", (ITSELF, "program_cost"), ("revenue",)), _cost),
        less=1.0,
    ),
    Product(
        "cac",
        (
            Factor("acquisition_cost", (ITSELF, "new_customers")),
            Factor("new_customers", ("new_customers",), divides=True),
        ),
    ),
    Product(
        "overdue_rate",
        (
            Factor("overdue", ("overdue_balance",)),
            # Not the receivables, from which credit notes are taken off.
            Factor("open_amounts", ("overdue_balance",), (ITSELF,), divides=True),
        ),
    ),
    Product(
        "dso_days",
        (
            Factor("receivables", ("receivables",)),
            Factor("invoiced_a_day", ("receivables",), (ITSELF,), divides=True),
        ),
    ),
    Sum(
        "overdue_balance",
        {age: f"overdue_{age}" for age in ("1_30", "31_60", "61_90", "over_90")},
        rest="other_overdue",
    ),
    Sum(
        "order_error_rate",
        {kind: f"{kind}_error_rate" for kind in ("picking", "packing", "loading")},
        rest="other_errors",
    ),
)


def drivers_of(rows: Mapping[str, KpiRow], asked_about: Collection[str] = ()) -> list[Driver]:
    """Return at most three changes with their effects: revenue's, and those actions are about.

    A change is on the year, or else on the period before. Where there is none of these, the first
    others.
    """
    drivers: dict[tuple[str, str], Driver] = {}
    for split in SPLITS:
        if (split.kpi, split.how) not in drivers:
            driver = _driver_of(split, rows)
            if driver is not None:
                drivers[split.kpi, split.how] = driver
    leading = [driver for driver in drivers.values() if driver.kpi in (LEADING, *asked_about)]
    return (leading or list(drivers.values()))[:MOST]


def _driver_of(split: Split, rows: Mapping[str, KpiRow]) -> Driver | None:
    """Return what moved a KPI since a year ago, or else the period before, or None."""
    for against in ("year_ago", "previous"):
        if all(_is_known(rows.get(kpi), against) for kpi in split.needs):
            then, now = (rows[split.kpi].figure(column) for column in (against, "value"))
            if then is None or now is None or not _is_notable(then, now):
                return None
            effects = split.effects(rows, against)
            largest_first = tuple(sorted(effects or (), key=_size))
            change = (split.kpi, split.how, against, then, now, now - then)
            return Driver(*change, largest_first) if effects else None
    return None


def _is_known(row: KpiRow | None, against: str) -> bool:
    return row is not None and row.value is not None and row.figure(against) is not None


def _is_notable(then: float, now: float) -> bool:
    return abs(now - then) > NOTABLE * abs(then)


def _size(effect: Effect) -> tuple[float, str]:
    return -abs(effect.effect), effect.part
