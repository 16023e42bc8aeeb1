"""Build the data of the benchmark: a made-up company, the same bytes at every call.

1,000 partners of 5 types, 200,000 customers and 10,000,000 orders over 12 quarters (8 to report, 4
to compare with), as typed Parquet by the contract. Kept under bench/data, which git ignores. For
all KPIs there is the synthetic company of the same size, which has every table.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from kpi_lib.data.unread import SYNTHETIC
from kpi_lib.examples.synthetic.write import write_company

FIRST_DAY, DAYS = np.datetime64("2023-01-01"), 1096  # to 2025-12-31
TYPES = ("reseller", "referral", "distribution", "contractor", "service")
CHANNELS = pl.Series(["portal", "app", "edi", "phone", "branch", "field", None])
STATUSES = np.array(["completed", "cancelled", "returned"])
CHUNK = 1_000_000
MONEY = pl.Decimal(18, 2)


@dataclass(frozen=True)
class Size:
    """How large the company is; the tests use a small one."""

    orders: int = 10_000_000
    partners: int = 1_000
    customers: int = 200_000
    seed: int = 20260101

    @property
    def folder(self) -> str:
        """Name the folder of its data."""
        return f"{self.orders}-orders-{self.partners}-partners-{self.seed}"


def data_of(size: Size, under: Path) -> Path:
    """Return the folder with the data, building them only where they are not there yet."""
    folder = under / size.folder
    if not folder.exists():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "orders").mkdir(parents=True)
        write(size, draft)
        draft.rename(folder)
    return folder


def whole_company(size: Size, under: Path) -> Path:
    """Return the folder with all tables of the synthetic company of that size."""
    folder = under / f"all-tables-{size.folder}"
    if not folder.exists():
        write_company(folder, partners=size.partners, orders=size.orders, seed=size.seed)
    return folder


def split_company(size: Size, times: int, under: Path) -> Path:
    """Return the same company with each partner split into so many: as many rows as before."""
    whole = whole_company(size, under)
    folder = under / f"{whole.name}-split-in-{times}"
    if not folder.exists():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        for path in sorted(whole.rglob("*.parquet")):
            place = draft / path.relative_to(whole)
            place.parent.mkdir(parents=True, exist_ok=True)
            split_table(pl.read_parquet(path), path.stem, times).write_parquet(place)
        shutil.copy(whole / SYNTHETIC, draft)
        draft.rename(folder)
    return folder


def split_table(table: pl.DataFrame, name: str, times: int) -> pl.DataFrame:
    """Return a table's rows dealt out, one by one, to the parts of their partner.

    Of the partner itself and of its targets each part has the same.
    """
    if name == "partners":
        parts = table.join(pl.DataFrame({"part": range(times)}), how="cross")
        part = pl.lit("-") + pl.col("part").cast(pl.String)
        return parts.with_columns(pl.col("partner_id", "name") + part).drop("part")
    if name == "targets":
        own = table.filter(pl.col("scope") == "partner")
        owns = own.join(pl.DataFrame({"part": range(times)}), how="cross")
        part = pl.lit("-") + pl.col("part").cast(pl.String)
        owns = owns.with_columns(pl.col("entity") + part).drop("part")
        return pl.concat([table.filter(pl.col("scope") != "partner"), owns])
    if "partner_id" not in table.columns:
        return table
    part = pl.int_range(pl.len()).mod(times).cast(pl.String)
    return table.with_columns(pl.col("partner_id") + "-" + part)


def write(size: Size, folder: Path) -> None:
    """Write the three tables."""
    rng = np.random.default_rng(size.seed)
    partners = draw_partners(size, rng)
    home = draw_home_partner(size, rng)
    orders = draw_orders(size, rng, partners, home)
    write_partners(partners, folder)
    write_customers(orders, home, folder)
    for start in range(0, size.orders, CHUNK):
        part = {name: values[start : start + CHUNK] for name, values in orders.items()}
        write_orders(part, start, folder / "orders" / f"part-{start // CHUNK:03}.parquet")


def draw_partners(size: Size, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return each partner's type and its first and last day, counted from FIRST_DAY.

    Three in four joined before the data begin, one in ten left before they end.
    """
    joined = rng.integers(-1500, 500, size.partners)
    left = rng.integers(joined.clip(0) + 200, 8 * DAYS, size.partners)
    return {"type": rng.integers(0, len(TYPES), size.partners), "joined": joined, "left": left}


def draw_home_partner(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Return the partner that brought each customer; -1 for a tenth of them, who came directly."""
    weights = rng.lognormal(0, 1, size.partners)
    home = rng.choice(size.partners, size.customers, p=weights / weights.sum())
    return np.where(rng.random(size.customers) < 0.1, -1, home)


def draw_orders(
    size: Size, rng: np.random.Generator, partners: dict[str, np.ndarray], home: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the columns of the orders as numbers, sorted by day.

    One order in thirty goes through another partner than the one that brought the customer.
    """
    weights = rng.lognormal(0, 1, size.customers)
    customer = rng.choice(size.customers, size.orders, p=weights / weights.sum()).astype(np.int32)
    partner = home[customer].astype(np.int32)
    other = rng.random(size.orders) < 1 / 30
    partner[other] = rng.integers(0, size.partners, int(other.sum()), dtype=np.int32)
    first = np.where(partner < 0, 0, partners["joined"].clip(0)[partner])
    last = np.where(partner < 0, DAYS, np.minimum(partners["left"], DAYS)[partner])
    day = (first + np.sqrt(rng.random(size.orders)) * (last - first)).astype(np.int32)
    order = np.argsort(day, kind="stable")
    columns = {"day": day[order], "customer": customer[order], "partner": partner[order]}
    return columns | draw_details(size, rng)


def draw_details(size: Size, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return amount and cost in cents, quantity, status, channel, project and who is a guest."""
    cents = (rng.lognormal(9.5, 1, size.orders)).astype(np.int64) + 100
    status = rng.choice(3, size.orders, p=[0.94, 0.03, 0.03]).astype(np.int8)
    sign = np.where(status == 2, -1, 1)
    return {
        "amount": cents * sign,
        "cost": (cents * rng.uniform(0.4, 0.95, size.orders)).astype(np.int64) * sign,
        "quantity": rng.integers(1, 60, size.orders) * sign,
        "status": status,
        "channel": rng.choice(7, size.orders).astype(np.int8),  # 6: not recorded
        "project": rng.integers(0, 10, size.orders).astype(np.int8),  # 4 and above: none
        "guest": rng.random(size.orders) < 0.05,
        "no_cost": rng.random(size.orders) < 0.02,
    }


def day_column(days: np.ndarray) -> pl.Series:
    """Return days counted from FIRST_DAY as dates."""
    return pl.Series(FIRST_DAY + days.astype("timedelta64[D]")).cast(pl.Date)


def id_column(prefix: str, numbers: np.ndarray, digits: int) -> pl.Expr:
    """Return ids as a source system writes them, P0007; negative numbers are none."""
    number = pl.lit(pl.Series(numbers))
    text = number.cast(pl.String).str.zfill(digits)
    return pl.when(number >= 0).then(pl.lit(prefix) + text)


def write_partners(partners: dict[str, np.ndarray], folder: Path) -> None:
    """Write one row per partner."""
    number = np.arange(len(partners["type"]))
    names = np.array(TYPES)[partners["type"]]
    left = pl.when(pl.Series(partners["left"] < DAYS)).then(day_column(partners["left"]))
    pl.select(
        id_column("P", number, 4).alias("partner_id"),
        id_column("Partner ", number, 4).alias("name"),
        pl.Series("partner_type", names),
        day_column(partners["joined"]).alias("joined_on"),
        left.alias("left_on"),
    ).write_parquet(folder / "partners.parquet")


def write_customers(orders: dict[str, np.ndarray], home: np.ndarray, folder: Path) -> None:
    """Write one row per customer who ever ordered, acquired on the day of the first order."""
    number, first = np.unique(orders["customer"], return_index=True)
    pl.select(
        id_column("C", number, 6).alias("customer_id"),
        id_column("P", home[number], 4).alias("partner_id"),
        day_column(orders["day"][first]).alias("acquired_on"),
    ).write_parquet(folder / "customers.parquet")


def write_orders(part: dict[str, np.ndarray], start: int, path: Path) -> None:
    """Write one chunk of the orders."""
    number = np.arange(start, start + len(part["day"]))
    project = part["customer"].astype(np.int64) * 4 + part["project"]
    cost = pl.when(~pl.Series(part["no_cost"])).then(pl.Series(part["cost"]))
    pl.select(
        id_column("O", number, 8).alias("order_id"),
        id_column("C", np.where(part["guest"], -1, part["customer"]), 6).alias("customer_id"),
        id_column("P", part["partner"], 4).alias("partner_id"),
        day_column(part["day"]).alias("ordered_on"),
        cents(pl.lit(pl.Series(part["amount"]))).alias("amount"),
        pl.Series("status", STATUSES[part["status"]]),
        cents(cost).alias("cost"),
        pl.Series("quantity", part["quantity"]).cast(pl.Float64),
        CHANNELS.gather(part["channel"].astype(np.uint32)).alias("channel"),
        id_column("J", np.where(part["project"] < 4, project, -1), 7).alias("project_id"),
    ).write_parquet(path)


def cents(amount: pl.Expr) -> pl.Expr:
    """Return whole cents as a decimal amount."""
    return (amount.cast(pl.Decimal(18, 0)) * pl.lit("0.01").cast(MONEY)).cast(MONEY)
