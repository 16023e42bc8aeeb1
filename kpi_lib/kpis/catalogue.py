"""The families, in the catalogue's order; importing this module fills the registry."""

from __future__ import annotations

from kpi_lib.kpis import customer, relationship, revenue
from kpi_lib.kpis.registry import REGISTRY, Kpi

# The order in which modules register is the order of lists and pages.
MODULES = (revenue, customer, relationship)


def catalogue() -> dict[str, Kpi]:
    """Return every KPI by its id: revenue first, as the families stand in the catalogue."""
    order = [module.__name__.rpartition(".")[2] for module in MODULES]
    return dict(sorted(REGISTRY.items(), key=lambda item: order.index(item[1].family)))


def better_of() -> dict[str, str]:
    """Return for each KPI whether higher or lower is better, or neither."""
    return {kpi_id: kpi.better for kpi_id, kpi in catalogue().items()}
