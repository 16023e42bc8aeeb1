"""What a KPI is, whatever declares it: name, unit, audience, scopes, formula, benchmark."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kpi_lib.audience import Disclosure
from kpi_lib.data.contract import TABLES
from kpi_lib.engine.formula import Formula, FromRows, Modelled, Needs, Observed, Special
from kpi_lib.settings import Better, Unit

Side = Literal["us", "partner", "both"]

Measured = Literal["tonnes"]
Declared = Formula | FromRows | Special | Observed | Modelled

ATTRIBUTES = ("partner_type", "tier", "segment", "region", "branch", "manager")
SCOPES = ("partner", *ATTRIBUTES, "portfolio", "direct", "company")
# Partners that deliver to us: who answers for the family service changes places for them.
DELIVERING_TYPES = ("supplier", "service")


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
        return isinstance(self.formula, Formula) and self.formula.adds_up

    @property
    def needs(self) -> Needs:
        """The columns that it needs, by table; those of "not yet" that decide them among them."""
        return self.needs_given(())

    def needs_given(self, tables: Collection[str]) -> Needs:
        """Return its needs where there are these tables: of an optional one too, if it is there."""
        formula = self.formula
        left_out = formula.optional - set(tables) if isinstance(formula, Formula) else frozenset()
        return {
            table: with_deciding(table, columns)
            for table, columns in formula.needs.items()
            if table not in left_out
        }

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it is made of; partners, which is always there, only where it is all."""
        return frozenset(self.needs) - {"partners"} or frozenset(self.needs)

    def accountable_for(self, partner_type: str | None) -> Side:
        """Return who answers for it with a partner of that type."""
        if self.family == "service" and partner_type in DELIVERING_TYPES:
            return {"us": "partner", "partner": "us", "both": "both"}[self.accountable]  # type: ignore[return-value]
        return self.accountable


def with_deciding(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Return the columns and those that say whether a row exists yet, and a deal is still open."""
    main_date = TABLES[table].main_date
    deciding = {main_date} if main_date else set()
    if table == "deals" and {"outcome", "closed_on"} & set(columns):
        deciding |= {"outcome", "closed_on"}  # each says whether the other holds yet
    return frozenset(columns) | deciding
