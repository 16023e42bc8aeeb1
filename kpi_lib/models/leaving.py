"""Which customers are about to leave, by whichever way did best at earlier cuts, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kpi_lib.models.churn import RULES, WAYS, Churn, Tested, can_fit, score
from kpi_lib.models.features import Snapshot, snapshot
from kpi_lib.models.history import History
from kpi_lib.models.value import best_model, why_too_thin

ROLLS = 2  # cuts that every way is tested on, where the data reach so far back
REASONS, LEAST_PART = 3, 0.05
MARGIN = 0.001  # of the Brier score, by which more than a simple way is to be better


@dataclass(frozen=True)
class ChurnFit:
    """Who is scored at a cut, with its probability and its reasons; how each way did before.

    `customers`: churn_probability and reasons (a list of features and + or -) by customer.
    `tenths`: of the latest test, by tenth of the probability: customers, expected, left, money.
    """

    cut: date
    customers: pd.DataFrame
    used: str
    tests: tuple[tuple[date, Tested], ...]
    coefficients: pd.DataFrame
    tenths: pd.DataFrame


def fit_churn(history: History, cut: date, horizon: int) -> ChurnFit | None:
    """Return who is about to leave at a cut; None where no earlier cut has enough to learn from."""
    at = _Snapshots(history, cut, horizon)
    now, training = at(0), _training(at(2), at(1))
    if now is None or not len(now) or training is None:
        return None
    tests, tenths = _backtest(at)
    used = choose([test for _, test in tests])
    logistic = Churn().fit(*training)
    parts = logistic.contributions(now.features)
    chance = WAYS[used]().fit(*training).predict(now.features)
    scored = pd.DataFrame({"churn_probability": chance}, index=now.features.index)
    scored["reasons"] = reasons(parts) if used != "own_gap" else [()] * len(scored)
    return ChurnFit(cut, scored, used, tuple(tests), _coefficients(logistic), tenths)


class _Snapshots:
    """The customers so many horizons before a cut, each cut looked at once."""

    def __init__(self, history: History, cut: date, horizon: int) -> None:
        self.history, self.cut, self.horizon = history, cut, horizon
        self._known: dict[int, Snapshot | None] = {}

    def __call__(self, step: int) -> Snapshot | None:
        """Return the customers `step` horizons before the cut; None where none had ordered."""
        if step not in self._known:
            self._known[step] = self._snapshot_at(step)
        return self._known[step]

    def _snapshot_at(self, step: int) -> Snapshot | None:
        """Return the customers as they stood `step` horizons before the cut, or None."""
        day = self.cut - timedelta(days=self.horizon * step)
        rfm = self.history.rfm(day)
        if rfm.empty:
            return None
        no_purchase = None
        if why_too_thin(rfm) is None:
            model = best_model(rfm).fit(rfm)
            no_purchase = pd.Series(model.prob_no_purchase(rfm, self.horizon), index=rfm.index)
        return snapshot(self.history, day, self.horizon, no_purchase, self.cut)


def _backtest(at: _Snapshots) -> tuple[list[tuple[date, Tested]], pd.DataFrame]:
    """Return how each way did at the latest cuts that are known, and the tenths of the latest.

    Each is fitted on what was known at the cut, and held against who left after it.
    """
    tests: list[tuple[date, Tested]] = []
    tenths = pd.DataFrame()
    for roll in range(1, ROLLS + 1):
        holdout, training = at(roll), _training(at(roll + 2), at(roll + 1))
        if holdout is None or holdout.left is None or training is None or not len(holdout):
            break
        for way, make in WAYS.items():
            chance = make().fit(*training).predict(holdout.features)
            tests.append((holdout.cut, score(way, chance, holdout.left)))
            if way == "logistic" and tenths.empty:
                tenths = _tenths(chance, holdout, at.history.spend(holdout.cut, 365))
    return tests, tenths


def choose(tests: list[Tested]) -> str:
    """Return the way to use: the rule, unless a model was closer to what happened (Brier score).

    Boosted trees are used only where they beat the logistic model too.
    """
    if not tests:
        return "logistic"
    mean = pd.DataFrame([vars(test) for test in tests]).groupby("way")["brier"].mean()
    rule = min(RULES, key=lambda way: mean[way])
    best = "trees" if mean["trees"] < mean["logistic"] - MARGIN else "logistic"
    return best if mean[best] < mean[rule] else rule


def reasons(parts: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return for each customer the features that raise its probability most, the first the most."""
    names, figures = np.array(parts.columns), parts.to_numpy()
    order = np.argsort(-figures, axis=1)[:, :REASONS]
    return [
        tuple(str(names[j]) for j in row if line[j] >= LEAST_PART)
        for row, line in zip(order, figures, strict=True)
    ]


def _training(earlier: Snapshot | None, later: Snapshot | None) -> tuple[Snapshot, Snapshot] | None:
    """Return the cut to fit on and the next one to calibrate on, where both hold enough.

    Where only the later one does, it is both.
    """
    if later is None or not can_fit(later):
        return None
    return (earlier, later) if earlier is not None and can_fit(earlier) else (later, later)


def _tenths(chance: np.ndarray, holdout: Snapshot, spend: pd.Series) -> pd.DataFrame:
    """Return by tenth of the probability, the highest first: expected, left, and their money."""
    assert holdout.left is not None
    money = spend.reindex(holdout.features.index).fillna(0.0).clip(lower=0).to_numpy()
    rows = []
    for part in np.array_split(np.argsort(-chance, kind="stable"), 10):
        if len(part):
            rows.append(
                {
                    "customers": len(part),
                    "expected": float(chance[part].mean()),
                    "left": float(holdout.left[part].mean()),
                    "gone": int(holdout.left[part].sum()),
                    "money": float(money[part][holdout.left[part]].sum()),
                    "all_money": float(money[part].sum()),
                }
            )
    return pd.DataFrame(rows)


def _coefficients(model: Churn) -> pd.DataFrame:
    """Return each feature's coefficient for a deviation of one standard deviation."""
    fitted = {"feature": model.columns_, "coefficient": model.slope_ * model.logistic_.coef_[0]}
    return pd.DataFrame(fitted).sort_values("coefficient", key=np.abs, ascending=False)
