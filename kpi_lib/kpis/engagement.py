"""Engagement: how the two sides meet, and which programmes a partner takes part in."""

from __future__ import annotations

from kpi_lib.engine.fields import field, period_start
from kpi_lib.engine.formula import Formula, Length, Rows, rows, rows_so_far
from kpi_lib.engine.kpi import SHARE, Benchmark
from kpi_lib.kpis.registry import kpi
from kpi_lib.kpis.shared_formulas import share_in_time

FAMILY = "relationship"
INTERACTIONS = (
    "meeting",
    "business_review",
    "joint_planning",
    "event",
    "training_session",
    "co_marketing",
    "feedback",
)
JOINT = ("business_review", "joint_planning", "event", "co_marketing")

engagements = rows("engagements", when="occurred_on")
offers = Rows("programs", "mature", "offered_on")
attended = field("attended").or_else(1) == 1
interactions = engagements.where(attended & field("kind").is_in(*INTERACTIONS))
there_in_period = field("left_on").or_else(period_start) >= period_start


def _attendance(*kinds: str) -> Formula:
    """Return the share of invitations of these kinds that were followed, where it is known."""
    invited = engagements.where(field("kind").is_in(*kinds))
    known = invited.where((field("invited").or_else(0) == 1) & field("attended").is_known())
    return Formula(known.where(field("attended") == 1).count(), per=known.count(), share=True)


def _taken_up(program: str) -> Formula:
    return share_in_time(offers.where(field("program") == program), "joined_on")


@kpi(
    "Interactions a week",
    unit="number",
    cadence="week",
    family=FAMILY,
    benchmark=Benchmark(source="weekly engagement", low=1, scope="partner"),
)
def interactions_per_week() -> Formula:
    """Meetings, reviews, plannings, events, trainings, co-marketing and feedback held, a week.

    What was not attended does not count; where nothing was written down, it was. Portal visits and
    support are not interactions.
    """
    return Formula(interactions.count(), per=Length("weeks"), counts=False)


@kpi("Weeks with an interaction", unit="ratio", cadence="month", family=FAMILY, within=SHARE)
def active_weeks() -> Formula:
    """Of the weeks of the period, counted from its first day, those with an interaction.

    A week is a block of 7 days, the last may be shorter, with an attended engagement of the kinds
    of `interactions_per_week`. Of several partners: their weeks together, over the weeks of all
    partners there at some time in the period.

    It asks how steady the contact is: ten meetings in one week are one week.
    """
    weekly = interactions.beside("partners", "partner_id", "partner_id", "left_on")
    still_there = field("partners_left_on").or_else(period_start) >= period_start
    of_partners = weekly.where(field("partners_partner_id").is_known() & still_there)
    blocks = of_partners.with_column("week", field("occurred_on").weeks_since(period_start))
    blocks = blocks.naming_partners()
    there = rows_so_far("partners").where(there_in_period).count()
    return Formula(
        blocks.distinct("partner_id", "week"), per=Length("blocks") * there, counts=False
    )


@kpi("Joint activities", unit="number", cadence="month", family=FAMILY)
def joint_activities() -> Formula:
    """Business reviews, joint plannings, events and co-marketing in the period that took place."""
    return Formula(engagements.where(attended & field("kind").is_in(*JOINT)).count())


@kpi(
    "Days on portal or app",
    unit="number",
    cadence="week",
    accountable="partner",
    family=FAMILY,
)
def portal_days() -> Formula:
    """Days of the period on which the partner used portal or app.

    Of several partners, their days together. Days, not log-ins.
    """
    used = engagements.where(field("kind").is_in("portal_login", "app_session"))
    return Formula(used.naming_partners().distinct("partner_id", "occurred_on"))


@kpi(
    "Event and training attendance",
    unit="ratio",
    cadence="quarter",
    accountable="partner",
    family=FAMILY,
)
def event_attendance() -> Formula:
    """Of the invitations to events and trainings whose outcome is known, those followed.

    Only invitations whose outcome was written down: unlike in `interactions_per_week`, unknown is
    not attended.
    """
    return _attendance("event", "training_session")


@kpi("Meeting attendance", unit="ratio", cadence="month", accountable="partner", family=FAMILY)
def meeting_attendance() -> Formula:
    """Of the invitations to meetings, reviews and plannings whose outcome is known, those followed.

    Only invitations whose outcome was written down, as in `event_attendance`.
    """
    return _attendance("meeting", "business_review", "joint_planning")


@kpi("Feedback given", unit="number", cadence="quarter", accountable="partner", family=FAMILY)
def feedback() -> Formula:
    """Number of times the partner gave feedback in the period."""
    return Formula(engagements.where(field("kind") == "feedback").count())


@kpi(
    "Programme participation",
    unit="ratio",
    cadence="quarter",
    accountable="partner",
    family=FAMILY,
)
def program_participation() -> Formula:
    """Of the offers of programmes whose days to mature ended in the period, those taken up by then.

    `maturity_days` of the settings, 90: each offer is judged once, in one period, and who joins
    later counts as one that did not. One offer, one vote, whatever the programme.
    """
    return share_in_time(offers, "joined_on")


@kpi("Onboarding completed", unit="ratio", cadence="quarter", accountable="partner", family=FAMILY)
def onboarding_rate() -> Formula:
    """Of the onboardings whose days to mature ended in the period, those completed by then.

    Matured as `program_participation`.
    """
    return _taken_up("onboarding")


@kpi(
    "Early-buy participation",
    unit="ratio",
    cadence="quarter",
    accountable="partner",
    family=FAMILY,
)
def early_buy_participation() -> Formula:
    """Of the early-buy offers whose days to mature ended in the period, those taken up by then.

    Matured as `program_participation`.
    """
    return _taken_up("early_buy")


@kpi(
    "Co-marketing participation",
    unit="ratio",
    cadence="quarter",
    accountable="partner",
    family=FAMILY,
)
def co_marketing_participation() -> Formula:
    """Of the co-marketing offers whose days to mature ended in the period, those taken up by then.

    Matured as `program_participation`.
    """
    return _taken_up("co_marketing")


@kpi("MDF participation", unit="ratio", cadence="quarter", accountable="partner", family=FAMILY)
def mdf_participation() -> Formula:
    """Of the MDF offers whose days to mature ended in the period, those taken up by then.

    Matured as `program_participation`.
    """
    return _taken_up("mdf")


@kpi(
    "MDF claimed",
    unit="money",
    cadence="quarter",
    better="neither",
    accountable="partner",
    family=FAMILY,
)
def mdf_claimed() -> Formula:
    """Market development funds (MDF) claimed in the period, by the day the offer was taken up.

    Neither more nor less is better: money claimed is not money well spent.
    """
    claimed = rows("programs", when="joined_on").where(field("program") == "mdf")
    return Formula(claimed.sum("amount"))
