"""Surveys: what partners, their customers and the market say, and a control group beside them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.comments import TOPICS, comments
from kpi_lib.examples.synthetic.days import MONTHS, months_of, plans
from kpi_lib.examples.synthetic.orders import ORDER_DIGITS
from kpi_lib.examples.synthetic.writing import ids, repeated, words

PASSIVE = 0.3  # of the answers to a net promoter question
ASKED_AFTER = 0.3  # of the customers' answers: after an order of the month before


class Survey(NamedTuple):
    """A question to a group: so many answers a month of each owner, driven by a lever."""

    respondent: str
    instrument: str
    lever: str
    answers: float
    control: float  # answers a month of people outside any partner's segment


SURVEYS = (
    Survey("partner", "nps", "partner_mood", 4.2, 0),
    Survey("partner", "csat", "partner_mood", 3.0, 0),
    Survey("end_customer", "nps", "customer_mood", 11.5, 20),
    Survey("end_customer", "csat", "customer_mood", 11.0, 14),
    Survey("market", "brand_awareness", "awareness", 13.0, 40),
)


def surveys_table(plan: Plan, first_order: np.ndarray) -> pl.DataFrame:
    """Return the table surveys.

    `first_order`: the number of each owner's first completed order of a month, -1 without one;
    an answer may be about it.
    """
    answers = pl.concat([_answer_rows(plan, survey, first_order) for survey in SURVEYS])
    answers = answers.sort("responded_on", maintain_order=True)
    return answers.with_columns(ids("Q", np.arange(answers.height), 7).alias("response_id"))


def _answer_rows(plan: Plan, survey: Survey, first_order: np.ndarray) -> pl.DataFrame:
    """Return one row per answer to a survey, of partners and of the control group."""
    rng = plan.company.rng(f"survey {survey.respondent} {survey.instrument}")
    control = np.full((1, MONTHS), survey.control)
    often = np.vstack([plan.company.engaged * survey.answers, control])
    owner, day = chance.happenings(rng, often)
    month = months_of(day)
    score = SCORES[survey.instrument](rng, plan.levers[survey.lever][owner, month])
    asked_after = rng.random(len(owner)) < ASKED_AFTER
    asked_after &= (survey.respondent == "end_customer") & (month > 0)
    order = first_order[owner, month - 1]
    return pl.DataFrame(
        {
            "partner_id": plan.company.id_of(owner),
            "respondent": repeated(survey.respondent, len(owner)),
            "instrument": repeated(survey.instrument, len(owner)),
            "score": pl.Series(score.astype(np.float64)),
            "responded_on": plans(day),
            "order_id": ids("O", np.where(asked_after, order, -1), ORDER_DIGITS),
            **_comments(plan, survey, rng, owner, score),
        }
    )


def _comments(
    plan: Plan, survey: Survey, rng: chance.Rng, owner: np.ndarray, score: np.ndarray
) -> dict[str, pl.Series]:
    """Return columns topic and comment of each answer: three in ten have them, the market none."""
    rows = len(owner)
    if survey.respondent == "market":
        nothing = np.full(rows, -1)
        return {"topic": words(TOPICS, nothing), "comment": words(("",), nothing)}
    topic = chance.pick(rng, rows, [3, 2, 2, 2, 1, 3])
    happy = score >= (4 if survey.instrument == "csat" else 8)
    silent = rng.random(rows) >= 0.3
    languages = [country.language for country in plan.company.countries]
    said = comments(languages, owner, topic, happy)
    return {
        "topic": words(TOPICS, np.where(rng.random(rows) < 0.8, topic, -1)),
        "comment": words(said.texts, np.where(silent, -1, said.places)),
    }


def _nps(rng: chance.Rng, mood: np.ndarray) -> np.ndarray:
    """Return answers of 0 to 10 whose promoters less detractors come to the mood."""
    detractors = np.clip((1 - PASSIVE - mood) / 2, 0.01, 0.95)
    draw = chance.evenly(rng, len(mood))
    lows = np.array([6, 5, 4, 6, 3, 2, 5, 0])[rng.integers(0, 8, len(mood))]
    middles, highs = 7 + rng.integers(0, 2, len(mood)), 9 + rng.integers(0, 2, len(mood))
    return np.select([draw < detractors, draw < detractors + PASSIVE], [lows, middles], highs)


def _csat(rng: chance.Rng, mood: np.ndarray) -> np.ndarray:
    """Return answers of 1 to 5; of a mood of 0.4 four in five are 4 or 5."""
    content = chance.chosen(rng, np.clip(0.6 + mood / 2, 0.05, 0.97))
    rows = len(mood)
    return np.where(content, 4 + rng.integers(0, 2, rows), 1 + chance.pick(rng, rows, [1, 2, 4]))


def _awareness(rng: chance.Rng, mood: np.ndarray) -> np.ndarray:
    """Return 1 for who knows the brand."""
    return chance.chosen(rng, np.clip(mood, 0.02, 0.98)).astype(np.int64)


SCORES = {"nps": _nps, "csat": _csat, "brand_awareness": _awareness}
