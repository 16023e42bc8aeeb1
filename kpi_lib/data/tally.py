"""What is wrong with the data, counted: one line for each table, column and kind, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kpi_lib.data.checks import Check, Checked
from kpi_lib.data.faults import Fault, Severity, order_of, worst_first

EXAMPLES = 3


@dataclass(frozen=True)
class Tally:
    """How many rows show the same thing, and the first few of them."""

    kind: str
    rows: int
    examples: tuple[Fault, ...]

    @property
    def table(self) -> str:
        """The table, or the file of params/ that holds one."""
        return self.examples[0].table

    @property
    def column(self) -> str:
        """The column that is named for it; empty where it is the row or the table as a whole."""
        return self.examples[0].column

    @property
    def severity(self) -> Severity:
        """Whether it is a fault or a warning."""
        return self.examples[0].severity

    def __str__(self) -> str:
        """Return the line that a command closes with: place, kind and number of rows."""
        first = self.examples[0]
        if first.row is None:
            return f"{self.severity}: {first}"
        place = f"{self.table}.{self.column}" if self.column else self.table
        rows = f"{self.rows:,} {'row' if self.rows == 1 else 'rows'}"
        return f"{self.severity}: {place}: {self.kind} ({rows}, the first is row {first.row:,})"


def tally(check: Check, severity: Severity | None = None) -> list[Tally]:
    """Return what was found in the data, counted by column and kind, worst first.

    `severity`: only the faults, or only the warnings. Tables in which nothing was found are not
    read again.
    """
    found = [*_tallies_by_kind(check.unread)]
    found += [line for table in check.tables.values() for line in _tallies_of_table(table)]
    found = [line for line in found if severity in (None, line.severity)]
    return sorted(found, key=lambda line: order_of(line.examples[0]))


def _tallies_of_table(table: Checked) -> Iterator[Tally]:
    """Yield how often each kind of fault is found in a table, with examples."""
    yield from _tallies_by_kind([*table.prepared.faults, *table.across])
    counts = (count for _, count in table.found)
    for count, examples in zip(counts, table.examples(EXAMPLES), strict=True):
        yield Tally(_kinds(examples), count, tuple(examples))


def _tallies_by_kind(faults: Iterable[Fault]) -> Iterator[Tally]:
    """Yield how many faults are of one table, column and kind, with the first as examples."""

    def place(fault: Fault) -> tuple[str, str, str, str]:
        return fault.severity, fault.table, fault.column, fault.kind

    for (*_, kind), group in groupby(sorted(worst_first(faults), key=place), key=place):
        same = list(group)
        yield Tally(kind, len(same), tuple(same[:EXAMPLES]))


def _kinds(faults: Sequence[Fault]) -> str:
    """Return what the examples show; values of one column may be unreadable in several ways."""
    return " or ".join(dict.fromkeys(fault.kind for fault in faults))
