"""Which rows of a table break what: one mask a fault, all of them asked in one scan.

A mask may look at the row's own columns and at the row that an id points to, which is joined to it
beforehand: is it there, when did that partner leave, when was that order made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from kpi_lib.data.faults import LIST, NULL, ODD, REFERENCE, RULE, TYPE, Fault, Severity
from kpi_lib.data.prepare import Prepared, bad, raw_text
from kpi_lib.data.rules import rules_of
from kpi_lib.data.schema import Column
from kpi_lib.data.typed import UNREAD, shown, what_is_wrong
from kpi_lib.errors import ScorecardError
from kpi_lib.periods import CADENCES, Period

LARGE = 2_000_000  # rows of a parent from which on its ids are held as marks
FIRST_RATE = "first rate"

Words = Callable[[str | None], tuple[str, str]]  # a value -> the kind of fault, the fault


@dataclass(frozen=True)
class Mask:
    """Rows that break one thing. `value` is the expression whose text is shown with the fault."""

    column: str
    breach: pl.Expr
    words: Words
    rank: int
    value: pl.Expr
    severity: Severity = "fault"

    def fault(self, table: str, row: int, value: str | None) -> Fault:
        """Return the fault of one row."""
        kind, text = self.words(value)
        value = value.removeprefix(UNREAD) if value else value
        return Fault(table, row, self.column, text, value, self.severity, kind, self.rank)


@dataclass(frozen=True)
class Surroundings:
    """What a row is held against outside its table."""

    parents: Mapping[str, pl.LazyFrame]  # by table: its keys, once each, and their dates
    first_rates: pl.LazyFrame  # currency, the first day with a rate
    reporting_currency: str
    better: Mapping[str, str] = field(default_factory=dict)
    year_end: str = "DEC"


def parent_of(prepared: Prepared) -> pl.LazyFrame:
    """Return the keys of a table that ids point to, each once, with the dates that children ask."""
    key = prepared.table.key[0]
    dates = {"partners": ["left_on"], "orders": ["ordered_on"]}.get(prepared.name, [])
    wanted = [key, *(name for name in dates if name in prepared.columns)]
    if key not in prepared.columns:
        return pl.LazyFrame(schema={key: pl.String})
    keys = prepared.frame.select(wanted).filter(pl.col(key).is_not_null())
    is_large = prepared.raw.frame.select(pl.len()).collect().item() > LARGE
    if is_large:
        keys = keys.with_columns(_mark(key))
    return keys.unique(subset=key, keep="any").collect(engine="streaming").lazy()


def _mark(key: str) -> pl.Expr:
    """Return 8 bytes for an id: a third of the memory where a parent has many millions of rows.

    One orphan in a million million would share its mark with one of 10 million ids and go unseen.
    """
    return pl.col(key).hash(seed=0)


def first_rates(rates: Prepared | None) -> pl.LazyFrame:
    """Return for each currency the first day on which it has a rate."""
    if rates is None or not {"currency", "valid_from"} <= rates.columns:
        return pl.LazyFrame(schema={"currency": pl.String, FIRST_RATE: pl.Date})
    days = rates.frame.drop_nulls(["currency", "valid_from"]).group_by("currency")
    return days.agg(pl.col("valid_from").min().alias(FIRST_RATE)).collect().lazy()


def beside_parents(prepared: Prepared, around: Surroundings) -> pl.LazyFrame:
    """Return the table's rows with what is asked of the rows that their ids point to."""
    frame = prepared.frame
    for column in _pointing(prepared, around):
        parent = around.parents[str(column.references)]
        names = parent.collect_schema().names()
        renamed = {names[0]: column.name} | {date: f"{column.name}:{date}" for date in names[1:]}
        there = pl.lit(True).alias(f"{column.name}:there")
        right = parent.rename(renamed).with_columns(there)
        if parent.collect_schema()[names[0]] == pl.String:
            frame = frame.join(right, on=column.name, how="left")
        else:
            ours = _mark(column.name)
            frame = frame.join(right, left_on=ours, right_on=column.name, how="left")
    if _is_foreign_possible(prepared):
        frame = frame.join(around.first_rates, on="currency", how="left")
    return frame


def _pointing(prepared: Prepared, around: Surroundings) -> list[Column]:
    return [
        column
        for name, column in prepared.table.columns.items()
        if name in prepared.columns and column.references in around.parents
    ]


def _is_foreign_possible(prepared: Prepared) -> bool:
    return {"currency", *prepared.table.money.values()} <= prepared.columns and bool(
        prepared.table.money
    )


def masks_of(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return everything that a row of the table can break by itself."""
    masks: list[Mask] = []
    for name, column in prepared.table.columns.items():
        if name in prepared.columns & prepared.given:
            masks += _of_column(prepared, column)
    masks += [_orphan(column) for column in _pointing(prepared, around)]
    for rule in rules_of(prepared.table, prepared.columns):
        words = _told(rule.fault)
        value = _as_given(prepared, rule.column)
        masks.append(Mask(rule.column, rule.breach, words, rule.rank, value, rule.severity))
    masks += _of_dates(prepared, around)
    masks += _of_currency(prepared, around)
    masks += _of_kpis(prepared, around)
    return masks


def _as_given(prepared: Prepared, column: str) -> pl.Expr:
    """Return a value as the source has it."""
    return pl.col(raw_text(column) if column in prepared.given else column).cast(pl.String)


def _told(fault: str) -> Words:
    return lambda value: (fault, fault if value is None else f"{fault}: {shown(value)}")


def _of_column(prepared: Prepared, column: Column) -> list[Mask]:
    name, kind = column.name, column.kind
    value = pl.col(raw_text(name))
    masks = []
    unread = pl.lit(False)
    if name in prepared.unread:
        unread = pl.col(bad(name))
        masks.append(Mask(name, unread, lambda v: what_is_wrong(kind, v), TYPE, value))
    if not column.optional:
        empty = pl.col(name).is_null() & ~unread
        masks.append(Mask(name, empty, lambda _: ("is empty", "is empty"), NULL, value))
    if column.choices:
        listed = f"is not one of {', '.join(column.choices)}"
        outside = ~pl.col(name).is_in(list(column.choices))
        masks.append(Mask(name, outside, _not_in(listed), LIST, value))
    if column.pattern:
        outside = ~pl.col(name).str.contains(column.pattern)
        masks.append(Mask(name, outside, _no_folder_name, TYPE, value))
    return masks


def _not_in(listed: str) -> Words:
    return lambda value: (listed, f"{shown(value or '')} {listed}")


def _no_folder_name(value: str | None) -> tuple[str, str]:
    kind = "cannot name a folder"
    allowed = "letters, digits, _ . and -, 64 at most, the first a letter or a digit"
    return kind, f"{shown(value or '')} {kind}: {allowed}"


def _orphan(column: Column) -> Mask:
    # An empty text is told as what it is, not as an id that points nowhere.
    nowhere = (pl.col(column.name) != "") & pl.col(f"{column.name}:there").is_null()
    words = _told(f"no such {str(column.references).removesuffix('s')}")
    return Mask(column.name, nowhere, words, REFERENCE, pl.col(column.name))


def _of_dates(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return what is odd about a row's days beside those of its partner and its order."""
    masks = []
    main, columns = prepared.table.main_date, prepared.columns
    parents = {c.references: around.parents[str(c.references)] for c in _pointing(prepared, around)}
    if "partners" in parents and main in columns:
        left = pl.col("partner_id:left_on")
        late = pl.col(str(main)).cast(pl.Date) > left
        words = _told("after the partner left")
        masks.append(Mask(str(main), late, words, ODD, pl.col(str(main)).cast(pl.String)))
    asked = {"ordered_on"} <= set(parents["orders"].collect_schema()) if "orders" in parents else 0
    if prepared.table.name == "deliveries" and asked and "delivered_on" in columns:
        early = pl.col("delivered_on") < pl.col("order_id:ordered_on")
        words = _told("before the order")
        masks.append(
            Mask("delivered_on", early, words, ODD, pl.col("delivered_on").cast(pl.String))
        )
    return [replace(mask, severity="warning") for mask in masks]


def _of_currency(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return the rows in a foreign currency that has no rate on their day."""
    if not _is_foreign_possible(prepared):
        return []
    day = pl.col(next(iter(prepared.table.money.values())))
    currency = pl.col("currency")
    foreign = currency.is_not_null() & (currency != around.reporting_currency)
    without = foreign & (pl.col(FIRST_RATE).is_null() | (day < pl.col(FIRST_RATE)))
    value = currency + pl.format(" on {}", day.cast(pl.String).fill_null("an unknown day"))

    def words(value: str | None) -> tuple[str, str]:
        code = (value or "").partition(" on ")[0]
        return f"no rate for {code}", f"no rate for {value} in fx_rates"

    return [Mask("currency", without, words, RULE, value)]


def _of_kpis(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return what is wrong with the KPIs and the periods that a row names."""
    name, columns, better = prepared.table.name, prepared.columns, around.better
    masks = []
    if "period" in columns:
        masks.append(_no_period(prepared, around.year_end))
    if better and "kpi" in columns and name in ("targets", "objectives"):
        kpi = pl.col("kpi")
        neither = kpi.is_in([k for k, side in better.items() if side == "neither"])
        words = _told(f"{name[:-1]} of a KPI where neither higher nor lower is better")
        masks.append(Mask("kpi", neither, words, RULE, kpi))
        # Not a fault: the data may be ahead of a catalogue that grows.
        unknown = ~kpi.is_in(list(better))
        masks.append(Mask("kpi", unknown, _told("no such KPI"), ODD, kpi, "warning"))
    if better and {"kpi", "minimum", "target"} <= columns:
        masks.append(_wrong_side(prepared, better))
    return masks


def _no_period(prepared: Prepared, year_end: str) -> Mask:
    texts = prepared.frame.select(pl.col("period").unique()).collect()["period"].drop_nulls()
    allowed = ("*", *CADENCES) if prepared.table.name == "targets" else ()
    wrong = [text for text in texts if text not in allowed and not _is_period(text, year_end)]
    mask = Mask(
        "period", pl.col("period").is_in(wrong), _told("not a period"), TYPE, pl.col("period")
    )
    # The contract says of targets what a period is; of reported figures it only names the column.
    return mask if allowed else replace(mask, severity="warning", rank=ODD)


def _is_period(text: str, year_end: str) -> bool:
    try:
        Period.parse(text, year_end)
    except ScorecardError:
        return False
    return True


def _wrong_side(prepared: Prepared, better: Mapping[str, str]) -> Mask:
    kpi, minimum, target = pl.col("kpi"), pl.col("minimum"), pl.col("target")
    higher = kpi.is_in([k for k, side in better.items() if side == "higher"])
    lower = kpi.is_in([k for k, side in better.items() if side == "lower"])
    wrong = (higher & (minimum > target)) | (lower & (minimum < target))
    sides = [_as_given(prepared, name) for name in ("minimum", "target")]
    value = pl.format("{} against {}", *sides)
    return Mask("minimum", wrong, _told("on the wrong side of the target"), RULE, value)
