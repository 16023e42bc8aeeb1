"""The families, in the catalogue's order; importing this module fills the registry."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kpi_lib.engine.kpi import Kpi
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.kpis import (
    attribution,
    capability,
    compliance,
    cost,
    credit,
    customer,
    engagement,
    funnel,
    goals,
    innovation,
    lifetime,
    market,
    packs,
    relationship,
    revenue,
    service,
)
from kpi_lib.kpis.registry import REGISTRY
from kpi_lib.settings import FAMILIES, Settings
from kpi_lib.yaml_file import in_order

MODULES = (
    revenue,
    cost,
    funnel,
    attribution,
    customer,
    lifetime,
    service,
    credit,
    relationship,
    engagement,
    market,
    capability,
    compliance,
    innovation,
    goals,
    packs,
)
ORDER_OF_FAMILIES = (*FAMILIES, packs.FAMILY)
ORDER_OF_MODULES = tuple(module.__name__.rpartition(".")[2] for module in MODULES)


def catalogue() -> dict[str, Kpi]:
    """Return every KPI by its id: family by family, module by module, the packs last."""
    return dict(sorted(REGISTRY.items(), key=lambda item: _place(item[1])))


def catalogue_of(settings: Settings, *, has_cost: bool = True) -> dict[str, Kpi]:
    """Return the catalogue and the measures that the settings name beside it.

    `has_cost`: whether orders have a cost; without it no margin is to be expected, but revenue. A
    measure of the settings takes the place of a pack's measure of that name: its unit and what is
    better are the company's. Raises SettingsError where one has the name of any other KPI.
    """
    problems = taken_names(settings.packs, settings.line_of)
    if problems:
        raise SettingsError(in_order(problems))
    known = catalogue() | packs.packs_of(settings.packs)
    return known if has_cost else {id_: lifetime.in_revenue(kpi) for id_, kpi in known.items()}


def taken_names(measures: Iterable[str], line_of: Callable[[str], str]) -> list[Problem]:
    """Return a problem for each measure of the settings that is named like a KPI of a family.

    `line_of`: says where in the settings a key stands.
    """
    return [
        Problem(
            line_of(f"packs.{measure}"),
            f"{measure!r} is a KPI of the catalogue, of the family {REGISTRY[measure].family}",
            "Call your measure something else, here and in the table observations.",
        )
        for measure in measures
        if measure in REGISTRY and REGISTRY[measure].family != packs.FAMILY
    ]


def is_comparable(kpi: Kpi, denominator: float | None) -> bool:
    """Say whether a partner's figure can stand beside that of many partners together.

    A sum cannot, nor what sums up targets: everybody has its own. `denominator`: that of the
    figure, by which a measure of a pack is known to be a ratio.
    """
    return kpi.family != goals.FAMILY and kpi.formula.is_comparable(denominator)


def _place(kpi: Kpi) -> tuple[int, int]:
    return ORDER_OF_FAMILIES.index(kpi.family), ORDER_OF_MODULES.index(kpi.module)
