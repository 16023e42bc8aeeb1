"""Which row of the targets holds for whom, and when."""

from __future__ import annotations

from collections.abc import Mapping

from .catalogue import CATALOGUE, PACKS
from .periods import Period
from .slots import Run, Scope
from .tables import Row, typed

NUMBERS = ("target", "minimum", "baseline")
COLUMNS = ("scope", "entity", "kpi", "period", *NUMBERS)


class Targets:
    """The rows of the table, and those of the settings, which win."""

    def __init__(self, run: Run):
        self._partners = run.partners
        self._are_there = "targets" in run.data.rows or bool(run.asked.targets)
        rows = [*run.data.rows.get("targets", []), *map(_typed, run.asked.targets)]
        sums = _plain_sums(run.data.rows.get("observations", []))
        # A target of what adds up is one of a length of time: one for all lengths is no target.
        self._rows = {
            (row["scope"], row["entity"], row["kpi"], row["period"]): row
            for row in rows
            if row["target"] is not None
            and not (row["period"] == "*" and _adds_up(str(row["kpi"]), sums))
        }

    def __bool__(self) -> bool:
        """Whether there are any, or a table of them."""
        return self._are_there

    def row(self, kpi: str, scope: Scope, period: Period) -> Row | None:
        """Return the first row that matches: its own place before wider ones.

        Within a place the exact period comes first, then its length, then `*`.
        """
        for place, entity in self._places(scope):
            for when in (period.label, period.kind, "*"):
                row = self._rows.get((place, entity, kpi, when))
                if row is not None and entity is not None:
                    return row
        return None

    def _places(self, scope: Scope) -> list[tuple[str, object]]:
        if scope.kind == "portfolio":
            return [("portfolio", "*")]
        if scope.kind != "partner":
            return []
        partner = self._partners[scope.entity]
        return [
            ("partner", scope.entity),
            ("tier", partner["tier"]),
            ("partner_type", partner["partner_type"]),
            ("all", "*"),
        ]


def _typed(row: Mapping[str, object]) -> Row:
    """Return a row of the settings' targets, typed."""
    return {c: typed("number" if c in NUMBERS else "text", row.get(c)) for c in COLUMNS}


def _plain_sums(observations: list[Row]) -> set[object]:
    """Return the measures no row of which has a denominator."""
    divided = {row["measure"] for row in observations if row["denominator"] is not None}
    return {row["measure"] for row in observations} - divided


def _adds_up(kpi: str, sums: set[object]) -> bool:
    return kpi in sums if kpi in PACKS else kpi in CATALOGUE and CATALOGUE[kpi].adds_up
