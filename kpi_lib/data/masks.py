"""Which rows of a table break what: one mask a fault, all of them asked in one scan.

A mask may look at the row's own columns and at the row that an id points to, which is joined to it
beforehand: is it there, when did that partner leave, when was that order made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from kpi_lib.data.conversion import UNREAD
from kpi_lib.data.faults import LIST, NULL, ODD, REFERENCE, RULE, TYPE, Fault, Severity
from kpi_lib.data.hints import printable, what_is_wrong
from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.data.preparation import Prepared, raw_text, unread_mark
from kpi_lib.data.row_rules import ACROSS_TABLES, MAIN_DATE, rules_of
from kpi_lib.data.schema import Column

LARGE = 2_000_000  # rows of a parent from which on its ids are held as marks
FIRST_RATE = "first rate"
EMPTY_TEXT = "an empty text"
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

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
    """What a row is held against outside its table.

    `parents`: by table its keys, once each, with the dates that children ask. `first_rates`: by
    currency the first day with a rate. `entities`: by scope of a target those that there are;
    `plain_sums`: the measures that are observed without a denominator.
    """

    parents: Mapping[str, pl.LazyFrame]
    first_rates: pl.LazyFrame
    reporting_currency: str
    today: date
    year_end: str = "DEC"
    kpis: Mapping[str, KpiFacts] = field(default_factory=dict)
    entities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    plain_sums: frozenset[str] = frozenset()


def parent_of(prepared: Prepared) -> pl.LazyFrame:
    """Return the keys of a table that ids point to, each once, with the dates that children ask."""
    key = prepared.table.key[0]
    dates = {rule.parents_date: None for rule in ACROSS_TABLES if rule.parent == prepared.name}
    wanted = [key, *(name for name in dates if name in prepared.columns)]
    if key not in prepared.columns:
        return pl.LazyFrame(schema={key: pl.String})
    keys = prepared.frame.select(wanted).filter(pl.col(key).is_not_null())
    is_large = prepared.raw.frame.select(pl.len()).collect().item() > LARGE
    if is_large:
        keys = keys.with_columns(_id_hash(key))
    return keys.unique(subset=key, keep="any").collect(engine="streaming").lazy()


def _id_hash(key: str) -> pl.Expr:
    """Return 8 bytes for an id: a third of the memory where a parent has many millions of rows.

    One orphan in a million million would share its mark with one of 10 million ids and go unseen.
    """
    return pl.col(key).hash(seed=0)


def first_rates(rates: Prepared | None) -> pl.LazyFrame:
    """Return for each currency the first day on which it has a rate."""
    if rates is None or not {"currency", "valid_from"} <= rates.columns:
        return pl.LazyFrame(schema={"currency": pl.String, FIRST_RATE: pl.Date})
    days = rates.frame.drop_nulls(["currency", "valid_from"]).group_by("currency")
    with rates.raw.reading():
        return days.agg(pl.col("valid_from").min().alias(FIRST_RATE)).collect().lazy()


def beside_parents(prepared: Prepared, around: Surroundings) -> pl.LazyFrame:
    """Return the table's rows with what is asked of the rows that their ids point to."""
    frame = prepared.frame
    for column in _reference_columns(prepared, around):
        parent = around.parents[str(column.references)]
        names = parent.collect_schema().names()
        renamed = {names[0]: column.name} | {date: f"{column.name}:{date}" for date in names[1:]}
        there = pl.lit(True).alias(f"{column.name}:there")
        right = parent.rename(renamed).with_columns(there)
        if parent.collect_schema()[names[0]] == pl.String:
            frame = frame.join(right, on=column.name, how="left")
        else:
            ours = _id_hash(column.name)
            frame = frame.join(right, left_on=ours, right_on=column.name, how="left")
    if _is_foreign_possible(prepared):
        frame = frame.join(around.first_rates, on="currency", how="left")
    return frame


def _reference_columns(prepared: Prepared, around: Surroundings) -> list[Column]:
    """Return the columns that hold keys of another table which is there."""
    return [
        column
        for name, column in prepared.table.columns.items()
        if name in prepared.columns and column.references in around.parents
    ]


def _is_foreign_possible(prepared: Prepared) -> bool:
    days = set(prepared.table.money.values())
    return bool(days) and {"currency", *days} <= prepared.columns


def masks_of(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return everything that a row of the table can break by itself."""
    masks: list[Mask] = []
    for name, column in prepared.table.columns.items():
        if name in prepared.columns & prepared.given:
            masks += _masks_of_column(prepared, column)
    masks += [_orphans(column) for column in _reference_columns(prepared, around)]
    for note in prepared.raw.notes:
        odd = pl.col(note.name)
        mask = Mask(note.column, odd.is_not_null(), words_of(note.words), ODD, odd, "warning")
        masks.append(mask)
    for rule in rules_of(prepared.table, prepared.columns):
        words = words_of(rule.fault)
        value = as_given(prepared, rule.column)
        masks.append(Mask(rule.column, rule.breach, words, rule.rank, value, rule.severity))
    masks += _date_masks(prepared, around)
    masks += _currency_masks(prepared, around)
    return masks


def as_given(prepared: Prepared, column: str) -> pl.Expr:
    """Return a value as the source has it."""
    return pl.col(raw_text(column) if column in prepared.given else column).cast(pl.String)


def words_of(fault: str) -> Words:
    """Return what says a fault with the value that shows it."""
    return lambda value: (fault, fault if value is None else f"{fault}: {printable(value)}")


def _masks_of_column(prepared: Prepared, column: Column) -> list[Mask]:
    """Return the masks of what can be wrong with a column's values one by one."""
    name, kind = column.name, column.kind
    value = pl.col(raw_text(name))
    masks = []
    unread = pl.lit(False)
    if name in prepared.unread:
        unread = pl.col(unread_mark(name))
        masks.append(Mask(name, unread, lambda v: what_is_wrong(kind, v), TYPE, value))
    if kind in ("date", "timestamp"):
        outside = ~_day(name).is_between(FIRST_DAY, LAST_DAY)
        masks.append(Mask(name, outside, words_of("not within 1900 to 2199"), TYPE, value))
    if name in prepared.composed:
        other = value != pl.col(name)
        masks.append(Mask(name, other, _other_unicode_form, ODD, value, "warning"))
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
    return lambda value: (listed, f"{printable(value or '')} {listed}")


def _other_unicode_form(value: str | None) -> tuple[str, str]:
    """Return the kind and the sentence for a value that is in another Unicode form."""
    kind = "in another Unicode form"
    read = unicodedata.normalize("NFC", value or "")
    return (
        kind,
        f"{printable(value or '')} is {kind}, accents apart from their letters; read as {read}",
    )


def _no_folder_name(value: str | None) -> tuple[str, str]:
    """Return the kind and the sentence for a value that cannot name a folder."""
    kind = "cannot name a folder"
    allowed = "letters, digits, _ . and -, 64 at most, the first a letter or a digit"
    return kind, f"{printable(value or '')} {kind}: {allowed}"


def _orphans(column: Column) -> Mask:
    """Return the mask of keys that the table they point to does not have."""
    # An empty text is reported as what it is, not as an id that points nowhere.
    nowhere = (pl.col(column.name) != "") & pl.col(f"{column.name}:there").is_null()
    words = words_of(f"no such {str(column.references).removesuffix('s')}")
    return Mask(column.name, nowhere, words, REFERENCE, pl.col(column.name))


def _date_masks(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return what is odd about a row's days: beside those of its partner and so on, and today."""
    masks, main = [], prepared.table.main_date
    parents = {column.references: column.name for column in _reference_columns(prepared, around)}
    for rule in ACROSS_TABLES:
        column = main if rule.column == MAIN_DATE else rule.column
        if rule.parent not in parents or rule.table not in (None, prepared.table.name):
            continue
        has_date = rule.parents_date in around.parents[rule.parent].collect_schema().names()
        if has_date and column in prepared.columns:
            theirs = pl.col(f"{parents[rule.parent]}:{rule.parents_date}")
            masks.append(_odd_day(str(column), rule.breach(_day(str(column)), theirs), rule.words))
    if main in prepared.columns:
        late = _day(str(main)).is_between(around.today, LAST_DAY, closed="right")
        masks.append(_odd_day(str(main), late, "after today"))
    return masks


def _day(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.Date)


def _odd_day(column: str, breach: pl.Expr, words: str) -> Mask:
    return Mask(column, breach, words_of(words), ODD, pl.col(column).cast(pl.String), "warning")


def _currency_masks(prepared: Prepared, around: Surroundings) -> list[Mask]:
    """Return the mask of rows in a foreign currency that has no rate on their day."""
    if not _is_foreign_possible(prepared):
        return []
    day = pl.col(next(iter(prepared.table.money.values())))
    currency = pl.col("currency")
    foreign = currency.is_not_null() & (currency != around.reporting_currency)
    without = foreign & (pl.col(FIRST_RATE).is_null() | (day < pl.col(FIRST_RATE)))
    value = currency + pl.format(" on {}", day.cast(pl.String).fill_null("an unknown day"))

    def words(value: str | None) -> tuple[str, str]:
        code = (value or "").partition(" on ")[0]
        if not code:
            return EMPTY_TEXT, f"is {EMPTY_TEXT}, which is neither a currency nor null"
        return f"no rate for {code}", f"no rate for {value} in fx_rates"

    return [Mask("currency", without, words, RULE, value)]
