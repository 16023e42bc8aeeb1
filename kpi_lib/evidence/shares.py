"""Rows with what each of them adds to a figure, and how they are laid out for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.engine.formula import Rows
from kpi_lib.evidence.place import Place

ADDS = "__adds"  # what a row adds to the figure it stands behind; null where that cannot be said
OF_PERIOD = "__period"  # of rows that are not of the place's own period
OF_SCOPE = "__scope"
NOTE = "note"
Side = Literal["numerator", "denominator"]
SIDES: tuple[Side, ...] = ("numerator", "denominator")
BOTH = "both"
TO = {f"to_{side}": side for side in SIDES}
OURS = ("table", "used_in", "scope", "period", *TO, NOTE)
# What is told in rows that are of no table of the contract, and what tells those apart.
KEYS = {
    "kpis": ("kpi",),
    "months": ("starts_on",),
    "gaps": ("starts_on",),
    "period": ("starts_on",),
    "number": ("number",),
}
LATEST_FIRST = ("gaps", "months")


@dataclass(frozen=True)
class Counted:
    """Rows of a table that a figure stands on, one each: the column ADDS of them adds up to it."""

    table: str
    rows: pl.DataFrame


@dataclass(frozen=True)
class Share:
    """Counted rows, where they stand, on which side of the line, and times what they count."""

    side: Side
    place: Place
    counted: Counted
    factor: float = 1.0


def counted(rows: Rows, frame: pl.DataFrame) -> Counted:
    """Return rows as people read them: days as dates, flags as true and false, amounts as floats.

    What was looked up in another table is typed as it is there.
    """
    columns = dict(TABLES[rows.table].columns)
    for lookup in rows.lookups:
        beside = TABLES[lookup.table].columns
        columns |= {name: beside[column] for name, column in lookup.names.items()}
    kinds = {name: columns[name].kind for name in frame.columns if name in columns}
    # The earliest moment that was looked up is told as its day.
    days = [n for n, kind in kinds.items() if kind == "date" or n.endswith("_earliest")]
    flags = [name for name, kind in kinds.items() if kind == "flag"]
    typed = frame.with_columns(pl.col(days).cast(pl.Date), pl.col(flags).cast(pl.Boolean))
    return Counted(rows.table, typed.with_columns(pl.selectors.decimal().cast(pl.Float64)))


def once_each(frame: pl.DataFrame, by: Sequence[str], adds: pl.Expr | float = 1.0) -> pl.DataFrame:
    """Return the rows; what a group adds stands on the first of its rows, and 0 on the others."""
    first = pl.int_range(pl.len()).over(by) == 0
    amount = pl.lit(adds) if isinstance(adds, float) else adds
    return frame.with_columns(pl.when(first).then(amount).otherwise(0).alias(ADDS))


def laid_out(shares: Sequence[Share], asked: Place) -> pl.DataFrame:
    """Return the rows of all shares, table by table, each row once in each period and scope.

    Columns: table, used_in (numerator, denominator or both), scope, period, to_numerator and
    to_denominator (what the row adds to them), note, then those of the tables. Where a partner is
    asked about, what is not its own in tables of partners' rows is one row, added up.
    """
    told: dict[str, list[pl.DataFrame]] = {}
    for share in shares:
        if len(share.counted.rows):
            told.setdefault(share.counted.table, []).append(_told(share, asked))
    if not told:
        texts = dict.fromkeys(("table", "used_in", "scope", "period"), pl.String())
        return pl.DataFrame(schema=texts | dict.fromkeys(TO, pl.Float64()))
    frame = pl.concat((_merged(f, t) for t, f in told.items()), how="diagonal_relaxed")
    return frame.drop(NOTE) if frame[NOTE].is_null().all() else frame


def _told(share: Share, asked: Place) -> pl.DataFrame:
    """Return the rows of a share with our columns; own ones of the same name get their table's."""
    table, frame = share.counted.table, _without_others(share, asked)
    # A zero has no sign for people: - 0 is what a factor of - 1 leaves of it.
    adds = (pl.col(ADDS).cast(pl.Float64) * share.factor).fill_nan(None) + 0.0
    nothing = pl.lit(None, pl.Float64)
    ours = {
        "table": pl.lit(table),
        "used_in": pl.lit(share.side),
        "scope": _one_of(frame, OF_SCOPE, share.place.scope),
        "period": _one_of(frame, OF_PERIOD, share.place.period),
        **{name: adds if side == share.side else nothing for name, side in TO.items()},
        NOTE: _one_of(frame, NOTE, None),
    }
    others = [name for name in frame.columns if name not in (ADDS, OF_PERIOD, OF_SCOPE, NOTE)]
    return frame.select(
        *(told.alias(name) for name, told in ours.items()),
        *(pl.col(name).alias(_own_name(name, table)) for name in others),
    )


def _one_of(frame: pl.DataFrame, column: str, otherwise: str | None) -> pl.Expr:
    return pl.col(column) if column in frame.columns else pl.lit(otherwise, pl.String)


def _own_name(name: str, table: str) -> str:
    return f"{table}_{name}" if name in OURS else name


def _without_others(share: Share, asked: Place) -> pl.DataFrame:
    """Return the rows; of a partner's question those of others are one row, added up."""
    frame, table = share.counted.rows, share.counted.table
    outside = asked.scope == "partner" and share.place.index != asked.index
    names = table in TABLES and asked.working.cube.scanner.relations.names_partners(table)
    if not outside or not names:
        return frame
    own = (pl.col("partner_id") == asked.entity).fill_null(False)
    others = frame.filter(~own)
    told = {NOTE: f"{len(others):,} rows that are not of {asked.entity}, together"}
    scope = {OF_SCOPE: share.place.scope}
    one = others.select(pl.col(ADDS).cast(pl.Float64).sum(), **_literals(told | scope))
    kept = frame.filter(own).with_columns(pl.col(ADDS).cast(pl.Float64))
    kept = kept.with_columns(**_literals({OF_SCOPE: asked.scope}))
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
