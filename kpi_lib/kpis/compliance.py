"""Compliance: whether checks are passed, and what went wrong."""

from __future__ import annotations

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Formula, Rows, rows, rows_so_far
from kpi_lib.kpis.registry import kpi

checks = rows("compliance_checks", when="checked_on")


def _passed(of: Rows) -> Formula:
    return Formula(of.where(field("passed") == 1).count(), per=of.count(), share=True)


@kpi("Checks passed", unit="ratio", cadence="quarter", accountable="partner")
def compliance_rate() -> Formula:
    """Of the checks made in the period, those passed."""
    return _passed(checks)


@kpi("Contract adherence", unit="ratio", cadence="quarter", accountable="partner")
def contract_compliance() -> Formula:
    """Of the checks of the contract made in the period, those passed."""
    return _passed(checks.where(field("kind") == "contract"))


@kpi("Regulatory compliance", unit="ratio", cadence="quarter", accountable="partner")
def regulatory_compliance() -> Formula:
    """Of the checks of regulations made in the period, those passed."""
    return _passed(checks.where(field("kind") == "regulatory"))


@kpi("Risk incidents", unit="number", cadence="month", better="lower", accountable="partner")
def incidents() -> Formula:
    """Number of incidents that occurred in the period.

    Of every severity alike. More incidents reported can mean better reporting.
    """
    return Formula(rows("incidents", when="occurred_on").count())


@kpi("Open incidents", unit="number", cadence="week", better="lower", accountable="partner")
def open_incidents() -> Formula:
    """Incidents that are not resolved on the last day that counts.

    A stock on one day: figures of several periods are never added up.
    """
    resolved = field("resolved_on").is_known()
    return Formula(rows_so_far("incidents").where(resolved.negated()).count())


@kpi(
    "Days to resolve an incident",
    unit="days",
    cadence="quarter",
    better="lower",
    accountable="partner",
)
def incident_resolution_days() -> Formula:
    """Mean days from occurrence to resolution, of the incidents resolved in the period.

    Of those resolved: closing an old incident raises it. Read it beside `open_incidents`.
    """
    resolved = rows("incidents", when="resolved_on")
    return Formula(resolved.sum(field("resolved_on") - field("occurred_on")), per=resolved.count())
