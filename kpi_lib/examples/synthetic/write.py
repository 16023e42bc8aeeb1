"""A whole company written into a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from kpi_lib.data.contract import TABLES
from kpi_lib.data.unread import SYNTHETIC
from kpi_lib.errors import CallError, Problem
from kpi_lib.examples.synthetic import agreements as agreed
from kpi_lib.examples.synthetic import (
    conduct,
    observed_measures,
    relations,
    reported,
    spending,
    surveys,
    ventures,
)
from kpi_lib.examples.synthetic import pipeline as funnel
from kpi_lib.examples.synthetic.billing import credit_limits_table
from kpi_lib.examples.synthetic.blueprint import Plan, fx_rates_table, make_plan
from kpi_lib.examples.synthetic.company import Size, partners_table
from kpi_lib.examples.synthetic.trade import EXACT, Tally, write_trade
from kpi_lib.examples.synthetic.writing import write_table
from kpi_lib.paths import shown

USUAL = Size()
INVENTED = "An invented company: no partner, customer, person or figure in it is real."
OURS = {SYNTHETIC, *TABLES, *(f"{name}.parquet" for name in TABLES)}


def write_company(
    folder: Path,
    *,
    partners: int = USUAL.partners,
    orders: int = USUAL.orders,
    seed: int = USUAL.seed,
) -> Path:
    """Write a company's tables into a folder and return it: the same bytes at every call.

    The folder is new or empty, or holds a company that was written before and now gives way; any
    other raises CallError, and so do numbers that make no company.
    """
    size = Size(partners, orders, seed)
    _check_call(folder, size)
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _write(make_plan(size), draft)
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
    return folder


def _check_call(folder: Path, size: Size) -> None:
    """Name everything that is wrong with a call, before anything is written."""
    problems = [
        Problem(f"--{name} {value}", "makes no company", f"Name {least} or more.")
        for name, value, least in (
            ("partners", size.partners, 1),
            ("orders", size.orders, 1),
            ("seed", size.seed, 0),
        )
        if value < least
    ]
    found = _in_the_way(folder)
    if found:
        todo = "Name a new or empty folder; only a company written before may be overwritten."
        problems.append(Problem(f"--out {shown(folder)}", found, todo))
    if problems:
        raise CallError(problems)


def _in_the_way(folder: Path) -> str:
    """Return what keeps a company from being written there, nothing where all is well."""
    if not folder.exists():
        return ""
    if not folder.is_dir():
        return "is a file"
    names = sorted(path.name for path in folder.iterdir())
    strange = [name for name in names if name not in OURS]
    if strange:
        return f"holds {', '.join(strange[:3])}, which is none of a synthetic company's tables"
    label = folder / SYNTHETIC
    is_ours = label.is_file() and label.read_text(encoding="utf-8").startswith(INVENTED)
    return "holds tables that are not said to be synthetic" if names and not is_ours else ""


def _write(plan: Plan, folder: Path) -> None:
    """Write all tables, and in the end what they are."""
    size = plan.company.size
    _write_partnership(plan, folder)
    _write_sales(plan, write_trade(plan, folder), folder)
    text = f"{INVENTED}\npartners {size.partners}, orders {size.orders}, seed {size.seed}\n"
    (folder / SYNTHETIC).write_text(text, encoding="utf-8")


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
        "observations": observed_measures.observations_table(plan),
    }
    for name, table in tables.items():
        write_table(folder, name, table)


def _write_sales(plan: Plan, tally: Tally, folder: Path) -> None:
    """Write the tables that need to know what was sold."""
    leads = funnel.draw_leads(plan)
    deals = funnel.draw_deals(plan, leads)
    sales = tally.sales / EXACT
    own = _figures_to_report(plan, tally, leads, deals)
    tables = {
        "leads": funnel.leads_table(plan, leads),
        "deals": funnel.deals_table(plan, deals, tally.base),
        "touchpoints": funnel.touchpoints_table(plan, deals),
        "surveys": surveys.surveys_table(plan, tally.first_order),
        "targets": agreed.targets_table(plan, sales),
        "objectives": agreed.objectives_table(plan, sales),
        "partner_reported": reported.partner_reported_table(plan, own),
    }
    for name, table in tables.items():
        write_table(folder, name, table)


def _figures_to_report(
    plan: Plan, tally: Tally, leads: funnel.Leads, deals: funnel.Deals
) -> dict[str, np.ndarray]:
    """Return what partners will report of themselves, as our own data have it.

    By the name of the figure: an array of owners x months.
    """
    sourced, won = funnel.sourced(plan, deals)
    return {
        "revenue": tally.sales / EXACT,
        "orders": tally.orders,
        "sourced_revenue": sourced / EXACT,
        "deals_won": won,
        "leads": funnel.found_in(leads.owner, leads.created, plan.company.n + 1),
        "new_customers": tally.new_customers,
    }
