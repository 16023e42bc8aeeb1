"""The registry: every KPI by its id, in the catalogue's order."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from kpi_lib.data.contract import TABLES
from kpi_lib.errors import CallError
from kpi_lib.kpis.formula import Formula, FromRows, Modelled, Needs, Observed, Special
from kpi_lib.settings import Better, Unit

Side = Literal["us", "partner", "both"]
Audience = Literal["shared", "internal"]
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
    audience: Audience
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


REGISTRY: dict[str, Kpi] = {}


def kpi(
    name: str,
    *,
    unit: Unit,
    cadence: str,
    better: Better = "higher",
    audience: Audience = "shared",
    accountable: Side = "both",
    scopes: Iterable[str] = SCOPES,
    benchmark: Benchmark | None = None,
    compare_direct: bool = False,
    family: str | None = None,
    measured_in: Measured | None = None,
    within: Ends | None = None,
    targets_within: Ends | None = None,
) -> Callable[[Callable[[], Declared]], Callable[[], Formula]]:
    """Register the decorated function as a KPI: its name is the id, its module the family.

    A family of two modules names itself in the second.
    The first paragraph of its docstring is the definition that people read, the others are notes
    on it; examples are neither. A KPI that stands for partner types stands for tiers, segments,
    regions, branches and managers too.
    """

    def register(function: Callable[[], Declared]) -> Callable[[], Formula]:
        module = function.__module__.rpartition(".")[2]
        definition, *notes = _paragraphs(function) or [""]
        wanted = set(scopes) | (set(ATTRIBUTES) if "partner_type" in scopes else set())
        REGISTRY[function.__name__] = Kpi(
            id=function.__name__,
            family=family or module,
            name=name,
            unit=unit,
            better=better,
            audience=audience,
            cadence=cadence,
            accountable=accountable,
            scopes=tuple(scope for scope in SCOPES if scope in wanted),
            definition=definition,
            formula=function(),
            benchmark=benchmark,
            compare_direct=compare_direct,
            notes=tuple(notes),
            module=module,
            measured_in=measured_in,
            within=within,
            targets_within=targets_within,
        )
        return function  # type: ignore[return-value]

    return register


def find(kpi_id: str, known: Mapping[str, Kpi] = REGISTRY) -> Kpi:
    """Return the KPI of that id among those known; raise CallError with the nearest ids."""
    if kpi_id in known:
        return known[kpi_id]
    near = difflib.get_close_matches(kpi_id, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`kpi list` shows the catalogue."
    raise CallError.at("KPI", f"there is no {kpi_id!r}", hint)


def _paragraphs(function: Callable[..., object]) -> list[str]:
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return [" ".join(p.split()) for p in paragraphs if not p.lstrip().startswith(">>>")]
