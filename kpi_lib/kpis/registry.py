"""The registry: every KPI by its id, in the catalogue's order."""

from __future__ import annotations

import difflib
import inspect
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from kpi_lib.data.contract import TABLES
from kpi_lib.errors import CallError
from kpi_lib.kpis.formula import Formula, FromRows, Observed, Special
from kpi_lib.settings import Better, Unit

Side = Literal["us", "partner", "both"]
Audience = Literal["shared", "internal"]

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


@dataclass(frozen=True)
class Kpi:
    """One KPI: what it is called, what it means, who moves it and who may see it."""

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
    formula: Formula | FromRows | Special | Observed
    benchmark: Benchmark | None = None
    compare_direct: bool = False
    module: str = ""  # that declares it

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table; those of "not yet" that decide them among them."""
        needs = self.formula.needs
        return {table: with_deciding(table, columns) for table, columns in needs.items()}

    def accountable_for(self, partner_type: str | None) -> Side:
        """Return who answers for it with a partner of that type."""
        if self.family == "service" and partner_type in DELIVERING_TYPES:
            return {"us": "partner", "partner": "us", "both": "both"}[self.accountable]  # type: ignore[return-value]
        return self.accountable


def with_deciding(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Return the columns and those that say whether a row exists yet, and a deal is still open."""
    main_date = TABLES[table].main_date
    deciding = {main_date} if main_date else set()
    if table == "deals" and "outcome" in columns:
        deciding.add("closed_on")
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
) -> Callable[[Callable[[], Formula | FromRows | Special]], Callable[[], Formula]]:
    """Register the decorated function as a KPI: its name is the id, its module the family.

    A family of two modules names itself in the second.
    The first paragraph of its docstring is the definition that people read. A KPI that stands for
    partner types stands for tiers, segments, regions, branches and managers too.
    """

    def register(function: Callable[[], Formula | FromRows | Special]) -> Callable[[], Formula]:
        wanted = set(scopes) | (set(ATTRIBUTES) if "partner_type" in scopes else set())
        REGISTRY[function.__name__] = Kpi(
            id=function.__name__,
            family=family or function.__module__.rpartition(".")[2],
            name=name,
            unit=unit,
            better=better,
            audience=audience,
            cadence=cadence,
            accountable=accountable,
            scopes=tuple(scope for scope in SCOPES if scope in wanted),
            definition=_first_paragraph(function),
            formula=function(),
            benchmark=benchmark,
            compare_direct=compare_direct,
            module=function.__module__,
        )
        return function  # type: ignore[return-value]

    return register


def find(kpi_id: str) -> Kpi:
    """Return the KPI of that id; raise CallError with the nearest ids there are."""
    if kpi_id in REGISTRY:
        return REGISTRY[kpi_id]
    near = difflib.get_close_matches(kpi_id, REGISTRY, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`kpi list` shows the catalogue."
    raise CallError.at("KPI", f"there is no {kpi_id!r}", hint)


def _first_paragraph(function: Callable[..., object]) -> str:
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return " ".join(paragraphs[0].split())
