"""What a run's figures were held against, partner by partner, as slices have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from kpi_lib.measure.reconciliation import DISPUTED
from kpi_lib.measure.reconciliation import SCHEMA as RECONCILIATION
from kpi_lib.measure.restatement import SCHEMA as RESTATEMENTS
from kpi_lib.slices.page_types import Dispute
from kpi_lib.slices.scorecard_types import Reported, Restated

DISPUTE = ("reported", "difference", "tolerance", "owner", "since")
REPORTED = ("kpi", "period", "ours", "reported", "relative", "status", "since", "owner", "why")
RESTATED = ("kpi", "period", "published", "now")


@dataclass(frozen=True)
class Compared:
    """The tables of `reconcile` and of `restate`."""

    reconciliation: pl.DataFrame
    restatements: pl.DataFrame

    @classmethod
    def with_nothing(cls) -> Compared:
        """Return the comparisons of figures that were held against nothing."""
        return cls(pl.DataFrame(schema=RECONCILIATION), pl.DataFrame(schema=RESTATEMENTS))

    def disputed(self) -> pl.DataFrame:
        """Return the rows that are in dispute, of this period and of earlier ones."""
        return self.reconciliation.filter(pl.col("status") == DISPUTED)

    def disputes(self, period: str) -> dict[str, dict[str, Dispute]]:
        """Return by partner and KPI what is in dispute of a period's figures."""
        disputes: dict[str, dict[str, Dispute]] = {}
        for row in self.disputed().filter(pl.col("period") == period).iter_rows(named=True):
            dispute = Dispute(**{name: row[name] for name in DISPUTE})
            disputes.setdefault(row["partner_id"], {})[row["kpi"]] = dispute
        return disputes

    def reported(self) -> dict[str, tuple[Reported, ...]]:
        """Return by partner what it reported, with our figure: disputes first, then the newest."""
        order = pl.col("status") != DISPUTED
        rows = self.reconciliation.with_columns(order=order)
        # Of equal dates the later name comes first: periods of one length read newest first.
        rows = rows.sort(
            "order", "reported_on", "period", "kpi", descending=[False, True, True, False]
        )
        reported: dict[str, list[Reported]] = {}
        for row in rows.select("partner_id", *REPORTED).iter_rows(named=True):
            reported.setdefault(row.pop("partner_id"), []).append(Reported(**row))
        return {partner_id: tuple(of_partner) for partner_id, of_partner in reported.items()}

    def restated(self) -> dict[str, tuple[Restated, ...]]:
        """Return by partner its own figures that differ from what was published, largest first."""
        own = self.restatements.filter(pl.col("scope") == "partner")
        restated: dict[str, list[Restated]] = {}
        for row in own.iter_rows(named=True):
            day = date.fromisoformat(row["published_at"][:10])
            figures = {name: row[name] for name in RESTATED}
            restated.setdefault(row["entity"], []).append(Restated(**figures, published_at=day))
        return {partner_id: tuple(of_partner) for partner_id, of_partner in restated.items()}
