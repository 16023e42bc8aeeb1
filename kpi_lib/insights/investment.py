"""Which partnerships earn more investment, and which need a talk: the rules, in figures."""

from __future__ import annotations

from kpi_lib.insights.shortfall import at_least
from kpi_lib.slices.portfolio_types import PartnerFigures, Stance, StanceRules

TALK: Stance = "talk"
INVEST: Stance = "invest"
KEEP: Stance = "keep"
UNKNOWN: Stance = "unknown"
RULES = StanceRules(
    talk_score=65.0,  # a health below it
    invest_score=85.0,  # a health of it or more, and revenue not below that of a year ago
    periods=2,  # with revenue off track in a row
    fall=0.2,  # of revenue on the year, where there is no score
)


def stance_of(partner: PartnerFigures, *, has_left: bool) -> tuple[Stance, str | None]:
    """Return what a partner calls for, and why: score, off_track, fell, or growing.

    talk: the health score is low, or revenue is off track for two periods in a row, or, where
    there is no score, it fell far. invest: the score is high and revenue has not fallen. keep:
    neither. unknown: there is no figure to go by. One that has left calls for nothing.
    """
    if has_left:
        return UNKNOWN, None
    why = _reason_to_talk(partner)
    if why:
        return TALK, why
    score, growth = partner.health_score, _growth(partner)
    if score is None and growth is None:
        return UNKNOWN, None
    if score is not None and score >= RULES.invest_score and (growth or 0.0) >= 0:
        return INVEST, "growing"
    return KEEP, None


def _reason_to_talk(partner: PartnerFigures) -> str | None:
    """Return why to talk to a partner: `score`, `off_track`, `fell`, or None."""
    score, growth = partner.health_score, _growth(partner)
    if score is not None and score < RULES.talk_score:
        return "score"
    if (partner.revenue_off_track_periods or 0) >= RULES.periods:
        return "off_track"
    if score is None and growth is not None and at_least(-RULES.fall, growth):
        return "fell"
    return None


def _growth(partner: PartnerFigures) -> float | None:
    now, then = partner.revenue, partner.revenue_year_ago
    return None if now is None or not then or then < 0 else now / then - 1
