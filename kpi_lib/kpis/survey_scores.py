"""What people said: scores of surveys, the same way for every kind of respondent."""

from __future__ import annotations

from kpi_lib.engine.fields import field
from kpi_lib.engine.formula import Formula, Rows, rows

surveys = rows("surveys", when="responded_on")
score = field("score")


def asked(respondent: str, instrument: str) -> Rows:
    """Return the answers of one kind of respondent to one kind of question."""
    of_them = field("respondent") == respondent
    return surveys.where(of_them & (field("instrument") == instrument))


def net_promoter_score(respondent: str) -> Formula:
    """Return 100 x (scores of 9 or more less scores of 6 or less) over the answers."""
    answers = asked(respondent, "nps")
    promoters, detractors = answers.where(score >= 9), answers.where(score <= 6)
    return Formula(100 * (promoters.count() - detractors.count()), per=answers.count(), nps=True)


def satisfied(respondent: str) -> Formula:
    """Return the share of answers with a score of 4 or more."""
    answers = asked(respondent, "csat")
    return Formula(answers.where(score >= 4).count(), per=answers.count(), share=True)
