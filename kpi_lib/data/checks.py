"""The data against the contract: one counting scan a table, and the rows only where some fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from kpi_lib.data.across import repeated_keys, span_faults
from kpi_lib.data.contract import TABLES
from kpi_lib.data.faults import Fault, format_faults, worst_first
from kpi_lib.data.masks import (
    Mask,
    Surroundings,
    beside_parents,
    first_rates,
    masks_of,
    parent_of,
)
from kpi_lib.data.prepare import Prepared
from kpi_lib.data.raw import ROW, reading
from kpi_lib.settings import Settings

REFERRED = {c.references for t in TABLES.values() for c in t.columns.values() if c.references}


@dataclass(frozen=True)
class Checked:
    """A table after its counting scan: which masks found rows, how many, and the rows at hand."""

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
        with reading(self.prepared.raw.place):
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
        with reading(self.prepared.raw.place):
            told = pl.collect_all(first, engine="streaming")
        return [
            [mask.fault(self.prepared.name, *row) for row in rows.sort(ROW).iter_rows()]
            for (mask, _), rows in zip(self.found, told, strict=True)
        ]

    def broken_rows(self) -> pl.DataFrame:
        """Return the numbers of the rows that have a fault, each once."""
        faults = [mask.breach for mask, _ in self.found if mask.severity == "fault"]
        other = [f.row for f in self.across if f.row is not None]
        rows = pl.DataFrame({ROW: other}, schema={ROW: pl.UInt32})
        if faults:
            own = self.frame.filter(pl.any_horizontal(faults)).select(ROW)
            rows = pl.concat([rows, own.collect(engine="streaming")])
        return rows.unique()

    @property
    def faults_in_all(self) -> int:
        """How many faults there are, warnings not counted."""
        of_rows = sum(count for mask, count in self.found if mask.severity == "fault")
        of_columns = sum(fault.severity == "fault" for fault in self.prepared.faults)
        return of_rows + len(self.across) + of_columns

    @property
    def has_faults(self) -> bool:
        """Whether there is more than warnings."""
        return self.faults_in_all > 0


def check_tables(
    tables: Mapping[str, Prepared], settings: Settings, better: Mapping[str, str]
) -> dict[str, Checked]:
    """Return each table with what is wrong in it."""
    packs = {measure: side for measure, (_, side) in settings.packs.items()}
    around = Surroundings(
        {name: parent_of(tables[name]) for name in tables if name in REFERRED},
        first_rates(tables.get("fx_rates")),
        settings.reporting_currency,
        {**packs, **better} if better else {},
        settings.year_end,
    )
    return {name: _check(prepared, around) for name, prepared in tables.items()}


def _check(prepared: Prepared, around: Surroundings) -> Checked:
    frame = beside_parents(prepared, around)
    with reading(prepared.raw.place):
        masks = masks_of(prepared, around)
        sums = [mask.breach.sum().alias(str(number)) for number, mask in enumerate(masks)]
        counts = frame.select(sums).collect(engine="streaming").row(0) if sums else ()
        across = [*repeated_keys(prepared), *span_faults(prepared)]
    found = [(mask, count) for mask, count in zip(masks, counts, strict=True) if count]
    return Checked(prepared, frame, found, across)


def faults_of(checked: Mapping[str, Checked], limit: int | None = None) -> list[Fault]:
    """Return all faults, worst first; with a limit, of that many broken rows a table."""
    faults: list[Fault] = []
    for table in checked.values():
        faults += [*table.prepared.faults, *table.across, *table.rows(limit)]
    return worst_first(faults)


__all__ = ["Checked", "Fault", "check_tables", "faults_of", "format_faults"]
