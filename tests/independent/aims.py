"""What a KPI can be, and targets that are plausible and possible, for the random companies."""

from __future__ import annotations

from .catalogue import CATALOGUE, PACKS
from .maker import Maker

# A plausible size of a value, to draw targets around; 1 for a KPI that is not here.
SIZES = {
    "revenue": 900,
    "orders": 5,
    "sales_volume": 60,
    "average_order_value": 120,
    "days_between_purchases": 60,
    "active_customers": 4,
    "new_customers": 2,
    "partnership_years": 4,
    "active_partners": 7,
    "program_cost": 400,
    "customer_nps": 20,
    "partner_nps": 20,
    "delivery_days": 8,
    "dso_days": 40,
    "sales_cycle_days": 50,
    "pipeline_value": 2000,
    "health_score": 60,
    "our_service_score": 60,
}
BETTER = {name: kpi.better for name, kpi in CATALOGUE.items() if kpi.better != "neither"}
BETTER |= {measure: better for measure, (_, _, better) in PACKS.items()}
GROWTHS = ("revenue_growth", "revenue_growth_previous", "order_growth", "tonnage_growth")
BELOW_ZERO = (*GROWTHS, "roi", "margin_roi", "revenue", "days_beyond_terms")
ABOVE_ONE = (*GROWTHS, "roi", "margin_roi", "quota_attainment", "revenue_retention")
ABOVE_ONE += ("credit_utilisation", "resource_overrun")
OUT_OF_100 = ("health_score", "our_service_score", "assessment_score")
NO_LIMIT = 1e9


def bounds(kpi: str) -> tuple[float, float]:
    """Return the least and the most that a target may ask for."""
    unit = CATALOGUE[kpi].unit if kpi in CATALOGUE else PACKS[kpi][1]
    if unit == "points":
        return -100, 100
    if kpi in OUT_OF_100:
        return 0, 100
    low = -1 if kpi in BELOW_ZERO and unit == "ratio" else -NO_LIMIT if kpi in BELOW_ZERO else 0
    return low, 1 if unit == "ratio" and kpi not in ABOVE_ONE else NO_LIMIT


def within(kpi: str, value: float) -> float:
    """Return the value, or the nearest that the KPI can be."""
    low, high = bounds(kpi)
    return float(min(max(value, low), high))


def adds_up(kpi: str) -> bool:
    """Whether a target of the KPI may not stand for periods of any length."""
    return kpi in PACKS or CATALOGUE[kpi].adds_up


def targets(maker: Maker) -> None:
    """Add targets of partners, groups and all, of periods, of lengths of time and of any."""
    often = list(SIZES) if "deals" in maker.tables else list(SIZES)[:8]
    count = (400 if "deals" in maker.tables else 100) + 15 * len(maker.tables["partners"])
    rows: dict[tuple[object, ...], dict[str, object]] = {}
    for _ in range(count):
        kpi = str(maker.one_of(*(often if maker.maybe(0.4) else list(BETTER))))
        scope, entity = _place(maker)
        if entity is not None:
            label = _when(maker, kpi)
            row = {"scope": scope, "entity": entity, "kpi": kpi, "period": label}
            rows[scope, entity, kpi, label] = row | _figures(maker, kpi, scope)
    maker.put("targets", list(rows.values()))


def _place(maker: Maker) -> tuple[str, object]:
    partner = maker.rng.choice(maker.tables["partners"])
    return maker.rng.choice(
        [
            ("partner", partner["partner_id"]),
            ("partner", partner["partner_id"]),
            ("tier", partner.get("tier")),
            ("partner_type", partner["partner_type"]),
            ("all", "*"),
            ("portfolio", "*"),
        ]
    )


def _when(maker: Maker, kpi: str) -> str:
    """Return the period of a target: often one that matters, now and then one that does not."""
    period = maker.period
    dice = maker.rng.random()
    if dice < 0.35:
        return period.kind
    if dice < 0.5:
        return str(maker.one_of("year", "half", "quarter", "month", "week"))
    if dice < 0.75 and not adds_up(kpi):
        return "*"
    return str(maker.one_of(*(period.back(step).label for step in range(3)), period.year))


def _figures(maker: Maker, kpi: str, scope: str) -> dict[str, object]:
    size = SIZES.get(kpi, 1) * (len(maker.tables["partners"]) if scope == "portfolio" else 1)
    target = round(size * maker.rng.uniform(0.1, 1.6), int(maker.rng.choice([0, 1, 2])))
    if maker.maybe(0.08):
        target = maker.rng.choice([0.0, -target])
    wrong = -1 if BETTER[kpi] == "higher" else 1
    target = within(kpi, target)
    minimum = within(kpi, round(target + wrong * size * maker.rng.uniform(0, 0.5), 3))
    baseline = within(kpi, round(size * maker.rng.random(), 2))
    return {
        "target": target,
        "minimum": None if maker.maybe(0.5) else minimum,
        "baseline": None if maker.maybe(0.7) else baseline,
    }
