"""A peer of the benchmark: pandas, all partners at once, as a careful analyst writes it.

Ids are categories, amounts float64, and each level is one group-by over what the level before left.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

QUARTERS = pd.period_range("2023Q1", "2025Q4", freq="Q")
REPORTED = range(4, 12)
LEVELS = {  # scope: the columns that make its entity; the side is portfolio or direct
    "partner": ["partner"],
    "partner_type": ["type"],
    "side": ["direct"],
    "company": [],
}
IDS = ["customer_id", "partner_id", "status", "channel", "project_id"]
COLUMNS = [*IDS, "ordered_on", "amount", "cost", "quantity"]


def run(data: Path, out: Path) -> None:
    """Write one row per scope, entity and quarter, one column per KPI."""
    partners = pd.read_parquet(data / "partners.parquet")
    orders = load_orders(data, partners)
    parts = [order_parts(orders), project_parts(orders)]
    days = customer_days(orders)
    del orders
    parts += [customer_parts(days), gap_parts(days), acquired_parts(data, partners)]
    parts.append(partner_parts(partners))
    table = pd.concat(parts, axis=1).reset_index()
    wide(table, partners).to_parquet(out, index=False)


def load_orders(data: Path, partners: pd.DataFrame) -> pd.DataFrame:
    """Return one row per order, with its quarter, its partner's type and whether it is direct."""
    table = pq.read_table(data / "orders", columns=COLUMNS, read_dictionary=IDS)
    for name in ("amount", "cost"):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table[name].cast(pa.float64()))
    orders = table.to_pandas(split_blocks=True, self_destruct=True, date_as_object=False)
    orders = orders.rename(columns={"customer_id": "customer", "partner_id": "partner"})
    orders["q"] = quarter_of(orders["ordered_on"])
    orders["fulfilled"] = orders["status"] == "completed"
    orders["sale"] = orders["status"] != "cancelled"
    return with_partner(orders, partners)


def quarter_of(days: pd.Series) -> pd.Series:
    """Return the number of the quarter, 2023-Q1 being 0."""
    return ((days.dt.year - 2023) * 4 + days.dt.quarter - 1).astype("int16")


def with_partner(rows: pd.DataFrame, partners: pd.DataFrame) -> pd.DataFrame:
    """Add the partner's type, and whether there is no partner."""
    rows["partner"] = rows["partner"].astype("category")
    types = partners.set_index("partner_id")["partner_type"].astype("category")
    of = types.reindex(rows["partner"].cat.categories)
    codes = np.append(of.cat.codes.to_numpy(), -1)[rows["partner"].cat.codes]
    rows["type"] = pd.Categorical.from_codes(codes, of.cat.categories)
    rows["direct"] = rows["partner"].isna()
    return rows


def by_level(
    rows: pd.DataFrame, keys: list[str], reduce: dict[str, tuple[str, str]]
) -> pd.DataFrame:
    """Return the reductions of every scope; one row per scope, entity and the keys."""
    made = []
    for scope, level in LEVELS.items():
        grouped = rows.groupby([*level, *keys], observed=True, sort=False)
        table = grouped.agg(**reduce).reset_index()
        made.append(named(table, scope, level))
    return pd.concat(made, ignore_index=True).set_index(["scope", "entity", *keys])


def named(table: pd.DataFrame, scope: str, level: list[str]) -> pd.DataFrame:
    """Give each row its scope and the name of its entity."""
    if scope == "side":
        table["scope"] = np.where(table["direct"], "direct", "portfolio")
        table["entity"] = table["scope"]
    else:
        table["scope"] = scope
        table["entity"] = table[level[0]].astype(str) if level else scope
    return table.drop(columns=level)


def order_parts(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the sums and counts of orders."""
    sale, fulfilled = orders["sale"], orders["fulfilled"]
    channel = orders["channel"]
    parts = pd.DataFrame(
        {
            "sales": orders["amount"].where(sale),
            "margin": (orders["amount"] - orders["cost"]).where(sale),
            "sales_with_cost": orders["amount"].where(sale & orders["cost"].notna()),
            "fulfilled_amount": orders["amount"].where(fulfilled),
            "orders": fulfilled.astype("int32"),
            "quantity": orders["quantity"].where(fulfilled),
            "project_orders": (fulfilled & orders["project_id"].notna()).astype("int32"),
            "channel_orders": (fulfilled & channel.notna()).astype("int32"),
            "digital_orders": (fulfilled & channel.isin(["portal", "app", "edi"])).astype("int32"),
        }
    )
    names = list(parts)
    parts[["partner", "type", "direct", "q"]] = orders[["partner", "type", "direct", "q"]]
    keys = ["partner", "type", "direct", "q"]
    base = parts.groupby(keys, observed=True, dropna=False, sort=False)[names].sum().reset_index()
    return by_level(base, ["q"], {name: (name, "sum") for name in names})


def project_parts(orders: pd.DataFrame) -> pd.DataFrame:
    """Return the number of distinct projects with a fulfilled order."""
    rows = orders.loc[orders["fulfilled"] & orders["project_id"].notna()]
    rows = rows[["partner", "type", "direct", "q", "project_id"]].copy()
    rows["project_id"] = rows["project_id"].cat.codes
    made = []
    for scope, level in LEVELS.items():
        distinct = rows[[*level, "q", "project_id"]].drop_duplicates()
        counted = distinct.groupby([*level, "q"], observed=True).size()
        made.append(named(counted.rename("projects").reset_index(), scope, level))
    return pd.concat(made, ignore_index=True).set_index(["scope", "entity", "q"])


def customer_days(orders: pd.DataFrame) -> pd.DataFrame:
    """Return one row per order that sold something to a customer, by customer and day."""
    rows = orders.loc[orders["sale"] & orders["customer"].notna()]
    days = pd.DataFrame(
        {
            "customer": rows["customer"].cat.codes,
            "partner": rows["partner"],
            "type": rows["type"],
            "direct": rows["direct"],
            "day": rows["ordered_on"].to_numpy().astype("datetime64[D]").astype("int32"),
            "q": rows["q"],
            "orders": rows["fulfilled"].astype("int32"),
            "sales": rows["amount"],
        }
    )
    return days.sort_values(["customer", "day"], kind="stable", ignore_index=True)


def customer_parts(days: pd.DataFrame) -> pd.DataFrame:
    """Return active and repeating customers, and what retention is made of."""
    keys = ["partner", "type", "direct", "customer", "q"]
    base = days.groupby(keys, observed=True, dropna=False, sort=False)[["orders", "sales"]].sum()
    reduce = {"orders": ("orders", "sum"), "sales": ("sales", "sum")}
    now = by_level(base.reset_index(), ["customer", "q"], reduce).reset_index()
    now["sales"] = now["sales"].where(now["sales"].abs() > 1e-6, 0.0)
    now["active"], now["repeating"] = now["orders"] > 0, now["orders"] > 1
    counts = now.groupby(["scope", "entity", "q"])[["active", "repeating"]].sum()
    return counts.join(retention_parts(now), how="outer")


def retention_parts(now: pd.DataFrame) -> pd.DataFrame:
    """Return a year ago's customers and sales, and what of them is there now."""
    base = now.loc[now["q"] < 8, ["scope", "entity", "customer", "q", "orders", "sales"]]
    keys = ["scope", "entity", "customer", "q"]
    base = base.assign(q=base["q"] + 4)
    pair = base.merge(now[[*keys, "orders", "sales"]], on=keys, how="left", suffixes=("_then", ""))
    bought, paid = pair["orders_then"] > 0, pair["sales_then"] > 0
    sales = pair["sales"].fillna(0.0)
    pair["active_base"] = bought
    pair["active_kept"] = bought & (pair["orders"] > 0)
    pair["sales_base"] = pair["sales_then"].where(paid)
    pair["sales_kept"] = sales.where(paid)
    pair["sales_held"] = np.minimum(sales.clip(lower=0), pair["sales_then"]).where(paid)
    names = ["active_base", "active_kept", "sales_base", "sales_kept", "sales_held"]
    return pair.groupby(["scope", "entity", "q"])[names].sum()


def gap_parts(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days between a customer's consecutive days of purchase, and their number."""
    bought = days[days["orders"] > 0].drop(columns=["orders", "sales"])
    made = []
    for scope, level in LEVELS.items():
        gap = bought.groupby([*level, "customer"], observed=True, sort=False)["day"].diff()
        rows = bought.assign(gap_days=gap, gaps=gap > 0)
        sums = rows.groupby([*level, "q"], observed=True)[["gap_days", "gaps"]].sum().reset_index()
        made.append(named(sums, scope, level))
    return pd.concat(made, ignore_index=True).set_index(["scope", "entity", "q"])


def acquired_parts(data: Path, partners: pd.DataFrame) -> pd.DataFrame:
    """Return the number of new customers."""
    customers = pd.read_parquet(data / "customers.parquet").rename(
        columns={"partner_id": "partner"}
    )
    customers["q"] = quarter_of(pd.to_datetime(customers["acquired_on"]))
    customers = with_partner(customers, partners)
    return by_level(customers, ["q"], {"acquired": ("customer_id", "size")})


def partner_parts(partners: pd.DataFrame) -> pd.DataFrame:
    """Return the lengths, comings and goings of partnerships, quarter by quarter."""
    rows = partners.assign(
        partner=partners["partner_id"],
        type=partners["partner_type"],
        direct=False,
        joined_on=pd.to_datetime(partners["joined_on"]),
        left_on=pd.to_datetime(partners["left_on"]),
    )
    table = pd.concat([partners_in(rows, q) for q in REPORTED], ignore_index=True)
    names = [
        "days",
        "joined",
        "active_partners",
        "new_partners",
        "partners_before",
        "partners_left",
    ]
    return by_level(table, ["q"], {name: (name, "sum") for name in names})


def partners_in(rows: pd.DataFrame, q: int) -> pd.DataFrame:
    """Return one row per partner that has joined by the end of the quarter."""
    start, end = QUARTERS[q].start_time, QUARTERS[q].end_time.normalize()
    here = rows[rows["joined_on"] <= end].copy()
    left, before = here["left_on"], here["joined_on"] < start
    here["q"], here["joined"] = q, 1
    here["days"] = (left.fillna(end).clip(upper=end) - here["joined_on"]).dt.days
    here["active_partners"] = left.isna() | (left > end)
    here["new_partners"] = ~before
    here["partners_before"] = before & (left.isna() | (left >= start))
    here["partners_left"] = before & left.between(start, end)
    return here


def wide(table: pd.DataFrame, partners: pd.DataFrame) -> pd.DataFrame:
    """Return the KPIs of every entity in every reported quarter in which it exists."""
    t = grid(partners).merge(table, on=["scope", "entity", "q"], how="left")
    past = table[["scope", "entity", "q", "sales", "orders"]].assign(q=table["q"] + 4)
    t = t.merge(past, on=["scope", "entity", "q"], how="left", suffixes=("", "_then"))
    company = table[table["scope"] == "company"].set_index("q")["sales"]
    counts = ["sales", "orders", "quantity", "acquired", "active"]
    t[counts] = t[counts].fillna(0)
    kpis = {
        "revenue": t["sales"],
        "revenue_growth": over(t["sales"], t["sales_then"]) - 1,
        "revenue_share": over(t["sales"], t["q"].map(company)),
        "gross_margin": over(t["margin"], t["sales_with_cost"]),
        "orders": t["orders"],
        "order_growth": over(t["orders"], t["orders_then"]) - 1,
        "sales_volume": t["quantity"],
        "average_order_value": over(t["fulfilled_amount"], t["orders"]),
        "new_customers": t["acquired"],
        "active_customers": t["active"],
        "customer_retention": over(t["active_kept"], t["active_base"]),
        "revenue_retention": over(t["sales_kept"], t["sales_base"]),
        "gross_revenue_retention": over(t["sales_held"], t["sales_base"]),
        "repeat_purchase_rate": over(t["repeating"], t["active"]),
        "orders_per_month": t["orders"] / 3,
        "orders_per_project": over(t["project_orders"], t["projects"]),
        "days_between_purchases": over(t["gap_days"], t["gaps"]),
        "digital_order_share": over(t["digital_orders"], t["channel_orders"]),
        "partnership_years": over(t["days"] / 365.25, t["joined"]),
        "active_partners": t["active_partners"],
        "new_partners": t["new_partners"],
        "partner_churn_rate": over(t["partners_left"], t["partners_before"]),
    }
    labels = {q: f"{quarter.year}-Q{quarter.quarter}" for q, quarter in enumerate(QUARTERS)}
    head = t[["scope", "entity"]].assign(period=t["q"].map(labels))
    return pd.concat([head, pd.DataFrame(kpis).astype("float64")], axis=1)


def over(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Return the quotient; no value where the denominator is not above 0."""
    denominator = pd.to_numeric(denominator)
    return pd.to_numeric(numerator) / denominator.where(denominator >= 1e-9)


def grid(partners: pd.DataFrame) -> pd.DataFrame:
    """Return every scope and entity in every reported quarter in which it exists."""
    joined = quarter_of(pd.to_datetime(partners["joined_on"])).to_numpy()
    rows = [
        ("partner", partner, q)
        for partner, first in zip(partners["partner_id"], joined, strict=True)
        for q in REPORTED
        if first <= q
    ]
    whole = [("partner_type", name) for name in partners["partner_type"].unique()]
    whole += [(scope, scope) for scope in ("portfolio", "direct", "company")]
    rows += [(*entity, q) for entity in whole for q in REPORTED]
    return pd.DataFrame(rows, columns=["scope", "entity", "q"])
