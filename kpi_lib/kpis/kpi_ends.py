"""What a target of a KPI can be: which way is better, and between which ends its value lies.

An end is hard where the definition leaves nothing beyond it: no share of rows is above 1, no NPS
above 100. It is soft where a value beyond is possible and nobody would ask for it.
"""

from __future__ import annotations

from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.engine.formula import Formula
from kpi_lib.engine.kpi import DIFFERENCE_OF_SHARES, SHARE, Ends, Kpi
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.packs import FAMILY as PACKS
from kpi_lib.settings import Settings

GROWTH_AT_MOST = 2.0  # of a year: three times as much
NEVER_NEGATIVE = ("number", "days", "years")


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
    if kpi.within is not None:
        return kpi.within
    if getattr(kpi.formula, "nps", False):
        return DIFFERENCE_OF_SHARES
    return SHARE if getattr(kpi.formula, "share", False) else Ends()


def usual_ends(kpi: Kpi) -> Ends:
    """Return the ends beyond which a target is hardly ever meant."""
    if kpi.targets_within is not None:
        return kpi.targets_within
    if kpi.unit in NEVER_NEGATIVE and kpi.family != PACKS:
        return Ends(least=0.0)
    if kpi.unit == "points":
        return DIFFERENCE_OF_SHARES
    if kpi.unit != "ratio":
        return Ends()
    is_growth = isinstance(kpi.formula, Formula) and kpi.formula.growth
    return Ends(most=GROWTH_AT_MOST if is_growth else 1.0)
