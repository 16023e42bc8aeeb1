"""Companies whose partners are in every state in which a period can find one.

They are made of the two that ship with the project: what a partner did is cut to its state, and
what pointed to rows that are gone points nowhere any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.data.contract import TABLES
from kpi_lib.examples.synthetic import write_company
from kpi_lib.periods import Period

DAYS = {"deliveries": "promised_on", "milestones": "due_on"}  # of tables without a main date
MANAGER, BRANCH = "Ada Adler", "Leeds"
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Cast:
    """Who is in which state: a partner_id each."""

    rich: str  # there throughout, with all that the company has
    bare: str  # there throughout, with hardly any rows
    new: str  # joined within the period
    idle: str  # there throughout, without a row in the period
    gone: str  # left before the period
    leaving: str  # left within the period
    silent: str  # shares nothing
    later: str  # joins after the period

    @property
    def readers(self) -> tuple[str, ...]:
        """Those that get a page of their own."""
        return (self.rich, self.bare, self.new, self.idle, self.gone, self.leaving)


@dataclass(frozen=True)
class Turns:
    """The days on which partners of the cast come and go around a period."""

    cast: Cast
    period: Period

    @property
    def middle(self) -> date:
        """The day within the period on which one joins and another leaves."""
        return self.period.start + timedelta(days=self.period.days // 2)

    @property
    def joined(self) -> dict[str, date]:
        """Since when those are there that were not always."""
        return {
            self.cast.new: self.middle,
            self.cast.later: self.period.end + timedelta(days=20),
        }

    @property
    def left(self) -> dict[str, date]:
        """Until when those were there that left."""
        return {
            self.cast.gone: self.period.start - timedelta(days=9),
            self.cast.leaving: self.middle,
        }


EXAMPLE = Cast(
    rich="Germany",
    bare="Israel",
    new="France",
    idle="Austria",
    gone="Portugal",
    leaving="Belgium",
    silent="Finland",
    later="Spain",
)
SYNTHETIC = Cast(
    rich="P0001",
    bare="P0016",
    new="P0009",
    idle="P0012",
    gone="P0014",
    leaving="P0005",
    silent="P0013",
    later="P0010",
)


def example() -> Tables:
    """Return the tables of the example."""
    return _read(paths.example_data())


def synthetic(folder: Path) -> Tables:
    """Return the tables of a small synthetic company, which is written into a folder."""
    return _read(write_company(folder, partners=17, orders=2_500))


def write_in_states(tables: Tables, turns: Turns, folder: Path) -> Path:
    """Write the tables into a folder with every partner of the cast in its state; return it.

    All partners are one manager's and one branch's, so that a run makes one page of each.
    """
    cut = {name: _cut(name, frame, turns) for name, frame in tables.items()}
    cut["partners"] = _partners(tables["partners"], turns)
    folder.mkdir(parents=True)
    for name, frame in _pointing_somewhere(cut).items():
        frame.write_parquet(folder / f"{name}.parquet")
    return folder


def _read(folder: Path) -> Tables:
    return {file.stem: pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))}


def _partners(partners: pl.DataFrame, turns: Turns) -> pl.DataFrame:
    who = pl.col("partner_id")
    joined = who.replace_strict(turns.joined, default=pl.col("joined_on"), return_dtype=pl.Date())
    left = who.replace_strict(turns.left, default=None, return_dtype=pl.Date())
    shares = pl.when(who == turns.cast.silent).then(pl.lit("none")).otherwise(pl.lit("full"))
    return partners.with_columns(
        joined_on=joined,
        left_on=left,
        sharing=shares,
        manager=pl.lit(MANAGER),
        branch=pl.lit(BRANCH),
    )


def _cut(name: str, frame: pl.DataFrame, turns: Turns) -> pl.DataFrame:
    """Return a table without what its partners' states do not allow."""
    day = TABLES[name].main_date or DAYS.get(name)
    if day is None or "partner_id" not in frame.columns:
        return frame
    who, on = pl.col("partner_id"), pl.col(day).cast(pl.Date)
    since = who.replace_strict(turns.joined, default=date.min, return_dtype=pl.Date())
    until = who.replace_strict(turns.left, default=date.max, return_dtype=pl.Date())
    within = on.is_between(turns.period.start, turns.period.end)
    idle = (who == turns.cast.idle) & within
    return frame.filter(who.is_null() | ((on >= since) & (on <= until) & ~idle))


def _pointing_somewhere(tables: Tables) -> Tables:
    """Return the tables without ids of rows that are gone; a row that needs one goes with it."""
    pointing = dict(tables)
    for name in TABLES:
        for column in TABLES[name].columns.values():
            target = column.references
            if name in pointing and target in pointing and column.name in pointing[name].columns:
                pointing[name] = _pointing(
                    pointing[name], column.name, pointing[target], column.nullable
                )
    return pointing


def _pointing(
    frame: pl.DataFrame, column: str, target: pl.DataFrame, nullable: bool
) -> pl.DataFrame:
    there = pl.col(column).is_in(target[target.columns[0]].implode())
    if nullable:
        return frame.with_columns(pl.when(there).then(pl.col(column)).alias(column))
    return frame.filter(there)
