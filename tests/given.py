"""Slices as `kpi run` writes them, made by hand: what a page may have to live with."""

from __future__ import annotations

import copy
import json
from pathlib import Path

PERIODS = ["2009-Q4", "2010-Q1", "2010-Q2", "2010-Q3", "2010-Q4", "2011-Q1", "2011-Q2", "2011-Q3"]
HOSTILE = ("<script>alert(1)</script> & \"Söhne\" 'GmbH' " + "Überlandwerke " * 20)[:300]

# id: (name, family, unit, better, accountable, audience, the eight values, n of the last, what it is)
KPIS = {
    "revenue": (
        "Joint revenue",
        "revenue",
        "money",
        "higher",
        "both",
        "shared",
        [41200.5, 38110.0, 44950.2, 52310.9, 61040.1, 47115.0, 55870.3, 64321.75],
        312,
        "amount of completed and returned orders",
    ),
    "revenue_growth": (
        "Revenue growth on the year",
        "revenue",
        "ratio",
        "higher",
        "both",
        "shared",
        [None, None, None, None, 0.4815, 0.2363, 0.2430, 0.2296],
        280,
        "revenue of the period / revenue of the same period a year ago, minus 1",
    ),
    "revenue_growth_previous": (
        "Revenue growth on the previous period",
        "revenue",
        "ratio",
        "higher",
        "both",
        "shared",
        [None, -0.075, 0.1795, 0.1638, 0.1669, -0.2281, 0.1858, 0.1513],
        301,
        "revenue of the period / revenue of the previous period, minus 1",
    ),
    "orders": (
        "Orders",
        "revenue",
        "number",
        "higher",
        "both",
        "shared",
        [180, 171, 205, 244, 290, 221, 262, 312],
        312,
        "number of completed orders",
    ),
    "order_growth": (
        "Order growth on the year",
        "revenue",
        "ratio",
        "higher",
        "both",
        "shared",
        [None, None, None, None, 0.611, 0.292, 0.278, 0.2787],
        244,
        "orders of the period / orders of the same period a year ago, minus 1",
    ),
    "sales_volume": (
        "Units sold",
        "revenue",
        "number",
        "higher",
        "both",
        "shared",
        [21210, 19800, 24100, 28800, 33120, 25210, 29950, 35008],
        312,
        "quantity of completed orders",
    ),
    "average_order_value": (
        "Average order value",
        "revenue",
        "money",
        "higher",
        "both",
        "shared",
        [228.9, 222.9, 219.3, 214.4, 210.5, 213.2, 213.2, 206.2],
        312,
        "amount of completed orders / their number",
    ),
    "new_customers": (
        "New customers",
        "customer",
        "number",
        "higher",
        "both",
        "shared",
        [31, 12, 9, 11, 14, 6, 7, 9],
        9,
        "customers whose first order lies in the period",
    ),
    "active_customers": (
        "Active customers",
        "customer",
        "number",
        "higher",
        "both",
        "shared",
        [31, 36, 40, 45, 52, 47, 50, 56],
        56,
        "customers with a completed order",
    ),
    "customer_retention": (
        "Customer retention",
        "customer",
        "ratio",
        "higher",
        "both",
        "shared",
        [None, 0.774, 0.75, 0.8, 0.7778, 0.7115, 0.766, 0.82],
        50,
        "customers of the previous period that ordered again / their number",
    ),
    "repeat_purchase_rate": (
        "Repeat purchase rate",
        "customer",
        "ratio",
        "higher",
        "both",
        "shared",
        [0.61, 0.58, 0.6, 0.62, 0.67, 0.66, 0.7, 0.7143],
        56,
        "customers with two or more orders / active customers",
    ),
    "orders_per_month": (
        "Orders a month",
        "customer",
        "number",
        "higher",
        "both",
        "shared",
        [60, 57, 68.33, 81.33, 96.67, 73.67, 87.33, 104],
        None,
        "orders / months of the period",
    ),
    "days_between_purchases": (
        "Days between purchases",
        "customer",
        "days",
        "lower",
        "both",
        "shared",
        [24.1, 26.0, 23.3, 21.9, 19.9, 22.8, 20.4, 18.62],
        256,
        "days between a customer's consecutive days with an order",
    ),
    "customer_nps": (
        "Customer NPS",
        "customer",
        "points",
        "higher",
        "both",
        "shared",
        [31, 35, 28, 40, 42, 38, 44, 47.1],
        17,
        "promoters less detractors",
    ),
    "otif_rate": (
        "On time, in full (OTIF)",
        "service",
        "ratio",
        "higher",
        "us",
        "shared",
        [0.94, 0.951, 0.945, 0.938, 0.921, 0.93, 0.927, 0.912],
        340,
        "deliveries on time and in full / deliveries promised in the period",
    ),
    "order_error_rate": (
        "Order error rate",
        "service",
        "ratio",
        "lower",
        "us",
        "shared",
        [0.012, 0.011, 0.013, 0.012, 0.014, 0.012, 0.011, 0.0094],
        338,
        "deliveries with an error / deliveries",
    ),
    "dso_days": (
        "Days sales outstanding (DSO)",
        "credit",
        "days",
        "lower",
        "partner",
        "shared",
        [41, 43, 44, 42, 45, 47, 49, 52.3],
        None,
        "receivables / revenue a day",
    ),
    "receivables": (
        "Receivables",
        "credit",
        "money",
        "neither",
        "partner",
        "shared",
        [19000, 18200, 21900, 24500, 30100, 24400, 30050, 36500],
        61,
        "open amount of invoices at the last day",
    ),
    "partner_nps": (
        "Partner NPS",
        "relationship",
        "points",
        "higher",
        "us",
        "shared",
        [None] * 8,
        None,
        "promoters less detractors among the partner's people",
    ),
    "partnership_years": (
        "Length of the partnership",
        "relationship",
        "years",
        "higher",
        "both",
        "shared",
        [2.1, 2.35, 2.6, 2.85, 3.1, 3.35, 3.6, 3.85],
        1,
        "years since the partner joined",
    ),
    "digital_order_share": (
        "Digital orders",
        "relationship",
        "ratio",
        "higher",
        "partner",
        "shared",
        [0.3, 0.33, 0.35, 0.37, 0.41, 0.44, 0.47, 0.4712],
        312,
        "orders by portal, app or EDI / orders with a channel",
    ),
    "training_completion": (
        "Training completion",
        "capability",
        "ratio",
        "higher",
        "partner",
        "shared",
        [None, None, 0.5, 0.6, 0.6, 0.75, 0.7, 0.8],
        10,
        "enrolments completed in time / enrolments",
    ),
    "revenue_share": (
        "Share of company revenue",
        "revenue",
        "ratio",
        "higher",
        "both",
        "internal",
        [0.021, 0.02, 0.022, 0.023, 0.021, 0.024, 0.023, 0.0262],
        None,
        "revenue / revenue of the company",
    ),
    "gross_margin": (
        "Gross margin",
        "revenue",
        "ratio",
        "higher",
        "both",
        "internal",
        [0.31, 0.3, 0.32, 0.31, 0.33, 0.32, 0.31, 0.305],
        300,
        "amount less cost / amount of sales with a cost",
    ),
}
# id: (target, minimum, status)
TARGETS = {
    "revenue": (60000.0, 54000.0, "on_track"),
    "customer_retention": (0.85, 0.75, "at_risk"),
    "repeat_purchase_rate": (0.7, 0.6, "unsure"),
    "otif_rate": (0.95, 0.93, "off_track"),
    "days_between_purchases": (20.0, 24.0, "on_track"),
    "customer_nps": (50.0, 45.0, "at_risk"),
    "dso_days": (45.0, 50.0, "off_track"),
}
PROFILE = [
    "revenue",
    "revenue_growth",
    "active_customers",
    "customer_retention",
    "repeat_purchase_rate",
    "average_order_value",
    "otif_rate",
    "days_between_purchases",
    "dso_days",
    "partner_nps",
]
MISSING = {"partner_nps": "no table surveys"}


def rich(edition: str = "partner", targets: bool = True) -> dict:
    """A partner of long standing: every kind of measure, eight periods, targets and peers."""
    shown = {k: v for k, v in KPIS.items() if edition == "internal" or v[5] == "shared"}
    return {
        "edition": edition,
        "partner": partner("Germany", "Germany", joined_on="2007-11-24"),
        "period": "2011-Q3",
        "cadence": "quarter",
        "start": "2011-07-01",
        "end": "2011-09-30",
        "as_of": "2011-09-30",
        "to_date": False,
        "year_end": "DEC",
        "currency": "GBP",
        "data": {
            "source": "Online Retail II, invoices of a wholesaler",
            "is_example": True,
            "is_synthetic": False,
            "first_day": "2009-12-01",
            "last_day": "2011-12-09",
            "left_out": {},
            "fingerprint": "ab12cd34ef56",
        },
        "company": {"name": None, "logo": None, "colour": None},
        "profile": [kpi for kpi in PROFILE if kpi in shown],
        "kpis": [row(kpi, TARGETS if targets else {}) for kpi in shown],
        "history": {
            k: [{"period": p, "value": x, "n": v[7]} for p, x in zip(PERIODS, v[6], strict=True)]
            for k, v in shown.items()
        },
        "beside": {}
        if edition == "partner"
        else {
            "direct": {"average_order_value": 391.2, "repeat_purchase_rate": 0.35},
            "portfolio": {"revenue": 402310.0, "average_order_value": 301.0, "gross_margin": 0.33},
        },
        "definitions": {k: definition(k) for k in shown},
        "made": {"version": "0.1.0", "kpis": len(shown)},
    }


def tiny() -> dict:
    """A partner of three customers that ordered nothing this quarter."""
    card = no_targets_no_peers()
    card["partner"] = partner("Lithuania", "Lithuania", joined_on="2009-12-02")
    values = {
        "revenue": [1661.1, 890.0, 410.5, None, 520.0, None, 312.4, 0.0],
        "orders": [3, 2, 1, 0, 1, 0, 1, 0],
        "new_customers": [2, 1, 0, 0, 0, 0, 0, 0],
        "active_customers": [2, 2, 1, 0, 1, 0, 1, 0],
        "orders_per_month": [1, 0.67, 0.33, 0, 0.33, 0, 0.33, 0],
        "partnership_years": [0.08, 0.33, 0.58, 0.83, 1.08, 1.33, 1.58, 1.83],
    }
    return with_values(card, values, "no completed orders in the period")


def new() -> dict:
    """A partner that joined in the period."""
    card = no_targets_no_peers()
    card["partner"] = partner("RSA", "South Africa", joined_on="2011-08-15")
    values = {
        "revenue": [None] * 7 + [1002.31],
        "orders": [None] * 7 + [1],
        "new_customers": [None] * 7 + [1],
        "active_customers": [None] * 7 + [1],
        "average_order_value": [None] * 7 + [1002.31],
        "partnership_years": [None] * 7 + [0.126],
        "repeat_purchase_rate": [None] * 7 + [0.0],
    }
    return with_values(card, values, "no period before to compare with")


def hostile() -> dict:
    """A partner whose name is markup, and whose data say so everywhere."""
    card = rich()
    card["partner"] = partner("P001", HOSTILE, joined_on="2009-12-02")
    card["partner"] |= {"tier": "<b>gold</b>", "region": '"><img src=x onerror=alert(1)>'}
    card["data"]["source"] = "<script>alert(2)</script>"
    card["definitions"]["orders"]["name"] = "<i>Orders</i> & more"
    card["definitions"]["orders"]["definition"] = "<script>alert(3)</script>"
    for line in card["kpis"]:
        if line["kpi"] == "partner_nps":
            line["missing"] = "<b>no table</b>"
    return card


def to_date() -> dict:
    """The rich partner, half a quarter in, on faulty data that end early."""
    card = rich()
    card |= {"as_of": "2011-08-15", "to_date": True}
    card["data"] |= {"last_day": "2011-08-10", "left_out": {"orders": 3, "customers": 1}}
    return card


def no_targets_no_peers() -> dict:
    """The rich partner as the example has it: no targets are agreed, and no peers to compare with."""
    card = rich(targets=False)
    for line in card["kpis"]:
        line |= {
            "peers": 2,
            "peer_percentile": None,
            "peer_q1": None,
            "peer_median": None,
            "peer_q3": None,
        }
    return card


def with_values(card: dict, values: dict[str, list], why: str) -> dict:
    """The same slice with other courses; a measure without one is missing, and says why."""
    card = copy.deepcopy(card)
    for line in card["kpis"]:
        course = values.get(line["kpi"], [None] * 8)
        line |= {
            "value": course[-1],
            "previous": course[-2],
            "year_ago": course[-5],
            "n": None if course[-1] is None else 1,
            "trend": None,
            "low": None,
            "high": None,
            "numerator": course[-1],
            "denominator": None,
        }
        if course[-1] is None:
            line |= {"missing": why, "status": "no_data", "peers": None, "peer_percentile": None}
        card["history"][line["kpi"]] = [
            {"period": p, "value": v, "n": None} for p, v in zip(PERIODS, course, strict=True)
        ]
    return card


def partner(partner_id: str, name: str, joined_on: str) -> dict:
    """A row of the table partners."""
    return {
        "partner_id": partner_id,
        "name": name,
        "partner_type": "distribution",
        "tier": None,
        "segment": None,
        "region": "Europe",
        "industry": None,
        "branch": None,
        "manager": None,
        "joined_on": joined_on,
        "left_on": None,
    }


def row(kpi: str, targets: dict) -> dict:
    """A row of the KPI table."""
    unit, better, values, n = KPIS[kpi][2], KPIS[kpi][3], KPIS[kpi][6], KPIS[kpi][7]
    value = values[-1]
    target, minimum, status = targets.get(kpi, (None, None, "no_target"))
    spread = abs(value or 0) * 0.2
    rate = unit == "ratio" and "growth" not in kpi and n
    peers = better != "neither" and value is not None
    return {
        "scope": "partner",
        "entity": "Germany",
        "kpi": kpi,
        "period": "2011-Q3",
        "value": value,
        "numerator": value * n if rate and value is not None else value,
        "denominator": n if rate else None,
        "n": n,
        "missing": MISSING.get(kpi),
        "previous": values[-2],
        "year_ago": values[-5],
        "baseline": None,
        "target": target,
        "minimum": minimum,
        "variance": None if target is None else value - target,
        "status": "no_data" if value is None else status,
        "benchmark": None,
        "trend": None if value is None else {"revenue": "up", "otif_rate": "down"}.get(kpi, "flat"),
        "peer_percentile": 0.8158 if peers else None,
        "peers": 38 if peers else None,
        "peer_q1": value - 2 * spread if peers else None,
        "peer_median": value - spread if peers else None,
        "peer_q3": value - spread / 4 if peers else None,
        "off_track_periods": 0,
        "low": value - 0.05 if rate else None,
        "high": value + 0.05 if rate else None,
    }


def definition(kpi: str) -> dict:
    """What the registry says of a KPI."""
    name, family, unit, better, accountable, audience, _, _, words = KPIS[kpi]
    return {
        "name": name,
        "family": family,
        "unit": unit,
        "better": better,
        "accountable": accountable,
        "audience": audience,
        "cadence": "quarter",
        "definition": words,
        "numerator": words,
        "denominator": None,
        "tables": ["orders"],
        "benchmark_source": None,
    }


def write(card: dict, folder: Path) -> Path:
    """Lay a slice down where a run does; return its folder."""
    place = folder / card["partner"]["partner_id"] / card["edition"]
    place.mkdir(parents=True, exist_ok=True)
    (place / "slice.json").write_text(json.dumps(card), encoding="utf-8")
    return place
