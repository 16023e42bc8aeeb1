"""Lifetime: what models say of customers, what they will be worth and which of them may leave.

A model is fitted once a period, for all customers of the company together. Where none was fitted
these KPIs have no value, and nothing that is made of other KPIs counts them.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from kpi_lib.engine.formula import Modelled, joined
from kpi_lib.engine.kpi import Kpi
from kpi_lib.kpis.cost import cac
from kpi_lib.kpis.registry import kpi

FAMILY = "customer"
# Where orders have no cost, what is to be expected is revenue, and is called that.
IN_REVENUE = MappingProxyType(
    {
        "customer_lifetime_value": (
            "Expected revenue a customer",
            "Revenue to expect of a customer in the months ahead, discounted: the mean of all so "
            "far.",
        ),
        "lifetime_value": (
            "Expected revenue of all customers",
            "Revenue to expect of all customers so far in the months ahead, discounted: the sum.",
        ),
        "lifetime_value_to_cac": (
            "Expected revenue to acquisition cost",
            "Expected revenue a customer of those acquired in the period, over customer "
            "acquisition cost.",
        ),
    }
)
PURCHASES = {"orders": frozenset({"customer_id", "ordered_on", "amount", "status"})}
CUSTOMERS = {"customers": frozenset({"customer_id", "acquired_on"})}
OF_LIFETIME = joined(PURCHASES, CUSTOMERS)


def in_revenue(of: Kpi) -> Kpi:
    """Return a KPI as it is called and defined where orders have no cost; any other as it is."""
    if of.id not in IN_REVENUE or not isinstance(of.formula, Modelled):
        return of
    name, definition = IN_REVENUE[of.id]
    formula = replace(
        of.formula,
        value=of.formula.value.replace("gross margin", "revenue").replace(
            "lifetime value", "expected revenue"
        ),
    )
    return replace(of, name=name, definition=definition, formula=formula)


@kpi(
    "Lifetime value a customer",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def customer_lifetime_value() -> Modelled:
    """Gross margin to expect of a customer in the months ahead, discounted: the mean of all so far.

    All so far are the customers acquired on or before the last day that counts. How many months are
    looked ahead is `clv_horizon_months` of the settings (36), the discount a year
    `annual_discount_rate` under `models` (0.10).

    It looks ahead only: what customers have already brought is not in it.

    Where orders have no cost it is revenue, and is called expected revenue everywhere; the two must
    never stand in one comparison.
    """
    return Modelled(
        "cltv",
        OF_LIFETIME,
        value="sum of the expected discounted gross margin of the customers acquired so far",
        per="number of those customers",
    )


@kpi(
    "Lifetime value of all customers",
    unit="money",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def lifetime_value() -> Modelled:
    """Gross margin to expect of all customers so far in the months ahead, discounted: the sum.

    The sum of which `customer_lifetime_value` is the mean. Of a few customers the total is far less
    certain than of many: read it with n.
    """
    return Modelled(
        "cltv",
        OF_LIFETIME,
        value="sum of the expected discounted gross margin of the customers acquired so far",
    )


@kpi(
    "Lifetime value to acquisition cost",
    unit="number",
    cadence="quarter",
    audience="internal",
    family=FAMILY,
)
def lifetime_value_to_cac() -> Modelled:
    """Lifetime value a customer of those acquired in the period, over customer acquisition cost.

    Both sides are of the customers acquired in the period: `customer_lifetime_value`, which is of
    all customers, over `cac` is another figure.
    """
    return Modelled(
        "cltv",
        joined(OF_LIFETIME, cac().needs),
        value="lifetime value a customer, of the customers acquired in the period",
        per="customer acquisition cost",
    )


@kpi(
    "Customers at risk",
    unit="ratio",
    cadence="month",
    better="lower",
    audience="internal",
    family=FAMILY,
)
def churn_risk() -> Modelled:
    """Of the customers scored, those whose probability of churn is above the alert threshold.

    To churn is to buy nothing for `churn_horizon_days` (90); the threshold is `alert_threshold`
    (0.5), both under `models` in the settings. Another horizon is another KPI: do not compare
    figures across a change of either.
    """
    return Modelled(
        "churn",
        PURCHASES,
        value="number of customers with a probability of churn above the alert threshold",
        per="number of customers scored",
        share=True,
    )


@kpi(
    "Revenue at risk",
    unit="money",
    cadence="month",
    better="lower",
    audience="internal",
    family=FAMILY,
)
def revenue_at_risk() -> Modelled:
    """Sales of the last 12 months, each customer's weighed with its probability of churn.

    An expectation, not a list of customers: every customer scored adds its part, those below the
    alert threshold too, so it is not the revenue of the customers that `churn_risk` counts.
    """
    return Modelled(
        "churn",
        PURCHASES,
        value="sum of the probability of churn x the customer's sales of the last 12 months",
    )
