"""The rows of the tables: read, typed, with the contract's defaults, in the reporting currency."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from .contract import COLUMNS

Row = dict[str, object]
Tables = Mapping[str, Sequence[Mapping[str, object]]]

DEFAULTS = {
    ("partners", "sharing"): "full",
    ("orders", "status"): "completed",
    ("deliveries", "error"): "none",
}
# Whose absence says something: all are completed, nobody left, none expires, all are plain sums.
MAY_BE_MISSING = {
    ("orders", "status"),
    ("partners", "left_on"),
    ("training", "certificate_until"),
    ("observations", "denominator"),
}
MONEY = {
    "orders": ("ordered_on", ("amount", "cost")),
    "invoices": ("issued_on", ("amount",)),
    "deals": ("opened_on", ("amount",)),
    "costs": ("incurred_on", ("amount",)),
    "savings": ("realised_on", ("amount",)),
}


class Data:
    """Every table as a list of typed rows, and which columns each really has."""

    def __init__(self, source: Path | str | Tables, reporting_currency: str = "EUR"):
        raw = source if isinstance(source, Mapping) else read_folder(Path(source))
        self.reporting_currency = reporting_currency
        self.rows: dict[str, list[Row]] = {}
        self.columns: dict[str, set[str]] = {}
        for name in COLUMNS:
            if name in raw:
                self._take(name, [dict(row) for row in raw[name]])
        self._convert()

    def _take(self, name: str, rows: list[dict[str, object]]) -> None:
        known = COLUMNS[name]
        seen = set().union(*(row.keys() for row in rows)) if rows else set(known)
        self.columns[name] = {c for c in known if c in seen}
        self.rows[name] = [{c: self._cell(name, c, row.get(c)) for c in known} for row in rows]

    def _cell(self, table: str, column: str, value: object) -> object:
        value = typed(COLUMNS[table][column], value)
        return DEFAULTS.get((table, column)) if value is None else value

    def has(self, table: str, column: str) -> bool:
        """Whether the column is there, or may be missing without taking anything away."""
        return column in self.columns[table] or (table, column) in MAY_BE_MISSING

    def _rate(self, currency: object, day: date | None) -> Fraction:
        if day is None or currency is None or currency == self.reporting_currency:
            return Fraction(1)
        best: Row | None = None
        for row in self.rows.get("fx_rates", []):
            if (
                row["currency"] == currency
                and row["valid_from"] <= day
                and (best is None or row["valid_from"] > best["valid_from"])
            ):
                best = row
        if best is None:
            raise ValueError(f"no rate for {currency} on {day}")
        return best["rate"]

    def _convert(self) -> None:
        invoice_rate = {
            row["invoice_id"]: self._rate(row["currency"], row["issued_on"])
            for row in self.rows.get("invoices", [])
        }
        for table, (day, columns) in MONEY.items():
            for row in self.rows.get(table, []):
                rate = self._rate(row["currency"], row[day])
                for column in columns:
                    if row[column] is not None:
                        row[column] = row[column] * rate
        for row in self.rows.get("payments", []):
            if row["amount"] is not None:
                row["amount"] = row["amount"] * invoice_rate.get(row["invoice_id"], Fraction(1))


def day_of(value: object) -> date:
    """Return the day of a date or a timestamp."""
    return value.date() if isinstance(value, datetime) else value


def typed(kind: str, value: object) -> object:
    """Return the value in the contract's type; text that is empty is null."""
    if value is None or value == "":
        return None
    if kind in ("id", "text"):
        return str(value)
    if kind == "date":
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    if kind == "timestamp":
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if kind == "flag":
        return value if isinstance(value, bool) else str(value).strip().lower() in ("true", "1")
    # What was meant is the shortest decimal that reads as this float: 10.1, not 10.0999...
    return value if isinstance(value, Fraction) else Fraction(Decimal(str(value)))


def read_folder(folder: Path) -> dict[str, list[dict[str, object]]]:
    """Read each NAME.csv, NAME.parquet or NAME/ of Parquet files that the contract knows."""
    found = {}
    for name in COLUMNS:
        if (folder / f"{name}.csv").exists():
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                found[name] = list(csv.DictReader(file))
        elif (folder / f"{name}.parquet").exists():
            found[name] = pl.read_parquet(folder / f"{name}.parquet").to_dicts()
        elif (folder / name).is_dir():
            parts = sorted((folder / name).glob("*.parquet"))
            found[name] = [row for part in parts for row in pl.read_parquet(part).to_dicts()]
    return found
