"""A whole company written into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from kpi_lib.data.examples.synthetic import (
    ambitions,
    conduct,
    funnel,
    observed,
    relations,
    spending,
    ventures,
    voices,
)
from kpi_lib.data.examples.synthetic.billing import credit_limits_table
from kpi_lib.data.examples.synthetic.company import Size, partners_table
from kpi_lib.data.examples.synthetic.plan import Plan, fx_rates_table, make_plan
from kpi_lib.data.examples.synthetic.trade import EXACT, Tally, write_trade
from kpi_lib.data.examples.synthetic.writing import write_table

USUAL = Size()
SYNTHETIC = "SYNTHETIC"


def write_company(
    folder: Path,
    *,
    partners: int = USUAL.partners,
    orders: int = USUAL.orders,
    seed: int = USUAL.seed,
) -> Path:
    """Write a company's tables into a new folder and return it: the same bytes at every call."""
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    size = Size(partners, orders, seed)
    plan = make_plan(size)
    tally = write_trade(plan, draft)
    _write_partnership(plan, draft)
    _write_sales(plan, tally, draft)
    (draft / SYNTHETIC).write_text(label(size), encoding="utf-8")
    draft.rename(folder)
    return folder


def label(size: Size) -> str:
    """Return what the file SYNTHETIC says."""
    return (
        "An invented company: no partner, customer, person or figure in it is real.\n"
        f"partners {size.partners}, orders {size.orders}, seed {size.seed}\n"
    )


def _write_partnership(plan: Plan, folder: Path) -> None:
    """Write the tables that stand on the plan alone."""
    tables = {
        "partners": partners_table(plan.company),
        "fx_rates": fx_rates_table(plan),
        "credit_limits": credit_limits_table(plan),
        "engagements": relations.engagements_table(plan),
        "programs": relations.programs_table(plan),
        "training": relations.training_table(plan),
        "costs": spending.costs_table(plan),
        "savings": spending.savings_table(plan),
        "solutions": ventures.solutions_table(plan),
        "milestones": ventures.milestones_table(plan),
        "resources": ventures.resources_table(plan),
        "compliance_checks": conduct.compliance_checks_table(plan),
        "incidents": conduct.incidents_table(plan),
        "observations": observed.observations_table(plan),
    }
    for name, table in tables.items():
        write_table(folder, name, table)


def _write_sales(plan: Plan, tally: Tally, folder: Path) -> None:
    """Write the tables that need to know what was sold."""
    leads = funnel.draw_leads(plan)
    deals = funnel.draw_deals(plan, leads)
    write_table(folder, "leads", funnel.leads_table(plan, leads))
    write_table(folder, "deals", funnel.deals_table(plan, deals, tally.base))
    write_table(folder, "touchpoints", funnel.touchpoints_table(plan, deals))
    write_table(folder, "surveys", voices.surveys_table(plan, tally.first_order))
    sales = tally.sales / EXACT
    write_table(folder, "targets", ambitions.targets_table(plan, sales))
    write_table(folder, "objectives", ambitions.objectives_table(plan, sales))
    own = _own_figures(plan, tally, leads, deals)
    write_table(folder, "partner_reported", ambitions.partner_reported_table(plan, own))


def _own_figures(
    plan: Plan, tally: Tally, leads: funnel.Leads, deals: funnel.Deals
) -> dict[str, np.ndarray]:
    """Return what partners report of themselves, as we have it, of owners and months."""
    sourced, won = funnel.sourced(plan, deals)
    return {
        "revenue": tally.sales / EXACT,
        "orders": tally.orders,
        "sourced_revenue": sourced / EXACT,
        "deals_won": won,
        "leads": funnel.found_in(leads.owner, leads.created, plan.company.n + 1),
        "new_customers": tally.new_customers,
    }
