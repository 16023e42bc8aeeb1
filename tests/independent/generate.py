"""Random data sets that obey the contract and are as awkward as it allows, the same by seed."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from .aims import targets
from .contract import COLUMNS
from .maker import Maker, Rows, around, call, span

__all__ = ["around", "call", "generate", "span", "write_folder"]

NAMES = [
    "<script>alert(1)</script>",
    'Müller & Söhne, "GmbH"',
    "line\nbreak",
    "名前 株式会社",
    "=1+1",
    "O'Neil; DROP TABLE partners",
    "{{ name }} $x$ **bold**",
]
CUSTOMER_IDS = ["0007", "7", "C,1", 'C"2', "Ünï-3", "<b>4</b>", "line\nbreak", "NA", "1e3", "'5"]
TYPES = ["distribution", "contractor", "reseller", "supplier", "service"]


def generate(
    seed: int,
    *,
    partners: int = 8,
    orders: int = 300,
    with_other_tables: bool = False,
    whole: bool = False,
    scale: int = 1,
) -> dict[str, Rows]:
    """Return the tables of one random company; a whole one has every table and every column.

    `scale`: how many times the usual rows its other tables have.
    """
    maker = Maker(seed, partners, orders, whole=whole, scale=scale)
    _partners(maker)
    _fx_rates(maker)
    _customers(maker)
    _orders(maker)
    if with_other_tables or whole:
        from .generate_more import other_tables

        other_tables(maker)
    targets(maker)
    if whole:
        return maker.tables
    if with_other_tables:
        from .generate_awkward import make_awkward
        from .generate_gaps import make_gaps

        make_awkward(maker, seed)
        make_gaps(maker, seed)
    chance = {"partners": 0, "fx_rates": 0, "customers": 0.1, "orders": 0.04, "targets": 0.08}
    return {
        name: rows for name, rows in maker.tables.items() if not maker.maybe(chance.get(name, 0.06))
    }


def _partners(maker: Maker) -> None:
    main_type = maker.one_of(*TYPES[:2])
    rows = []
    year = timedelta(days=365)
    for number, partner_id in enumerate(maker.partner_ids):
        joined = maker.first - timedelta(days=maker.rng.randrange(1, 1500))
        if number % 8 == 1:  # a late joiner, whose earlier rows stay
            joined = maker.period.first - timedelta(days=maker.rng.randrange(0, 500))
        elif number % 8 == 2:
            joined = maker.one_of(
                maker.period.first, maker.period.last, maker.last + year, maker.period.back(1).first
            )
        left = None
        if number % 8 == 3:
            left = maker.later(maker.period.back(1).first, 200, never=0)
        elif number % 8 == 4:
            left = maker.one_of(
                maker.period.first, maker.period.last, maker.period.first - timedelta(days=1), None
            )
        rows.append(
            {
                "partner_id": partner_id,
                "name": NAMES[number % len(NAMES)],
                "partner_type": main_type if number % 8 not in (5,) else maker.one_of(*TYPES),
                "joined_on": joined,
                "left_on": left if left is None or left >= joined else None,
                "tier": maker.one_of("gold", "Gold", "0", "silver, plated", None),
                "segment": maker.one_of("small", "<i>large</i>", None),
                "region": maker.one_of("Île-de-France", "DACH", "007"),
                "industry": maker.one_of("automotive", "retail", "information_technology", None),
                "branch": maker.one_of("B1", 'B "2"'),
                "manager": maker.one_of("Ana, Ma.", "Zoë\nO'Hara", None),
                "sharing": maker.one_of("full", "none", None),
            }
        )
    maker.put("partners", rows, absent=0.15)


def _fx_rates(maker: Maker) -> None:
    if "GBP" not in maker.currencies and not maker.whole:
        return
    long_ago = maker.first - timedelta(days=900)
    rates = [("USD", long_ago, 0.91), ("GBP", long_ago, 1.17), ("GBP", maker.day(), 1.19)]
    rates += [("USD", maker.period.first, 0.8573), ("GBP", maker.period.last, 1.2345)]
    if maker.maybe(0.5):  # its own currency needs no rate, so this one must not be used
        rates.append(("EUR", long_ago, 2.0))
    unique = {(currency, day): rate for currency, day, rate in rates}
    maker.tables["fx_rates"] = [
        {"currency": currency, "valid_from": day, "rate": rate}
        for (currency, day), rate in unique.items()
    ]


def _customers(maker: Maker) -> None:
    count = max(len(CUSTOMER_IDS), maker.order_count // 10)
    maker.customer_ids = CUSTOMER_IDS + [f"c{n:04d}" for n in range(count - len(CUSTOMER_IDS))]
    maker.home = {customer: maker.partner() for customer in maker.customer_ids}
    rows = [
        {
            "customer_id": customer,
            "partner_id": maker.home.get(customer, maker.partner_ids[0]),
            "acquired_on": maker.day(),
            "market_id": maker.one_of("m1", "m2", "m3", None),
            "segment": maker.one_of("S", "M", None),
        }
        for customer in [*maker.customer_ids, "zero"]
    ]
    maker.put("customers", rows)


def _order(maker: Maker, number: int) -> dict[str, object]:
    customer = None if maker.maybe(0.12) else maker.rng.choice(maker.customer_ids)
    # Most orders come through the customer's own partner, some through another or none.
    partner = maker.home[customer] if customer and maker.maybe(0.8) else maker.partner()
    amount = maker.money()
    return {
        "order_id": f"{number:05d}",
        "customer_id": customer,
        "partner_id": partner,
        "ordered_on": maker.day(),
        "amount": amount,
        "status": "cancelled" if maker.maybe(0.08) else maker.one_of("completed", None),
        "cost": None if maker.maybe(0.15) else round(amount * maker.rng.uniform(0.3, 1.1), 2),
        "quantity": None if maker.maybe(0.15) else float(maker.rng.randrange(1, 20)),
        "channel": maker.one_of("portal", "app", "edi", "phone", "branch", "field", None),
        "market_id": maker.one_of("m1", "m2", "m3", None),
        "project_id": maker.one_of("01", "1", "p<3>", None, None, None),
        "currency": maker.currency(),
    }


def _returned(maker: Maker, bought: dict[str, object], number: int) -> dict[str, object]:
    """Return a return of that order: a row of its own, on its own day."""
    share = maker.one_of(1, 0.5, 2)
    back = {**bought, "order_id": f"R{number}", "status": "returned"}
    back["ordered_on"] = min(maker.later(bought["ordered_on"], 120, never=0), maker.last)
    for column in ("amount", "cost", "quantity"):
        if bought[column] is not None:
            back[column] = -round(bought[column] * share, 2)
    return back


def _balanced(maker: Maker, day: date, number: int) -> Rows:
    """Return three orders of one customer that are exactly 0 together, though not in floats."""
    like = {**_order(maker, number), "customer_id": "zero", "partner_id": maker.partner_ids[0]}
    like.update(ordered_on=day, currency=None, cost=None, quantity=None)
    amounts = [(10.10, "completed"), (20.20, "completed"), (-30.30, "returned")]
    return [
        {**like, "order_id": f"Z{number}-{n}", "amount": amount, "status": status}
        for n, (amount, status) in enumerate(amounts)
    ]


def _orders(maker: Maker) -> None:
    rows = [_order(maker, number) for number in range(maker.order_count)]
    sold = [row for row in rows if row["status"] != "cancelled"]
    some = maker.rng.sample(sold, len(sold) // 12)
    rows += [_returned(maker, bought, number) for number, bought in enumerate(some)]
    for number, period in enumerate([maker.period, maker.period.year_ago()]):
        if period is not None and maker.maybe(0.7):
            rows += _balanced(maker, period.first, number)
    maker.rng.shuffle(rows)
    maker.put("orders", rows, absent=0.08, keep=("status",))
    if (
        maker.maybe(0.1) and not maker.whole
    ):  # an absent status reads as completed, but a return needs one to be one
        kept = [row for row in maker.tables["orders"] if row["amount"] >= 0]
        maker.tables["orders"] = [{c: v for c, v in row.items() if c != "status"} for row in kept]


# --- files ----------------------------------------------------------------------------------------

POLARS = {
    "id": pl.String,
    "text": pl.String,
    "date": pl.Date,
    "timestamp": pl.Datetime,
    "number": pl.Float64,
    "count": pl.Int64,
    "flag": pl.Boolean,
}


def write_folder(tables: dict[str, Rows], folder: Path, fmt: str = "parquet") -> None:
    """Write each table as NAME.parquet with its types, or as NAME.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = [c for c in COLUMNS[name] if not rows or any(c in row for row in rows)]
        if fmt == "csv":
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(columns)
                writer.writerows([_text(row.get(c)) for c in columns] for row in rows)
        else:
            schema = {c: POLARS[COLUMNS[name][c]] for c in columns}
            full = [{c: row.get(c) for c in columns} for row in rows]
            pl.DataFrame(full, schema=schema).write_parquet(folder / f"{name}.parquet")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
