"""What moves a partner's figures: a level for each owner and month, and the stories' turns in it.

`facts/levers.csv` has every lever with what it means, its level where that is the same for all
types, and how far partners differ in it. Two more are made here: `volume` and `basket`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kpi_lib.examples.synthetic.company import Company
from kpi_lib.examples.synthetic.days import MONTH_OF_YEAR, MONTHS, month_of
from kpi_lib.examples.synthetic.fact_files import number, read_facts
from kpi_lib.examples.synthetic.stories import STORIES, Turn
from kpi_lib.examples.synthetic.usual import EVENLY, SEASONS

Levers = Mapping[str, np.ndarray]

DIRECT_SHARE = 0.3  # of all orders
INFLATION = 1.02  # a year
GROWTH = (0.04, 0.09)  # a year: the mean, and how far owners differ
CALM = 0.25  # how far partners with a story differ, against others: it is the story that shows


def draw_levers(company: Company) -> dict[str, np.ndarray]:
    """Return every lever as an array of owners x months, with the stories in it."""
    levers = {"volume": _volume(company), "basket": _basket(company)}
    for row in read_facts("levers"):
        name, level = row["lever"], number(row["level"])
        usual = company.usual(name) if level is None else np.full(company.n + 1, level)
        levers[name] = _own(company, name, usual, float(row["spread"]))
    for story in STORIES:
        if story.partner <= company.n:
            for turn in story.turns:
                _move(levers[turn.lever][story.partner - 1], turn)
    levers["volume"] = levers["volume"] * company.active
    return levers


def _own(company: Company, name: str, usual: np.ndarray, spread: float) -> np.ndarray:
    """Return the level of each owner, its own around what is usual, drifting a little."""
    rng = company.rng(f"lever {name}")
    own = np.clip(rng.normal(1, spread, len(usual)), 1 - 2 * spread, 1 + 2 * spread)
    has_story = _with_story(company)
    own[has_story] = 1 + (own[has_story] - 1) * CALM
    drift = np.cumsum(rng.normal(0, spread * 0.05, (len(usual), MONTHS)), axis=1)
    return np.asarray((usual * own)[:, None] * (1 + drift))


def _with_story(company: Company) -> list[int]:
    """Return the places of the partners with a story."""
    return [story.partner - 1 for story in STORIES if story.partner <= company.n]


def _volume(company: Company) -> np.ndarray:
    """Return what part of all orders falls to whom and when, owners x months, in any unit."""
    rng = company.rng("volume")
    growth = np.clip(rng.normal(*GROWTH, company.n + 1), -0.18, 0.3)
    has_story = _with_story(company)
    growth[has_story] = GROWTH[0] + (growth[has_story] - GROWTH[0]) * CALM
    years = np.arange(MONTHS) / 12
    level = (company.weight * company.usual("volume"))[:, None] * (1 + growth)[:, None] ** years
    volume = level * _seasons(company) * rng.lognormal(0, 0.05, level.shape)
    of_partners, direct = volume[: company.n].sum(), volume[company.n].sum()
    volume[company.n] *= DIRECT_SHARE / (1 - DIRECT_SHARE) * of_partners / direct
    return np.asarray(volume)


def _seasons(company: Company) -> np.ndarray:
    """Return each owner's seasonal factor in each month: owners x months, direct business last."""
    industries = [*(partner.industry for partner in company.partners), EVENLY]
    by_year = np.array([SEASONS.get(industry, SEASONS[EVENLY]) for industry in industries])
    return np.asarray(by_year[:, MONTH_OF_YEAR])


def _basket(company: Company) -> np.ndarray:
    """Return the euros of an order, which follow prices."""
    own = np.clip(company.rng("basket").normal(1, 0.15, company.n + 1), 0.6, 1.5)
    return np.outer(company.usual("basket") * own, INFLATION ** (np.arange(MONTHS) / 12))


def _move(level: np.ndarray, turn: Turn) -> None:
    """Move a partner's level: in equal steps to the new one, where it stays."""
    first = month_of(turn.since)
    steps = np.clip((np.arange(MONTHS) - first + 1) / turn.over, 0, 1)
    goal = level * turn.times if turn.to is None else np.full(MONTHS, turn.to)
    level += steps * (goal - level)
