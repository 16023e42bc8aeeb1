"""The data against the contract: one counting scan a table, and the rows only where some fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from kpi_lib.data.across import repeated_keys, span_faults
from kpi_lib.data.agreement_checks import masks_of_agreed
from kpi_lib.data.contract import TABLES
from kpi_lib.data.faults import STRUCTURE, Fault, worst_first
from kpi_lib.data.folder_names import folder_warnings
from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.data.masks import (
    Mask,
    Surroundings,
    beside_parents,
    first_rates,
    masks_of,
    parent_of,
)
from kpi_lib.data.preparation import Prepared
from kpi_lib.data.raw import ROW
from kpi_lib.data.variants import variant_warnings
from kpi_lib.periods import today
from kpi_lib.settings import Settings

REFERRED = {c.references for t in TABLES.values() for c in t.columns.values() if c.references}
NO_ROW = "has no row"
BY_PARTNERS = {"partner": "partner_id", "tier": "tier", "partner_type": "partner_type"}


@dataclass(frozen=True)
class Checked:
    """A table after its counting scan: which masks found rows, how many, and the rows at hand.

    `across`: what was found by looking at several rows, or at the table as a whole.
    """

    prepared: Prepared
    frame: pl.LazyFrame
    found: list[tuple[Mask, int]]
    across: list[Fault]

    def rows(self, limit: int | None = None) -> Iterator[Fault]:
        """Yield the faults of the rows; with a limit, of that many rows at most."""
        if not self.found:
            return
        masks = [mask for mask, _ in self.found]
        broken = self.frame.filter(pl.any_horizontal(mask.breach for mask in masks))
        broken = broken.select(
            ROW,
            *(mask.breach.alias(f"breach {n}") for n, mask in enumerate(masks)),
            *(mask.value.alias(f"value {n}") for n, mask in enumerate(masks)),
        )
        broken = broken if limit is None else broken.head(limit)
        with self.prepared.raw.reading():
            rows = broken.collect(engine="streaming")
        for number, mask in enumerate(masks):
            own = rows.filter(pl.col(f"breach {number}")).select(ROW, f"value {number}")
            for row, value in own.iter_rows():
                yield mask.fault(self.prepared.name, row, value)

    def examples(self, limit: int) -> list[list[Fault]]:
        """Return for each mask that found rows the faults of the first few of them."""
        first = [
            self.frame.filter(mask.breach)
            .select(ROW, mask.value.alias("value"))
            .bottom_k(limit, by=ROW)
            for mask, _ in self.found
        ]
        with self.prepared.raw.reading():
            examples = pl.collect_all(first, engine="streaming")
        return [
            [mask.fault(self.prepared.name, *row) for row in rows.sort(ROW).iter_rows()]
            for (mask, _), rows in zip(self.found, examples, strict=True)
        ]

    def broken_rows(self) -> pl.DataFrame:
        """Return the numbers of the rows that have a fault, each once."""
        faults = [mask.breach for mask, _ in self.found if mask.severity == "fault"]
        other = [f.row for f in self.across if f.row is not None and f.severity == "fault"]
        rows = pl.DataFrame({ROW: other}, schema={ROW: pl.UInt32})
        if faults:
            own = self.frame.filter(pl.any_horizontal(faults)).select(ROW)
            rows = pl.concat([rows, own.collect(engine="streaming")])
        return rows.unique()

    def count(self, severity: str) -> int:
        """Return how many faults or warnings there are."""
        of_rows = sum(count for mask, count in self.found if mask.severity == severity)
        others = [*self.across, *self.prepared.faults]
        return of_rows + sum(fault.severity == severity for fault in others)

    @property
    def has_faults(self) -> bool:
        """Whether there is more than warnings."""
        return self.count("fault") > 0

    @property
    def is_empty(self) -> bool:
        """Whether the table has no row."""
        return any(fault.kind == NO_ROW for fault in self.across)


@dataclass(frozen=True)
class Check:
    """What was found in the data of a run: by table, and the files that nothing reads."""

    tables: Mapping[str, Checked]
    unread: tuple[Fault, ...] = ()

    @property
    def partners(self) -> frozenset[str]:
        """The ids of the partners."""
        return _entities(self.tables["partners"].prepared).get("partner", frozenset())

    @property
    def has_faults(self) -> bool:
        """Whether there is more than warnings."""
        return any(table.has_faults for table in self.tables.values())

    def count(self, severity: str) -> int:
        """Return how many faults or warnings there are."""
        of_files = sum(fault.severity == severity for fault in self.unread)
        return of_files + sum(table.count(severity) for table in self.tables.values())

    def faults(self, limit: int | None = None) -> list[Fault]:
        """Return all faults, worst first; with a limit, of that many broken rows a table."""
        faults = list(self.unread)
        for table in self.tables.values():
            faults += [*table.prepared.faults, *table.across, *table.rows(limit)]
        return worst_first(faults)


def check_tables(
    tables: Mapping[str, Prepared],
    settings: Settings,
    kpis: Mapping[str, KpiFacts],
    unread: Sequence[Fault] = (),
) -> Check:
    """Return each table with what is wrong in it; `unread`: the files that nothing reads."""
    observations = tables.get("observations")
    around = Surroundings(
        parents={name: _parent(table) for name, table in tables.items() if name in REFERRED},
        first_rates=first_rates(tables.get("fx_rates")),
        reporting_currency=settings.reporting_currency,
        today=today(),
        year_end=settings.year_end,
        kpis=kpis,
        entities=_entities(tables["partners"]) if "partners" in tables else {},
        plain_sums=frozenset() if observations is None else _plain_sums(observations),
    )
    return Check(
        {name: _check_table(table, around) for name, table in tables.items()}, tuple(unread)
    )


def _parent(table: Prepared) -> pl.LazyFrame:
    with table.raw.reading():
        return parent_of(table)


def _entities(partners: Prepared) -> dict[str, frozenset[str]]:
    """Return those whom a target can be of, by its scope; no scope of a column that is missing."""
    wanted = {scope: column for scope, column in BY_PARTNERS.items() if column in partners.columns}
    with partners.raw.reading():
        frame = partners.frame.select(wanted.values()).collect()
    return {scope: frozenset(frame[column].drop_nulls()) for scope, column in wanted.items()}


def _plain_sums(observations: Prepared) -> frozenset[str]:
    """Return the measures that have no denominator: what was observed of them adds up."""
    if not {"measure", "denominator"} <= observations.columns:
        return frozenset()
    measures = observations.frame.group_by("measure").agg(pl.col("denominator").count())
    with observations.raw.reading():
        rows = measures.collect(engine="streaming")
    return frozenset(rows.filter(pl.col("denominator") == 0)["measure"].drop_nulls())


def _check_table(prepared: Prepared, around: Surroundings) -> Checked:
    """Return one table with the masks that found rows, how many each, and its other faults."""
    frame = beside_parents(prepared, around)
    with prepared.raw.reading():
        masks = [*masks_of(prepared, around), *masks_of_agreed(prepared, around)]
        sums = [mask.breach.sum().alias(str(number)) for number, mask in enumerate(masks)]
        # Every column is read, so that no byte of it turns out to be broken later.
        read = [pl.col(name).count() for name in sorted(prepared.columns & prepared.given)]
        sums_of_masks = frame.select(*sums, *read, rows=pl.len()).collect(engine="streaming")
        across = [*repeated_keys(prepared), *span_faults(prepared), *variant_warnings(prepared)]
        across += folder_warnings(prepared)
    is_own = (
        prepared.name != prepared.table.name
    )  # a file of params/, which may wait to be filled in
    if not sums_of_masks["rows"][0] and not prepared.faults and not is_own:
        across.append(_no_row(prepared))
    counts = sums_of_masks.row(0)[: len(masks)]
    found = [(mask, count) for mask, count in zip(masks, counts, strict=True) if count]
    return Checked(prepared, frame, found, across)


def _no_row(prepared: Prepared) -> Fault:
    """Return that a table is empty."""
    found = f"{NO_ROW}; export it again, or leave the table out"
    return Fault(prepared.name, None, "", found, kind=NO_ROW, rank=STRUCTURE)
