"""Every formula by the name of its KPI."""

from __future__ import annotations

from . import (
    cost,
    credit,
    customer,
    engagement,
    funnel,
    goals,
    market,
    people,
    relationship,
    revenue,
    service,
    surveys,
)

# From a period with its as_of, and a scope.
PLAIN = {
    **revenue.FORMULAS,
    **cost.FORMULAS,
    **funnel.FORMULAS,
    **customer.FORMULAS,
    **surveys.FORMULAS,
    **service.FORMULAS,
    **credit.FORMULAS,
    **relationship.FORMULAS,
    **engagement.FORMULAS,
    **market.FORMULAS,
    **people.FORMULAS,
}
# From the book of all values too, since they look at other KPIs or at targets.
FROM_THE_BOOK = goals.FORMULAS
