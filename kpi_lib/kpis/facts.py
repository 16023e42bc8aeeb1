"""What a target of a KPI can be: which way is better, and between which ends its value lies.

An end is hard where the definition leaves nothing beyond it: no share of rows is above 1, no NPS
above 100. It is soft where a value beyond is possible and nobody would ask for it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.formula import Formula
from kpi_lib.kpis.packs import FAMILY as PACKS
from kpi_lib.kpis.registry import Kpi
from kpi_lib.settings import Settings

OF_A_HUNDRED = ("assessment_score", "health_score", "our_service_score")
# Ratios that are no count of rows, and by definition lie between 0 and 1 all the same.
WITHIN_1 = (
    *("gross_revenue_retention", "unit_fill_rate", "overdue_rate", "active_weeks"),
    *("resource_utilisation", "targets_met"),
)
DIFFERENCES_OF_SHARES = ("brand_awareness_increase",)  # x 100
# Ratios that a target may well put above 1, and how far.
USUAL_MOST = {
    **dict.fromkeys(("roi", "margin_roi"), math.inf),
    **dict.fromkeys(("revenue_retention", "quota_attainment"), 2.0),
    **dict.fromkeys(("credit_utilisation", "resource_overrun"), 2.0),
}
GROWTH_AT_MOST = 2.0  # of a year: three times as much
MAY_BE_NEGATIVE = ("days_beyond_terms",)  # who pays early
NEVER_NEGATIVE = ("number", "days", "years")


class Ends(NamedTuple):
    """The least and the most that a figure is; infinite where there is no such end."""

    least: float = -math.inf
    most: float = math.inf


def facts_of(settings: Settings) -> dict[str, KpiFacts]:
    """Return what is known of each KPI, the settings' own measures among them."""
    return {kpi_id: facts_of_kpi(kpi) for kpi_id, kpi in catalogue_of(settings).items()}


def facts_of_kpi(kpi: Kpi) -> KpiFacts:
    """Return what the check has to know of one KPI."""
    hard, usual = hard_ends(kpi), usual_ends(kpi)
    return KpiFacts(
        better=kpi.better,
        least=hard.least,
        most=hard.most,
        usual_least=usual.least,
        usual_most=usual.most,
        adds_up=isinstance(kpi.formula, Formula) and kpi.formula.is_sum_of_period,
        cadence=kpi.cadence,
        scopes=kpi.scopes,
        is_ratio=kpi.unit == "ratio",
    )


def hard_ends(kpi: Kpi) -> Ends:
    """Return the ends that no value of the KPI can ever pass.

    >>> from kpi_lib.kpis.catalogue import catalogue
    >>> hard_ends(catalogue()["otif_rate"]), hard_ends(catalogue()["customer_nps"])
    (Ends(least=0.0, most=1.0), Ends(least=-100.0, most=100.0))
    """
    if kpi.id in OF_A_HUNDRED:
        return Ends(0.0, 100.0)
    if kpi.id in DIFFERENCES_OF_SHARES or getattr(kpi.formula, "nps", False):
        return Ends(-100.0, 100.0)
    is_share = bool(getattr(kpi.formula, "share", False)) or kpi.id in WITHIN_1
    return Ends(0.0, 1.0) if is_share else Ends()


def usual_ends(kpi: Kpi) -> Ends:
    """Return the ends beyond which a target is hardly ever meant."""
    if kpi.unit in NEVER_NEGATIVE and kpi.id not in MAY_BE_NEGATIVE and kpi.family != PACKS:
        return Ends(least=0.0)
    if kpi.unit == "points":
        return Ends(-100.0, 100.0)
    if kpi.unit != "ratio":
        return Ends()
    is_growth = isinstance(kpi.formula, Formula) and kpi.formula.growth
    return Ends(most=USUAL_MOST.get(kpi.id, GROWTH_AT_MOST if is_growth else 1.0))
