"""The partners of a run, and their rows of the KPI table as an audience may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

import polars as pl

from kpi_lib.audience import AUDIENCES, Audience
from kpi_lib.measure.compute import Results
from kpi_lib.measure.peers import COLUMNS as PEER_COLUMNS
from kpi_lib.slices.page_types import KpiRow, Standing
from kpi_lib.slices.scorecard_types import Partner

PARTNER_COLUMNS = (*(field.name for field in fields(Partner)), "sharing")
_EXACT = dict(zip(("ahead", "others", "q1", "median", "q3"), PEER_COLUMNS, strict=True))
_DAYS = ("joined_on", "left_on")


@dataclass(frozen=True)
class PartnerRow:
    """A partner, and what it wants to share: all, anonymous, none; None where nothing is said."""

    partner: Partner
    sharing: str | None

    @property
    def audiences(self) -> list[Audience]:
        """The audiences for whom an edition is made; who shares nothing is given none."""
        return [audience for audience in AUDIENCES.values() if audience.is_given(self.sharing)]


def partners_of(results: Results, wanted: Collection[str] | None = None) -> list[PartnerRow]:
    """Return the partners of a run, those of the ids `wanted` or all, in order of their ids."""
    frame = _with_all_columns(results.partners).with_columns(pl.col(_DAYS).cast(pl.Date))
    if wanted is not None:
        frame = frame.filter(pl.col("partner_id").is_in(list(wanted)))
    return [
        PartnerRow(sharing=row.pop("sharing"), partner=Partner(**row))
        for row in frame.sort("partner_id").iter_rows(named=True)
    ]


def partner_rows(partners: pl.DataFrame) -> pl.DataFrame:
    """Return the partners' own columns, dates as ISO text, nulls where a column is absent."""
    days = [pl.col(column).cast(pl.Date).dt.to_string("iso") for column in _DAYS]
    return _with_all_columns(partners).with_columns(days)


def _with_all_columns(partners: pl.DataFrame) -> pl.DataFrame:
    """Return the partners with every column that pages read, empty where the data have none."""
    absent = [name for name in PARTNER_COLUMNS if name not in partners.columns]
    return partners.with_columns(pl.lit(None, pl.String).alias(name) for name in absent).select(
        PARTNER_COLUMNS
    )


def rows_for(audience: Audience, results: Results) -> dict[str, tuple[KpiRow, ...]]:
    """Return by partner_id the rows of the KPI table as an audience may see them.

    KPIs that it may see, in the catalogue's order, and instead of the columns of peers `standing`,
    None where there is none. The company is given it exactly, a partner what is in
    `coarse_standings`.
    """
    seen = [kpi.id for kpi in results.kpis if audience.may_see(kpi.audience)]
    rows = results.table.filter(pl.col("scope") == "partner", pl.col("kpi").is_in(seen))
    if audience.is_internal:
        rows = rows.with_columns(**{name: pl.col(column) for name, column in _EXACT.items()})
        figures = list(_EXACT)
    else:
        coarse = results.coarse_standings.frame
        figures = [name for name in coarse.columns if name not in ("entity", "kpi")]
        rows = rows.join(coarse, on=["entity", "kpi"], how="left", maintain_order="left")
    standing = pl.when(pl.col("ahead").is_not_null()).then(pl.struct(figures))
    rows = rows.with_columns(standing=standing).drop("scope", *PEER_COLUMNS, *figures)
    by_partner: dict[str, list[KpiRow]] = {}
    for row in rows.iter_rows(named=True):
        by_partner.setdefault(row.pop("entity"), []).append(kpi_row(row))
    return {partner_id: tuple(of_partner) for partner_id, of_partner in by_partner.items()}


def kpi_row(row: Mapping[str, object]) -> KpiRow:
    """Return a row of the KPI table that has its columns by name, and `standing` as a mapping."""
    columns = dict(row)
    standing = columns.pop("standing", None)
    own = {name: columns[name] for name in _ROW_COLUMNS & columns.keys()}
    return KpiRow(**own, standing=Standing(**standing) if standing else None)  # type: ignore


def exact_row(row: Mapping[str, object]) -> KpiRow:
    """Return a row of the KPI table as those inside the company may see it."""
    standing = {name: row[column] for name, column in _EXACT.items()}
    return kpi_row({**row, "standing": None if standing["ahead"] is None else standing})


_ROW_COLUMNS = {field.name for field in fields(KpiRow)} - {"standing"}
