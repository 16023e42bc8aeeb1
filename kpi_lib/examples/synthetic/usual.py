"""What is usual for a partner of each type, before its own character and its story.

`facts/usual.csv` has a row for each type and one for the direct business:

- `volume`: its part in the orders against a reseller's; `basket`: the euros of an order;
- `shipped`, `digital`, `guests`: the parts of its orders that are delivered, come by portal, app or
  EDI, and come from nobody known; `lead_time`: days from order to promised delivery;
- `leads`, `deals`, `meetings`, `logins`, `training`: how often they happen in a month;
- `win`: the part of its deals that are won; `cycle`: days from opening to closing one;
- `margin`, `cost`: gross margin, and what the partnership costs, as parts of revenue;
- `terms`: days to pay; `ventures`: joint projects under way.
"""

from __future__ import annotations

from kpi_lib.examples.synthetic.fact_files import read_facts

DIRECT = "direct"


def _usual_by_type() -> dict[str, dict[str, float]]:
    """Return the usual figures of a partner type, by their names."""
    return {
        row.pop("partner_type"): {name: float(cell) for name, cell in row.items()}
        for row in read_facts("usual")
    }


def _seasons() -> dict[str, tuple[float, ...]]:
    """Return by industry how the months of a year compare, January first."""
    return {
        row.pop("industry"): tuple(float(cell) for cell in row.values())
        for row in read_facts("seasons")
    }


USUAL = _usual_by_type()
SEASONS = _seasons()
EVENLY = "other"  # the season of an industry that has none of its own
