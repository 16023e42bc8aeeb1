"""Joint projects: solutions, the milestones on the way, and the people and money they take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from kpi_lib.examples.synthetic import chance
from kpi_lib.examples.synthetic.blueprint import Plan
from kpi_lib.examples.synthetic.days import MONTHS, NEVER, STARTS, events, months_of, plans
from kpi_lib.examples.synthetic.writing import ids, money, words

ADJECTIVES = ("Adaptive", "Dry-fix", "Connected", "Low-carbon", "Modular", "Self-service", "Silent")
THINGS = ("roof planner", "energy monitor", "stock radar", "site box", "quote desk", "care kit")
PROJECTS = ("Aurora", "Basalt", "Cirrus", "Drumlin", "Esker", "Fjord", "Gneiss", "Harbour")
KINDS = ("people", "budget", "technology")
MILESTONES_OF_A_PROJECT = 5
MONTHS_TO_MARKET, DIRECT_SLOWER = 6.5, 1.5
ON_TIME = 0.84
SOLUTIONS_OF_A_VENTURE = 0.16  # begun in a month
MILESTONES_OF_A_VENTURE = 0.75  # due in a month


class _Steps(NamedTuple):
    """Milestones in the order of their partners and days."""

    owner: np.ndarray
    due: np.ndarray
    turn: np.ndarray  # from 0, of each partner


def _under_way(plan: Plan) -> np.ndarray:
    """Return how many joint projects each owner has in each month; we have some of our own."""
    ventures = plan.company.usual("ventures")
    ventures[-1] = max(2.0, plan.company.n / 12)
    there = np.vstack([plan.company.engaged, np.ones((1, MONTHS), dtype=bool)])
    under_way: np.ndarray = ventures[:, None] * there
    return under_way


def solutions_table(plan: Plan) -> pl.DataFrame:
    """Return the table solutions, developed with a partner or without."""
    rng = plan.company.rng("solutions")
    owner, concept = chance.happenings(rng, _under_way(plan) * SOLUTIONS_OF_A_VENTURE)
    slower = np.where(owner == plan.company.n, DIRECT_SLOWER, 1.0)
    launched = concept + chance.lasting(rng, slower * MONTHS_TO_MARKET * 30, 0.35)
    given_up = chance.chosen(rng, np.full(len(owner), 0.1))
    order = np.argsort(concept, kind="stable")
    names = [f"{adjective} {thing}" for thing in THINGS for adjective in ADJECTIVES]
    return pl.DataFrame(
        {
            "solution_id": ids("X", np.arange(len(owner))),
            "partner_id": plan.company.id_of(owner[order]),
            "name": words(names, rng.integers(0, len(names), len(owner))),
            "concept_on": plans(concept[order]),
            "launched_on": events(np.where(given_up, NEVER, launched)[order]),
        }
    )


def _draw_milestones(plan: Plan) -> _Steps:
    """Return the milestones of all ventures: owner, day due, and which of its owner's it is."""
    rng = plan.company.rng("milestones")
    n = plan.company.n
    owner, due = chance.happenings(rng, _under_way(plan)[:n] * MILESTONES_OF_A_VENTURE)
    order = np.lexsort((due, owner))
    owner, due = owner[order], due[order]
    return _Steps(owner, due, np.arange(len(owner)) - np.searchsorted(owner, owner))


def milestones_table(plan: Plan) -> pl.DataFrame:
    """Return the table milestones: every fifth of a partner completes a project."""
    rng = plan.company.rng("milestone outcomes")
    owner, due, turn = _draw_milestones(plan)
    over = _overrun(plan, owner, due)
    in_time = chance.chosen(rng, np.clip(ON_TIME - np.maximum(over - 1, 0), 0.1, 1.0))
    rows = len(owner)
    late = chance.lasting(rng, np.full(rows, 16.0), 0.7)
    completed = np.where(in_time, due - rng.integers(0, 9, rows), due + late)
    completed = np.where(chance.chosen(rng, np.full(rows, 0.02)), NEVER, completed)
    return pl.DataFrame(
        {
            "milestone_id": ids("M", np.arange(rows)),
            "partner_id": plan.company.id_of(owner),
            "project": _project(owner, turn // MILESTONES_OF_A_PROJECT),
            "due_on": plans(due),
            "completed_on": events(completed),
            "final": pl.Series(turn % MILESTONES_OF_A_PROJECT == MILESTONES_OF_A_PROJECT - 1),
        }
    )


def _overrun(plan: Plan, owner: np.ndarray, day: np.ndarray) -> np.ndarray:
    return np.asarray(plan.levers["overrun"][owner, months_of(day)])


def _project(owner: np.ndarray, number: np.ndarray) -> pl.Series:
    """Return a project's name: Aurora, Basalt, ... Aurora 2, as partners go through them."""
    place, turn = (owner + number) % len(PROJECTS), number // len(PROJECTS)
    again = np.where(turn > 0, np.char.add(" ", (turn + 1).astype(str)), "")
    return pl.Series(np.char.add(np.array(PROJECTS)[place], again))


def resources_table(plan: Plan) -> pl.DataFrame:
    """Return the table resources: each kind, booked once a quarter for who has a project."""
    rng = plan.company.rng("resources")
    n = plan.company.n
    under_way = _under_way(plan)[:n, 1:MONTHS:3] >= 0.5
    owner, quarter, kind = np.nonzero(np.repeat(under_way[:, :, None], len(KINDS), axis=2))
    booked = STARTS[quarter * 3 + 1] + rng.integers(0, 28, len(owner))
    usual = np.array([620.0, 0.0, 90.0])[kind]  # hours, euros, days of machines
    budget = plan.pace[owner, quarter * 3 + 1] * 0.12
    allocated = np.where(kind == 1, budget, usual * rng.uniform(0.6, 1.6, len(owner)))
    used = allocated * _overrun(plan, owner, booked) * rng.normal(1, 0.06, len(owner))
    return pl.DataFrame(
        {
            "resource_id": ids("Y", np.arange(len(owner))),
            "partner_id": plan.company.id_of(owner),
            "project": _project(owner, quarter // 3),
            "kind": words(KINDS, kind),
            "booked_on": plans(booked),
            "allocated": money(np.rint(allocated)),
            "utilised": money(np.rint(used)),
        }
    )
