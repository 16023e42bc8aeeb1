"""The families, in the catalogue's order; importing this module fills the registry."""

from __future__ import annotations

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
from kpi_lib.kpis.registry import REGISTRY, Kpi
from kpi_lib.settings import FAMILIES, Settings
from kpi_lib.yaml_file import in_order

MODULES = (
    *(revenue, cost, funnel, attribution, customer, lifetime, service, credit, relationship),
    *(engagement, market, capability, compliance, innovation, goals, packs),
)
ORDER_OF_FAMILIES = (*FAMILIES, packs.FAMILY)
ORDER_OF_MODULES = tuple(module.__name__.rpartition(".")[2] for module in MODULES)


def catalogue() -> dict[str, Kpi]:
    """Return every KPI by its id: family by family, module by module, the packs last."""
    return dict(sorted(REGISTRY.items(), key=lambda item: _place(item[1])))


def catalogue_of(settings: Settings) -> dict[str, Kpi]:
    """Return the catalogue and the measures that the settings name beside it.

    A measure of the settings takes the place of a pack's measure of that name: its unit and what is
    better are the company's. Raises SettingsError where one has the name of any other KPI.
    """
    problems = taken_names(settings)
    if problems:
        raise SettingsError(in_order(problems))
    return catalogue() | packs.packs_of(settings)


def taken_names(settings: Settings) -> list[Problem]:
    """Return a problem for each measure of the settings that is named like a KPI of a family."""
    return [
        Problem(
            settings.line_of(f"packs.{measure}"),
            f"{measure!r} is a KPI of the catalogue, of the family {REGISTRY[measure].family}",
            "Call your measure something else, here and in the table observations.",
        )
        for measure in settings.packs
        if measure in REGISTRY and REGISTRY[measure].family != packs.FAMILY
    ]


def _place(kpi: Kpi) -> tuple[int, int]:
    return ORDER_OF_FAMILIES.index(kpi.family), ORDER_OF_MODULES.index(kpi.module)
