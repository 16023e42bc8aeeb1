"""Broken input, one kind each: a project folder with one thing wrong, and what must be said of it.

`BROKEN` is a table for whoever tests a door: write the folder, call, look for the fragments. Each
project has `params/project.yml`, which names `data/`, and there three small tables as CSV.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from tests.data.good import ORDERS, PARTNERS, SETTINGS, write_good


@dataclass(frozen=True)
class Broken:
    """One kind of broken input. `write` makes the whole project; `expected` must all be said."""

    name: str
    write: Callable[[Path], None]
    expected: tuple[str, ...]


def _with(file: str, text: str | bytes) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        write_good(project)
        content = text if isinstance(text, bytes) else text.encode()
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_bytes(content)

    return write


def _instead(file: str, old: str, new: str) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        write_good(project)
        path = project / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return write


def _without(file: str) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        write_good(project)
        (project / file).unlink()

    return write


def _then(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def write(project: Path) -> None:
        write_good(project)
        change(project)

    return write


def _folder_for_file(project: Path) -> None:
    (project / "data" / "orders.csv").unlink()
    (project / "data" / "orders.csv").mkdir()


def _link_to_itself(project: Path) -> None:
    orders = project / "data" / "orders.csv"
    orders.unlink()
    orders.symlink_to("orders.csv")


def _no_right_to_read(project: Path) -> None:
    (project / "data" / "orders.csv").chmod(0)


def _twice(project: Path) -> None:
    pl.read_csv(project / "data" / "orders.csv").write_parquet(project / "data" / "orders.parquet")


def _parquet(project: Path, **columns: object) -> None:
    (project / "data" / "orders.csv").unlink()
    rows = {"order_id": ["1"], "ordered_on": ["2024-05-01"], "amount": [1.0]} | columns
    pl.DataFrame(rows).write_parquet(project / "data" / "orders.parquet")


def _cut_parquet(project: Path) -> None:
    _parquet(project)
    path = project / "data" / "orders.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def _unlike_parts(project: Path) -> None:
    (project / "data" / "orders.csv").unlink()
    folder = project / "data" / "orders"
    folder.mkdir()
    pl.DataFrame({"order_id": ["1"], "amount": [1.0]}).write_parquet(folder / "a.parquet")
    pl.DataFrame({"order_id": ["1"], "amount": ["1"]}).write_parquet(folder / "b.parquet")


def _sqlite_without_partners(project: Path) -> None:
    with sqlite3.connect(project / "shop.db") as connection:
        connection.execute("create table partner (partner_id text)")
    connection.close()
    (project / "params" / "project.yml").write_text("data: ../shop.db\n")


def _mapping(text: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        (project / "params" / "mappings").mkdir()
        (project / "params" / "mappings" / "shop.yml").write_text(text, encoding="utf-8")
        (project / "params" / "project.yml").write_text(f"{SETTINGS}mapping: shop\n")

    return _then(change)


ORDER = "data/orders.csv"
PARTNER = "data/partners.csv"
YAML = "params/project.yml"
TARGETS = "params/targets.csv"

BROKEN: tuple[Broken, ...] = (
    # --- no table ---------------------------------------------------------------------------------
    Broken("no partners", _without(PARTNER), ("no table partners", "only one that is needed")),
    Broken("an empty file", _with(ORDER, b""), ("orders.csv: is empty",)),
    Broken("a web page", _with(ORDER, "<!DOCTYPE html><p>Log in"), ("orders.csv", "HTML")),
    Broken("an Excel workbook", _with(ORDER, b"PK\x03\x04\0"), ("orders.csv", "Excel")),
    Broken("a binary file", _with(ORDER, b"\x01\x00\x02"), ("orders.csv", "binary")),
    Broken("UTF-16", _with(ORDER, ORDERS.encode("utf-16")), ("orders.csv", "UTF-16")),
    Broken("JSON", _with(ORDER, '[{"order_id": 1}]'), ("orders.csv", "looks like JSON")),
    Broken("a folder for a file", _then(_folder_for_file), ("orders.csv: is a folder",)),
    Broken("a link to itself", _then(_link_to_itself), ("orders.csv: cannot be read",)),
    Broken(
        "no right to read",
        _then(_no_right_to_read),
        ("orders.csv: cannot be read", "ermission"),
    ),
    Broken("two sources", _then(_twice), ("orders.parquet and orders.csv are both there",)),
    Broken("a cut Parquet file", _then(_cut_parquet), ("orders.parquet: is a broken Parquet",)),
    Broken(
        "CSV called Parquet",
        _then(lambda p: (p / ORDER).rename(p / "data" / "orders.parquet")),
        ("orders.parquet: is no Parquet file",),
    ),
    Broken(
        "parts unlike each other",
        _then(_unlike_parts),
        ("orders/b.parquet: column amount is String, and Float64 in a.parquet",),
    ),
    Broken(
        "an empty folder",
        _then(lambda p: ((p / ORDER).unlink(), (p / "data" / "orders").mkdir())),
        ("orders/: holds no Parquet file",),
    ),
    Broken(
        "no such data folder",
        _with(YAML, "data: ../nowhere\n"),
        ("nowhere: there is no such folder or file",),
    ),
    Broken(
        "a table where a folder should be",
        _with(YAML, "data: ../data/orders.csv\n"),
        ("orders.csv: is a single file", "Name the folder"),
    ),
    Broken(
        "an unknown database",
        _with(YAML, "data: nosuch://u:secret@h/d\n"),
        ("database d: ", "nosuch"),
    ),
    Broken(
        "a database without partners",
        _then(_sqlite_without_partners),
        ("SQLite file shop.db", "no table partners", "Is it partner?"),
    ),
    # --- a table that is not CSV as we write it -------------------------------------------------
    Broken(
        "latin-1",
        _with(PARTNER, PARTNERS.replace("Birch", "M\u00fcller").encode("latin-1")),
        ("partners.csv row 2: byte FC is not UTF-8", "latin-1", "M\u00fcller"),
    ),
    Broken(
        "one wrong byte",
        _with(PARTNER, PARTNERS.replace("Birch", "M\u00fcller").encode() + b"P3,\xff"),
        ("partners.csv row 3: byte FF is not UTF-8, and the rest of the file is",),
    ),
    Broken(
        "a title above the header",
        _with(ORDER, f"Orders of 2024\n\n{ORDERS}"),
        ("orders.csv: its header seems to stand on line 3", "Delete the lines above it"),
    ),
    Broken(
        "semicolons",
        _with(ORDER, ORDERS.replace(",", ";")),
        ("orders.csv: its fields are separated by ;",),
    ),
    Broken("tabs", _with(ORDER, ORDERS.replace(",", "\t")), ("orders.csv", "a tab")),
    Broken(
        "a column twice",
        _instead(ORDER, "customer_id", "order_id"),
        ("orders.csv: column 'order_id' stands more than once",),
    ),
    Broken(
        "a ragged row",
        _instead(ORDER, "2,C2,,2024-05-02,20", "2,C2,2024-05-02,20"),
        ("orders row 2: 4 fields, where the header has 5",),
    ),
    Broken(
        "an open quote",
        _instead(ORDER, "2,C2", '2,"C2'),
        ("orders.csv row 2: a quote is opened here and never closed",),
    ),
    Broken(
        "other names",
        _with(ORDER, "No,Day,Sum\n1,2024-01-01,5\n"),
        ("orders.csv: has no column of the contract, but No, Day, Sum",),
    ),
    # --- columns and values ---------------------------------------------------------------------
    Broken(
        "a table without a row",
        _with(ORDER, ORDERS.splitlines()[0]),
        ("orders: has no row; export it again, or leave the table out",),
    ),
    Broken(
        "a missing column",
        _instead(PARTNER, "joined_on", "join_on"),
        ("partners column joined_on: the column is missing; is it 'join_on'?",),
    ),
    Broken(
        "a wrong type",
        _then(lambda p: _parquet(p, amount=[True])),
        ("orders column amount: its type is Boolean, and it must be a number",),
    ),
    Broken(
        "a date that is none",
        _instead(ORDER, "2024-05-02", "31/02/2026"),
        ("orders row 2 column ordered_on: 31/02/2026 is not a date",),
    ),
    Broken(
        "a day that is none",
        _instead(ORDER, "2024-05-02", "2026-02-31"),
        ("orders row 2 column ordered_on: 2026-02-31 is not a date",),
    ),
    Broken(
        "a day of no calendar",
        _instead(ORDER, "2024-05-02", "9999-12-31"),
        ("orders row 2 column ordered_on: not within 1900 to 2199: 9999-12-31",),
    ),
    Broken(
        "a comma that may be two things",
        _instead(ORDER, "100.50", '"1,234"'),
        (
            "orders row 1 column amount: 1,234 has a comma, which may be a thousands sign or a "
            "decimal comma; write 1234 or 1.234",
        ),
    ),
    Broken(
        "a decimal comma",
        _instead(ORDER, "100.50", '"100,50"'),
        ("orders row 1 column amount: 100,50 has a decimal comma; write 100.50",),
    ),
    Broken(
        "a thousands sign",
        _instead(ORDER, "100.50", '"1,100.50"'),
        ("orders row 1 column amount: 1,100.50 has a thousands sign; write 1100.50",),
    ),
    Broken(
        "NaN",
        _then(lambda p: _parquet(p, amount=[float("nan")])),
        ("orders row 1 column amount: NaN is not a number",),
    ),
    Broken(
        "a null where none may be",
        _instead(ORDER, "2024-05-02", ""),
        ("orders row 2 column ordered_on: is empty",),
    ),
    Broken(
        "a key twice",
        _instead(ORDER, "\n3,", "\n1,"),
        ("orders row 1 column order_id: key 1 stands 2 times", "orders row 3 column order_id"),
    ),
    Broken(
        "an orphan",
        _instead(ORDER, "3,,P2", "3,,P9"),
        ("orders row 3 column partner_id: no such partner: P9",),
    ),
    Broken(
        "an id without its zeros",
        _instead(ORDER, "1,007", "1,7"),
        ("orders row 1 column customer_id: no such customer: 7",),
    ),
    Broken(
        "a value outside its list",
        _instead(PARTNER, "reseller", "Reseller"),
        ("partners row 1 column partner_type: Reseller is not one of reseller, referral",),
    ),
    Broken(
        "a partner that climbs out of its folder",
        _instead(PARTNER, "P2,", "../P2,"),
        ("partners row 2 column partner_id: ../P2 cannot name a folder",),
    ),
    Broken(
        "a currency without a rate",
        _with(ORDER, "order_id,ordered_on,amount,currency\n1,2024-01-01,5,CHF\n"),
        ("orders row 1 column currency: no rate for CHF on 2024-01-01 in fx_rates",),
    ),
    Broken(
        "a rate of nothing",
        _with("data/fx_rates.csv", "currency,valid_from,rate\nUSD,2024-01-01,0\n"),
        ("fx_rates row 1 column rate: a rate of 0 or below: 0",),
    ),
    Broken(
        "a target that nothing reaches",
        _with(TARGETS, "scope,entity,kpi,period,target\nall,*,otif_rate,*,93\n"),
        (
            "params/targets.csv row 1 column target: 93 is outside what the KPI can be: otif_rate "
            "lies between 0 and 1; if 93 % is meant, write 0.93",
        ),
    ),
    Broken(
        "a target of nobody",
        _with(TARGETS, "scope,entity,kpi,period,target\npartner,p1,revenue,2026,5\n"),
        ("params/targets.csv row 1 column entity: no such partner: p1; did you mean P1?",),
    ),
    Broken(
        "a target for any length of time",
        _with(TARGETS, "scope,entity,kpi,period,target\nall,*,revenue,*,5\n"),
        (
            "params/targets.csv row 1 column period: revenue adds up over a period, and * is any "
            "length: write year, half, quarter, month or week",
        ),
    ),
    Broken(
        "a target for a period that is none",
        _with(TARGETS, "scope,entity,kpi,period,target\nall,*,revenue,2026-Q5,5\n"),
        ("params/targets.csv row 1 column period: not a period: 2026-Q5",),
    ),
    # --- settings and mappings ------------------------------------------------------------------
    Broken(
        "an unknown key",
        _with(YAML, "data: ../data\nmaturity_day: 60\n"),
        ("params/project.yml line 2: unknown key maturity_day", "Did you mean maturity_days?"),
    ),
    Broken(
        "a bad value",
        _with(YAML, "year_end: Mar\nmaturity_days: ninety\n"),
        ("project.yml line 1: year_end is 'Mar'", "project.yml line 2: maturity_days is 'ninety'"),
    ),
    Broken(
        "a key that stands twice",
        _with(YAML, "data: a\nyear_end: DEC\ndata: b\n"),
        ("project.yml line 3: data stands twice, first on line 1",),
    ),
    Broken("YAML with a tab", _with(YAML, "weights:\n\trevenue: 1\n"), ("line 2: a tab",)),
    Broken("YAML that is a list", _with(YAML, "- data\n"), ("project.yml: is not a mapping",)),
    Broken("YAML in latin-1", _with(YAML, b"data: \xfc\n"), ("line 1: byte FC is not UTF-8",)),
    Broken(
        "a mapping that is not there",
        _with(YAML, "data: ../data\nmapping: shop\n"),
        ("params/shop: there is no such file",),
    ),
    Broken(
        "a mapping with an unknown operation",
        _mapping(
            "files: {o: {file: orders.csv}}\n"
            "tables:\n  orders:\n    from: o\n    columns:\n      amount: {eval: 1 + 1}\n"
        ),
        ("mappings/shop.yml line 6: unknown key tables.orders.columns.amount.eval",),
    ),
    Broken(
        "a mapping with a word that goes unheard",
        _mapping(
            "files: {o: {file: orders.csv}}\n"
            "tables:\n  orders:\n    from: o\n    columns:\n"
            "      amount: {add: [amount, amount], format: '%d.%m.%Y'}\n"
        ),
        ("mappings/shop.yml line 6: tables.orders.columns.amount: format does not go with add",),
    ),
    Broken(
        "a mapping of a column that is not there",
        _mapping(
            "files: {o: {file: orders.csv}}\n"
            "tables:\n  orders:\n    from: o\n    columns:\n      amount: amnt\n"
        ),
        ("mappings/shop.yml line 6: there is no column 'amnt' in ", "amount?"),
    ),
)
