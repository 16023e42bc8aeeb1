"""What the catalogue says of each KPI beside its formula."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Benchmark:
    """A published claim."""

    low: float | None = None
    scope: str | None = None
    factor: float | None = None
    most: float | None = None
    per_year: bool = False


@dataclass(frozen=True)
class Kpi:
    """One line of the catalogue."""

    family: str
    unit: str
    better: str
    cadence: str
    accountable: str = "both"
    audience: str = "shared"
    adds_up: bool = False  # `when` and no `per`, and no median
    tables: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()  # none named: all
    benchmark: Benchmark | None = None


BENCHMARKS = {
    "revenue_share": Benchmark(low=0.25, scope="portfolio"),
    "involved_win_rate": Benchmark(factor=1.53, most=1),
    "involved_cycle_days": Benchmark(factor=0.54),
    "customer_nps": Benchmark(low=50),
    "partner_nps": Benchmark(low=50),
    "partnership_years": Benchmark(low=2),
    "interactions_per_week": Benchmark(low=1, scope="partner"),
    "co_created_solutions": Benchmark(low=2, scope="partner", per_year=True),
}

SCOPES = {
    "p": "partner",
    "t": "partner_type",
    "f": "portfolio",
    "d": "direct",
    "c": "company",
}

# kpi family unit better cadence accountable audience sum|- tables scopes
LINES = """
revenue revenue money higher month both shared sum orders -
revenue_growth revenue ratio higher month both shared - orders -
revenue_growth_previous revenue ratio higher month both shared - orders -
revenue_share revenue ratio higher quarter both internal - orders -
gross_margin revenue ratio higher month both internal - orders -
orders revenue number higher week both shared sum orders -
order_growth revenue ratio higher month both shared - orders -
sales_volume revenue number higher month both shared sum orders -
delivered_tonnage revenue number higher month both shared sum deliveries -
tonnage_growth revenue ratio higher quarter both shared - deliveries -
average_order_value revenue money higher month both shared - orders -
average_deal_size revenue money higher quarter both shared - deals -
wallet_share revenue ratio higher quarter both internal - orders,observations ptfc
quota_attainment revenue ratio higher month partner shared - orders,targets -
first_touch_revenue revenue money higher quarter both internal sum deals,touchpoints -
last_touch_revenue revenue money higher quarter both internal sum deals,touchpoints -
linear_revenue revenue money higher quarter both internal sum deals,touchpoints -
time_decay_revenue revenue money higher quarter both internal sum deals,touchpoints -
position_based_revenue revenue money higher quarter both internal sum deals,touchpoints -
influenced_revenue revenue money higher quarter both internal sum deals,touchpoints ptf
program_cost cost money lower quarter both internal sum costs ptf
roi cost ratio higher quarter both internal - orders,costs ptf
margin_roi cost ratio higher quarter both internal - orders,costs ptf
cost_savings cost money higher quarter both shared sum savings -
operational_savings cost money higher quarter both shared sum savings -
cac cost money lower quarter both internal - costs,customers -
cac_reduction cost ratio higher quarter both internal - costs,customers ptf
leads funnel number higher week partner shared sum leads -
qualified_leads funnel number higher week partner shared sum leads -
lead_qualification_rate funnel ratio higher month partner shared - leads -
lead_conversion_rate funnel ratio higher month both shared - leads -
lead_to_opportunity_days funnel days lower month both shared - leads -
deal_registrations funnel number higher week partner shared sum deals -
pipeline_value funnel money higher month both shared - deals -
deals_won funnel number higher month both shared sum deals -
sourced_revenue funnel money higher quarter both shared sum deals -
win_rate funnel ratio higher month both shared - deals -
cohort_win_rate funnel ratio higher quarter both internal - deals -
sales_cycle_days funnel days lower month both shared - deals -
sales_cycle_median_days funnel days lower month both shared - deals -
involved_win_rate funnel ratio higher quarter both internal - deals,touchpoints fdc
involved_cycle_days funnel days lower quarter both internal - deals,touchpoints fdc
attach_rate funnel ratio higher quarter both internal - deals,touchpoints c
new_customers customer number higher month both shared sum customers -
active_customers customer number higher month both shared sum orders -
customer_retention customer ratio higher quarter both shared - orders -
revenue_retention customer ratio higher quarter both internal - orders -
gross_revenue_retention customer ratio higher quarter both internal - orders -
repeat_purchase_rate customer ratio higher month both shared - orders -
orders_per_month customer number higher month both shared - orders -
orders_per_project customer number higher quarter both shared - orders -
days_between_purchases customer days lower month both shared - orders -
purchase_gap_ratio customer number lower week both internal - orders p
customer_nps customer points higher quarter both shared - surveys -
customer_csat customer ratio higher month both shared - surveys -
customer_lifetime_value customer money higher quarter both internal - model_cltv -
lifetime_value customer money higher quarter both internal - model_cltv -
lifetime_value_to_cac customer number higher quarter both internal - model_cltv,costs,customers -
churn_risk customer ratio lower month both internal - model_churn -
revenue_at_risk customer money lower month both internal - model_churn -
on_time_rate service ratio higher week us shared - deliveries -
in_full_rate service ratio higher week us shared - deliveries -
otif_rate service ratio higher week us shared - deliveries -
unit_fill_rate service ratio higher month us shared - deliveries -
order_otif_rate service ratio higher month us shared - deliveries -
delivery_days service days lower month us shared - deliveries,orders -
order_error_rate service ratio lower week us shared - deliveries -
picking_error_rate service ratio lower month us shared - deliveries -
packing_error_rate service ratio lower month us shared - deliveries -
loading_error_rate service ratio lower month us shared - deliveries -
backorder_rate service ratio lower week us shared - deliveries -
receivables credit money neither month partner shared - invoices -
dso_days credit days lower month partner shared - invoices -
dso_countback_days credit days lower month partner shared - invoices -
overdue_balance credit money lower week partner shared - invoices -
overdue_rate credit ratio lower month partner shared - invoices -
overdue_1_30 credit money lower month partner shared - invoices -
overdue_31_60 credit money lower month partner shared - invoices -
overdue_61_90 credit money lower month partner shared - invoices -
overdue_over_90 credit money lower month partner shared - invoices -
days_beyond_terms credit days lower month partner shared - invoices -
on_time_payment_rate credit ratio higher month partner shared - invoices -
credit_utilisation credit ratio lower week partner internal - invoices,credit_limits -
over_limit credit number lower week partner internal - invoices,credit_limits -
partner_nps relationship points higher quarter us shared - surveys -
partner_csat relationship ratio higher quarter us shared - surveys -
partnership_years relationship years higher quarter both shared - partners -
active_partners relationship number higher month both internal - partners tf
new_partners relationship number higher month both internal sum partners tf
partner_churn_rate relationship ratio lower quarter both internal - partners tf
interactions_per_week relationship number higher week both shared - engagements -
active_weeks relationship ratio higher month both shared - engagements -
joint_activities relationship number higher month both shared sum engagements -
portal_days relationship number higher week partner shared sum engagements -
digital_order_share relationship ratio higher month partner shared - orders -
event_attendance relationship ratio higher quarter partner shared - engagements -
meeting_attendance relationship ratio higher month partner shared - engagements -
feedback relationship number higher quarter partner shared sum engagements -
program_participation relationship ratio higher quarter partner shared - programs -
onboarding_rate relationship ratio higher quarter partner shared - programs -
early_buy_participation relationship ratio higher quarter partner shared - programs -
co_marketing_participation relationship ratio higher quarter partner shared - programs -
mdf_participation relationship ratio higher quarter partner shared - programs -
mdf_claimed relationship money neither quarter partner shared sum programs -
market_share market ratio higher quarter both internal - orders,market_sizes -
market_share_growth market points higher quarter both internal - orders,market_sizes -
new_markets market number higher quarter both shared - orders,markets -
new_market_penetration market ratio higher quarter both internal - orders,markets -
new_market_revenue market money higher quarter both shared sum orders,markets -
market_penetration market ratio higher quarter both internal - orders,markets -
brand_awareness market ratio higher quarter both shared - surveys -
brand_awareness_increase market points higher quarter both shared - surveys -
training_completion capability ratio higher quarter partner shared - training -
certifications capability number higher quarter partner shared sum training -
certified_people capability number higher quarter partner shared - training -
assessment_score capability number higher quarter partner shared - training -
compliance_rate compliance ratio higher quarter partner shared - compliance_checks -
contract_compliance compliance ratio higher quarter partner shared - compliance_checks -
regulatory_compliance compliance ratio higher quarter partner shared - compliance_checks -
incidents compliance number lower month partner shared sum incidents -
open_incidents compliance number lower week partner shared - incidents -
incident_resolution_days compliance days lower quarter partner shared - incidents -
co_created_solutions innovation number higher quarter both shared sum solutions ptf
time_to_market_days innovation days lower quarter both shared - solutions -
resource_utilisation innovation ratio higher quarter both shared - resources -
resource_overrun innovation ratio lower quarter both shared - resources -
milestones_on_time innovation ratio higher month both shared - milestones -
projects_completed innovation number higher quarter both shared sum milestones -
goal_alignment goals ratio higher quarter both shared - objectives -
targets_met goals ratio higher month both shared - targets -
health_score goals number higher month both internal - targets -
our_service_score goals number higher month both shared - targets -
"""


def _read(line: str) -> tuple[str, Kpi]:
    name, family, unit, better, cadence, accountable, audience, adds, tables, scopes = line.split()
    return name, Kpi(
        family,
        unit,
        better,
        cadence,
        accountable,
        audience,
        adds == "sum",
        tuple(tables.split(",")),
        () if scopes == "-" else tuple(SCOPES[letter] for letter in scopes),
        BENCHMARKS.get(name),
    )


CATALOGUE: dict[str, Kpi] = dict(_read(line) for line in LINES.split("\n") if line)

# industry measure unit better
PACK_LINES = """
automotive production_efficiency ratio higher
automotive quality_compliance ratio higher
automotive on_time_delivery ratio higher
consumer_electronics sell_through_volume number higher
consumer_electronics outlet_penetration ratio higher
consumer_electronics after_sales_quality ratio higher
energy project_completion ratio higher
energy safety_compliance ratio higher
energy emissions_intensity ratio lower
financial_services loan_originations money higher
financial_services portfolio_return ratio higher
financial_services client_satisfaction ratio higher
food_and_beverage supply_reliability ratio higher
food_and_beverage product_quality ratio higher
food_and_beverage food_safety_compliance ratio higher
healthcare patient_outcomes ratio higher
healthcare care_standard_compliance ratio higher
healthcare service_efficiency ratio higher
information_technology deployment_success ratio higher
information_technology support_effectiveness ratio higher
information_technology user_adoption ratio higher
pharmaceutical trial_success ratio higher
pharmaceutical gxp_compliance ratio higher
pharmaceutical trial_cycle_days days lower
retail sales_per_square_foot money higher
retail inventory_turnover number higher
retail shopper_satisfaction ratio higher
telecommunications network_uptime ratio higher
telecommunications service_response_hours number lower
telecommunications subscriber_growth ratio higher
"""

# A measure of two industries would be here twice; each measure has one line of its own.
PACKS: dict[str, tuple[str, str, str]] = {
    measure: (industry, unit, better)
    for industry, measure, unit, better in (line.split() for line in PACK_LINES.split("\n") if line)
}
