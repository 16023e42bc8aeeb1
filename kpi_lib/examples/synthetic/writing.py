"""Columns as the contract has them, and tables on their way to disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from kpi_lib.data.contract import TABLES

MONEY = pl.Decimal(18, 2)
PART_ROWS = 1_000_000  # a longer table is a folder of parts
ROW_GROUP = 250_000


def ids(prefix: str, numbers: np.ndarray, digits: int = 6) -> pl.Series:
    """Return ids as a source system writes them, D000007; negative numbers are none."""
    number = pl.lit(pl.Series(numbers, dtype=pl.Int64))
    text = number.cast(pl.String).str.zfill(digits)
    return pl.select(pl.when(number >= 0).then(pl.lit(prefix) + text)).to_series()


def cents(amounts: np.ndarray) -> pl.Series:
    """Return whole cents as decimal amounts."""
    whole = pl.lit(pl.Series(amounts.astype(np.int64))).cast(pl.Decimal(18, 0))
    return pl.select((whole * pl.lit("0.01").cast(MONEY)).cast(MONEY)).to_series()


def money(amounts: np.ndarray) -> pl.Series:
    """Return amounts rounded to whole cents, as decimals."""
    return cents(np.rint(amounts * 100))


def words(choices: tuple[str, ...] | list[str], places: np.ndarray) -> pl.Series:
    """Return the words at these places, null where a place is negative."""
    number = pl.Series(places, dtype=pl.Int64)
    number = pl.select(pl.when(number >= 0).then(number)).to_series().cast(pl.UInt32)
    return pl.Series(choices, dtype=pl.String).gather(number)


def repeated(word: str, rows: int) -> pl.Series:
    """Return a column with one word in every row."""
    return pl.Series([word] * rows, dtype=pl.String)


def where(known: np.ndarray, column: pl.Series) -> pl.Series:
    """Return a column with nulls where it is not known."""
    return pl.select(pl.when(pl.Series(known)).then(column)).to_series()


class TableFile:
    """One table, written in parts as it grows: a file, or a folder of files where it is large.

    `rows`: how many it has taken so far, by which the next ones can be numbered.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.rows = 0
        self._waiting: list[pl.DataFrame] = []
        self._parts = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Take more rows, in the contract's columns; write a part when there are enough of them."""
        self._waiting.append(frame.select(list(TABLES[self.name].columns)))
        self.rows += frame.height
        if sum(frame.height for frame in self._waiting) >= PART_ROWS:
            self._write_part(self.folder / self.name / f"part-{self._parts:03}.parquet")

    def close(self) -> None:
        """Write what is left; a table without a row is none, and is not written."""
        if not self.rows:
            return
        if self._parts == 0:
            self._write_part(self.folder / f"{self.name}.parquet")
        elif self._waiting:
            self._write_part(self.folder / self.name / f"part-{self._parts:03}.parquet")

    def _write_part(self, path: Path) -> None:
        """Write the rows that wait as the next Parquet part."""
        path.parent.mkdir(exist_ok=True)
        rows = pl.concat(self._waiting, rechunk=True)
        rows.write_parquet(path, compression="zstd", row_group_size=ROW_GROUP)
        self._waiting = []
        self._parts += 1


def write_table(folder: Path, name: str, frame: pl.DataFrame) -> None:
    """Write a whole table."""
    table = TableFile(folder, name)
    for start in range(0, max(frame.height, 1), PART_ROWS):
        table.add(frame.slice(start, PART_ROWS))
    table.close()
