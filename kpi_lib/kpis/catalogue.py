"""The families, in the catalogue's order; importing this module fills the registry."""

from __future__ import annotations

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
    market,
    packs,
    relationship,
    revenue,
    service,
)
from kpi_lib.kpis.registry import REGISTRY, Kpi
from kpi_lib.settings import FAMILIES, Settings

MODULES = (
    *(revenue, cost, funnel, attribution, customer, service, credit, relationship, engagement),
    *(market, capability, compliance, innovation, goals, packs),
)


def catalogue() -> dict[str, Kpi]:
    """Return every KPI by its id: family by family, module by module; the packs last.

    A KPI that stands in none of our modules comes at the end of its family.
    """
    families = (*FAMILIES, packs.FAMILY)
    modules = [module.__name__ for module in MODULES]

    def place(kpi: Kpi) -> tuple[int, int]:
        at = modules.index(kpi.module) if kpi.module in modules else len(modules)
        return families.index(kpi.family), at

    return dict(sorted(REGISTRY.items(), key=lambda item: place(item[1])))


def catalogue_of(settings: Settings) -> dict[str, Kpi]:
    """Return the catalogue and the measures that the settings name beside it."""
    ours, own = catalogue(), packs.packs_of(settings)
    measures = {n: k for n, k in own.items() if n not in ours or ours[n].family == packs.FAMILY}
    return ours | measures


def better_of(settings: Settings) -> dict[str, str]:
    """Return for each KPI whether higher or lower is better, or neither."""
    return {kpi_id: kpi.better for kpi_id, kpi in catalogue_of(settings).items()}
