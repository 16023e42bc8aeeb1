"""Which KPIs lead a scorecard, by partner type, and which speak for a company goal.

A profile picks and orders; it never hides a KPI from the portfolio. A company's own profiles, by
partner type or by partner, come from the settings and go before these.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from kpi_lib.data.contract import TABLES
from kpi_lib.data.faults import ODD, Fault
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.kpis.catalogue import catalogue, taken_names
from kpi_lib.settings import ALL_TABLES, Settings
from kpi_lib.yaml_file import in_order

PROFILES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        kind: tuple(ids.split())
        for kind, ids in {
            "contractor": "revenue revenue_growth delivered_tonnage otif_rate order_error_rate "
            "backorder_rate orders_per_month days_between_purchases customer_nps dso_days "
            "overdue_rate digital_order_share early_buy_participation",
            "distribution": "revenue revenue_growth sales_volume active_customers new_customers "
            "customer_retention repeat_purchase_rate average_order_value otif_rate "
            "quota_attainment market_penetration cac partner_nps",
            "reseller": "revenue quota_attainment deal_registrations win_rate sales_cycle_days "
            "average_deal_size pipeline_value training_completion certified_people "
            "mdf_participation partner_nps",
            "referral": "leads qualified_leads lead_conversion_rate lead_to_opportunity_days "
            "first_touch_revenue new_customers interactions_per_week",
            "technology": "co_created_solutions time_to_market_days user_adoption "
            "projects_completed influenced_revenue certified_people joint_activities",
            "strategic_alliance": "revenue co_created_solutions market_share_growth "
            "new_market_penetration joint_activities goal_alignment partner_nps partnership_years",
            "joint_venture": "margin_roi roi gross_margin revenue milestones_on_time "
            "resource_utilisation cost_savings time_to_market_days",
            "supplier": "otif_rate in_full_rate order_error_rate delivery_days compliance_rate "
            "incidents incident_resolution_days cost_savings",
            "service": "customer_csat customer_nps milestones_on_time projects_completed "
            "compliance_rate certified_people revenue",
        }.items()
    }
)


GOALS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        goal: tuple(ids.split())
        for goal, ids in {
            "revenue_growth": "revenue revenue_growth average_deal_size",
            "market_expansion": "new_market_penetration market_share_growth brand_awareness",
            "efficiency": "cac_reduction sales_cycle_days operational_savings",
            "customer_success": "win_rate partner_nps co_created_solutions",
            "innovation": "co_created_solutions time_to_market_days projects_completed",
        }.items()
    }
)

LISTED = "`kpi list` shows the catalogue."


def check_names(settings: Settings) -> None:
    """Raise SettingsError for every KPI and table that the settings name and that there is not.

    A company's own measures count too; one that has the name of a KPI of a family is refused.
    """
    ids = set(catalogue()) | set(settings.packs)
    named = [
        (f"profiles.{owner}.{rank}", kpi)
        for owner, kpis in settings.profiles.items()
        for rank, kpi in enumerate(kpis)
    ]
    named += [(f"tolerances.{kpi}", kpi) for kpi in settings.tolerances]
    problems = [
        Problem(settings.line_of(key), f"there is no KPI {kpi!r}", _nearest(kpi, ids) or LISTED)
        for key, kpi in named
        if kpi not in ids
    ]
    problems += [
        Problem(settings.line_of(f"covered_from.{table}"), f"there is no table {table!r}", near)
        for table in settings.covered_from
        if table not in (ALL_TABLES, *TABLES)
        for near in [_nearest(table, set(TABLES)) or "docs/data.md lists the tables."]
    ]
    problems += taken_names(settings.packs, settings.line_of)
    if problems:
        raise SettingsError(in_order(problems))


def profiles_of_nobody(settings: Settings, partners: Collection[str]) -> list[Fault]:
    """Return a warning for each profile of the settings that leads no page: of no type or partner.

    `partners`: the ids of those that there are.
    """
    known = {*PROFILES, *partners}
    faults = []
    for owner in settings.profiles:
        if owner not in known:
            near = _nearest(owner, known)
            found = f"leads no page, as no partner or partner type is {owner!r}"
            found = f"{found}. {near}" if near else found
            where = settings.line_of(f"profiles.{owner}")
            kind = "of nobody"
            faults.append(Fault(where, None, "profiles", found, None, "warning", kind, ODD))
    return faults


def profile_of(
    profiles: Mapping[str, Sequence[str]], partner_id: str, partner_type: str
) -> tuple[str, ...]:
    """Return the KPIs that lead a partner's page: its own, its type's of the settings, or ours."""
    own = profiles.get(partner_id) or profiles.get(partner_type)
    return tuple(own or PROFILES[partner_type])


def _nearest(name: str, known: set[str]) -> str | None:
    near = difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else None
