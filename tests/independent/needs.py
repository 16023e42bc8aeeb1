"""The columns that each KPI's definition names: without one of them it has no value.

Not named here: partner_id where only the scope asks for it, the columns whose absence says
something, and a table's main date, which decides whether its rows exist, and which `needs` adds.
"""

from __future__ import annotations

from .catalogue import CATALOGUE, PACKS
from .contract import MAIN_DATE
from .tables import Data

AMOUNT_OF_CUSTOMERS = "orders.customer_id orders.amount"
CLOSED = "deals.closed_on deals.outcome"
WON_AMOUNT = f"{CLOSED} deals.amount"
PATH = "deals.deal_id touchpoints.deal_id"
CREDITED = f"{WON_AMOUNT} {PATH} touchpoints.touchpoint_id"
PROGRAM_COST = "costs.channel costs.amount"
CAC = f"{PROGRAM_COST} costs.category"
ANSWERS = "surveys.respondent surveys.instrument surveys.score"
ON_TIME = "deliveries.promised_on deliveries.delivered_on"
QUANTITIES = "deliveries.quantity_delivered deliveries.quantity_ordered"
OTIF = f"{ON_TIME} {QUANTITIES}"
ERROR = "deliveries.delivered_on deliveries.error"
OPEN = "invoices.paid_on invoices.amount"
OVERDUE = f"{OPEN} invoices.due_on"
LIMITS = f"{OPEN} invoices.partner_id credit_limits.partner_id credit_limits.credit_limit"
ATTENDED = "engagements.kind engagements.attended"
INVITED = f"{ATTENDED} engagements.invited"
JOINED_PROGRAM = "programs.joined_on programs.program"
NEW_MARKETS = "orders.market_id markets.market_id markets.target"
SIZES = "market_sizes.market_id market_sizes.ends_on market_sizes.size"
SHARE = f"orders.market_id orders.amount {SIZES}"
CHECKS = "compliance_checks.passed compliance_checks.kind"
RESOURCES = "resources.kind resources.allocated resources.utilised"

NAMED = {
    "revenue": "orders.amount",
    "revenue_growth": "orders.amount",
    "revenue_growth_previous": "orders.amount",
    "revenue_share": "orders.amount",
    "gross_margin": "orders.amount orders.cost",
    "sales_volume": "orders.quantity",
    "delivered_tonnage": "deliveries.delivered_on deliveries.weight_tonnes",
    "tonnage_growth": "deliveries.delivered_on deliveries.weight_tonnes",
    "average_order_value": "orders.amount",
    "average_deal_size": WON_AMOUNT,
    "wallet_share": "orders.amount orders.partner_id observations.partner_id observations.measure"
    " observations.numerator observations.observation_id",
    "quota_attainment": "orders.amount",
    "first_touch_revenue": CREDITED,
    "last_touch_revenue": CREDITED,
    "linear_revenue": CREDITED,
    "time_decay_revenue": CREDITED,
    "position_based_revenue": CREDITED,
    "influenced_revenue": f"{WON_AMOUNT} {PATH}",
    "program_cost": PROGRAM_COST,
    "roi": f"{PROGRAM_COST} orders.amount",
    "margin_roi": f"{PROGRAM_COST} orders.amount orders.cost",
    "cost_savings": "savings.amount",
    "operational_savings": "savings.amount savings.category",
    "cac": CAC,
    "cac_reduction": CAC,
    "qualified_leads": "leads.qualified_on",
    "lead_qualification_rate": "leads.qualified_on",
    "lead_conversion_rate": "leads.converted_on",
    "lead_to_opportunity_days": "leads.opportunity_on",
    "deal_registrations": "deals.registered_on",
    "pipeline_value": WON_AMOUNT,
    "deals_won": CLOSED,
    "sourced_revenue": WON_AMOUNT,
    "win_rate": CLOSED,
    "cohort_win_rate": CLOSED,
    "sales_cycle_days": CLOSED,
    "sales_cycle_median_days": CLOSED,
    "involved_win_rate": f"{CLOSED} {PATH}",
    "involved_cycle_days": f"{CLOSED} {PATH}",
    "attach_rate": f"{CLOSED} {PATH} deals.partner_id touchpoints.partner_id",
    "active_customers": "orders.customer_id",
    "customer_retention": "orders.customer_id",
    "revenue_retention": AMOUNT_OF_CUSTOMERS,
    "gross_revenue_retention": AMOUNT_OF_CUSTOMERS,
    "repeat_purchase_rate": "orders.customer_id",
    "orders_per_project": "orders.project_id",
    "days_between_purchases": "orders.customer_id",
    "customer_nps": ANSWERS,
    "customer_csat": ANSWERS,
    "on_time_rate": ON_TIME,
    "in_full_rate": OTIF,
    "otif_rate": OTIF,
    "unit_fill_rate": OTIF,
    "order_otif_rate": OTIF,
    "delivery_days": "deliveries.delivered_on deliveries.order_id orders.order_id",
    "order_error_rate": ERROR,
    "picking_error_rate": ERROR,
    "packing_error_rate": ERROR,
    "loading_error_rate": ERROR,
    "backorder_rate": "deliveries.promised_on deliveries.backordered",
    "receivables": OPEN,
    "dso_days": OPEN,
    "dso_countback_days": OPEN,
    "overdue_balance": OVERDUE,
    "overdue_rate": OVERDUE,
    "overdue_1_30": OVERDUE,
    "overdue_31_60": OVERDUE,
    "overdue_61_90": OVERDUE,
    "overdue_over_90": OVERDUE,
    "days_beyond_terms": OVERDUE,
    "on_time_payment_rate": "invoices.due_on invoices.paid_on",
    "credit_utilisation": LIMITS,
    "over_limit": LIMITS,
    "partner_nps": ANSWERS,
    "partner_csat": ANSWERS,
    "interactions_per_week": ATTENDED,
    "active_weeks": f"{ATTENDED} engagements.partner_id",
    "joint_activities": ATTENDED,
    "portal_days": "engagements.kind engagements.partner_id",
    "digital_order_share": "orders.channel",
    "event_attendance": INVITED,
    "meeting_attendance": INVITED,
    "feedback": "engagements.kind",
    "program_participation": "programs.joined_on",
    "onboarding_rate": JOINED_PROGRAM,
    "early_buy_participation": JOINED_PROGRAM,
    "co_marketing_participation": JOINED_PROGRAM,
    "mdf_participation": JOINED_PROGRAM,
    "mdf_claimed": f"{JOINED_PROGRAM} programs.amount",
    "market_share": SHARE,
    "market_share_growth": SHARE,
    "new_markets": NEW_MARKETS,
    "new_market_penetration": NEW_MARKETS,
    "new_market_revenue": f"{NEW_MARKETS} orders.amount",
    "market_penetration": "orders.customer_id orders.market_id markets.market_id markets.accounts",
    "brand_awareness": ANSWERS,
    "brand_awareness_increase": ANSWERS,
    "training_completion": "training.completed_on",
    "certifications": "training.certified_on",
    "certified_people": "training.certified_on training.person_id training.partner_id",
    "assessment_score": "training.completed_on training.score",
    "compliance_rate": "compliance_checks.passed",
    "contract_compliance": CHECKS,
    "regulatory_compliance": CHECKS,
    "open_incidents": "incidents.resolved_on",
    "incident_resolution_days": "incidents.resolved_on",
    "co_created_solutions": "solutions.launched_on",
    "time_to_market_days": "solutions.launched_on",
    "resource_utilisation": RESOURCES,
    "resource_overrun": RESOURCES,
    "milestones_on_time": "milestones.due_on milestones.completed_on",
    "projects_completed": "milestones.completed_on milestones.final",
    "goal_alignment": "objectives.partner_id objectives.kpi objectives.due_on"
    " objectives.baseline objectives.target",
    **dict.fromkeys(PACKS, "observations.measure observations.numerator"),
}
OF_ORDERS_NOT_CANCELLED = {
    *("on_time_rate", "in_full_rate", "otif_rate", "unit_fill_rate", "order_otif_rate"),
    "backorder_rate",
}
PAID_IN_PART = "invoices.invoice_id payments.invoice_id payments.amount"
OF_OPEN_AMOUNTS = {
    *("receivables", "dso_days", "dso_countback_days", "overdue_balance", "overdue_rate"),
    *("overdue_1_30", "overdue_31_60", "overdue_61_90", "overdue_over_90"),
    *("credit_utilisation", "over_limit"),
}


def needs(kpi: str, data: Data) -> list[str]:
    """Return the columns that the KPI cannot do without, as table.column."""
    named = NAMED.get(kpi, "").split()
    if kpi in OF_ORDERS_NOT_CANCELLED:
        named += ["deliveries.order_id", *(["orders.order_id"] if "orders" in data.rows else [])]
    if kpi in OF_OPEN_AMOUNTS and "payments" in data.rows:
        named += PAID_IN_PART.split()
    tables = [*tables_of(kpi), *(name.partition(".")[0] for name in named)]
    dates = [f"{table}.{MAIN_DATE[table]}" for table in tables if table in MAIN_DATE]
    return list(dict.fromkeys([*dates, *named]))


def tables_of(kpi: str) -> tuple[str, ...]:
    """Return the tables that the catalogue says it is from."""
    return CATALOGUE[kpi].tables if kpi in CATALOGUE else ("observations",)
