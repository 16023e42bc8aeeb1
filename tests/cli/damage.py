"""Ways in which a sound company is damaged: its bytes, cells, types, files, settings and mapping.

Each way takes the folder of a project and hypothesis' hand, and writes something into it. The
project has `params/` and `data/`, as `write_project` makes them.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import polars as pl
from hypothesis import strategies as st

from tests.independent.generate import generate, write_folder

Draw = Callable[[st.SearchStrategy], object]
SEEDS = (3, 5, 11, 17)
SOUND_TARGETS = """scope,entity,kpi,period,target,minimum,baseline
all,*,otif_rate,*,0.9,0.8,
all,*,orders,quarter,3,,
portfolio,*,revenue,2026,1000,900,
"""
SOUND_SETTINGS = "data: ../data\nreporting_currency: EUR\nyear_end: DEC\n"
NASTY = (
    *("", " ", "0", "-1", "+5", ".5", "5.", "1e5", "1e-9", "1e400", "NaN", "inf", "1,234", "12,5"),
    *("1.234.567", "12 %", "(5)", "5-", "true", "yes", "2", "9999-12-31", "0026-01-01", "26-01-01"),
    *("2026-02-30", "1899-12-31", "2062-08-01", "2026-01-05 10:00", "2026-01-05T00:00:00Z", "*"),
    *("=1+1", "../x", "a\0b", "\ufeff", "\u202e", "Jose\u0301", "Jos\u00e9", "<b>x</b>", "'"),
    *("{{ x }}", "x" * 3000, "\n", '"', "null", "None", "USD", "usd", "gold ", "GOLD"),
)
BYTES = (b"\0", b"\xff", b"\r", b"\n", b'"', b";", b",", b"\xef\xbb\xbf", b"sep=;\n", b"\xc3\xa4")
KEYS = (
    *("year_end", "reporting_currency", "maturity_days", "half_life_days", "clv_horizon_months"),
    *("weights", "profiles", "packs", "tolerances", "models", "company", "languages", "mail"),
    *("mapping", "data", "covered_from", "unknown"),
)
VALUES = (
    *(
        "MAR",
        "mar",
        "USD",
        "euro",
        "0",
        "1",
        "-1",
        "1e9",
        "[]",
        "{}",
        "null",
        "~",
        "nowhere",
        "[x]",
    ),
    *("{revenue: 2}", "{revenue: -1}", "{reseller: [revenue]}", "{x: [ratio, higher]}", "{x: y}"),
    *("{revenue: [money, lower]}", "2026-01-01", "0.5", ".inf", ".nan", "true", "'*'", "&a [*a]"),
)
MADE = (  # how a mapping makes a column, rightly or not
    *(
        "{constant: 1}",
        "{constant: 2026-01-05}",
        "{constant: null}",
        "{column: nosuch}",
    ),
    *(
        "{add: [amount, amount]}",
        "{divide: [amount, amount]}",
        "{split: amount, at: x}",
    ),
    *("{column: amount, decimal: ','}", "{column: ordered_on, format: '%d.%m.%y'}"),
    *("{column: order_id, values: {'1': 2}}", "{concatenate: [order_id, amount]}"),
    *("{column: amount, sign: negate}", "{column: amount, type: count}", "amount", "5"),
    *("{column: ordered_on, format: '%Q'}", "{column: amount, thousands: '.'}"),
)
CASTS = (
    *(pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us"), pl.Datetime("ns", "UTC")),
    *(pl.Categorical, pl.Binary, pl.Null, pl.Decimal(38, 20), pl.Duration, pl.List(pl.String)),
)


def write_project(folder: Path, seed: int, fmt: str) -> None:
    """Write a sound company of a few partners, with settings, targets and recipients."""
    tables = generate(seed, partners=4, orders=60, with_other_tables=True)
    tables = {name: rows for name, rows in tables.items() if rows}
    tables.pop("objectives", None), tables.pop("targets", None)  # ours are sound
    write_folder(tables, folder / "data", fmt)
    params = folder / "params"
    params.mkdir()
    (params / "project.yml").write_text(SOUND_SETTINGS, encoding="utf-8")
    (params / "targets.csv").write_text(SOUND_TARGETS, encoding="utf-8")
    recipients = [f"{row['partner_id']},a@x.invalid,Anna,en,html" for row in tables["partners"]]
    head = "partner_id,email,name,language,attach"
    text = "\n".join([head, *recipients]) + "\n"
    (params / "recipients.csv").write_text(text, encoding="utf-8")


def damage_bytes(folder: Path, draw: Draw) -> None:
    """Flip, insert, cut out or cut off some bytes of any file, or encode it in another way."""
    file = draw(st.sampled_from(sorted(p for p in folder.rglob("*") if p.is_file())))
    raw = file.read_bytes()
    start = draw(st.integers(0, len(raw)))
    how = draw(st.sampled_from(["flip", "insert", "cut out", "cut off", "ends", "latin", "utf-16"]))
    some = draw(st.sampled_from(BYTES))
    text = raw.decode("utf-8", "replace")
    changed = {
        "flip": raw[:start] + some + raw[start + len(some) :],
        "insert": raw[:start] + some + raw[start:],
        "cut out": raw[:start] + raw[start + draw(st.integers(1, 200)) :],
        "cut off": raw[:start],
        "ends": raw.replace(b"\r\n", b"\r").replace(b"\n", b"\r"),
        "latin": text.encode("latin-1", "replace"),
        "utf-16": text.encode("utf-16"),
    }
    file.write_bytes(changed[how])


def damage_cell(folder: Path, draw: Draw) -> None:
    """Write something else into one cell of a CSV file, its header or a whole column of it."""
    file, rows = _some_rows(folder, draw)
    if file is None:
        return damage_settings(folder, draw)
    if not rows or not rows[0]:
        return None
    column = draw(st.integers(0, len(rows[0]) - 1))
    first = draw(st.integers(0, len(rows) - 1))
    last = draw(st.sampled_from([first + 1, len(rows)]))
    for row in rows[first:last]:
        if column < len(row):
            row[column] = draw(st.sampled_from([*NASTY, *_variants(row[column])]))
    _write_rows(file, rows)
    return None


def _some_rows(folder: Path, draw: Draw) -> tuple[Path | None, list[list[str]]]:
    """Return one of the CSV files with its rows; None and no row where there is none."""
    files = sorted(p for p in folder.rglob("*.csv") if p.is_file())
    if not files:
        return None, []
    file = draw(st.sampled_from(files))
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        return file, list(csv.reader(stream))


def _variants(text: str) -> tuple[str, ...]:
    return (text.upper(), f" {text}", f"{text}  ", unicodedata.normalize("NFD", text), text[::-1])


def damage_rows(folder: Path, draw: Draw) -> None:
    """Take rows or a column away, write them twice, or in another order."""
    file, rows = _some_rows(folder, draw)
    if file is None:
        return damage_types(folder, draw)
    how = draw(st.sampled_from(["none", "twice", "shuffle", "ragged", "no column", "two columns"]))
    place = draw(st.integers(0, max(len(rows[0]) - 1, 0))) if rows else 0
    changed = {
        "none": rows[:1],
        "twice": rows + rows[1:3],
        "shuffle": rows[:1] + random.Random(place).sample(rows[1:], len(rows) - 1),
        "ragged": [*rows, ["x"]],
        "no column": [row[:place] + row[place + 1 :] for row in rows],
        "two columns": [[*row, *row[place : place + 1]] for row in rows],
    }
    _write_rows(file, changed[how])
    return None


def damage_types(folder: Path, draw: Draw) -> None:
    """Write a table as Parquet with one column of another type."""
    files = sorted(p for p in (folder / "data").iterdir() if p.suffix in (".csv", ".parquet"))
    if not files:
        return
    file = draw(st.sampled_from(files))
    is_csv = file.suffix == ".csv"
    try:
        frame = pl.read_csv(file, infer_schema=False) if is_csv else pl.read_parquet(file)
        column, kind = draw(st.sampled_from(frame.columns)), draw(st.sampled_from(CASTS))
        frame = frame.with_columns(pl.col(column).cast(kind, strict=False))
    except pl.exceptions.PolarsError:
        return
    file.unlink()
    frame.write_parquet(file.with_suffix(".parquet"))


def damage_files(folder: Path, draw: Draw) -> None:
    """Rename a file, copy it beside itself, take it away, or put a folder in its place."""
    files = sorted(p for p in (folder / "data").iterdir() if p.is_file())
    file = draw(st.sampled_from(files))
    how = draw(st.sampled_from(["capitals", "monthly", "gone", "folder", "both", "link"]))
    raw = file.read_bytes()
    if how in ("capitals", "gone", "folder", "link"):
        file.unlink()
    if how == "capitals":
        (file.parent / file.name.upper()).write_bytes(raw)
    if how == "monthly":
        (file.parent / f"{file.stem}_2026-01{file.suffix}").write_bytes(raw)
    if how == "folder":
        (file.parent / file.stem).mkdir()
        (file.parent / file.stem / f"part{file.suffix}").write_bytes(raw)
    if how == "both":
        other = ".csv" if file.suffix == ".parquet" else ".parquet"
        file.with_suffix(other).write_bytes(raw)
    if how == "link":
        file.symlink_to(file.name)


def damage_settings(folder: Path, draw: Draw) -> None:
    """Write another value of a key into the settings."""
    file = folder / "params" / "project.yml"
    key, value = draw(st.sampled_from(KEYS)), draw(st.sampled_from(VALUES))
    lines = [line for line in SOUND_SETTINGS.splitlines() if not line.startswith(f"{key}:")]
    file.write_text("\n".join([*lines, f"{key}: {value}"]) + "\n", encoding="utf-8")


def damage_mapping(folder: Path, draw: Draw) -> None:
    """Read the orders through a mapping that makes one of their columns in another way."""
    how = draw(st.sampled_from(MADE))
    column = draw(st.sampled_from(["amount", "ordered_on", "order_id", "partner_id", "status"]))
    files = sorted(p.name for p in (folder / "data").iterdir() if p.suffix in (".csv", ".parquet"))
    names = {Path(name).stem: name for name in files}
    if not {"partners", "orders"} <= set(names):
        return
    plain = [n for n in ("order_id", "ordered_on", "amount", "partner_id") if n != column]
    columns = [*(f"      {name}: {name}" for name in plain), f"      {column}: {how}"]
    text = [
        f"files: {{p: {{file: {names['partners']}}}, o: {{file: {names['orders']}}}}}",
        *("tables:", "  partners: {from: p}", "  orders:", "    from: o", "    columns:", *columns),
    ]
    (folder / "params" / "mapping.yml").write_text("\n".join(text) + "\n", encoding="utf-8")
    settings = folder / "params" / "project.yml"
    settings.write_text(f"{SOUND_SETTINGS}mapping: mapping.yml\n", encoding="utf-8")


WAYS = (
    *(damage_bytes, damage_cell, damage_cell, damage_rows, damage_types, damage_files),
    *(damage_settings, damage_mapping),
)


def _write_rows(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream).writerows(rows)
