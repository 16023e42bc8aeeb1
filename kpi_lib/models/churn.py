"""Who is about to leave: a logistic model, fitted on one cut and calibrated on the next.

A customer leaves that buys nothing in the horizon. Coefficient x deviation from the mean is the
exact part of each feature in a customer's log-odds: its reasons. A feature that is not known of a
customer counts as the mean, and gives no reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from kpi_lib.models.features import Snapshot

FEWEST = 50  # customers of a cut, and a tenth of them of either kind, for a model to be fitted
EDGE = 1e-6
TREES_ON = 20_000  # customers that boosted trees are grown on, at most
STRENGTH = 1.0


class Churn(BaseEstimator):
    """The probability that a customer leaves; `trees`: by boosted trees instead of the logistic."""

    def __init__(
        self,
        trees: bool = False,
        columns: tuple[str, ...] | None = None,
        strength: float = STRENGTH,
    ) -> None:
        self.trees = trees
        self.columns = columns
        self.strength = strength

    def fit(self, earlier: Snapshot, later: Snapshot | None = None) -> Churn:
        """Return the model, fitted on `earlier`, and calibrated on `later` where that is given."""
        assert earlier.left is not None
        known = earlier.features
        named = self.columns or tuple(known.columns)
        self.columns_ = [c for c in named if c in known and known[c].max() > known[c].min()]
        self.mean_ = known[self.columns_].mean().fillna(0.0)
        self.spread_ = known[self.columns_].std(ddof=0).replace(0.0, 1.0).fillna(1.0)
        standard = self._standard(known)
        self.logistic_ = LogisticRegression(C=self.strength, max_iter=500).fit(
            standard, earlier.left
        )
        if self.trees:
            step = max(1, len(standard) // TREES_ON)
            self.trees_ = GradientBoostingClassifier(
                n_estimators=80, max_depth=3, learning_rate=0.08, subsample=0.7, random_state=0
            ).fit(standard[::step], earlier.left[::step])
        self.slope_, self.offset_ = 1.0, 0.0
        if later is not None and later.left is not None and _has_both_kinds(later.left):
            score = self._log_odds(later.features)
            line = _platt_line(score, later.left)
            if line.coef_[0, 0] > 0:  # else the next cut contradicts the first
                self.slope_ = float(line.coef_[0, 0])
                self.offset_ = float(line.intercept_[0])
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return each customer's probability to leave."""
        check_is_fitted(self)
        probability: np.ndarray = expit(self.slope_ * self._log_odds(features) + self.offset_)
        return probability

    def contributions(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return each feature's part in the log-odds of each customer, of the logistic model."""
        check_is_fitted(self)
        parts = self.slope_ * self._standard(features) * self.logistic_.coef_[0]
        return pd.DataFrame(parts, index=features.index, columns=self.columns_)

    def _log_odds(self, features: pd.DataFrame) -> np.ndarray:
        """Return the log-odds of leaving, one figure per customer."""
        score: np.ndarray
        standard = self._standard(features)
        if self.trees:
            score = logit(np.clip(self.trees_.predict_proba(standard)[:, 1], EDGE, 1 - EDGE))
        else:
            score = standard @ self.logistic_.coef_[0] + self.logistic_.intercept_[0]
        return score

    def _standard(self, features: pd.DataFrame) -> np.ndarray:
        known = features.reindex(columns=self.columns_)
        return ((known - self.mean_) / self.spread_).fillna(0.0).to_numpy(dtype=float)


def _platt_line(score: np.ndarray, left: np.ndarray) -> LogisticRegression:
    """Return the line from scores to log-odds, by what became of customers (Platt 1999, eq. 3).

    Each counts a little as of the other kind too, so that few of them give no certainty.
    """
    gone, stayed = int(left.sum()), int((~left).sum())
    share = np.where(left, (gone + 1) / (gone + 2), 1 / (stayed + 2))
    twice, kinds = np.tile(score, 2)[:, None], np.repeat([True, False], len(score))
    return LogisticRegression(C=1e6).fit(twice, kinds, sample_weight=[*share, *(1 - share)])


class OwnGap(BaseEstimator):
    """The rule of thumb: a customer is leaving that has been away longer than its usual gap.

    Its two probabilities are the shares that left of either kind at the later cut. `column`: the
    feature that is above 0 of who is leaving by the rule.
    """

    def __init__(self, column: str = "against_gap") -> None:
        self.column = column

    def fit(self, earlier: Snapshot, later: Snapshot | None = None) -> OwnGap:
        """Return the rule, with what became of either kind."""
        seen = later if later is not None and later.left is not None else earlier
        assert seen.left is not None
        away, overall = self._away(seen.features), float(seen.left.mean())
        self.shares_ = [
            float(seen.left[kind].mean()) if kind.any() else overall for kind in (~away, away)
        ]
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return each customer's probability to leave."""
        check_is_fitted(self)
        return np.where(self._away(features), self.shares_[1], self.shares_[0])

    def _away(self, features: pd.DataFrame) -> np.ndarray:
        """Return who has been away longer than usual; who bought once has no usual gap."""
        return (features[self.column] > 0).to_numpy()


WAYS: dict[str, Callable[[], Churn | OwnGap]] = {
    "logistic": Churn,
    "trees": lambda: Churn(trees=True),
    "recency": lambda: Churn(columns=("idle",)),
    "own_gap": OwnGap,
}
RULES = ("own_gap", "recency")


@dataclass(frozen=True)
class Tested:
    """How a way did at a cut whose outcome is known: one row of a backtest."""

    way: str
    auc: float
    brier: float
    ece: float
    customers: int
    left: int


def can_fit(snapshot: Snapshot) -> bool:
    """Return whether a snapshot has enough customers of either kind to fit on."""
    left = snapshot.left
    return left is not None and len(snapshot) >= FEWEST and _has_both_kinds(left)


def _has_both_kinds(left: np.ndarray) -> bool:
    """Return whether enough customers left, and enough stayed, to tell the two apart."""
    return bool(min(left.sum(), (~left).sum()) >= FEWEST / 10)


def score(way: str, chance: np.ndarray, left: np.ndarray) -> Tested:
    """Return how well probabilities foretold who left."""
    brier = float(np.mean((chance - left) ** 2))
    error = expected_calibration_error(chance, left)
    return Tested(way, auc(chance, left), brier, error, len(left), int(left.sum()))


def auc(chance: np.ndarray, left: np.ndarray) -> float:
    """Return how often one who left had the higher probability than one who stayed."""
    ranks = pd.Series(chance).rank().to_numpy()
    gone, stayed = left.sum(), (~left).sum()
    if not gone or not stayed:
        return float("nan")
    return float((ranks[left].sum() - gone * (gone + 1) / 2) / (gone * stayed))


def expected_calibration_error(chance: np.ndarray, left: np.ndarray, bins: int = 10) -> float:
    """Return the mean distance of probability and share that left, over tenths of the customers."""
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    gaps = [len(p) * abs(chance[p].mean() - left[p].mean()) for p in parts if len(p)]
    return float(sum(gaps) / len(chance))
