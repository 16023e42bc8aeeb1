"""What a run's figures were held against, as it is told partner by partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from kpi_lib.measure.reconciliation import DISPUTED
from kpi_lib.measure.reconciliation import SCHEMA as RECONCILIATION
from kpi_lib.measure.restatement import SCHEMA as RESTATEMENTS

DISPUTE = ("reported", "difference", "tolerance", "owner", "since")
REPORTED = ("kpi", "period", "ours", "reported", "relative", "status", "since", "owner", "why")
RESTATED = ("kpi", "period", "published", "now", "published_at")

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """The tables of `reconcile` and of `restate`."""

    reconciliation: pl.DataFrame
    restatements: pl.DataFrame

    @classmethod
    def with_nothing(cls) -> Compared:
        """Return it of figures that were held against nothing."""
        return cls(pl.DataFrame(schema=RECONCILIATION), pl.DataFrame(schema=RESTATEMENTS))

    def disputed(self) -> pl.DataFrame:
        """Return the rows that are in dispute, of this period and of earlier ones."""
        return self.reconciliation.filter(pl.col("status") == DISPUTED)

    def disputes(self, period: str) -> dict[str, dict[str, Told]]:
        """Return by partner and KPI what is in dispute of a period's figures."""
        told: dict[str, dict[str, Told]] = {}
        for row in self.disputed().filter(pl.col("period") == period).iter_rows(named=True):
            entry = {name: row[name] for name in DISPUTE}
            told.setdefault(row["partner_id"], {})[row["kpi"]] = entry
        return told

    def reported(self) -> dict[str, list[dict[str, Any]]]:
        """Return by partner what it reported, with our figure: disputes first, then the newest."""
        order = pl.col("status") != DISPUTED
        rows = self.reconciliation.with_columns(
            pl.col("reported_on").dt.to_string("iso"), order=order
        )
        # Of equal dates the later name comes first: periods of one length read newest first.
        rows = rows.sort(
            "order", "reported_on", "period", "kpi", descending=[False, True, True, False]
        )
        parts = rows.select("partner_id", *REPORTED).partition_by(
            "partner_id", as_dict=True, include_key=False
        )
        return {str(key[0]): part.to_dicts() for key, part in parts.items()}

    def restated(self) -> dict[str, pl.DataFrame]:
        """Return by partner its own figures that differ from what was published, largest first."""
        own = self.restatements.filter(pl.col("scope") == "partner").select("entity", *RESTATED)
        parts = own.partition_by("entity", as_dict=True, include_key=False)
        return {str(key[0]): part for key, part in parts.items()}
