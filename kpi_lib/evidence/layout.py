"""How the rows behind a figure are laid out for people."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.cell import Cell
from kpi_lib.engine.shares import ADDS, OF_PERIOD, SIDES, Share

OF_SCOPE = "__scope"
NOTE = "note"
BOTH = "both"
TO = {f"to_{side}": side for side in SIDES}
OURS = ("table", "used_in", "scope", "period", *TO, NOTE)
# What is shown in rows that are of no table of the contract, and what distinguishes those.
KEYS = {
    "kpis": ("kpi",),
    "months": ("starts_on",),
    "gaps": ("starts_on",),
    "period": ("starts_on",),
    "number": ("number",),
}
LATEST_FIRST = ("gaps", "months")


def laid_out(shares: Sequence[Share], cell: Cell) -> pl.DataFrame:
    """Return the rows of all shares, table by table, each row once in each period and scope.

    Columns: table, used_in (numerator, denominator or both), scope, period, to_numerator and
    to_denominator (what the row adds to them), note, then those of the tables. Where the
    cell is a partner's, what is not its own in tables of partners' rows is one row, added up.
    """
    by_table: dict[str, list[pl.DataFrame]] = {}
    for share in shares:
        if len(share.counted.rows):
            by_table.setdefault(share.counted.table, []).append(_with_ours(share, cell))
    if not by_table:
        texts = dict.fromkeys(("table", "used_in", "scope", "period"), pl.String())
        return pl.DataFrame(schema=texts | dict.fromkeys(TO, pl.Float64()))
    frame = pl.concat((_merged(f, t) for t, f in by_table.items()), how="diagonal_relaxed")
    return frame.drop(NOTE) if frame[NOTE].is_null().all() else frame


def _with_ours(share: Share, cell: Cell) -> pl.DataFrame:
    """Return the rows of a share with our columns; own ones of the same name get their table's."""
    table, frame = share.counted.table, _without_others(share, cell)
    # A zero has no sign for people: - 0 is what a factor of - 1 leaves of it.
    adds = (pl.col(ADDS).cast(pl.Float64) * share.factor).fill_nan(None) + 0.0
    nothing = pl.lit(None, pl.Float64)
    ours = {
        "table": pl.lit(table),
        "used_in": pl.lit(share.side),
        "scope": _one_of(frame, OF_SCOPE, share.cell.scope),
        "period": _one_of(frame, OF_PERIOD, share.cell.period),
        **{name: adds if side == share.side else nothing for name, side in TO.items()},
        NOTE: _one_of(frame, NOTE, None),
    }
    others = [name for name in frame.columns if name not in (ADDS, OF_PERIOD, OF_SCOPE, NOTE)]
    return frame.select(
        *(value.alias(name) for name, value in ours.items()),
        *(pl.col(name).alias(_own_name(name, table)) for name in others),
    )


def _one_of(frame: pl.DataFrame, column: str, otherwise: str | None) -> pl.Expr:
    return pl.col(column) if column in frame.columns else pl.lit(otherwise, pl.String)


def _own_name(name: str, table: str) -> str:
    return f"{table}_{name}" if name in OURS else name


def _without_others(share: Share, cell: Cell) -> pl.DataFrame:
    """Return the rows; in a partner's cell those of others are one row, added up."""
    frame, table = share.counted.rows, share.counted.table
    outside = cell.scope == "partner" and share.cell.index != cell.index
    names = table in TABLES and cell.cube.scanner.relations.names_partners(table)
    if not outside or not names:
        return frame
    own = (pl.col("partner_id") == cell.entity).fill_null(False)
    others = frame.filter(~own)
    note = {NOTE: f"{len(others):,} rows that are not of {cell.entity}, together"}
    scope = {OF_SCOPE: share.cell.scope}
    one = others.select(pl.col(ADDS).cast(pl.Float64).sum(), **_literals(note | scope))
    kept = frame.filter(own).with_columns(pl.col(ADDS).cast(pl.Float64))
    kept = kept.with_columns(**_literals({OF_SCOPE: cell.scope}))
    return pl.concat([kept, one], how="diagonal") if len(others) else kept


def _literals(texts: dict[str, str]) -> dict[str, pl.Expr]:
    return {name: pl.lit(text) for name, text in texts.items()}


def _merged(frames: Sequence[pl.DataFrame], table: str) -> pl.DataFrame:
    """Return each row once, its sides added up, in order of period, day and key."""
    frame = pl.concat(frames, how="diagonal_relaxed")
    keys = KEYS.get(table) or TABLES[table].key
    own = [_own_name(name, table) for name in keys]
    grain = [*own, "scope", "period", NOTE]
    if len(frames) > 1:
        alone = pl.col("used_in").n_unique() == 1
        used = pl.when(alone).then(pl.col("used_in").first()).otherwise(pl.lit(BOTH))
        some = pl.col(*TO).is_not_null().any()
        others = pl.exclude(*OURS, *grain).drop_nulls().first()
        frame = frame.group_by(grain, maintain_order=True).agg(
            pl.col("table").first(),
            used.alias("used_in"),
            pl.when(some).then(pl.col(*TO).sum()),
            others,
        )
    main = TABLES[table].main_date if table in TABLES else None
    order = ["period", *([main] if main in frame.columns else []), *own]
    downwards = [True, *[table in LATEST_FIRST] * (len(order) - 1)]
    frame = frame.sort(order, descending=downwards, nulls_last=True)
    return frame.select(*OURS, pl.exclude(OURS))
