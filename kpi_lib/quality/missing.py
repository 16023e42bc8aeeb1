"""What is not there, which KPIs that takes away, from whom, and who answers for it.

A gap is of one kind:

table      a table of the contract that the data do not have
column     a column of a table that is there, without which a KPI has no value
assumed    a column that is not there, which says something: all orders are completed, nobody left
rows       a table that is there, without a single row of a partner up to the day of the figures

Who answers for a gap is said in `measure/owners.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.kpi import Kpi
from kpi_lib.measure.compute import Results
from kpi_lib.measure.owners import DATA, owners_of
from kpi_lib.quality.regularity import Counts

TABLE, COLUMN, ASSUMED, ROWS = "table", "column", "assumed", "rows"
_PLACE = {name: pl.String() for name in ("kind", "table", "column", "partner_id")}
LOSSES = {**_PLACE, "kpi": pl.String(), "effect": pl.String(), "alone": pl.Boolean()}
GAPS = {
    **_PLACE,
    **{"owner_is": pl.String(), "owner": pl.String(), "kpis": pl.Int64(), "zeros": pl.Int64()},
}
UNMEASURED = {name: pl.String() for name in ("kpi", "partner_id", "why")}

Columns = Mapping[str, frozenset[str]]
Place = tuple[str, str, str | None]  # kind, table, column


def losses_of(results: Results, dataset: Dataset, counts: Counts) -> pl.DataFrame:
    """Return one row per gap and KPI that it affects.

    `partner_id` is null where it affects every partner. `effect`: missing (no value), zero (a sum
    or a count over no row at all), assumed (computed without the column). `alone`: nothing else
    takes the KPI away there.
    """
    there = columns_of(dataset)
    rows = [
        (*place, None, kpi.id, ASSUMED if place[0] == ASSUMED else "missing")
        for kpi in results.kpis
        for place in (*_lacking(kpi, there), *_assumed(kpi, dataset, there))
    ]
    schema = {name: kind for name, kind in LOSSES.items() if name != "alone"}
    losses = pl.concat(
        [pl.DataFrame(rows, schema=schema, orient="row"), _blanks(results, there, counts)]
    )
    missing = pl.col("effect") == "missing"
    return losses.with_columns(alone=missing & (missing.sum().over("kpi", "partner_id") == 1))


def gaps_of(
    results: Results, dataset: Dataset, counts: Counts, losses: pl.DataFrame
) -> pl.DataFrame:
    """Return one row per gap, also of those that take no KPI away: its owner and what it costs.

    `kpis` counts the KPIs without a value, `zeros` those that are 0 for want of any row. `owner` is
    the name of a manager or a branch; null where it is the owner of the data.
    """
    places = pl.DataFrame(
        [(*place, None) for place in _absent(dataset)], schema=_PLACE, orient="row"
    )
    gaps = pl.concat([places, _silent(results, counts)])
    cost = losses.group_by(list(_PLACE)).agg(
        kpis=pl.col("kpi").filter(pl.col("effect") == "missing").n_unique(),
        zeros=pl.col("kpi").filter(pl.col("effect") == "zero").n_unique(),
    )
    counted = (
        gaps.join(cost, on=list(_PLACE), how="left", nulls_equal=True, maintain_order="left")
        .join(owners_of(results.partners), on="partner_id", how="left", maintain_order="left")
        .with_columns(pl.col("owner_is").fill_null(DATA), pl.col("kpis", "zeros").fill_null(0))
    )
    return counted.select([pl.col(name).cast(kind) for name, kind in GAPS.items()])


def unmeasured_of(results: Results, losses: pl.DataFrame) -> pl.DataFrame:
    """Return one row per KPI and partner without a value though there are rows, and why.

    Nothing is missing there: there was nothing to divide by, or nothing to compare with.
    """
    taken = losses.filter(pl.col("effect") == "missing").select("kpi", "partner_id")
    from_all = taken.filter(pl.col("partner_id").is_null()).select("kpi")
    blank = _partner_values(results).filter(pl.col("value").is_null())
    left = blank.join(from_all, on="kpi", how="anti").join(
        taken, on=["kpi", "partner_id"], how="anti", maintain_order="left"
    )
    return left.select("kpi", "partner_id", why="missing").cast(UNMEASURED)  # type: ignore[arg-type]


def columns_of(dataset: Dataset) -> Columns:
    """Return the columns of the typed tables, by table."""
    return {name: frozenset(f.collect_schema().names()) for name, f in dataset.tables.items()}


def _lacking(kpi: Kpi, there: Columns) -> Iterator[Place]:
    """Yield the tables and columns without which the KPI has no value for any partner."""
    for table, columns in kpi.needs_given(there).items():
        if table not in there:
            yield TABLE, table, None
            continue
        naming = {"partner_id"} & TABLES[table].columns.keys()
        for column in sorted((columns | naming) - there[table]):
            yield COLUMN, table, column


def _assumed(kpi: Kpi, dataset: Dataset, there: Columns) -> Iterator[Place]:
    """Yield the columns that it reads as empty, or as their default, for want of them."""
    for table, columns in kpi.needs.items():
        for column in sorted(columns & dataset.absent.get(table, frozenset())):
            if column in there.get(table, ()):
                yield ASSUMED, table, column


def _absent(dataset: Dataset) -> Iterator[Place]:
    """Yield everything of the contract that the data do not have, in the contract's order."""
    there = columns_of(dataset)
    for name, table in TABLES.items():
        if name not in there:
            yield TABLE, name, None
            continue
        absent = dataset.absent.get(name, frozenset(table.columns) - there[name])
        for column in table.columns:
            if column in absent:
                yield ASSUMED if column in there[name] else COLUMN, name, column


def _silent(results: Results, counts: Counts) -> pl.DataFrame:
    """Return each table and partner of which it has no row, as gaps."""
    naming = [name for name in counts.tables if name in counts.naming and name != "partners"]
    tables = pl.DataFrame({"table": naming}, schema={"table": pl.String})
    pairs = tables.join(results.partners.select("partner_id"), how="cross")
    silent = pairs.join(counts.owned, on=["table", "partner_id"], how="anti", maintain_order="left")
    nothing = pl.lit(None, dtype=pl.String)
    return silent.select(pl.lit(ROWS).alias("kind"), "table", nothing.alias("column"), "partner_id")


def _blanks(results: Results, there: Columns, counts: Counts) -> pl.DataFrame:
    """Return the losses of partners without a row: no value, or a 0 that counts nothing."""
    needs = [
        (kpi.id, table)
        for kpi in results.kpis
        if not list(_lacking(kpi, there))
        for table in kpi.needs
    ]
    reads = pl.DataFrame(needs, schema={"kpi": pl.String, "table": pl.String}, orient="row")
    blank = _partner_values(results).filter(pl.col("value").is_null() | (pl.col("value") == 0))
    blank_rows = blank.join(reads, on="kpi").join(
        _silent(results, counts), on=["table", "partner_id"]
    )
    effect = pl.when(pl.col("value").is_null()).then(pl.lit("missing")).otherwise(pl.lit("zero"))
    order = ["table", "partner_id", "kpi"]
    return blank_rows.sort(order).select(*_PLACE, "kpi", effect.alias("effect"))


def _partner_values(results: Results) -> pl.DataFrame:
    """Return the partners' rows of the KPI table: kpi, partner_id, value, missing."""
    own = results.table.filter(pl.col("scope") == "partner")
    return own.select("kpi", "value", "missing", partner_id="entity")
