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
    innovation,
    market,
    relationship,
    revenue,
    service,
)
from kpi_lib.kpis.registry import REGISTRY, Kpi
from kpi_lib.settings import FAMILIES

MODULES = (
    *(revenue, attribution, cost, funnel, customer, service, credit, relationship, engagement),
    *(market, capability, compliance, innovation),
)


def catalogue() -> dict[str, Kpi]:
    """Return every KPI by its id: revenue first, as the families stand in the catalogue."""
    return dict(sorted(REGISTRY.items(), key=lambda item: FAMILIES.index(item[1].family)))


def better_of() -> dict[str, str]:
    """Return for each KPI whether higher or lower is better, or neither."""
    return {kpi_id: kpi.better for kpi_id, kpi in catalogue().items()}
