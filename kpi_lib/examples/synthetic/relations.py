"""Engagements, programmes and training: what partners and we do together."""

from __future__ import annotations

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import MONTHS, NEVER, STARTS, events, plans
from kpi_lib.examples.synthetic.writing import ids, money, repeated, where, words

# What part of a partner's meetings is of which kind, and what of its time online.
MEETINGS = {
    "meeting": 0.40,
    "training_session": 0.13,
    "event": 0.11,
    "feedback": 0.13,
    "business_review": 0.09,
    "joint_planning": 0.07,
    "co_marketing": 0.07,
}
ONLINE = {"portal_login": 0.72, "app_session": 0.2, "support": 0.08}
WITH_INVITATION = ("meeting", "training_session", "event", "business_review", "joint_planning")
INVITED, RECORDED, ATTENDS = 0.9, 0.93, 0.86

# A programme's months of the year, from 1, and which lever says who takes part.
PROGRAMS: dict[str, tuple[tuple[int, ...], str]] = {
    "onboarding": (tuple(range(1, 13)), "onboarding"),
    "mdf": ((1, 4, 7, 10), "participation"),
    "early_buy": ((1, 5, 9), "participation"),
    "co_marketing": ((2, 5, 8, 11), "participation"),
    "loyalty": ((1, 6), "participation"),
    "certification": ((3, 6, 9, 12), "participation"),
}
WITH_AMOUNT = {"mdf": 0.012, "early_buy": 0.35}  # of the partner's quarterly revenue

COURSES = ("Products I", "Products II", "Consultative selling", "Site safety", "Tools & portal")
PEOPLE = 12  # of a partner, who are trained
VALID_DAYS = 365


def engagements_table(plan: Plan) -> pl.DataFrame:
    """Return the table engagements."""
    rng = plan.company.rng("engagements")
    n = plan.company.n
    met = chance.happenings(rng, plan.levers["meetings"][:n] * plan.company.engaged)
    online = chance.happenings(rng, plan.levers["logins"][:n] * plan.company.engaged)
    owner, day = np.append(met[0], online[0]), np.append(met[1], online[1])
    kinds = (*MEETINGS, *ONLINE)
    kind = np.append(
        chance.pick(rng, len(met[0]), list(MEETINGS.values())),
        len(MEETINGS) + chance.pick(rng, len(online[0]), list(ONLINE.values())),
    )
    order = np.lexsort((kind, owner, day))
    owner, day, kind = owner[order], day[order], kind[order]
    return pl.DataFrame(
        {
            "engagement_id": ids("E", np.arange(len(owner)), 7),
            "partner_id": plan.company.id_of(owner),
            "kind": words(kinds, kind),
            "occurred_on": plans(day),
            **_attendance(rng, np.isin(np.array(kinds)[kind], WITH_INVITATION)),
        }
    )


def _attendance(rng: chance.Rng, is_invited: np.ndarray) -> dict[str, pl.Series]:
    """Return the columns of who was invited and who came; nothing where nobody is invited."""
    rows = len(is_invited)
    invited = pl.Series(chance.chosen(rng, np.full(rows, INVITED)))
    came = pl.Series(chance.chosen(rng, np.full(rows, ATTENDS)))
    recorded = chance.chosen(rng, np.full(rows, RECORDED))
    return {"invited": where(is_invited, invited), "attended": where(is_invited & recorded, came)}


def programs_table(plan: Plan) -> pl.DataFrame:
    """Return the table programs: each is offered in its months, on a day of the partner's own."""
    frames = [_program_rows(plan, name, *described) for name, described in PROGRAMS.items()]
    return pl.concat(frames).sort("offered_on", "partner_id", "program")


def _program_rows(plan: Plan, name: str, months: tuple[int, ...], lever: str) -> pl.DataFrame:
    """Return one row per offer of a program to a partner, with the day it joined, if it did."""
    rng = plan.company.rng(f"program {name}")
    offered = np.isin((np.arange(MONTHS) + 9) % 12 + 1, months)
    owner, month = np.nonzero(plan.company.engaged & offered)
    day = STARTS[month] + rng.integers(0, 27, len(owner))
    joins = chance.chosen(rng, np.clip(plan.levers[lever][owner, month], 0.02, 0.98))
    joined = np.where(joins, day + rng.integers(3, 75, len(owner)), NEVER)
    share = WITH_AMOUNT.get(name, 0.0) * rng.uniform(0.5, 1.5, len(owner))
    claimed = money(np.rint(plan.pace[owner, month] * 3 * share))
    return pl.DataFrame(
        {
            "partner_id": plan.company.id_of(owner),
            "program": repeated(name, len(owner)),
            "offered_on": plans(day),
            "joined_on": events(joined),
            "amount": where(joins & (share > 0) & (joined < STARTS[MONTHS]), claimed),
        }
    )


def training_table(plan: Plan) -> pl.DataFrame:
    """Return the table training: enrolments, what came of them, and how long it holds."""
    rng = plan.company.rng("training")
    times = plan.levers["training"][: plan.company.n] * plan.company.engaged
    owner, enrolled = chance.happenings(rng, times)
    rows = len(owner)
    completed, certified = _outcomes(rng, enrolled)
    passes = certified < NEVER
    score = np.clip(np.where(passes, 82, 55) + rng.normal(0, 7, rows), 20, 100)
    scored = chance.chosen(rng, np.full(rows, 0.9)) & (completed < STARTS[MONTHS])
    until = np.where(certified < STARTS[MONTHS], certified + VALID_DAYS, 0)
    person = owner * 100 + rng.integers(1, PEOPLE + 1, rows)
    table = pl.DataFrame(
        {
            "partner_id": plan.company.id_of(owner),
            "person_id": ids("H", person, 6),
            "course": words(COURSES, chance.pick(rng, rows, [3, 2, 2, 2, 3])),
            "enrolled_on": plans(enrolled),
            "completed_on": events(completed),
            "certified_on": events(certified),
            "certificate_until": where(until > 0, plans(until)),
            "score": where(scored, pl.Series(np.rint(score))),
        }
    )
    in_time = table[np.argsort(enrolled, kind="stable")]
    return in_time.with_columns(ids("N", np.arange(rows)).alias("enrolment_id"))


def _outcomes(rng: chance.Rng, enrolled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the days on which each enrolment was completed and certified, NEVER where not."""
    rows = len(enrolled)
    completes = chance.chosen(rng, np.full(rows, 0.82))
    completed = np.where(completes, enrolled + chance.lasting(rng, np.full(rows, 32.0)), NEVER)
    passes = completes & chance.chosen(rng, np.full(rows, 0.84))
    return completed, np.where(passes, completed + rng.integers(0, 12, rows), NEVER)
