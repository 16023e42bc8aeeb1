"""What a run tells beside the figures of the partner of given.py, made by hand."""

from __future__ import annotations

import copy
from typing import Any


def insights(edition: str = "partner") -> dict[str, Any]:
    """Two actions, two pieces of good news, a driver, and what became of an earlier action."""
    return {
        "has_playbook": True,
        "actions": copy.deepcopy(ACTIONS if edition == "internal" else ACTIONS[:2]),
        "went_well": [
            {
                "kpi": "revenue",
                "value": 64322.0,
                "reasons": [
                    {"reason": "target", "reference": 60000.0, "ahead": 0.072},
                    {"reason": "year_ago", "reference": 52311.0, "ahead": 0.2296},
                ],
            },
            {
                "kpi": "active_customers",
                "value": 61.0,
                "reasons": [{"reason": "trend", "reference": None, "ahead": None}],
            },
        ],
        "drivers": [
            {
                "kpi": "revenue",
                "how": "factors",
                "against": "year_ago",
                "then": 52311.0,
                "now": 64322.0,
                "change": 12011.0,
                "effects": [
                    {"part": "customers", "effect": 15000.0, "then": 50.0, "now": 61.0},
                    {"part": "order_value", "effect": -2989.0, "then": 220.0, "now": 206.0},
                ],
            }
        ],
        "follow_up": [
            {
                "rule": "late_deliveries",
                "kpi": "otif_rate",
                "action": {"en": "Review delivery windows", "de": "Lieferfenster überprüfen"},
                "owner": {"role": "logistics", "words": {"en": "Our logistics"}, "name": None},
                "due": "2011-07-14",
                "against": "target",
                "reference": 0.95,
                "then": 0.9,
                "now": 0.912,
                "moved": "better",
                "reached": False,
            }
        ],
        "earlier": "read",
    }


def action(kpi: str, **more: Any) -> dict[str, Any]:
    """Return an action as a slice holds it."""
    return {
        "rule": "a_rule",
        "kpi": kpi,
        "name": kpi,
        "unit": "ratio",
        "better": "higher",
        "side": "us",
        "status": "off_track",
        "minimum": None,
        "value": None,
        "target": None,
        "variance": None,
        "off_track_periods": 1,
        "trend": None,
        "n": None,
        "against": "target",
        "reckoning": None,
        "priority": "normal",
        "for_partner": True,
    } | more


ACTION_ON_SERVICE = action(
    "otif_rate",
    rule="late_deliveries",
    value=0.912,
    target=0.95,
    variance=-0.038,
    reference=0.95,
    gap=0.038,
    off_track_periods=3,
    trend="down",
    n=204,
    reckoning={
        "amount": 2444.236,
        "of": "revenue",
        "estimate": 2931.5,
        "most": 2444.236,
        "against": "year_ago",
        "reference": 79_594.0,
    },
    action={"en": "Review delivery windows", "de": "Lieferfenster überprüfen"},
    next_step={
        "en": "From {value} to {target} for {partner} by {due}: {gap} in {period}, for {periods}.",
        "de": "Von {value} auf {target} für {partner}.",
    },
    owner={"role": "logistics", "words": {"en": "Our logistics"}, "name": None},
    due="2011-10-14",
)
ACTION_ON_CREDIT = action(
    "dso_days",
    unit="days",
    better="lower",
    side="partner",
    value=52.0,
    target=45.0,
    variance=7.0,
    reference=45.0,
    gap=7.0,
    action={"en": "Talk about credit: {name}"},
    next_step={"en": "{owner} calls."},
    owner={"role": "partner", "words": {"en": "Partner"}, "name": "Alder"},
    due="2011-10-17",
)
ACTION_ON_MARGIN = action(
    "gross_margin",
    value=0.305,
    target=None,
    variance=None,
    against="year_ago",
    reference=0.33,
    gap=0.025,
    for_partner=False,
    action={"en": "Check prices"},
    next_step={"en": "Compare with the list; it was {year_ago}."},
    owner={"role": "account_manager", "words": {"en": "Account manager"}, "name": "Jo <Doe>"},
    due="2011-10-21",
)
ACTIONS = [ACTION_ON_SERVICE, ACTION_ON_CREDIT, ACTION_ON_MARGIN]
