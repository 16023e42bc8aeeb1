"""Faults: what is wrong where, worst first, counted, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from kpi_lib.data.contract import TABLES

Severity = Literal["fault", "warning"]

# From what makes a table unusable to what is merely odd.
STRUCTURE, KEY, TYPE, NULL, LIST, REFERENCE, RULE, ODD = range(8)
_ORDER = {name: number for number, name in enumerate(TABLES)}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `row` counts data rows from 1; None: the column or table as a whole.

    `kind` is what faults are counted by: the fault without its value.
    """

    table: str
    row: int | None
    column: str
    fault: str
    value: str | None = None
    severity: Severity = "fault"
    kind: str = field(default="", compare=False)
    rank: int = field(default=RULE, compare=False)

    def __str__(self) -> str:
        place = self.table if self.row is None else f"{self.table} row {self.row}"
        return (
            f"{place} column {self.column}: {self.fault}"
            if self.column
            else (f"{place}: {self.fault}")
        )

    def as_dict(self) -> dict[str, object]:
        """Return the fault as `kpi check --json` shows it."""
        names = ("table", "row", "column", "fault", "value", "severity")
        return {name: getattr(self, name) for name in names}


def worst_first(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults in the order in which they are reported."""
    return sorted(faults, key=order_of)


def order_of(fault: Fault) -> tuple[object, ...]:
    """Return what faults are sorted by: how bad they are, then where they stand."""
    table = _ORDER.get(fault.table, len(_ORDER))
    row = fault.row or 0
    return (fault.severity, fault.rank, table, fault.table, fault.column, fault.kind, row)


def format_faults(faults: Sequence[Fault], limit: int = 20) -> str:
    """Return the faults as a terminal shows them: `limit` of a kind, and how many there are."""
    if not faults:
        return "No faults."
    lines: list[str] = []
    kinds: list[str] = []
    for (table, column, kind, severity), group in groupby(worst_first(faults), key=_kind):
        same = list(group)
        mark = "" if severity == "fault" else "warning: "
        lines += [f"{mark}{fault}" for fault in same[:limit]]
        place = f"{table}.{column}" if column else table
        kinds.append(f"  {len(same):>9,}  {place}: {kind}{mark and ' (warning)'}")
        if len(same) > limit:
            lines.append(f"... and {len(same) - limit:,} more of {place}: {kind}")
    return "\n".join([*lines, "", count_in_words(faults), *kinds])


def _kind(fault: Fault) -> tuple[str, str, str, str]:
    return (fault.table, fault.column, fault.kind, fault.severity)


def count_in_words(faults: Sequence[Fault]) -> str:
    """Return how many faults and warnings there are."""
    warnings = sum(fault.severity == "warning" for fault in faults)
    count = counted(len(faults) - warnings, "fault")
    return f"{count}, {counted(warnings, 'warning')}" if warnings else count


def counted(number: int, word: str) -> str:
    """Return a number of things: `1 row`, `2 rows`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
