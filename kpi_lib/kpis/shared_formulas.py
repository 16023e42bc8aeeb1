"""Formulas that several families share: of answers to surveys, and of what has had its time."""

from __future__ import annotations

from kpi_lib.engine.fields import MATURITY, field
from kpi_lib.engine.formula import Formula, Rows, rows

surveys = rows("surveys", when="responded_on")
score = field("score")


def answers_of(respondent: str, instrument: str) -> Rows:
    """Return the answers of one kind of respondent to one kind of question."""
    of_them = field("respondent") == respondent
    return surveys.where(of_them & (field("instrument") == instrument))


def net_promoter_score(respondent: str) -> Formula:
    """Return 100 x (scores of 9 or more less scores of 6 or less) over the answers."""
    answers = answers_of(respondent, "nps")
    promoters, detractors = answers.where(score >= 9), answers.where(score <= 6)
    return Formula(100 * (promoters.count() - detractors.count()), per=answers.count(), nps=True)


def satisfied(respondent: str) -> Formula:
    """Return the share of answers with a score of 4 or more."""
    answers = answers_of(respondent, "csat")
    return Formula(answers.where(score >= 4).count(), per=answers.count(), share=True)


def share_in_time(mature: Rows, event: str) -> Formula:
    """Return the share of mature rows whose `event` came within the days of maturity.

    Each row is judged once, in one period, however late its event comes.
    """
    in_time = field(event) <= field(mature.when or "") + field(MATURITY)
    return Formula(mature.where(in_time).count(), per=mature.count(), share=True)
