"""Capability: what the partner's people have learnt."""

from __future__ import annotations

from kpi_lib.engine.fields import as_of, field
from kpi_lib.engine.formula import Formula, Rows, rows, rows_so_far
from kpi_lib.engine.kpi import SCORE
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.shared_formulas import share_in_time


@kpi("Training completion", unit="ratio", cadence="quarter", accountable="partner")
def training_completion() -> Formula:
    """Of the enrolments whose days to mature ended in the period, those completed by then.

    `maturity_days` of the settings, 90: each enrolment is judged once, in one period; completed
    later counts as not completed.
    """
    return share_in_time(Rows("training", "mature", "enrolled_on"), "completed_on")


@kpi("Certifications earned", unit="number", cadence="quarter", accountable="partner")
def certifications() -> Formula:
    """Number of certificates earned in the period.

    Certificates, not people: `certified_people` counts those, and only while a certificate holds.
    """
    return Formula(rows("training", when="certified_on").count())


@kpi("Certified people", unit="number", cadence="quarter", accountable="partner")
def certified_people() -> Formula:
    """People with a certificate that is valid on the last day that counts.

    A stock on one day. Who works for two partners counts for each. Without a date of expiry a
    certificate never expires.
    """
    valid = field("certificate_until").or_else(as_of) >= as_of
    certified = rows_so_far("training").where(field("certified_on").is_known() & valid)
    return Formula(certified.naming_partners().distinct("partner_id", "person_id"))


@kpi("Assessment score", unit="number", cadence="quarter", accountable="partner", within=SCORE)
def assessment_score() -> Formula:
    """Mean score of the courses completed in the period that have one.

    From 0 to 100. Courses differ in how hard they are: a change of courses is not a change of
    skill.
    """
    scored = rows("training", when="completed_on").where(field("score").is_known())
    return Formula(scored.sum("score"), per=scored.count())
