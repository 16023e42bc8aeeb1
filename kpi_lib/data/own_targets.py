"""`params/targets.csv`: the company's own targets, as whatever spreadsheet they are kept in writes.

No mapping reads a file of params/. So fields may be separated by semicolons too, as spreadsheets do
where decimals stand after a comma; numbers may then be written that way.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.csv_file import own_form, read_csv
from kpi_lib.data.faults import TYPE, Fault
from kpi_lib.data.raw import ROW, Raw
from kpi_lib.regular import is_there

TARGETS_FILE = "targets.csv"
OWN_TARGETS = f"params/{TARGETS_FILE}"
TARGETS = TABLES["targets"]
SEMICOLON = ";"
_DECIMAL_COMMA = r"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+),[0-9]+$"
_POINT_OR_THOUSANDS = r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+$"


def read_own_targets(folder: Path, workspace: Path) -> Raw | None:
    """Return the rows of the targets beside the settings as text; None where there are none."""
    path = folder / TARGETS_FILE
    if not is_there(path):
        return None
    columns = frozenset(TARGETS.columns)
    form = own_form(path, columns)
    raw = read_csv(path, workspace / "own-targets.text.parquet", columns, form)
    return _with_points(raw) if form.delimiter == SEMICOLON else raw


def _with_points(raw: Raw) -> Raw:
    """Return the rows with decimals after a point; 1.234 may be two numbers and is a fault."""
    names = [n for n, c in TARGETS.columns.items() if c.kind == "number" and n in raw.columns]
    doubtful = [pl.col(name).str.contains(_POINT_OR_THOUSANDS).alias(name) for name in names]
    rows = raw.frame.select(ROW, *names).collect()
    marks = rows.select(doubtful)
    faults = [
        _ambiguous_number(row[ROW], name, row[name])
        for row, mark in zip(rows.to_dicts(), marks.to_dicts(), strict=True)
        for name in names
        if mark[name]
    ]
    readable = pl.all_horizontal(~mark.fill_null(False) for mark in doubtful) if names else True
    frame = raw.frame.filter(readable).with_columns(_with_decimal_point(name) for name in names)
    return replace(raw, frame=frame, faults=[*raw.faults, *faults])


def _with_decimal_point(name: str) -> pl.Expr:
    """Return a column in which `1.234,5` is written 1234.5; other texts stay."""
    text = pl.col(name)
    plain = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return pl.when(text.str.contains(_DECIMAL_COMMA)).then(plain).otherwise(text).alias(name)


def _ambiguous_number(row: int, column: str, text: str) -> Fault:
    """Return the fault of a number whose point may be a thousands sign."""
    number = text.replace(".", "")
    fault = f"{text} may be {number} or {text.replace('.', ',', 1)}; write one of them"
    if text.count(".") > 1:
        fault = f"{text} has thousands signs; write {number}"
    return Fault(OWN_TARGETS, row, column, fault, text, kind="point or thousands sign", rank=TYPE)
