"""What each feature of the churn model says, where it raises a customer's probability to leave."""

from __future__ import annotations

from collections.abc import Iterable

REASONS = {
    "idle": "long since the last purchase",
    "against_gap": "away longer than its usual gap",
    "frequency": "few purchases so far",
    "age": "how long it has been a customer",
    "value": "the value of its purchases",
    "recent": "few purchases of late",
    "season": "less than in its own season a year ago",
    "model": "the purchase model expects none",
    "late": "late deliveries",
    "errors": "faulty deliveries",
    "backorders": "backorders",
    "overdue": "the partner's overdue balance",
    "engagement": "little contact with the partner",
}
REASONS_OF_PARTNERS = {
    "against_season": "far below its own season already",
    "course": "a year below the one before",
    "high_season": "a season to come that was high last year",
    "size": "how little it sells",
    "late": "late deliveries",
    "errors": "faulty deliveries",
    "backorders": "backorders",
    "overdue": "its overdue balance",
    "engagement": "little contact",
}


def in_words(features: Iterable[str]) -> str:
    """Return reasons as text, the strongest first.

    >>> in_words(["idle", "late"])
    'long since the last purchase; late deliveries'
    """
    return "; ".join(REASONS[feature] for feature in features)
