"""The registry: every KPI by its id, in the catalogue's order."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from kpi_lib.audience import Disclosure
from kpi_lib.engine.kpi import Benchmark, Declared, Ends, Kpi, Measured
from kpi_lib.engine.scopes import ATTRIBUTES, SCOPES, Side
from kpi_lib.errors import CallError
from kpi_lib.settings import Better, Unit

AnyDeclared = TypeVar("AnyDeclared", bound=Declared)

REGISTRY: dict[str, Kpi] = {}


def kpi(  # noqa: PLR0913, each is what a KPI declares of itself
    name: str,
    *,
    unit: Unit,
    cadence: str,
    better: Better = "higher",
    audience: Disclosure = "shared",
    accountable: Side = "both",
    scopes: Iterable[str] = SCOPES,
    benchmark: Benchmark | None = None,
    compare_direct: bool = False,
    family: str | None = None,
    measured_in: Measured | None = None,
    within: Ends | None = None,
    targets_within: Ends | None = None,
) -> Callable[[Callable[[], AnyDeclared]], Callable[[], AnyDeclared]]:
    """Register the decorated function as a KPI: its name is the id, its module the family.

    A family of two modules names itself in the second.
    The first paragraph of its docstring is the definition that people read, the others are notes
    on it; examples are neither. A KPI that stands for partner types stands for tiers, segments,
    regions, branches and managers too.
    """

    def register(function: Callable[[], AnyDeclared]) -> Callable[[], AnyDeclared]:
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
        return function

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
