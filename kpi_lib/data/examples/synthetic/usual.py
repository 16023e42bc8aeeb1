"""What is usual for a partner of each type, before its own character and its story.

Shares are fractions, frequencies are a month, `basket` is the euros of an order.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

DIRECT = "direct"


class Usual(NamedTuple):
    """The habits of a partner type, or of the direct business."""

    volume: float  # its part in the orders, against a reseller's
    basket: float
    margin: float
    shipped: float  # the part of the orders that are delivered, not picked up or digital
    lead_time: float  # days from order to promised delivery
    digital: float  # the part of the orders that come by portal, app or EDI
    leads: float
    deals: float  # besides those that come from leads
    win: float
    cycle: float  # days from opening to closing a deal
    meetings: float  # meetings, reviews, events: whatever counts as an interaction
    logins: float
    training: float  # enrolments
    cost: float  # the programme's cost as a part of revenue
    terms: float  # days to pay
    ventures: float  # joint projects under way
    guests: float  # the part of the orders without a known customer


USUAL = MappingProxyType(
    {
        "reseller": Usual(
            *(1.0, 1400, 0.24, 0.35, 5, 0.55, 8.0, 5.0, 0.32, 48),
            *(6.0, 12, 1.6, 0.075, 30, 0.3, 0.03),
        ),
        "referral": Usual(
            *(0.6, 1100, 0.28, 0.20, 5, 0.50, 16.0, 3.0, 0.34, 38),
            *(5.0, 10, 0.5, 0.080, 30, 0.2, 0.05),
        ),
        "technology": Usual(
            *(0.7, 2600, 0.33, 0.15, 8, 0.75, 5.0, 4.0, 0.31, 62),
            *(6.5, 14, 1.5, 0.085, 30, 1.0, 0.01),
        ),
        "strategic_alliance": Usual(
            *(1.2, 2400, 0.27, 0.30, 7, 0.60, 6.0, 4.5, 0.33, 58),
            *(8.0, 9, 1.0, 0.070, 45, 1.0, 0.02),
        ),
        "joint_venture": Usual(
            *(1.0, 2900, 0.27, 0.40, 9, 0.55, 4.0, 4.0, 0.34, 64),
            *(8.5, 8, 0.9, 0.080, 45, 1.4, 0.01),
        ),
        "distribution": Usual(
            *(2.0, 950, 0.20, 0.80, 4, 0.70, 6.0, 4.0, 0.31, 36),
            *(5.0, 13, 0.8, 0.045, 45, 0.2, 0.06),
        ),
        "contractor": Usual(
            *(1.2, 700, 0.23, 0.85, 3, 0.40, 2.5, 4.0, 0.36, 26),
            *(4.5, 11, 0.6, 0.050, 30, 0.5, 0.0),
        ),
        "supplier": Usual(
            *(1.0, 1500, 0.21, 0.90, 6, 0.65, 2.0, 3.0, 0.30, 44),
            *(5.0, 7, 0.6, 0.045, 45, 0.5, 0.02),
        ),
        "service": Usual(
            *(0.8, 850, 0.34, 0.20, 4, 0.50, 5.0, 4.0, 0.37, 32),
            *(6.0, 10, 1.2, 0.080, 30, 0.8, 0.03),
        ),
        DIRECT: Usual(
            *(1.0, 1200, 0.25, 0.60, 4, 0.45, 30.0, 18.0, 0.25, 66),
            *(0.0, 0, 0.0, 0.130, 30, 0.0, 0.08),
        ),
    }
)

# How the months of a year compare, January first; about 1 on average.
SEASONS = MappingProxyType(
    {
        "building": (0.62, 0.70, 0.95, 1.12, 1.22, 1.24, 1.18, 1.02, 1.20, 1.16, 0.94, 0.65),
        "retail": (0.84, 0.80, 0.90, 0.93, 0.96, 0.95, 0.88, 0.86, 0.98, 1.05, 1.42, 1.43),
        "food_and_beverage": (
            0.84,
            0.85,
            0.94,
            0.99,
            1.07,
            1.15,
            1.17,
            1.10,
            0.98,
            0.92,
            0.95,
            1.04,
        ),
        "energy": (1.15, 1.10, 1.04, 0.96, 0.90, 0.85, 0.83, 0.84, 0.98, 1.09, 1.13, 1.13),
        "other": (0.95, 0.96, 1.05, 1.00, 1.00, 1.03, 0.93, 0.84, 1.05, 1.07, 1.07, 1.05),
    }
)
SEASON_OF = MappingProxyType(
    {
        "consumer_electronics": "retail",
        "retail": "retail",
        "food_and_beverage": "food_and_beverage",
        "energy": "energy",
        "construction": "building",
    }
)
