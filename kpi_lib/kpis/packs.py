"""Industry packs: KPIs over what was measured elsewhere, the table observations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpi_lib.engine.formula import Observed
from kpi_lib.engine.kpi import Kpi
from kpi_lib.engine.scopes import SCOPES
from kpi_lib.kpis.registry import REGISTRY
from kpi_lib.settings import Better, Unit

FAMILY = "industry"
Measures = Mapping[str, tuple[Unit, Better]]

PACKS: Mapping[str, Measures] = MappingProxyType(
    {
        "automotive": {
            "production_efficiency": ("ratio", "higher"),
            "quality_compliance": ("ratio", "higher"),
            "on_time_delivery": ("ratio", "higher"),
        },
        "consumer_electronics": {
            "sell_through_volume": ("number", "higher"),
            "outlet_penetration": ("ratio", "higher"),
            "after_sales_quality": ("ratio", "higher"),
        },
        "energy": {
            "project_completion": ("ratio", "higher"),
            "safety_compliance": ("ratio", "higher"),
            "emissions_intensity": ("ratio", "lower"),
        },
        "financial_services": {
            "loan_originations": ("money", "higher"),
            "portfolio_return": ("ratio", "higher"),
            "client_satisfaction": ("ratio", "higher"),
        },
        "food_and_beverage": {
            "supply_reliability": ("ratio", "higher"),
            "product_quality": ("ratio", "higher"),
            "food_safety_compliance": ("ratio", "higher"),
        },
        "healthcare": {
            "patient_outcomes": ("ratio", "higher"),
            "care_standard_compliance": ("ratio", "higher"),
            "service_efficiency": ("ratio", "higher"),
        },
        "information_technology": {
            "deployment_success": ("ratio", "higher"),
            "support_effectiveness": ("ratio", "higher"),
            "user_adoption": ("ratio", "higher"),
        },
        "pharmaceutical": {
            "trial_success": ("ratio", "higher"),
            "gxp_compliance": ("ratio", "higher"),
            "trial_cycle_days": ("days", "lower"),
        },
        "retail": {
            "sales_per_square_foot": ("money", "higher"),
            "inventory_turnover": ("number", "higher"),
            "shopper_satisfaction": ("ratio", "higher"),
        },
        "telecommunications": {
            "network_uptime": ("ratio", "higher"),
            "service_response_hours": ("number", "lower"),
            "subscriber_growth": ("ratio", "higher"),
        },
    }
)


def packs_of(measures: Measures) -> dict[str, Kpi]:
    """Return the KPIs of the measures that a company names in its settings, by their ids.

    One that a pack has too stays that industry's: its partners have a row without an observation.
    """
    industries = {name: industry for industry, measures in PACKS.items() for name in measures}
    return {
        name: _kpi_of_measure(name, industries.get(name), *declared)
        for name, declared in measures.items()
    }


def _kpi_of_measure(measure: str, industry: str | None, unit: Unit, better: Better) -> Kpi:
    """Return the KPI of a measure that is observed in an industry (None: in any)."""
    words = measure.replace("_", " ")
    return Kpi(
        id=measure,
        family=FAMILY,
        name=words.capitalize(),
        unit=unit,
        better=better,
        audience="shared",
        cadence="quarter",
        accountable="both",
        scopes=SCOPES,
        definition=f"What was observed of {words} in the period: the sum of the numerators over "
        "that of the denominators, or the plain sum where no observation has a denominator.",
        formula=Observed(measure, industry),
        module="packs",
    )


REGISTRY.update(
    {
        measure: _kpi_of_measure(measure, industry, *declared)
        for industry, measures in PACKS.items()
        for measure, declared in measures.items()
    }
)
