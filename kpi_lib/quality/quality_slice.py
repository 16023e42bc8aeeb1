"""What the page of data quality is given: the frames of `frames.py`, summed up and named.

It is for inside the company: partners and owners are named in it. Of many partners the first few
are; the frames hold them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.measure.compute import Results
from kpi_lib.measure.page_content import run_facts
from kpi_lib.quality.frames import Quality
from kpi_lib.quality.missing import ASSUMED, COLUMN, ROWS, TABLE
from kpi_lib.quality.regularity import RULES
from kpi_lib.release import version
from kpi_lib.settings import Settings
from kpi_lib.slices.page_types import Made
from kpi_lib.slices.quality_types import (
    Absence,
    AssumedColumn,
    DataOwner,
    FigureCounts,
    Finding,
    MeasureCounts,
    QualitySlice,
    SilentTable,
    SomePartners,
    TableMonth,
    TableQuality,
    Unmeasured,
    Unreported,
)

PAGE = QualitySlice.KIND
Row = Mapping[str, Any]  # of a frame
MONTHS = 24  # that the page draws, up to that of the figures' day
NAMED = 6  # partners, of many


def quality_slice(
    quality: Quality, results: Results, dataset: Dataset, settings: Settings
) -> QualitySlice:
    """Return the slice of the page."""
    names = _Names.of(results)
    return QualitySlice(
        run=run_facts(results, dataset, settings),
        language=settings.language,
        partners=len(results.partners),
        kpis=_measure_counts(quality, results),
        figures=_figures(results),
        rules=RULES,
        tables=_tables(quality, results.calendar.as_of),
        findings=_findings(quality),
        absences=_absences(quality, names),
        assumed=_assumed(quality, names),
        silent=_silent(quality, names),
        unmeasured=_unmeasured(quality, names),
        unreported=_unreported(quality, names),
        owners=tuple(DataOwner(**row) for row in quality.owners.iter_rows(named=True)),
        made=Made(version(), len(results.kpis)),
    )


class _Names:
    """The names of KPIs and partners, as people know them."""

    def __init__(self, kpis: dict[str, str], partners: dict[str, str]) -> None:
        self.kpis, self.partners = kpis, partners

    @classmethod
    def of(cls, results: Results) -> _Names:
        partners = results.partners.select("partner_id", "name").iter_rows()
        return cls({kpi.id: kpi.name for kpi in results.kpis}, dict(partners))

    def of_kpis(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return the names of KPIs, each once, in the catalogue's order."""
        return tuple(name for kpi, name in self.kpis.items() if kpi in set(ids))

    def of_partners(self, ids: Sequence[str]) -> SomePartners:
        """Return how many partners there are, and the names of the first few."""
        distinct = sorted(set(ids))
        first = tuple(self.partners.get(name) or name for name in distinct[:NAMED])
        return SomePartners(len(distinct), first)


def _measure_counts(quality: Quality, results: Results) -> MeasureCounts:
    """Return how many KPIs there are, have a value for nobody, and lack one for some."""
    missing = quality.losses.filter(pl.col("effect") == "missing")
    for_nobody = missing.filter(pl.col("partner_id").is_null())["kpi"].n_unique()
    return MeasureCounts(len(results.kpis), for_nobody, _count_for_some(quality))


def _count_for_some(quality: Quality) -> int:
    """Return how many KPIs some partners lack and others may have."""
    own = quality.losses.filter(
        pl.col("partner_id").is_not_null() & (pl.col("effect") == "missing")
    )
    return pl.concat([own.select("kpi"), quality.unmeasured.select("kpi")])["kpi"].n_unique()


def _figures(results: Results) -> FigureCounts:
    own = results.table.filter(pl.col("scope") == "partner")["value"]
    return FigureCounts(all=len(own), there=len(own) - own.null_count())


def _tables(quality: Quality, as_of: date) -> tuple[TableQuality, ...]:
    """Return each table, with its last months and what is to be said of any of them."""
    axis = pl.date_range(
        pl.lit(as_of).dt.truncate("1mo").dt.offset_by(f"-{MONTHS - 1}mo"), as_of, "1mo", eager=True
    )
    drawn = axis.dt.to_string("%Y-%m").alias("month").to_frame()
    months = quality.months.with_columns(pl.col("month").dt.to_string("%Y-%m"))
    return tuple(
        _table(row, drawn, months.filter(pl.col("table") == row["table"]))
        for row in quality.tables.iter_rows(named=True)
    )


def _table(row: Row, drawn: pl.DataFrame, own: pl.DataFrame) -> TableQuality:
    """Return one table; `drawn`: the months on its page, `own`: a row for each month it has."""
    laid = drawn.join(own, on="month", how="left", maintain_order="left")
    return TableQuality(
        **row,
        months=tuple(TableMonth(*of) for of in laid.select("month", "rows", "state").rows()),
        missing=tuple(own.filter(pl.col("state") == "missing")["month"]),
        thin=tuple(own.filter(pl.col("state") == "thin")["month"]),
    )


def _findings(quality: Quality) -> tuple[Finding, ...]:
    rows = quality.faults.iter_rows(named=True)
    return tuple(Finding(**row | {"examples": tuple(row["examples"])}) for row in rows)


def _absences(quality: Quality, names: _Names) -> tuple[Absence, ...]:
    """Return the tables and columns that are not there, those that cost the most KPIs first."""
    gaps = quality.gaps.filter(pl.col("kind").is_in([TABLE, COLUMN]))
    missing = quality.losses.filter(pl.col("effect") == "missing")
    found = []
    for gap in gaps.sort("kpis", descending=True, maintain_order=True).iter_rows(named=True):
        lost = missing.filter(_at(gap))
        place = {name: gap[name] for name in ("kind", "table", "column", "owner_is", "owner")}
        kpis = names.of_kpis(lost["kpi"].to_list())
        found.append(Absence(**place, kpis=kpis, alone=int(lost["alone"].sum())))
    return tuple(found)


def _at(gap: Row) -> pl.Expr:
    same = [pl.col(name).eq_missing(pl.lit(gap[name])) for name in ("kind", "table", "column")]
    return pl.all_horizontal(same)


def _assumed(quality: Quality, names: _Names) -> tuple[AssumedColumn, ...]:
    """Return the columns that are read as empty or as their default, and the KPIs that do so."""
    assumed = quality.losses.filter(pl.col("kind") == ASSUMED)
    groups = assumed.group_by("table", "column", maintain_order=True).agg("kpi")
    return tuple(
        AssumedColumn(table, column, names.of_kpis(kpis))
        for table, column, kpis in groups.iter_rows()
    )


def _silent(quality: Quality, names: _Names) -> tuple[SilentTable, ...]:
    """Return the tables that have no row of some partners, by how many partners that concerns."""
    losses = quality.losses.filter(pl.col("kind") == ROWS)
    rows = [
        SilentTable(
            table=group["table"][0],
            partners=names.of_partners(group["partner_id"].to_list()),
            kpis=names.of_kpis(group.filter(pl.col("effect") == "missing")["kpi"].to_list()),
            zeros=names.of_kpis(group.filter(pl.col("effect") == "zero")["kpi"].to_list()),
        )
        for group in losses.partition_by("table", maintain_order=True)
    ]
    return tuple(sorted(rows, key=lambda row: -row.partners.count))


def _unmeasured(quality: Quality, names: _Names) -> tuple[Unmeasured, ...]:
    """Return which KPIs the same partners have nothing to measure by, for the same reason."""
    by_kpi = quality.unmeasured.group_by("kpi", "why").agg(pl.col("partner_id").sort())
    groups = by_kpi.group_by("why", "partner_id").agg("kpi")
    rows = [
        Unmeasured(names.of_kpis(kpis), why, names.of_partners(partners))
        for why, partners, kpis in groups.iter_rows()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.partners.count, row.kpis)))


def _unreported(quality: Quality, names: _Names) -> tuple[Unreported, ...]:
    """Return the reported figures that have not come."""
    return tuple(
        Unreported(
            kpi=names.kpis.get(row["kpi"], row["kpi"]),
            partner=names.partners.get(row["partner_id"]),
            owner_is=row["owner_is"],
            owner=row["owner"],
        )
        for row in quality.unreported.iter_rows(named=True)
    )
