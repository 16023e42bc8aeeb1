"""Cost: what partnerships cost, what they return, and what they save."""

from __future__ import annotations

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import ByScope, Formula, of_company, of_direct, rows
from kpi_lib.engine.kpi import Ends
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.revenue import sales

ROLL_UPS = ("partner", "partner_type", "portfolio")

costs = rows("costs", when="incurred_on")
of_partners = costs.where(field("channel") == "partner")
acquiring = costs.where(field("category") != "operations")
acquiring_partners = acquiring.where(field("channel") == "partner").sum("amount")
savings = rows("savings", when="realised_on")
acquired = rows("customers", when="acquired_on").count()

# A cost of the programme as a whole names no partner, and is the portfolio's all the same.
programme = ByScope(of_partners.sum("amount"), {"portfolio": of_company(of_partners.sum("amount"))})
acquisition = ByScope(
    acquiring_partners,
    {
        "portfolio": of_company(acquiring_partners),
        "direct": acquiring.where(field("channel") == "direct").sum("amount"),
        "company": acquiring.sum("amount"),
    },
)


@kpi(
    "Partnership cost",
    unit="money",
    cadence="quarter",
    better="lower",
    audience="internal",
    scopes=ROLL_UPS,
)
def program_cost() -> Formula:
    """Costs of the partner channel in the period; the portfolio's hold the programme's own too.

    For that reason the partners' figures do not add up to the portfolio's.
    """
    return Formula(programme)


@kpi(
    "Return on partnership investment (revenue)",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    scopes=ROLL_UPS,
    targets_within=Ends(),
)
def roi() -> Formula:
    """Revenue less partnership cost, over partnership cost.

    On revenue, not on what is earned: 3 says that each unit of cost stands beside 4 of revenue, and
    at a thin margin that can be a loss. For decisions read `margin_roi`.
    """
    return Formula(sales.sum("amount") - programme, per=programme)


@kpi(
    "Return on partnership investment (margin)",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    scopes=ROLL_UPS,
    targets_within=Ends(),
)
def margin_roi() -> Formula:
    """Gross margin of the sales whose cost is known, less partnership cost, over that cost.

    Below 0 the partnership earns less than it costs. Sales without a cost add nothing here while
    `roi` counts them: where few costs are known it is too low.
    """
    costed = sales.where(field("cost").is_known())
    return Formula(costed.sum(field("amount") - field("cost")) - programme, per=programme)


@kpi("Savings from joint operations", unit="money", cadence="quarter")
def cost_savings() -> Formula:
    """Savings from joint operations realised in the period, of every category."""
    return Formula(savings.sum("amount"))


@kpi("Operating cost saved by synergies", unit="money", cadence="quarter")
def operational_savings() -> Formula:
    """Savings realised in the period in operations and support."""
    return Formula(savings.where(field("category").is_in("operations", "support")).sum("amount"))


@kpi(
    "Customer acquisition cost",
    unit="money",
    cadence="quarter",
    better="lower",
    audience="internal",
    compare_direct=True,
)
def cac() -> Formula:
    """Cost of the channel, operations left out, over the customers acquired in the period.

    The partner channel's costs; direct business's are those of the direct channel, the company's
    both, and the portfolio's hold costs of the programme too.

    Costs and customers of one period, though winning a customer may take longer: the shorter the
    period, the more it jumps. A period without a new customer has no value.
    """
    return Formula(acquisition, per=acquired)


@kpi(
    "Acquisition cost saved against direct",
    unit="ratio",
    cadence="quarter",
    audience="internal",
    scopes=ROLL_UPS,
)
def cac_reduction() -> Formula:
    """How far the cost of acquiring a customer lies below that of direct business.

    Below 0 a customer costs more through the partner than it does direct.
    """
    own = acquisition / acquired
    return Formula(1 - own / of_direct(own))
