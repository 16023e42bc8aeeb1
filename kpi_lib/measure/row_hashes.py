"""What partners' figures rest on: their own rows, as known on the last day that counts, as hashes.

A run keeps them, so that before a page is mailed it can be said whose past has changed since. What
happened later, or to others, changes nobody's past. What a page tells of others (peers' means, the
models' fits, totals of the company) is as of its run: the next run tells it anew, and it holds
nobody's e-mail back, or no order of anybody could come in between.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import Dataset
from kpi_lib.data.faults import counted
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import Coverage, covers
from kpi_lib.engine.fields import AS_OF, START
from kpi_lib.engine.kpi import with_deciding
from kpi_lib.engine.relation import Relations, open_relations
from kpi_lib.engine.rows import Rows, rows_ever
from kpi_lib.engine.scan import Scanner
from kpi_lib.measure.targets import targets_by_partner
from kpi_lib.settings import Settings

COMMON = "common.json"
PARTNER, KEY, ROW = "partner_id", "key", "row"
TARGETS = "targets"  # name whose they are in columns of their own
HALF = 2**32
# Settings that change no figure: where the data lie shows in the rows, the others in looks alone.
NOT_COUNTED = frozenset(("data", "source", "mapping", "mail", "company", "languages"))
# Rows that do not say themselves whose they are, or since when they are known.
BESIDE: Mapping[str, Rows] = {
    "payments": rows_ever("payments")
    .beside("invoices", "invoice_id", "partner_id")
    .owned_by("invoices_partner_id"),
    "deliveries": rows_ever("deliveries").beside(
        "orders", "order_id", "ordered_on", "status", optional=True
    ),
}
PATHS = ("deals", "touchpoints")  # all of a deal's path shares in its credit
IN_AMOUNTS = "fx_rates"  # what a rate changes is an amount in the reporting currency


@dataclass(frozen=True)
class Common:
    """What the figures of all partners rest on, as text or hashes that are held against others.

    `settings` by name; `columns` and `covered` periods by table; `rows` of tables that belong to
    nobody; `hashing`: the hash of a row that is always the same, by which a library is known that
    hashes otherwise.
    """

    settings: Mapping[str, str]
    columns: Mapping[str, list[str]]
    covered: Mapping[str, list[str]]
    rows: Mapping[str, str]
    hashing: str


@dataclass(frozen=True)
class Inputs:
    """What the figures of a period rest on.

    `rows`: by table one row for each row of each partner: partner_id, key (a hash of what tells the
    row from others), row (a hash of all of it).
    """

    common: Common
    rows: Mapping[str, pl.LazyFrame]

    @classmethod
    def of(
        cls, dataset: Dataset, coverage: Coverage, calendar: Calendar, hashes: Mapping[str, str]
    ) -> Inputs:
        """Return what the figures of a dataset rest on; `hashes`: of the settings."""
        relations = open_relations(dataset)
        known = _Known(Scanner(relations, calendar, 0, 0))
        is_partners = pl.col(PARTNER).is_not_null()
        own = {t: _hashed(t, frame.filter(is_partners)) for t, frame in known.of_partners()}
        nobodys = {
            table: _digest_of_rows(_hashed(table, frame)) for table, frame in known.of_nobody()
        }
        covered = {
            table: [str(p) for p in calendar.periods if covers(since, p)]
            for table, since in coverage.since.items()
        }
        columns = {name: sorted(there) for name, there in relations.columns.items()}
        common = Common(hashes, columns, covered, nobodys, _hashing())
        return cls(common, own)

    @classmethod
    def read(cls, folder: Path) -> Inputs | None:
        """Return what a run kept; None where it kept nothing, or it is damaged."""
        try:
            common = Common(**json.loads((folder / COMMON).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        files = sorted(folder.glob("*.parquet"))
        return cls(common, {file.stem: pl.scan_parquet(file, glob=False) for file in files})

    def write(self, folder: Path) -> None:
        """Write them into an empty folder."""
        for table, rows in self.rows.items():
            rows.sink_parquet(folder / f"{table}.parquet", compression="zstd", statistics=False)
        text = json.dumps(asdict(self.common), sort_keys=True)
        (folder / COMMON).write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class _Known:
    """The rows of every table as they were known on the last day that counts."""

    scanner: Scanner

    @property
    def _tables(self) -> Relations:
        return self.scanner.relations

    def of_partners(self) -> Iterator[tuple[str, pl.LazyFrame]]:
        """Yield each table whose rows belong to partners, with each row's partner_id.

        A deal and its touchpoints belong to every partner on the deal's path.
        """
        for table in self._tables.columns:
            if table == TARGETS:
                partners, calendar = self._tables.partners, self.scanner.calendar
                yield (
                    table,
                    targets_by_partner(partners, calendar, self._frame(table).drop(PARTNER)),
                )
            elif table in PATHS:
                yield table, self._frame(table).drop(PARTNER).join(self._paths, on="deal_id")
            elif self._is_owned(table):
                yield table, self._frame(table)

    def of_nobody(self) -> Iterator[tuple[str, pl.LazyFrame]]:
        """Yield each table whose rows are the company's alone, such as its markets."""
        for table in self._tables.columns:
            if not self._is_owned(table) and table not in (TARGETS, IN_AMOUNTS):
                yield table, self._frame(table)

    def _is_owned(self, table: str) -> bool:
        return table in BESIDE or self._tables.names_partners(table)

    def _frame(self, table: str) -> pl.LazyFrame:
        """Return the rows; all of them as they stand where the column that dates them is absent."""
        day = TABLES[table].main_date
        frame: pl.LazyFrame
        if day is not None and self._tables.lacks(table, frozenset({day})):
            frame = nw.to_native(self._tables.tables[table])
            return frame
        rows = self._rows_to_hash(table)
        frame = nw.to_native(self.scanner.rows(rows).drop("slot", START, AS_OF))
        return frame if day else frame.filter(self._is_known(rows, frame))

    def _rows_to_hash(self, table: str) -> Rows:
        """Return a table's rows with the columns looked up for it, if all of those are there."""
        rows = BESIDE.get(table, rows_ever(table))
        looked_up = frozenset(name for lookup in rows.lookups for name in lookup.names)
        needs = {t: with_deciding(t, names) for t, names in rows.needs(looked_up).items()}
        lacks = any(self._tables.lacks(t, names) for t, names in needs.items())
        return rows_ever(table) if lacks else rows

    def _is_known(self, rows: Rows, frame: pl.LazyFrame) -> pl.Expr:
        """Say of rows that no day keeps from existing whether anything about them is past."""
        spec, names = TABLES[rows.table], frame.collect_schema().names()
        if spec.day not in names:
            return pl.lit(True)
        looked_up = (name for lookup in rows.lookups for name in lookup.names)
        named = [name for name in (*spec.events, *looked_up) if name in names]
        is_past = pl.col(spec.day) <= int(self.scanner.calendar.lasts.max())
        return pl.any_horizontal(is_past, *(pl.col(name).is_not_null() for name in named))

    @cached_property
    def _paths(self) -> pl.LazyFrame:
        """One row for each deal and partner that sourced or touched it: deal_id, partner_id."""
        there = [table for table in PATHS if table in self._tables.columns]
        pairs = [self._frame(table).select("deal_id", PARTNER) for table in there]
        return pl.concat(pairs).drop_nulls().unique()


def _hashed(table: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return partner_id and the hashes of each row that belongs to a partner, or to nobody."""
    names = rows.collect_schema().names()
    whole = pl.struct(sorted(set(names) - {PARTNER})).hash()
    key = [name for name in TABLES[table].key if name in names]
    return rows.select(PARTNER, pl.struct(key or names).hash().alias(KEY), whole.alias(ROW))


def _digest_of_rows(rows: pl.LazyFrame) -> str:
    """Return what tells these rows from others, in whatever order they come."""
    return "-".join(str(part) for part in rows.select(_sums()).collect(engine="streaming").row(0))


def _sums() -> list[pl.Expr]:
    """Return how many rows there are, and the sums of the two halves of their hashes."""
    low = pl.col(ROW) % HALF
    return [
        pl.len().alias("count"),
        low.sum().alias("low"),
        (pl.col(ROW) // HALF).sum().alias("high"),
    ]


def settings_hashes(settings: Settings) -> dict[str, str]:
    """Return a hash of each setting that figures depend on."""
    values = settings.model_dump(mode="json", exclude=set(NOT_COUNTED))
    return {
        name: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
        for name, value in values.items()
    }


def _hashing() -> str:
    row = pl.DataFrame({"id": ["A"], "day": [1], "none": [None]})
    return str(row.select(pl.struct("id", "day", "none").hash()).item())


# --- what has changed ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """How many rows of a table came, went and changed since."""

    table: str
    came: int
    went: int
    changed: int

    def __str__(self) -> str:
        counts = {"new": self.came, "gone": self.went, "changed": self.changed}
        text = ", ".join(f"{counted(n, 'row')} {what}" for what, n in counts.items() if n)
        return f"{self.table} ({text})"


@dataclass(frozen=True)
class Changes:
    """What has changed since a run: what all figures rest on, in words, and rows by partner."""

    of_all: tuple[str, ...] = ()
    of_partner: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)


def changes(then: Inputs, now: Inputs) -> Changes:
    """Return what has changed between what a run kept and what is there now."""
    of_all = tuple(_changes_for_all(then.common, now.common))
    of_partner: dict[str, list[Change]] = {}
    for table in sorted({*then.rows, *now.rows}):
        if then.common.columns.get(table) == now.common.columns.get(table):
            for partner_id, change in _changes_in_table(table, then.rows[table], now.rows[table]):
                of_partner.setdefault(partner_id, []).append(change)
    return Changes(
        of_all, {partner_id: tuple(changed) for partner_id, changed in of_partner.items()}
    )


def _changes_for_all(then: Common, now: Common) -> Iterator[str]:
    """Yield in words what has changed for everybody."""
    if then.hashing != now.hashing:
        yield "how rows are distinguished, by a library of another release"
    for name in _differing(then.settings, now.settings):
        yield f"the setting {name}"
    for table in _differing(then.columns, now.columns):
        yield f"the columns of {table}"
    for table in _differing(then.covered, now.covered):
        yield f"the periods that {table} covers"
    yield from _differing(then.rows, now.rows)


def _differing(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(n for n in {*then, *now} if then.get(n) != now.get(n))


def _changes_in_table(
    table: str, then: pl.LazyFrame, now: pl.LazyFrame
) -> Iterator[tuple[str, Change]]:
    """Yield each partner whose rows of a table have changed, and how many have."""
    sums = [side.group_by(PARTNER).agg(*_sums()) for side in (then, now)]
    checksums = pl.concat(pl.collect_all(sums, engine="streaming"))
    other = checksums.filter(checksums.is_unique()).select(PARTNER).unique()
    if other.is_empty():
        return
    then, now = (side.join(other.lazy(), on=PARTNER, how="semi") for side in (then, now))
    grain = (PARTNER, KEY, ROW)
    went = then.join(now, on=grain, how="anti").select(PARTNER, KEY, went=True)
    came = now.join(then, on=grain, how="anti").select(PARTNER, KEY, came=True)
    pairs = went.join(came, on=(PARTNER, KEY), how="full", coalesce=True)
    both = pl.col("came") & pl.col("went")
    counts = pairs.group_by(PARTNER).agg(
        (pl.col("came") & pl.col("went").is_null()).sum().alias("new"),
        (pl.col("went") & pl.col("came").is_null()).sum().alias("gone"),
        both.sum().alias("changed"),
    )
    for partner_id, new, gone, changed in counts.collect(engine="streaming").iter_rows():
        yield partner_id, Change(table, new, gone, changed)
