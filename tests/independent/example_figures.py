"""The example's figures by another way: pandas, straight from the source's invoice lines.

Nothing of `kpi_lib` is used. Money is counted in whole thousandths of a pound, so that it is exact.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HOME = {"United Kingdom", "Unspecified", "European Community"}
SHIPPED = Path(__file__).parents[2] / "kpi_lib" / "examples" / "online_retail"
KPIS = (
    "revenue",
    "orders",
    "active_customers",
    "customer_retention",
    "repeat_purchase_rate",
    "days_between_purchases",
    "revenue_growth",
    "revenue_share",
)
Figures = dict[tuple[str, str, str], float | None]


def invoices_of_source(source: Path) -> pd.DataFrame:
    """Return one row per invoice that is an order, from the source's lines."""
    lines = pd.read_parquet(source)
    thousandths = np.rint(lines["UnitPrice"] * 1000).astype("int64")
    lines["thousandths"] = thousandths * lines["Quantity"]
    lines["day"] = lines["InvoiceDate"].dt.normalize()
    invoices = lines.groupby("InvoiceNo", as_index=False).agg(
        customer=("CustomerID", "first"),
        country=("Country", "first"),
        at=("InvoiceDate", "min"),
        day=("day", "min"),
        thousandths=("thousandths", "sum"),
        quantity=("Quantity", "sum"),
    )
    number = invoices["InvoiceNo"].astype(str)
    invoices["fulfilled"] = ~number.str.startswith("C") | (number == "C496350")
    invoices["partner"] = [
        None if country in HOME else country.replace(" ", "-") for country in invoices["country"]
    ]
    return invoices[~number.str.startswith("A") & (invoices["thousandths"] != 0)]


def invoices_as_shipped(folder: Path = SHIPPED) -> pd.DataFrame:
    """Return the same columns from the shipped table, where the source is not at hand."""
    orders = pd.read_parquet(folder / "orders.parquet")
    return pd.DataFrame(
        {
            "InvoiceNo": orders["order_id"],
            "customer": pd.to_numeric(orders["customer_id"]),
            "partner": orders["partner_id"],
            "day": pd.to_datetime(orders["ordered_on"]),
            "thousandths": [int(amount * 1000) for amount in orders["amount"]],
            "fulfilled": orders["status"] == "completed",
        }
    )


def figures(invoices: pd.DataFrame) -> Figures:
    """Return the value of each KPI by partner and quarter; None where it has none.

    A partner has figures from the quarter of its first invoice on. A quarter that began more than
    six days before the first invoice of all is the base of no comparison.
    """
    quarter = invoices["day"].dt.to_period("Q")
    whole = quarter.dt.start_time + pd.Timedelta(days=6) >= invoices["day"].min()
    invoices = invoices.assign(quarter=quarter, whole=whole)
    company = invoices.groupby("quarter")["thousandths"].sum()
    result: Figures = {}
    for partner, rows in invoices[invoices["partner"].notna()].groupby("partner"):
        gaps = gaps_of(rows)
        for quarter in company.index[company.index >= rows["quarter"].min()]:
            values = quarter_of(rows, gaps, quarter, company[quarter])
            label = f"{quarter.year}-Q{quarter.quarter}"
            result.update({(str(partner), kpi, label): value for kpi, value in values.items()})
    return result


def quarter_of(
    rows: pd.DataFrame, gaps: pd.DataFrame, quarter: pd.Period, company: int
) -> dict[str, float | None]:
    """Return one partner's values of one quarter."""
    now, then = rows[rows["quarter"] == quarter], rows[rows["quarter"] == quarter - 4]
    then = then[then["whole"]]
    sold, sold_then = now["thousandths"].sum(), then["thousandths"].sum()
    bought, bought_then = purchases(now), purchases(then)
    closed = gaps.loc[gaps["quarter"] == quarter, "days"]
    return {
        "revenue": sold / 1000,
        "orders": float(now["fulfilled"].sum()),
        "active_customers": float(len(bought)),
        "customer_retention": ratio(len(bought.index.intersection(bought_then.index)), bought_then),
        "repeat_purchase_rate": ratio((bought >= 2).sum(), bought),
        "days_between_purchases": ratio(closed.sum(), closed),
        "revenue_growth": sold / sold_then - 1 if sold_then > 0 else None,
        "revenue_share": sold / company,
    }


def purchases(rows: pd.DataFrame) -> pd.Series:
    """Return the number of fulfilled orders by customer; guests are no customers."""
    return rows[rows["fulfilled"] & rows["customer"].notna()].groupby("customer").size()


def gaps_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the days between a customer's days of purchase, by the later one's quarter."""
    bought = rows[rows["fulfilled"] & rows["customer"].notna()]
    days = bought[["customer", "day", "quarter"]].drop_duplicates().sort_values(["customer", "day"])
    days["days"] = days.groupby("customer")["day"].diff().dt.days
    return days[days["days"].notna()]


def ratio(counted: float, of: pd.Series) -> float | None:
    """Return the share of the rows of `of`; no rows, no value."""
    return float(counted) / len(of) if len(of) else None
