"""What a KPI is, whatever declares it: name, unit, audience, scopes, formula, benchmark."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kpi_lib.audience import Disclosure
from kpi_lib.data.contract import TABLES
from kpi_lib.engine.formula import Formula, FromRows, Modelled, Observed
from kpi_lib.engine.relation import Relations
from kpi_lib.engine.scopes import DELIVERING_TYPES, Side
from kpi_lib.engine.selection import Needs
from kpi_lib.settings import Better, Unit

Measured = Literal["tonnes"]
Declared = Formula | FromRows | Observed | Modelled


OTHER_SIDE: Mapping[Side, Side] = {"us": "partner", "partner": "us", "both": "both"}


@dataclass(frozen=True)
class Benchmark:
    """A published claim, shown beside the value with its source and called that.

    `of_direct`: it is that many times the figure of direct business, `most` at most.
    """

    source: str
    low: float | None = None
    high: float | None = None
    scope: str | None = None
    per_year: bool = False
    of_direct: float | None = None
    most: float = math.inf


class Ends(NamedTuple):
    """The least and the most that a figure is; infinite where there is no such end.

    >>> Ends(0, 1), Ends(most=2)
    (Ends(least=0, most=1), Ends(least=-inf, most=2))
    """

    least: float = -math.inf
    most: float = math.inf


SHARE, SCORE, DIFFERENCE_OF_SHARES = Ends(0.0, 1.0), Ends(0.0, 100.0), Ends(-100.0, 100.0)


@dataclass(frozen=True)
class Kpi:
    """One KPI: what it is called, what it means, who moves it and who may see it.

    `notes`: what to mind when it is read, a paragraph each. `module`: where it is declared.
    `measured_in`: of a number, what is counted, where its name alone does not say it (tonnes).
    `within`: the ends that no value passes, where the formula does not say it; `targets_within`:
    those beyond which nobody asks for it, where its unit does not.
    """

    id: str
    family: str
    name: str
    unit: Unit
    better: Better
    audience: Disclosure
    cadence: str
    accountable: Side
    scopes: tuple[str, ...]
    definition: str
    formula: Declared
    benchmark: Benchmark | None = None
    compare_direct: bool = False
    notes: tuple[str, ...] = ()
    module: str = ""
    measured_in: Measured | None = None
    within: Ends | None = None
    targets_within: Ends | None = None

    @property
    def written_in(self) -> Unit | Measured:
        """The unit that its figures are written with."""
        return self.measured_in or self.unit

    @property
    def adds_up(self) -> bool:
        """Whether it adds up through its period, so that a part of that shows a part of it only."""
        return self.formula.adds_up

    @property
    def needs(self) -> Needs:
        """The columns that it needs, by table; those of "not yet" that decide them among them."""
        return self.needs_given(())

    def needs_given(self, tables: Collection[str]) -> Needs:
        """Return its needs where there are these tables: of an optional one too, if it is there."""
        left_out = self.formula.optional - set(tables)
        return {
            table: with_deciding(table, columns)
            for table, columns in self.formula.needs.items()
            if table not in left_out
        }

    def lacking(self, relations: Relations) -> list[str]:
        """Return in words what is missing for it, nothing where it can be computed."""
        return relations.lacking(self.needs_given(relations.columns))

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it is made of; partners, which is always there, only where it is all."""
        return frozenset(self.needs) - {"partners"} or frozenset(self.needs)

    def accountable_for(self, partner_type: str | None) -> Side:
        """Return who answers for it with a partner of that type."""
        if self.family == "service" and partner_type in DELIVERING_TYPES:
            return OTHER_SIDE[self.accountable]
        return self.accountable


def with_deciding(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Return the columns and those that say whether a row exists yet and how it stands."""
    spec, read = TABLES[table], frozenset(columns)
    exists = {spec.main_date} if spec.main_date else set()
    stands = spec.state.columns if spec.state and spec.state.columns & read else frozenset()
    return read | exists | stands
