"""What moves a partner's figures: a level for each owner and month, and the stories' turns in it.

Shares are fractions, frequencies are a month, moods are a net promoter score / 100.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kpi_lib.data.examples.synthetic.company import Company
from kpi_lib.data.examples.synthetic.days import MONTH_OF_YEAR, MONTHS, month_of
from kpi_lib.data.examples.synthetic.stories import STORIES, Turn
from kpi_lib.data.examples.synthetic.usual import SEASON_OF, SEASONS

Levers = Mapping[str, np.ndarray]

# Levers that start at the same level for every type, and how far partners differ in them.
COMMON = {
    "late": (0.07, 0.35),
    "short": (0.045, 0.3),
    "picking": (0.012, 0.3),
    "other_errors": (0.02, 0.3),
    "backorder": (0.04, 0.35),
    "returned": (0.025, 0.25),
    "cancelled": (0.02, 0.25),
    "pay_delay": (3.0, 0.6),
    "qualify": (0.52, 0.12),
    "convert": (0.42, 0.15),
    "partner_mood": (0.34, 0.3),
    "customer_mood": (0.40, 0.22),
    "awareness": (0.46, 0.12),
    "acquisition": (1.0, 0.2),
    "loss": (0.014, 0.25),
    "onboarding": (0.86, 0.08),
    "participation": (0.6, 0.2),
    "overrun": (0.9, 0.06),
    "compliance": (0.955, 0.02),
    "incidents": (0.09, 0.4),
    "satisfaction": (0.8, 0.05),
}
BY_TYPE = ("margin", "digital", "leads", "deals", "win", "cycle")
BY_TYPE_MORE = ("meetings", "logins", "training", "cost")


def pull(company: Company) -> dict[str, np.ndarray]:
    """Return every lever as an array of owners x months, the stories told."""
    levers = {"volume": _volume(company), "basket": _basket(company)}
    for name, (level, spread) in COMMON.items():
        levers[name] = _own(company, name, np.full(company.n + 1, level), spread)
    for name in (*BY_TYPE, *BY_TYPE_MORE):
        levers[name] = _own(company, name, company.usual(name), 0.12)
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
    drift = np.cumsum(rng.normal(0, spread * 0.05, (len(usual), MONTHS)), axis=1)
    return np.asarray((usual * own)[:, None] * (1 + drift))


def _volume(company: Company) -> np.ndarray:
    """Return what part of all orders falls to whom and when, the total being anything.

    The direct business has three tenths of it.
    """
    rng = company.rng("volume")
    weight = np.array([partner.weight for partner in company.partners] + [1.0])
    growth = np.clip(rng.normal(0.04, 0.09, company.n + 1), -0.18, 0.3)
    told = [story.partner - 1 for story in STORIES if story.partner <= company.n]
    growth[told] = np.clip(growth[told], 0.0, 0.05)
    years = np.arange(MONTHS) / 12
    level = (weight * company.usual("volume"))[:, None] * (1 + growth)[:, None] ** years
    noise = rng.lognormal(0, 0.05, level.shape)
    volume = level * _seasons(company) * noise
    volume[company.n] *= 3 / 7 * volume[: company.n].sum() / volume[company.n].sum()
    return np.asarray(volume)


def _seasons(company: Company) -> np.ndarray:
    kinds = [SEASON_OF.get(partner.industry, "other") for partner in company.partners]
    by_year = np.array([SEASONS[kind] for kind in (*kinds, "other")])
    return np.asarray(by_year[:, MONTH_OF_YEAR])


def _basket(company: Company) -> np.ndarray:
    """Return the euros of an order, which follow prices by two per cent a year."""
    own = np.clip(company.rng("basket").normal(1, 0.15, company.n + 1), 0.6, 1.5)
    return np.asarray((company.usual("basket") * own)[:, None] * 1.02 ** (np.arange(MONTHS) / 12))


def _move(level: np.ndarray, turn: Turn) -> None:
    """Move a partner's level: in equal steps to the new one, where it stays."""
    first = month_of(turn.since)
    steps = np.clip((np.arange(MONTHS) - first + 1) / turn.over, 0, 1)
    goal = level * turn.times if turn.to is None else np.full(MONTHS, turn.to)
    level += steps * (goal - level)
