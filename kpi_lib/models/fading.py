"""Which partners are about to fade: to sell less than half of their own season, and why.

By the same rules as for customers: features strictly before the cut, a regularised logistic model
fitted on earlier cuts and calibrated on the next, used only where it was closer to what happened
than the rule of thumb, that whoever is below half now stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from kpi_lib.models.churn import Churn, OwnGap, Tested, score
from kpi_lib.models.features import Snapshot, engagement_of, failures_of, overdue_of
from kpi_lib.models.history import History
from kpi_lib.models.leaving import reasons
from kpi_lib.models.sales import Sales

HALF = 0.5  # of its own season: below it a partner has faded
FEWEST, OF_EITHER = 30, 3  # partners of all cuts together, for a model to be fitted
STRENGTH = 0.2  # partners are few: coefficients stay small where the data say little
MOST = float(np.log(4.0))
WAYS = ("logistic", "own_season")
Snapshots = Callable[[Sequence[int]], Snapshot | None]  # of these periods, taken together


@dataclass(frozen=True)
class Fading:
    """How likely each partner is to fade in the next period.

    `partners`: by partner_id its probability and reasons. `tests`: how each way did at the latest
    period that is known. `why`: why there is nothing.
    """

    partners: pd.DataFrame
    used: str = ""
    tests: tuple[Tested, ...] = ()
    why: str = ""


def fading_of(sales: Sales, history: History) -> Fading:
    """Return how likely each partner is to sell less than half of its season in the next period."""
    nothing = pd.DataFrame({"chance": [], "reasons": []})
    table = sales.in_periods()
    year = sales.rhythm.year // sales.rhythm.parts
    ends = [sales.last.back(len(table) - 1 - slot).end for slot in range(len(table))]

    def at(slots: Sequence[int]) -> Snapshot | None:
        each = [_snapshot(table, slot, year, history, ends[slot]) for slot in slots]
        return _stacked([one for one in each if len(one)], sales.last.end)

    now = len(table) - 1
    known = list(range(year, now))  # the season of a year ago, and what came next, are in the data
    training = _training(at, known)
    current = at([now]) if now >= year else None
    if training is None or current is None:
        return Fading(nothing, why="too few partners have two years of sales to learn from")
    tests = _tests(at, known)
    used = _choose(tests)
    return Fading(_fading_by_partner(used, training, current), used, tuple(tests))


def _fading_by_partner(
    used: str, training: tuple[Snapshot, Snapshot | None], current: Snapshot
) -> pd.DataFrame:
    """Return by partner_id the probability to fade (chance, 0 to 1) and why (reasons)."""
    model = _make("logistic").fit(*training)
    chance = _make(used).fit(*training).predict(current.features)
    edge = 1 / (len(training[0]) + 2)  # by the rule of succession: so few give no certainty
    partners = pd.DataFrame({"chance": chance.clip(edge, 1 - edge)}, index=current.features.index)
    is_model = used == "logistic" and isinstance(model, Churn)
    parts = model.contributions(current.features) if is_model else None
    partners["reasons"] = reasons(parts) if parts is not None else _reasons_by_rule(current)
    return partners


def _make(way: str) -> Churn | OwnGap:
    return Churn(strength=STRENGTH) if way == "logistic" else OwnGap("against_season")


def _tests(at: Snapshots, known: list[int]) -> list[Tested]:
    """Return how each way did at the latest period that is known, fitted on those before it."""
    if len(known) < 2:
        return []
    training, holdout = _training(at, known[:-1]), at(known[-1:])
    if training is None or holdout is None or holdout.left is None:
        return []
    return [
        score(way, _make(way).fit(*training).predict(holdout.features), holdout.left)
        for way in WAYS
    ]


def _choose(tests: Sequence[Tested]) -> str:
    """Return the way that was closer to what happened; untested it is the rule."""
    brier = {test.way: test.brier for test in tests}
    return "logistic" if brier and brier["logistic"] < brier["own_season"] else "own_season"


def _training(at: Snapshots, known: list[int]) -> tuple[Snapshot, Snapshot | None] | None:
    """Return what to fit on and what to calibrate on: the latest cut, where the others suffice."""
    earlier = at(known[:-1]) if len(known) > 1 else None
    if earlier is not None and _can_fit(earlier):
        return earlier, at(known[-1:])
    every = at(known) if known else None
    return (every, None) if every is not None and _can_fit(every) else None


def _can_fit(snapshot: Snapshot) -> bool:
    """Return whether a snapshot has enough partners of either kind to fit on."""
    left = snapshot.left
    if left is None or len(snapshot) < FEWEST:
        return False
    return bool(min(left.sum(), (~left).sum()) >= OF_EITHER)


def _snapshot(table: pd.DataFrame, slot: int, year: int, history: History, cut: date) -> Snapshot:
    """Return the partners that sold in the season to come a year ago, and what is known of them."""
    season = table.iloc[slot + 1 - year]
    mine = table.columns[(season > 0).to_numpy()]
    known, season = table[mine].iloc[: slot + 1], season[mine]
    level = _log_ratio(known.iloc[-1], known.iloc[-1 - year])
    features = pd.DataFrame(
        {
            "against_season": np.log(HALF) - level,
            "course": -_log_ratio(known.iloc[-year:].sum(), known.iloc[-2 * year : -year].sum()),
            "high_season": _log_ratio(season, known.iloc[-year:].mean()),
            "size": np.log1p(known.iloc[-year:].sum().clip(lower=0)),
        },
        index=mine,
    )
    if slot + 1 < 2 * year:
        features["course"] = np.nan
    for feature_of in (failures_of, overdue_of, engagement_of):
        found = feature_of(history.tables, cut)
        if found is not None:
            features = features.join(found.reindex(mine).fillna(0.0))
    left = None
    if slot + 1 < len(table):
        left = (table.iloc[slot + 1][mine] < HALF * season).to_numpy()
    return Snapshot(cut, features.astype(float), left)


def _log_ratio(now: pd.Series, then: pd.Series) -> pd.Series:
    """Return the log of one over the other, at most that of four, which nothing counts as too."""
    now, then = now.fillna(0.0).clip(lower=0), then.fillna(0.0).clip(lower=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(now.to_numpy() / then.to_numpy())
    return pd.Series(ratio, index=now.index).clip(-MOST, MOST).fillna(0.0)


def _stacked(snapshots: Sequence[Snapshot], cut: date) -> Snapshot | None:
    """Return several cuts as one: one row per partner and cut."""
    if not snapshots:
        return None
    features = pd.concat([one.features for one in snapshots])
    left = [one.left for one in snapshots if one.left is not None]
    return Snapshot(cut, features, np.concatenate(left) if len(left) == len(snapshots) else None)


def _reasons_by_rule(current: Snapshot) -> list[tuple[str, ...]]:
    """Return the one reason that the rule of thumb knows, of each partner below half now."""
    is_below = (current.features["against_season"] > 0).tolist()
    return [("against_season",) if below else () for below in is_below]
