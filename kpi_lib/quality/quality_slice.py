"""What the page of data quality is given: the frames of `quality.py`, summed up and named.

It is for inside the company: partners and owners are named in it. Of many partners the first few
are; the frames hold them all.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from kpi_lib.slices.untyped import untyped_run

Slice = dict[str, Any]
PAGE = "data_quality"
MONTHS = 24  # that the page draws, up to that of the figures' day
NAMED = 6  # partners, of many


def quality_slice(
    quality: Quality, results: Results, dataset: Dataset, settings: Settings
) -> Slice:
    """Return the slice of the page."""
    names = _Names.of(results)
    missing = quality.losses.filter(pl.col("effect") == "missing")
    return {
        **untyped_run(run_facts(results, dataset, settings), settings.language),
        "page": PAGE,
        "partners": len(results.partners),
        "kpis": {
            "all": len(results.kpis),
            "for_nobody": missing.filter(pl.col("partner_id").is_null())["kpi"].n_unique(),
            "for_some": _for_some(quality),
        },
        "figures": _figures(results),
        "rules": RULES,
        "tables": _tables(quality, results.calendar.as_of),
        "faults": quality.faults.to_dicts(),
        "not_there": _not_there(quality, names),
        "assumed": _assumed(quality, names),
        "silent": _silent(quality, names),
        "unmeasured": _unmeasured(quality, names),
        "unreported": _unreported(quality, names),
        "owners": quality.owners.to_dicts(),
        "made": {"version": version(), "kpis": len(results.kpis)},
    }


class _Names:
    """The names of KPIs and partners, as people know them."""

    def __init__(self, kpis: dict[str, str], partners: dict[str, str]) -> None:
        self.kpis, self.partners = kpis, partners

    @classmethod
    def of(cls, results: Results) -> _Names:
        partners = results.partners.select("partner_id", "name").iter_rows()
        return cls({kpi.id: kpi.name for kpi in results.kpis}, dict(partners))

    def of_kpis(self, ids: Sequence[str]) -> list[str]:
        """Return the names of KPIs, each once, in the catalogue's order."""
        return [name for kpi, name in self.kpis.items() if kpi in set(ids)]

    def of_partners(self, ids: Sequence[str]) -> dict[str, Any]:
        """Return how many partners there are, and the names of the first few."""
        told = sorted(set(ids))
        return {"count": len(told), "names": [self.partners.get(i, i) for i in told[:NAMED]]}


def _for_some(quality: Quality) -> int:
    """Return how many KPIs some partners lack and others may have."""
    own = quality.losses.filter(
        pl.col("partner_id").is_not_null() & (pl.col("effect") == "missing")
    )
    return pl.concat([own.select("kpi"), quality.unmeasured.select("kpi")])["kpi"].n_unique()


def _figures(results: Results) -> dict[str, int]:
    """Return how many figures the partners' scorecards could hold, and how many have a value."""
    own = results.table.filter(pl.col("scope") == "partner")["value"]
    return {"all": len(own), "there": len(own) - own.null_count()}


def _tables(quality: Quality, as_of: date) -> list[Slice]:
    """Return a row for each table, with its last months and what is to be said of any of them."""
    axis = pl.date_range(
        pl.lit(as_of).dt.truncate("1mo").dt.offset_by(f"-{MONTHS - 1}mo"), as_of, "1mo", eager=True
    )
    days = pl.selectors.date().dt.to_string("iso")
    months = quality.months.with_columns(pl.col("month").dt.to_string("%Y-%m"))
    told = []
    for row in quality.tables.with_columns(days).iter_rows(named=True):
        own = months.filter(pl.col("table") == row["table"])
        drawn = (
            axis.dt.to_string("%Y-%m")
            .alias("month")
            .to_frame()
            .join(own, on="month", how="left", maintain_order="left")
        )
        row["months"] = drawn.select("month", "rows", "state").rows()
        for state in ("missing", "thin"):
            row[state] = own.filter(pl.col("state") == state)["month"].to_list()
        told.append(row)
    return told


def _not_there(quality: Quality, names: _Names) -> list[Slice]:
    """Return the tables and columns that are not there, those that cost the most KPIs first."""
    gaps = quality.gaps.filter(pl.col("kind").is_in([TABLE, COLUMN]))
    missing = quality.losses.filter(pl.col("effect") == "missing")
    told = []
    for gap in gaps.sort("kpis", descending=True, maintain_order=True).iter_rows(named=True):
        lost = missing.filter(_at(gap))
        place = {name: gap[name] for name in ("kind", "table", "column", "owner_is", "owner")}
        alone = int(lost["alone"].sum())
        told.append(place | {"kpis": names.of_kpis(lost["kpi"].to_list()), "alone": alone})
    return told


def _at(gap: Slice) -> pl.Expr:
    same = [pl.col(name).eq_missing(pl.lit(gap[name])) for name in ("kind", "table", "column")]
    return pl.all_horizontal(same)


def _assumed(quality: Quality, names: _Names) -> list[Slice]:
    """Return the columns that are read as empty or as their default, and the KPIs that do so."""
    told = quality.losses.filter(pl.col("kind") == ASSUMED)
    groups = told.group_by("table", "column", maintain_order=True).agg("kpi")
    return [
        {"table": table, "column": column, "kpis": names.of_kpis(kpis)}
        for table, column, kpis in groups.iter_rows()
    ]


def _silent(quality: Quality, names: _Names) -> list[Slice]:
    """Return the tables that have no row of some partners, by how many partners that concerns."""
    told = quality.losses.filter(pl.col("kind") == ROWS)
    groups = told.partition_by("table", as_dict=True, maintain_order=True)
    rows = [
        {
            "table": table,
            "partners": names.of_partners(group["partner_id"].to_list()),
            "kpis": names.of_kpis(group.filter(pl.col("effect") == "missing")["kpi"].to_list()),
            "zeros": names.of_kpis(group.filter(pl.col("effect") == "zero")["kpi"].to_list()),
        }
        for (table,), group in groups.items()
    ]
    return sorted(rows, key=lambda row: -row["partners"]["count"])


def _unmeasured(quality: Quality, names: _Names) -> list[Slice]:
    """Return which KPIs the same partners have nothing to measure by, for the same reason."""
    told = quality.unmeasured.group_by("kpi", "why").agg(pl.col("partner_id").sort())
    groups = told.group_by("why", "partner_id").agg("kpi")
    rows = [
        {"kpis": names.of_kpis(kpis), "why": why, "partners": names.of_partners(partners)}
        for why, partners, kpis in groups.iter_rows()
    ]
    return sorted(rows, key=lambda row: (-row["partners"]["count"], row["kpis"]))


def _unreported(quality: Quality, names: _Names) -> list[Slice]:
    """Return the reported figures that have not come."""
    return [
        row
        | {
            "partner": names.partners.get(row["partner_id"]),
            "kpi": names.kpis.get(row["kpi"], row["kpi"]),
        }
        for row in quality.unreported.iter_rows(named=True)
    ]
